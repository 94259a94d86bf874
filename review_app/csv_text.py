"""Tables as CSV for Excel: UTF-8 with BOM, and no cell that a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

Cell = str | int


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The file line by line, so that a long one need not stand in memory."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    out.write("\ufeff")
    writer.writerow(headings)
    yield _taken(out)
    for row in rows:
        writer.writerow([_neutral(cell) for cell in row])
        yield _taken(out)


def _taken(out: io.StringIO) -> bytes:
    line = out.getvalue().encode()
    out.seek(0)
    out.truncate()
    return line


def _neutral(cell: Cell) -> Cell:
    """An apostrophe in front marks a text as text, as spreadsheets do it themselves."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
