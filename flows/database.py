"""Sessions for flows: each task opens its own on the database that the environment names."""

from __future__ import annotations

import os
from functools import cache

from sqlalchemy.orm import Session, sessionmaker

from flows.settings import load_settings
from models.database import make_engine, session_factory


def sessions() -> sessionmaker[Session]:
    """The session factory of the installation that `os.environ` describes at the time of the call."""
    return _factory(load_settings(os.environ).database_url)


@cache
def _factory(url: str) -> sessionmaker[Session]:
    return session_factory(make_engine(url))
