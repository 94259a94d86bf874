"""取込状況: what was read, what could not be, and the instruments nobody answers for."""

from __future__ import annotations

import datetime as dt
from html import escape

import streamlit as st

from models import queries
from models.operations.assign_owner import assign_owner
from models.queries import DivisionChoice, UnownedRow
from regulations.review import Actor, may_assign_owner
from review_app import labels_ja as ja
from review_app.components.tables import TableRow, table_html
from review_app.database import reading, writing
from review_app.presenters import japanese_time
from review_app.session_state import leave, take

RUNS, FILES, UNOWNED = 5, 50, 10


def show(actor: Actor) -> None:
    with reading() as session:
        runs = queries.ingest_runs(session, limit=RUNS)
        files = queries.ingest_files(session, limit=FILES)
        unowned = queries.unowned_instruments(session, limit=UNOWNED)
        divisions = queries.divisions(session)
    st.html(f"<h1>{ja.IMPORTS}</h1>")
    if not runs:
        st.html(f'<div class="mi-empty"><h2>{ja.NO_RUNS}</h2><p>{ja.NO_RUNS_NEXT}</p></div>')
    else:
        st.html(
            table_html(
                ja.RUN_COLUMNS,
                (
                    TableRow(
                        cells=(
                            japanese_time(run.started_at),
                            japanese_time(run.finished_at) or ja.RUNNING,
                            run.source,
                            run.created,
                            run.changed,
                            run.unchanged,
                            run.quarantined,
                        ),
                        is_alert=run.quarantined > 0,
                    )
                    for run in runs
                ),
            )
        )
    st.html(f"<h2>{ja.QUARANTINE}</h2>")
    if files:
        rows = (
            TableRow(cells=(japanese_time(file.started_at), file.name, file.reason), is_alert=True) for file in files
        )
        st.html(table_html(ja.QUARANTINE_COLUMNS, rows))
    else:
        st.html(f"<p>{ja.NO_QUARANTINE}</p>")
    st.html(f"<h2>{ja.WITHOUT_OWNER}</h2>")
    if message := take("assigned"):
        st.html(f'<p class="mi-done" role="status">{escape(message)}</p>')
    if not unowned:
        st.html(f"<p>{ja.ALL_OWNED}</p>")
    for row in unowned:
        _unowned(actor, row, divisions)


def _unowned(actor: Actor, row: UnownedRow, divisions: list[DivisionChoice]) -> None:
    stated = f"（{ja.STATED_OWNER}: {escape(row.owner_as_stated)}）" if row.owner_as_stated else ""
    name = f'<p class="mi-queue-line">{escape(row.title)}{stated}<br><small>{escape(row.law_number)}</small></p>'
    if not may_assign_owner(actor):
        st.html(name)
        return
    what, to, button = st.columns([6, 4, 1.4], vertical_alignment="bottom")
    what.html(name)
    chosen = to.selectbox(
        ja.CHOOSE_DIVISION, divisions, index=None, key=f"owner_{row.instrument_id}", placeholder=ja.CHOOSE_DIVISION,
        format_func=lambda choice: "　".join(filter(None, (choice.bureau, choice.office, choice.division))),
        label_visibility="collapsed",
    )  # fmt: skip
    button.button(
        ja.ASSIGN, key=f"assign_{row.instrument_id}", disabled=chosen is None, width="stretch",
        on_click=_assign, args=(actor, row, chosen),
    )  # fmt: skip


def _assign(actor: Actor, row: UnownedRow, chosen: DivisionChoice) -> None:
    with writing() as session:
        assign_owner(
            session,
            actor=actor,
            instrument_id=row.instrument_id,
            division_id=chosen.division_id,
            now=dt.datetime.now(dt.UTC),
        )
    leave("assigned", ja.assigned(row.title, chosen.division))
