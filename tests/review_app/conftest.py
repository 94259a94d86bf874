"""One prefecture for all tests of the app, and a copy of it for each test."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from models.database import default_url
from tests.review_app.prefecture import Prefecture, found_prefecture


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Prefecture:
    return found_prefecture(tmp_path_factory.mktemp("prefecture"), files=("101_okugai_kokokubutsu.xml",))


@pytest.fixture
def prefecture(founded: Prefecture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prefecture:
    """A prefecture on its first day, which the app finds through the environment."""
    home = tmp_path / "home"
    shutil.copytree(founded.home, home)
    monkeypatch.setenv("MINAOSHI_HOME", str(home))
    monkeypatch.delenv("MINAOSHI_DATABASE_URL", raising=False)
    return replace(founded, home=home, url=default_url(home))
