"""e-Gov 法令標準XML v3, its older distributions (further attributes) and the API v1 wrapper.

Walk: Law > LawNum, LawBody > LawTitle, EnactStatement, Preamble, MainProvision, SupplProvision…,
Appdx…. Ruby readings are dropped and inline marks dissolved first, in C, so that a Sentence is one
text node; then each structural element is visited once. TOC is never entered.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import unescape
from itertools import pairwise

from lxml import etree

from regulations.numerals import format_era_date, parse_era_date
from regulations.sources.base import Limits, Source, UnreadableSource, nested_too_deep
from regulations.sources.headings import clean_title, issuing_body_of, kind_of, split_number_line
from regulations.sources.history import amendment_note
from regulations.sources.labels import PLAUSIBLE_NUMBER, article_number
from regulations.sources.sentences import with_functions
from regulations.structure import (
    AmendmentNote,
    AppendedForm,
    AppendedTable,
    Article,
    Diagnostic,
    Division,
    DivisionLevel,
    Item,
    Kind,
    Ordinance,
    Paragraph,
    ParsedOrdinance,
    Sentence,
    SentenceFunction,
    Severity,
    SupplementaryProvision,
    Table,
)

_LEVELS = {
    "Part": DivisionLevel.PART,
    "Chapter": DivisionLevel.CHAPTER,
    "Section": DivisionLevel.SECTION,
    "Subsection": DivisionLevel.SUBSECTION,
    "Division": DivisionLevel.DIVISION,
}
_KINDS = {
    "Constitution": Kind.ACT,
    "Act": Kind.ACT,
    "CabinetOrder": Kind.CABINET_ORDER,
    "ImperialOrder": Kind.CABINET_ORDER,
    "MinisterialOrdinance": Kind.MINISTERIAL,
}
_ERAS = {"Meiji": "明治", "Taisho": "大正", "Showa": "昭和", "Heisei": "平成", "Reiwa": "令和"}
_FUNCTIONS = {"main": SentenceFunction.MAIN_CLAUSE, "proviso": SentenceFunction.PROVISO}
_ITEM_TAGS = ("Item", *(f"Subitem{level}" for level in range(1, 11)))
_TITLES = {tag: f"{tag}Title" for tag in (*_ITEM_TAGS, *_LEVELS)}
_SENTENCES = {tag: f"{tag}Sentence" for tag in _ITEM_TAGS}
_SUBITEMS = dict(pairwise(_ITEM_TAGS))
_INLINE = ("Ruby", "Sup", "Sub", "Line", "ArithFormula", "QuoteStruct")
_APPENDED_TABLES = {"AppdxTable", "Appdx", "AppdxNote", "AppdxFig"}
_APPENDED_FORMS = {"AppdxStyle", "AppdxFormat", "SupplProvisionAppdxStyle"}
_ROOT = re.compile(r"<(?:Law|DataRoot|Era|ApplData|LawFullText)[\s>]")
_TAG = re.compile(r"<[^<>]*>")
_NOT_PRINTED = re.compile(r"<Rt>[^<]*</Rt>|<!--.*?-->|<\?.*?\?>", re.DOTALL)  # of a text known to be well-formed
_WRAPPED = re.compile(r"\s*\n\s*")
# e-Gov names its files 法令ID_施行日_改正法令ID.
_FILE_NAME = re.compile(r"(?P<id>[0-9]{3}[0-9A-Z]{12})(?:_(?P<date>\d{8}))?")


class EgovXmlReader:
    """Reader of 法令標準XML."""

    name = "egov_xml"

    def recognises(self, source: Source) -> bool:
        # The head alone, so that a text quoting XML further down is not taken for it.
        return bool(_ROOT.search(source.text[:4096])) and source.text.lstrip().startswith("<")

    def read(self, source: Source) -> ParsedOrdinance:
        return parsed_law(source, parse_xml(source.text, source.limits), name=self.name)

    def body(self, source: Source) -> str:
        start, end = source.text.find("<Law "), source.text.rfind("</Law>")
        law = source.text[max(start, 0) : end if end >= 0 else None]
        return unescape(_TAG.sub(" ", _NOT_PRINTED.sub("", law)))


def parsed_law(source: Source, root: etree._Element, *, name: str) -> ParsedOrdinance:
    """The tree of the first Law in `root`; `name` is that of the format.

    Raises UnreadableSource (not_legislation) where there is no Law with a LawBody.
    """
    law = root if root.tag == "Law" else next(root.iter("Law"), None)
    body = law.find("LawBody") if law is not None else None
    if law is None or body is None:
        raise UnreadableSource(
            "not_legislation", "法令XMLですが本文（LawBody）がありません。本文まで含めて取得し直してください。"
        )
    etree.strip_elements(law, "Rt", with_tail=False)
    etree.strip_tags(law, *_INLINE)
    return replace(_Walk(source, root, law).parsed(body), format=name)


def parse_xml(text: str, limits: Limits) -> etree._Element:
    """Root of an XML document, parsed without entities, DTD or network.

    Raises UnreadableSource: entities_forbidden, nested_too_deep, malformed_xml (with the line).
    """
    if "<!ENTITY" in text or re.search(r"<!DOCTYPE[^>]*\[", text):
        raise UnreadableSource(
            "entities_forbidden",
            "XMLに実体宣言（DOCTYPE内のENTITYなど）があるため、安全のため読み込みません。宣言を取り除いてください。",
        )
    parser = etree.XMLParser(
        encoding="utf-8",  # ours, whatever the declaration says: the text has been decoded already
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.lstrip().encode(), parser)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error):
            raise nested_too_deep() from error
        line = error.lineno or 1
        raise UnreadableSource(
            "malformed_xml",
            f"XMLが{line}行目で壊れています（途中で切れているか、タグが閉じていません）。元のファイルを取得し直してください。",
        ) from error
    if _is_deeper(root, limits.max_depth):
        raise nested_too_deep()
    return root


def _is_deeper(root: etree._Element, depth: int) -> bool:
    """Whether any element has more than `depth` levels; asked before the walks that recurse."""
    return bool(root.xpath(f"boolean({'/*' * (depth + 1)})"))


def _text(element: etree._Element | None) -> str:
    """Text of an element with lines that were wrapped in the file joined, and no white space around it."""
    if element is None:
        return ""
    text = "".join(map(str, element.itertext())) if len(element) else element.text or ""
    if "\n" in text:
        text = _WRAPPED.sub("", text)
    return text.strip()


def _number(value: str | None, default: str = "") -> str:
    number = value.replace("_", "-") if value else ""
    return number if PLAUSIBLE_NUMBER.fullmatch(number) else default


class _Walk:
    """One pass over one law; collects what is odd on the way."""

    def __init__(self, source: Source, root: etree._Element, law: etree._Element) -> None:
        self.source, self.root, self.law = source, root, law
        self.unknown: dict[str, int] = {}
        self.figures = 0
        self.forms: list[AppendedForm] = []

    def parsed(self, body: etree._Element) -> ParsedOrdinance:
        preamble: list[Paragraph] = []
        main: tuple[Division | Article | Paragraph, ...] = ()
        supplementary: list[SupplementaryProvision] = []
        tables: list[AppendedTable] = []
        for child in body:
            tag = child.tag
            if tag == "MainProvision":
                main += tuple(self.children(child))
            elif tag == "SupplProvision":
                supplementary.append(self.supplementary(child))
            elif tag == "EnactStatement":
                preamble.append(Paragraph(number="", sentences=(Sentence(columns=(_text(child),)),)))
            elif tag == "Preamble":
                preamble += [p for p in self.children(child) if isinstance(p, Paragraph)]
            elif tag in _APPENDED_TABLES:
                tables.append(self.appended_table(child))
            elif tag in _APPENDED_FORMS:
                self.form(child)
            elif tag not in {"LawTitle", "TOC"}:
                self.note_unknown(tag)
        law_number = _text(self.law.find("LawNum")) or _text(self.root.find(".//ApplData/LawNum"))
        title = clean_title(_text(body.find("LawTitle")))
        kind = self.kind(law_number, title)
        file_name = _FILE_NAME.match(self.source.name.rpartition("/")[2])
        date, date_raw = self.promulgation(law_number)
        ordinance = Ordinance(
            title=title,
            law_number=law_number,
            kind=kind,
            issuing_body=issuing_body_of(law_number, kind, "" if kind.is_national else self.source.text),
            promulgation_date=date,
            promulgation_date_raw=date_raw,
            enforcement_date=self.enforcement_date(file_name["date"] if file_name else None),
            source_id=self.law.get("LawId")
            or _text(self.root.find(".//ApplData/LawId"))
            or (file_name["id"] if file_name else ""),
            preamble=tuple(preamble),
            main=main,
            supplementary=tuple(supplementary),
            tables=tuple(tables),
            forms=tuple(self.forms),
        )
        return ParsedOrdinance(
            ordinance=ordinance,
            format=EgovXmlReader.name,
            diagnostics=(*self.source.decoded.diagnostics, *self.diagnostics()),
            furniture=tuple(
                "".join(map(str, part.itertext()))
                for part in (*self.law.findall("LawNum"), *body.findall("LawTitle"), *body.findall("TOC"))
            ),
        )

    # Head

    def kind(self, law_number: str, title: str) -> Kind:
        printed = kind_of(law_number, title)
        # LawType has no value for local legislation, so that only the number tells 条例 from 法律.
        if printed is not Kind.UNKNOWN and not printed.is_national:
            return printed
        return _KINDS.get(self.law.get("LawType", ""), printed)

    def promulgation(self, law_number: str) -> tuple[dt.date | None, str]:
        raw, _ = split_number_line(law_number)
        if raw:
            return parse_era_date(raw), raw
        era = _ERAS.get(self.law.get("Era", ""), "")
        year, month, day = (self.law.get(key, "") for key in ("Year", "PromulgateMonth", "PromulgateDay"))
        date = parse_era_date(f"{era}{year}年{month}月{day}日") if era and year and month and day else None
        date = date or _iso_date(self.law.get("OriginalPromulgateDate"))
        return date, format_era_date(date) if date else ""

    def enforcement_date(self, from_name: str | None) -> dt.date | None:
        return _iso_date(self.law.get("EnforcementDate")) or _iso_date(from_name)

    # Structure

    def children(self, parent: etree._Element) -> Iterator[Division | Article | Paragraph]:
        position = 0
        for child in parent:
            tag = child.tag
            if tag == "Article":
                yield self.article(child)
            elif tag == "Paragraph":
                position += 1
                yield self.paragraph(child, position)
            elif tag in _LEVELS:
                yield Division(
                    level=_LEVELS[tag], title=_text(child.find(_TITLES[tag])), children=tuple(self.children(child))
                )
            elif not tag.endswith(("Title", "Label")) and tag not in _APPENDED_TABLES | _APPENDED_FORMS:
                position += 1
                yield Paragraph(number=str(position), sentences=tuple(self.loose(child)))

    def article(self, element: etree._Element) -> Article:
        title = caption = ""
        paragraphs: list[Paragraph] = []
        notes: list[AmendmentNote] = []
        for child in element:
            tag = child.tag
            if tag == "Paragraph":
                paragraphs.append(self.paragraph(child, len(paragraphs) + 1))
            elif tag == "ArticleTitle":
                title = _text(child)
            elif tag == "ArticleCaption":
                caption = _text(child)
            elif tag == "SupplNote":
                notes.append(amendment_note(_text(child)))
            else:
                paragraphs.append(Paragraph(number=str(len(paragraphs) + 1), sentences=tuple(self.loose(child))))
        return Article(
            number=_number(element.get("Num")) or article_number(title) or "",
            title=title,
            caption=caption,
            paragraphs=tuple(paragraphs),
            amendments=tuple(notes),
        )

    def paragraph(self, element: etree._Element, position: int) -> Paragraph:
        title = caption = ""
        sentences: list[Sentence] = []
        items: list[Item] = []
        tables: list[Table] = []
        for child in element:
            tag = child.tag
            if tag == "ParagraphSentence":
                sentences += self.sentences(child)
            elif tag == "Item":
                items.append(self.item(child, len(items) + 1))
            elif tag == "ParagraphNum":
                title = _text(child)
            elif tag == "ParagraphCaption":
                caption = _text(child)
            elif tag in {"TableStruct", "List"}:
                tables += self.tables(child)
            elif tag == "Class":
                items.append(self.klass(child, len(items) + 1))
            else:
                sentences += self.loose(child)
        return Paragraph(
            number=_number(element.get("Num"), str(position)),
            title=title,
            caption=caption,
            sentences=tuple(sentences),
            items=tuple(items),
            tables=tuple(tables),
        )

    def item(self, element: etree._Element, position: int) -> Item:
        own = element.tag
        title = ""
        sentences: list[Sentence] = []
        subitems: list[Item] = []
        tables: list[Table] = []
        for child in element:
            tag = child.tag
            if tag == _SENTENCES[own]:
                sentences += self.sentences(child)
            elif tag == _TITLES[own]:
                title = _text(child)
            elif tag == _SUBITEMS.get(own):
                subitems.append(self.item(child, len(subitems) + 1))
            elif tag in {"TableStruct", "List"}:
                tables += self.tables(child)
            else:
                sentences += self.loose(child)
        return Item(
            number=_number(element.get("Num"), str(position)),
            title=title,
            sentences=tuple(sentences),
            subitems=tuple(subitems),
            tables=tuple(tables),
        )

    def klass(self, element: etree._Element, position: int) -> Item:
        """類 (Class): a list level of some old laws; it reads as a 号."""
        sentences = self.sentences(element.find("ClassSentence"))
        subitems = tuple(self.item(child, n) for n, child in enumerate(element.findall("Item"), 1))
        title = _text(element.find("ClassTitle"))
        return Item(number=str(position), title=title, sentences=tuple(sentences), subitems=subitems)

    def sentences(self, parent: etree._Element | None) -> list[Sentence]:
        """Sentences of a …Sentence element; columns (欄) of one sentence stay together."""
        if parent is None:
            return []
        found: list[Sentence] = []
        columns: list[str] = []
        for child in parent:
            if child.tag == "Sentence":
                if text := _text(child):
                    found.append(Sentence(columns=(text,), function=_FUNCTIONS.get(child.get("Function", ""))))
            elif child.tag == "Column":
                columns.append("".join(_text(part) for part in child))
            else:
                found += self.loose(child)
        if columns:
            found.append(Sentence(columns=tuple(columns)))
        return with_functions(found)

    def supplementary(self, element: etree._Element) -> SupplementaryProvision:
        tables = [
            Table(rows=tuple(row for inner in appended.tables for row in inner.rows), title=appended.title)
            for child in element
            if child.tag in {"SupplProvisionAppdxTable", "SupplProvisionAppdx"}
            for appended in (self.appended_table(child),)
        ]
        for child in element:
            if child.tag == "SupplProvisionAppdxStyle":
                self.form(child)
        appended_tags = {"SupplProvisionAppdxTable", "SupplProvisionAppdx", "SupplProvisionAppdxStyle"}
        for child in [child for child in element if child.tag in appended_tags]:
            element.remove(child)
        return SupplementaryProvision(
            label=re.sub(r"\s", "", _text(element.find("SupplProvisionLabel"))) or "附則",
            amend_law_number=element.get("AmendLawNum", ""),
            promulgation_date=parse_era_date(element.get("AmendLawNum", "")),
            children=tuple(self.children(element)),
            tables=tuple(tables),
        )

    # Tables, forms, and what the schema allows anywhere

    def tables(self, element: etree._Element) -> list[Table]:
        if element.tag == "List":
            lines = tuple((text,) for part in element.iter("Sentence") if (text := _text(part)))
            return [Table(rows=lines)] if lines else []
        title = ""
        rows: list[tuple[str, ...]] = []
        for child in element:
            if child.tag == "TableStructTitle":
                title = _text(child)
            elif child.tag == "Table":
                rows += self.rows(child)
            else:
                rows += [(line,) for line in self.lines(child)]
        return [Table(rows=tuple(rows), title=title)] if rows or title else []

    def rows(self, table: etree._Element) -> Iterator[tuple[str, ...]]:
        for row in table:
            cells = ["　".join(self.lines(cell)) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield tuple(cells)

    def lines(self, element: etree._Element) -> Iterator[str]:
        """Any element as lines of text: a …Title or …Label stands before the text it numbers."""
        if element.tag == "Fig":
            self.figures += 1
        if not len(element):
            if text := _text(element):
                yield text
            return
        label = ""
        for child in element:
            if child.tag.endswith(("Title", "Label", "Num")):
                label = f"{label}　{_text(child)}" if label else _text(child)
                continue
            if child.tag == "Column":
                text = "".join(_text(part) for part in child)
                label = f"{label}　{text}" if label else text
                continue
            for line in self.lines(child):
                yield f"{label}　{line}" if label else line
                label = ""
        if label:
            yield label

    def loose(self, element: etree._Element) -> list[Sentence]:
        """Text of what has no place in our tree (改正規定の新規定, 図): kept, so that nothing is lost."""
        if element.tag not in {"AmendProvision", "NewProvision", "FigStruct", "Fig", "TableStruct", "List"}:
            self.note_unknown(element.tag)
        return [Sentence(columns=(line,)) for line in self.lines(element)]

    def appended_table(self, element: etree._Element) -> AppendedTable:
        title = related = ""
        tables: list[Table] = []
        items: list[Item] = []
        loose: list[str] = []
        for child in element:
            tag = child.tag
            if tag == "RelatedArticleNum":
                related = _text(child)
            elif tag.startswith(("Appdx", "SupplProvisionAppdx")) and tag.endswith("Title"):
                title = _text(child)
            elif tag in {"TableStruct", "List"}:
                tables += self.tables(child)
            elif tag == "Item":
                items.append(self.item(child, len(items) + 1))
            else:
                loose += self.lines(child)
        children = (Paragraph(number="1", items=tuple(items)),) if items else ()
        if loose:
            tables.append(Table(rows=tuple((line,) for line in loose)))
        return AppendedTable(title=title, related_articles=related, tables=tuple(tables), children=children)

    def form(self, element: etree._Element) -> None:
        title = related = ""
        lines: list[str] = []
        for child in element:
            if child.tag == "RelatedArticleNum":
                related = _text(child)
            elif child.tag.endswith("Title"):
                title = _text(child)
            else:
                figures = self.figures
                lines += self.lines(child)
                self.figures = figures  # an image of a form is the form's own matter, reported with it
        self.forms.append(AppendedForm(title=f"{title}{related}", text="\n".join(lines), unread=not lines))

    def note_unknown(self, tag: str) -> None:
        self.unknown[tag] = self.unknown.get(tag, 0) + 1

    def diagnostics(self) -> Iterable[Diagnostic]:
        for tag, count in self.unknown.items():
            yield Diagnostic(
                code="unknown_markup",
                message=f"想定外のタグ「{tag}」が{count}か所あります。文字は残しましたが、位置を確かめてください。",
            )
        if self.figures:
            yield Diagnostic(
                code="figure_unread",
                message=f"条文の中に図が{self.figures}点あります。図の内容は読み取っていません。原本で確かめてください。",
                severity=Severity.INFO,
            )


def _iso_date(value: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError:
        return None
