"""The workbook in which a division answers offline, in the columns of `answer_columns.yaml`."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from math import ceil

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from models.queries.answer_rows import AnswerSheetRow, DueInquiry
from models.queries.marks import Mark
from models.workbook_styles import (
    JAPAN,
    SECRECY_CLASS,
    Styles,
    fitting,
    made_note,
    new_workbook,
    set_up_print,
    write,
    write_heading,
)
from regulations.answer_sheet import PLAN_FIELDS, AnswerColumn, AnswerForm, load_answer_form, row_check
from regulations.labels import category_label, label, phase_label, type_label
from regulations.numerals import format_era_date, format_fiscal_year
from regulations.review import Applicability, NonApplicableReason
from regulations.roadmap import REVIEW_YEARS, DelayReason, ReviewPolicy, RoadmapEntry, RoadmapProgress
from regulations.taxonomy import LegalBasis, categories, load_taxonomy

GUIDE, ANSWERS, CHOICES = "手引き", "回答", "選択肢"

_HEADER_ROW = 2
_LINE = 17.0  # points that a line of ten-point type takes
_HIGHEST = 409  # points; Excel draws no row higher
_SPARE = 200
"""Rows below the last for which drop-down lists stand ready, where another division's rows are pasted in."""


def cells(row: AnswerSheetRow) -> dict[str, str | int]:
    """What each column shows of a row, keys and check included: enumerations by their words, None as an empty text."""
    shown: dict[str, str | int] = {
        "number": row.number,
        "title": row.title,
        "address": row.address,
        "caption": row.caption,
        "text": row.text,
        "status": label(row.status),
        "proposal": row.proposal,
        **_decision_cells(row),
        **plan_cells(row.category, row.entry),
        "last_answer": last_answer(row),
        "division": row.division,
        "item_id": row.item_id,
        "decision_id": row.decision_id or "",
        "plan_version": row.plan_version or "",
        "text_hash": row.text_hash,
    }
    return {**shown, "check": row_check({field: str(value) for field, value in shown.items()})}


def _decision_cells(row: AnswerSheetRow) -> dict[str, str]:
    given = row.answer if row.is_answered else None
    return {
        "applicability": label(given.applicability) if given else "",
        "reason_code": label(given.reason_code) if given and given.reason_code else "",
        "note": row.answer.note if row.answer else "",
        "category": category_label(row.category),
        "regulation_type": type_label(row.category, row.regulation_type),
        "phase": phase_label(row.category, row.phase),
        "basis": label(row.basis),
    }


def plan_cells(category: str, entry: RoadmapEntry | None) -> dict[str, str]:
    """The plan's columns in words; all empty where there is no plan."""
    if entry is None:
        return {}
    return {
        "policy": label(entry.policy) if entry.policy else "",
        "target_phase": phase_label(category, entry.target_phase) if entry.target_phase else "",
        "original_year": format_fiscal_year(entry.original_year) if entry.original_year else "",
        "revised_year": format_fiscal_year(entry.revised_year) if entry.revised_year else "",
        "delay_reason": label(entry.delay_reason) if entry.delay_reason else "",
        "progress": label(entry.progress),
        "plan_note": entry.note,
    }


def last_answer(row: AnswerSheetRow) -> str:
    """非該当（罰則）　佐藤 花子　令和8年4月1日; empty where nobody has answered."""
    if row.answer is None:
        return ""
    because = f"（{label(row.answer.reason_code)}）" if row.answer.reason_code else ""
    on = format_era_date(row.answer.decided_at.astimezone(JAPAN).date())
    return f"{label(row.answer.applicability)}{because}　{row.answer.who}　{on}"


def answer_workbook(
    rows: Sequence[AnswerSheetRow],
    *,
    title: str,
    for_whom: str,
    due: Sequence[DueInquiry] = (),
    classification: str = SECRECY_CLASS,
    made_at: dt.datetime,
) -> bytes:
    """An xlsx workbook: 手引き, 回答 with one row a candidate, and the hidden 選択肢 that its lists come from.

    Sheets are protected without a password: against slips, not against anybody. Every text is
    written as a string. `made_at` is aware.
    """
    form = load_answer_form()
    out = io.BytesIO()
    book = new_workbook(out, title=title, classification=classification, made_at=made_at)
    note = made_note(classification, made_at)
    styles = Styles(book)
    guide, answers, choices = (book.add_worksheet(name) for name in (GUIDE, ANSWERS, CHOICES))
    _write_guide(guide, styles, form, title=title, note=note, for_whom=for_whom, count=len(rows), due=due)
    _write_rows(answers, styles, form, rows, title=title, note=note)
    _write_choices(book, choices, styles, _known_categories(rows))
    _add_lists(answers, form, last=_HEADER_ROW + len(rows) + _SPARE)
    _mark_faults(answers, styles, form, last=_HEADER_ROW + len(rows) + _SPARE)
    choices.hide()
    set_up_print(guide, classification, is_text=True)
    set_up_print(answers, classification, pages_wide=2)  # what is asked and answered, and the plan
    for sheet in (guide, answers, choices):
        sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})
    book.close()
    return out.getvalue()


