"""Migrated databases: SQLite always, PostgreSQL where MINAOSHI_TEST_POSTGRES_URL names a server."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, make_url, text
from sqlalchemy.orm import Session

from models.database import make_engine, upgrade


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty database: a file, or a schema of its own that is dropped afterwards."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('db') / 'minaoshi.db'}"
        return
    server = os.environ.get("MINAOSHI_TEST_POSTGRES_URL")
    if not server:
        pytest.skip("no PostgreSQL here: set MINAOSHI_TEST_POSTGRES_URL to test on it too")
    schema = f"test_{uuid.uuid4().hex}"
    admin = make_engine(server)
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    try:
        url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
        yield url.render_as_string(hide_password=False)
    finally:
        with admin.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        admin.dispose()


@pytest.fixture(scope="module")
def engine(empty_url: str) -> Iterator[Engine]:
    """An engine on a database that the migrations, not the tables' metadata, have made."""
    upgrade(empty_url)
    made = make_engine(empty_url)
    yield made
    made.dispose()


@pytest.fixture(autouse=True)
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real algorithm with the least work: what is tested is not how long it takes."""
    least = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("models.operations.passwords._HASHER", least)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose work, commits and all, is rolled back after the test."""
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as opened:
            yield opened
        transaction.rollback()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A migrated SQLite file of the test's own, for tests with several connections."""
    url = f"sqlite:///{tmp_path / 'minaoshi.db'}"
    upgrade(url)
    return url
