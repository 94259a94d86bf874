"""管理: people, staff changes, the organisation, and who owns which ordinance."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from regulations.review import Actor, may_assign_owner, may_import, may_manage_accounts
from review_app.components.account_list import account_list
from review_app.components.instrument_owners import instrument_owners
from review_app.components.organisation_table import organisation, staff_changes
from review_app.labels_ja import administration as words


def show(actor: Actor) -> None:
    offered = sections(actor)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.html(f"<h1>{words.ADMINISTRATION}</h1>", width="content")
        chosen = st.segmented_control(
            words.SECTION, list(offered), default=next(iter(offered)), required=True, key="section",
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
    offered[chosen or next(iter(offered))](actor)


def sections(actor: Actor) -> dict[str, Callable[[Actor], None]]:
    """What the actor may administer, by its name."""
    found: dict[str, Callable[[Actor], None]] = {}
    if may_manage_accounts(actor):
        found |= {words.PEOPLE: account_list, words.STAFF_CHANGES: staff_changes}
    if may_import(actor):
        found[words.ORGANISATION] = organisation
    if may_assign_owner(actor):
        found[words.OWNERS] = instrument_owners
    return found
