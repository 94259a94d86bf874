"""ぎょうせい Super Reiki-Base HTML (`reiki_honbun/….html`).

Walk: the blocks (`p`, `li`, `table`) below `#primaryInner2` in document order; the class of a block and
of its parent say what it is, the number in `span.num` where it belongs. 項 and 号 are siblings of
their 条, so the tree comes from `TreeBuilder`. Blocks without these marks are read as lines of text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

from selectolax.lexbor import LexborHTMLParser, LexborNode

from regulations.numerals import NUMBER, parse_era_date
from regulations.sources.base import Source, UnreadableSource, nested_too_deep
from regulations.sources.contents import Contents, is_contents_heading
from regulations.sources.headings import clean_title, issuing_body_of, kind_of, split_number_line
from regulations.sources.labels import (
    Label,
    Style,
    appended_head,
    article_number,
    is_bracketed,
    item_label,
    split_trailing_note,
)
from regulations.sources.line_grammar import LineGrammar
from regulations.sources.tree_builder import TreeBuilder
from regulations.structure import Diagnostic, Ordinance, ParsedOrdinance, Severity, Table

_MARK = re.compile(r"""id\s*=\s*["']?primaryInner|class\s*=\s*["']?eline\b""")
_BLOCKS = "p, li, table, div.eline"
_DROPPED = ["rt", "rp", "del", "script", "style", "noscript"]
_FOLD = re.compile(r"[ \t]*\n\s*")
_NESTING = re.compile(r"<(/?)(?:div|span|ul|ol|table|font|blockquote|b|a)\b", re.IGNORECASE)
_BREAK = "\x0b"  # stands for <br> while text is extracted; decoding leaves no control characters
_SOURCE_ID = re.compile(r"([a-z]+\d*RG\d{5,})")
_ARTICLE = re.compile(rf"第{NUMBER}条(?!例)")
_UNREAD_SHARE = 0.01
# 公布文 and the second printing of the title: not the instrument's own text.
_FURNITURE = {"announcement", "front"}
_KNOWN_LINES = {
    "head", "announcement", "front", "article", "clause", "item", "table_frame", "form_section", "xref_frame",
    "eline", "table_section", "preamble", "index", "remarks", "",
}  # fmt: skip
_KNOWN_PREFIXES = ("subitem", "item", "chapter", "section", "part")


class ReikiBaseReader:
    """Reader of Super Reiki-Base pages."""

    name = "reiki_base_html"

    def recognises(self, source: Source) -> bool:
        return bool(_MARK.search(source.text))

    def read(self, source: Source) -> ParsedOrdinance:
        if _nesting(source.text) > source.limits.max_open_tags:
            raise nested_too_deep()
        tree = LexborHTMLParser(source.text)
        container = tree.css_first("#primaryInner2") or tree.css_first("#primaryInner") or tree.body
        if container is None or not (container.css_first("div.eline") or _ARTICLE.search(container.text())):
            raise UnreadableSource(
                "no_body",
                "例規集のページですが、本文の行が1つもありません。目次やエラー画面でないか確かめ、本文のページを保存し直してください。",
            )
        tree.strip_tags(_DROPPED, recursive=True)
        for link_to_form in tree.css(".xref_frame"):
            link_to_form.decompose()
        for line_break in tree.css("br"):
            line_break.replace_with(_BREAK)
        return _Page(source, tree, container).parsed()


def _nesting(html: str) -> int:
    """Greatest number of tags open at once; counted on the text, for building a deep tree costs its square."""
    return max(accumulate(1 if not tag else -1 for tag in _NESTING.findall(html)), default=0)


def _text(node: LexborNode | None) -> str:
    """Text of a block on one line: the file's own line breaks and indents mean nothing in HTML."""
    if node is None:
        return ""
    text = node.text()
    if "\n" in text:
        text = _FOLD.sub("", text)
    return text.strip(" \t\u3000\u00a0" + _BREAK)


def _classes(node: LexborNode | None) -> list[str]:
    if node is None:
        return []
    return (node.attributes.get("class") or "").split()


class _Page:
    """One pass over one page."""

    def __init__(self, source: Source, tree: LexborHTMLParser, container: LexborNode) -> None:
        self.source, self.tree, self.container = source, tree, container
        self.builder = TreeBuilder()
        self.grammar = LineGrammar(self.builder)
        self.title = self.date = self.number = ""
        self.contents: Contents | None = None
        self.in_contents = True
        self.unknown: Counter[str] = Counter()
        self.read_characters = 0

    def parsed(self) -> ParsedOrdinance:
        total = _visible(self.container.text())
        for block in self.blocks():
            self.block(block)
        self.grammar.close()
        kind = kind_of(self.number, self.title)
        title = self.title or self.fallback_title()
        source_id = _SOURCE_ID.search(self.source.name)
        ordinance = Ordinance(
            title=title,
            law_number=self.number,
            kind=kind,
            issuing_body=issuing_body_of(self.number, kind, self.source.text),
            promulgation_date=parse_era_date(self.date),
            promulgation_date_raw=self.date,
            enforcement_date=self.enforcement_date(),
            source_id=source_id[1] if source_id else "",
            preamble=self.builder.preamble(),
            main=self.builder.main(),
            supplementary=self.builder.supplementary_provisions(),
            tables=self.builder.appended_tables(),
            forms=self.builder.forms(),
        )
        diagnostics = (*self.source.decoded.diagnostics, *self.diagnostics(total))
        return ParsedOrdinance(ordinance=ordinance, format=ReikiBaseReader.name, diagnostics=diagnostics)

    def blocks(self) -> Iterator[LexborNode]:
        """Innermost blocks in document order, a table with all its content as one."""
        inside_table = 0
        for node in self.container.css(_BLOCKS):
            if inside_table:
                inside_table -= 1
                continue
            if node.tag == "table":
                inside_table = len(node.css(_BLOCKS)) - 1
            elif node.tag != "p" and len(node.css(_BLOCKS)) > 1:  # the node itself is among them
                continue
            yield node

    def block(self, node: LexborNode) -> None:
        if node.tag == "table":
            self.table(node)
            return
        text = _text(node)
        self.read_characters += _visible(text)
        if not text:
            return
        own, parent = _classes(node), node.parent
        line = _classes(parent)
        self.note_class(line)
        if self.is_contents(text, line):
            return
        if "s-head" in own:
            self.supplementary(node, text)
        elif "revise_record" in own:
            self.builder.note(text)
        elif any(name in _FURNITURE for name in line):
            self.title = self.title or (clean_title(text) if "title" in own else "")
        elif not self.builder.has_body and "article" not in line and self.head(own, text):
            pass
        elif "form_section" in line:
            self.form(text)
        elif "title" in own and "article" in line:
            self.builder.caption(text)
        elif (number := node.css_first("span.num")) is not None and (printed := _text(number)):
            self.numbered(printed, text, line)
        elif "p" in own and "clause" in line:
            body, note = split_trailing_note(text.replace(_BREAK, ""))
            self.builder.paragraph(body)
            self.note(note)
        else:
            for part in text.split(_BREAK):
                # A line after 「第1条」 alone or a caption has no look-ahead here; HTML marks captions itself.
                self.grammar.feed(part, "第一条" if self.is_caption(own, part) else "")

    def is_contents(self, text: str, line: list[str]) -> bool:
        """Whether the block is of the 目次, for which pages have no class that could be relied upon."""
        if self.contents is None:
            if self.builder.has_body or not is_contents_heading(text):
                return False
            self.contents = Contents()
            return True
        if self.in_contents:
            self.in_contents = "article" not in line and self.contents.lists(text)
        return self.in_contents

    def is_caption(self, own: list[str], text: str) -> bool:
        return "num" in own and is_bracketed(text) and item_label(text) is None

    def note_class(self, line: list[str]) -> None:
        name = line[0] if line else ""
        if name not in _KNOWN_LINES and not name.startswith(_KNOWN_PREFIXES):
            self.unknown[name] += 1

    def head(self, own: list[str], text: str) -> bool:
        """Whether the block was title, date or number."""
        if not self.title and ("title" in own or "title-irregular" in own):
            self.title = clean_title(text)
        elif "date" in own and not self.date:
            date, number = split_number_line(text)
            self.date, self.number = date or text, self.number or number
        elif "number" in own and not self.number:
            date, number = split_number_line(text)
            self.date, self.number = self.date or date, number or text
        else:
            return False
        return True

    def supplementary(self, node: LexborNode, text: str) -> None:
        self.grammar.close()
        detail = text[len(_text(node.css_first("span.title"))) :] if node.css_first("span.date") else text[2:]
        detail = re.sub(r"[\s　]+", "", detail).removesuffix("抄").strip("()（）則")
        # The enactment's own 附則, where a page repeats the instrument's number in its heading.
        is_own = detail == re.sub(r"[\s　]+", "", self.date + self.number)
        self.builder.supplementary("" if is_own else detail)

    def form(self, text: str) -> None:
        appended = appended_head(text)
        self.grammar.open_form(f"{appended[1]}{appended[2]}" if appended else text)

    def numbered(self, printed: str, text: str, line: list[str]) -> None:
        rest = text[len(printed) :] if text.startswith(printed) else text
        rest, note = split_trailing_note(rest.strip().replace(_BREAK, ""))
        article = article_number(printed)
        if article and "article" in line:
            self.grammar.close()
            self.builder.article(article, printed)
            if rest:
                self.builder.paragraph(rest)
        elif appended := appended_head(text):
            kind, title, related = appended
            self.grammar.close()
            if kind == "table":
                self.builder.appended_table(title, related)
            else:
                self.grammar.open_form(f"{title}{related}")
        elif self.grammar.in_form or (label := item_label(printed)) is None or label.rest:
            self.grammar.feed(text)
        elif "clause" in line and label.style in {Style.ARABIC, Style.CIRCLED, Style.KANJI}:
            self.builder.paragraph(rest, number=label.number, title=printed)
        else:
            self.builder.item(Label(printed=printed, style=label.style, number=label.number, rest=rest))
        self.note(note)

    def note(self, note: str) -> None:
        if note:
            self.builder.note(note)

    def table(self, node: LexborNode) -> None:
        self.read_characters += _visible(node.text())
        rows = []
        for row in node.css("tr"):
            cells = [
                "　".join(part.strip() for part in _text(cell).split(_BREAK) if part.strip())
                for cell in row.iter()
                if cell.tag in {"td", "th"}
            ]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                rows.append(tuple(cells))
        if rows:
            self.grammar.table(Table(rows=tuple(rows)))

    def fallback_title(self) -> str:
        return clean_title(
            _text(self.tree.css_first("#secondary .heading-lv2A")) or _text(self.tree.css_first("title"))
        )

    def enforcement_date(self) -> dt.date | None:
        for node in self.tree.css("#secondary .datenumber-area"):
            if "施行" in (text := _text(node)):
                return parse_era_date(text)
        return None

    def diagnostics(self, total: int) -> Iterator[Diagnostic]:
        for name, count in self.unknown.items():
            yield Diagnostic(
                code="unknown_markup",
                message=f"想定外の区分「{name}」の行が{count}行あります。文字は残しましたが、条・項・号の位置を確かめてください。",
                severity=Severity.INFO,
            )
        unread = total - self.read_characters
        if unread > total * _UNREAD_SHARE:
            yield Diagnostic(
                code="unread_text",
                message=f"本文のうち{unread}文字（{unread / total:.1%}）を読み取れていません。原本と見比べてください。",
            )


def _visible(text: str) -> int:
    """Number of characters that are not white space."""
    return len("".join(text.replace(_BREAK, "").split()))
