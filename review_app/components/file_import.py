"""Choosing a file, seeing what it would change, and having it done: the same for every list that people import."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from review_app.labels_ja import administration as words

TYPES = ("csv", "xlsx")
MOST_SHOWN = 200


def chosen_file(label: str, key: str) -> bytes | None:
    """The bytes of the file that is chosen; None while there is none."""
    number = st.session_state.get(f"{key}_number", 0)
    chosen = st.file_uploader(label, TYPES, key=f"{key}_{number}")
    return chosen.getvalue() if chosen else None


def put_away(key: str) -> None:
    """Let go of the chosen file: the next run asks for another."""
    st.session_state[f"{key}_number"] = st.session_state.get(f"{key}_number", 0) + 1


def rehearsal(
    changes: Mapping[str, Sequence[str]],
    *,
    warnings: Mapping[str, Sequence[str]] | None = None,
    notes: Mapping[str, Sequence[str]] | None = None,
    errors: Sequence[str],
    key: str,
) -> bool:
    """What a file would do, list by list with counts, and the button that does it; whether it has been pressed.

    `changes` would be written, `warnings` and `notes` are for the person to know, `errors` name lines that are
    passed over.
    """
    if errors:
        st.html(f'<p class="mi-fault" role="alert">{words.count_of(words.ERRORS, len(errors))}　{words.ERRORS_HOW}</p>')
        st.html(list_html(words.ERRORS, sorted(errors, key=_row), is_open=True))
    _lists(warnings or {}, are_open=True)
    changed = sum(map(len, changes.values()))
    st.html(f'<p class="mi-note">{words.REHEARSED if changed else words.NOTHING_TO_DO}</p>')
    _lists(changes, are_open=True)
    _lists(notes or {}, are_open=False)
    return st.button(words.APPLY, type="primary", key=f"{key}_apply", disabled=not changed)


def _lists(lists: Mapping[str, Sequence[str]], *, are_open: bool) -> None:
    for heading, lines in lists.items():
        if lines:
            st.html(list_html(heading, lines, is_open=are_open))


def _row(error: str) -> int:
    """The row that an error begins with: 12行目「役割」: …"""
    found = re.match(r"\d+", error)
    return int(found[0]) if found else 0


def list_html(heading: str, lines: Sequence[str], *, is_open: bool) -> str:
    """A list that folds, with its count in the heading."""
    shown = "".join(f"<li>{escape(line)}</li>" for line in lines[:MOST_SHOWN])
    rest = len(lines) - MOST_SHOWN
    more = f"<li>{words.MORE_ROWS.format(count=rest)}</li>" if rest > 0 else ""
    return (
        f'<details class="mi-fold"{" open" if is_open else ""}><summary>{words.count_of(escape(heading), len(lines))}'
        f"</summary><ul>{shown}{more}</ul></details>"
    )
