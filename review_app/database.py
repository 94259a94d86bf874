"""Sessions on the system of record: one engine a process, shared by routes, middleware and pages."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from functools import cache

from sqlalchemy.orm import Session, sessionmaker

from models.base import make_engine
from models.database import database_url, minaoshi_home, reading_scope, session_factory, session_scope


@cache
def _factory(url: str) -> sessionmaker[Session]:
    return session_factory(make_engine(url))


def sessions() -> sessionmaker[Session]:
    """The session factory of the database that the environment names now."""
    return _factory(database_url(os.environ, minaoshi_home(os.environ)))


def reading() -> AbstractContextManager[Session]:
    """One consistent view for a screen."""
    return reading_scope(sessions())


def writing() -> AbstractContextManager[Session]:
    """One use case: committed where the block ends, rolled back where it raises."""
    return session_scope(sessions())
