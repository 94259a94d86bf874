"""前へ／次へ under a list that is paged in SQL."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from review_app.presenters import thousands


def page_number(key: str, *, total: int, size: int) -> int:
    """The page shown, from 0, kept within what there is (a filter may have made the list shorter)."""
    last = max(0, (total - 1) // size)
    number: int = min(st.session_state.get(key, 0), last)
    st.session_state[key] = number
    return number


def pager(key: str, *, total: int, size: int, on_turn: Callable[[], None] | None = None) -> None:
    """The buttons and 21–40件／134件; nothing where all fits on one page. `on_turn` follows each turn of a page."""
    if total <= size:
        return
    number = page_number(key, total=total, size=size)

    def turn(by: int) -> None:
        st.session_state[key] = number + by
        if on_turn:
            on_turn()

    first, last = number * size + 1, min((number + 1) * size, total)
    with st.container(key=f"pager_{key}", horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        st.html(f'<p class="mi-keys">{thousands(first)}–{thousands(last)}件／{thousands(total)}件</p>', width="content")
        st.button(f"前の{size}件", key=f"{key}_back", disabled=number == 0, on_click=turn, args=(-1,))
        st.button(f"次の{size}件", key=f"{key}_on", disabled=last == total, on_click=turn, args=(1,))
