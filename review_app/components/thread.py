"""やりとり: what a division asks the coordinator about a candidate, and the answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape

import streamlit as st

from models.operations.errors import InvalidAnswerError
from models.operations.post_message import post_message
from models.queries import ItemDetail, MessageRow
from regulations.review import OPEN_STATUSES, Actor, Role, may_ask
from review_app import labels_ja as ja
from review_app.components.answer_form import faults, kept
from review_app.components.at_work import sent
from review_app.components.overtaken import OVERTAKEN, overtaken
from review_app.database import writing
from review_app.labels_ja import handling as words
from review_app.presenters import japanese_time
from review_app.session_state import leave, take, work


def answer_html(detail: ItemDetail, rows: Sequence[MessageRow]) -> str:
    """The coordinator's answer, where it is the last word on a candidate that still waits; empty else."""
    if not rows or not rows[-1].is_answer or detail.status not in OPEN_STATUSES:
        return ""
    last = rows[-1]
    return (
        f'<div class="mi-note mi-answer-came" role="status"><b>{escape(words.answer_came(last.who, last.at))}</b>'
        f'<div class="mi-said">{_text(last.text)}</div></div>'
    )


def thread_html(rows: Sequence[MessageRow]) -> str:
    """All messages, the first one first; the coordinator's are marked by a word and set in."""
    if not rows:
        return f'<p class="mi-keys">{words.NO_MESSAGES}</p>'
    return f'<ol class="mi-thread">{"".join(map(_message, rows))}</ol>'


def _message(row: MessageRow) -> str:
    by = f"{words.FROM_COORDINATOR}　" if row.is_answer else ""
    return (
        f'<li{" class=mi-reply" if row.is_answer else ""}><div class="mi-keys">{by}{escape(row.who)}　'
        f"{japanese_time(row.at)}</div>{_text(row.text)}</li>"
    )


def _text(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def thread_panel(actor: Actor, detail: ItemDetail, rows: Sequence[MessageRow], *, may_close: bool) -> None:
    """The thread and, for those who may, a field to write in it."""
    st.html(thread_html(rows))
    if message := take("message_sent"):
        st.html(f'<p class="mi-done" role="status"{sent(kept(detail, "message"))}>{escape(message)}</p>')
    faults(detail.item_id)
    is_coordinator = actor.role is Role.COORDINATOR
    if may_ask(actor, detail.owner):
        with st.container(key=f"focus_thread_{detail.item_id}" if may_close else "thread_write"):
            st.text_area(
                words.ANSWER if is_coordinator else words.QUESTION,
                key=kept(detail, "message"),
                height=76,
                placeholder=words.ANSWER_HINT if is_coordinator else words.QUESTION_HINT,
                persist_state="session",
                max_chars=2000,
            )
            send = words.REPLY if is_coordinator else words.ASK
            st.button(send, key="message_send", type="primary", on_click=_send, args=(actor, detail))
    if may_close:
        st.button(words.THREAD_BACK, key="thread_back", type="tertiary", shortcut="Esc", on_click=_close)


def _send(actor: Actor, detail: ItemDetail) -> None:
    """Nothing typed is lost where it is refused."""
    text = st.session_state[kept(detail, "message")] or ""
    try:
        with writing() as session:
            post_message(session, actor=actor, item_id=detail.item_id, text=text, now=dt.datetime.now(dt.UTC))
    except InvalidAnswerError as error:
        work().faults[detail.item_id] = [ja.answer_fault(error.fault)]
        return
    except OVERTAKEN:
        overtaken(actor, detail)
        return
    state = work()
    state.faults.pop(detail.item_id, None)
    state.turn += 1
    st.session_state[kept(detail, "message")] = ""
    leave("message_sent", words.REPLY_SENT if actor.role is Role.COORDINATOR else words.MESSAGE_SENT)


def _close() -> None:
    work().talking = None
