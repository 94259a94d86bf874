"""A Prefect of its own for the session, and an installation of its own for each test that asks for one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.prefect_environment import prepare
from flows.settings import Settings, load_settings
from models.database import upgrade

# Prefect reads its settings at import, and the test modules import flows at theirs.
_prefect_home = load_settings({"MINAOSHI_HOME": str(Path(tempfile.gettempdir(), "minaoshi-tests"))})
_prefect_home.make_folders()
prepare(os.environ, _prefect_home)


@pytest.fixture(scope="session")
def orchestrator() -> Iterator[None]:
    """Prefect's own test server, started once: it costs about ten seconds."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty, migrated installation that the environment points at."""
    monkeypatch.setenv("MINAOSHI_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MINAOSHI_DATABASE_URL", raising=False)
    settings = load_settings(os.environ)
    settings.make_folders()
    upgrade(settings.database_url)
    return settings
