"""Pages of the app run without a browser, as one of the prefecture's people."""

from __future__ import annotations

from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from models.accounts import Account
from models.database import reading_scope
from models.operations.sign_in import actor_of
from regulations.review import Actor
from tests.review_app.prefecture import Prefecture


def person(prefecture: Prefecture, login: str) -> Actor:
    with reading_scope(prefecture.sessions) as session:
        return actor_of(session.scalars(select(Account).where(Account.login_name == login)).one())


def open_page(name: str, actor: Actor, **query: str) -> AppTest:
    """The page of that name, run once."""
    page = AppTest.from_function(_script, kwargs={"name": name, "actor": actor}, default_timeout=30)
    page.session_state["pages"] = {}
    for key, value in query.items():
        page.query_params[key] = value
    return run(page)


def _script(name: str, actor: object) -> None:
    from importlib import import_module

    import_module(f"review_app.app_pages.{name}").show(actor)


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception, page.exception
    return page


def shown(page: AppTest) -> str:
    """All HTML of the page."""
    return "\n".join(str(element.proto.body) for element in page.get("html"))
