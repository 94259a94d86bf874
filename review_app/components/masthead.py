"""The line on top of every page: product, pages, the class of what is shown, who is here."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from regulations import labels
from regulations.review import Actor
from review_app import labels_ja as ja


def masthead(actor: Actor, *, pages: Mapping[str, Any], current: Any) -> None:
    with st.container(key="masthead", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<div class="mi-product">{ja.PRODUCT}</div>', width="content")
        for name, page in pages.items():
            with st.container(key=f"here_{name}" if page == current else f"to_{name}", width="content"):
                st.page_link(page, label=page.title, width="content")
        role = labels.label(actor.role)
        st.html(
            f'<div class="mi-who"><span class="mi-secrecy">{ja.SECRECY_CLASS}</span>'
            f"<span>{escape(actor.display_name)}（{role}）</span>"
            f'<a href="/password" target="_self">{ja.CHANGE_PASSWORD}</a>'
            f'<form method="post" action="/signout"><button type="submit">{ja.SIGN_OUT}</button></form></div>'
        )
