"""Runs migrations: from `models.database.upgrade`, or by the command `alembic` on the configured database."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import text

from models import accounts, detection, inquiry, legislation, organisation, review  # noqa: F401  each import defines its tables
from models.base import WRITING, Base, make_engine
from models.database import database_url, minaoshi_home

_LOCK = 0x6D696E61  # any number, the same in every process: two that start at once migrate in turn


def run() -> None:
    url = context.config.attributes.get("url") or database_url(os.environ, minaoshi_home(os.environ))
    # Foreign keys are off while SQLite's tables are made anew, or dropping the old one would empty its children.
    engine = make_engine(url, foreign_keys=False)
    try:
        with engine.connect().execution_options(**{WRITING: True}) as connection:
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                render_as_batch=engine.dialect.name == "sqlite",
                compare_type=True,
            )
            with context.begin_transaction():
                if engine.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                context.run_migrations()
    finally:
        engine.dispose()


if context.is_offline_mode():
    raise SystemExit("Migrations run on a database; writing SQL to a file is not supported.")
run()
