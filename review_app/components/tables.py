"""Plain tables as HTML: they wrap, scale and read aloud where a grid on a canvas does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from review_app.presenters import thousands

Cell = str | int

_FIGURE = re.compile(r"[-－]|[\d,]+(?:\.\d+)?(?:%|／[\d,]+)|\d\.\d{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """Cells in the order of the headings; figures stand right-aligned.

    `is_alert` draws attention to the row, `is_chosen` says that it is the one in use.
    """

    cells: Sequence[Cell]
    is_alert: bool = False
    is_chosen: bool = False


def table_html(headings: Sequence[str], rows: Iterable[TableRow], *, total: TableRow | None = None) -> str:
    """A table with its headings and, at its foot, the totals."""
    rows = list(rows)
    sample = rows[0].cells if rows else ()
    numeric = [_is_figure(cell) for cell in sample] or [False] * len(headings)
    head = "".join(
        f'<th scope="col"{" class=mi-num" if is_number else ""}>{escape(name)}</th>'
        for name, is_number in zip(headings, numeric, strict=True)
    )
    foot = f"<tfoot>{_row(total)}</tfoot>" if total else ""
    return (
        f'<div class="mi-scroll"><table class="mi-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(map(_row, rows))}</tbody>{foot}</table></div>"
    )


def _is_figure(cell: Cell) -> bool:
    return isinstance(cell, int) or _FIGURE.fullmatch(cell) is not None


def _row(row: TableRow) -> str:
    cells = "".join(
        f"<td{' class=mi-num' if _is_figure(cell) else ''}>"
        f"{thousands(cell) if isinstance(cell, int) else escape(cell)}</td>"
        for cell in row.cells
    )
    marked = "mi-alert" if row.is_alert else "mi-chosen" if row.is_chosen else ""
    return f'<tr class="{marked}">{cells}</tr>' if marked else f"<tr>{cells}</tr>"
