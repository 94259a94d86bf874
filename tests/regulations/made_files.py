"""The shipped sample texts as files of formats of which no real file may be kept, or was at hand: Word, OpenDocument
and PDF as a division would have typed them, and the pages of two publishers.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from html import escape
from itertools import accumulate, groupby, zip_longest
from pathlib import Path

import docx
import odfdo

from regulations.sources.decoding import decode
from regulations.sources.reading import read_source
from regulations.structure import Article, Division, Item, Paragraph, paragraph_text
from regulations.taxonomy import DATA
from tests.regulations import test_d1_law
from tests.regulations.pdf_files import LEADING, LEFT, SIZE, TOP, Run, pdf, wrapped

TEXTS = sorted((DATA / "sample_ordinances").glob("*.txt"))
_LINES_A_PAGE = 34


def docx_of(text: str) -> bytes:
    made = docx.Document()
    for block in _blocks(text):
        if isinstance(block, str):
            made.add_paragraph(block)
            continue
        table = made.add_table(rows=len(block), cols=max(map(len, block)))
        for row, cells in enumerate(block):
            for column, cell in enumerate(cells):
                table.cell(row, column).text = cell
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def odt_of(text: str) -> bytes:
    made = odfdo.Document("text")
    made.body.clear()
    for block in _blocks(text):
        if isinstance(block, str):
            made.body.append(odfdo.Paragraph(block))
            continue
        table = odfdo.Table("表", width=max(map(len, block)), height=len(block))
        table.set_values(block)
        made.body.append(table)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def pdf_of(text: str) -> bytes:
    """Lines cut at the margin, so many a page, with the number of the page below."""
    rows: list[list[tuple[float, str]]] = []
    for block in _blocks(text):
        for line in wrapped(block) if isinstance(block, str) else ():
            shown = line.lstrip("　")
            rows.append([(LEFT + SIZE * (len(line) - len(shown)), shown)])
        if isinstance(block, str):
            continue
        widest = [max(map(len, cells)) + 2 for cells in zip_longest(*block, fillvalue="")]
        lefts = list(accumulate(widest, initial=0))
        rows += [[(LEFT + SIZE * lefts[column], cell) for column, cell in enumerate(cells)] for cells in block]
    pages = []
    for number, start in enumerate(range(0, len(rows), _LINES_A_PAGE), 1):
        runs = [
            Run(shown, x, TOP - LEADING * at)
            for at, row in enumerate(rows[start : start + _LINES_A_PAGE])
            for x, shown in row
        ]
        pages.append([*runs, Run(f"- {number} -", 280, 30)])
    return pdf(*pages)


def legal_crud_of(text: str) -> bytes:
    title, date, *_ = text.splitlines()
    rest = "\n".join(text.splitlines()[2:])
    body = "".join(
        f"<p>{escape(block.strip())}</p>" if isinstance(block, str) else _html_table(block) for block in _blocks(rest)
    )
    return (
        f'<html><body><div class="mainTitle">{title}</div><div class="date">{date}</div>'
        f'<div class="contentWrap">{body}</div></body></html>'
    ).encode()


def web_page_of(text: str) -> bytes:
    """A page of the nineties: tags that are never closed, the whole set in a table, a way back at its end."""
    body = "".join(f"<P>{escape(block)}\n" if isinstance(block, str) else _html_table(block) for block in _blocks(text))
    page = f'<TABLE><TR><TD><A HREF="a.html">目次</A><TD>{body}</TABLE><HR><A HREF="index.html">戻る</A>'
    return f"<HTML><TITLE>例規</TITLE><BODY>{page}".encode("cp932", errors="xmlcharrefreplace")


def d1_law_of(text: str) -> bytes:
    """A page whose addresses come from the tree of the text. It has no 目次, and tables as tables."""
    parsed = read_source("text", text.encode())
    title, date, *_ = text.splitlines()
    lines = [("h:zA10:::0::1:", title), ("h:zB10:::0::1:", date)]
    lines += _d1_children(parsed.ordinance.preamble, "h")
    lines += _d1_children(parsed.ordinance.main, "h")
    for part in parsed.ordinance.supplementary:
        code = "kO10:H5079" if part.amend_law_number else "sO10:"
        amended = f"（{part.amend_law_number}）" if part.amend_law_number else ""
        lines += [(f"h:{code}::0::1:", f"<b>附　則</b>{amended}"), *_d1_children(part.children, "k")]
    for appended in parsed.ordinance.tables:
        lines.append(("h:bP10:::0::1:", appended.title + appended.related_articles))
        lines += [("h:bP20:::0::1:", escape(line)) for each in appended.children for line in _lines_of(each)]
        lines += [("h:bP20:::0::1:", _html_table(table.rows)) for table in appended.tables]
    return test_d1_law.page(*lines)


def _d1_children(children: Iterable[Division | Article | Paragraph], part: str) -> Iterator[tuple[str, str]]:
    for child in children:
        if isinstance(child, Division):
            yield f"h:{part}C10:::0::1:", child.title
            yield from _d1_children(child.children, part)
        elif isinstance(child, Article):
            here = ".".join([*child.number.split("-"), "0", "0", "0"][:4])
            if child.caption:
                yield test_d1_law.place(f"{part}L10", here), child.caption
            head = f"<b>{child.title}</b>　"
            for paragraph in child.paragraphs:
                yield from _d1_paragraph(paragraph, f"{part}L20", here, head)
                head = ""
        else:
            if child.caption:
                yield f"h:{part}L10:::0::1:", child.caption
            yield from _d1_paragraph(child, f"{part}L20", "0.0.0.0", "")


def _d1_paragraph(paragraph: Paragraph, code: str, article: str, head: str) -> Iterator[tuple[str, str]]:
    number = "0.0" if head else f"{paragraph.number or 0}.0"
    printed = head or (f"{paragraph.title}　" if paragraph.title else "")
    text, *_ = _lines_of(paragraph)
    yield test_d1_law.place(code, article, number), printed + escape(text)
    for item in paragraph.items:
        at = ".".join([*item.number.split("-"), "0", "0"][:3])
        for levels, below in _with_levels(item, ()):
            deeper = "-".join([*levels, "0", "0", "0", "0"][:4])
            yield test_d1_law.place(code, article, number, at, deeper), _printed(below)
    for table in paragraph.tables:
        yield test_d1_law.place(code, article, number), _html_table(table.rows)


def _with_levels(item: Item, levels: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Item]]:
    """The item and all below it, with the numbers that lead to each from the 号 on."""
    yield levels, item
    for number, below in enumerate(item.subitems, 1):
        yield from _with_levels(below, (*levels, str(number)))


def _lines_of(paragraph: Paragraph) -> list[str]:
    return paragraph_text(paragraph).split("\n")


def _printed(item: Item) -> str:
    return escape(f"{item.title}　{''.join(sentence.text for sentence in item.sentences)}".strip())


def _html_table(rows: Iterable[Iterable[str]]) -> str:
    shown = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{shown}</table>"


MAKERS: dict[str, Callable[[str], bytes]] = {
    "docx": docx_of,
    "odt": odt_of,
    "pdf": pdf_of,
    "d1_law_html": d1_law_of,
    "legal_crud_html": legal_crud_of,
    "web_page_html": web_page_of,
}


def files_of(name: str) -> Iterator[tuple[Path, bytes]]:
    """Each sample text and the file of the format `name` that is made of it."""
    for path in TEXTS:
        yield path, MAKERS[name](decode(path.read_bytes()).text)


def _blocks(text: str) -> Iterator[str | list[list[str]]]:
    """Lines, and tables as rows of cells: lines with tabs."""
    for is_row, lines in groupby(text.splitlines(), key=lambda line: "\t" in line):
        if is_row:
            yield [line.split("\t") for line in lines]
        else:
            yield from lines
