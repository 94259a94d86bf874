"""第一法規 D1-Law HTML (`d1w_reiki`): lines whose id says where they belong.

`h:hL20:::2:8.2.0.0-0.0-1.0.0-…` is text (L20; a caption is L10) of 第8条の2第1項第1号: numbers and branch
numbers of 条, 項 and 号, then the levels below. The printed number makes the tree, as it does for a
reader; the id stands in where none is printed, and where the two differ that is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from selectolax.lexbor import LexborNode

from regulations.citations import format_article
from regulations.numerals import NUMBER
from regulations.sources.base import Source, UnreadableSource
from regulations.sources.contents import Contents, is_contents_heading
from regulations.sources.headings import clean_title, split_number_line
from regulations.sources.html import blocks, parse_markup, region_of, visible_text
from regulations.sources.labels import (
    appended_head,
    article_head,
    article_number,
    is_bracketed,
    item_label,
    split_trailing_note,
    touching_head,
)
from regulations.sources.line_grammar import LineGrammar
from regulations.sources.tree_builder import TreeBuilder, ordinance_of
from regulations.structure import Diagnostic, ParsedOrdinance, Table

_LINE = re.compile(r"""<div\b[^<>]*?\bid\s*=\s*["']?h:[a-z]+[A-Z]+\d*:[^<>]*>""", re.IGNORECASE)
_ID = re.compile(r"h:(?P<code>[A-Za-z]+\d*):")
_ADDRESS = re.compile(
    r":(?P<article>\d+(?:\.\d+)*)-(?P<paragraph>\d+(?:\.\d+)*)-(?P<item>\d+(?:\.\d+)*)(?P<deeper>(?:-[\d.]+)*)(?=:|$)"
)
_PRINTED_ARTICLE = re.compile(rf"第{NUMBER}条(?:の{NUMBER})*")
_SOURCE_ID = re.compile(r"(H?\d{9,})_j")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line: the code of its id (hL20), its address, and the numbers in that, "" where there is none."""

    content: str | Table
    code: str = ""
    address: str = ""
    article: str = ""
    paragraph: str = ""
    item: str = ""
    is_deeper: bool = False


class D1LawReader:
    """Reader of the pages `{id}_j.html`."""

    name = "d1_law_html"

    def recognises(self, source: Source) -> bool:
        return bool(_LINE.search(source.text))

    def read(self, source: Source) -> ParsedOrdinance:
        # Older pages do not close their lines. A line never holds another, and a </div> too many does nothing.
        html = _LINE.sub(lambda line: f"</div>{line[0]}", source.text)
        tree = parse_markup(html, max_open_tags=source.limits.max_open_tags)
        lines = list(_lines(tree.body or tree.root))
        if not lines:
            raise UnreadableSource(
                "no_body", "例規のページですが、文字のある行が1つもありません。本文のページを保存し直してください。"
            )
        return _Page(source).parsed(lines)

    def body(self, source: Source) -> str:
        """From the first line to the end of the last: what stands around them is the page's."""
        lines = list(_LINE.finditer(source.text))
        last = lines[-1]
        rest = region_of(source.text, last)
        return visible_text(source.text[lines[0].start() : last.end()] + rest)


def _lines(root: LexborNode | None) -> Iterator[_Line]:
    """From the first line with an id to the last, with what stands between them."""
    waiting: list[_Line] = []
    seen = False
    names: dict[int, str] = {}
    for block in blocks(root):
        name = _name_of(block.node, names)
        if not name:
            waiting += [_Line(block.content)] if seen else []
            continue
        yield from waiting
        waiting, seen = [], True
        code, address = _ID.match(name), _ADDRESS.search(name)
        if not address:
            yield _Line(block.content, code[1] if code else "")
            continue
        yield _Line(
            block.content,
            code[1] if code else "",
            address[0],
            article=_number(address["article"]),
            paragraph=_number(address["paragraph"]),
            item=_number(address["item"]),
            is_deeper=bool(address["deeper"].strip("-.0")),
        )


def _name_of(block: LexborNode, known: dict[int, str]) -> str:
    """Id of the line that a block is or stands in; `known` remembers it for the blocks between."""
    passed = []
    node: LexborNode | None = block
    while node is not None and node.mem_id not in known:
        passed.append(node.mem_id)
        if (node.id or "").startswith("h:"):
            break
        node = node.parent
    name = "" if node is None else known.get(node.mem_id, node.id or "")
    if passed:
        known.update(dict.fromkeys(passed, name))
    return name


@lru_cache(maxsize=4096)
def _number(dotted: str) -> str:
    """ "8-2" for 8.2.0.0, empty for 0.0."""
    parts = [part.lstrip("0") for part in dotted.split(".")]
    while parts and not parts[-1]:
        parts.pop()
    return "-".join(part or "0" for part in parts)


