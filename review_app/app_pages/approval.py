"""承認: the answers that wait for the head of the division, with all that they hold."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from models import queries
from models.queries import AnswerRow
from models.queries.asked import approvers
from regulations.inquiry import AnswerState, may_approve, may_return
from regulations.review import Actor, Role
from review_app.components.answer_review import (
    answer_detail,
    answer_head_html,
    approve_popover,
    place_of,
    return_popover,
)
from review_app.components.pager import page_number, pager
from review_app.components.rounds import due_words, late_badge, now, state_badge, tell, today
from review_app.database import reading
from review_app.labels_ja import inquiries as words
from review_app.navigation import INBOX
from review_app.presenters import plain_label
from review_app.session_state import page

PAGE, SIZE = "approval_page", 8

DONE = "approval"
"""Where a step is told after which the next answer opens."""


def show(actor: Actor) -> None:
    with reading() as session:
        rows = in_order(queries.answers(session, actor=actor, today=today()))
    st.html(f"<h1>{words.APPROVAL}</h1>")
    tell(DONE)
    if actor.role is Role.BUREAU_MANAGER:
        st.html(f'<p class="mi-keys">{words.MANAGER_READS}</p>')
    wanted = st.query_params.get("answer", "")
    opened = chosen(rows, wanted)
    if opened is None:
        _nothing(actor)
    if len(rows) > 1 or (rows and opened is None):
        _list(rows, opened)
    if opened is not None:
        _answer(actor, opened)


def in_order(rows: Sequence[AnswerRow]) -> list[AnswerRow]:
    """What waits for approval first, as it is due."""
    return sorted(rows, key=lambda row: row.state is not AnswerState.ANSWERED)


def chosen(rows: Sequence[AnswerRow], wanted: str) -> AnswerRow | None:
    """The answer asked for, else the first that waits for approval; None where neither is there."""
    found = next((row for row in rows if str(row.answer_id) == wanted), None)
    return found or next((row for row in rows if row.state is AnswerState.ANSWERED), None)


def _nothing(actor: Actor) -> None:
    after = words.NOTHING_FOR_MANAGER_NEXT if actor.role is Role.BUREAU_MANAGER else words.NOTHING_TO_APPROVE_NEXT
    with st.container(key="empty"):
        st.html(f'<div class="mi-empty"><h2>{words.NOTHING_TO_APPROVE}</h2><p>{after}</p></div>')
        if inbox := page(INBOX.name):
            st.page_link(inbox, label=words.TO_INBOX)


def _list(rows: Sequence[AnswerRow], opened: AnswerRow | None) -> None:
    """All running answers that the actor sees, each a way to it."""
    offset = page_number(PAGE, total=len(rows), size=SIZE) * SIZE
    for row in rows[offset : offset + SIZE]:
        is_open = opened is not None and row.answer_id == opened.answer_id
        with st.container(key=f"row_{'chosen' if is_open else 'answer'}_{row.answer_id}"):
            name, state = st.columns([4, 8], vertical_alignment="center")
            here = "▶ " if is_open else ""
            name.button(
                plain_label(f"{here}{row.division}　{row.inquiry}"), key=f"round_open_answer_{row.answer_id}",
                type="tertiary", on_click=_go, args=(row.answer_id,),
            )  # fmt: skip

            due = due_words(row.due_date, on=today())
            state.html(f'<p class="mi-round-head">{state_badge(row.state)} {late_badge(row)} {due}</p>')
    pager(PAGE, total=len(rows), size=SIZE)


def _go(answer_id: int) -> None:
    st.query_params["answer"] = str(answer_id)


def _answer(actor: Actor, row: AnswerRow) -> None:
    reason = why_not(actor, row)
    with st.container(key="approval", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(answer_head_html(row), width="stretch")
        if not reason and row.state is AnswerState.ANSWERED and may_approve(actor, row.respondent):
            approve_popover(actor, row, done_at=DONE)
        if may_return(actor, row.respondent, state=row.state):
            return_popover(actor, row, done_at=DONE)
    if reason:
        st.html(f'<p class="mi-note">{escape(reason)}</p>')
    tell(place_of(row))
    answer_detail(actor, row)


def why_not(actor: Actor, row: AnswerRow) -> str:
    """Why an approver cannot approve what waits for approval, and who can; empty where nothing stands against it."""
    if actor.role is not Role.APPROVER or row.state is not AnswerState.ANSWERED:
        return ""
    if may_approve(actor, row.respondent):
        return words.came_since(row.figures.open) if row.figures.open else ""
    with reading() as session:
        return words.own_answer(approvers(session, respondent=row.respondent, now=now()))
