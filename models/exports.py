"""The roadmap as a workbook and as CSV, in the columns of `roadmap_columns.yaml`."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum

from xlsxwriter.worksheet import Worksheet

from models.queries.roadmap import RoadmapRow
from models.workbook_styles import SECRECY_CLASS, Styles, made_note, new_workbook, set_up_print, write, write_heading
from regulations.labels import category_label, label, phase_label, type_label
from regulations.numerals import format_fiscal_year
from regulations.roadmap import load_columns
from regulations.taxonomy import load_taxonomy

_SHOWN: Mapping[str, Callable[[RoadmapRow], str]] = {
    "category": lambda row: category_label(row.category),
    "regulation_type": lambda row: type_label(row.category, row.regulation_type),
    "current_phase": lambda row: phase_label(row.category, row.current_phase),
    "target_phase": lambda row: phase_label(row.category, row.target_phase) if row.target_phase else "",
    "original_year": lambda row: format_fiscal_year(row.original_year) if row.original_year else "",
    "revised_year": lambda row: format_fiscal_year(row.revised_year) if row.revised_year else "",
}


def _shown(row: RoadmapRow, field: str) -> str | int:
    """What a column shows: enumerations by their words, years as 令和8年度, None as an empty cell."""
    if field in _SHOWN:
        return _SHOWN[field](row)
    value = getattr(row, field)
    if isinstance(value, StrEnum):
        return label(value)
    return "" if value is None else value


def roadmap_csv(rows: Iterable[RoadmapRow]) -> bytes:
    """UTF-8 with BOM, for Excel. Raises AttributeError on a column that `RoadmapRow` does not know."""
    columns = load_columns()
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.label for column in columns])
    for row in rows:
        writer.writerow([_neutral(_shown(row, column.field)) for column in columns])
    return out.getvalue().encode("utf-8-sig")


def _neutral(value: str | int) -> str | int:
    """Text that a spreadsheet would take for a formula, with an apostrophe in front, as it marks text itself."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def roadmap_workbook(
    rows: Sequence[RoadmapRow], *, title: str, classification: str = SECRECY_CLASS, made_at: dt.datetime
) -> bytes:
    """An xlsx workbook: the sheet 工程表, and the sheet 集計 with totals by category and PHASE and by division.

    Every text is written as a string, so that none becomes a formula. `made_at` is aware.
    """
    out = io.BytesIO()
    book = new_workbook(out, title=title, classification=classification, made_at=made_at)
    note = made_note(classification, made_at)
    styles = Styles(book)
    _write_rows(book.add_worksheet("工程表"), styles, rows, title=title, note=note)
    _write_totals(book.add_worksheet("集計"), styles, rows, title=f"{title}　集計", note=note)
    for sheet in book.worksheets():
        set_up_print(sheet, classification)
    book.close()
    return out.getvalue()


_HEADER_ROW = 2


def _write_rows(sheet: Worksheet, styles: Styles, rows: Sequence[RoadmapRow], *, title: str, note: str) -> None:
    columns = load_columns()
    write_heading(sheet, styles, title=title, note=note)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(_HEADER_ROW, place, column.label, styles.header)
    sheet.set_row(_HEADER_ROW, 32)
    for line, row in enumerate(rows, _HEADER_ROW + 1):
        for place, column in enumerate(columns):
            value = _shown(row, column.field)
            write(sheet, line, place, value, styles.number if isinstance(value, int) else styles.text)
    last = _HEADER_ROW + len(rows)
    sheet.autofilter(_HEADER_ROW, 0, last, len(columns) - 1)
    sheet.freeze_panes(_HEADER_ROW + 1, 1)
    sheet.repeat_rows(_HEADER_ROW)


def _write_totals(sheet: Worksheet, styles: Styles, rows: Sequence[RoadmapRow], *, title: str, note: str) -> None:
    write_heading(sheet, styles, title=title, note=note)
    phases = (1, 2, 3)
    by_category = Counter((row.category, row.current_phase) for row in rows)
    known = [category.id for category in load_taxonomy().values() if category.enabled]
    listed = [*known, *sorted({row.category for row in rows} - set(known))]
    line = _write_table(
        sheet,
        styles,
        line=_HEADER_ROW,
        headings=["規制区分", *(f"PHASE {phase}" for phase in phases), "計"],
        body=[(category_label(category), [by_category[category, phase] for phase in phases]) for category in listed],
    )
    planned = Counter((row.bureau, row.division) for row in rows if row.policy is not None)
    by_division = Counter((row.bureau, row.division) for row in rows)
    _write_table(
        sheet,
        styles,
        line=line + 2,
        headings=["所管課", "要否・方向性 記入済", "未記入", "計"],
        body=[
            (f"{bureau}　{division}".strip("　") or "所管課未定", [planned[key], count - planned[key]])
            for key, count in by_division.items()
            for bureau, division in [key]
        ],
    )
    sheet.set_column(0, 0, 36)
    sheet.set_column(1, 4, 16)


def _write_table(
    sheet: Worksheet, styles: Styles, *, line: int, headings: Sequence[str], body: Sequence[tuple[str, Sequence[int]]]
) -> int:
    """A table of counts with a sum a line and a sum a column; returns the line of the last."""
    for place, heading in enumerate(headings):
        sheet.write_string(line, place, heading, styles.header)
    for name, counts in body:
        line += 1
        sheet.write_string(line, 0, name, styles.text)
        for place, count in enumerate([*counts, sum(counts)], 1):
            sheet.write_number(line, place, count, styles.number)
    line += 1
    sheet.write_string(line, 0, "計", styles.total_label)
    width = len(headings) - 2
    sums = [sum(counts[place] for _, counts in body) for place in range(width)]
    for place, total in enumerate([*sums, sum(sums)], 1):
        sheet.write_number(line, place, total, styles.total)
    return line
