"""The declarative base, column types shared by the tables, and engines."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

from sqlalchemy import JSON, Connection, DateTime, Engine, Enum, MetaData, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Json = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware UTC datetime; SQLite, which keeps no zone, gives it back aware all the same."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(dt.UTC) if value else None

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


def text_enum(values: type[enum.Enum]) -> Enum:
    """A StrEnum kept by value in a plain VARCHAR, so that a new member needs no DDL on PostgreSQL."""
    return Enum(values, native_enum=False, create_constraint=False, length=32, values_callable=_values)


def _values(members: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in members]


WRITING = "minaoshi_writing"
"""Execution option of a connection whose transaction will write; see `make_engine`."""


def make_engine(url: str, *, foreign_keys: bool = True) -> Engine:
    """An engine for the system of record.

    SQLite runs in WAL mode, so that readers never wait for a writer. Its transactions begin
    explicitly (the driver would begin them at the first write only, so that what was read before is
    no part of them): BEGIN IMMEDIATE where the connection has the option `WRITING`, since a
    transaction that has read and then writes fails at once, without waiting, if another wrote
    in between. `models.database.session_scope` sets the option.

    As many connections are kept as people may click at once: opening another took longer than a query.
    """
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"), pool_size=20, max_overflow=40)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            cursor = connection.cursor()
            # The timeout comes first: changing to WAL, which only the very first connection does, needs a lock.
            for pragma in ("busy_timeout=15000", "journal_mode=WAL", "synchronous=NORMAL"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
            cursor.close()

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            writing = connection.get_execution_options().get(WRITING, False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
