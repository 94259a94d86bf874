"""所管外: to whom a candidate is handed, why, and the way it has come."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeVar

import streamlit as st

from models import queries
from models.operations.errors import HandoverError, InvalidAnswerError
from models.operations.hand_over import hand_over
from models.queries import DivisionChoice, HandoverRow, ItemDetail
from regulations import labels
from regulations.review import Actor, HandoverState
from review_app import labels_ja as ja
from review_app.components.answer_form import faults, kept, open_next
from review_app.components.overtaken import OVERTAKEN, overtaken
from review_app.components.rounds import today
from review_app.database import reading, writing
from review_app.labels_ja import handling as words
from review_app.presenters import japanese_time
from review_app.session_state import work

T = TypeVar("T")

NOBODY = 0
"""Stands among the divisions for 分からない."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverFields:
    """What stands in the fields; `division_id` is None where nothing has been chosen yet."""

    division_id: int | None
    reason: str
    names: dict[int, str]

    @property
    def to_division_id(self) -> int | None:
        """As `hand_over` takes it."""
        return self.division_id or None

    @property
    def division(self) -> str:
        """The chosen division's name, empty for 分からない."""
        return self.names.get(self.division_id or NOBODY, "")


def handover_fields(key: str, *, reason_key: str, divisions: Sequence[DivisionChoice]) -> HandoverFields:
    """Draw the division, to be found by its name, and the reason."""
    names = {choice.division_id: choice.division for choice in divisions}
    # The bureau only where it is needed to tell two apart: typing 生活 must not list all of 環境生活部.
    homonyms = {name for name, times in Counter(names.values()).items() if times > 1}
    shown = {NOBODY: words.NOBODY_KNOWN} | {
        choice.division_id: choice.division + (f"（{choice.bureau}）" if choice.division in homonyms else "")
        for choice in divisions
    }
    division_id = st.selectbox(
        words.TO_DIVISION,
        list(shown),
        index=None,
        key=f"{key}_to",
        format_func=lambda choice: shown.get(choice, ""),
        placeholder=words.TO_DIVISION_HINT,
        filter_mode="contains",
        persist_state="page",
    )
    reason = st.text_area(
        words.HAND_OVER_REASON,
        key=reason_key,
        height=76,
        placeholder=words.HAND_OVER_REASON_HINT,
        persist_state="page",
        max_chars=2000,
    )
    return HandoverFields(division_id=division_id, reason=reason or "", names=names)


def handover_form(actor: Actor, detail: ItemDetail) -> None:
    """The form in place of the answer; handing over opens the next candidate."""
    with reading() as session:
        divisions = [
            row for row in queries.divisions(session, on=today()) if row.division_id != detail.owner.division_id
        ]
    faults(detail.item_id)
    with st.container(key=f"focus_handover_{detail.item_id}"):
        st.html(f'<p class="mi-note">{words.HAND_OVER_HOW}</p>')
        fields = handover_fields(f"handover_{detail.item_id}", reason_key=kept(detail, "handover"), divisions=divisions)
        st.button(words.SEND, key="handover_send", type="primary", on_click=_send, args=(actor, detail, fields.names))
        st.button(words.BACK, key="handover_back", type="tertiary", shortcut="Esc", on_click=_back)


def _back() -> None:
    work().handing = None


def _send(actor: Actor, detail: ItemDetail, names: dict[int, str]) -> None:
    # What was typed last may have come together with the click, after the form was drawn.
    fields = HandoverFields(
        division_id=st.session_state[f"handover_{detail.item_id}_to"],
        reason=st.session_state[kept(detail, "handover")] or "",
        names=names,
    )
    state = work()
    try:
        send_over(actor, {detail.item_id: detail.row_version}, fields, operation=hand_over)
    except OVERTAKEN:
        overtaken(actor, detail)
        return
    except RefusedError as error:
        state.faults[detail.item_id] = [error.sentence]
        return
    what = f"{detail.address}（{labels.category_label(detail.category)}）"
    state.answered(detail.item_id, words.handed_over(what, fields.division))
    open_next(actor, after_item_id=detail.item_id)


class RefusedError(Exception):
    """The candidates cannot be handed over; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def send_over(actor: Actor, items: dict[int, int], fields: HandoverFields, *, operation: Callable[..., T]) -> T:
    """Hand the candidates over; returns what the operation does. Raises RefusedError, and OVERTAKEN."""
    if fields.division_id is None:
        raise RefusedError(words.CHOOSE_DIVISION)
    try:
        with writing() as session:
            return operation(
                session,
                actor=actor,
                items=items,
                to_division_id=fields.to_division_id,
                reason=fields.reason,
                now=dt.datetime.now(dt.UTC),
            )
    except HandoverError as error:
        raise RefusedError(words.handover_fault(error.fault)) from error
    except InvalidAnswerError as error:
        raise RefusedError(ja.answer_fault(error.fault)) from error


def handover_html(rows: Sequence[HandoverRow], *, is_ours: bool) -> str:
    """From whom the candidate has come and why, or where it went; nothing where it was never handed over.

    `is_ours` says that the reader's division answers for it now.
    """
    if not rows:
        return ""
    last = rows[-1]
    if last.state is HandoverState.SETTLED:
        told = words.settled(last.to_division)
    elif is_ours and last.to_division:
        told = words.came_from(last.from_division, last.requested_by, last.requested_at)
    else:
        told = words.went_to(last.to_division, last.requested_by, last.requested_at)
    lines = [f"<b>{escape(told)}</b>", f"{words.REASON}: {escape(last.reason)}"]
    if last.settled_note:
        lines.append(f"{words.SETTLED_NOTE}: {escape(last.settled_note)}")
    if last.bounces > 1:
        earlier = "".join(
            f"<li>{escape(words.handover_line(row.from_division, row.to_division, row.state))} "
            f'{escape(row.reason)}<div class="mi-keys">{japanese_time(row.requested_at)}　'
            f"{escape(row.requested_by)}</div></li>"
            for row in reversed(rows)
        )
        lines.append(
            f'<details><summary>{words.bounced(last.bounces)}</summary><ul class="mi-history">{earlier}</ul></details>'
        )
    return f'<div class="mi-note mi-handover">{"".join(f"<div>{line}</div>" for line in lines)}</div>'
