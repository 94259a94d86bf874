"""What narrows a list: states with how many there are of each, and whose of the divisions' matters it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from models import queries
from regulations.review import Actor
from review_app.components.rounds import today
from review_app.database import reading
from review_app.labels_ja import lists


def states(
    label: str,
    numbers: Mapping[str, int],
    *,
    key: str,
    on_change: Callable[[], None],
    default: str | None = None,
    words: Mapping[str, str] | None = None,
) -> str | None:
    """One of the names in `numbers`, each shown with its number and, where `words` has one, under its word.

    Without a `default` the session's state holds the first choice already.
    """
    shown = words or {}
    return st.segmented_control(
        label, list(numbers), default=default, required=True, key=key, on_change=on_change, persist_state="session",
        format_func=lambda name: lists.with_count(shown.get(name, name), numbers[name]),
        label_visibility="collapsed", width="content",
    )  # fmt: skip


def division(
    actor: Actor,
    label: str,
    *,
    key: str,
    everyone: str,
    on_change: Callable[[], None] | None = None,
    is_labelled: bool = True,
) -> int | None:
    """One of the divisions that the actor sees, found by its name; None for `everyone`."""
    with reading() as session:
        choices = {
            row.division_id: f"{row.bureau}　{row.division}"
            for row in queries.progress_by_division(session, actor=actor, on=today())
            if row.division_id is not None
        }
    return st.selectbox(
        label, list(choices), index=None, format_func=choices.__getitem__, placeholder=everyone, key=key,
        persist_state="session", on_change=on_change, filter_mode="contains",
        label_visibility="visible" if is_labelled else "collapsed", width=420 if is_labelled else 300,
    )  # fmt: skip
