"""取込状況: what was read, what could not be, and the instruments nobody answers for."""

from __future__ import annotations

import datetime as dt
import os
from html import escape

import streamlit as st

from models import queries
from models.database import minaoshi_home
from models.operations.assign_owner import assign_owner
from models.operations.import_catalog import import_catalog, read_catalog
from models.queries import DivisionChoice, UnownedRow
from regulations.corrections import read_corrections
from regulations.review import Actor, may_assign_owner
from review_app import labels_ja as ja
from review_app.components.file_import import chosen_file, list_html, put_away, rehearsal
from review_app.components.pager import page_number, pager
from review_app.components.rounds import today
from review_app.components.tables import TableRow, table_html
from review_app.database import reading, writing
from review_app.labels_ja import administration as words
from review_app.presenters import japanese_time
from review_app.session_state import leave, take

RUNS, FILES, UNOWNED = 5, 50, 10
PAGE = "unowned_page"


def show(actor: Actor) -> None:
    with reading() as session:
        runs = queries.ingest_runs(session, limit=RUNS)
        files = queries.ingest_files(session, limit=FILES)
        total = queries.unowned_total(session)
        offset = page_number(PAGE, total=total, size=UNOWNED) * UNOWNED
        unowned = queries.unowned_instruments(session, limit=UNOWNED, offset=offset)
        divisions = queries.divisions(session, on=today())
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
    _corrections()
    _catalog(actor)
    st.html(f"<h2>{ja.WITHOUT_OWNER}</h2>")
    if message := take("assigned"):
        st.html(f'<p class="mi-done" role="status">{escape(message)}</p>')
    if not unowned:
        st.html(f"<p>{ja.ALL_OWNED}</p>")
    for row in unowned:
        _unowned(actor, row, divisions)
    pager(PAGE, total=total, size=UNOWNED)


def _corrections() -> None:
    """Corrections that ingest will not use, and why; nothing where all are fine."""
    folder = minaoshi_home(os.environ) / "corrections"
    faults = [
        f"{path.name}: {error}"
        for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])
        for error in read_corrections(path.read_bytes())[1]
    ]
    if faults:
        st.html(f'<h2>{words.CORRECTIONS}</h2><p class="mi-keys">{words.CORRECTIONS_HOW}</p>')
        st.html(list_html(words.ERRORS_IN_CORRECTIONS, faults, is_open=True))


def _catalog(actor: Actor) -> None:
    """A catalogue to register owners from: what it would change, and what does not match."""
    st.html(f'<h2>{words.CATALOG}</h2><p class="mi-keys">{words.CATALOG_HOW}</p>')
    if message := take("catalog_done"):
        st.html(f'<p class="mi-done" role="status">{escape(message)}</p>')
    data = chosen_file(words.CATALOG_FILE, "catalog")
    if data is None:
        return
    rows, unread = read_catalog(data)
    with reading() as session:
        report = import_catalog(session, actor=actor, rows=rows, now=_now(), dry_run=True)
    warnings = {
        words.UNMATCHED: [change.what for change in report.unmatched],
        words.UNKNOWN_DIVISIONS: [change.what for change in report.unknown_divisions],
        words.CONFLICTS: [change.what for change in report.conflicts],
    }
    changes = {words.UPDATED: [f"{change.row}行目　{change.what}" for change in report.updated]}
    notes = {words.NOT_IN_CATALOG: report.unlisted}
    st.html(f'<p class="mi-keys">{words.count_of(words.MATCHED, report.matched)}</p>')
    if rehearsal(changes, warnings=warnings, notes=notes, errors=unread, key="catalog"):
        with writing() as session:
            done = import_catalog(session, actor=actor, rows=rows, now=_now())
        leave("catalog_done", words.catalog_applied(len(done.updated)))
        put_away("catalog")
        st.rerun()


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
            now=_now(),
        )
    leave("assigned", ja.assigned(row.title, chosen.division))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
