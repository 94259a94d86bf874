"""操作手引き: the manual, chapter by chapter, from the files that ship with the app."""

from __future__ import annotations

import streamlit as st

from regulations.review import Actor, Role
from review_app.labels_ja import help as words
from review_app.manual_text import chapters


def show(actor: Actor) -> None:
    titles = [chapter.title for chapter in chapters()]
    contents, text = st.columns([2, 7], gap="medium")
    with contents, st.container(key="manual_contents"):
        st.html(f"<h1>{words.MANUAL}</h1>")
        chosen = st.radio(
            words.CHAPTER, titles, index=titles.index(first_chapter(actor.role, titles)), key="chapter",
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
    with text, st.container(key="manual_text"):
        st.markdown(f"## {chosen}\n\n{next(chapter.text for chapter in chapters() if chapter.title == chosen)}")


def first_chapter(role: Role, titles: list[str]) -> str:
    """The chapter that a role begins with: the one named for it, or the first."""
    wanted = words.FIRST_CHAPTER.get(role, "")
    return next((title for title in titles if title == wanted), titles[0])
