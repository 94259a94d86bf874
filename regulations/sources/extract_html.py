"""Extracts of an 例規集 as HTML fragments: `div.jorei-header` (○題名) and `div.jorei-body`, a `p` an article.

An extract has lost much: number and date, 第2項 and below, tables, forms, headings of 附則 and the end of a long
instrument. Its 号 (`p.jorei-item`) stand in one run behind all articles, so that nothing says of which 条 they
are. They are kept in lists of their own and never given to an article by guess: a decision would then stand at a
place that the instrument does not have. The other classes of a `p` are of whoever made the extract and mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from regulations.citations import format_article, number_key
from regulations.sources.base import Source, UnreadableSource
from regulations.sources.headings import clean_title, split_number_line
from regulations.sources.html import BREAK, Block, blocks, classes_of, parse_html, regions_of, text_of, visible_text
from regulations.sources.labels import (
    ArticleHead,
    Label,
    article_head,
    is_bracketed,
    item_label,
    split_trailing_note,
)
from regulations.sources.line_grammar import LineGrammar
from regulations.sources.tree_builder import TreeBuilder, ordinance_of
from regulations.structure import Diagnostic, ParsedOrdinance, Table
from regulations.text import normalise_for_identity

_MARK = re.compile(r"""class\s*=\s*["']?jorei-body\b""")
_PART = re.compile(r"""<div\b[^<>]*\bclass\s*=\s*["']?jorei-(?:header|body)\b[^<>]*>""", re.IGNORECASE)
_CAPTION = re.compile(r"[（(].{0,200}?[）)](?=[\s　]*第)")
_SOURCE_ID = re.compile(r"([a-z]+\d*RG\d{5,})")


class ExtractReader:
    """Reader of such fragments."""

    name = "extract_html"

    def recognises(self, source: Source) -> bool:
        return bool(_MARK.search(source.text))

    def read(self, source: Source) -> ParsedOrdinance:
        tree = parse_html(source)
        fragment = _Fragment(source)
        fragment.head(text_of(tree.css_first(".jorei-header")).split(BREAK))
        for block in blocks(tree.css_first(".jorei-body")):
            fragment.block(block)
        return fragment.parsed()

    def body(self, source: Source) -> str:
        return "\n".join(visible_text(region) for region in regions_of(source.text, _PART))


class _Fragment:
    """One pass over one fragment."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.builder = TreeBuilder()
        self.grammar = LineGrammar(self.builder)
        self.title = self.date = self.number = self.article = ""
        self.furniture: list[str] = []
        self.restarts: list[str] = []
        self.lists = 0
        self.items: list[Label] = []
        self.is_in_place = False

    def head(self, lines: list[str]) -> None:
        for line in lines:
            date, number = split_number_line(line)
            if not self.title:
                self.title = clean_title(line)
            else:
                self.date, self.number = self.date or date, self.number or number
            self.furniture.append(line)

    def block(self, block: Block) -> None:
        if isinstance(block.content, Table):
            self.grammar.table(block.content)
        elif self.is_title(block.content):
            self.furniture.append(block.content)
        elif "jorei-item" in classes_of(block.node) and (label := item_label(block.content)):
            self.items.append(label)
        else:
            self.line(block.content)

    def is_title(self, text: str) -> bool:
        return normalise_for_identity(clean_title(text)) == normalise_for_identity(self.title)

    def line(self, text: str) -> None:
        found = _CAPTION.match(text)
        caption = found[0] if found and is_bracketed(found[0]) else ""
        head = article_head(text[len(caption) :], last=self.article)
        if head is None:
            self.grammar.feed(text)
            return
        # An article behind a 号: this extract left the 号 where they were.
        self.is_in_place = self.is_in_place or bool(self.items)
        self.put_items_in_place()
        self.open_article(head, caption)

    def open_article(self, head: ArticleHead, caption: str) -> None:
        first, _, last = head.number.partition(":")
        if self.article and number_key(first) <= number_key(self.article):
            self.builder.supplementary()
            self.restarts.append(f"{format_article(self.article)}の次の{head.title}")
        self.article = last or first
        self.grammar.close()
        self.builder.article(head.number, head.title, caption=caption or head.caption)
        rest, note = split_trailing_note(head.rest)
        if rest:
            self.builder.paragraph(rest)
        if note:
            self.builder.note(note)

    def put_items_in_place(self) -> None:
        for label in self.items:
            self.builder.item(label)
        self.items = []

    def list_items(self) -> None:
        """The 号 that stand behind all articles, a list from each 一 on."""
        previous = ""
        for label in self.items:
            if not previous or number_key(label.number) <= number_key(previous):
                self.lists += 1
                self.builder.appended_table(f"条の分からない号の並び{self.lists}")
            self.builder.item(label)
            previous = label.number

    def parsed(self) -> ParsedOrdinance:
        self.grammar.close()
        if self.is_in_place:
            self.put_items_in_place()
        self.list_items()
        if not self.builder.has_body and not self.lists:
            raise UnreadableSource(
                "no_body", "題名だけで、条文が1つもない抜粋です。元の例規集から本文のページを保存し直してください。"
            )
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
            format=ExtractReader.name,
            diagnostics=(*self.source.decoded.diagnostics, *self.losses()),
            furniture=tuple(self.furniture),
        )

    def losses(self) -> Iterator[Diagnostic]:
        yield Diagnostic(
            code="extract_only",
            message="条と号だけを抜き出した形式です。番号、公布日、第2項以下、表、様式、附則の見出しが失われ、"
            "長い例規は後ろが切れていることもあります。元の例規集の本文のページで取り込み直してください。",
        )
        if self.restarts:
            yield Diagnostic(
                code="supplementary_heading_lost",
                message=f"附則の見出しが失われています。条の番号が戻る{len(self.restarts)}か所から附則として読みました"
                f"（最初は{self.restarts[0]}）。原本で確かめてください。",
            )
        if self.lists:
            yield Diagnostic(
                code="items_without_article",
                message=f"どの条の号か分からない号の並びが{self.lists}組あります。文字は残しましたが、条には付けていません。"
                "原本で条を確かめてください。",
            )
