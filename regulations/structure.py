"""A legislative text as a tree of frozen values, named after the e-Gov 法令標準XML schema.

A reader in `regulations.sources` makes a `ParsedOrdinance` out of bytes; everything after it works
on `Provision`s, which `provisions()` lists from the tree. A paragraph (項) with its items is the
unit of judgement, as in the review guideline.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice

from regulations.citations import ProvisionRef, Section, format_article
from regulations.numerals import to_kanji
from regulations.text import normalise_for_identity


class Kind(StrEnum):
    """Kind of an instrument, read from its number line (番号) and never from its title alone."""

    ACT = "act"
    CABINET_ORDER = "cabinet_order"
    MINISTERIAL = "ministerial"
    ORDINANCE = "ordinance"
    RULE = "rule"
    PUBLIC_NOTICE = "public_notice"
    INSTRUCTION = "instruction"
    REGULATION_RULES = "regulation_rules"
    GUIDELINES = "guidelines"
    UNKNOWN = "unknown"

    @property
    def is_national(self) -> bool:
        return self in NATIONAL_KINDS

    @property
    def in_headline_totals(self) -> bool:
        """Whether the policy's 条例等 covers it; 要綱・要領 are reviewed 準じて, outside the totals."""
        return self in POLICY_KINDS


NATIONAL_KINDS = frozenset({Kind.ACT, Kind.CABINET_ORDER, Kind.MINISTERIAL})
POLICY_KINDS = frozenset({Kind.ORDINANCE, Kind.RULE, Kind.PUBLIC_NOTICE, Kind.INSTRUCTION, Kind.REGULATION_RULES})


class SentenceFunction(StrEnum):
    """本文 and ただし書; 前段 and 後段."""

    MAIN_CLAUSE = "main_clause"
    PROVISO = "proviso"
    FIRST_SENTENCE = "first_sentence"
    SECOND_SENTENCE = "second_sentence"


class DivisionLevel(StrEnum):
    """編章節款目, from the outside in."""

    PART = "part"
    CHAPTER = "chapter"
    SECTION = "section"
    SUBSECTION = "subsection"
    DIVISION = "division"


