"""Excelで回答: the candidates as a workbook, and what was filled in there, checked and then imported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from urllib.parse import urlencode

import streamlit as st

from models import queries
from models.operations.errors import InvalidAnswerError, NoSuchItemError, StaleItemError
from models.operations.import_answers import AnswerImport, AnswerLine, SheetError, import_answers, read_answer_workbook
from regulations.review import OPEN_STATUSES, Actor, NotPermittedError, Owner, may_decide
from review_app.components.narrowing import division
from review_app.components.status import counts
from review_app.components.tables import TableRow, table_html
from review_app.database import reading, writing
from review_app.labels_ja import workbooks as words
from review_app.navigation import INBOX
from review_app.session_state import leave, page, take

ROUND, DIVISION = "workbook_round", "workbook_division"
SHOWN = 200
"""Lines of a list on the screen; who has more errors than these mends them first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What the chosen file holds. Kept for the session, so that a rerun does not read it again."""

    digest: str
    lines: tuple[AnswerLine, ...]
    errors: tuple[SheetError, ...]


def show(actor: Actor) -> None:
    st.html(f'<h1>{words.TITLE}</h1><p class="mi-keys">{words.HOW}</p>')
    _download(actor)
    st.html(f"<h2>{words.UPLOAD_STEP}</h2>")
    if not may_decide(actor, Owner(division_id=actor.division_id, bureau=actor.bureau)):
        st.html(f'<p class="mi-note">{words.ONLY_DIVISIONS_IMPORT}</p>')
        return
    number = st.session_state.setdefault(ROUND, 0)
    chosen = st.file_uploader(words.CHOOSE_FILE, key=f"workbook_file_{number}")
    done: AnswerImport | None = take("workbook_done")
    if take("workbook_faster"):
        st.html(f'<p class="mi-fault" role="alert">{words.FASTER}</p>')
    if chosen is None:
        st.session_state.pop("workbook_read", None)
        if done is not None:
            _done(done)
        return
    read = _reading(chosen.getvalue())
    with reading() as session:
        found = import_answers(
            session, actor=actor, lines=read.lines, found=read.errors, dry_run=True, now=dt.datetime.now(dt.UTC)
        )
    _dry_run(actor, read, found)


def _download(actor: Actor) -> None:
    st.html(f"<h2>{words.DOWNLOAD_STEP}</h2>")
    division_id = actor.division_id
    if not may_decide(actor, Owner(division_id=actor.division_id, bureau=actor.bureau)):
        division_id = division(actor, words.OF_DIVISION, key=DIVISION, everyone=words.EVERY_DIVISION)
    with reading() as session:
        by_status = queries.answer_counts(session, actor=actor, division_id=division_id)
    total = sum(by_status.values())
    if not total:
        st.html(f'<div class="mi-empty"><p>{words.NOTHING_TO_ANSWER}</p></div>')
        return
    waiting = sum(count for status, count in by_status.items() if status in OPEN_STATUSES)
    links = [("open", words.download_open(waiting))] if waiting else []
    links.append(("all", words.download_all(total)))
    st.html(f'<div class="mi-downloads">{"".join(_link(division_id, *link) for link in links)}</div>')


def _link(division_id: int | None, scope: str, label: str) -> str:
    query = urlencode({"scope": scope} | ({"division": division_id} if division_id else {}))
    return f'<a class="mi-button" href="/download/answers.xlsx?{query}" download target="_self">{escape(label)}</a>'


def _reading(data: bytes) -> _Read:
    digest = sha256(data).hexdigest()
    kept: _Read | None = st.session_state.get("workbook_read")
    if kept is None or kept.digest != digest:
        lines, errors = read_answer_workbook(data)
        kept = _Read(digest=digest, lines=lines, errors=errors)
        st.session_state["workbook_read"] = kept
    return kept


def _dry_run(actor: Actor, read: _Read, found: AnswerImport) -> None:
    problems = bool(found.errors or found.conflicts)
    if problems:
        st.html(f'<p class="mi-fault" role="alert">{words.PROBLEMS_FIRST if found.changes else words.NOTHING_LEFT}</p>')
    else:
        st.html(f'<p class="mi-note" role="status">{words.CHECKED_ONLY if found.changes else words.NOTHING_NEW}</p>')
    if not any(error.row == 0 for error in found.errors):  # a file that cannot be read has nothing to count
        st.html(_counts(found))
    if found.changes:
        count = len(found.changes)
        st.button(
            words.import_rest(count) if problems else words.import_all(count),
            key="workbook_import",
            type="secondary" if problems else "primary",
            on_click=_import,
            args=(actor, read, st.session_state[ROUND], problems),
        )
    _errors(found.errors)
    _conflicts(found)
    _changes(found)


def _counts(found: AnswerImport) -> str:
    return counts(
        {
            words.CHANGES: len(found.changes),
            words.CONFLICTS: len(found.conflicts),
            words.ERRORS: len(found.errors),
            words.UNCHANGED: found.unchanged,
            words.BLANK: found.blank,
        }
    )


def _import(actor: Actor, read: _Read, number: int, only_valid: bool) -> None:
    """Save, and begin anew with no file chosen. A second click on the same button finds that done."""
    if st.session_state[ROUND] != number:
        return
    try:
        with writing() as session:
            done = import_answers(
                session,
                actor=actor,
                lines=read.lines,
                found=read.errors,
                dry_run=False,
                only_valid=only_valid,
                now=dt.datetime.now(dt.UTC),
            )
    except (StaleItemError, InvalidAnswerError, NoSuchItemError, NotPermittedError):
        leave("workbook_faster", True)
        return
    if not done.is_written:  # what stands in the way has come up since it was checked, and is shown now
        leave("workbook_faster", True)
        return
    st.session_state[ROUND] = number + 1
    leave("workbook_done", done)


def _done(done: AnswerImport) -> None:
    st.html(f'<p class="mi-done" role="status">{escape(words.imported(done))}</p>')
    if inbox := page(INBOX.name):
        with st.container(key="workbook_links"):
            st.page_link(inbox, label=words.TO_INBOX)
    _errors(done.errors)
    _conflicts(done)
    _changes(done)


def _errors(errors: Sequence[SheetError]) -> None:
    if not errors:
        return
    st.html(_heading(words.ERRORS, len(errors)))
    lines = "".join(f"<li>{escape(words.sentence(error))}</li>" for error in errors[:SHOWN])
    st.html(f'<ul class="mi-sheet-errors">{lines}</ul>{_cut(len(errors))}')


def _conflicts(found: AnswerImport) -> None:
    rows = (
        TableRow(
            cells=(
                words.place(row.sheet, row.row),
                f"{row.title}　{row.address}",
                words.wanted(row),
                words.conflict(row),
            ),
            is_alert=True,
        )
        for row in found.conflicts[:SHOWN]
    )
    _table(words.CONFLICTS, words.CONFLICT_COLUMNS, rows, total=len(found.conflicts))


def _changes(found: AnswerImport) -> None:
    rows = (
        TableRow(
            cells=(
                words.place(row.sheet, row.row),
                f"{row.title}　{row.address}",
                "、".join(map(words.change, row.cells)),
            )
        )
        for row in found.changes[:SHOWN]
    )
    _table(words.CHANGES, words.CHANGE_COLUMNS, rows, total=len(found.changes))


def _table(heading: str, columns: Sequence[str], rows: Iterable[TableRow], *, total: int) -> None:
    if total:
        st.html(_heading(heading, total))
        st.html(table_html(columns, rows) + _cut(total))


def _heading(name: str, count: int) -> str:
    return f"<h3>{name} {count:,}件</h3>"


def _cut(total: int) -> str:
    return f'<p class="mi-keys">{words.shown_of(SHOWN, total)}</p>' if total > SHOWN else ""
