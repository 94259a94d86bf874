"""受信箱: what waits for an answer."""

from __future__ import annotations

import datetime as dt
from html import escape

import streamlit as st

from models import queries
from models.queries import QuestionRow, QueueRow
from regulations import labels
from regulations.review import OPEN_STATUSES, Actor, Owner, ReviewStatus, may_decide
from regulations.taxonomy import categories
from review_app import labels_ja as ja
from review_app.components.at_work import sent
from review_app.components.bulk_answer import LIMIT, bulk_bar, bulk_panel, choose, doing, tick, undo_step
from review_app.components.inquiry_bar import inquiry_bar
from review_app.components.pager import page_number, pager
from review_app.components.status import counts, status_badge
from review_app.database import reading
from review_app.labels_ja import handling as words
from review_app.navigation import CANDIDATE, READING, ROADMAP
from review_app.presenters import chip, japanese_time, plain_label, probability_html, remaining
from review_app.session_state import (
    FILTER_CATEGORY,
    FILTER_INSTRUMENT,
    FILTER_PROBABILITY,
    FILTER_STATUS,
    FILTER_TEXT,
    INBOX_PAGE,
    STATUS_FILTERS,
    QueueFilter,
    address_of_list,
    adopt_address,
    clear_filter,
    keep_in_address,
    page,
    queue_filter,
    work,
)

SIZE, SIZE_FOR_OTHERS = 20, 10
"""Rows on a page: for a division, and for those who only watch and whose own matters stand above the list."""

INSTRUMENTS = 300
"""Instruments to choose from in the filter; who sees more of them finds one by its words."""

ANSWERS_SHOWN = 5

_SHOWN = (
    ReviewStatus.RECHECK,
    ReviewStatus.PENDING,
    ReviewStatus.UNDECIDED,
    ReviewStatus.APPLICABLE,
    ReviewStatus.NOT_APPLICABLE,
)


def show(actor: Actor) -> None:
    adopt_address()
    if doing():
        bulk_panel(actor)
        return
    inquiry_bar(actor)
    may_answer = may_decide(actor, Owner(division_id=actor.division_id))
    with reading() as session:
        by_status = queries.inbox_counts(session, actor=actor)
        first = (
            queries.next_item(session, actor=actor, after_item_id=None, statuses=OPEN_STATUSES) if may_answer else None
        )
        came = queries.answered_questions(session, actor=actor, limit=ANSWERS_SHOWN + 1) if may_answer else []
    waiting = sum(by_status[status] for status in OPEN_STATUSES)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.html(counts({labels.label(status): by_status[status] for status in _SHOWN}), width="content")
        if first is not None:
            with st.container(key="start_work", width="content"):
                st.page_link(_candidate_page(), label=ja.START_WORK, query_params={"candidate": str(first)})
            st.html(f'<p class="mi-keys">{remaining(waiting, work().seconds_each())}</p>', width="content")
    if may_answer:
        _done(actor)
    _answers_came(came)
    if not any(by_status[status] for status in _SHOWN):
        _nothing_yet()
        return
    _filters(actor)
    wanted = queue_filter()
    size = SIZE if may_answer else SIZE_FOR_OTHERS
    with reading() as session:
        total = queries.queue_total(session, actor=actor, **wanted)
        offset = page_number(INBOX_PAGE, total=total, size=size) * size
        rows = queries.queue(session, actor=actor, **wanted, limit=size, offset=offset)
    keep_in_address()  # the list may have become shorter than the page asked for
    if not rows:
        _nothing_here(all_done=waiting == 0)
    elif may_answer:
        bulk_bar(rows, total=total, choose_all=lambda: _choose_all(actor, wanted))
    with st.container(key="queue"):
        for row in rows:
            _row(row, has_box=may_answer)
    pager(INBOX_PAGE, total=total, size=size, on_turn=keep_in_address)


def _candidate_page() -> st.Page:
    found = page(CANDIDATE.name)
    assert found is not None  # whoever has an inbox has the candidates  # noqa: S101
    return found


def _choose_all(actor: Actor, wanted: QueueFilter) -> None:
    """Tick what the filter lists, as far as one step may reach."""
    wanted["statuses"] = wanted["statuses"] & OPEN_STATUSES
    with reading() as session:
        choose(queries.queue(session, actor=actor, **wanted, limit=LIMIT))


def _done(actor: Actor) -> None:
    """What the last step did, and the way back where it touched several; after a reload that way alone."""
    state = work()
    undo, label = state.done_group, ja.UNDO
    if not state.done:
        with reading() as session:
            step = queries.latest_undoable(session, actor=actor, now=dt.datetime.now(dt.UTC))
        if step is not None:
            undo, label = step.group_decision_id, words.undo_earlier(step.items, step.decided_at)
    if not state.done and undo is None:
        return
    with st.container(key="topline", horizontal=True, vertical_alignment="center", gap="medium"):
        if state.done:
            st.html(f'<p class="mi-done" role="status" {sent("kept_bulk_")}>{escape(state.done)}</p>', width="content")
        if undo is not None:
            st.button(label, key="undo_group", type="tertiary", shortcut="Z", on_click=undo_step, args=(actor, undo))


