"""What the pages on inquiry rounds share: today's date, states, due dates and figures as HTML, and taking a step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from models.operations.errors import (
    HandoverError,
    InquiryError,
    InquiryFault,
    InvalidAnswerError,
    NoSuchItemError,
    StaleItemError,
)
from models.queries import AnswerFigures, AnswerRow, EventRow
from regulations import labels
from regulations.inquiry import AnswerState, InquiryState
from regulations.review import Actor, NotPermittedError
from review_app import labels_ja as ja
from review_app.database import writing
from review_app.labels_ja import inquiries as words
from review_app.labels_ja.history import SERVER
from review_app.presenters import TOKYO, japanese_time, thousands
from review_app.session_state import leave, take

_IN_THE_FORM = frozenset({InquiryFault.REASON_REQUIRED, InquiryFault.NAME_REQUIRED, InquiryFault.DUE_DATE_PAST})


def now() -> dt.datetime:
    """This moment; what tests set."""
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The date at the office."""
    return now().astimezone(TOKYO).date()


def state_badge(state: AnswerState | InquiryState) -> str:
    return f'<span class="mi-status mi-round-{state.value}">{labels.label(state)}</span>'


def late_badge(row: AnswerRow) -> str:
    """遅れ where the division is; empty where it is not."""
    return f'<span class="mi-status mi-round-late">{words.LATE_MARK}</span>' if row.is_late else ""


def due_words(due_date: dt.date, *, on: dt.date) -> str:
    """期限 令和9年1月29日（あと12日）; three days before and after it stands out, in words as well."""
    left = (due_date - on).days
    kind = "mi-due-late" if left < 0 else "mi-due-near" if left <= 3 else "mi-due"
    return f'<span class="{kind}">{escape(words.due(due_date, today=on))}</span>'


def figures_html(figures: AnswerFigures) -> str:
    """The figures of an answer in one line, each under its name; they stand in columns down a list."""
    cells = [(name, thousands(getattr(figures, field))) for field, name in words.FIGURES.items()]
    cells.append((words.READ_THROUGH, words.read_through(figures)))
    items = "".join(f"<li><span>{name}</span> <b>{value}</b></li>" for name, value in cells)
    return f'<ul class="mi-figures">{items}</ul>'


def events_html(events: Sequence[EventRow]) -> str:
    """The history of a round or an answer, the last step first."""
    lines = []
    for event in events:
        division = f"　{escape(event.division)}" if event.division else ""
        reason = f"<br>{escape(event.reason)}" if event.reason else ""
        step = f"<b>{labels.label(event.action)}</b>{division}"
        lines.append(f"<li>{japanese_time(event.at)}　{step}　{escape(event.who or SERVER)}{reason}</li>")
    return f'<ul class="mi-history">{"".join(lines)}</ul>'


def take_step(
    operation: Callable[..., Any],
    *,
    actor: Actor,
    place: str,
    done: str,
    values: Mapping[str, Any],
    done_at: str | None = None,
) -> bool:
    """Take one step in a transaction of its own; whether it was taken.

    The next run tells at `place` why it was refused (a fault in what was typed, in the form of that place)
    and at `done_at`, or there as well, what was done.
    """
    try:
        with writing() as session:
            operation(session, actor=actor, now=now(), **values)
    except InquiryError as error:
        where = f"{place}_form" if error.fault in _IN_THE_FORM else place
        return refuse(where, words.inquiry_fault(error.fault, error.count))
    except HandoverError as error:
        return refuse(place, words.handover_fault(error.fault))
    except InvalidAnswerError as error:
        return refuse(place, ja.answer_fault(error.fault))
    except StaleItemError:
        return refuse(place, words.CHANGED_MEANWHILE)
    except NotPermittedError:
        return refuse(place, words.NOT_PERMITTED_NOW)
    except NoSuchItemError:
        return refuse(place, words.GONE)
    leave("step_done", (done_at or place, done))
    return True


def refuse(place: str, sentence: str) -> bool:
    """Tell at `place` in the next run why nothing was done; False, for that is what became of it."""
    leave("step_fault", (place, sentence))
    return False


def tell(place: str) -> None:
    """Say what became of the last step that was taken here, once."""
    for key, style, role in (("step_done", "mi-done", "status"), ("step_fault", "mi-fault", "alert")):
        left = take(key)
        if left and left[0] == place:
            st.html(f'<p class="{style}" role="{role}">{escape(left[1])}</p>')
        elif left:
            leave(key, left)
