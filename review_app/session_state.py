"""What a browser session remembers between reruns, under typed keys. All else is in the database or the address."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any, TypedDict, cast

import streamlit as st
from streamlit.navigation.page import Page

from regulations.review import OPEN_STATUSES, ReviewStatus

PACE_BEFORE_ANY_ANSWER = 30.0
"""Seconds a candidate is taken to need until this session has shown its own pace."""

ANSWERED = frozenset({ReviewStatus.APPLICABLE, ReviewStatus.NOT_APPLICABLE})

STATUS_FILTERS: Mapping[str, frozenset[ReviewStatus]] = {
    "要対応": OPEN_STATUSES,
    "再確認": frozenset({ReviewStatus.RECHECK}),
    "未確認": frozenset({ReviewStatus.PENDING}),
    "保留": frozenset({ReviewStatus.UNDECIDED}),
    "回答済み": ANSWERED,
    "すべて": OPEN_STATUSES | ANSWERED,
}

FILTER_STATUS, FILTER_CATEGORY, FILTER_TEXT = "filter_status", "filter_category", "filter_text"


@dataclass(slots=True)
class Work:
    """The session's work on candidates.

    `done` is the sentence on the last answer, `done_item` the candidate it was on and `done_group` the step to
    take back where it was one answer for several; `rejecting` is the candidate whose reason is being
    chosen and `grouping` the one whose like are answered with it; `faults` are the sentences on an answer that was
    refused, under the candidate they belong to.
    """

    done: str = ""
    done_item: int | None = None
    done_group: int | None = None
    rejecting: int | None = None
    grouping: int | None = None
    faults: dict[int, list[str]] = field(default_factory=dict)
    answered_at: list[float] = field(default_factory=list)

    def answered(self, item_id: int, sentence: str, *, group: int | None = None) -> None:
        self.done, self.done_item, self.done_group = sentence, item_id, group
        self.rejecting = self.grouping = None
        self.faults.pop(item_id, None)
        self.answered_at = [*self.answered_at[-20:], time.monotonic()]

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
    text: str | None


def queue_filter() -> QueueFilter:
    """What the inbox is filtered by; the same queue is walked in 候補の確認."""
    return QueueFilter(
        statuses=STATUS_FILTERS[st.session_state.get(FILTER_STATUS) or "要対応"],
        category=st.session_state.get(FILTER_CATEGORY),
        text=st.session_state.get(FILTER_TEXT) or None,
    )


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
