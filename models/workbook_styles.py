"""What our workbooks share: the secrecy class, the cell formats, writing text safely, and the print set-up."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from regulations.numerals import format_era_date

SECRECY_CLASS = "機密性2"
JAPAN = dt.timezone(dt.timedelta(hours=9), "JST")

_CELL = 32_767  # characters that Excel takes in a cell; a 別表 may be longer
_A3, _A4 = 8, 9  # Excel's numbers for the paper
_FONT = "Yu Gothic"


def new_workbook(out: io.BytesIO, *, title: str, classification: str, made_at: dt.datetime) -> Workbook:
    """A workbook in which every text is a string, so that none becomes a formula. `made_at` is aware."""
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title, "comments": classification, "created": made_at.replace(tzinfo=None)})
    return book


def made_note(classification: str, made_at: dt.datetime) -> str:
    """機密性2　令和8年4月1日現在."""
    return f"{classification}　{format_era_date(made_at.astimezone(JAPAN).date())}現在"


class Styles:
    """Cell formats of one workbook."""

    def __init__(self, book: Workbook) -> None:
        bordered = {"border": 1, "border_color": "#cccccc"}
        blue = {"bg_color": "#0017c1", "font_color": "#ffffff"}
        heading = {"bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", **bordered}
        self.title = _style(book, bold=True, font_size=14)
        self.note = _style(book, font_color="#4d4d4d")
        self.header = _style(book, **heading, **blue)
        self.text = _style(book, text_wrap=True, **bordered)
        self.number = _style(book, num_format="#,##0", **bordered)
        self.total = _style(book, bold=True, num_format="#,##0", bg_color="#f2f2f2", **bordered)
        self.total_label = _style(book, bold=True, bg_color="#f2f2f2", **bordered)
        # Where people write: a heading and a ground of its own, and open under the sheet's protection.
        open_cell = {"text_wrap": True, "locked": False, "num_format": "@", **bordered}
        self.answer_header = _style(book, bg_color="#115a36", font_color="#ffffff", **heading)
        self.answer = _style(book, bg_color="#e6f5ec", **open_cell)
        self.plan_header = _style(book, bg_color="#6e5600", font_color="#ffffff", **heading)
        self.plan = _style(book, bg_color="#fbf5e0", **open_cell)
        self.evidence = _style(book, bold=True, underline=True, font_color="#0017c1")
        self.plain = _style(book)
        self.paragraph = _style(book, text_wrap=True)
        self.fault = book.add_format({"bg_color": "#ffc9c9", "font_color": "#ce0000"})


def _style(book: Workbook, **properties: Any) -> Format:
    return book.add_format({"font_name": _FONT, "font_size": 10, "valign": "top", **properties})


def write_heading(sheet: Worksheet, styles: Styles, *, title: str, note: str) -> None:
    sheet.write_string(0, 0, title, styles.title)
    sheet.write_string(1, 0, note, styles.note)


def fitting(text: str) -> str:
    """A text as a cell can hold it, cut visibly where it is longer."""
    return text if len(text) <= _CELL else f"{text[: _CELL - 1]}…"


def write(sheet: Worksheet, line: int, place: int, value: str | int, style: Format) -> None:
    if isinstance(value, int):
        sheet.write_number(line, place, value, style)
    elif not value:
        sheet.write_blank(line, place, None, style)
    else:
        sheet.write_string(line, place, fitting(value), style)


def set_up_print(sheet: Worksheet, classification: str, *, pages_wide: int = 1, is_text: bool = False) -> None:
    """A3 landscape, or A4 upright for a page of text, with the class above and the page number below."""
    if is_text:
        sheet.set_portrait()
    else:
        sheet.set_landscape()
    sheet.set_paper(_A4 if is_text else _A3)
    sheet.fit_to_pages(pages_wide, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    sheet.set_header(f"&R{classification}")
    sheet.set_footer("&C&P / &N")
