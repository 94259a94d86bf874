"""照会の管理: the rounds, what each division answers to them, and their beginning and end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from typing import Any

import streamlit as st
from sqlalchemy.orm import Session

from models import queries
from models.operations.close_inquiry import close_inquiry, reopen_inquiry
from models.operations.dispatch_inquiry import dispatch_inquiry
from models.operations.draft_inquiry import discard_draft, draft_inquiry, edit_inquiry
from models.queries import AnswerFigures, AnswerRow, DivisionChoice, InquiryRow
from regulations import labels
from regulations.inquiry import AnswerState, InquiryState, may_accept, may_manage_inquiries, may_return
from regulations.review import Actor
from review_app.components.answer_review import (
    accept_button,
    answer_detail,
    answer_head_html,
    place_of,
    return_popover,
)
from review_app.components.inquiry_form import InquiryFields, asked_figures, fields_form, preview_html, typed
from review_app.components.inquiry_table import answers_table, download_answers
from review_app.components.pager import page_number, pager
from review_app.components.rounds import (
    due_words,
    events_html,
    figures_html,
    late_badge,
    refuse,
    state_badge,
    take_step,
    tell,
    today,
)
from review_app.database import reading
from review_app.labels_ja import inquiries as words
from review_app.presenters import japanese_date, plain_label

SIZE = 20
EVENTS = 100
NEW = "new"
PLACE = "inquiries"
NAMED = 12
"""Divisions named where it says who is unfinished."""

LATE_FIRST = (
    AnswerState.APPROVED,
    AnswerState.RETURNED,
    AnswerState.WAITING,
    AnswerState.ANSWERED,
    AnswerState.ACCEPTED,
)
"""Within the late and within the others: what waits for the coordinator, for the division, for nobody."""


def show(actor: Actor) -> None:
    wanted = st.query_params.get("inquiry", "")
    if wanted == NEW and may_manage_inquiries(actor):
        _draft(actor, None)
        return
    with reading() as session:
        rows = queries.inquiry_list(session, actor=actor, today=today())
    if not wanted:
        _list(actor, rows)
        return
    row = next((row for row in rows if str(row.inquiry_id) == wanted), None)
    if row is None:
        _back(None)
        tell(PLACE)
        st.html(f'<div class="mi-empty"><h2>{words.NO_SUCH_INQUIRY}</h2><p>{words.NO_SUCH_INQUIRY_NEXT}</p></div>')
    elif row.state is InquiryState.DRAFT and may_manage_inquiries(actor):
        _draft(actor, row)
    else:
        _round(actor, row)


def _go(inquiry_id: int | str | None, answer_id: int | None = None) -> None:
    st.query_params.clear()
    if inquiry_id is not None:
        st.query_params["inquiry"] = str(inquiry_id)
    if answer_id is not None:
        st.query_params["answer"] = str(answer_id)


def _back(inquiry_id: int | None) -> None:
    told = words.TO_LIST if inquiry_id is None else words.BACK_TO_TABLE
    st.button(f"◀ {told}", key="inquiry_back", type="tertiary", on_click=_go, args=(inquiry_id,))


# The list


def _list(actor: Actor, rows: Sequence[InquiryRow]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.html(f"<h1>{words.INQUIRIES}</h1>", width="content")
        if may_manage_inquiries(actor):
            st.button(words.NEW, key="new_inquiry", type="primary", on_click=_go, args=(NEW,))
    tell(PLACE)
    if not rows:
        after = words.NO_INQUIRIES_NEXT if may_manage_inquiries(actor) else words.NO_INQUIRIES_AUDIT
        st.html(f'<div class="mi-empty"><h2>{words.NO_INQUIRIES}</h2><p>{after}</p></div>')
    for row in rows:
        with st.container(key=f"row_inquiry_{row.inquiry_id}"):
            name, state, progress = st.columns([4.6, 3.4, 4], vertical_alignment="center")
            with name:
                st.button(
                    plain_label(row.name), key=f"round_open_{row.inquiry_id}", type="tertiary", on_click=_go,
                    args=(row.inquiry_id,),
                )  # fmt: skip
                st.html(f'<p class="mi-keys">{escape(words.scope(row.kinds, row.categories))}</p>')
            state.html(f'<p class="mi-round-head">{state_badge(row.state)} {due_html(row)}</p>')
            progress.html(f'<p class="mi-round-head">{progress_html(row)}</p>')


def due_html(row: InquiryRow) -> str:
    """The due date; how far away it is only while it counts."""
    if row.state is InquiryState.CLOSED:
        return escape(words.closed_on(row.due_date, row.closed_at))
    return due_words(row.due_date, on=today())


def progress_html(row: InquiryRow) -> str:
    """How many divisions stand where, the late ones first."""
    if row.state is InquiryState.DRAFT:
        return words.list_line(row.divisions)
    late = f'<span class="mi-status mi-round-late">{words.late_count(row.late)}</span>' if row.late else ""
    states = " ".join(
        f'<span class="mi-status mi-round-{state.value}">{words.state_count(state, row.by_state[state])}</span>'
        for state in AnswerState
        if row.by_state[state]
    )
    return f"{words.list_line(row.divisions)} {late} {states}"


# A draft


def _draft(actor: Actor, row: InquiryRow | None) -> None:
    with reading() as session:
        divisions = queries.divisions(session, on=today(), to_come=True)
        drafted = (InquiryState.DRAFT,)
        asked = (
            queries.answers(session, actor=actor, today=today(), inquiry_id=row.inquiry_id, inquiry_states=drafted)
            if row
            else []
        )
    key = f"inquiry_{row.inquiry_id}_{row.row_version}" if row else "inquiry_new"
    _back(None)
    badge = state_badge(InquiryState.DRAFT) if row else ""
    st.html(f"<h1>{escape(row.name if row else words.NEW)} {badge}</h1>")
    tell(PLACE)
    fields, preview = st.columns([5, 5], gap="medium")
    with fields:
        fields_form(key, row=row, today=today(), divisions=divisions, asked=[answer.division_id for answer in asked])
    with preview:
        _preview(actor, row, key, divisions)


def _preview(actor: Actor, row: InquiryRow | None, key: str, divisions: Sequence[DivisionChoice]) -> None:
    chosen = typed(key)
    figures = asked_figures(chosen, divisions)
    total = sum(figures.values(), AnswerFigures())
    step = partial(_draft_step, actor, row, key, divisions)
    st.html(f'<p class="mi-note" role="status">{words.asks(len(figures), total.candidates, total.open)}</p>')
    tell(f"{PLACE}_form")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.popover(words.DISPATCH, type="primary", disabled=not figures):
            if chosen.due_date is not None:
                st.html(f"<p>{words.dispatch_question(len(figures), total.candidates, chosen.due_date)}</p>")
            st.button(words.DISPATCH_NOW, key="dispatch", type="primary", on_click=step, args=(True,))
        st.button(words.SAVE_DRAFT, key="save_draft", on_click=step, args=(False,))
        if row is not None:
            with st.popover(words.DISCARD):
                st.html(f"<p>{words.DISCARD_QUESTION}</p>")
                st.button(words.DISCARD_NOW, key="discard", on_click=_discard, args=(actor, row))
    if not figures:
        st.html(f'<p class="mi-fault">{words.NOBODY_ASKED}</p>')
        return
    with st.container(key="round_asked"):
        st.html(preview_html(figures, divisions))


def _draft_step(
    actor: Actor, row: InquiryRow | None, key: str, divisions: Sequence[DivisionChoice], is_start: bool
) -> None:
    """Save what stands in the fields, and begin where asked to: what is begun is what was shown."""
    fields = typed(key)
    if fields.due_date is None:
        refuse(f"{PLACE}_form", words.NO_DUE_DATE)
        return
    asked = list(asked_figures(fields, divisions))
    saved: list[int] = []

    def save(session: Session, *, actor: Actor, now: dt.datetime) -> None:
        inquiry_id, version = _saved(session, actor, row, fields, asked, now=now)
        saved.append(inquiry_id)
        if is_start:
            dispatch_inquiry(session, actor=actor, inquiry_id=inquiry_id, expected_version=version, now=now)

    done = words.dispatched(len(asked)) if is_start else words.saved_draft(fields.name.strip())
    if take_step(save, actor=actor, place=PLACE, done=done, values={}):
        _go(saved[0])


def _saved(
    session: Session, actor: Actor, row: InquiryRow | None, fields: InquiryFields, asked: list[int], *, now: dt.datetime
) -> tuple[int, int]:
    """Id and version of the draft with these fields."""
    values: dict[str, Any] = {
        "name": fields.name,
        "guidance": fields.guidance,
        "due_date": fields.due_date,
        "kinds": fields.kinds,
        "categories": fields.categories,
        "division_ids": asked,
    }
    if row is not None:
        return row.inquiry_id, edit_inquiry(
            session, actor=actor, inquiry_id=row.inquiry_id, expected_version=row.row_version, now=now, **values
        )
    return draft_inquiry(session, actor=actor, now=now, **values), 1


def _discard(actor: Actor, row: InquiryRow) -> None:
    values = {"inquiry_id": row.inquiry_id}
    if take_step(discard_draft, actor=actor, place=PLACE, done=words.discarded(row.name), values=values):
        _go(None)


# A round that has begun


def _round(actor: Actor, row: InquiryRow) -> None:
    with reading() as session:
        answers = queries.answers(
            session, actor=actor, today=today(), inquiry_id=row.inquiry_id, inquiry_states=tuple(InquiryState)
        )
    wanted = st.query_params.get("answer", "")
    answer = next((answer for answer in answers if str(answer.answer_id) == wanted), None)
    if answer is not None:
        _one_answer(actor, answer)
        return
    _back(None)
    _head(actor, row, answers)
    tell(PLACE)
    st.html(about_html(row))
    if row.state is InquiryState.CLOSED:
        _frozen(actor, row)
    else:
        _answers(actor, row, answers)
    _history(actor, row)


def _head(actor: Actor, row: InquiryRow, answers: Sequence[AnswerRow]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<h1>{escape(row.name)}</h1><p class="mi-round-head">{state_badge(row.state)} {due_html(row)}　'
            f"{progress_html(row)}</p>",
            width="stretch",
        )
        if not may_manage_inquiries(actor):
            return
        if row.state is InquiryState.OPEN:
            _edit(actor, row)
            _close(actor, row, answers)
        elif row.state is InquiryState.CLOSED:
            _reopen(actor, row)


def about_html(row: InquiryRow) -> str:
    """What is asked, and how it is to be answered."""
    guidance = escape(row.guidance).replace("\n", "<br>")
    return (
        f'<details class="mi-guidance"><summary>{words.GUIDANCE}</summary>'
        f"<p>{words.SCOPE}: {escape(words.scope(row.kinds, row.categories))}</p><p>{guidance}</p></details>"
    )


def _edit(actor: Actor, row: InquiryRow) -> None:
    key = f"inquiry_{row.inquiry_id}_{row.row_version}"
    with st.popover(words.EDIT):
        st.html(f'<p class="mi-keys">{words.ONLY_THESE}</p>')
        tell(f"{PLACE}_form")
        fields_form(key, row=row, today=today())
        st.button(words.SAVE_CHANGES, key="save_changes", type="primary", on_click=_save, args=(actor, row, key))


def _save(actor: Actor, row: InquiryRow, key: str) -> None:
    fields = typed(key)
    if fields.due_date is None:
        refuse(f"{PLACE}_form", words.NO_DUE_DATE)
        return
    values = {
        "inquiry_id": row.inquiry_id,
        "expected_version": row.row_version,
        "name": fields.name,
        "guidance": fields.guidance,
        "due_date": fields.due_date,
    }
    take_step(edit_inquiry, actor=actor, place=PLACE, done=words.saved(fields.name.strip()), values=values)


def unfinished(answers: Sequence[AnswerRow]) -> list[AnswerRow]:
    """The answers that closing now would leave behind: not accepted, or with candidates that came since."""
    return [row for row in answers if row.state is not AnswerState.ACCEPTED or row.figures.open]


def _close(actor: Actor, row: InquiryRow, answers: Sequence[AnswerRow]) -> None:
    left = unfinished(answers)
    with st.popover(words.CLOSE):
        st.html(f"<p>{words.close_question(len(answers), len(left))}</p>")
        if left:
            named = "".join(
                f"<li>{escape(answer.division)} {state_badge(answer.state)} {late_badge(answer)}"
                f"{words.left_over(answer.figures.open)}</li>"
                for answer in left[:NAMED]
            )
            st.html(f"<ul>{named}</ul><p>{words.and_more(len(left) - NAMED)}</p>")
        st.button(
            words.CLOSE_UNFINISHED if left else words.CLOSE_NOW, key="close", type="secondary" if left else "primary",
            on_click=_end, args=(actor, row, bool(left)),
        )  # fmt: skip


def _end(actor: Actor, row: InquiryRow, even_unfinished: bool) -> None:
    values = {
        "inquiry_id": row.inquiry_id,
        "expected_version": row.row_version,
        "even_unfinished": even_unfinished,
    }
    take_step(close_inquiry, actor=actor, place=PLACE, done=words.CLOSED, values=values)


def _reopen(actor: Actor, row: InquiryRow) -> None:
    reason = f"reopen_reason_{row.inquiry_id}_{row.row_version}"
    with st.popover(words.REOPEN):
        st.html(f"<p>{words.REOPEN_QUESTION}</p>")
        tell(f"{PLACE}_form")
        st.text_area(words.REASON, key=reason, placeholder=words.REOPEN_REASON_HINT, height=76, max_chars=2000)
        st.button(words.REOPEN_NOW, key="reopen", on_click=_resume, args=(actor, row, reason))


def _resume(actor: Actor, row: InquiryRow, reason: str) -> None:
    values = {
        "inquiry_id": row.inquiry_id,
        "expected_version": row.row_version,
        "reason": st.session_state.get(reason) or "",
    }
    take_step(reopen_inquiry, actor=actor, place=PLACE, done=words.REOPENED, values=values)


def in_order(answers: Sequence[AnswerRow]) -> list[AnswerRow]:
    """Late ones first; then what waits for the coordinator, for the division, for nobody."""
    return sorted(answers, key=lambda row: (not row.is_late, LATE_FIRST.index(row.state), row.division_id))


def filters(answers: Sequence[AnswerRow]) -> Mapping[str, list[AnswerRow]]:
    """What the list can be limited to: always the same words, so that a choice stands while answers move on."""
    groups = {words.ALL_STATES: list(answers), words.LATE: [row for row in answers if row.is_late]}
    return groups | {labels.label(state): [row for row in answers if row.state is state] for state in AnswerState}


def _answers(actor: Actor, row: InquiryRow, answers: Sequence[AnswerRow]) -> None:
    filter_key, page_key = f"answers_{row.inquiry_id}", f"answers_page_{row.inquiry_id}"

    def first_page() -> None:
        st.session_state[page_key] = 0

    groups = filters(in_order(answers))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f"<h2>{words.ANSWERS_OF_DIVISIONS}</h2>", width="content")
        shown = st.segmented_control(
            words.SHOW, list(groups), default=words.ALL_STATES, required=True, key=filter_key,
            on_change=first_page, label_visibility="collapsed",
        )  # fmt: skip
        _download(actor, row)
    listed = groups[shown or words.ALL_STATES]
    offset = page_number(page_key, total=len(listed), size=SIZE) * SIZE
    if not listed:
        st.html(f'<div class="mi-empty"><p>{words.NO_SUCH_DIVISION_HERE}</p></div>')
    for answer in listed[offset : offset + SIZE]:
        _answer(actor, answer)
    total = sum((answer.figures for answer in answers), AnswerFigures())
    with st.container(key="row_total"):
        name, figures, _ = st.columns([4, 5.6, 2.4], vertical_alignment="center")
        name.html(f'<p class="mi-round-head"><b>{words.TOTAL}　{words.list_line(len(answers))}</b></p>')
        figures.html(figures_html(total))
    pager(page_key, total=len(listed), size=SIZE)


def _answer(actor: Actor, answer: AnswerRow) -> None:
    with st.container(key=f"row_{place_of(answer)}"):
        who, figures, step = st.columns([4, 5.6, 2.4], vertical_alignment="center")
        with who:
            _open(answer)
        figures.html(figures_html(answer.figures))
        with step, st.container(horizontal=True, gap="small"):
            _steps(actor, answer)
        tell(place_of(answer))


def _open(answer: AnswerRow) -> None:
    handed_in = japanese_date(answer.submitted_at)

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            plain_label(answer.division), key=f"round_open_answer_{answer.answer_id}", type="tertiary", on_click=_go,
            args=(answer.inquiry_id, answer.answer_id),
        )  # fmt: skip
        st.html(f'<p class="mi-round-head">{state_badge(answer.state)} {late_badge(answer)}</p>', width="content")
    where = "　".join(filter(None, (answer.bureau, answer.office, words.handed_in_on(handed_in))))
    st.html(f'<p class="mi-keys">{escape(where)}</p>')


def _steps(actor: Actor, answer: AnswerRow) -> None:
    if answer.inquiry_state is not InquiryState.OPEN:
        return
    if answer.state is AnswerState.APPROVED and may_accept(actor):
        accept_button(actor, answer)
    if may_return(actor, answer.respondent, state=answer.state):
        return_popover(actor, answer)


def _one_answer(actor: Actor, answer: AnswerRow) -> None:
    _back(answer.inquiry_id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(answer_head_html(answer), width="stretch")
        _steps(actor, answer)
    tell(place_of(answer))
    answer_detail(actor, answer)


def _frozen(actor: Actor, row: InquiryRow) -> None:
    with reading() as session:
        totals = queries.frozen_totals(session, actor=actor, inquiry_id=row.inquiry_id)
    if totals is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.html(f"<h2>{words.FROZEN}</h2>", width="content")
        _download(actor, row)
    st.html(f'<p class="mi-keys">{words.FROZEN_HOW}</p>{answers_table(totals.rows)}')


def _download(actor: Actor, row: InquiryRow) -> None:
    st.download_button(
        words.DOWNLOAD_TABLE, partial(download_answers, actor, row.inquiry_id, today=today()),
        file_name=words.file_name(row.name), mime="text/csv", key="download_answers", on_click="ignore",
    )  # fmt: skip


def _history(actor: Actor, row: InquiryRow) -> None:
    with reading() as session:
        events = queries.inquiry_events(session, actor=actor, inquiry_id=row.inquiry_id, limit=EVENTS)
    with st.expander(words.history(len(events))):
        st.html(events_html(events))
