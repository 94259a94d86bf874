"""e-Gov's pages of 2013 and before (cp932 HTML), and the text that was made of them.

In the HTML `DIV.arttitle` is a caption, `DIV.item` a 条 or 項, `DIV.number` a 号 and `DIV.para1`… イ and
deeper, each within the one above; the rest is mere lines. In the text each number stands on a line of
its own and lines are broken wherever a link stood; there they are joined, and then read as text is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from regulations.numerals import NUMBER
from regulations.sources.base import Source, UnreadableSource
from regulations.sources.contents import is_contents_heading
from regulations.sources.headings import clean_title, split_number_line
from regulations.sources.html import Block, blocks, classes_of, parse_html, visible_text
from regulations.sources.labels import (
    appended_head,
    article_head,
    division_level,
    is_bracketed,
    item_label,
    supplementary_head,
)
from regulations.sources.line_grammar import LineGrammar
from regulations.sources.plain_text import parsed_of_lines
from regulations.sources.tree_builder import TreeBuilder, ordinance_of
from regulations.structure import ParsedOrdinance, Table

_MARK = re.compile(r"""<DIV class=["']?(?:item|arttitle|number)\b""", re.IGNORECASE)
_BODY = re.compile(r"<BODY\b[^<>]*>", re.IGNORECASE)
_LAST_AMENDED = re.compile(r"[（(]?最終改正")


class Egov2013HtmlReader:
    """Reader of the pages."""

    name = "egov2013_html"

    def recognises(self, source: Source) -> bool:
        return bool(_MARK.search(source.text))

    def read(self, source: Source) -> ParsedOrdinance:
        tree = parse_html(source)
        page = _Page(TreeBuilder())
        lines = list(blocks(tree.body or tree.root))
        if not lines:
            raise UnreadableSource(
                "no_body", "法令のページですが、文字のある行が1つもありません。保存し直してください。"
            )
        following = [*(line.content if isinstance(line.content, str) else "|" for line in lines[1:]), ""]
        for line, after in zip(lines, following, strict=True):
            page.block(line, after)
        page.grammar.close()
        return ParsedOrdinance(
            ordinance=ordinance_of(
                page.builder, title=page.title, number=page.number, date=page.date, text=source.text
            ),
            format=self.name,
            diagnostics=source.decoded.diagnostics,
            furniture=tuple(page.furniture),
        )

    def body(self, source: Source) -> str:
        body = _BODY.search(source.text)
        return visible_text(source.text[body.end() if body else 0 :])


class _Page:
    """One pass over one page."""

    def __init__(self, builder: TreeBuilder) -> None:
        self.builder, self.grammar = builder, LineGrammar(builder)
        self.title = self.date = self.number = ""
        self.furniture: list[str] = []
        self.in_front = True

    def block(self, block: Block, following: str) -> None:
        content, classes = block.content, classes_of(block.node)
        # Title, 最終改正, 目次 and 前文 stand in the page itself; the first chapter or article does not.
        self.in_front = self.in_front and not classes and block.node.tag != "p"
        if self.in_front:
            self.front(content)
        elif isinstance(content, Table):
            self.grammar.table(content)
        elif "arttitle" in classes and is_bracketed(content):
            self.builder.caption(content)
        elif "item" in classes and not (self.builder.in_appended or self.grammar.in_form):
            self.item(content, following)
        elif classes and (label := item_label(content)) and not self.grammar.in_form:
            self.builder.item(label)
        else:
            self.grammar.feed(content, following)

    def front(self, content: str | Table) -> None:
        if isinstance(content, Table):
            self.furniture.append(content.text)  # 最終改正までの未施行法令
            return
        date, number = split_number_line(content)
        if not self.title:
            self.title = clean_title(content)
        elif number and not self.number and is_bracketed(content):
            self.date, self.number = date, number
        elif not (
            _LAST_AMENDED.match(content)
            or is_contents_heading(content)
            or division_level(content)
            or supplementary_head(content) is not None
        ):
            self.grammar.feed(content)
            return
        self.furniture.append(content)

    def item(self, text: str, following: str) -> None:
        """条 or 項; what is neither goes on with the 項 after a list or a table."""
        if head := article_head(text):
            self.builder.article(head.number, head.title, caption=head.caption)
            if head.rest:
                self.builder.paragraph(head.rest)
        elif label := item_label(text):
            self.builder.paragraph(label.rest, number=label.number, title=label.printed)
        else:
            self.grammar.feed(text, following)


