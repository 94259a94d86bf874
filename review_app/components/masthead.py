"""The line on top of every page: product, pages, the class of what is shown, who is here."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from models.queries.waiting import Waiting
from regulations import labels
from regulations.review import Actor
from review_app import labels_ja as ja
from review_app.labels_ja import help as words
from review_app.navigation import MANUAL, AppPage, menu_for
from review_app.presenters import thousands


def masthead(actor: Actor, *, pages: Mapping[str, Any], current: Any, waiting: Waiting) -> None:
    menu, counts = menu_for(actor.role), waiting_beside(waiting)
    with st.container(key="masthead", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<div class="mi-product">{ja.PRODUCT}</div>', width="content")
        for page in menu.inline:
            _link(page, pages[page.name], current, counts.get(page.name, 0))
        if menu.rest:
            here = next((page for page in menu.rest if pages[page.name] == current), None)
            # A key of its own on each page: what was opened to leave a page is closed on the next.
            with (
                st.container(key="here_rest" if here else "to_rest", width="content"),
                st.popover(words.rest(here.label if here else ""), type="tertiary", key=f"rest_at_{current.url_path}"),
            ):
                for page in menu.rest:
                    _link(page, pages[page.name], current, counts.get(page.name, 0))
        _link(MANUAL, pages[MANUAL.name], current, 0)
        role = labels.label(actor.role)
        st.html(
            f'<div class="mi-who"><span class="mi-secrecy">{ja.SECRECY_CLASS}</span>'
            f"<details><summary>{escape(actor.display_name)}（{role}）</summary>"
            f'<div class="mi-account"><a href="/password" target="_self">{ja.CHANGE_PASSWORD}</a>'
            f'<form method="post" action="/signout"><button type="submit">{ja.SIGN_OUT}</button></form></div>'
            "</details></div>"
        )
        with st.container(key="current_page", width="content"):
            st.html('<script src="/assets/current_page.js"></script>', unsafe_allow_javascript=True)


def waiting_beside(waiting: Waiting) -> dict[str, int]:
    """The figure beside each page, by its name."""
    return {
        "inbox": waiting.to_answer + waiting.to_settle,
        "approval": waiting.to_approve,
        "inquiries": waiting.to_accept,
    }


def _link(page: AppPage, target: Any, current: Any, count: int) -> None:
    with st.container(key=f"here_{page.name}" if target == current else f"to_{page.name}", width="content"):
        label = f"{page.label} :blue-badge[{thousands(count)}]" if count else page.label
        st.page_link(target, label=label, width="content", help=words.waiting(count) if count else None)
