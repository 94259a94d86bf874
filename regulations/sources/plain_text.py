"""Plain text as divisions keep it: 漢数字 or arabic, also with Markdown headings or Lawtext's indents.

The head (title, number, 改正 list, 目次) is read line by line until the body begins; the rest goes
through `LineGrammar`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from regulations.numerals import NUMBER, parse_era_date
from regulations.sources.base import Source
from regulations.sources.contents import Contents, is_contents_entry, is_contents_heading
from regulations.sources.headings import clean_title, issuing_body_of, kind_of, split_number_line
from regulations.sources.labels import (
    article_head,
    division_level,
    is_amendment_note,
    is_bracketed,
    item_label,
    supplementary_head,
)
from regulations.sources.line_grammar import feed_lines
from regulations.sources.tree_builder import TreeBuilder
from regulations.structure import Ordinance, ParsedOrdinance

_MARKUP = re.compile(r"\s*<(?:!DOCTYPE|html|\?xml|[A-Za-z]+[\s>])", re.IGNORECASE)
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t　]*", re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*[-*+][ \t]+(?![-*])", re.MULTILINE)
# Lawtext sets a table as a list of lists: 「* - 」 opens a row, 「  - 」 a further cell of it.
_LAWTEXT_ROW = re.compile(r"^[ \t]*\* -[^\n]*(?:\n[ \t]+- [^\n]*)*", re.MULTILINE)
_CELL_MARK = re.compile(r"^[ \t]*(?:\* )?-[ \t]*", re.MULTILINE)
_EMPHASIS = re.compile(r"\*\*(?=\S)(.*?)(?<=\S)\*\*")
_DIRECTIVE = re.compile(r"^[ \t]*:[a-z-]+:", re.MULTILINE)  # Lawtext's :enact-statement: and its like
_ATTRIBUTES = re.compile(r"""^\[[A-Za-z]+="[^\n]*\]$""", re.MULTILINE)  # Lawtext's [LawType="Rule"]
_RULE = re.compile(r"^[ \t]*-{3,}[ \t]*$", re.MULTILINE)
_HISTORY = re.compile(r"[〔（(]?(?:最終|沿革)?改正")
_ARTICLE_ANYWHERE = re.compile(rf"^[ \t　#]*第{NUMBER}条", re.MULTILINE)


@dataclass(slots=True)
class _Head:
    title: str = ""
    date: str = ""
    number: str = ""
    rest: list[str] = field(default_factory=list)


class PlainTextReader:
    """Reader of text without a markup of its own; asked last, since any text might be its."""

    name = "plain_text"

    def recognises(self, source: Source) -> bool:
        if _MARKUP.match(source.text[:200]):
            return False
        text = _HEADING.sub("", source.text)
        if _ARTICLE_ANYWHERE.search(text):
            return True
        head = [line for line in text[:2000].split("\n") if line.strip()][:12]
        return any(split_number_line(line)[1] for line in head) and any(
            supplementary_head(line) is not None or item_label(line) for line in text.split("\n")
        )

    def read(self, source: Source) -> ParsedOrdinance:
        head = _read_head(_plain_lines(source.text))
        builder = TreeBuilder()
        feed_lines(head.rest, builder)
        kind = kind_of(head.number, head.title)
        ordinance = Ordinance(
            title=head.title,
            law_number=head.number,
            kind=kind,
            issuing_body=issuing_body_of(head.number, kind, source.text),
            promulgation_date=parse_era_date(head.date),
            promulgation_date_raw=head.date,
            preamble=builder.preamble(),
            main=builder.main(),
            supplementary=builder.supplementary_provisions(),
            tables=builder.appended_tables(),
            forms=builder.forms(),
        )
        return ParsedOrdinance(ordinance=ordinance, format=self.name, diagnostics=source.decoded.diagnostics)


def _plain_lines(text: str) -> list[str]:
    """Lines without the marks of Markdown and Lawtext, and without a colophon below the last rule."""
    body, rule, tail = text.rpartition("\n---\n")
    # A rule may also separate parts of the instrument; what holds law is no colophon.
    if rule and not _ARTICLE_ANYWHERE.search(tail) and "附" not in tail and "別表" not in tail and "様式" not in tail:
        text = body
    text = _LAWTEXT_ROW.sub(_table_row, text)
    for pattern in (_HEADING, _BULLET, _DIRECTIVE, _ATTRIBUTES, _RULE):
        text = pattern.sub("", text)
    return [line.rstrip() for line in _EMPHASIS.sub(r"\1", text).split("\n")]


def _table_row(row: re.Match[str]) -> str:
    cells = _CELL_MARK.sub("", row[0]).replace("|", "｜").split("\n")
    return f"| {' | '.join(cells)} |"


def _read_head(lines: list[str]) -> _Head:
    head = _Head()
    heading, contents = _contents_heading(lines), Contents()
    for index, line in enumerate(lines):
        text = line.strip()
        if not text or index == heading:
            continue
        if heading is not None and index > heading:
            if contents.lists(text):
                continue
            head.rest += lines[index:]
            break
        if _begins_body(text, has_title=bool(head.title)) or not _read_head_line(head, text):
            if heading is None:
                head.rest = lines[index:]
                break
            head.rest.append(line)  # 制定文 and 前文 may stand before the 目次
    return head


def _contents_heading(lines: list[str]) -> int | None:
    """Where 目次 stands, if it stands before the first article."""
    for index, line in enumerate(lines):
        if is_contents_heading(line):
            return index
        if article_head(line) and not is_contents_entry(line):
            return None
    return None


def _begins_body(text: str, *, has_title: bool) -> bool:
    if article_head(text) or division_level(text) or supplementary_head(text) is not None:
        return True
    if not has_title or (split_number_line(text)[1] and len(text) < 60):
        return False
    return item_label(text) is not None or (is_bracketed(text) and not is_amendment_note(text))


def _read_head_line(head: _Head, text: str) -> bool:
    """Take a line of the head; False where it belongs to the body already."""
    date, number = split_number_line(text)
    is_number_line = bool(date or number) and not text.endswith("。")
    if not head.title and not (is_number_line and text.startswith((date or number, "（", "("))):
        head.title = clean_title(text)
        return True
    if _HISTORY.match(text) or is_amendment_note(text):
        return True
    if is_number_line:
        # The first line is of the enactment; those below it list the amendments.
        if not head.number:
            head.date, head.number = head.date or date, number
        return True
    return clean_title(text) == head.title
