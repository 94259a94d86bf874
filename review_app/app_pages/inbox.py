"""受信箱: what waits for an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import queries
from models.queries import QuestionRow, QueueRow
from regulations import labels
from regulations.review import OPEN_STATUSES, Actor, Owner, ReviewStatus, may_decide
from regulations.taxonomy import categories
from review_app import labels_ja as ja
from review_app.components.at_work import sent
from review_app.components.bulk_answer import LIMIT, bulk_bar, bulk_panel, choose, doing, is_choosable, tick, undo_step
from review_app.components.inquiry_bar import inquiry_bar
from review_app.components.instrument_filter import instrument_filter
from review_app.components.narrowing import states
from review_app.components.pager import page_number, pager
from review_app.components.status import status_badge
from review_app.database import reading
from review_app.labels_ja import handling as words
from review_app.labels_ja import lists
from review_app.navigation import CANDIDATE, READING, ROADMAP
from review_app.presenters import about, chip, japanese_time, plain_label, probability_html
from review_app.session_state import (
    FILTER_CATEGORY,
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

ANSWERS_SHOWN, ANSWERS_UNFOLDED = 5, 2
"""Answers of the coordinator that are listed, and how many of them still leave the list of candidates in sight."""


def show(actor: Actor) -> None:
    adopt_address()
    if doing():
        bulk_panel(actor)
        return
    inquiry_bar(actor)
    may_answer = may_decide(actor, Owner(division_id=actor.division_id))
    with reading() as session:
        by_status = queries.inbox_counts(session, actor=actor)
        handed_in = queries.handed_in_total(session, actor=actor)
        first = (
            queries.next_item(session, actor=actor, after_item_id=None, statuses=OPEN_STATUSES) if may_answer else None
        )
        came = queries.answered_questions(session, actor=actor, limit=ANSWERS_SHOWN + 1) if may_answer else []
    waiting = sum(by_status[status] for status in OPEN_STATUSES)
    if may_answer:
        _done(actor)
    _answers_came(came)
    if not (handed_in or any(by_status[status] for status in STATUS_FILTERS["all"])):
        _nothing_yet()
        return
    with st.container(key="statuses", horizontal=True, vertical_alignment="center", gap="medium"):
        _statuses(by_status, handed_in)
        if first is not None:
            st.html(f'<p class="mi-keys">{lists.estimate(about(waiting, work().seconds_each()))}</p>', width="content")
            with st.container(key="start_work", width="content"):
                st.page_link(_candidate_page(), label=ja.START_WORK, query_params={"candidate": str(first)})
    matching = _filters(actor)
    wanted = queue_filter()
    size = SIZE if may_answer else SIZE_FOR_OTHERS
    with reading() as session:
        total = queries.queue_total(session, actor=actor, **wanted)
        offset = page_number(INBOX_PAGE, total=total, size=size) * size
        rows = queries.queue(session, actor=actor, **wanted, limit=size, offset=offset)
    keep_in_address()  # the list may have become shorter than the page asked for
    if _is_narrowed(wanted):
        matching.html(f'<p class="mi-keys" role="status">{lists.matching(total)}</p>')
    if not rows:
        _nothing_here(all_done=not waiting and wanted["statuses"] <= OPEN_STATUSES and not _is_narrowed(wanted))
    elif may_answer:
        bulk_bar(rows, total=total, choose_all=lambda: _choose_all(actor, wanted))
    with st.container(key="queue"):
        for row in rows:
            _row(row, may_answer=may_answer)
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
            undo = step.group_decision_id
            label = words.undo_earlier(step.items, step.decided_at, is_handover=step.is_handover)
    if not state.done and undo is None:
        return
    with st.container(key="topline", horizontal=True, vertical_alignment="center", gap="medium"):
        if state.done:
            st.html(f'<p class="mi-done" role="status" {sent("kept_bulk_")}>{escape(state.done)}</p>', width="content")
        if undo is not None:
            st.button(label, key="undo_group", type="tertiary", shortcut="Z", on_click=undo_step, args=(actor, undo))


def _answers_came(rows: list[QuestionRow]) -> None:
    """Candidates on hold on which the coordinator has had the last word; folded where they would fill the page."""
    if not rows:
        return
    shown = rows[:ANSWERS_SHOWN]
    label = lists.answers_came(len(shown), more=len(rows) > len(shown))
    with (
        st.container(key="answers_came"),
        st.expander(label, expanded=len(rows) <= ANSWERS_UNFOLDED, key="answers_came_open", on_change="rerun") as told,
    ):
        for row in shown if told.open else ():
            with st.container(key=f"row_answer_{row.item_id}"):
                place, text = st.columns([4, 8.8], vertical_alignment="center")
                place.page_link(
                    _candidate_page(),
                    label=plain_label(f"{row.title}　{row.address}"),
                    query_params={"candidate": str(row.item_id), **address_of_list()},
                )
                text.html(
                    f'<div class="mi-snippet">{escape(row.text)}</div>'
                    f'<p class="mi-keys">{chip(row.category)} {escape(row.asked_by)}　{japanese_time(row.asked_at)}</p>'
                )
        if told.open and len(rows) > len(shown):
            st.html(f'<p class="mi-keys">{words.MORE_ANSWERS_CAME}</p>')


def _statuses(by_status: Mapping[ReviewStatus, int], handed_in: int) -> None:
    """The states the list can be limited to, each with how many there are; `handed_in` is listed with all only."""
    numbers = {name: sum(by_status[status] for status in statuses) for name, statuses in STATUS_FILTERS.items()}
    numbers["all"] += handed_in
    states(ja.STATUS, numbers, key=FILTER_STATUS, on_change=_narrowed, words=lists.STATUS_WORDS)


def _filters(actor: Actor) -> DeltaGenerator:
    """What narrows the list further; the place where the number of what is left is told."""
    with st.container(key="filters"):
        category, sure, instrument, text, clear = st.columns([2.3, 1.8, 3.4, 3.4, 1.9], vertical_alignment="bottom")
    category.selectbox(
        ja.CATEGORY, [known.id for known in categories()], index=None, key=FILTER_CATEGORY, persist_state="session",
        format_func=labels.category_label, placeholder=ja.ALL_CATEGORIES, on_change=_narrowed,
    )  # fmt: skip
    sure.selectbox(
        words.PROBABILITY, list(words.PROBABILITIES), index=None, key=FILTER_PROBABILITY, persist_state="session",
        format_func=words.PROBABILITIES.__getitem__, placeholder=words.ANY_PROBABILITY, on_change=_narrowed,
    )  # fmt: skip
    with instrument:
        instrument_filter(actor, on_change=_narrowed)
    text.text_input(
        ja.SEARCH, key=FILTER_TEXT, placeholder=ja.SEARCH_HINT, persist_state="session", on_change=_narrowed
    )
    matching = clear.container()
    clear.button(
        words.CLEAR_FILTER, key="clear_filter", on_click=clear_filter, disabled=not address_of_list(), width="stretch"
    )
    return matching


def _is_narrowed(wanted: QueueFilter) -> bool:
    """Whether the numbers beside the states do not tell how many are listed."""
    return any((wanted["category"], wanted["instrument_id"], wanted["min_probability"], wanted["text"]))


def _narrowed() -> None:
    st.session_state[INBOX_PAGE] = 0
    keep_in_address()


def _row(row: QueueRow, *, may_answer: bool) -> None:
    """A candidate: to its division with a box to tick, to all others with the division's name.

    One element beside the box and the link: a column for each cell makes the browser draw a list half as fast.
    """
    with st.container(key=f"row_{row.item_id}", horizontal=True, vertical_alignment="center", gap="small"):
        if may_answer:
            with st.container(key=f"box_{row.item_id}", width=44):
                if is_choosable(row):
                    tick(row)
                else:
                    st.html("<span></span>")  # an empty container takes no room
        st.page_link(
            _candidate_page(),
            label=plain_label(f"{row.address}{row.caption}"),
            query_params={"candidate": str(row.item_id), **address_of_list()},
            width=300,
        )
        kind = "mi-candidate" if may_answer else "mi-candidate mi-whose"
        owner = "" if may_answer else f'<p class="mi-queue-line">{escape(row.owner or ja.NO_OWNER)}</p>'
        st.html(
            f'<div class="{kind}">{_kind_html(row)}<div><p class="mi-queue-line">{escape(row.title)}</p>'
            f'<div class="mi-snippet">{escape(row.snippet)}</div></div>'
            f"<div>{owner}{probability_html(row.probability)}</div></div>"
        )


def _kind_html(row: QueueRow) -> str:
    manual = f' <span class="mi-status">{ja.ADDED_BY_HAND}</span>' if row.is_manual else ""
    handed = (
        f' <span class="mi-status mi-status-handed">{escape(words.handed_from(row.handed_from))}</span>'
        if row.handed_from
        else ""
    )
    still = f' <span class="mi-status">{words.standing_still(row.status)}</span>' if row.stands_still else ""
    return f'<p class="mi-queue-line">{status_badge(row.status)} {chip(row.category)}{manual}{handed}{still}</p>'


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
