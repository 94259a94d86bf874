"""Reading the CSV files that people make in Excel: encodings, headings in either language, dates in either calendar."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regulations.numerals import parse_era_date


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvLine:
    """One line by field name, trimmed; `row` as Excel numbers it (the heading is 1)."""

    row: int
    values: Mapping[str, str]


def read_lines(
    data: bytes, *, columns: Mapping[str, Sequence[str]], required: Sequence[str]
) -> tuple[list[CsvLine], list[str]]:
    """Lines of a CSV file and Japanese errors. `columns` gives the headings that a field may stand under.

    A file that cannot be read at all, or lacks a required column, gives no lines and one error.
    """
    try:
        text = _decoded(data)
    except UnicodeDecodeError:
        return [], ["1行目: 文字コードを読み取れません。UTF-8 又は Shift_JIS（Excel の CSV）で保存してください。"]
    try:
        table = list(csv.reader(io.StringIO(text.replace("\0", ""), newline=""), strict=True))
    except csv.Error:
        return [], ['1行目: CSV として読めません。引用符（"）が閉じているか確認してください。']
    headings = [heading.strip() for heading in table[0]] if table else []
    places = {
        field: next((headings.index(name) for name in names if name in headings), None)
        for field, names in columns.items()
    }
    missing = [columns[field][-1] for field in required if places[field] is None]
    if missing:
        return [], [f"1行目: 見出しに「{'」「'.join(missing)}」がありません。列の見出しを確認してください。"]
    lines = []
    for row, cells in enumerate(table[1:], 2):
        if any(cell.strip() for cell in cells):
            values = {
                field: cells[place].strip() if place is not None and place < len(cells) else ""
                for field, place in places.items()
            }
            lines.append(CsvLine(row=row, values=values))
    return lines, []


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp932")


_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


def cell_date(line: CsvLine, field: str, label: str, errors: list[str]) -> dt.date | None:
    """A date such as 2026-03-31, 2026/3/31 or 令和8年3月31日; None where empty, or unreadable and so an error."""
    text = line.values[field]
    if not text:
        return None
    found = parse_era_date(text)
    if found is None and (match := _DATE.fullmatch(text)):
        try:
            found = dt.date(*map(int, match.groups()))
        except ValueError:
            found = None
    if found is None:
        errors.append(
            f"{line.row}行目「{label}」: 「{text}」は読めません。"
            "日付（例: 2026-03-31、令和8年3月31日）で入力してください。"
        )
    return found
