"""PDF with a horizontal text layer.

The layer knows characters and where they stand; lines, wrapped lines and page furniture are found by
position. Vertical text, pictures of pages and encrypted files are refused, each with what to do instead.
Known failures: two columns of text run into each other, and a table is known as one only where its cells are
set apart by at least the width of a character.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from regulations.sources.base import Source, UnreadableSource
from regulations.sources.documents import broken_document, parsed_document, table_line
from regulations.sources.labels import (
    appended_head,
    article_head,
    close_up_label,
    division_level,
    is_bracketed,
    item_label,
    supplementary_head,
    touching_head,
)
from regulations.structure import Diagnostic, ParsedOrdinance

_FEW = 20  # characters a page below which a page is a picture with, at most, a stamp on it
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffd\ue000-\uf8ff\ufffe\uffff]")
_DASHES = r"[-－―‐–—ー・\s　]*"
_PAGE_NUMBER = re.compile(rf"{_DASHES}[0-9０-９]{{1,4}}(?:\s*[/／]\s*[0-9０-９]{{1,4}})?{_DASHES}(?:ページ|頁)?")
_DIGITS = re.compile(r"[0-9０-９一二三四五六七八九十]+")
_RUBY = 0.65  # size of ruby to that of the text
_GAP = 0.7  # of a character's size
_INDENT = 0.35  # share of the width beyond which a line is centred or set right, and never wrapped


class PdfReader:
    """Reader of PDF."""

    name = "pdf"

    def recognises(self, source: Source) -> bool:
        return b"%PDF-" in source.data[:1024]

    def read(self, source: Source) -> ParsedOrdinance:
        with _opened(source) as document:
            pages = [list(_characters(document, index)) for index in range(len(document))]
        _refuse_unreadable(pages)
        size = median(found.size for page in pages for found in page)
        ruby = ["".join(found.text for found in page if found.size < size * _RUBY) for page in pages]
        texts = [_lines([found for found in page if found.size >= size * _RUBY], size) for page in pages]
        kept, furniture = _without_furniture(texts)
        return parsed_document(
            source,
            list(_joined(kept, size)),
            format_name=self.name,
            furniture=[*furniture, *ruby],
            diagnostics=[_CAUTION],
        )

    def body(self, source: Source) -> str:
        """The engine's own idea of the text."""
        with _opened(source) as document:
            return "\n".join(document[index].get_textpage().get_text_range() for index in range(len(document)))


_CAUTION = Diagnostic(
    code="read_from_pdf",
    message="PDFの文字の位置から条文を組み立てました。表と改行の位置は原本で確かめてください。",
)


@dataclass(frozen=True, slots=True)
class _Character:
    """A character, its extent from left to right, its origin on the base line and its size, in points."""

    text: str
    left: float
    right: float
    x: float
    base: float
    size: float


