"""例規でしぼる: one instrument out of all there are, found by words in SQL."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from models import queries
from models.queries import InstrumentChoice
from regulations.review import Actor
from review_app.database import reading
from review_app.labels_ja import handling, lists
from review_app.presenters import plain_label
from review_app.session_state import FILTER_INSTRUMENT

SHOWN = 8
"""Instruments offered at once: what does not fit is found by its words."""

OPEN, WORDS = "instrument_filter", "instrument_filter_words"


def instrument_filter(actor: Actor, *, on_change: Callable[[], None]) -> None:
    """A button that names the instrument chosen; what it opens is asked of the database only then.

    Drops an instrument that the actor has no candidates in, as an old link may name one.
    """
    chosen = _chosen(actor)
    st.html(f'<p class="mi-label" aria-hidden="true">{handling.INSTRUMENT}</p>')
    with st.popover(
        plain_label(chosen.title if chosen else handling.ALL_INSTRUMENTS),
        key=OPEN,
        on_change="rerun",
        width="stretch",
    ) as found:
        if found.open:
            _choices(actor, chosen, on_change)


def _chosen(actor: Actor) -> InstrumentChoice | None:
    instrument_id = st.session_state.get(FILTER_INSTRUMENT)
    if instrument_id is None:
        return None
    with reading() as session:
        rows = queries.instrument_choices(session, actor=actor, instrument_id=instrument_id, limit=1)
    if not rows:
        st.session_state[FILTER_INSTRUMENT] = None
        return None
    return rows[0]


def _choices(actor: Actor, chosen: InstrumentChoice | None, on_change: Callable[[], None]) -> None:
    def take(instrument_id: int | None) -> None:
        st.session_state[FILTER_INSTRUMENT] = instrument_id
        st.session_state[OPEN] = False
        st.session_state[WORDS] = ""
        on_change()

    with st.container(key="focus_instrument_filter", width=460):
        wanted = st.text_input(lists.INSTRUMENT_WORDS, key=WORDS, placeholder=lists.INSTRUMENT_WORDS_HINT)
        if chosen:
            st.button(handling.ALL_INSTRUMENTS, key="instrument_any", on_click=take, args=(None,))
        with reading() as session:
            rows = queries.instrument_choices(session, actor=actor, text=wanted, limit=SHOWN + 1)
        if not rows:
            st.html(f'<p class="mi-keys">{lists.NO_INSTRUMENT_FOUND}</p>')
        with st.container(key="instrument_choices", gap=None):
            for row in rows[:SHOWN]:
                st.button(
                    plain_label(lists.instrument_choice(row.title, row.open)),
                    key=f"instrument_{row.instrument_id}",
                    type="tertiary",
                    on_click=take,
                    args=(row.instrument_id,),
                )
        if len(rows) > SHOWN:
            st.html(f'<p class="mi-keys">{lists.MORE_INSTRUMENTS}</p>')
