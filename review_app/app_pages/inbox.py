"""受信箱: what waits for an answer."""

from __future__ import annotations

from html import escape

import streamlit as st

from models import queries
from models.queries import QueueRow
from regulations import labels
from regulations.review import OPEN_STATUSES, Actor, ReviewStatus
from regulations.taxonomy import categories
from review_app import labels_ja as ja
from review_app.components.pager import page_number, pager
from review_app.components.status import counts, status_badge
from review_app.database import reading
from review_app.navigation import CANDIDATE, READING, ROADMAP
from review_app.presenters import chip, plain_label, probability_html, remaining
from review_app.session_state import (
    FILTER_CATEGORY,
    FILTER_STATUS,
    FILTER_TEXT,
    STATUS_FILTERS,
    page,
    queue_filter,
    work,
)

PAGE, SIZE = "inbox_page", 20

_SHOWN = (
    ReviewStatus.RECHECK,
    ReviewStatus.PENDING,
    ReviewStatus.UNDECIDED,
    ReviewStatus.APPLICABLE,
    ReviewStatus.NOT_APPLICABLE,
)


def show(actor: Actor) -> None:
    with reading() as session:
        by_status = queries.inbox_counts(session, actor=actor)
        first = queries.next_item(session, actor=actor, after_item_id=None, statuses=OPEN_STATUSES)
    waiting = sum(by_status[status] for status in OPEN_STATUSES)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.html(counts({labels.label(status): by_status[status] for status in _SHOWN}), width="content")
        if first is not None:
            with st.container(key="start_work", width="content"):
                st.page_link(_candidate_page(), label=ja.START_WORK, query_params={"candidate": str(first)})
            st.html(f'<p class="mi-keys">{remaining(waiting, work().seconds_each())}</p>', width="content")
    if not any(by_status[status] for status in _SHOWN):
        _nothing_yet()
        return
    _filters()
    wanted = queue_filter()
    with reading() as session:
        total = queries.queue_total(session, actor=actor, **wanted)
        offset = page_number(PAGE, total=total, size=SIZE) * SIZE
        rows = queries.queue(session, actor=actor, **wanted, limit=SIZE, offset=offset)
    if not rows:
        _nothing_here(all_done=waiting == 0)
    for row in rows:
        _row(row)
    pager(PAGE, total=total, size=SIZE)


def _candidate_page() -> st.Page:
    found = page(CANDIDATE.name)
    assert found is not None  # whoever has an inbox has the candidates  # noqa: S101
    return found


def _filters() -> None:
    status, category, text = st.columns([5, 2.2, 3], vertical_alignment="bottom")

    def first_page() -> None:
        st.session_state[PAGE] = 0

    status.segmented_control(
        ja.STATUS, list(STATUS_FILTERS), default="要対応", required=True, key=FILTER_STATUS,
        persist_state="session", on_change=first_page,
    )  # fmt: skip
    category.selectbox(
        ja.CATEGORY, [None, *(known.id for known in categories())], key=FILTER_CATEGORY, persist_state="session",
        format_func=lambda known: labels.category_label(known) if known else ja.ALL_CATEGORIES, on_change=first_page,
    )  # fmt: skip
    text.text_input(
        ja.SEARCH, key=FILTER_TEXT, placeholder=ja.SEARCH_HINT, persist_state="session", on_change=first_page
    )


def _row(row: QueueRow) -> None:
    with st.container(key=f"row_{row.item_id}"):
        kind, place, words, sure = st.columns([2.2, 3.3, 6.4, 0.9], vertical_alignment="center")
        manual = f' <span class="mi-status">{ja.ADDED_BY_HAND}</span>' if row.is_manual else ""
        kind.html(f'<p class="mi-queue-line">{status_badge(row.status)} {chip(row.category)}{manual}</p>')
        place.page_link(
            _candidate_page(),
            label=plain_label(f"{row.address}{row.caption}"),
            query_params={"candidate": str(row.item_id)},
        )
        words.html(
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
