"""A short run of the fuzzer that follows coverage, where atheris is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytest.importorskip("atheris", reason="atheris is not installed: see docs/formats.md")


def test_no_damage_is_an_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz.guided", "--runs", "2000", "--keep", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert list(tmp_path.glob("failed-*")) == []
