"""Filling in the answer workbook as people do: with another program, cell by cell."""

from __future__ import annotations

import io

from openpyxl import load_workbook

HEADINGS, FIRST = 3, 4
"""Rows of the headings and of the first candidate, as Excel counts them."""


class FilledIn:
    """An answer workbook opened for writing."""

    def __init__(self, data: bytes) -> None:
        self.book = load_workbook(io.BytesIO(data))
        self.sheet = self.book["回答"]

    def place(self, heading: str) -> int:
        return [cell.value for cell in self.sheet[HEADINGS]].index(heading) + 1

    def fill(self, row: int, **cells: object) -> FilledIn:
        """Write cells of a row, given by their headings."""
        for heading, value in cells.items():
            self.sheet.cell(row, self.place(heading)).value = value  # None empties it
        return self

    def value(self, row: int, heading: str) -> object:
        return self.sheet.cell(row, self.place(heading)).value

    def row_of(self, heading: str, value: str) -> int:
        """The row in which a column has this value."""
        rows = range(FIRST, self.sheet.max_row + 1)
        return next(row for row in rows if self.value(row, heading) == value)

    def saved(self) -> bytes:
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()