def _answers_came(rows: list[QuestionRow]) -> None:
    """Candidates on hold on which the coordinator has had the last word."""
    if not rows:
        return
    with st.container(key="answers_came"):
        st.html(f"<h2>{words.ANSWERS_CAME}</h2>")
        for row in rows[:ANSWERS_SHOWN]:
            with st.container(key=f"row_answer_{row.item_id}"):
                place, text = st.columns([3.3, 9.5], vertical_alignment="center")
                place.page_link(
                    _candidate_page(),
                    label=plain_label(f"{row.title}　{row.address}"),
                    query_params={"candidate": str(row.item_id), **address_of_list()},
                )
                text.html(
                    f'<div class="mi-snippet">{escape(row.text)}</div>'
                    f'<p class="mi-keys">{chip(row.category)} {escape(row.asked_by)}　{japanese_time(row.asked_at)}</p>'
                )
        if len(rows) > ANSWERS_SHOWN:
            st.html(f'<p class="mi-keys">{words.MORE_ANSWERS_CAME}</p>')


def _filters(actor: Actor) -> None:
    with reading() as session:
        instruments = queries.instrument_list(session, actor=actor, limit=INSTRUMENTS)
    titles = {row.head.instrument_id: row.head.title for row in instruments if row.candidates}
    if st.session_state.get(FILTER_INSTRUMENT) not in titles:
        st.session_state[FILTER_INSTRUMENT] = None
    with st.container(key="filters"):
        status, category, sure = st.columns([5.6, 2.4, 1.8], vertical_alignment="bottom")
        instrument, text, clear = st.columns([4.4, 4.4, 1.8], vertical_alignment="bottom")
    status.segmented_control(
        ja.STATUS, list(STATUS_FILTERS), required=True, key=FILTER_STATUS, format_func=words.STATUS_WORDS.__getitem__,
        persist_state="session", on_change=_narrowed,
    )  # fmt: skip
    category.selectbox(
        ja.CATEGORY, [None, *(known.id for known in categories())], key=FILTER_CATEGORY, persist_state="session",
        format_func=lambda known: labels.category_label(known) if known else ja.ALL_CATEGORIES,
        placeholder=ja.ALL_CATEGORIES, on_change=_narrowed,
    )  # fmt: skip
    sure.selectbox(
        words.PROBABILITY, [None, *words.PROBABILITIES], key=FILTER_PROBABILITY, persist_state="session",
        format_func=lambda least: words.PROBABILITIES[least] if least else words.ANY_PROBABILITY,
        placeholder=words.ANY_PROBABILITY, on_change=_narrowed,
    )  # fmt: skip
    instrument.selectbox(
        words.INSTRUMENT, [None, *titles], key=FILTER_INSTRUMENT, persist_state="session",
        format_func=lambda known: titles.get(known, "") if known else words.ALL_INSTRUMENTS,
        placeholder=words.ALL_INSTRUMENTS, on_change=_narrowed,
    )  # fmt: skip
    text.text_input(
        ja.SEARCH, key=FILTER_TEXT, placeholder=ja.SEARCH_HINT, persist_state="session", on_change=_narrowed
    )
    clear.button(words.CLEAR_FILTER, key="clear_filter", on_click=clear_filter, disabled=not address_of_list())


def _narrowed() -> None:
    st.session_state[INBOX_PAGE] = 0
    keep_in_address()


def _row(row: QueueRow, *, has_box: bool) -> None:
    with st.container(key=f"row_{row.item_id}"):
        box, kind, place, words_found, sure = st.columns([0.4, 2.4, 3.1, 6.2, 0.9], vertical_alignment="center")
        if has_box and row.status in OPEN_STATUSES:
            with box:
                tick(row)
        manual = f' <span class="mi-status">{ja.ADDED_BY_HAND}</span>' if row.is_manual else ""
        handed = (
            f' <span class="mi-status mi-status-handed">{escape(words.handed_from(row.handed_from))}</span>'
            if row.handed_from
            else ""
        )
        kind.html(f'<p class="mi-queue-line">{status_badge(row.status)} {chip(row.category)}{manual}{handed}</p>')
        place.page_link(
            _candidate_page(),
            label=plain_label(f"{row.address}{row.caption}"),
            query_params={"candidate": str(row.item_id), **address_of_list()},
        )
        words_found.html(
            f'<p class="mi-queue-line">{escape(row.title)}</p><div class="mi-snippet">{escape(row.snippet)}</div>'
        )
        sure.html(probability_html(row.probability))


def _nothing_yet() -> None:
    with st.container(key="empty"):
        st.html(f'<div class="mi-empty"><h2>{ja.INBOX_EMPTY}</h2><p>{ja.INBOX_EMPTY_NEXT}</p></div>')
        if reading_page := page(READING.name):
            st.page_link(reading_page, label=ja.READ_INSTEAD)


def _nothing_here(*, all_done: bool) -> None:
    st.html(f'<div class="mi-empty"><h2>{ja.ALL_ANSWERED if all_done else ja.NO_MATCH}</h2>'
            f"<p>{ja.ALL_ANSWERED_NEXT if all_done else ja.NO_MATCH_NEXT}</p></div>")  # fmt: skip
    if all_done and (roadmap := page(ROADMAP.name)):
        st.page_link(roadmap, label=ja.TO_ROADMAP)