@dataclass(frozen=True, slots=True)
class _Cell:
    """A stretch of a line without a wide gap in it."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class _Line:
    cells: tuple[_Cell, ...]
    base: float

    @property
    def text(self) -> str:
        return "　".join(cell.text for cell in self.cells)

    @property
    def left(self) -> float:
        return self.cells[0].left

    @property
    def right(self) -> float:
        return self.cells[-1].right


@contextmanager
def _opened(source: Source) -> Iterator[Any]:
    import pypdfium2  # type: ignore[import-untyped]  # here, because other formats need not load a PDF engine

    try:
        document = pypdfium2.PdfDocument(source.data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableSource(
                "encrypted_pdf",
                "パスワードで保護されたPDFのため読み込めません。パスワードを外して保存し直してください。",
            ) from error
        raise broken_document("PDF") from error
    try:
        if len(document) > source.limits.max_pages:
            raise UnreadableSource(
                "too_many_pages",
                f"PDFのページが多すぎます（{len(document):,}ページ。上限は{source.limits.max_pages:,}ページ）。"
                "例規1件ごとのファイルに分けてください。",
            )
        yield document
    except pypdfium2.PdfiumError as error:
        raise broken_document("PDF") from error
    finally:
        document.close()


def _characters(document: Any, index: int) -> Iterator[_Character]:
    """Characters of a page in the order of the file, without the white space that the engine makes up."""
    import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

    page = document[index]
    text_page = page.get_textpage()
    box, matrix, x, y = pdfium.FS_RECTF(), pdfium.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
    try:
        for at in range(text_page.count_chars()):
            code = pdfium.FPDFText_GetUnicode(text_page, at)
            if code < 0x20 or pdfium.FPDFText_IsGenerated(text_page, at) or chr(code).isspace():
                continue
            pdfium.FPDFText_GetLooseCharBox(text_page, at, box)
            pdfium.FPDFText_GetCharOrigin(text_page, at, x, y)
            pdfium.FPDFText_GetMatrix(text_page, at, matrix)
            # Not the height of the box, which for 一 may be that of the stroke.
            size = pdfium.FPDFText_GetFontSize(text_page, at) * math.hypot(matrix.c, matrix.d)
            yield _Character(chr(code), box.left, box.right, x.value, y.value, size)
    finally:
        text_page.close()
        page.close()


def _refuse_unreadable(pages: Sequence[Sequence[_Character]]) -> None:
    count = sum(len(page) for page in pages)
    if count < _FEW * min(len(pages), 3):
        raise UnreadableSource(
            "image_only_pdf",
            "文字情報のないPDF（紙を読み取った画像など）のため読み込めません。"
            "元のWord文書などを取り込むか、文字認識（OCR）を行い、内容を確かめてから取り込んでください。",
        )
    if sum(bool(_UNREADABLE.match(found.text)) for page in pages for found in page) > count / 50:
        raise UnreadableSource(
            "unreadable_pdf",
            "PDFの文字情報が壊れているため読み込めません（画面では読めても、文字として取り出せません）。"
            "元のWord文書などを取り込んでください。",
        )
    if _is_vertical(pages):
        raise UnreadableSource(
            "vertical_pdf",
            "縦書きのPDFは、文字の順序を正しく取り出せないため読み込みません。"
            "元のWord文書か、横書きで保存し直したものを取り込んでください。",
        )


def _is_vertical(pages: Sequence[Sequence[_Character]]) -> bool:
    """Whether most characters stand below the one before instead of right of it."""
    down = right = 0
    for page in pages:
        for before, after in pairwise(page):
            across, below, size = after.x - before.x, before.base - after.base, before.size
            if abs(across) < size / 2 and size / 3 < below < size * 2:
                down += 1
            elif abs(below) < size / 2 and 0 < across < size * 2:
                right += 1
    return down > right


def _lines(page: Sequence[_Character], size: float) -> list[_Line]:
    """Lines of a page from the top, each from the left."""
    rows: list[list[_Character]] = []
    for found in sorted(page, key=lambda character: -character.base):
        if rows and rows[-1][0].base - found.base < size / 2:
            rows[-1].append(found)
        else:
            rows.append([found])
    return [_line(sorted(row, key=lambda character: character.left)) for row in rows]


def _line(row: Sequence[_Character]) -> _Line:
    """A gap of about a character ends a cell: after a number, or between the columns of a table."""
    cells: list[list[_Character]] = [[row[0]]]
    for before, after in pairwise(row):
        if after.left - before.right > min(before.size, after.size) * _GAP:
            cells.append([])
        cells[-1].append(after)
    return _Line(tuple(_cell(cell) for cell in cells), row[0].base)


def _cell(row: Sequence[_Character]) -> _Cell:
    text = row[0].text
    for before, after in pairwise(row):
        is_word_space = before.text.isascii() and after.text.isascii() and after.left - before.right > before.size / 5
        text += f" {after.text}" if is_word_space else after.text
    # A character beyond the first plane comes as two halves.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _Cell(whole, row[0].left, row[-1].right)


def _without_furniture(pages: Sequence[Sequence[_Line]]) -> tuple[list[list[_Line]], list[str]]:
    """Pages without page numbers and without the lines that stand at one place at the edge of most pages; and those."""
    edges = Counter(key for page in pages for key in {_edge_key(line) for line in [*page[:2], *page[-2:]]})
    # 様式第一号, 様式第二号, … at the head of each page are no running title.
    repeated = {key for key, count in edges.items() if count > max(len(pages) / 2, 1) and not _opens(key[0])}
    kept, furniture = [], []
    for number, page in enumerate(pages, 1):
        dropped = {id(line) for line in [*page[:2], *page[-2:]] if _edge_key(line) in repeated} | {
            id(line) for line in [*page[:1], *page[-1:]] if _is_page_number(line.text, number)
        }
        furniture += [line.text for line in page if id(line) in dropped]
        kept.append([line for line in page if id(line) not in dropped])
    return kept, furniture


def _edge_key(line: _Line) -> tuple[str, int]:
    return _DIGITS.sub("1", line.text), round(line.base)


def _is_page_number(text: str, number: int) -> bool:
    if not _PAGE_NUMBER.fullmatch(text):
        return False
    # A bare numeral might be the last cell of a table: it must at least be near the page's own number.
    return not text.isdecimal() or abs(int(text) - number) <= 2


def _joined(pages: Sequence[Sequence[_Line]], size: float) -> Iterator[str]:
    """Lines as they were before they were wrapped at the margin, across pages too; rows of tables as such."""
    lines = [line for page in pages for line in page]
    if not lines:
        return
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    rows = _table_rows(lines)
    text = ""
    for index, line in enumerate(lines):
        if index in rows:
            if text:
                yield text
            yield table_line([cell.text for cell in line.cells])
            text = ""
            continue
        before = lines[index - 1]
        # A closing mark may hang over the margin, and a word may have been pushed to the next line.
        reaches_margin = right - before.right < size * 1.6
        set_apart = max(before.left, line.left) > left + (right - left) * _INDENT
        if text and reaches_margin and not set_apart and not (text.endswith("。") and _opens(line.text)):
            text += line.text
        else:
            if text:
                yield text
            text = line.text
    if text:
        yield text


def _table_rows(lines: Sequence[_Line]) -> frozenset[int]:
    """Indices of neighbouring lines whose cells stand below each other, which numbered lines are not asked for."""
    found: set[int] = set()
    for index, (before, after) in enumerate(pairwise(lines)):
        if (
            1 < len(before.cells) == len(after.cells)
            and not (_opens(before.text) or _opens(after.text))
            and all(a.left < b.right and b.left < a.right for a, b in zip(before.cells, after.cells, strict=True))
        ):
            found |= {index, index + 1}
    return frozenset(found)


def _opens(text: str) -> bool:
    """Whether a line after a full stop begins something new."""
    return bool(
        article_head(text)
        or touching_head(text)
        or item_label(text)
        or close_up_label(text)
        or is_bracketed(text)
        or division_level(text)
        or appended_head(text)
        or supplementary_head(text) is not None
    )
