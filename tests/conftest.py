"""What every test shares: where real texts lie, and a home of its own for each test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

# The same examples at every run: a suite that fails by chance is not believed. tests/fuzz looks for new ones.
settings.register_profile("deterministic", derandomize=True, deadline=None)
settings.load_profile("deterministic")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real texts and labels beside the checkout, or a skip that says so."""
    folder = Path(os.environ.get("MINAOSHI_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("real texts are not here: set MINAOSHI_SHARED to their folder")
    return folder
