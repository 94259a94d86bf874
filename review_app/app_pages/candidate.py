"""候補の確認: one candidate with its article, the proposal, and the answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st
from sqlalchemy.orm import Session

from models import queries
from models.queries import HandoverRow, ItemDetail, MessageRow, SimilarCase, SimilarItem, UndoableStep
from regulations import labels
from regulations.review import OPEN_STATUSES, Actor, Owner, ReviewStatus, may_ask, may_decide
from review_app import labels_ja as ja
from review_app.components.answer_form import answer_form, history_html, proposal_html
from review_app.components.at_work import sent
from review_app.components.bulk_answer import undo_step
from review_app.components.case_text import case_html
from review_app.components.group_preview import group_preview
from review_app.components.handover_form import handover_form, handover_html
from review_app.components.inquiry_bar import due_html
from review_app.components.thread import answer_html, thread_panel
from review_app.database import reading
from review_app.labels_ja import handling as words
from review_app.navigation import INBOX, READING, ROADMAP
from review_app.presenters import answer_words, chip, law_text, phase_label, remaining, thousands
from review_app.session_state import ANSWERED, address_of_list, adopt_address, page, queue_filter, work


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """All that is read for one candidate. `submitted` says why it stands still, empty where it does not."""

    detail: ItemDetail
    neighbours: tuple[int | None, int | None]
    alike: list[SimilarItem]
    messages: list[MessageRow]
    handovers: list[HandoverRow]
    submitted: str


def show(actor: Actor) -> None:
    adopt_address()
    wanted = st.query_params.get("candidate", "")
    with reading() as session:
        if not wanted:
            first = queries.next_item(session, actor=actor, after_item_id=None, **queue_filter())
            wanted = str(first) if first is not None else "done"
            st.query_params["candidate"] = wanted
        item_id = int(wanted) if wanted.isdecimal() and len(wanted) < 10 else None
        case = _read(session, actor, item_id) if item_id is not None else None
        by_status = queries.inbox_counts(session, actor=actor)
        due = due_html(session, actor=actor)
        undoable = _undoable(session, actor)
    _top_line(actor, by_status, due, undoable)
    if case is None:
        _nothing(is_done=wanted == "done")
        return
    detail = case.detail
    text, answer = st.columns([2, 1], gap="small")
    is_group = bool(case.alike) and work().grouping == detail.item_id
    group: list[SimilarItem] = []
    with text, st.container(key="case"):
        if is_group:
            group = group_preview(case.alike)
        else:
            st.html(case_html(detail))
    with answer, st.container(key="answer"):
        _answer_side(actor, case, group)
    _bottom_line(actor, case, is_group=is_group)


def _read(session: Session, actor: Actor, item_id: int) -> _Case | None:
    detail = queries.item_detail(session, actor=actor, item_id=item_id)
    if detail is None:
        return None
    alike: list[SimilarItem] = []
    if may_decide(actor, detail.owner):
        alike = open_group(queries.similar_items(session, actor=actor, item_id=detail.item_id, near=False))
    return _Case(
        detail=detail,
        neighbours=(
            queries.previous_item(session, actor=actor, before_item_id=detail.item_id, **queue_filter()),
            queries.next_item(session, actor=actor, after_item_id=detail.item_id, **queue_filter()),
        ),
        alike=alike,
        messages=queries.thread(session, actor=actor, item_id=detail.item_id),
        handovers=queries.handovers_of_item(session, actor=actor, item_id=detail.item_id),
        submitted=_submitted(session, actor, detail) if may_decide(actor, detail.owner) else "",
    )


def _submitted(session: Session, actor: Actor, detail: ItemDetail) -> str:
    """Why the candidate cannot be answered now: the division has handed its answer to an inquiry in."""
    standing = queries.standing_inquiry(session, item_id=detail.item_id)
    if standing is None:
        return ""
    if detail.owner.division_id != actor.division_id:
        return words.SUBMITTED_BY_OTHERS
    return words.submitted_already(standing.inquiry, standing.state)


def _undoable(session: Session, actor: Actor) -> UndoableStep | None:
    """The last answer for several, where this session knows of no step of its own: after a reload."""
    if work().done or not may_decide(actor, Owner(division_id=actor.division_id)):
        return None
    return queries.latest_undoable(session, actor=actor, now=dt.datetime.now(dt.UTC))


def _answer_side(actor: Actor, case: _Case, group: Sequence[SimilarItem]) -> None:
    detail, state = case.detail, work()
    may_answer = may_decide(actor, detail.owner) and not case.submitted
    is_talking = state.talking == detail.item_id
    st.html(
        proposal_html(detail)
        + handover_html(case.handovers, is_ours=may_decide(actor, detail.owner))
        + (answer_html(detail, case.messages) if may_answer and not is_talking else "")
    )
    if is_talking:
        thread_panel(actor, detail, case.messages, may_close=True)
    elif may_answer and state.handing == detail.item_id:
        handover_form(actor, detail)
    elif may_answer:
        answer_form(actor, detail, group=group)
    else:
        if case.submitted:
            st.html(f'<p class="mi-note" role="status">{escape(case.submitted)}</p>')
        _read_only(detail, is_owner=bool(case.submitted))
        if may_ask(actor, detail.owner) and not case.submitted and case.messages:
            thread_panel(actor, detail, case.messages, may_close=False)


def open_group(rows: Sequence[SimilarItem]) -> list[SimilarItem]:
    """The candidate and those of the same words, all still waiting for an answer; empty where it would be alone."""
    waiting = [row for row in rows if row.is_open]
    return waiting if len(waiting) > 1 and any(row.is_subject for row in waiting) else []


def _top_line(actor: Actor, by_status: Mapping[ReviewStatus, int], due: str, undoable: UndoableStep | None) -> None:
    answered = sum(by_status[status] for status in ANSWERED)
    left = sum(by_status[status] for status in OPEN_STATUSES)
    state = work()
    with st.container(key="topline", horizontal=True, vertical_alignment="center", gap="medium"):
        st.html(
            f'<p class="mi-keys"><b>{thousands(answered)}／{thousands(answered + left)}件</b> {ja.ANSWERED}　'
            f"{remaining(left, state.seconds_each())}{f'　{due}' if due else ''}</p>",
            width="content",
        )
        if state.done:
            done = f'<p class="mi-done" role="status"{sent(f"kept_{state.done_item}_")}>{escape(state.done)}</p>'
            st.html(done, width="content")
        undo = state.done_group if state.done else undoable.group_decision_id if undoable else None
        if undo is not None:
            label = ja.UNDO
            if undoable and not state.done:
                label = words.undo_earlier(undoable.items, undoable.decided_at, is_handover=undoable.is_handover)
            st.button(label, key="undo_group", type="tertiary", shortcut="Z", on_click=_undo, args=(actor, undo))
        elif state.done and state.done_item is not None:
            st.button(
                ja.OPEN_AGAIN, key="open_again", type="tertiary", shortcut="Z", on_click=_go, args=(state.done_item,)
            )


def _go(item_id: int) -> None:
    work().close()
    st.query_params["candidate"] = str(item_id)


def _undo(actor: Actor, group_decision_id: int) -> None:
    """Take the answer for several back, and return to the candidate it was given on."""
    undo_step(actor, group_decision_id)
    if (item_id := work().done_item) is not None:
        _go(item_id)


def _bottom_line(actor: Actor, case: _Case, *, is_group: bool) -> None:
    detail, (before, after) = case.detail, case.neighbours
    with st.container(key="bottomline", horizontal=True, vertical_alignment="center"):
        st.button(ja.PREVIOUS, shortcut="K", disabled=before is None, on_click=_go, args=(before,))
        st.button(ja.NEXT, shortcut="J", disabled=after is None, on_click=_go, args=(after,))
        if case.alike and not case.submitted:
            label = ja.ONE_BY_ONE if is_group else ja.answer_group(len(case.alike) - 1)
            chosen = None if is_group else detail.item_id
            st.button(label, key="group", shortcut="G", on_click=_group, args=(chosen,))
        if case.messages or may_ask(actor, detail.owner):
            st.button(
                words.thread(len(case.messages)), key="talk", shortcut="M", on_click=_talk, args=(detail.item_id,)
            )
        with st.popover(ja.similar(len(detail.similar)), disabled=not detail.similar):
            for similar in detail.similar:
                st.html(_similar_html(similar))
        with st.popover(ja.earlier_answers(len(detail.history)), disabled=not detail.history):
            st.html(history_html(detail.history))
        with st.popover(words.KEYS):
            st.html(keys_html())
        if reading_page := page(READING.name):
            st.page_link(
                reading_page,
                label=ja.READ_WHOLE,
                query_params={"instrument": str(detail.instrument.instrument_id)},
            )
        if inbox := page(INBOX.name):
            st.page_link(inbox, label=ja.TO_INBOX, query_params=address_of_list())


def keys_html() -> str:
    """Every key of the page with what it does."""
    rows = "".join(f"<tr><td><kbd>{key}</kbd></td><td>{what}</td></tr>" for key, what in words.KEY_LIST)
    return f'<table class="mi-key-list">{rows}</table><p class="mi-keys">{words.KEYS_HOW}</p>'


def _talk(item_id: int) -> None:
    state = work()
    is_open = state.talking == item_id
    state.close()
    state.talking = None if is_open else item_id


def _group(item_id: int | None) -> None:
    work().close()
    work().grouping = item_id


def _similar_html(case: SimilarCase) -> str:
    reason = f"（{labels.label(case.reason_code)}）" if case.reason_code else ""
    return (
        f"<p><b>{labels.label(case.applicability)}{reason}</b>　{escape(case.title)}　{escape(case.address)}　"
        f'<span class="mi-keys">{ja.ALIKE} {case.similarity:.0%}</span></p>'
        f'<div class="mi-article">{law_text(case.text)}</div>'
    )


def _read_only(detail: ItemDetail, *, is_owner: bool) -> None:
    stated = detail.decision or detail.candidate
    if stated is None:
        return
    answer = answer_words(detail.decision) if detail.decision else labels.label(detail.status)
    note = detail.decision.note if detail.decision else ""
    st.html(
        f'<div class="mi-proposal"><p><b>{escape(answer)}</b>　{chip(stated.category)}</p>'
        f"<p>{ja.TYPE}: {escape(labels.type_label(stated.category, stated.regulation_type))}　"
        f"{ja.BASIS}: {labels.label(stated.basis)}</p>"
        f"<p>{ja.PHASE}: {escape(phase_label(stated.category, stated.phase))}</p>"
        f"{f'<p>{escape(note)}</p>' if note else ''}</div>"
        + ("" if is_owner else f'<p class="mi-keys">{ja.ONLY_OWNER_ANSWERS}</p>')
    )


def _nothing(*, is_done: bool) -> None:
    heading, text = (
        (ja.ALL_ANSWERED, ja.ALL_ANSWERED_NEXT) if is_done else (ja.NO_SUCH_CANDIDATE, ja.NO_SUCH_CANDIDATE_NEXT)
    )
    st.html(f'<div class="mi-empty"><h2>{heading}</h2><p>{text}</p></div>')
    if target := page(ROADMAP.name if is_done else INBOX.name):
        st.page_link(target, label=ja.TO_ROADMAP if is_done else ja.TO_INBOX)
