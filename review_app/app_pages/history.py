"""履歴: who did what when, for a division what is its own, for those who watch over it the whole log."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import urlencode

import streamlit as st

from models import queries
from models.queries import HistoryFilter, HistoryRow
from regulations.review import Actor, may_see_audit_log
from regulations.taxonomy import load_taxonomy
from review_app.components.pager import page_number, pager
from review_app.database import reading
from review_app.labels_ja import history as words
from review_app.navigation import CANDIDATE
from review_app.presenters import TOKYO, chip, japanese_time, thousands

PAGE, SIZE = "history_page", 50


def show(actor: Actor) -> None:
    sees_all = may_see_audit_log(actor)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.html(f"<h1>{words.HISTORY}</h1>", width="content")
        download = st.empty()
    st.html(f'<p class="mi-keys">{words.HISTORY_HOW if sees_all else words.OWN_HISTORY_HOW}</p>')
    narrowed = _filters(sees_all=sees_all)
    if narrowed is None:
        st.html(f'<p class="mi-fault" role="alert">{words.PERIOD_REVERSED}</p>')
        return
    with reading() as session:
        total = queries.history_total(session, actor=actor, **narrowed)
        offset = page_number(PAGE, total=total, size=SIZE) * SIZE
        rows = queries.history(session, actor=actor, **narrowed, limit=SIZE, offset=offset)
        divisions = queries.division_names(session)
    if sees_all and rows:
        download.html(
            f'<a class="mi-button" href="/download/audit.csv?{escape(address_of(narrowed))}" download '
            f'target="_self">{words.DOWNLOAD_LOG}（{thousands(total)}件）</a>',
            width="content",
        )
    if not rows:
        is_narrowed = any(value is not None for value in narrowed.values())
        heading, advice = (words.NO_MATCH, words.NO_MATCH_NEXT) if is_narrowed else (words.EMPTY, words.EMPTY_NEXT)
        st.html(f'<div class="mi-empty"><h2>{heading}</h2><p>{advice}</p></div>')
        return
    st.html(history_html(rows, divisions))
    pager(PAGE, total=total, size=SIZE)
    if sees_all:
        _check(actor)


def _check(actor: Actor) -> None:
    """Hold the log against its seals, on demand: it reads every entry."""
    with st.expander(words.CHECK_LOG):
        st.html(f'<p class="mi-keys">{words.CHECK_HOW}</p>')
        if st.button(words.CHECK_NOW, key="check_log"):
            with reading() as session:
                found = queries.audit_check(session, actor=actor)
            tone = "mi-fault" if found.is_broken else "mi-done" if found.sealed_at else "mi-note"
            role = "alert" if found.is_broken else "status"
            st.html(f'<p class="{tone}" role="{role}">{words.check_result(found)}</p>')


def _filters(*, sees_all: bool) -> HistoryFilter | None:
    """What the list is narrowed to, kept in the address; None where the period ends before it begins."""

    def first_page() -> None:
        st.session_state[PAGE] = 0

    since, until, who, kind, target = st.columns([1.6, 1.6, 2, 2.4, 3], vertical_alignment="bottom")
    first = since.date_input(words.SINCE, None, key="since", bind="query-params", on_change=first_page)
    last = until.date_input(words.UNTIL, None, key="until", bind="query-params", on_change=first_page)
    person = who.text_input(
        words.PERSON, key="person", placeholder=words.PERSON_HINT, bind="query-params", on_change=first_page
    )
    # What a division never sees is not offered to it.
    kinds = words.ACTIONS if sees_all else [kind for kind in words.ACTIONS if kind in words.OWN_KINDS]
    chosen = kind.selectbox(
        words.KIND_OF_ACTION, [words.ALL_ACTIONS, *kinds], key="kind", bind="query-params", on_change=first_page
    )
    text = target.text_input(
        words.TARGET, key="text", placeholder=words.TARGET_HINT, bind="query-params", on_change=first_page
    )
    if first and last and first > last:
        return None
    return HistoryFilter(
        since=first, until=last, person=person or None, actions=words.actions_of(chosen), text=text or None
    )


def address_of(narrowed: HistoryFilter) -> str:
    """The filter as the query of an address, as `filter_of` reads it."""
    kind = words.kind_of(narrowed.get("actions"))
    values = {
        "since": narrowed.get("since"),
        "until": narrowed.get("until"),
        "person": narrowed.get("person"),
        "kind": kind,
        "text": narrowed.get("text"),
    }
    return urlencode({name: value for name, value in values.items() if value})


def filter_of(query: Mapping[str, str]) -> HistoryFilter:
    """The filter that an address asks for. Raises ValueError for a day that is none."""
    days = {name: dt.date.fromisoformat(query[name]) if query.get(name) else None for name in ("since", "until")}
    return HistoryFilter(
        since=days["since"],
        until=days["until"],
        person=query.get("person") or None,
        actions=words.actions_of(query.get("kind") or words.ALL_ACTIONS),
        text=query.get("text") or None,
    )


def history_html(rows: Iterable[HistoryRow], divisions: Mapping[int, str]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in words.COLUMNS)
    body = "".join(_row(row, divisions) for row in rows)
    return (
        f'<div class="mi-scroll"><table class="mi-table mi-log"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(row: HistoryRow, divisions: Mapping[int, str]) -> str:
    cells = (
        japanese_time(row.at),
        escape(row.who or words.SERVER),
        escape(words.action_word(row.action)),
        _target(row),
        escape(words.what_changed(row, divisions)),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _target(row: HistoryRow) -> str:
    """例規名 and 条項 as the way to the candidate, or the name of whatever else it is."""
    if row.item_id is None:
        return escape("　".join(filter(None, (row.title or words.target_word(row.target_type), row.division))))
    mark = f" {chip(row.category)}" if row.category in load_taxonomy() else ""
    link = f'<a href="/{CANDIDATE.name}?candidate={row.item_id}" target="_self">{escape(row.address)}</a>'
    return f"{escape(row.title)}　{link}{mark}"


def log_cells(row: HistoryRow, divisions: Mapping[int, str]) -> tuple[str | int, ...]:
    """One line of the log as a file, in the order of `CSV_COLUMNS`: in words, and as it is kept."""
    return (
        row.entry_id,
        row.at.astimezone(TOKYO).isoformat(timespec="seconds"),
        row.login_name,
        row.who or words.SERVER,
        words.action_word(row.action),
        row.action,
        words.target_word(row.target_type),
        row.target_id,
        row.title,
        row.address,
        row.division,
        words.what_changed(row, divisions),
        json.dumps(row.detail, ensure_ascii=False, sort_keys=True),
    )
