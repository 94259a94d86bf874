"""進捗: how far each division has come, for the coordinator."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from models import queries
from models.queries import ProgressRow
from regulations.review import Actor
from regulations.taxonomy import categories
from review_app import labels_ja as ja
from review_app.components.rounds import today
from review_app.components.status import counts
from review_app.components.tables import TableRow, table_html
from review_app.database import reading
from review_app.labels_ja import lists
from review_app.presenters import rate, thousands


def show(actor: Actor) -> None:
    with reading() as session:
        rows = queries.progress_by_division(session, actor=actor, on=today())
        totals = queries.headline_totals(session)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.html(f"<h1>{ja.PROGRESS}</h1>", width="content")
        st.html(
            f'<div class="mi-downloads"><a class="mi-button" href="/download/roadmap.xlsx" download target="_self">'
            f'{ja.ROADMAP}を{ja.DOWNLOAD_WORKBOOK}</a><a class="mi-button" href="/download/roadmap.csv" download '
            f'target="_self">{ja.DOWNLOAD_CSV}</a></div>',
            width="content",
        )
    if not rows:
        st.html(f'<div class="mi-empty"><h2>{ja.PROGRESS_EMPTY}</h2><p>{ja.PROGRESS_EMPTY_NEXT}</p></div>')
        return
    headline: dict[str, int | str] = {
        "例規": totals.instruments,
        "条項": totals.provisions,
        "候補": totals.candidates,
        ja.ANSWERED: totals.decided,
        "回答率": rate(totals.decided, totals.candidates),
    }
    headline |= {known.label: totals.by_category.get(known.id, 0) for known in categories()}
    outside = ja.outside_totals(totals.outside_instruments, totals.outside_candidates)
    st.html(f'{counts(headline)}<p class="mi-keys">{outside}{ja.CATEGORY_COUNTS}</p>')
    order = st.segmented_control(
        ja.PROGRESS_ORDER, [ja.BY_BACKLOG, ja.BY_ORGANISATION], default=ja.BY_BACKLOG, required=True,
        key="progress_order", persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    shown, idle = (by_backlog(rows), idle_divisions(rows)) if order == ja.BY_BACKLOG else (rows, [])
    st.html(table_html(ja.PROGRESS_COLUMNS, map(_row, shown), total=total_row(rows)))
    if idle:
        names = "、".join(escape(row.division) for row in idle)
        st.html(f'<details class="mi-fold"><summary>{lists.idle(len(idle))}</summary><p>{names}</p></details>')


def by_backlog(rows: Iterable[ProgressRow]) -> list[ProgressRow]:
    """Nobody's instruments first, then who has answered the smallest share of the most; without who has nothing."""

    def key(row: ProgressRow) -> tuple[bool, bool, float, int]:
        answered = row.decided / row.candidates if row.candidates else 1.0
        return row.division_id is not None, row.candidates == 0, answered, -row.candidates

    return sorted((row for row in rows if not is_idle(row)), key=key)


def is_idle(row: ProgressRow) -> bool:
    """Whether the division has neither instruments nor candidates."""
    return not row.instruments and not row.candidates


def idle_divisions(rows: Iterable[ProgressRow]) -> list[ProgressRow]:
    return [row for row in rows if is_idle(row)]


def _row(row: ProgressRow) -> TableRow:
    is_unowned = row.division_id is None
    names = (row.bureau, row.office, ja.UNOWNED if is_unowned else row.division)
    return TableRow(cells=(*names, *_figures([row])), is_alert=is_unowned or (row.candidates > 0 and row.decided == 0))


def total_row(rows: Iterable[ProgressRow]) -> TableRow:
    return TableRow(cells=(ja.TOTAL, "", "", *_figures(list(rows))))


def _figures(rows: list[ProgressRow]) -> tuple[int | str, ...]:
    def total(field: str) -> int:
        return sum(getattr(row, field) for row in rows)

    return (
        *(total(field) for field in ("instruments", "candidates", "decided")),
        rate(total("decided"), total("candidates")),
        *(total(field) for field in ("applicable", "not_applicable", "undecided", "recheck", "pending")),
        f"{thousands(total('roadmap_done'))}／{thousands(total('roadmap'))}",
    )
