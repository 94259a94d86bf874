"""Plain text as divisions keep it: 漢数字 or arabic, also with Markdown headings or Lawtext's indents.

The head (title, number, 改正 list, 目次) is read line by line until the body begins; the rest goes
through `LineGrammar`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from regulations.numerals import NUMBER
from regulations.sources.base import Source
from regulations.sources.contents import Contents, is_contents_entry, is_contents_heading
from regulations.sources.headings import clean_title, is_title, split_number_line
from regulations.sources.labels import (
    are_points,
    article_head,
    division_level,
    is_amendment_note,
    is_bracketed,
    item_label,
    point_head,
    supplementary_head,
)
from regulations.sources.line_grammar import feed_lines
from regulations.sources.tree_builder import TreeBuilder, ordinance_of
from regulations.structure import Diagnostic, ParsedOrdinance, Table

_MARKUP = re.compile(r"\s*<(?:!DOCTYPE|html|\?xml|[A-Za-z]+[\s>])", re.IGNORECASE)
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t　]*", re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*[-*+][ \t]+(?![-*])", re.MULTILINE)
# Lawtext sets a table as a list of lists: 「* - 」 opens a row, 「  - 」 a further cell of it.
_LAWTEXT_ROW = re.compile(r"^[ \t]*\* -[^\n]*(?:\n[ \t]+- [^\n]*)*", re.MULTILINE)
_CELL_MARK = re.compile(r"^[ \t]*(?:\* )?-[ \t]*", re.MULTILINE)
_EMPHASIS = re.compile(r"\*\*(?=\S)(.*?)(?<=\S)\*\*")
_DIRECTIVE = re.compile(r"^[ \t]*:[a-z-]+:", re.MULTILINE)  # Lawtext's :enact-statement: and its like
_ATTRIBUTES = re.compile(r"""^\[[A-Za-z]+="[^\n]*\]$""", re.MULTILINE)  # Lawtext's [LawType="Rule"]
_TABLE_RULE = re.compile(r"^[ \t]*\|[ \t:|-]+\|[ \t]*$", re.MULTILINE)
_TABLE_ROW = re.compile(r"^[ \t]*\|.*\|[ \t]*$", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*-{3,}[ \t]*$", re.MULTILINE)
_RANGE = re.compile(r"[（(][^（()）]*条[^（()）]*[）)]$")  # of articles, behind an entry of a 目次
_PROCLAMATION = re.compile(r"(?:ここに)?公布する。$")
# 霞野県知事　甲野太郎, below the 公布文
_SIGNATURE = re.compile(r"\S{0,20}(?:知事|[市区町村]長|議長|委員長|管理者|局長|本部長)[\s　]+\S(?:[\s　]*\S){1,9}$")
_HISTORY = re.compile(r"[〔（(]?(?:最終|沿革)?改正")
_ARTICLE_ANYWHERE = re.compile(rf"^[ \t　#]*第{NUMBER}条", re.MULTILINE)


@dataclass(slots=True)
class Head:
    """What stands before the body: title, date and number, and the lines set aside; `rest` is the body."""

    title: str = ""
    date: str = ""
    number: str = ""
    furniture: list[str] = field(default_factory=list)
    rest: list[str | Table] = field(default_factory=list)


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
        if are_points(text.split("\n")):
            return any(split_number_line(line)[1] or is_title(line) for line in head)
        return any(split_number_line(line)[1] for line in head) and any(
            supplementary_head(line) is not None or item_label(line) for line in text.split("\n")
        )

    def read(self, source: Source) -> ParsedOrdinance:
        lines, colophon = _plain_lines(source.text)
        parsed = parsed_of_lines(lines, text=source.text, name=self.name, diagnostics=source.decoded.diagnostics)
        return replace(parsed, furniture=(*parsed.furniture, colophon))

    def body(self, source: Source) -> str:
        lines, colophon = _plain_lines(source.text)
        text = _TABLE_RULE.sub("", "\n".join(lines))
        return f"{_TABLE_ROW.sub(lambda row: row[0].replace('|', ' '), text)}\n{colophon}"


def parsed_of_lines(
    lines: list[str], *, text: str, name: str, diagnostics: tuple[Diagnostic, ...] = ()
) -> ParsedOrdinance:
    """The tree of lines without markup, a table row as `| cell | cell |`; `name` is that of the format.

    The head of a body (知事, 町長) that `text` names most tells whose rule it is.
    """
    head, builder = Head(), TreeBuilder()
    feed_body(lines, builder, head)
    ordinance = ordinance_of(builder, title=head.title, number=head.number, date=head.date, text=text)
    return ParsedOrdinance(ordinance=ordinance, format=name, diagnostics=diagnostics, furniture=tuple(head.furniture))


def feed_body(lines: Sequence[str | Table], builder: TreeBuilder, head: Head) -> None:
    """The body into `builder`, what stands before it into `head`, in which a reader may have filled in some."""
    _read_head(lines, head, by_points=are_points(line for line in lines if isinstance(line, str)))
    feed_lines(head.rest, builder)


def _plain_lines(text: str) -> tuple[list[str], str]:
    """Lines without the marks of Markdown and Lawtext, and the colophon below the last rule if there is one."""
    body, rule, tail = text.rpartition("\n---\n")
    # A rule may also separate parts of the instrument; what holds law is no colophon.
    if rule and not _ARTICLE_ANYWHERE.search(tail) and "附" not in tail and "別表" not in tail and "様式" not in tail:
        text = body
    else:
        tail = ""
    text = _LAWTEXT_ROW.sub(_table_row, text)
    for pattern in (_HEADING, _BULLET, _DIRECTIVE, _ATTRIBUTES, _RULE):
        text = pattern.sub("", text)
    return [line.rstrip() for line in _EMPHASIS.sub(r"\1", text).split("\n")], tail


def _table_row(row: re.Match[str]) -> str:
    cells = _CELL_MARK.sub("", row[0]).replace("|", "｜").split("\n")
    return f"| {' | '.join(cells)} |"


def _read_head(lines: Sequence[str | Table], head: Head, *, by_points: bool) -> None:
    heading, contents = _contents_heading(lines), Contents()
    for index, line in enumerate(lines):
        if isinstance(line, Table):
            head.rest += lines[index:]
            break
        text = line.strip()
        if not text:
            continue
        if index == heading and is_contents_heading(text):
            head.furniture.append(text)
            continue
        if heading is not None and index > heading:
            if contents.lists(text):
                head.furniture.append(text)
                continue
            head.rest += lines[index:]
            break
        begins = (by_points and point_head(text)) or _begins_body(text, has_title=bool(head.title))
        if begins or not _read_head_line(head, text):
            if heading is None:
                head.rest += lines[index:]
                break
            head.rest.append(line)  # 制定文 and 前文 may stand before the 目次


def _contents_heading(lines: Sequence[str | Table]) -> int | None:
    """Where 目次 stands, if it stands before the first article.

    A 目次 without its heading begins at a chapter that comes up again; then it is the line before.
    """
    first: tuple[int, str] | None = None
    for index, line in enumerate(lines):
        if isinstance(line, Table):
            continue
        if is_contents_heading(line):
            return index
        if article_head(line, last="") and not is_contents_entry(line):
            return None
        if division_level(line):
            heading = _RANGE.sub("", re.sub(r"\s", "", line))
            if first is None:
                first = index, heading
            elif heading == first[1]:
                return first[0] - 1
    return None


def _begins_body(text: str, *, has_title: bool) -> bool:
    if article_head(text, last="") or division_level(text) or supplementary_head(text) is not None:
        return True
    if not has_title or (split_number_line(text)[1] and len(text) < 60):
        return False
    # （平成三十年四月一日施行） below the title is of the head, as is a note on the history.
    is_caption = is_bracketed(text) and not is_amendment_note(text) and not split_number_line(text)[0]
    return item_label(text) is not None or is_caption


def _read_head_line(head: Head, text: str) -> bool:
    """Take a line of the head; False where it belongs to the body already."""
    if _PROCLAMATION.search(text) or (_SIGNATURE.fullmatch(text) and any(map(_PROCLAMATION.search, head.furniture))):
        head.furniture.append(text)
        return True
    date, number = split_number_line(text)
    is_number_line = bool(date or number) and not text.endswith("。")
    if not head.title and not (is_number_line and text.startswith((date or number, "（", "("))):
        head.title = clean_title(text)
        head.furniture.append(text)
        return True
    if is_number_line and not head.number and not _HISTORY.match(text) and not is_amendment_note(text):
        # The first line is of the enactment; those below it list the amendments.
        head.date, head.number = head.date or date, number
    elif not (is_number_line or _HISTORY.match(text) or is_amendment_note(text) or clean_title(text) == head.title):
        return False
    head.furniture.append(text)
    return True
