"""The script that every page carries, with what it needs to know (`static/at_work.js`)."""

from __future__ import annotations

import json

import streamlit as st

from regulations.review import Actor
from review_app.labels_ja import handling as words
from review_app.session_state import work


def at_work(actor: Actor) -> None:
    """Load the script; in a document where it runs already nothing happens. No word in it comes from a reader."""
    st.html(at_work_html(actor), unsafe_allow_javascript=True)


def sent(prefix: str) -> str:
    """The attributes of a message that says that what was typed has been saved: the texts kept in the browser go.

    Told once a step: what is typed after it is kept again, though the message still stands there.
    """
    return f' data-sent="{prefix}" data-turn="{work().turn}"'


def at_work_html(actor: Actor) -> str:
    known = {
        "account": actor.account_id,
        "words": words.WORDS_IN_PLACE,
        "patterns": words.WORDS_WITH_A_VALUE,
        "offline": words.OFFLINE,
    }
    return (
        f'<div class="mi-script"><script>window.minaoshi = {json.dumps(known, ensure_ascii=False)};</script>'
        '<script src="/assets/at_work.js"></script></div>'
    )
