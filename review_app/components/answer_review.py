"""One division's answer to an inquiry, as who approves, accepts or returns it sees it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from models import queries
from models.operations.answer_inquiry import accept_answer, approve_answer, return_answer
from models.queries import AnswerRow
from models.queries.asked import AskedItem, asked_items, asked_total
from regulations import labels
from regulations.inquiry import AnswerState, InquiryState
from regulations.review import OPEN_STATUSES, Actor, Applicability, ReviewStatus
from review_app import labels_ja as ja
from review_app.components.pager import page_number, pager
from review_app.components.rounds import due_words, events_html, figures_html, late_badge, state_badge, take_step, tell
from review_app.components.rounds import today as today_at_the_office
from review_app.components.status import status_badge
from review_app.database import reading
from review_app.labels_ja import inquiries as words
from review_app.navigation import CANDIDATE
from review_app.presenters import chip, japanese_time, phase_steps, plain_label
from review_app.session_state import page

SIZE = 20

_ANSWERED = frozenset({ReviewStatus.APPLICABLE, ReviewStatus.NOT_APPLICABLE, ReviewStatus.UNDECIDED})
_FILTERS = {
    words.ALL_STATES: OPEN_STATUSES | _ANSWERED,
    labels.label(ReviewStatus.APPLICABLE): frozenset({ReviewStatus.APPLICABLE}),
    labels.label(ReviewStatus.NOT_APPLICABLE): frozenset({ReviewStatus.NOT_APPLICABLE}),
    labels.label(ReviewStatus.UNDECIDED): frozenset({ReviewStatus.UNDECIDED}),
    words.STILL_OPEN: OPEN_STATUSES - _ANSWERED,
}


def place_of(row: AnswerRow) -> str:
    """Where a step on this answer tells what became of it."""
    return f"answer_{row.answer_id}"


def answer_head_html(row: AnswerRow) -> str:
    """Whose answer to what, where it stands, until when it was due, who handed it in."""

    handed_in = escape(words.submitted_by(row.submitted_by, row.submitted_at))
    return (
        f'<p class="mi-round-head"><b>{escape(row.division)}</b> {state_badge(row.state)} {late_badge(row)} '
        f"{escape(row.inquiry)}　{due_words(row.due_date, on=today_at_the_office())}</p>"
        f'<p class="mi-keys">{handed_in}</p>'
    )


def answer_detail(actor: Actor, row: AnswerRow) -> None:
    """Figures, why it was sent or taken back, every decision, and the history."""
    if row.state is AnswerState.RETURNED and row.returned_reason:
        st.html(f'<p class="mi-note">{escape(words.returned_because(row.returned_reason))}</p>')
    elif row.returned_reason:
        st.html(f'<p class="mi-note">{escape(row.returned_reason)}</p>')
    elif row.state is AnswerState.ACCEPTED and row.inquiry_state is InquiryState.OPEN and row.figures.open:
        st.html(f'<p class="mi-note" role="status">{words.came_after_acceptance(row.figures.open)}</p>')
    st.html(figures_html(row.figures))
    with reading() as session:
        events = queries.inquiry_events(session, actor=actor, answer_id=row.answer_id)
    with st.expander(words.history(len(events)), expanded=False):
        st.html(events_html(events))
    _decisions(actor, row)


def _decisions(actor: Actor, row: AnswerRow) -> None:
    filter_key, page_key = f"decisions_{row.answer_id}", f"decisions_page_{row.answer_id}"

    def first_page() -> None:
        st.session_state[page_key] = 0

    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.html(f"<h2>{words.DECISIONS}</h2>", width="content")
        shown = st.segmented_control(
            words.SHOW, list(_FILTERS), default=words.ALL_STATES, required=True, key=filter_key,
            persist_state="session", on_change=first_page, label_visibility="collapsed",
        )  # fmt: skip
    statuses = _FILTERS[shown or words.ALL_STATES]
    with reading() as session:
        total = asked_total(session, actor=actor, answer_id=row.answer_id, statuses=statuses)
        offset = page_number(page_key, total=total, size=SIZE) * SIZE
        items = asked_items(session, actor=actor, answer_id=row.answer_id, statuses=statuses, limit=SIZE, offset=offset)
    if not items:
        st.html(f'<div class="mi-empty"><h2>{words.NO_DECISIONS}</h2><p>{words.NO_DECISIONS_NEXT}</p></div>')
    for item in items:
        _item(item)
    pager(page_key, total=total, size=SIZE)


def _item(item: AskedItem) -> None:
    with st.container(key=f"row_asked_{item.item_id}"):
        kind, place, answer = st.columns([2.2, 3.6, 6.2], vertical_alignment="center")
        kind.html(f'<p class="mi-queue-line">{status_badge(item.status)} {chip(item.category)}</p>')
        label = f"{item.address}{item.caption}"
        with place:
            if candidates := page(CANDIDATE.name):
                st.page_link(candidates, label=plain_label(label), query_params={"candidate": str(item.item_id)})
                st.html(f'<p class="mi-queue-line">{escape(item.title)}</p>')
            else:
                st.html(f'<p class="mi-queue-line">{escape(label)}<br>{escape(item.title)}</p>')
        answer.html(
            f'<div class="mi-snippet">{escape(item.snippet)}</div><p class="mi-queue-line">{decision_html(item)}</p>'
        )


def decision_html(item: AskedItem) -> str:
    """非該当（罰則）, or what was found to be 該当, with its note, and who said so when.

    Said to be the answer of before where the text has changed since.
    """
    if item.applicability is None:
        return words.NOT_ANSWERED
    reason = f"（{labels.label(item.reason_code)}）" if item.reason_code else ""
    before = f"{ja.ANSWER_BEFORE}: " if item.status is ReviewStatus.RECHECK else ""
    note = f"　{escape(item.note)}" if item.note else ""
    return (
        f"{before}<b>{labels.label(item.applicability)}{reason}</b>{_classified(item)}{note}"
        f"<br><small>{escape(item.who)}　{japanese_time(item.decided_at)}</small>"
    )


def _classified(item: AskedItem) -> str:
    """類型, PHASE and 根拠 of a 該当: what goes into the roadmap once it is approved."""
    if item.applicability is not Applicability.APPLICABLE or not (item.regulation_type and item.phase and item.basis):
        return ""
    kind = labels.type_label(item.category, item.regulation_type)
    return (
        f"　{ja.TYPE} {escape(kind)}　PHASE {phase_steps(item.phase)} {item.phase}"
        f"　{ja.BASIS} {labels.label(item.basis)}"
    )


def return_popover(actor: Actor, row: AnswerRow, *, done_at: str | None = None) -> None:
    """差戻し with the reason that the division will read."""
    reason = f"return_reason_{row.answer_id}_{row.row_version}"
    with st.popover(words.RETURN):
        tell(f"{place_of(row)}_form")
        st.text_area(
            words.REASON, key=reason, placeholder=words.RETURN_REASON_HINT, height=100, max_chars=2000, width=360
        )
        st.button(words.RETURN_NOW, key=f"return_{row.answer_id}", on_click=_return, args=(actor, row, reason, done_at))


def accept_button(actor: Actor, row: AnswerRow, *, done_at: str | None = None) -> None:
    st.button(words.ACCEPT, key=f"accept_{row.answer_id}", type="primary", on_click=_accept, args=(actor, row, done_at))


def approve_popover(actor: Actor, row: AnswerRow, *, done_at: str | None = None) -> None:
    """承認 touches all that the division has answered, so it asks first."""
    with st.popover(words.APPROVE, type="primary"):
        st.html(f"<p>{words.approve_how_many(row.figures)}</p><p>{words.APPROVE_QUESTION}</p>")
        st.button(
            words.APPROVE, key=f"approve_{row.answer_id}", type="primary", on_click=_approve, args=(actor, row, done_at)
        )


def _approve(actor: Actor, row: AnswerRow, done_at: str | None) -> None:
    _take(approve_answer, actor, row, done=words.approved(row.division), done_at=done_at)


def _accept(actor: Actor, row: AnswerRow, done_at: str | None) -> None:
    _take(accept_answer, actor, row, done=words.accepted(row.division), done_at=done_at)


def _return(actor: Actor, row: AnswerRow, reason: str, done_at: str | None) -> None:
    written = st.session_state.get(reason) or ""
    _take(return_answer, actor, row, done=words.returned(row.division), done_at=done_at, reason=written)


def _take(
    step: Callable[..., None], actor: Actor, row: AnswerRow, *, done: str, done_at: str | None = None, **more: str
) -> None:
    values = {"answer_id": row.answer_id, "expected_version": row.row_version, **more}
    take_step(step, actor=actor, place=place_of(row), done=done, done_at=done_at, values=values)
