"""What a browser session remembers between reruns, under typed keys. All else is in the database or the address."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any, TypedDict, cast

import streamlit as st
from streamlit.navigation.page import Page

from models.queries import QueueRow
from regulations.review import OPEN_STATUSES, ReviewStatus
from regulations.taxonomy import load_taxonomy

PACE_BEFORE_ANY_ANSWER = 30.0
"""Seconds a candidate is taken to need until this session has shown its own pace."""

ANSWERED = frozenset({ReviewStatus.APPLICABLE, ReviewStatus.NOT_APPLICABLE})

STATUS_FILTERS: Mapping[str, frozenset[ReviewStatus]] = {
    "open": OPEN_STATUSES,
    "recheck": frozenset({ReviewStatus.RECHECK}),
    "pending": frozenset({ReviewStatus.PENDING}),
    "undecided": frozenset({ReviewStatus.UNDECIDED}),
    "applicable": frozenset({ReviewStatus.APPLICABLE}),
    "not_applicable": frozenset({ReviewStatus.NOT_APPLICABLE}),
    "all": OPEN_STATUSES | ANSWERED,
}
"""What the list of candidates can be limited to, by the word that stands in the address."""

FILTER_STATUS, FILTER_CATEGORY, FILTER_TEXT = "filter_status", "filter_category", "filter_text"
FILTER_INSTRUMENT, FILTER_PROBABILITY = "filter_instrument", "filter_probability"
INBOX_PAGE = "inbox_page"


@dataclass(slots=True)
class Work:
    """The session's work on candidates.

    `done` is the sentence on the last answer, `done_item` the candidate it was on and `done_group` the step to
    take back where it was one answer for several. `rejecting` is the candidate whose reason is being
    chosen, `handing` the one that is being handed over, `talking` the one whose thread is open and `grouping` the
    one whose like are answered with it; `faults` are the sentences on an answer that was
    refused, under the candidate they belong to. `chosen` are the candidates ticked in the list, as
    they were shown there. `turn` counts the steps that saved something typed.
    """

    done: str = ""
    done_item: int | None = None
    done_group: int | None = None
    rejecting: int | None = None
    handing: int | None = None
    talking: int | None = None
    grouping: int | None = None
    chosen: dict[int, QueueRow] = field(default_factory=dict)
    faults: dict[int, list[str]] = field(default_factory=dict)
    answered_at: list[float] = field(default_factory=list)
    turn: int = 0

    def answered(self, item_id: int | None, sentence: str, *, group: int | None = None) -> None:
        self.done, self.done_item, self.done_group = sentence, item_id, group
        self.close()
        self.turn += 1
        if item_id is not None:
            self.faults.pop(item_id, None)
            self.chosen.pop(item_id, None)
        self.answered_at = [*self.answered_at[-20:], time.monotonic()]

    def close(self) -> None:
        """Leave whatever was begun on a candidate without finishing it."""
        self.rejecting = self.handing = self.talking = self.grouping = None

    def seconds_each(self) -> float:
        """Median time between answers, pauses over five minutes left out."""
        gaps = [b - a for a, b in zip(self.answered_at, self.answered_at[1:], strict=False) if b - a < 300]
        return median(gaps) if len(gaps) >= 3 else PACE_BEFORE_ANY_ANSWER


def work() -> Work:
    return cast(Work, st.session_state.setdefault("work", Work()))


class QueueFilter(TypedDict):
    """The arguments that `models.queries.queue` and its neighbours share."""

    statuses: frozenset[ReviewStatus]
    category: str | None
    instrument_id: int | None
    min_probability: float | None
    text: str | None


def queue_filter() -> QueueFilter:
    """What the inbox is filtered by; the same queue is walked in 候補の確認."""
    state = st.session_state
    return QueueFilter(
        statuses=STATUS_FILTERS[state.get(FILTER_STATUS) or "open"],
        category=state.get(FILTER_CATEGORY),
        instrument_id=state.get(FILTER_INSTRUMENT),
        min_probability=state.get(FILTER_PROBABILITY),
        text=state.get(FILTER_TEXT) or None,
    )


def whole_number(text: str) -> int | None:
    """A number out of an address; None for what is none, or is larger than any id."""
    return int(text) if text.isdecimal() and len(text) < 10 else None


_IN_ADDRESS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    FILTER_STATUS: ("status", lambda text: text if text in STATUS_FILTERS else None),
    FILTER_CATEGORY: ("category", lambda text: text if text in load_taxonomy() else None),
    FILTER_INSTRUMENT: ("of", whole_number),
    FILTER_PROBABILITY: ("sure", lambda text: {"50": 0.5, "80": 0.8}.get(text)),
    FILTER_TEXT: ("words", lambda text: text[:200] or None),
    INBOX_PAGE: ("page", lambda text: number - 1 if (number := whole_number(text)) else None),
}
"""For each key the name it has in the address and how its value is read there; None where it means nothing."""


_AT_FIRST: Mapping[str, object] = {FILTER_STATUS: "open", FILTER_TEXT: "", INBOX_PAGE: 0}


def adopt_address() -> None:
    """Filter by what the address says, as a link or a reload gives it; an address that says nothing is completed."""
    query, state = st.query_params, st.session_state
    if not any(name in query for name, _ in _IN_ADDRESS.values()):
        for key, value in _AT_FIRST.items():
            state.setdefault(key, value)
        keep_in_address()
        return
    for key, (name, read) in _IN_ADDRESS.items():
        found = read(query.get(name, ""))
        wanted = _AT_FIRST.get(key) if found is None else found
        if key not in state or state[key] != wanted:
            state[key] = wanted


def clear_filter() -> None:
    """List again what is listed at first."""
    for key in _IN_ADDRESS:
        st.session_state[key] = _AT_FIRST.get(key)
    keep_in_address()


def keep_in_address() -> None:
    """Write the filter and the page of the list into the address, but for what is as it always is."""
    wanted = address_of_list()
    for name, _ in _IN_ADDRESS.values():
        if name not in wanted:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != wanted[name]:
            st.query_params[name] = wanted[name]


def address_of_list() -> dict[str, str]:
    """The filter and the page of the list as parameters of an address."""
    values: dict[str, object] = {key: st.session_state.get(key) for key in _IN_ADDRESS}
    if values[FILTER_STATUS] == "open":
        values[FILTER_STATUS] = None
    if isinstance(probability := values[FILTER_PROBABILITY], float):
        values[FILTER_PROBABILITY] = round(probability * 100)
    if isinstance(number := values[INBOX_PAGE], int) and number:
        values[INBOX_PAGE] = number + 1
    return {_IN_ADDRESS[key][0]: str(value) for key, value in values.items() if value}


def keep_pages(pages: Mapping[str, Page]) -> None:
    st.session_state["pages"] = dict(pages)


def page(name: str) -> Page | None:
    """The page of that name, None where the role has none."""
    return cast("dict[str, Page]", st.session_state["pages"]).get(name)


def leave(key: str, value: Any) -> None:
    """Something for the next run, which takes it once."""
    st.session_state[f"left_{key}"] = value


def take(key: str) -> Any:
    return st.session_state.pop(f"left_{key}", None)