def _known_categories(rows: Iterable[AnswerSheetRow]) -> list[str]:
    """The categories in force, and those switched off since that a row still has."""
    in_force = [category.id for category in categories()]
    return [*in_force, *sorted({row.category for row in rows} - set(in_force))]


def _write_guide(
    sheet: Worksheet,
    styles: Styles,
    form: AnswerForm,
    *,
    title: str,
    note: str,
    for_whom: str,
    count: int,
    due: Sequence[DueInquiry],
) -> None:
    write_heading(sheet, styles, title=title, note=note)
    sheet.set_row(0, 24)
    facts = [("回答する課", for_whom), ("候補", f"{count:,}件")]
    facts += [("照会・期限", f"{inquiry.name}　{format_era_date(inquiry.due_date)}まで") for inquiry in due]
    line = _HEADER_ROW
    for name, words in facts:
        write(sheet, line, 0, name, styles.total_label)
        sheet.merge_range(line, 1, line, 2, "", styles.text)
        write(sheet, line, 1, words, styles.text)
        line += 1
    widths = (22, 14, 90)
    for number, sentence in enumerate(form.guidance, 1):
        line += 1
        sheet.merge_range(line, 0, line, 2, "", styles.paragraph)
        write(sheet, line, 0, f"{number}. {sentence}", styles.paragraph)
        sheet.set_row(line, _height(f"{number}. {sentence}", sum(widths)))
    line += 2
    for place, heading in enumerate(("列", "入力", "意味")):
        write(sheet, line, place, heading, styles.header)
    for column in form.columns:
        if column.hidden:
            continue
        line += 1
        write(sheet, line, 0, column.label, styles.text)
        write(sheet, line, 1, "－" if column.locked else "入力する", _styles_of(column, styles)[1])
        write(sheet, line, 2, column.guide, styles.text)
        sheet.set_row(line, _height(column.guide, widths[2]))
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.hide_gridlines(2)


def _write_rows(
    sheet: Worksheet,
    styles: Styles,
    form: AnswerForm,
    rows: Sequence[AnswerSheetRow],
    *,
    title: str,
    note: str,
) -> None:
    write_heading(sheet, styles, title=title, note=note)
    looks = [_styles_of(column, styles) for column in form.columns]
    for place, column in enumerate(form.columns):
        sheet.set_column(place, place, column.width, None, {"hidden": column.hidden})
        write(sheet, _HEADER_ROW, place, column.label, looks[place][0])
    sheet.set_row(_HEADER_ROW, 44)
    for line, row in enumerate(rows, _HEADER_ROW + 1):
        shown = cells(row)
        for place, column in enumerate(form.columns):
            value = shown.get(column.field, "")
            if column.field == "text":
                _write_law_text(sheet, styles, line, place, row.text, row.evidence)
            else:
                write(sheet, line, place, value, looks[place][1])
        seen = (column for column in form.columns if not column.hidden)
        sheet.set_row(line, max(_height(str(shown.get(column.field, "")), column.width) for column in seen))
    last = _HEADER_ROW + len(rows)
    sheet.autofilter(_HEADER_ROW, 0, max(last, _HEADER_ROW + 1), len(form.columns) - 1)
    fields = [column.field for column in form.columns]
    sheet.freeze_panes(_HEADER_ROW + 1, fields.index("address") + 1)
    sheet.repeat_rows(_HEADER_ROW)
    sheet.repeat_columns(0, fields.index("address"))
    sheet.set_selection(_HEADER_ROW + 1, fields.index("applicability"), _HEADER_ROW + 1, fields.index("applicability"))


def _styles_of(column: AnswerColumn, styles: Styles) -> tuple[Format, Format]:
    """Of the heading and of the cells: the answer and the plan are told apart, and from what is only read."""
    if column.locked:
        return styles.header, styles.text
    is_plan = column.field in PLAN_FIELDS
    return (styles.plan_header, styles.plan) if is_plan else (styles.answer_header, styles.answer)


def _write_law_text(
    sheet: Worksheet, styles: Styles, line: int, place: int, text: str, evidence: Iterable[Mark]
) -> None:
    """The text with the evidence in bold, where the cell holds all of it."""
    pieces: list[object] = []
    end = 0
    for mark in evidence:
        if mark.start < end:
            continue  # within the evidence before
        pieces += [styles.plain, text[end : mark.start]] if mark.start > end else []
        pieces += [styles.evidence, text[mark.start : mark.end]]
        end = mark.end
    pieces += [styles.plain, text[end:]] if text[end:] else []
    if len(pieces) <= 2 or fitting(text) != text:  # a rich text has at least two pieces
        write(sheet, line, place, text, styles.text)
    else:
        sheet.write_rich_string(line, place, *pieces, styles.text)


def _height(text: str, width: int) -> float:
    """Points that a text needs in a column so many characters wide; a kanji is as wide as two."""
    lines = sum(max(1, ceil(_width(part) / max(width - 1, 1))) for part in fitting(text).split("\n"))
    return min(_HIGHEST, lines * _LINE + 4)


