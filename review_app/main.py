"""The Streamlit script: who is here, then the pages of their role."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path

import streamlit as st

from models import queries
from regulations.review import Actor
from review_app import labels_ja as ja
from review_app.components.at_work import at_work
from review_app.components.masthead import masthead
from review_app.database import reading
from review_app.gate import COOKIE, actor_of
from review_app.navigation import ALL_PAGES, CANDIDATE, AppPage, pages_for
from review_app.session_state import keep_pages

STYLE = Path(__file__).parent / "static" / "app.css"


def main() -> None:
    st.set_page_config(page_title=ja.PRODUCT, layout="wide", initial_sidebar_state="collapsed")
    st.html(STYLE)
    found = actor_of(st.context.cookies.get(COOKIE))
    if found is None or found[1]:
        # The gate lets nobody in unsigned; a session that ended while the page was open ends here.
        link = f'<a href="/signin" target="_self">{ja.SIGN_IN}</a>'
        st.html(f'<p class="mi-note">{ja.SESSION_ENDED} {link}</p>')
        st.stop()
    actor = found[0]
    # Every page has its address for every role, so that a refusal is in our words; the menu has the role's own.
    pages = {
        page.name: st.Page(partial(_show, page, actor), title=page.label, url_path=page.name) for page in ALL_PAGES
    }
    offered = {page.name: pages[page.name] for page in pages_for(actor.role)}
    start = st.Page(partial(_start, offered), title=ja.PRODUCT, url_path="start", default=True)
    current = st.navigation([start, *pages.values()], position="hidden")
    keep_pages(offered)
    with reading() as session:
        waiting = queries.waiting(session, actor=actor)
    masthead(actor, pages=offered, current=current, waiting=waiting)
    at_work(actor)
    current.run()


def _show(page: AppPage, actor: Actor) -> None:
    if actor.role not in page.roles:
        st.html(f'<div class="mi-empty"><h2>{ja.REFUSED}</h2><p>{ja.NOT_YOUR_PAGE}</p></div>')
        return
    import_module(f"review_app.app_pages.{page.name}").show(actor)


def _start(pages: dict[str, st.Page]) -> None:
    """The root address: a deep link to a candidate, or the first page of the role."""
    candidate = st.query_params.get("candidate")
    if candidate and CANDIDATE.name in pages:
        st.switch_page(pages[CANDIDATE.name], query_params={"candidate": candidate})
    st.switch_page(next(iter(pages.values())))


main()
