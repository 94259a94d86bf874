"""What waits for the coordinator, on top of the 受信箱: answers, questions, 所管外, and instruments nobody owns."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from models import queries
from models.operations.hand_over import settle_handover
from models.operations.post_message import post_message
from models.queries import AnswerRow, DivisionChoice, HandoverRow, QuestionRow
from regulations.inquiry import AnswerState, InquiryState
from regulations.review import Actor, HandoverState
from review_app.components.answer_review import accept_button, answer_head_html, place_of, return_popover
from review_app.components.rounds import figures_html, refuse, take_step, tell, today
from review_app.database import reading
from review_app.labels_ja import inquiries as words
from review_app.navigation import CANDIDATE, IMPORTS, INQUIRIES
from review_app.presenters import chip, japanese_time, plain_label
from review_app.session_state import page

SHOWN = 5
"""Rows of each kind: what is done makes room for the next."""

HANDOVERS, UNOWNED = 200, 100

BOUNCING = 2
"""From so many steps on, at least two divisions have said that a candidate is not theirs."""

DONE = "coordinator"
"""Where a step is told that takes its own row away."""


def coordinator_inbox(actor: Actor, *, stands_alone: bool = True) -> None:
    """Each kind under its heading with its number; what the divisions cannot go on without stands first.

    Where nothing waits it says so, unless something else stands above it already.
    """
    approved = {AnswerState.APPROVED}
    with reading() as session:
        answers = queries.answers(session, actor=actor, today=today(), states=approved, limit=SHOWN)
        answer_total = queries.answer_total(session, actor=actor, states=approved)
        questions = queries.open_questions(session, actor=actor, limit=SHOWN)
        question_total = queries.open_question_total(session, actor=actor)
        handovers = queries.handovers(session, actor=actor, states={HandoverState.OPEN}, limit=HANDOVERS)
        late = [
            row
            for row in queries.inquiry_list(session, actor=actor, states={InquiryState.OPEN}, today=today())
            if row.late
        ]
        unowned = len(queries.unowned_instruments(session, limit=UNOWNED))
    tell(DONE)
    if not (answers or questions or handovers or late or unowned):
        if not stands_alone:
            return
        st.html(f'<div class="mi-empty"><h2>{words.NOTHING_WAITS}</h2><p>{words.NOTHING_WAITS_NEXT}</p></div>')
        _link(INQUIRIES.name, words.TO_INQUIRIES)
        return
    to_settle, on_the_way = sort_handovers(handovers)
    _heading(words.HANDOVERS, min(len(to_settle), SHOWN), len(to_settle))
    for handover in to_settle[:SHOWN]:
        _handover(actor, handover)
    _heading(words.QUESTIONS, len(questions), question_total)
    for question in questions:
        _question(actor, question)
    _heading(words.TO_ACCEPT, len(answers), answer_total)
    for answer in answers:
        _answer(actor, answer)
    if on_the_way:
        label = words.section(words.SENT_AND_WAITING, len(on_the_way))
        with st.expander(label, key="on_the_way", on_change="rerun") as sent:
            for handover in on_the_way[:SHOWN] if sent.open else ():
                _handover(actor, handover)
    for row in late:
        with st.container(key=f"round_line_late_{row.inquiry_id}", horizontal=True, vertical_alignment="center"):
            st.html(f"<p>{escape(words.late_in(row.name, row.late))}</p>", width="content")
            _link(INQUIRIES.name, words.TO_INQUIRY, inquiry=str(row.inquiry_id))
    if unowned:
        with st.container(key="round_line_unowned", horizontal=True, vertical_alignment="center"):
            st.html(f"<p>{words.unowned(unowned, more=unowned == UNOWNED)}</p>", width="content")
            _link(IMPORTS.name, words.TO_IMPORTS)


def sort_handovers(rows: Sequence[HandoverRow]) -> tuple[list[HandoverRow], list[HandoverRow]]:
    """What the coordinator has to decide, bouncing ones first; and what its new division has yet to receive."""
    to_settle = [row for row in rows if row.bounces >= BOUNCING or not row.to_division]
    return to_settle, [row for row in rows if row not in to_settle]


def _heading(name: str, shown: int, total: int) -> None:
    if total:
        st.html(f'<h2>{words.section(name, total)}</h2><p class="mi-keys">{words.first_of(shown, total)}</p>')


def _link(name: str, label: str, **query: str) -> None:
    if target := page(name):
        st.page_link(target, label=plain_label(label), query_params=query)


def _place_html(row: HandoverRow | QuestionRow) -> str:
    return f'<p class="mi-queue-line">{chip(row.category)} {escape(row.title)}</p>'


def _handover(actor: Actor, row: HandoverRow) -> None:
    place = f"handover_{row.handover_id}"
    bounces = (
        f' <span class="mi-status mi-round-late">{words.bounces(row.bounces)}</span>' if row.bounces >= BOUNCING else ""
    )
    with st.container(key=f"row_{place}"):
        what, way, settle = st.columns([4.6, 5.4, 2], vertical_alignment="center")
        with what:
            _link(CANDIDATE.name, row.address, candidate=str(row.item_id))
            st.html(_place_html(row))
        line = f"<b>{escape(words.handover_line(row.from_division, row.to_division))}</b>{bounces}"
        way.html(
            f'<p class="mi-queue-line">{line}<br>'
            f"{escape(row.reason)}<br><small>{escape(row.requested_by)}　{japanese_time(row.requested_at)}</small></p>"
        )
        # A hundred divisions to choose from in each row are drawn for the row that is being settled only.
        with settle, st.popover(words.SETTLE, key=f"{place}_open", on_change="rerun") as form:
            if form.open:
                _settling(actor, row, place)
        tell(place)


def _settling(actor: Actor, row: HandoverRow, place: str) -> None:
    to, note = f"{place}_to", f"{place}_note"
    with reading() as session:
        divisions = queries.divisions(session, on=today())
    tell(f"{place}_form")
    st.selectbox(
        words.SETTLE_TO, divisions, index=None, key=to, placeholder=words.CHOOSE_DIVISION,
        format_func=lambda choice: "　".join(filter(None, (choice.bureau, choice.office, choice.division))),
        width=420, filter_mode="contains",
    )  # fmt: skip
    st.text_area(words.SETTLE_NOTE, key=note, height=76, max_chars=2000)
    st.button(words.SETTLE, key=f"{place}_settle", type="primary", on_click=_settle, args=(actor, row, place, to, note))


def _settle(actor: Actor, row: HandoverRow, place: str, to: str, note: str) -> None:
    chosen: DivisionChoice | None = st.session_state.get(to)
    if chosen is None:
        refuse(f"{place}_form", words.NO_DIVISION_CHOSEN)
        return
    take_step(
        settle_handover,
        actor=actor,
        place=place,
        done_at=DONE,
        done=words.settled(row.address, chosen.division),
        values={
            "handover_id": row.handover_id,
            "division_id": chosen.division_id,
            "note": st.session_state.get(note) or "",
        },
    )


def _question(actor: Actor, row: QuestionRow) -> None:
    place = f"question_{row.item_id}"
    text = f"{place}_{row.asked_at:%Y%m%d%H%M%S}"
    with st.container(key=f"row_{place}"):
        what, asked, answer = st.columns([3.4, 4.2, 4.4], vertical_alignment="top")
        with what:
            _link(CANDIDATE.name, row.address, candidate=str(row.item_id))
            st.html(_place_html(row))
        asked.html(
            f'<p class="mi-queue-line"><b>{escape(row.division)}</b>　{escape(row.text)}'
            f"<br><small>{escape(row.asked_by)}　{japanese_time(row.asked_at)}</small></p>"
        )
        with answer, st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.text_area(words.YOUR_ANSWER, key=text, height=76, max_chars=2000, placeholder=words.ANSWER_HINT)
            st.button(words.ANSWER_QUESTION, key=f"{place}_send", on_click=_reply, args=(actor, row, place, text))
        tell(place)


def _reply(actor: Actor, row: QuestionRow, place: str, text: str) -> None:
    written = str(st.session_state.get(text) or "").strip()
    if not written:
        refuse(place, words.EMPTY_ANSWER)
        return
    take_step(
        post_message,
        actor=actor,
        place=place,
        done_at=DONE,
        done=words.question_answered(row.address),
        values={"item_id": row.item_id, "text": written},
    )


def _answer(actor: Actor, row: AnswerRow) -> None:
    with st.container(key=f"row_{place_of(row)}"):
        what, figures, step = st.columns([4, 5.6, 2.4], vertical_alignment="center")
        with what:
            st.html(answer_head_html(row))
            _link(INQUIRIES.name, words.OPEN_ANSWER, inquiry=str(row.inquiry_id), answer=str(row.answer_id))
        figures.html(figures_html(row.figures))
        with step, st.container(horizontal=True, gap="small"):
            accept_button(actor, row, done_at=DONE)
            return_popover(actor, row, done_at=DONE)
        tell(place_of(row))
