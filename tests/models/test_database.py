from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, literal, select
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from models.base import UtcDateTime
from models.database import (
    database_url,
    default_url,
    make_engine,
    minaoshi_home,
    reading_scope,
    session_factory,
    session_scope,
)
from models.organisation import Division
from tests.factories import division


def test_the_home_is_a_folder_named_by_the_environment_or_var():
    assert minaoshi_home({"MINAOSHI_HOME": "/srv/minaoshi"}) == Path("/srv/minaoshi")
    assert minaoshi_home({}) == Path.cwd() / "var"
    assert minaoshi_home({"MINAOSHI_HOME": ""}) == Path.cwd() / "var"


def test_the_database_is_embedded_in_the_home_unless_another_is_named():
    home = Path("/srv/minaoshi")
    assert database_url({}, home) == default_url(home) == "sqlite:////srv/minaoshi/minaoshi.db"
    assert database_url({"MINAOSHI_DATABASE_URL": "postgresql+psycopg://db"}, home) == "postgresql+psycopg://db"


def test_a_scope_commits_at_its_end_and_rolls_back_on_an_exception(sqlite_url):
    factory = session_factory(make_engine(sqlite_url))
    with session_scope(factory) as session:
        division(session, "人事課")
    with pytest.raises(RuntimeError), session_scope(factory) as session:
        division(session, "財政課")
        raise RuntimeError
    with reading_scope(factory) as session:
        assert session.scalars(select(Division.name)).all() == ["人事課"]


def test_a_reading_scope_keeps_nothing(sqlite_url):
    factory = session_factory(make_engine(sqlite_url))
    with reading_scope(factory) as session:
        division(session)
    with reading_scope(factory) as session:
        assert session.scalar(select(func.count(Division.id))) == 0


def test_two_writers_that_read_first_both_succeed_one_after_the_other(sqlite_url):
    """Deferred transactions would fail here: each reads the count, and the second to write is refused at once."""
    factory = session_factory(make_engine(sqlite_url))
    start = threading.Barrier(4)
    failures: list[Exception] = []

    def write(name: str) -> None:
        try:
            start.wait()
            for round_ in range(10):
                with session_scope(factory) as session:
                    before = session.scalar(select(func.count(Division.id)))
                    division(session, f"{name}-{round_}-{before}")
        except Exception as error:  # noqa: BLE001  handed to the test's thread
            failures.append(error)

    writers = [threading.Thread(target=write, args=(f"課{number}",)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    with reading_scope(factory) as session:
        names = session.scalars(select(Division.name)).all()
    # Each saw all that was written before it: the counts in the names are 0 to 39, none twice.
    assert sorted(int(name.rsplit("-", 1)[1]) for name in names) == list(range(40))


def test_a_reader_neither_waits_for_a_writer_nor_sees_half_of_its_work(sqlite_url):
    factory = session_factory(make_engine(sqlite_url))
    with session_scope(factory) as writer:
        division(writer)
        with reading_scope(factory) as reader:
            assert reader.scalar(select(func.count(Division.id))) == 0


def test_without_the_write_lock_a_transaction_that_read_an_old_state_cannot_write(sqlite_url):
    """Why `session_scope` takes the lock at its start."""
    factory = session_factory(make_engine(sqlite_url))
    with factory() as late:
        late.scalar(select(func.count(Division.id)))
        with session_scope(factory) as session:
            division(session)
        with pytest.raises(OperationalError, match="locked"):
            division(late, "財政課")


def test_foreign_keys_are_enforced(session):
    with pytest.raises(IntegrityError):
        division(session, successor_id=999_999)


def test_times_come_back_aware_and_naive_ones_are_refused(session):
    column = UtcDateTime()
    tokyo = dt.datetime(2026, 4, 1, 9, tzinfo=dt.timezone(dt.timedelta(hours=9)))
    assert session.scalar(select(func.max(_bound(tokyo, column)))) == dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
    with pytest.raises(StatementError, match="naive"):
        session.scalar(select(_bound(dt.datetime(2026, 4, 1), column)))  # noqa: DTZ001


def _bound(value, column):
    return literal(value, column)