_NUMBER_LINE = re.compile(r"(?P<number>[（(][^（()）]*第[^（()）]*号[）)])[\s　]*最終改正")
_LABEL_ALONE = re.compile(rf"(?:第{NUMBER}条(?:の{NUMBER})*|{NUMBER}(?:の{NUMBER})*)[\s　]*")
# イ follows the words before it without a break: …次に掲げる書類イ　履歴書
_RUN_ON = re.compile(r"(?<=[^\s　。、（(「])(?=(?:イ|（１）|(?<![0-9０-９])１)　)")


class Egov2013TextReader:
    """Reader of the text that was made of the pages."""

    name = "egov2013_text"

    def recognises(self, source: Source) -> bool:
        return bool(_NUMBER_LINE.search(source.text[:1000]))

    def read(self, source: Source) -> ParsedOrdinance:
        lines = list(_joined(source.text.split("\n")))
        return parsed_of_lines(lines, text=source.text, name=self.name, diagnostics=source.decoded.diagnostics)

    def body(self, source: Source) -> str:
        return source.text


def _joined(lines: list[str]) -> Iterator[str]:
    """Lines as they were before the links: a number with its text, a sentence whole, a cell as a row."""
    filled = [(line.rstrip(), not before.strip()) for before, line in pairwise(["", *lines]) if line.strip()]
    open_line, waits, is_cell, in_body = "", False, False, False
    for index, (line, after_blank) in enumerate(filled):
        following = filled[index + 1][0] if index + 1 < len(filled) else ""
        # The text of a number is indented; a link or a cell that is a line of its own is not followed by such.
        is_number = bool(_LABEL_ALONE.fullmatch(line)) and following.startswith("　")
        in_body = in_body or is_number
        if waits:
            open_line, waits = f"{open_line}　{line.lstrip()}", False
        elif is_number or not open_line or _begins(open_line, line, after_blank=after_blank):
            yield from _finished(open_line, is_cell=is_cell)
            open_line, waits = line, is_number
            is_cell = in_body and not is_number and _is_cell(line)
            if heading := _NUMBER_LINE.match(line):
                yield heading["number"]
                open_line = line[heading.end("number") :]
        else:
            open_line += line
    yield from _finished(open_line, is_cell=is_cell)


def _finished(line: str, *, is_cell: bool) -> list[str]:
    return [f"| {line} |"] if is_cell else _RUN_ON.split(line)


def _is_cell(line: str) -> bool:
    """Whether a line of the body can only be a cell: running text is indented, and the rest is marked."""
    marked = is_bracketed(line) or _is_heading(line) or (item_label(line) and not _LABEL_ALONE.fullmatch(line))
    return line[0] not in "　 " and not marked and "|" not in line


def _begins(open_line: str, line: str, *, after_blank: bool) -> bool:
    """Whether `line` is a new one and no continuation of `open_line`."""
    # A link breaks the line behind it, never behind a whole sentence; there only a table can follow.
    if after_blank or line[0] in "　 " or _NUMBER_LINE.match(line) or open_line.endswith("。"):
        return True
    return _is_heading(open_line) or _is_heading(line) or item_label(line) is not None


def _is_heading(line: str) -> bool:
    return bool(division_level(line) or supplementary_head(line) is not None or appended_head(line))
