"""Where the database is, how to open it, and bringing it up to date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session, sessionmaker

from models.base import WRITING, make_engine

MIGRATIONS = Path(__file__).parent / "migrations"

__all__ = [
    "alembic_config",
    "database_url",
    "default_url",
    "make_engine",
    "minaoshi_home",
    "reading_scope",
    "session_factory",
    "session_scope",
    "upgrade",
]


def minaoshi_home(environ: Mapping[str, str]) -> Path:
    """The folder of database, drop folder and exports: MINAOSHI_HOME, or ./var."""
    return Path(environ.get("MINAOSHI_HOME") or "var").expanduser().resolve()


def default_url(home: Path) -> str:
    return f"sqlite:///{home / 'minaoshi.db'}"


def database_url(environ: Mapping[str, str], home: Path) -> str:
    """MINAOSHI_DATABASE_URL, or the embedded database in `home`."""
    return environ.get("MINAOSHI_DATABASE_URL") or default_url(home)


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose rows stay readable after the commit (a screen shows what it has just saved)."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def session_scope(factory: sessionmaker[Session]) -> Iterator[Session]:
    """A transaction that may write: committed at the end, rolled back where an exception leaves it.

    On SQLite it takes the write lock at its start and waits for it where another holds it, so keep
    what is slow (reading files, detection) outside.
    """
    with factory() as session:
        session.connection(execution_options={WRITING: True})
        yield session
        session.commit()


@contextmanager
def reading_scope(factory: sessionmaker[Session]) -> Iterator[Session]:
    """One consistent view for reading: never waits for a writer, and keeps nothing of what is changed in it."""
    with factory() as session:
        yield session


def upgrade(url: str) -> None:
    """Bring the database to the newest migration; makes an SQLite file and its folder where there is none."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(alembic_config(url), "head")


def alembic_config(url: str) -> Config:
    """Alembic's configuration for this database, whatever the current folder is."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = url  # not an option: those are interpolated, and a password may hold a %
    return config
