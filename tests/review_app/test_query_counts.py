"""No page asks the database more often because there is more in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select
from streamlit.testing.v1 import AppTest

from models import queries
from models.accounts import Account
from models.base import make_engine
from models.database import default_url, reading_scope, session_factory, upgrade
from models.legislation import Provision
from models.operations.sign_in import actor_of
from regulations.review import OPEN_STATUSES, Actor, Role
from review_app.navigation import ALL_PAGES
from tests.benchmarks.seed_large import Size, seed
from tests.review_app.pages import run

NOW = dt.datetime.now(dt.UTC)  # some pages show what is recent or late

FEW = Size(
    instruments=12, provisions=240, candidates=90, divisions=4, amended=2, unowned=2, joint=2, handed=4, together=2,
    declared=2, sample=4,
)  # fmt: skip
MANY = Size(
    instruments=90, provisions=1_800, candidates=900, divisions=20, amended=8, unowned=20, joint=12, handed=60,
    together=10, declared=12, sample=40,
)  # fmt: skip

LOGINS = {
    Role.REVIEWER: "reviewer-002",
    Role.APPROVER: "approver-002",
    Role.BUREAU_MANAGER: "manager-01",
    Role.COORDINATOR: "gyokei-1",
    Role.AUDITOR: "kansa-1",
    Role.ADMINISTRATOR: "admin-1",
}

SLACK = 3
"""Statements by which two runs may differ: the next candidate may stand in the next instrument, and what is shown
on a list with nothing in it needs no names. A statement a row would be ten times that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """A seeded database, by the folder it lies in."""

    home: Path

    def actor(self, role: Role) -> Actor:
        with reading_scope(session_factory(make_engine(default_url(self.home)))) as session:
            return actor_of(session.scalars(select(Account).where(Account.login_name == LOGINS[role])).one())

    def query(self, page: str, actor: Actor) -> dict[str, str]:
        """What the page's address names: a candidate in the middle of the queue, the longest instrument."""
        with reading_scope(session_factory(make_engine(default_url(self.home)))) as session:
            if page == "candidate":
                total = queries.queue_total(session, actor=actor, statuses=OPEN_STATUSES)
                rows = queries.queue(session, actor=actor, statuses=OPEN_STATUSES, limit=1, offset=total // 2)
                return {"candidate": str(rows[0].item_id)}
            if page == "reading":
                seen = [row.head.instrument_id for row in queries.instrument_list(session, actor=actor, limit=500)]
                of_provisions = select(Provision.instrument_id).where(Provision.instrument_id.in_(seen))
                longest = of_provisions.group_by(Provision.instrument_id).order_by(func.count().desc()).limit(1)
                return {"instrument": str(session.scalar(longest))}
        return {}


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Large]:
    found = {}
    for name, size in (("few", FEW), ("many", MANY)):
        home = tmp_path_factory.mktemp(name)
        upgrade(default_url(home))
        engine = make_engine(default_url(home))
        seed(session_factory(engine), size=size, password="Susuki-no-hara-2026", now=NOW)
        engine.dispose()
        found[name] = Large(home=home)
    return found


@pytest.fixture
def counted(seeded: dict[str, Large], monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, Role, bool], int]:
    """How many statements a page takes on one of the two, its start and its end included."""

    def count(which: str, name: str, role: Role, is_deep: bool) -> int:
        large = seeded[which]
        monkeypatch.setenv("MINAOSHI_HOME", str(large.home))
        monkeypatch.delenv("MINAOSHI_DATABASE_URL", raising=False)
        actor = large.actor(role)
        query = large.query(name, actor) if is_deep else {}
        with _statements() as made:
            _open(name, actor, query)
        return len(made)

    return count


def _open(name: str, actor: Actor, query: dict[str, str]) -> None:
    """The page with the links it has in the app, run once."""
    page = AppTest.from_function(_script, kwargs={"name": name, "actor": actor}, default_timeout=30)
    for key, value in query.items():
        page.query_params[key] = value
    run(page)


def _script(name: str, actor: object) -> None:
    from importlib import import_module

    import streamlit as st

    from review_app.navigation import ALL_PAGES
    from review_app.session_state import keep_pages

    pages = {page.name: st.Page(lambda: None, title=page.label, url_path=page.name) for page in ALL_PAGES}
    st.navigation(list(pages.values()), position="hidden")
    keep_pages(pages)
    import_module(f"review_app.app_pages.{name}").show(actor)


@contextmanager
def _statements() -> Iterator[list[str]]:
    made: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        made.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield made
    finally:
        event.remove(Engine, "before_cursor_execute", note)


_ROLES = (Role.REVIEWER, Role.APPROVER, Role.BUREAU_MANAGER, Role.COORDINATOR, Role.ADMINISTRATOR)


@pytest.mark.parametrize(
    ("name", "role"), [(page.name, role) for page in ALL_PAGES for role in _ROLES if role in page.roles]
)
def test_a_page_takes_as_many_statements_for_many_rows_as_for_few(
    name: str, role: Role, counted: Callable[[str, str, Role, bool], int]
) -> None:
    few, many = counted("few", name, role, False), counted("many", name, role, False)
    assert abs(many - few) <= SLACK


@pytest.mark.parametrize(
    ("name", "role"),
    [(name, role) for name in ("candidate", "reading") for role in (Role.REVIEWER, Role.COORDINATOR)],
)
def test_one_candidate_and_one_instrument_take_the_same_too(
    name: str, role: Role, counted: Callable[[str, str, Role, bool], int]
) -> None:
    few, many = counted("few", name, role, True), counted("many", name, role, True)
    assert abs(many - few) <= SLACK
