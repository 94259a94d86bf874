"""候補の確認: one candidate with its article, the proposal, and the answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from models import queries
from models.operations.decide_group import AlreadyUndoneError, undo_group_decision
from models.queries import ItemDetail, SimilarCase, SimilarItem
from regulations import labels
from regulations.review import OPEN_STATUSES, Actor, ReviewStatus, may_decide
from review_app import labels_ja as ja
from review_app.components.answer_form import answer_form, answer_words, history_html, proposal_html
from review_app.components.case_text import case_html
from review_app.components.group_preview import group_preview
from review_app.database import reading, writing
from review_app.navigation import INBOX, READING, ROADMAP
from review_app.presenters import chip, law_text, phase_label, remaining, thousands
from review_app.session_state import ANSWERED, page, queue_filter, work


def show(actor: Actor) -> None:
    wanted = st.query_params.get("candidate", "")
    with reading() as session:
        if not wanted:
            first = queries.next_item(session, actor=actor, after_item_id=None, **queue_filter())
            wanted = str(first) if first is not None else "done"
            st.query_params["candidate"] = wanted
        item_id = int(wanted) if wanted.isdecimal() else None
        detail = queries.item_detail(session, actor=actor, item_id=item_id) if item_id is not None else None
        by_status = queries.inbox_counts(session, actor=actor)
        neighbours: tuple[int | None, int | None] = (None, None)
        alike: list[SimilarItem] = []
        if detail is not None:
            if may_decide(actor, detail.instrument.owner):
                alike = open_group(queries.similar_items(session, actor=actor, item_id=detail.item_id, near=False))
            neighbours = (
                queries.previous_item(session, actor=actor, before_item_id=detail.item_id, **queue_filter()),
                queries.next_item(session, actor=actor, after_item_id=detail.item_id, **queue_filter()),
            )
    _top_line(actor, by_status)
    if detail is None:
        _nothing(is_done=wanted == "done")
        return
    text, answer = st.columns([2, 1], gap="small")
    is_group = bool(alike) and work().grouping == detail.item_id
    group: list[SimilarItem] = []
    with text:
        with st.container(key="case"):
            if is_group:
                group = group_preview(alike)
            else:
                st.html(case_html(detail))
        _bottom_line(detail, neighbours, alike=alike, is_group=is_group)
    with answer, st.container(key="answer"):
        st.html(proposal_html(detail))
        if may_decide(actor, detail.instrument.owner):
            answer_form(actor, detail, group=group)
        else:
            _read_only(detail)


def open_group(rows: Sequence[SimilarItem]) -> list[SimilarItem]:
    """The candidate and those of the same words, all still waiting for an answer; empty where it would be alone."""
    waiting = [row for row in rows if row.is_open]
    return waiting if len(waiting) > 1 and any(row.is_subject for row in waiting) else []


def _top_line(actor: Actor, by_status: Mapping[ReviewStatus, int]) -> None:
    answered = sum(by_status[status] for status in ANSWERED)
    left = sum(by_status[status] for status in OPEN_STATUSES)
    state = work()
    with st.container(key="topline", horizontal=True, vertical_alignment="center", gap="medium"):
        st.html(
            f'<p class="mi-keys"><b>{thousands(answered)}／{thousands(answered + left)}件</b> {ja.ANSWERED}　'
            f"{remaining(left, state.seconds_each())}</p>",
            width="content",
        )
        if state.done:
            st.html(f'<p class="mi-done" role="status">{escape(state.done)}</p>', width="content")
            if state.done_group is not None:
                st.button(ja.UNDO, key="undo_group", type="tertiary", on_click=_undo, args=(actor, state.done_group))
            else:
                st.button(ja.OPEN_AGAIN, key="open_again", type="tertiary", on_click=_go, args=(state.done_item,))


def _go(item_id: int) -> None:
    st.query_params["candidate"] = str(item_id)


def _undo(actor: Actor, group_decision_id: int) -> None:
    """Take the answer for several back, and return to the candidate it was given on."""
    state = work()
    try:
        with writing() as session:
            undone = undo_group_decision(
                session, actor=actor, group_decision_id=group_decision_id, now=dt.datetime.now(dt.UTC)
            )
        state.done = ja.group_undone(len(undone.items), len(undone.kept))
    except AlreadyUndoneError:
        state.done = ja.GROUP_UNDONE_ALREADY
    state.done_group = None
    if state.done_item is not None:
        _go(state.done_item)


def _bottom_line(
    detail: ItemDetail,
    neighbours: tuple[int | None, int | None],
    *,
    alike: Sequence[SimilarItem],
    is_group: bool,
) -> None:
    before, after = neighbours
    with st.container(key="bottomline", horizontal=True, vertical_alignment="center"):
        st.button(ja.PREVIOUS, shortcut="K", disabled=before is None, on_click=_go, args=(before,))
        st.button(ja.NEXT, shortcut="J", disabled=after is None, on_click=_go, args=(after,))
        if alike:
            words = ja.ONE_BY_ONE if is_group else ja.answer_group(len(alike) - 1)
            chosen = None if is_group else detail.item_id
            st.button(words, key="group", shortcut="G", on_click=_group, args=(chosen,))
        with st.popover(ja.similar(len(detail.similar)), disabled=not detail.similar):
            for case in detail.similar:
                st.html(_similar_html(case))
        with st.popover(ja.earlier_answers(len(detail.history)), disabled=not detail.history):
            st.html(history_html(detail.history))
        if reading_page := page(READING.name):
            st.page_link(
                reading_page,
                label=ja.READ_WHOLE,
                query_params={"instrument": str(detail.instrument.instrument_id)},
            )


def _group(item_id: int | None) -> None:
    work().grouping = item_id
    work().rejecting = None


def _similar_html(case: SimilarCase) -> str:
    reason = f"（{labels.label(case.reason_code)}）" if case.reason_code else ""
    return (
        f"<p><b>{labels.label(case.applicability)}{reason}</b>　{escape(case.title)}　{escape(case.address)}　"
        f'<span class="mi-keys">{ja.ALIKE} {case.similarity:.0%}</span></p>'
        f'<div class="mi-article">{law_text(case.text)}</div>'
    )


def _read_only(detail: ItemDetail) -> None:
    stated = detail.decision or detail.candidate
    if stated is None:
        return
    answer = answer_words(detail.decision) if detail.decision else labels.label(detail.status)
    st.html(
        f'<div class="mi-proposal"><p><b>{escape(answer)}</b>　{chip(stated.category)}</p>'
        f"<p>{ja.TYPE}: {escape(labels.type_label(stated.category, stated.regulation_type))}</p>"
        f"<p>{ja.PHASE}: {escape(phase_label(stated.category, stated.phase))}</p>"
        f"<p>{ja.BASIS}: {labels.label(stated.basis)}</p>"
        f"<p>{escape(detail.decision.note) if detail.decision else ''}</p></div>"
        f'<p class="mi-keys">{ja.ONLY_OWNER_ANSWERS}</p>'
    )


def _nothing(*, is_done: bool) -> None:
    heading, text = (
        (ja.ALL_ANSWERED, ja.ALL_ANSWERED_NEXT) if is_done else (ja.NO_SUCH_CANDIDATE, ja.NO_SUCH_CANDIDATE_NEXT)
    )
    st.html(f'<div class="mi-empty"><h2>{heading}</h2><p>{text}</p></div>')
    if target := page(ROADMAP.name if is_done else INBOX.name):
        st.page_link(target, label=ja.TO_ROADMAP if is_done else ja.TO_INBOX)
