"""組織: the divisions of a day, and a file that changes them; 人事異動: a list of staff to reconcile accounts with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from html import escape

import streamlit as st

from models import queries
from models.operations.import_accounts import import_accounts, prepare_passwords, read_accounts
from models.operations.import_organisation import RowChange, import_organisation, read_organisation_csv
from models.queries import OrganisationRow
from regulations.review import Actor
from review_app.components.account_list import issued_passwords, keep_issued
from review_app.components.file_import import chosen_file, put_away, rehearsal
from review_app.components.tables import TableRow, table_html
from review_app.database import reading, writing
from review_app.labels_ja import administration as words
from review_app.presenters import TOKYO, japanese_date
from review_app.session_state import leave, take


def staff_changes(actor: Actor) -> None:
    """Reconcile accounts with a list of staff."""
    st.html(f'<p class="mi-keys">{words.STAFF_HOW}</p>')
    _done()
    issued_passwords()
    data = chosen_file(words.STAFF_FILE, "staff")
    if data is None:
        return
    rows, unread = read_accounts(data)
    with reading() as session:
        report = import_accounts(session, actor=actor, rows=rows, now=_now(), dry_run=True)
    changes = {
        words.CREATED: _lines(report.created),
        words.CHANGED: _lines(report.changed),
        words.ENDED_ROWS: _lines(report.ended),
    }
    warnings, notes = {words.LEFT_ALONE: report.left_alone}, {words.UNLISTED: report.unlisted}
    if rehearsal(changes, warnings=warnings, notes=notes, errors=(*unread, *report.errors), key="staff"):
        prepared = prepare_passwords(rows, report)
        with writing() as session:
            done = import_accounts(session, actor=actor, rows=rows, prepared=prepared, now=_now())
        keep_issued(done.issued)
        leave("import_done", words.staff_applied(len(done.created), len(done.changed), len(done.ended)))
        put_away("staff")
        st.rerun()


def organisation(actor: Actor) -> None:
    """The organisation of a day, and the file that brings it up to date."""
    st.html(f'<p class="mi-keys">{words.ORGANISATION_HOW}</p>')
    _done()
    data = chosen_file(words.ORGANISATION_FILE, "organisation")
    if data is not None:
        _rehearse_organisation(actor, data)
    today = _now().astimezone(TOKYO).date()
    on = st.date_input(words.ON_DAY, today, key="organisation_on", width=220)
    with reading() as session:
        rows = queries.organisation(session, on=on or today)
    if not rows:
        st.html(f'<div class="mi-empty"><h2>{words.NO_ORGANISATION}</h2><p>{words.NO_ORGANISATION_NEXT}</p></div>')
        return
    st.html(table_html(words.ORGANISATION_COLUMNS, map(_table_row, rows)))


def _rehearse_organisation(actor: Actor, data: bytes) -> None:
    rows, unread = read_organisation_csv(data)
    with reading() as session:
        report = import_organisation(session, actor=actor, rows=rows, now=_now(), dry_run=True)
    changes = {words.CREATED: _lines(report.created), words.UPDATED: _lines(report.updated)}
    if rehearsal(changes, errors=(*unread, *report.errors), key="organisation"):
        with writing() as session:
            done = import_organisation(session, actor=actor, rows=rows, now=_now())
        leave("import_done", words.organisation_applied(len(done.created), len(done.updated)))
        put_away("organisation")
        st.rerun()


def _table_row(row: OrganisationRow) -> TableRow:
    return TableRow(
        cells=(
            row.bureau,
            row.office,
            row.division,
            japanese_date(row.valid_from),
            japanese_date(row.valid_to),
            row.successor,
            row.instruments,
            row.people,
        )
    )


def _lines(changes: Iterable[RowChange]) -> list[str]:
    return [f"{change.row}行目　{change.what}" for change in changes]


def _done() -> None:
    if message := take("import_done"):
        st.html(f'<p class="mi-done" role="status">{escape(message)}</p>')


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
