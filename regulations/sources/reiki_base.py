"""ぎょうせい Super Reiki-Base HTML (`reiki_honbun/….html`).

Walk: the blocks (`p`, `li`, `table`) below `#primaryInner2` in document order; the class of a block and
of its parent say what it is, the number in `span.num` where it belongs. 項 and 号 are siblings of
their 条, so the tree comes from `TreeBuilder`. Blocks without these marks are read as lines of text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from regulations.citations import ProvisionRef, Section, format_ref
from regulations.numerals import NUMBER, parse_era_date
from regulations.sources.base import Source, UnreadableSource
from regulations.sources.contents import Contents, is_contents_heading
from regulations.sources.headings import clean_title, split_number_line
from regulations.sources.html import BREAK, classes_of, parse_html, region_of, table_of, text_of, visible_text
from regulations.sources.labels import (
    PLAUSIBLE_NUMBER,
    Label,
    Style,
    appended_head,
    article_number,
    is_bracketed,
    item_label,
    point_head,
    split_trailing_note,
)
from regulations.sources.line_grammar import LineGrammar
from regulations.sources.tree_builder import TreeBuilder, ordinance_of
from regulations.structure import Article, Diagnostic, Division, Ordinance, Paragraph, ParsedOrdinance, Severity

_MARK = re.compile(r"""id\s*=\s*["']?primaryInner|class\s*=\s*["']?eline\b""")
_BLOCKS = "p, li, table, div.eline"
_CONTAINER = re.compile(r"""<div\b[^<>]*\bid\s*=\s*["']?primaryInner(2?)["'\s>][^<>]*>?""", re.IGNORECASE)
# 附則 (f), 条 (j, 0 where there is none), 項 (k) and 号 (g) of the page's own map. How it writes a branch number is
# not relied on: whatever follows the number of a 条 or 号 there, the number printed at the place it names counts.
_MAPPED = re.compile(
    r"(?P<of>(?:f(?P<part>\d+)_)?j(?P<article>\d[^kg]*?))(?:_k(?P<paragraph>\d+)(?:_g(?P<item>\d[\d._-]*))?)?(?P<num>_num)?"
)
_ASIDE = re.compile(r"_(?!num$)[a-z]{2,}$")  # j1_k1_proviso and its like: parts of a place
_SOURCE_ID = re.compile(r"([a-z]+\d*RG\d{5,})")
_ARTICLE = re.compile(rf"第{NUMBER}条(?!例)")
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
        tree = parse_html(source)
        container = tree.css_first("#primaryInner2") or tree.css_first("#primaryInner") or tree.body
        if container is None or not (container.css_first("div.eline") or _ARTICLE.search(container.text())):
            raise UnreadableSource(
                "no_body",
                "例規集のページですが、本文の行が1つもありません。目次やエラー画面でないか確かめ、本文のページを保存し直してください。",
            )
        page = _Page(source, tree, container)
        for link_to_form in tree.css(".xref_frame"):
            page.furniture.append(link_to_form.text())
            link_to_form.decompose()
        return page.parsed()

    def body(self, source: Source) -> str:
        container = max(_CONTAINER.finditer(source.text), key=lambda found: found[1], default=None)
        return visible_text(region_of(source.text, container) if container else source.text)


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
        self.furniture: list[str] = []

    def parsed(self) -> ParsedOrdinance:
        for block in self.blocks():
            self.block(block)
        self.grammar.close()
        source_id = _SOURCE_ID.search(self.source.name)
        ordinance = ordinance_of(
            self.builder,
            title=self.title or self.fallback_title(),
            number=self.number,
            date=self.date,
            text=self.source.text,
            enforcement_date=self.enforcement_date(),
            source_id=source_id[1] if source_id else "",
        )
        return ParsedOrdinance(
            ordinance=ordinance,
            format=ReikiBaseReader.name,
            diagnostics=(*self.source.decoded.diagnostics, *self.diagnostics(ordinance)),
            furniture=tuple(self.furniture),
        )

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
        text = text_of(node)
        if not text:
            return
        own, parent = classes_of(node), node.parent
        line = classes_of(parent)
        self.note_class(line)
        if self.is_contents(text, line):
            self.furniture.append(text)
            return
        if "s-head" in own:
            self.supplementary(node, text)
        elif "revise_record" in own:
            self.builder.note(text)
        elif any(name in _FURNITURE for name in line):
            self.title = self.title or (clean_title(text) if "title" in own else "")
            self.furniture.append(text)
        elif not self.builder.has_body and "article" not in line and self.head(own, text):
            pass
        elif "form_section" in line:
            self.form(text)
        elif "title" in own and "article" in line:
            self.builder.caption(text)
        elif (number := node.css_first("span.num")) is not None and (printed := text_of(number)):
            self.numbered(printed, text, line)
        elif "p" in own and "clause" in line:
            body, note = split_trailing_note(text.replace(BREAK, ""))
            self.builder.paragraph(body)
            self.note(note)
        else:
            for part in text.split(BREAK):
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
        self.furniture.append(text)  # the tree has date and number apart
        return True

    def supplementary(self, node: LexborNode, text: str) -> None:
        self.grammar.close()
        detail = text[len(text_of(node.css_first("span.title"))) :] if node.css_first("span.date") else text[2:]
        detail = re.sub(r"[\s　]+", "", detail).removesuffix("抄").strip("()（）則")
        # The enactment's own 附則, where a page repeats the instrument's number in its heading.
        is_own = detail == re.sub(r"[\s　]+", "", self.date + self.number)
        self.builder.supplementary("" if is_own else detail, heading=text)

    def form(self, text: str) -> None:
        appended = appended_head(text)
        self.grammar.open_form(f"{appended[1]}{appended[2]}" if appended else text)

    def numbered(self, printed: str, text: str, line: list[str]) -> None:
        rest = text[len(printed) :] if text.startswith(printed) else text
        rest, note = split_trailing_note(rest.strip().replace(BREAK, ""))
        point = point_head(printed)
        article = article_number(printed) or (point.number if point else "")
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
        if (table := table_of(node)).rows:
            self.grammar.table(table)

    def fallback_title(self) -> str:
        return clean_title(
            text_of(self.tree.css_first("#secondary .heading-lv2A")) or text_of(self.tree.css_first("title"))
        )

    def enforcement_date(self) -> dt.date | None:
        for node in self.tree.css("#secondary .datenumber-area"):
            if "施行" in (text := text_of(node)):
                return parse_era_date(text)
        return None

    def diagnostics(self, ordinance: Ordinance) -> Iterator[Diagnostic]:
        mapped = list(_mapped(self.tree))
        read = _places(ordinance) if mapped else frozenset()
        if unread := [place for place in mapped if place not in read]:
            first = _address(unread[0], among=read.union(mapped))
            yield Diagnostic(
                code="address_mismatch",
                message=f"ページの条項一覧にある{first}など{len(unread)}か所が、読み取った条文にありません。"
                "条・項・号の区切りを原本で確かめてください。",
                ref=first,
            )
        for name, count in self.unknown.items():
            yield Diagnostic(
                code="unknown_markup",
                message=f"想定外の区分「{name}」の行が{count}行あります。文字は残しましたが、条・項・号の位置を確かめてください。",
                severity=Severity.INFO,
            )


Place = tuple[str, str, str, str]
"""A 条, 項 or 号 as the page's own map names it: number of the 附則, 条, 項 and 号."""


def _mapped(tree: LexborHTMLParser) -> Iterator[Place]:
    """Places in the page's own map. What cannot be made out is left out."""
    entries = [
        (match, node.text().strip())
        for node in tree.css("#num-ids > div")
        if not _ASIDE.search(node.id or "") and (match := _MAPPED.fullmatch(node.id or ""))
    ]
    if not entries:
        return
    printed = {node.id: node.text().strip() for node in tree.css("span.num") if node.id}
    articles = {
        match["of"]: article_number(printed.get(target, ""))
        for match, target in entries
        if match["num"] and not match["paragraph"]
    }
    for match, target in entries:
        article = articles.get(match["of"]) or match["article"]
        paragraph, item = match["paragraph"] or "", match["item"] or ""
        if item and (label := item_label(printed.get(target, ""))) and label.number[:1].isdigit():
            item = label.number
        if not match["num"] and all(PLAUSIBLE_NUMBER.fullmatch(number or "0") for number in (article, paragraph, item)):
            yield match["part"] or "", article, paragraph, item


def _places(ordinance: Ordinance) -> frozenset[Place]:
    """Each 条, 項 and 号 that the tree holds."""
    found: set[Place] = set()

    def add(part: str, children: Sequence[Division | Article | Paragraph]) -> None:
        for child in children:
            if isinstance(child, Division):
                add(part, child.children)
                continue
            article = child.number if isinstance(child, Article) else "0"
            found.add((part, article, "", ""))
            for paragraph in child.paragraphs if isinstance(child, Article) else (child,):
                found.add((part, article, paragraph.number, ""))
                found.update((part, article, paragraph.number, item.number) for item in paragraph.items)

    add("", ordinance.main)
    for ordinal, supplementary in enumerate(ordinance.supplementary, 1):
        add(str(ordinal), supplementary.children)
    return frozenset(found)


def _address(place: Place, *, among: frozenset[Place]) -> str:
    """Address of a place of the map, cited without 項 where `among` knows no other in its article."""
    part, article, paragraph, item = place
    numbers = {other[2] for other in among if other[:2] == place[:2]} - {""}
    return format_ref(
        ProvisionRef(
            section=Section.SUPPLEMENTARY if part else Section.MAIN,
            label="附則" if part else "",
            article="" if article == "0" else article,
            paragraph=paragraph,
            item=(item,) if item else (),
            is_sole_paragraph=numbers == {"1"},
        )
    )
