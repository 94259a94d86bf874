"""From a flat run of lines to the tree: for formats in which 項 and 号 are siblings of their 条.

A reader says what each line is; the builder knows what is open and where the line belongs. The depth
of a list line follows from its numbering style: a new style opens a level below, one that is
already open closes whatever is below it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace

from regulations.numerals import parse_era_date
from regulations.sources.headings import issuing_body_of, kind_of
from regulations.sources.history import amendment_note
from regulations.sources.labels import Label, Style, kana_number, roman_number
from regulations.sources.sentences import sentences_of
from regulations.structure import (
    AmendmentNote,
    AppendedForm,
    AppendedTable,
    Article,
    Division,
    DivisionLevel,
    Item,
    Ordinance,
    Paragraph,
    SupplementaryProvision,
    Table,
)

# ［別紙参照］, （略）, <画像>: what stands in the place of a form that the source does not hold
_ELSEWHERE = re.compile(
    r"[（(〔［\[＜<【]?\s*(?:別[紙添記](?:参照|のとおり|省略)?|略|省略|画像|図)\s*[）)〕］\]＞>】]?", re.IGNORECASE
)
_ROMAN_LETTERS = frozenset("ivxｉｖｘ")
_ORDER = {level: depth for depth, level in enumerate(DivisionLevel)}


@dataclass(slots=True)
class _Item:
    number: str
    title: str
    style: Style | None
    kana: str = ""
    pieces: list[str] = field(default_factory=list)
    subitems: list[_Item] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    def frozen(self) -> Item:
        return Item(
            number=self.number,
            title=self.title,
            sentences=sentences_of("".join(self.pieces)),
            subitems=tuple(item.frozen() for item in self.subitems),
            tables=tuple(self.tables),
        )


@dataclass(slots=True)
class _Paragraph:
    number: str
    title: str = ""
    caption: str = ""
    pieces: list[str] = field(default_factory=list)
    items: list[_Item] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    def frozen(self) -> Paragraph:
        return Paragraph(
            number=self.number,
            title=self.title,
            caption=self.caption,
            sentences=sentences_of("".join(self.pieces)),
            items=tuple(item.frozen() for item in self.items),
            tables=tuple(self.tables),
        )


@dataclass(slots=True)
class _Article:
    number: str
    title: str
    caption: str
    paragraphs: list[_Paragraph] = field(default_factory=list)
    notes: list[AmendmentNote] = field(default_factory=list)

    def frozen(self) -> Article:
        return Article(
            number=self.number,
            title=self.title,
            caption=self.caption,
            paragraphs=tuple(paragraph.frozen() for paragraph in self.paragraphs),
            amendments=tuple(self.notes),
        )


@dataclass(slots=True)
class _Division:
    level: DivisionLevel
    title: str
    children: list[_Division | _Article | _Paragraph] = field(default_factory=list)

    def frozen(self) -> Division:
        return Division(level=self.level, title=self.title, children=_frozen(self.children))


def _frozen(children: list[_Division | _Article | _Paragraph]) -> tuple[Division | Article | Paragraph, ...]:
    return tuple(child.frozen() for child in children)


@dataclass(slots=True)
class _Part:
    """本則, one 附則 or one 別表: whatever holds articles, paragraphs and tables."""

    label: str = ""
    detail: str = ""
    children: list[_Division | _Article | _Paragraph] = field(default_factory=list)
    notes: list[AmendmentNote] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    heading: str = ""


class TreeBuilder:
    """Collects lines in document order; `preamble`, `main`, … give what came of them."""

    def __init__(self) -> None:
        self._main = _Part()
        self._supplementary: list[_Part] = []
        self._appended: list[_Part] = []
        self._forms: list[AppendedForm] = []
        self._part, self._caption = self._main, ""
        self._open(self._main)

    def _open(self, part: _Part) -> None:
        self._flush_caption()
        self._part = part
        self._divisions: list[_Division] = []
        self._article: _Article | None = None
        self._paragraph: _Paragraph | None = None
        self._items: list[_Item] = []
        self._count, self._last_article = 0, ""

    # What is open, for readers that must decide what a line is

    @property
    def has_body(self) -> bool:
        """Whether anything of 本則 has been read."""
        return bool(self._main.children or self._supplementary)

    @property
    def in_supplementary(self) -> bool:
        return bool(self._supplementary) and self._part is self._supplementary[-1]

    @property
    def in_appended(self) -> bool:
        return bool(self._appended) and self._part is self._appended[-1]

    @property
    def in_article(self) -> bool:
        return self._article is not None

    @property
    def last_article(self) -> str:
        """Number of the article opened last in this part, be it in a chapter before; empty where there is none."""
        return self._last_article

    @property
    def is_paragraph_empty(self) -> bool:
        """Whether the open 条 or 項 still waits for its text (第一条 alone on a line)."""
        return (self._article is not None and self._paragraph is None) or (
            self._paragraph is not None and not self._paragraph.pieces and not self._paragraph.items
        )

    @property
    def last_paragraph_number(self) -> str:
        return self._paragraph.number if self._paragraph else ""

    @property
    def has_items(self) -> bool:
        return bool(self._items)

    @property
    def last_text(self) -> str:
        """Text of the line read last, to tell a wrapped line from a new one."""
        owner = self._items[-1] if self._items else self._paragraph
        return owner.pieces[-1] if owner and owner.pieces else ""

    def continues_list(self, label: Label) -> bool:
        """Whether `label` is the next number of a list that is open."""
        for item in reversed(self._items):
            if item.style is label.style:
                if item.kana:
                    following = kana_number(label.number, previous=item.kana)
                    return item.number.isdigit() and following == str(int(item.number) + 1)
                return label.number.isdigit() and item.number.isdigit() and int(label.number) == int(item.number) + 1
        return False

    # Lines

    def caption(self, text: str) -> None:
        """A caption for the article or paragraph that comes next."""
        self._flush_caption()
        self._caption = text

    def caption_of_open_article(self, text: str) -> None:
        if self._article:
            self._article.caption = text

    def division(self, level: DivisionLevel, title: str) -> None:
        self._flush_caption()
        while self._divisions and _ORDER[self._divisions[-1].level] >= _ORDER[level]:
            self._divisions.pop()
        division = _Division(level, title)
        self._children().append(division)
        self._divisions.append(division)
        self._article = self._paragraph = None
        self._items, self._count = [], 0

    def article(self, number: str, title: str, *, caption: str = "") -> None:
        self._article = _Article(number, title, caption or self._taken_caption())
        self._last_article = number
        self._children().append(self._article)
        self._paragraph = None
        self._items, self._count = [], 0

    def paragraph(self, text: str = "", *, number: str = "", title: str = "") -> None:
        """A 項 of the open article, or of the part itself; without a number it is counted."""
        self._add_paragraph(_Paragraph(number, title, pieces=[text] if text else []))

    def item(self, label: Label) -> None:
        """A 号 or deeper."""
        label = self._told_from_latin(label)
        depth = next((n for n, item in enumerate(self._items) if item.style is label.style), len(self._items))
        previous = self._items[depth] if depth < len(self._items) else None
        del self._items[depth:]
        number, kana = label.number, ""
        if label.style in {Style.KATAKANA, Style.PAREN_KATAKANA}:
            kana, dash, branch = label.number.partition("-")
            number = kana_number(kana, previous=previous.kana if previous else "") + dash + branch
        self._add_item(_Item(number, label.printed, label.style, kana, [label.rest] if label.rest else []))

    def _told_from_latin(self, label: Label) -> Label:
        """（ｉ） as a roman number where it opens a list or goes on with one, and as the letter after （ｈ） else."""
        letter = label.printed.strip("（）() ")
        if label.style is not Style.PAREN_LATIN or letter not in _ROMAN_LETTERS:
            return label
        open_styles = {item.style for item in self._items}
        opens = letter in "iｉ" and Style.PAREN_LATIN not in open_styles
        if not opens and Style.PAREN_ROMAN not in open_styles:
            return label
        return replace(label, style=Style.PAREN_ROMAN, number=roman_number(letter))

    def unnumbered_item(self, text: str) -> None:
        """A line of a list that has no number: counted, and shown as it is."""
        while self._items and self._items[-1].style is None:
            self._items.pop()
        self._add_item(_Item("", "", None, pieces=[text]))

    def _add_item(self, item: _Item) -> None:
        siblings = self._items[-1].subitems if self._items else self._open_paragraph().items
        item.number = item.number or str(len(siblings) + 1)
        siblings.append(item)
        self._items.append(item)

    def continuation(self, text: str) -> None:
        """More text of the open line, joined to it without a gap."""
        owner: _Item | _Paragraph | None = self._items[-1] if self._items else self._paragraph
        (owner or self._open_paragraph()).pieces.append(text)

    def table(self, table: Table) -> None:
        """A table of the open line; in a 別表, of the 別表 itself."""
        if self.in_appended:
            self._part.tables.append(table)
        elif self._items:
            self._items[-1].tables.append(table)
        elif self.in_supplementary and not self._article and not self._paragraph:
            self._part.tables.append(table)
        else:
            self._open_paragraph().tables.append(table)

    def note(self, raw: str) -> None:
        """A note on the history; it belongs to the article that is open, else to the part."""
        self._flush_caption()
        (self._article.notes if self._article else self._part.notes).append(amendment_note(raw))

    def supplementary(self, amend_law_number: str = "", *, heading: str = "") -> None:
        """A further 附則; `heading` is its line as printed."""
        self._supplementary.append(_Part("附則", amend_law_number, heading=heading))
        self._open(self._supplementary[-1])

    def appended_table(self, title: str, related: str = "") -> None:
        self._appended.append(_Part(title, related))
        self._open(self._appended[-1])

    def form(self, title: str, *, text: str = "") -> None:
        self._forms.append(AppendedForm(title=title, text=text, unread=not text or bool(_ELSEWHERE.fullmatch(text))))

    # Results; `close` first

    def close(self) -> None:
        """After the last line."""
        self._flush_caption()

    def notes(self) -> tuple[AmendmentNote, ...]:
        """Notes of 本則 that stand outside its articles."""
        return tuple(self._main.notes)

    def preamble(self) -> tuple[Paragraph, ...]:
        """What stands before the first 条 or 章 without a number: 前文 and 制定文.

        An instrument without any 条 has no such part; there the same lines are its 項.
        """
        before = self._main.children[: self._preamble_length()]
        return tuple(replace(child.frozen(), number="") for child in before if isinstance(child, _Paragraph))

    def main(self) -> tuple[Division | Article | Paragraph, ...]:
        return _frozen(self._main.children[self._preamble_length() :])

    def _preamble_length(self) -> int:
        for index, child in enumerate(self._main.children):
            if isinstance(child, (_Article, _Division)):
                return index
            if child.title:
                break
        return 0

    def supplementary_provisions(self) -> tuple[SupplementaryProvision, ...]:
        return tuple(
            SupplementaryProvision(
                label=part.label,
                amend_law_number=part.detail,
                heading=part.heading,
                promulgation_date=parse_era_date(part.detail),
                children=_frozen(part.children),
                tables=tuple(part.tables),
                amendments=tuple(part.notes),
            )
            for part in self._supplementary
        )

    def appended_tables(self) -> tuple[AppendedTable, ...]:
        return tuple(
            AppendedTable(
                title=part.label,
                related_articles=part.detail,
                tables=tuple(part.tables),
                children=tuple(paragraph.frozen() for paragraph in _paragraphs_of(part.children)),
                amendments=tuple(part.notes),
            )
            for part in self._appended
        )

    def forms(self) -> tuple[AppendedForm, ...]:
        return tuple(self._forms)

    def _open_paragraph(self) -> _Paragraph:
        """The open 項, or a new one for what comes without any."""
        return self._paragraph or self._add_paragraph(_Paragraph(""))

    def _add_paragraph(self, paragraph: _Paragraph) -> _Paragraph:
        self._count += 1
        paragraph.number = paragraph.number or str(self._count)
        paragraph.caption = self._taken_caption()
        if self._article:
            self._article.paragraphs.append(paragraph)
        else:
            self._children().append(paragraph)
        self._paragraph, self._items = paragraph, []
        return paragraph

    def _children(self) -> list[_Division | _Article | _Paragraph]:
        return self._divisions[-1].children if self._divisions else self._part.children

    def _taken_caption(self) -> str:
        caption, self._caption = self._caption, ""
        return caption

    def _flush_caption(self) -> None:
        """A bracketed line that nothing took for its caption was a note: （令和三年規則第六号で、…から施行）."""
        if caption := self._taken_caption():
            self.note(caption)


def _paragraphs_of(children: list[_Division | _Article | _Paragraph]) -> list[_Paragraph]:
    """Every paragraph of a 別表, which has no place for divisions or articles of its own."""
    found: list[_Paragraph] = []
    for child in children:
        if isinstance(child, _Paragraph):
            found.append(child)
        elif isinstance(child, _Article):
            found += child.paragraphs
        else:
            found.append(_Paragraph("", pieces=[child.title]))
            found += _paragraphs_of(child.children)
    return found


def ordinance_of(
    builder: TreeBuilder,
    *,
    title: str,
    number: str,
    date: str,
    text: str,
    enforcement_date: dt.date | None = None,
    source_id: str = "",
) -> Ordinance:
    """The instrument that `builder` has collected, under the head that its reader found.

    `number` and `date` are as printed; the head of a body that `text` names most tells whose rule it is.
    """
    builder.close()
    kind = kind_of(number, title)
    return Ordinance(
        title=title,
        law_number=number,
        kind=kind,
        issuing_body=issuing_body_of(number, kind, text),
        promulgation_date=parse_era_date(date),
        promulgation_date_raw=date,
        enforcement_date=enforcement_date,
        source_id=source_id,
        amendments=builder.notes(),
        preamble=builder.preamble(),
        main=builder.main(),
        supplementary=builder.supplementary_provisions(),
        tables=builder.appended_tables(),
        forms=builder.forms(),
    )
