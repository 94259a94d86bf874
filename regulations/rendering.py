"""A tree back as text in document order: what a reader has read, for comparison with its source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from regulations.citations import ProvisionRef, Section
from regulations.structure import (
    AmendmentNote,
    Article,
    Division,
    Item,
    Ordinance,
    Paragraph,
    Sentence,
    Table,
)

Children = Sequence[Division | Article | Paragraph]


@dataclass(slots=True)
class Rendering:
    """Pieces of text as printed, each a heading, a number, a sentence or a cell.

    `places` tells where one is: from the piece at that index on, at that address.
    """

    pieces: list[str] = field(default_factory=list)
    places: list[tuple[int, ProvisionRef]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """One piece a line."""
        return "\n".join(piece for piece in self.pieces if piece)

    def place_of(self, index: int) -> str:
        """Address of the article or part in which a piece stands; empty for the head of the instrument."""
        ref = next((ref for start, ref in reversed(self.places) if start <= index), None)
        return str(ref) if ref else ""


def render(ordinance: Ordinance, *, head: bool = True) -> Rendering:
    """Everything printed that the tree holds: titles, captions, numbers, text, tables, forms and notes.

    Without `head`, title, date and number are left out.
    """
    renderer = _Renderer()
    if head:
        renderer.head(ordinance)
    renderer.body(ordinance)
    return renderer.out


class _Renderer:
    def __init__(self) -> None:
        self.out = Rendering()
        self.add = self.out.pieces.append

    def head(self, ordinance: Ordinance) -> None:
        self.add(ordinance.title)
        # A number with a year in it (昭和四十五年法律第百三十七号) is the whole line; the date is then from elsewhere.
        if "年" not in ordinance.law_number:
            self.add(ordinance.promulgation_date_raw)
        self.add(ordinance.law_number)

    def body(self, ordinance: Ordinance) -> None:
        self.notes(ordinance.amendments)
        for paragraph in ordinance.preamble:
            self.paragraph(paragraph)
        self.children(ordinance.main, ProvisionRef())
        for ordinal, part in enumerate(ordinance.supplementary):
            ref = ProvisionRef(section=Section.SUPPLEMENTARY, ordinal=ordinal, label=part.label)
            self.place(ref)
            self.add(part.heading or part.label)
            self.children(part.children, ref)
            self.tables(part.tables)
            self.notes(part.amendments)
        for ordinal, table in enumerate(ordinance.tables):
            self.place(ProvisionRef(section=Section.TABLE, ordinal=ordinal, label=table.title))
            self.add(table.title)
            self.add(table.related_articles)
            for paragraph in table.children:
                self.paragraph(paragraph)
            self.tables(table.tables)
            self.notes(table.amendments)
        for form in ordinance.forms:
            self.place(ProvisionRef(section=Section.TABLE, label=form.title))
            self.add(form.title)
            self.add(form.text)

    def place(self, ref: ProvisionRef) -> None:
        self.out.places.append((len(self.out.pieces), ref))

    def children(self, children: Children, ref: ProvisionRef) -> None:
        for child in children:
            if isinstance(child, Article):
                self.article(child, ref)
            elif isinstance(child, Division):
                self.add(child.title)
                self.children(child.children, ref)
            else:
                self.paragraph(child)

    def article(self, article: Article, ref: ProvisionRef) -> None:
        self.place(ProvisionRef(section=ref.section, ordinal=ref.ordinal, label=ref.label, article=article.number))
        self.add(article.caption)
        self.add(article.title)
        for paragraph in article.paragraphs:
            self.paragraph(paragraph)
        self.notes(article.amendments)

    def paragraph(self, paragraph: Paragraph) -> None:
        self.add(paragraph.caption)
        self.add(paragraph.title)
        self.sentences(paragraph.sentences)
        for item in paragraph.items:
            self.item(item)
        self.tables(paragraph.tables)

    def item(self, item: Item) -> None:
        self.add(item.title)
        self.sentences(item.sentences)
        for subitem in item.subitems:
            self.item(subitem)
        self.tables(item.tables)

    def sentences(self, sentences: Sequence[Sentence]) -> None:
        for sentence in sentences:
            self.out.pieces += sentence.columns

    def tables(self, tables: Sequence[Table]) -> None:
        for table in tables:
            self.add(table.title)
            self.out.pieces += _cells(table)

    def notes(self, notes: Sequence[AmendmentNote]) -> None:
        self.out.pieces += (note.raw for note in notes)


def _cells(table: Table) -> Iterator[str]:
    for row in table.rows:
        yield from row
