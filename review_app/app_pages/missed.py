"""検出もれの点検: provisions that detection left out, drawn at random and read, and what they say of the rest."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from html import escape

import streamlit as st

from models import queries
from models.detection import ElusionAnswer
from models.operations.draw_elusion_sample import (
    AlreadyAnsweredError,
    MissedRegulation,
    NothingToDrawError,
    answer_elusion_row,
    draw_elusion_sample,
)
from models.operations.errors import InvalidAnswerError
from models.queries import ElusionEstimate, ElusionTask
from models.queries.intervals import clopper_pearson
from regulations import labels
from regulations.review import Actor
from review_app import labels_ja as ja
from review_app.components.pager import page_number, pager
from review_app.components.regulation_fields import RegulationFields, regulation_fields
from review_app.database import reading, writing
from review_app.presenters import law_text, locate_quote, plain_label
from review_app.session_state import leave, take

SIZE = 300
"""Provisions drawn unless another number is given: without a miss among them, the upper bound is near 1 %."""

LIST_PAGE, LIST_SIZE = "sample_page", 8
MARKING = "sample_marking"


def show(actor: Actor) -> None:
    with reading() as session:
        estimate = queries.elusion_estimate(session, actor=actor)
        tasks = queries.elusion_tasks(session, actor=actor, sample_id=estimate.sample_id) if estimate else []
    if estimate is None:
        st.html(
            f'<h1>{ja.MISSED}</h1><div class="mi-empty"><h2>{ja.MISSED_EMPTY}</h2><p>{ja.MISSED_EMPTY_NEXT}</p></div>'
        )
        _draw_form(actor, words=ja.DRAW)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.html(f"<h1>{ja.MISSED}</h1>", width="content")
        st.html(f'<p class="mi-keys">{ja.sample_progress(estimate.read, estimate.size)}</p>', width="content")
        if message := take("sample_done"):
            st.html(f'<p class="mi-done" role="status">{escape(message)}</p>', width="content")
        with st.popover(ja.DRAW_ANEW):
            st.html(f'<p class="mi-keys">{ja.DRAW_ANEW_HOW}</p>')
            _draw_form(actor, words=ja.DRAW_ANEW)
    st.html(f'<p class="mi-note">{ja.estimate(estimate)}<br>{ja.recall(estimate)}</p>')
    task = current_task(tasks, wanted=st.query_params.get("row", ""))
    text, answer = st.columns([2, 1], gap="small")
    with text:
        if task is None:
            st.html(f'<div class="mi-empty"><h2>{ja.SAMPLE_READ}</h2><p>{ja.SAMPLE_READ_NEXT}</p></div>')
        else:
            with st.container(key="case"):
                st.html(_task_html(task, estimate))
            _bottom_line(task, estimate.size)
    with answer:
        if task is not None:
            _answer_form(actor, task)
        _list(tasks)


def current_task(tasks: Sequence[ElusionTask], *, wanted: str) -> ElusionTask | None:
    """The drawn provision at the position asked for, else the first one nobody has read; None when all are.

    In the order of drawing: whoever stops half-way has still read a random sample.
    """
    return next((task for task in tasks if str(task.position) == wanted), None) or next(
        (task for task in tasks if task.answer is None), None
    )


def _draw_form(actor: Actor, *, words: str) -> None:
    if fault := take("sample_fault"):
        st.html(f'<p class="mi-fault" role="alert">{escape(fault)}</p>')
    size = st.number_input(ja.SAMPLE_SIZE, min_value=1, max_value=5_000, value=SIZE, key="sample_size", width=200)
    st.html(f'<p class="mi-keys">{ja.sample_size_help(size, clopper_pearson(0, size)[1])}</p>')
    st.button(words, key="draw_sample", type="primary", on_click=_draw, args=(actor, size))


def _draw(actor: Actor, size: int) -> None:
    try:
        with writing() as session:
            draw_elusion_sample(
                session, actor=actor, size=size, seed=secrets.randbelow(2**31), now=dt.datetime.now(dt.UTC)
            )
    except NothingToDrawError:
        leave("sample_fault", ja.NOTHING_TO_DRAW)
        return
    st.session_state[LIST_PAGE] = 0
    _go(None)


def _go(position: int | None) -> None:
    st.session_state.pop(MARKING, None)
    if position is None:
        st.query_params.clear()
    else:
        st.query_params["row"] = str(position)


def _task_html(task: ElusionTask, estimate: ElusionEstimate) -> str:
    return (
        f'<section class="mi-case"><header><h2>{escape(task.title)}</h2>'
        f"<p>{ja.sample_position(task.position, estimate.size)}</p></header>"
        f'<div class="mi-article"><h3>{escape(task.address)}{escape(task.caption)}</h3>{law_text(task.text)}</div>'
        "</section>"
    )


def _bottom_line(task: ElusionTask, size: int) -> None:
    with st.container(key="bottomline", horizontal=True, vertical_alignment="center"):
        before, after = task.position - 1, task.position + 1
        st.button(ja.PREVIOUS, shortcut="K", disabled=before < 1, on_click=_go, args=(before,))
        st.button(ja.NEXT, shortcut="J", disabled=after > size, on_click=_go, args=(after,))


def _answer_form(actor: Actor, task: ElusionTask) -> None:
    for sentence in take("answer_faults") or []:
        st.html(f'<p class="mi-fault" role="alert">{escape(sentence)}</p>')
    if task.answer is ElusionAnswer.MISSED:
        st.html(f'<p class="mi-done">{ja.ALREADY_MISSED}</p>')
    elif st.session_state.get(MARKING) == task.row_id:
        _missed_form(actor, task)
    else:
        if task.answer is not None:
            st.html(f'<p class="mi-keys">{ja.ANSWERED}: {ja.ELUSION_ANSWERS[task.answer]}</p>')
        nothing, missed = st.columns(2, gap="small")
        nothing.button(
            ja.NO_REGULATION, key="sample_nothing", type="primary", width="stretch", shortcut="1",
            disabled=task.answer is not None, on_click=_answer, args=(actor, task),
        )  # fmt: skip
        missed.button(
            ja.REGULATION_MISSED, key="sample_missed", width="stretch", shortcut="2", on_click=_mark, args=(task,)
        )


def _mark(task: ElusionTask) -> None:
    st.session_state[MARKING] = task.row_id


def _missed_form(actor: Actor, task: ElusionTask) -> None:
    key = f"sample_{task.row_id}"
    st.html(f'<p class="mi-keys">{ja.MISSED_QUOTE_HOW}</p>')
    quote = st.text_area(ja.QUOTE, key=f"{key}_quote", placeholder=ja.QUOTE_HINT, height=76)
    fields = regulation_fields(key)
    st.button(
        ja.RECORD_MISSED, key="sample_record", type="primary", on_click=_record, args=(actor, task, quote or "", fields)
    )
    st.button(
        ja.BACK_TO_READING, key="sample_back", type="tertiary", shortcut="Esc", on_click=_go, args=(task.position,)
    )


def _record(actor: Actor, task: ElusionTask, quote: str, fields: RegulationFields) -> None:
    span = locate_quote(task.text, quote) if quote.strip() else (0, len(task.text))
    if span is None:
        leave("answer_faults", [ja.QUOTE_NOT_HERE])
        return
    _answer(
        actor,
        task,
        MissedRegulation(
            start=span[0],
            end=span[1],
            category=fields.category,
            regulation_type=fields.regulation_type,
            phase=fields.phase,
            basis=fields.basis,
            note=fields.note,
        ),
    )


def _answer(actor: Actor, task: ElusionTask, *missed: MissedRegulation) -> None:
    """Save the answer at once and open the next provision; nothing typed is lost where it is refused."""
    try:
        with writing() as session:
            answer_elusion_row(session, actor=actor, row_id=task.row_id, missed=missed, now=dt.datetime.now(dt.UTC))
    except InvalidAnswerError as error:
        leave("answer_faults", [ja.answer_fault(error.fault)])
        return
    except AlreadyAnsweredError:  # somebody else has read it meanwhile: shown as it stands now
        _go(task.position)
        return
    answer = ElusionAnswer.MISSED if missed else ElusionAnswer.NOTHING
    words = "・".join(labels.category_label(each.category) for each in missed)
    leave("sample_done", ja.sample_answered(task.address, answer, words))
    _go(None)


def _list(tasks: Sequence[ElusionTask]) -> None:
    """What was drawn, each a way back to it."""
    with st.expander(f"{ja.DRAWN} {len(tasks)}件"):
        offset = page_number(LIST_PAGE, total=len(tasks), size=LIST_SIZE) * LIST_SIZE
        for task in tasks[offset : offset + LIST_SIZE]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.button(
                    plain_label(f"{task.position}　{task.address}"), key=f"sample_row_{task.row_id}", type="tertiary",
                    on_click=_go, args=(task.position,),
                )  # fmt: skip
                st.html(f'<span class="mi-status">{ja.ELUSION_ANSWERS[task.answer]}</span>', width="content")
        pager(LIST_PAGE, total=len(tasks), size=LIST_SIZE)
