"""What inquiries ask of a division, on top of its 受信箱, and until when, on top of 候補の確認."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st
from sqlalchemy.orm import Session

from models import queries
from models.operations.answer_inquiry import submit_answer, withdraw_answer
from models.queries import AnswerRow, EventRow
from regulations.inquiry import AnswerState, may_manage_inquiries, may_submit, may_withdraw
from regulations.review import Actor, Role
from review_app.components.coordinator_inbox import SHOWN, coordinator_inbox
from review_app.components.rounds import due_words, events_html, figures_html, state_badge, take_step, tell, today
from review_app.database import reading
from review_app.labels_ja import inquiries as words
from review_app.navigation import APPROVAL, INQUIRIES
from review_app.session_state import page

_DIVISION = frozenset({Role.REVIEWER, Role.APPROVER})


def due_html(session: Session, *, actor: Actor) -> str:
    """期限 令和9年1月29日（あと12日） of the nearest answer that the actor's division owes; else empty."""
    if actor.role not in _DIVISION or actor.division_id is None:
        return ""
    owed = queries.due_inquiries(session, division_id=actor.division_id)
    return due_words(owed[0].due_date, on=today()) if owed else ""


def inquiry_bar(actor: Actor) -> None:
    """One block for each running inquiry that asks the actor's division; for the coordinator what waits for them."""
    if may_manage_inquiries(actor):
        coordinator_inbox(actor, stands_alone=not _after_acceptance(actor))
        return
    if actor.role not in _DIVISION:
        return
    with reading() as session:
        rows = queries.answers(session, actor=actor, today=today())
        events = [queries.inquiry_events(session, actor=actor, answer_id=row.answer_id) for row in rows]
    for row, history in zip(rows, events, strict=True):
        with st.container(key=f"round_bar_{row.answer_id}"):
            _bar(actor, row, history)


def _after_acceptance(actor: Actor) -> bool:
    """What came to divisions whose answers the coordinator has accepted, most first; whether there was anything.

    Nobody else can do anything about it.
    """
    with reading() as session:
        rows = sorted(queries.late_arrivals(session, actor=actor), key=lambda row: -row.candidates)
    if not rows:
        return False
    told = f"{words.first_of(SHOWN, len(rows))}{words.AFTER_ACCEPTANCE_HOW}"
    st.html(f'<h2>{words.section(words.AFTER_ACCEPTANCE, len(rows))}</h2><p class="mi-keys">{told}</p>')
    for row in rows[:SHOWN]:
        with st.container(key=f"round_line_after_{row.answer_id}", horizontal=True, vertical_alignment="center"):
            whose = f"<b>{escape(row.division)}</b>　{escape(row.inquiry)}"
            st.html(f"<p>{whose}　{words.open_candidates(row.candidates)}</p>", width="content")
            if target := page(INQUIRIES.name):
                address = {"inquiry": str(row.inquiry_id), "answer": str(row.answer_id)}
                st.page_link(target, label=words.OPEN_ANSWER, query_params=address)
    return True


def _bar(actor: Actor, row: AnswerRow, history: Sequence[EventRow]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.html(head_html(row), width="stretch")
        _step(actor, row)
    tell(f"answer_{row.answer_id}")
    if row.state is AnswerState.RETURNED:
        because = escape(words.returned_because(row.returned_reason))
        st.html(f'<p class="mi-fault" role="alert">{because}<br>{words.RETURNED_NEXT}</p>')
    elif row.returned_reason:
        st.html(f'<p class="mi-fault" role="alert">{escape(row.returned_reason)}<br>{words.RESUMED_NEXT}</p>')
    elif row.state is AnswerState.ACCEPTED and row.figures.open:
        st.html(f'<p class="mi-note" role="status">{words.came_since_acceptance(row.figures.open)}</p>')
    if row.is_late:
        st.html(f'<p class="mi-fault" role="alert">{words.late_notice((today() - row.due_date).days, row.state)}</p>')
    st.html(_facts_html(row, history))


def head_html(row: AnswerRow) -> str:
    """The inquiry's name, where the answer stands, and until when."""
    return (
        f'<p class="mi-round-head"><b>{words.INQUIRY}　{escape(row.inquiry)}</b> {state_badge(row.state)} '
        f"{due_words(row.due_date, on=today())}</p>"
    )


def why_not_yet(row: AnswerRow) -> str:
    """Why an answer cannot be handed in; empty where nothing stands against it."""
    return words.still_open(row.figures.open) if row.figures.open else ""


def _step(actor: Actor, row: AnswerRow) -> None:
    """The one thing to do next."""
    if row.state in {AnswerState.WAITING, AnswerState.RETURNED} and may_submit(actor, row.respondent):
        reason = why_not_yet(row)
        with st.popover(words.SUBMIT, type="secondary" if reason else "primary", disabled=bool(reason)):
            st.html(f"<p>{words.submit_how_many(row.figures)}</p>")
            comment = f"submit_comment_{row.answer_id}_{row.row_version}"
            st.text_area(words.COMMENT, key=comment, placeholder=words.COMMENT_HINT, height=76, max_chars=2000)
            st.button(
                words.SUBMIT_NOW, key=f"submit_{row.answer_id}", type="primary", on_click=_submit,
                args=(actor, row, comment),
            )  # fmt: skip
    elif row.state is AnswerState.ANSWERED and may_withdraw(actor, row.respondent):
        if actor.role is Role.APPROVER and (approval := page(APPROVAL.name)):
            st.page_link(approval, label=words.TO_APPROVAL, query_params={"answer": str(row.answer_id)})
        with st.popover(words.WITHDRAW):
            st.html(f"<p>{words.WITHDRAW_QUESTION}</p>")
            st.button(
                words.WITHDRAW_NOW, key=f"withdraw_{row.answer_id}", on_click=_withdraw, args=(actor, row),
            )  # fmt: skip


def _facts_html(row: AnswerRow, history: Sequence[EventRow]) -> str:
    """What is asked, how far it is, and what to do or to wait for."""
    note = words.STATE_NOTES.get(row.state) or why_not_yet(row)
    if not note and not row.figures.candidates:
        note = words.NOTHING_ASKED
    handed_in = words.submitted_by(row.submitted_by, row.submitted_at)
    line = "　".join(escape(part) for part in (note, handed_in) if part)
    figures = "" if row.state is AnswerState.ACCEPTED else figures_html(row.figures)
    guidance = escape(row.guidance).replace("\n", "<br>")
    past = (
        f'<details class="mi-guidance"><summary>{words.history(len(history))}</summary>{events_html(history)}</details>'
        if history
        else ""
    )
    asked = f"{words.SCOPE}: {escape(words.scope(row.kinds, row.categories))}"
    return (
        f'{figures}<p class="mi-keys">{line}</p><div class="mi-round-more">'
        f'<details class="mi-guidance"><summary>{words.GUIDANCE}</summary><p>{asked}</p><p>{guidance}</p></details>'
        f"{past}</div>"
    )


def _submit(actor: Actor, row: AnswerRow, comment: str) -> None:
    values = {
        "answer_id": row.answer_id,
        "expected_version": row.row_version,
        "comment": st.session_state.get(comment) or "",
    }
    take_step(submit_answer, actor=actor, place=f"answer_{row.answer_id}", done=words.SUBMITTED, values=values)


def _withdraw(actor: Actor, row: AnswerRow) -> None:
    values = {"answer_id": row.answer_id, "expected_version": row.row_version}
    take_step(withdraw_answer, actor=actor, place=f"answer_{row.answer_id}", done=words.WITHDRAWN, values=values)
