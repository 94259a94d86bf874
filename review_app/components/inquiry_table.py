"""The divisions of a round with their figures, as a table on the page and as CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence

from models import queries
from models.operations.audit import record
from models.queries import AnswerFigures, AnswerRow, FrozenRow
from regulations.inquiry import InquiryState
from regulations.labels import label
from regulations.review import Actor
from review_app.components.tables import Cell, TableRow, table_html
from review_app.database import writing
from review_app.labels_ja import inquiries as words


def answers_table(rows: Sequence[AnswerRow | FrozenRow]) -> str:
    """One row a division and their sum at the foot; who is late draws attention, and says so."""
    return table_html(
        words.DIVISION_COLUMNS,
        (TableRow(cells=cells(row), is_alert=_is_late(row)) for row in rows),
        total=TableRow(cells=total_cells(sum((row.figures for row in rows), AnswerFigures()))),
    )


def cells(row: AnswerRow | FrozenRow) -> tuple[Cell, ...]:
    """What one division's row shows."""
    state = label(row.state) + (f"（{words.LATE}）" if _is_late(row) else "")
    return row.bureau, row.office, row.division, state, *_figures(row.figures)


def total_cells(total: AnswerFigures) -> tuple[Cell, ...]:
    return words.TOTAL, "", "", "", *_figures(total)


def answers_csv(rows: Sequence[AnswerRow | FrozenRow]) -> bytes:
    """The same table, UTF-8 with BOM for Excel."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(words.DIVISION_COLUMNS)
    writer.writerows([_neutral(cell) for cell in cells(row)] for row in rows)
    writer.writerow(total_cells(sum((row.figures for row in rows), AnswerFigures())))
    return out.getvalue().encode("utf-8-sig")


def download_answers(actor: Actor, inquiry_id: int, *, today: dt.date) -> bytes:
    """The table as CSV as it stands at the click, and a line in the log that it was taken out."""
    with writing() as session:
        frozen = queries.frozen_totals(session, actor=actor, inquiry_id=inquiry_id)
        rows: Sequence[AnswerRow | FrozenRow] = (
            frozen.rows
            if frozen
            else queries.answers(
                session, actor=actor, today=today, inquiry_id=inquiry_id, inquiry_states=tuple(InquiryState)
            )
        )
        record(
            session,
            actor_id=actor.account_id,
            action="export_inquiry",
            target_type="inquiry",
            target_id=inquiry_id,
            detail={"format": "csv", "rows": len(rows)},
            now=dt.datetime.now(dt.UTC),
        )
    return answers_csv(rows)


def _is_late(row: AnswerRow | FrozenRow) -> bool:
    return isinstance(row, AnswerRow) and row.is_late


def _figures(figures: AnswerFigures) -> tuple[Cell, ...]:
    return (
        figures.candidates,
        figures.pending,
        figures.recheck,
        figures.undecided,
        figures.applicable,
        figures.not_applicable,
        figures.added,
        figures.instruments,
        figures.declared,
    )


def _neutral(cell: Cell) -> Cell:
    """A name that a spreadsheet would take for a formula, marked as text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