DIVISION_MARKS = {
    "編": DivisionLevel.PART,
    "章": DivisionLevel.CHAPTER,
    "節": DivisionLevel.SECTION,
    "款": DivisionLevel.SUBSECTION,
    "目": DivisionLevel.DIVISION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence; `columns` has more than one text where the source sets it in columns (欄)."""

    columns: tuple[str, ...]
    function: SentenceFunction | None = None

    @property
    def text(self) -> str:
        return "　".join(self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table (表) or list inside a paragraph or appended to the instrument; rows of cell texts."""

    rows: tuple[tuple[str, ...], ...]
    title: str = ""

    @property
    def text(self) -> str:
        lines = [self.title] if self.title else []
        return "\n".join([*lines, *("　".join(cell for cell in row) for row in self.rows)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """号, and below it イロハ and deeper (`subitems`). `title` is the number as printed: 一, (1), イ."""

    number: str
    title: str
    sentences: tuple[Sentence, ...] = ()
    subitems: tuple[Item, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """項. `title` is the number as printed, empty for the first and for unnumbered old style."""

    number: str
    title: str = ""
    caption: str = ""
    sentences: tuple[Sentence, ...] = ()
    items: tuple[Item, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One amendment: the amending instrument's number as printed (昭六〇規則五九) and what it did (一部改正)."""

    law_number: str
    kind_of_change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentNote:
    """A note on an article's history, e.g. （昭六〇規則五九・一部改正）, taken out of the text.

    `changes` is what the note tells, one for each amending instrument; empty where it is in no known form.
    """

    raw: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """条. `number` is "10-2", or a range "3:4" for 第三条及び第四条 削除; `caption` is the 見出し."""

    number: str
    title: str
    caption: str = ""
    paragraphs: tuple[Paragraph, ...] = ()
    amendments: tuple[AmendmentNote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """編章節款目 with its heading as printed and what stands under it."""

    level: DivisionLevel
    title: str
    children: tuple[Division | Article | Paragraph, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementaryProvision:
    """One 附則. `amend_law_number` is the number of the amending instrument, empty for the enactment's.

    `heading` is the whole line as printed, `promulgation_date` the date in it.
    """

    label: str = "附則"
    amend_law_number: str = ""
    heading: str = ""
    promulgation_date: dt.date | None = None
    children: tuple[Division | Article | Paragraph, ...] = ()
    tables: tuple[Table, ...] = ()
    amendments: tuple[AmendmentNote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendedTable:
    """別表: a table or lines of text, with the articles it belongs to as printed (第五条関係)."""

    title: str
    related_articles: str = ""
    tables: tuple[Table, ...] = ()
    children: tuple[Paragraph, ...] = ()
    amendments: tuple[AmendmentNote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendedForm:
    """様式. `unread` says that the source holds it only as an image or a linked file."""

    title: str
    text: str = ""
    unread: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordinance:
    """One revision of one instrument (条例, 規則, 告示, 訓令, 規程, 要綱; also a national law)."""

    title: str
    law_number: str = ""
    kind: Kind = Kind.UNKNOWN
    issuing_body: str = ""
    promulgation_date: dt.date | None = None
    promulgation_date_raw: str = ""
    enforcement_date: dt.date | None = None
    source_id: str = ""
    amendments: tuple[AmendmentNote, ...] = ()  # those that stand before any article, as （題名改正…）
    preamble: tuple[Paragraph, ...] = ()
    main: tuple[Division | Article | Paragraph, ...] = ()
    supplementary: tuple[SupplementaryProvision, ...] = ()
    tables: tuple[AppendedTable, ...] = ()
    forms: tuple[AppendedForm, ...] = ()


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """Something odd about a source, beside a usable result. `message` is Japanese, for a person.

    `ref` is an address and `line` a line of the source from 1; empty and 0 where it is about the whole file.
    """

    code: str
    message: str
    ref: str = ""
    severity: Severity = Severity.WARNING
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedOrdinance:
    """What a reader makes of one file: the tree, the format it was held in, and what was odd.

    `furniture` is text of the source that is knowingly kept out of the tree (目次, 公布文, 沿革, title and number
    as printed); `unaccounted` the share of the body, 0 to 1, that is neither in the tree nor there.
    """

    ordinance: Ordinance
    format: str
    diagnostics: tuple[Diagnostic, ...] = field(default=())
    furniture: tuple[str, ...] = ()
    unaccounted: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """The unit of judgement: one paragraph with its items, or one table.

    `text` is the paragraph's sentences, then its items one a line: number, U+3000, text, with one
    leading U+3000 for each level below 号.
    """

    ref: ProvisionRef
    caption: str
    text: str

    @property
    def text_hash(self) -> str:
        """SHA-256 (hex) of the text as `normalise_for_identity` folds it: same hash, same provision."""
        return hashlib.sha256(normalise_for_identity(self.text).encode()).hexdigest()


def provisions(ordinance: Ordinance) -> list[Provision]:
    """Every provision of the instrument in document order: 前文, 本則, 附則, 別表.

    Tables inside a paragraph follow that paragraph as provisions of their own.
    """
    return list(each_provision(ordinance))


def each_provision(ordinance: Ordinance) -> Iterator[Provision]:
    """As `provisions`, one at a time."""
    for number, paragraph in enumerate(ordinance.preamble, 1):
        # 前文 has no number in any source; its paragraphs are counted.
        ref = ProvisionRef(label="前文", paragraph=str(number) if len(ordinance.preamble) > 1 else "")
        yield from _of_paragraph(paragraph, ref, caption="")
    yield from _of_part(ordinance.main, ProvisionRef())
    for ordinal, part in enumerate(ordinance.supplementary):
        label = f"{part.label}（{part.amend_law_number}）" if part.amend_law_number else part.label
        ref = ProvisionRef(section=Section.SUPPLEMENTARY, ordinal=ordinal, label=label)
        yield from _of_part(part.children, ref)
        yield from _of_tables(part.tables, ref)
    for ordinal, table in enumerate(ordinance.tables):
        ref = ProvisionRef(section=Section.TABLE, ordinal=ordinal, label=table.title)
        texts = [text for paragraph in table.children if (text := paragraph_text(paragraph))]
        texts += [inner.text for inner in table.tables if inner.text]
        if texts:
            yield Provision(ref=ref, caption=table.related_articles, text="\n".join(texts))


Children = Sequence[Division | Article | Paragraph]


def has_sole_paragraph(part: Article | Children) -> bool:
    """Whether an article, or a part without any, is one 項 printed without a number, which citations leave out."""
    units = part.paragraphs if isinstance(part, Article) else tuple(islice(_units(part), 2))
    return len(units) == 1 and isinstance(units[0], Paragraph) and (units[0].number, units[0].title) == ("1", "")


def _units(children: Children) -> Iterator[Article | Paragraph]:
    for child in children:
        if isinstance(child, Division):
            yield from _units(child.children)
        else:
            yield child


def _of_part(children: Children, ref: ProvisionRef) -> Iterator[Provision]:
    outside = replace(ref, is_sole_paragraph=has_sole_paragraph(children))
    for unit in _units(children):
        if isinstance(unit, Article):
            here = replace(ref, article=unit.number, is_sole_paragraph=has_sole_paragraph(unit))
            for paragraph in unit.paragraphs:
                yield from _of_paragraph(paragraph, here, caption=unit.caption)
        else:
            yield from _of_paragraph(unit, outside, caption="")


def _of_paragraph(paragraph: Paragraph, ref: ProvisionRef, *, caption: str) -> Iterator[Provision]:
    here = replace(ref, paragraph=ref.paragraph or paragraph.number)
    text = paragraph_text(paragraph)
    if text:
        yield Provision(ref=here, caption=paragraph.caption or caption, text=text)
    yield from _of_tables(_tables_within(paragraph), here, caption=paragraph.caption or caption)


def _of_tables(tables: tuple[Table, ...], ref: ProvisionRef, *, caption: str = "") -> Iterator[Provision]:
    for ordinal, table in enumerate(tables):
        if not table.text:
            continue
        block = "表" if len(tables) == 1 else f"表{to_kanji(ordinal + 1)}"
        here = replace(ref, section=Section.TABLE, block=block)
        yield Provision(ref=here, caption=caption, text=table.text)


def _tables_within(paragraph: Paragraph) -> tuple[Table, ...]:
    def below(items: tuple[Item, ...]) -> Iterator[Table]:
        for item in items:
            yield from item.tables
            yield from below(item.subitems)

    return (*paragraph.tables, *below(paragraph.items))


def paragraph_text(paragraph: Paragraph) -> str:
    """Sentences, then items one a line; see `Provision.text`."""
    lines = ["".join(sentence.text for sentence in paragraph.sentences)]
    lines += _item_lines(paragraph.items, depth=0)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _item_lines(items: tuple[Item, ...], *, depth: int) -> Iterator[str]:
    for item in items:
        text = "".join(sentence.text for sentence in item.sentences)
        yield "　" * depth + (f"{item.title}　{text}" if item.title else text)
        yield from _item_lines(item.subitems, depth=depth + 1)


def article_label(article: Article) -> str:
    """第十条の二 （見出し） for lists and headings."""
    return f"{article.title or format_article(article.number)}{article.caption}"
