"""Reading the workbook in which a division has answered offline, however it was rearranged."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from models.operations.errors import AnswerFault
from regulations.answer_sheet import DECISION_FIELDS, KEY_FIELDS, fold, load_answer_form
from regulations.roadmap import RoadmapFault
from regulations.sources.archives import expanded_size
from regulations.sources.base import UnreadableSource

MOST_BYTES = 20 * 2**20
MOST_ROWS = 20_000
_MOST_EXPANDED = 256 * 2**20
_MOST_SHEETS = 200
_MOST_SCANNED = 200_000  # a sheet that is formatted to its end has a million rows and nothing in them
_MOST_COLUMNS = 200
_HEADING_ROWS = 10
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Excel until 2003, and any workbook with a password


class SheetFault(StrEnum):
    """What is wrong with a file, a sheet, a row or a cell; screens put it into words."""

    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    OLD_EXCEL = "old_excel"
    PASSWORD = "password"  # noqa: S105
    NOT_EXCEL = "not_excel"
    BROKEN = "broken"
    NO_ANSWER_SHEET = "no_answer_sheet"
    MISSING_COLUMNS = "missing_columns"  # value: their headings
    NO_KEY = "no_key"  # filled in, but nothing says for which candidate
    NOT_YOURS = "not_yours"  # another division's candidate, or none at all
    MIXED_UP = "mixed_up"  # cells stand in another row than when the sheet was written
    TWICE = "twice"  # value: where the other answer stands, as in 回答!12
    EMPTY = "empty"
    UNKNOWN_VALUE = "unknown_value"
    NOT_IN_CATEGORY = "not_in_category"  # value: the word, as chosen for another category
    ANSWER_MISSING = "answer_missing"  # other columns were filled in, but not 該非
    NOTE_TOO_LONG = "note_too_long"
    PLAN_NOT_APPLICABLE = "plan_not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    """One row of a sheet by field, numbered as Excel does; `values` lacks the fields of columns that are not there."""

    sheet: str
    row: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetError:
    """A fault and where it is: `column` is the heading, "" for the whole row; the file has no `sheet` and `row` 0."""

    sheet: str = ""
    row: int = 0
    column: str = ""
    fault: SheetFault | AnswerFault | RoadmapFault
    value: str = ""


def read_answer_workbook(data: bytes) -> tuple[tuple[AnswerLine, ...], tuple[SheetError, ...]]:
    """The rows of every sheet that has the answer sheet's headings, wherever its columns stand.

    Other sheets and empty rows are passed over. A file that cannot be read gives no rows and one error.
    """
    try:
        return _read(data)
    except _Unreadable as error:
        return (), (SheetError(fault=error.fault),)


class _Unreadable(Exception):
    def __init__(self, fault: SheetFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def _read(data: bytes) -> tuple[tuple[AnswerLine, ...], tuple[SheetError, ...]]:
    lines: list[AnswerLine] = []
    errors: list[SheetError] = []
    for name, rows in _sheets(data):
        found = _headings(rows)
        if found is None:
            continue
        top, places = found
        if missing := [heading for known, heading in _REQUIRED.items() if known not in places]:
            errors.append(SheetError(sheet=name, row=top, fault=SheetFault.MISSING_COLUMNS, value="」「".join(missing)))
            continue
        for row, texts in rows:
            values = {known: texts[place] if place < len(texts) else "" for known, place in places.items()}
            if row > top and any(values.values()):
                lines.append(AnswerLine(sheet=name, row=row, values=values))
    if not lines and not errors:
        raise _Unreadable(SheetFault.NO_ANSWER_SHEET)
    if len(lines) > MOST_ROWS:
        raise _Unreadable(SheetFault.TOO_MANY_ROWS)
    return tuple(lines), tuple(errors)


_LABELS = {column.field: column.label for column in load_answer_form().columns}
_FIELDS = {fold(heading): name for name, heading in _LABELS.items()}
_REQUIRED = {name: _LABELS[name] for name in (*DECISION_FIELDS, *KEY_FIELDS)}


def _headings(rows: Sequence[tuple[int, Sequence[str]]]) -> tuple[int, dict[str, int]] | None:
    """The row of the headings and the place of each field; None where nothing looks like the answer sheet."""
    for row, texts in rows[:_HEADING_ROWS]:
        places = {_FIELDS[fold(text)]: place for place, text in enumerate(texts) if fold(text) in _FIELDS}
        if "applicability" in places and ("item_id" in places or "category" in places):
            return row, places
    return None


def _sheets(data: bytes) -> Iterator[tuple[str, list[tuple[int, list[str]]]]]:
    """Each sheet's name and its rows that hold anything, by number, cells as the text that stands in them."""
    import openpyxl  # here, because it takes half a second that no other page need pay

    if len(data) > MOST_BYTES:
        raise _Unreadable(SheetFault.TOO_LARGE)
    if data.startswith(_OLE2):
        has_password = "EncryptedPackage".encode("utf-16-le") in data
        raise _Unreadable(SheetFault.PASSWORD if has_password else SheetFault.OLD_EXCEL)
    if not data.startswith(b"PK"):
        raise _Unreadable(SheetFault.NOT_EXCEL)
    try:
        if expanded_size(data) > _MOST_EXPANDED:
            raise _Unreadable(SheetFault.TOO_LARGE)
        workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for sheet in workbook.worksheets[:_MOST_SHEETS]:
            sheet.reset_dimensions()  # what the file says of its own size is not to be trusted
            rows = islice(sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True), _MOST_SCANNED)
            texts = ((number, [_cell_text(value) for value in row]) for number, row in enumerate(rows, 1))
            yield sheet.title, [(number, row) for number, row in texts if any(row)]
    except _Unreadable:
        raise
    except UnreadableSource as error:
        raise _Unreadable(SheetFault.BROKEN) from error
    except Exception as error:
        raise _Unreadable(SheetFault.BROKEN) from error


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\0", "").replace("_x000D_", "").replace("\r\n", "\n").strip()
