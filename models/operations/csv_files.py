"""Reading the tables that people make in Excel, CSV and XLSX: encodings, headings, dates in either calendar."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from regulations.numerals import parse_era_date
from regulations.sources.archives import expanded_size
from regulations.sources.base import UnreadableSource


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvLine:
    """One line by field name, trimmed; `row` as Excel numbers it (the heading is 1)."""

    row: int
    values: Mapping[str, str]


def read_lines(
    data: bytes, *, columns: Mapping[str, Sequence[str]], required: Sequence[str]
) -> tuple[list[CsvLine], list[str]]:
    """Lines of a CSV or XLSX file and Japanese errors. `columns` gives the headings that a field may stand under.

    The headings are looked for in the first rows, since people put a title above them; of a workbook
    the first sheet that has them is read. A file that cannot be read at all, or lacks a required
    column, gives no lines and one error.
    """
    try:
        tables = _sheets(data) if data.startswith(b"PK") else [_csv_rows(data)]
    except _UnreadableTable as error:
        return [], [str(error)]
    missing: list[str] = []
    for table in tables:
        for top, cells in enumerate(table[:_HEADING_ROWS]):
            headings = [_heading(cell) for cell in cells]
            places = {
                field: next((headings.index(name) for name in names if name in headings), None)
                for field, names in columns.items()
            }
            absent = [columns[field][-1] for field in required if places[field] is None]
            if not absent:
                return list(_lines(table, top, places)), []
            missing = absent if not missing or len(absent) < len(missing) else missing
    names = missing or [columns[field][-1] for field in required]
    return [], [f"1行目: 見出しに「{'」「'.join(names)}」がありません。列の見出しを確認してください。"]


_HEADING_ROWS = 10


class _UnreadableTable(Exception):
    """The message is Japanese."""


def _heading(cell: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", cell))


def _lines(table: Sequence[Sequence[str]], top: int, places: Mapping[str, int | None]) -> Iterator[CsvLine]:
    for row, cells in enumerate(table[top + 1 :], top + 2):
        if any(cell.strip() for cell in cells):
            values = {
                field: cells[place].strip() if place is not None and place < len(cells) else ""
                for field, place in places.items()
            }
            yield CsvLine(row=row, values=values)


def _csv_rows(data: bytes) -> list[list[str]]:
    try:
        text = _decoded(data)
    except UnicodeDecodeError as error:
        raise _UnreadableTable(
            "1行目: 文字コードを読み取れません。UTF-8 又は Shift_JIS（Excel の CSV）で保存してください。"
        ) from error
    try:
        return list(csv.reader(io.StringIO(text.replace("\0", ""), newline=""), strict=True))
    except csv.Error as error:
        raise _UnreadableTable('1行目: CSV として読めません。引用符（"）が閉じているか確認してください。') from error


_MOST_EXPANDED = 256 * 2**20
_MOST_ROWS = 200_000  # a sheet that is formatted to its end has a million rows and nothing in them


def _sheets(data: bytes) -> list[list[list[str]]]:
    """Rows of each sheet, cells as the text that stands in them."""
    import openpyxl  # here, because it takes half a second that a CSV file need not pay

    try:
        if expanded_size(data) > _MOST_EXPANDED:
            raise _UnreadableTable("Excel のファイルが大きすぎます。例規の目録だけのファイルにしてください。")
        workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = []
        for sheet in workbook.worksheets:
            sheet.reset_dimensions()  # what the file says of its own size is not to be trusted
            rows = islice(sheet.iter_rows(values_only=True), _MOST_ROWS)
            sheets.append([[_cell_text(value) for value in row] for row in rows])
        return sheets
    except _UnreadableTable:
        raise
    except UnreadableSource as error:
        raise _UnreadableTable(f"1行目: {error.message}") from error
    except Exception as error:
        raise _UnreadableTable("1行目: Excel のファイルとして読めません。xlsx 形式で保存し直してください。") from error


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\0", "")


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
