"""Words picked out of the law text, with the mouse or the keyboard, as `static/at_work.js` sends them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from review_app.labels_ja import handling as words

PICKED = "picked_words"


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedWords:
    """The words, without white space, and the version of the provision they stand in."""

    version_id: int
    words: str


def read_picked(sent: str) -> PickedWords | None:
    """What the script wrote: a running number, the version's id and the words; None for anything else."""
    _, first, rest = sent.partition("|")
    version, second, picked = rest.partition("|")
    if not (first and second and version.isdecimal() and len(version) < 10 and picked.strip()):
        return None
    return PickedWords(version_id=int(version), words=picked.strip())


def law_text_selection(on_pick: Callable[[PickedWords], None]) -> None:
    """The field that the script fills, out of sight: what it holds is shown where it goes."""

    def picked() -> None:
        if found := read_picked(st.session_state[PICKED] or ""):
            on_pick(found)

    with st.container(key="picked"):
        st.text_input(words.PICKED, key=PICKED, on_change=picked)


def text_region(html: str) -> str:
    """The text that words are picked out of, as one stop of the tab key with its keys told."""
    return f'<div class="mi-text" tabindex="0" role="group" aria-label="{words.TEXT_REGION}">{html}</div>'