def _width(text: str) -> float:
    return sum(1.95 if unicodedata.east_asian_width(character) in "WFA" else 1.05 for character in text)


_LISTS: Mapping[str, Sequence[str]] = {
    "applicability": [label(member) for member in Applicability],
    "reason_code": [label(member) for member in NonApplicableReason],
    "basis": [label(member) for member in LegalBasis],
    "policy": [label(member) for member in ReviewPolicy],
    "original_year": [format_fiscal_year(year) for year in REVIEW_YEARS],
    "revised_year": [format_fiscal_year(year) for year in REVIEW_YEARS],
    "delay_reason": [label(member) for member in DelayReason],
    "progress": [label(member) for member in RoadmapProgress],
}
_BY_CATEGORY: Mapping[str, str] = {"regulation_type": "TYPE", "phase": "PHASE", "target_phase": "PHASE"}
"""Columns whose list depends on the category, with the table of 選択肢 that holds it."""


def _write_choices(book: Workbook, sheet: Worksheet, styles: Styles, known: Sequence[str]) -> None:
    """A column a list, and two tables with a column a category: its name, how many, and the words.

    Lists that depend on the category look it up by its word: a range cannot be named after 「定期検査・点検」.
    """
    lists = {"CATEGORY": [category_label(category) for category in known]}
    lists.update({field.upper(): list(words) for field, words in _LISTS.items()})
    for place, (name, words) in enumerate(lists.items()):
        _write_column(sheet, styles, place, [name, *words])
        column = xl_col_to_name(place)
        book.define_name(f"LIST_{name}", f"='{CHOICES}'!${column}$2:${column}${len(words) + 1}")
    place = len(lists)
    taxonomy = load_taxonomy()
    for table, words_of in (("TYPE", type_label), ("PHASE", phase_label)):
        first, last = xl_col_to_name(place), xl_col_to_name(place + len(known) - 1)
        for category in known:
            numbers = taxonomy[category].types if table == "TYPE" else taxonomy[category].phases
            words = [words_of(category, number) for number in numbers]
            _write_column(sheet, styles, place, [category_label(category), len(words), *words])
            place += 1
        book.define_name(f"{table}_OF", f"='{CHOICES}'!${first}$1:${last}$1")
        book.define_name(f"{table}_COUNT", f"='{CHOICES}'!${first}$2:${last}$2")
        book.define_name(f"{table}_FIRST", f"='{CHOICES}'!${first}$3")


def _write_column(sheet: Worksheet, styles: Styles, place: int, values: Sequence[str | int]) -> None:
    for line, value in enumerate(values):
        write(sheet, line, place, value, styles.plain)


def _add_lists(sheet: Worksheet, form: AnswerForm, *, last: int) -> None:
    for place, column in enumerate(form.columns):
        source = _list_of(column.field, form)
        if source is None:
            continue
        rule = {
            "validate": "list",
            "source": source,
            "error_title": column.label[:32],
            "error_message": "一覧にない値です。右端の▼を押すか、Altと↓で一覧を開き、選んでください。",
        }
        sheet.data_validation(_HEADER_ROW + 1, place, last, place, rule)


def _list_of(field: str, form: AnswerForm) -> str | None:
    """The formula of a column's drop-down list; None for a column of free text."""
    if field in _BY_CATEGORY:
        return f"={_range_of(field, form)}"
    return f"=LIST_{field.upper()}" if field in _LISTS or field == "category" else None


def _range_of(field: str, form: AnswerForm) -> str:
    table = _BY_CATEGORY[field]
    at = f"MATCH({_cell('category', form)},{table}_OF,0)"
    return f"OFFSET({table}_FIRST,0,{at}-1,INDEX({table}_COUNT,1,{at}),1)"


def _cell(field: str, form: AnswerForm) -> str:
    """The cell of a column in the first row, as formulas that Excel carries on to the others name it."""
    place = [column.field for column in form.columns].index(field)
    return f"${xl_col_to_name(place)}{_HEADER_ROW + 2}"


def _mark_faults(sheet: Worksheet, styles: Styles, form: AnswerForm, *, last: int) -> None:
    """What an import would refuse stands red while it is being filled in."""
    applicability, reason = _cell("applicability", form), _cell("reason_code", form)
    refused, other = label(Applicability.NOT_APPLICABLE), label(NonApplicableReason.OTHER)
    rules = {
        "reason_code": (
            f'OR(AND({applicability}="{refused}",{reason}=""),AND({applicability}<>"{refused}",{reason}<>""))'
        ),
        "note": f'AND({applicability}="{refused}",{reason}="{other}",TRIM({_cell("note", form)})="")',
        **{
            field: f'AND({_cell(field, form)}<>"",ISNA(MATCH({_cell(field, form)},{_range_of(field, form)},0)))'
            for field in _BY_CATEGORY
        },
    }
    places = {column.field: place for place, column in enumerate(form.columns)}
    for field, formula in rules.items():
        place = places[field]
        rule = {"type": "formula", "criteria": f"={formula}", "format": styles.fault}
        sheet.conditional_format(_HEADER_ROW + 1, place, last, place, rule)