class _Page:
    """One pass over one page."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.builder = TreeBuilder()
        self.grammar = LineGrammar(self.builder)
        self.title = self.date = self.number = ""
        self.contents: Contents | None = None
        self.furniture: list[str] = []
        self.mismatches: list[Diagnostic] = []
        self.last: _Line | None = None

    def parsed(self, lines: list[_Line]) -> ParsedOrdinance:
        following = [*(line.content if isinstance(line.content, str) else "|" for line in lines[1:]), ""]
        for line, after in zip(lines, following, strict=True):
            if isinstance(line.content, Table):
                self.grammar.table(line.content)
            else:
                self.line(line, line.content, after)
                self.last = line
        self.grammar.close()
        source_id = _SOURCE_ID.search(self.source.name)
        ordinance = ordinance_of(
            self.builder,
            title=self.title,
            number=self.number,
            date=self.date,
            text=self.source.text,
            source_id=source_id[1] if source_id else "",
        )
        return ParsedOrdinance(
            ordinance=ordinance,
            format=D1LawReader.name,
            diagnostics=(*self.source.decoded.diagnostics, *self.mismatches),
            furniture=tuple(self.furniture),
        )

    def line(self, line: _Line, text: str, following: str) -> None:
        if (not self.builder.has_body and not line.article and self.head(line, text)) or self.is_contents(line, text):
            self.furniture.append(text)
        elif line.code[1:2] == "O":
            self.grammar.feed(text)
        elif line.code.endswith("L10") and is_bracketed(text) and not self.grammar.in_form:
            self.builder.caption(text)
        elif (line.article or line.paragraph) and self.is_of_its_own(line, text):
            self.numbered(line, text)
        else:
            self.grammar.feed(text, following)

    def head(self, line: _Line, text: str) -> bool:
        """Whether the line is of the head: title, date and number, the title again."""
        date, number = split_number_line(text)
        if line.code.startswith("z") or (not self.title and text.startswith("○")):
            if date or number:
                self.date, self.number = self.date or date, self.number or number
            elif not self.title:
                self.title = clean_title(text)
            return True
        return bool(self.title) and clean_title(text) == self.title

    def is_contents(self, line: _Line, text: str) -> bool:
        if self.builder.has_body or line.article:
            self.contents = None
            return False
        if self.contents is None:
            self.contents = Contents() if is_contents_heading(text) else None
            return self.contents is not None
        if not self.contents.lists(text):
            self.contents = None
        return self.contents is not None

    def is_of_its_own(self, line: _Line, text: str) -> bool:
        """Not the further line of a place (ただし書, a list below 号), and not of a form or a 別表."""
        is_further = self.last is not None and (self.last.code, self.last.address) == (line.code, line.address)
        return not (is_further or self.grammar.in_form or appended_head(text))

    def numbered(self, line: _Line, text: str) -> None:
        body, note = split_trailing_note(text)
        if line.item:
            self.item(line, body)
        elif not line.article or line.paragraph not in {"", "1"}:
            self.paragraph(line, body)
        else:
            self.article(line, body)
        if note:
            self.builder.note(note)

    def article(self, line: _Line, text: str) -> None:
        # The id bears out that 第四条 opens an article where no white space follows it, or its caption.
        head, printed = article_head(text) or touching_head(text), _PRINTED_ARTICLE.match(text)
        if head and head.touches and head.number != line.article:
            head = None
        title = head.title if head else printed[0] if printed else ""
        number = head.number if head else article_number(title) or ""
        if not title or (not head and number != line.article):
            if not self.builder.in_article or self.last is None or self.last.article != line.article:
                self.mismatch(line, text)
            self.grammar.feed(text)
            return
        if number.split(":")[0] != line.article:
            self.mismatch(line, title)
        self.grammar.close()
        self.builder.article(number, title, caption=head.caption if head else "")
        if rest := head.rest if head else text[len(title) :].strip():
            self.builder.paragraph(rest)

    def paragraph(self, line: _Line, text: str) -> None:
        label = item_label(text)
        if label and label.number != line.paragraph and label.number.isdigit():
            self.mismatch(line, label.printed)
        if label and label.number.isdigit():
            self.builder.paragraph(label.rest, number=label.number, title=label.printed)
        else:
            self.builder.paragraph(text, number=line.paragraph)

    def item(self, line: _Line, text: str) -> None:
        label = item_label(text)
        if label is None:
            self.builder.unnumbered_item(text)
            return
        if not line.is_deeper and label.number.replace("-", "").isdigit() and label.number != line.item:
            self.mismatch(line, label.printed)
        self.builder.item(label)

    def mismatch(self, line: _Line, printed: str) -> None:
        place = "".join(
            (
                format_article(line.article) if line.article else "",
                f"第{line.paragraph}項" if line.paragraph else "",
                f"第{line.item}号" if line.item else "",
            )
        )
        self.mismatches.append(
            Diagnostic(
                code="address_mismatch",
                message=f"「{printed[:20]}」と印刷された行の識別子は{place}を指しています。"
                "印刷された番号で読みました。原本で確かめてください。",
                ref=format_article(line.article) if line.article else "",
            )
        )
