"""Candidates ticked in the list, answered or handed over together: a preview of each, and one step back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from html import escape

import streamlit as st

from models import queries
from models.operations.decide_group import NotOneGroupError, decide_many
from models.operations.errors import HandoverError, InvalidAnswerError, StaleItemError
from models.operations.hand_over import hand_over_many
from models.operations.undo_group_decision import AlreadyUndoneError, undo_group_decision
from models.queries import QueueRow
from regulations import labels
from regulations.review import OPEN_STATUSES, Actor, Applicability, NonApplicableReason
from review_app import labels_ja as ja
from review_app.components.answer_form import reason_buttons
from review_app.components.handover_form import HandoverFields, RefusedError, handover_fields, send_over
from review_app.components.overtaken import OVERTAKEN, drop, lost
from review_app.components.rounds import today
from review_app.components.status import status_badge
from review_app.database import reading, writing
from review_app.labels_ja import handling as words
from review_app.presenters import chip, phase_label, plain_label
from review_app.session_state import leave, take, work

LIMIT = 100
"""Candidates that one step may touch: as many as a person looks through before it."""

ANSWERING, HANDING = "answering", "handing"
_DOING, _REJECTING = "bulk_doing", "bulk_rejecting"
_NOTE, _REASON = "kept_bulk_note", "kept_bulk_handover"


def doing() -> str:
    """What is being done to the ticked candidates: `ANSWERING`, `HANDING`, or nothing yet."""
    return str(st.session_state.get(_DOING, ""))


def begin(what: str) -> None:
    st.session_state[_DOING] = what
    st.session_state.pop(_REJECTING, None)


def is_choosable(row: QueueRow) -> bool:
    """Whether an answer for several may touch the row: what is answered is changed one by one."""
    return row.status in OPEN_STATUSES and not row.stands_still


def choose(rows: Sequence[QueueRow]) -> None:
    """Tick these beside what is ticked, up to `LIMIT` in all; what finds no room is told."""
    chosen = work().chosen
    for row in rows:
        if is_choosable(row) and row.item_id not in chosen and len(chosen) >= LIMIT:
            leave("bulk_limit", words.too_many(LIMIT))
            break
        if is_choosable(row):
            chosen[row.item_id] = row


def tick(row: QueueRow) -> None:
    """The box in front of a row of the list."""
    key = f"choose_{row.item_id}"
    st.session_state[key] = row.item_id in work().chosen
    st.checkbox(
        plain_label(words.choose_row(row.title, row.address)),
        key=key,
        label_visibility="collapsed",
        on_change=_ticked,
        args=(row,),
    )


def _ticked(row: QueueRow) -> None:
    if st.session_state[f"choose_{row.item_id}"]:
        choose([row])
    else:
        work().chosen.pop(row.item_id, None)


def bulk_bar(rows: Sequence[QueueRow], *, total: int, choose_all: Callable[[], None]) -> None:
    """How many are ticked, ways to tick more, and what to do with them."""
    chosen = work().chosen
    with st.container(key="bulk_bar", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<p class="mi-keys" role="status"><b>{words.chosen(len(chosen))}</b></p>', width="content")
        st.button(words.CHOOSE_PAGE, key="choose_page", on_click=choose, args=(rows,))
        if total > len(rows):
            st.button(words.choose_all(total, LIMIT), key="choose_filter", on_click=choose_all)
        if chosen:
            st.button(words.UNCHOOSE, key="unchoose", on_click=chosen.clear)
            st.button(words.ANSWER_CHOSEN, key="bulk_answer", type="primary", on_click=begin, args=(ANSWERING,))
            st.button(words.HAND_OVER_CHOSEN, key="bulk_hand_over", on_click=begin, args=(HANDING,))
    if message := take("bulk_limit"):
        st.html(f'<p class="mi-note" role="status">{escape(message)}</p>')


def bulk_panel(actor: Actor) -> None:
    """Every row that the step touches, and beside them the step."""
    rows = list(work().chosen.values())
    left, right = st.columns([2, 1], gap="small")
    with left:
        taken = _preview(rows)
    with right, st.container(key="answer"):
        for sentence in take("bulk_faults") or []:
            st.html(f'<p class="mi-fault" role="alert">{escape(sentence)}</p>')
        if not taken:
            st.html(f'<p class="mi-note">{words.NOTHING_CHOSEN}</p>')
        elif doing() == HANDING:
            _handing(actor, taken)
        else:
            _answering(actor, taken)
        if not st.session_state.get(_REJECTING):
            st.button(words.BACK_TO_LIST, key="bulk_back", type="tertiary", shortcut="Esc", on_click=begin, args=("",))


def _preview(rows: Sequence[QueueRow]) -> list[QueueRow]:
    """Draw the rows; returns those that are still ticked."""
    above, taken = st.empty(), []
    with st.container(key="bulk_preview"):
        for row in rows:
            place = plain_label(f"{row.title}　{row.address}{row.caption}")
            if st.checkbox(place, value=True, key=f"bulk_{row.item_id}"):
                taken.append(row)
            terms = f"{labels.type_label(row.category, row.regulation_type)}　{phase_label(row.category, row.phase)}"
            st.html(
                f'<p class="mi-queue-line">{status_badge(row.status)} {chip(row.category)} {escape(terms)}</p>'
                f'<div class="mi-snippet mi-whole">{escape(row.snippet)}</div>'
            )
    told = words.hand_over_preview if doing() == HANDING else words.answer_preview
    above.html(f'<p class="mi-note" role="status">{told(len(taken))}</p>')
    return taken


def _answering(actor: Actor, taken: Sequence[QueueRow]) -> None:
    answer = partial(_answer, actor, taken)
    if st.session_state.get(_REJECTING):
        reason_buttons(partial(answer, Applicability.NOT_APPLICABLE), on_back=partial(begin, ANSWERING))
    else:
        yes, no, later = st.columns(3, gap="small")
        yes.button(
            ja.APPLICABLE, key="bulk_yes", type="primary", width="stretch", shortcut="1",
            on_click=answer, args=(Applicability.APPLICABLE,),
        )  # fmt: skip
        no.button(ja.NOT_APPLICABLE, key="bulk_no", width="stretch", shortcut="2", on_click=_ask_reason)
        later.button(
            ja.UNDECIDED, key="bulk_later", width="stretch", shortcut="3",
            on_click=answer, args=(Applicability.UNDECIDED,),
        )  # fmt: skip
        st.html(f'<p class="mi-keys">{words.BULK_HOW}</p>')
    st.text_area(ja.NOTE, key=_NOTE, height=76, placeholder=ja.NOTE_HINT, persist_state="page", max_chars=2000)


def _ask_reason() -> None:
    st.session_state[_REJECTING] = True


def _answer(
    actor: Actor,
    taken: Sequence[QueueRow],
    applicability: Applicability,
    reason: NonApplicableReason | None = None,
) -> None:
    """All or nothing: where one of them cannot be answered, none is."""
    try:
        with writing() as session:
            step = decide_many(
                session,
                actor=actor,
                items={row.item_id: row.row_version for row in taken},
                applicability=applicability,
                reason_code=reason,
                note=st.session_state[_NOTE] or "",
                now=dt.datetime.now(dt.UTC),
            )
    except InvalidAnswerError as error:
        leave("bulk_faults", [ja.answer_fault(error.fault)])
        return
    except (*OVERTAKEN, NotOneGroupError) as error:
        _drop(actor, taken, error)
        return
    st.session_state[_NOTE] = ""
    _done(taken, ja.answered(words.several(len(taken)), applicability, reason), step.group_decision_id)


def _handing(actor: Actor, taken: Sequence[QueueRow]) -> None:
    with reading() as session:
        divisions = [row for row in queries.divisions(session, on=today()) if row.division_id != actor.division_id]
    with st.container(key="focus_bulk_handover"):
        st.html(f'<p class="mi-note">{words.HAND_OVER_HOW}<br>{words.BULK_HAND_OVER_HOW}</p>')
        fields = handover_fields("bulk_handover", reason_key=_REASON, divisions=divisions)
        st.button(words.SEND, key="bulk_send", type="primary", on_click=_send, args=(actor, taken, fields.names))


def _send(actor: Actor, taken: Sequence[QueueRow], names: dict[int, str]) -> None:
    fields = HandoverFields(
        division_id=st.session_state["bulk_handover_to"], reason=st.session_state[_REASON] or "", names=names
    )
    try:
        step = send_over(actor, {row.item_id: row.row_version for row in taken}, fields, operation=hand_over_many)
    except OVERTAKEN as error:
        _drop(actor, taken, error)
        return
    except RefusedError as error:
        leave("bulk_faults", [error.sentence])
        return
    st.session_state[_REASON] = ""
    _done(taken, words.handed_over(words.several(len(taken)), fields.division), step)


def _drop(actor: Actor, taken: Sequence[QueueRow], error: Exception) -> None:
    """Take out what somebody else has changed meanwhile, and say what it was."""
    shown = {row.item_id for row in taken}
    match error:
        case StaleItemError():
            changed = {error.item_id}
        case NotOneGroupError():
            changed = set(error.item_ids)
        case _:  # these do not say which; where all are the actor's again by now, none is as it was shown
            changed = lost(actor, shown) or shown
    drop(changed)
    gone = [f"{row.title}　{row.address}" for row in taken if row.item_id in changed]
    leave("bulk_faults", [words.bulk_changed("、".join(gone))])


def _done(taken: Sequence[QueueRow], sentence: str, step: int | None) -> None:
    for row in taken:
        work().chosen.pop(row.item_id, None)
    work().answered(None, sentence, group=step)
    begin("")


def undo_step(actor: Actor, group_decision_id: int) -> None:
    """Take one answer for several back, 所管外 among the answers, and say what became of it."""
    state = work()
    try:
        with writing() as session:
            undone = undo_group_decision(
                session, actor=actor, group_decision_id=group_decision_id, now=dt.datetime.now(dt.UTC)
            )
        told = words.taken_back if undone.is_handover else ja.group_undone
        state.done = told(len(undone.items), len(undone.kept))
    except AlreadyUndoneError:
        state.done = ja.GROUP_UNDONE_ALREADY
    except InvalidAnswerError as error:
        state.done = ja.answer_fault(error.fault)
    except HandoverError as error:
        state.done = words.handover_fault(error.fault)
    except OVERTAKEN:
        state.done = words.UNDO_MOVED_AWAY
    state.done_group = None
