"""Every candidate that one answer for several would touch, each to be left out at will."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from models.queries import SimilarItem
from review_app import labels_ja as ja
from review_app.components.status import status_badge
from review_app.presenters import law_text, plain_label


def group_preview(rows: Sequence[SimilarItem]) -> list[SimilarItem]:
    """Draw the rows; returns those to be answered. The candidate that is open is always among them."""
    above, chosen = st.empty(), []
    for row in rows:
        is_taken = st.checkbox(
            plain_label(f"{row.title}　{row.address}"),
            value=True,
            key=f"group_{row.item_id}",
            disabled=row.is_subject,
        )
        if is_taken:
            chosen.append(row)
        here = f"▶ {ja.THIS_CANDIDATE}　" if row.is_subject else ""
        st.html(
            f'<div class="mi-article"><p class="mi-address">{here}{escape(row.caption)} {status_badge(row.status)}</p>'
            f"{law_text(row.text)}</div>"
        )
    above.html(f'<p class="mi-note" role="status">{ja.group_preview(len(chosen))}</p>')
    return chosen
