"""Settings and Prefect's switches come from the environment, when asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flows.prefect_environment import prepare
from flows.settings import SettingsError, load_settings
from regulations.sources.base import Limits
from tests.conftest import ROOT


def test_without_settings_everything_lies_in_var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings({})
    assert (settings.home, settings.port) == (tmp_path / "var", 8501)
    assert settings.database_url == f"sqlite:///{tmp_path / 'var' / 'minaoshi.db'}"


def test_another_database_can_be_named() -> None:
    url = "postgresql+psycopg://minaoshi@127.0.0.1/minaoshi"
    assert load_settings({"MINAOSHI_DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize("port", ["0", "65536", "-1", "八", "", "80 "])
def test_a_port_that_is_none_is_refused_with_the_name_of_its_variable(port: str) -> None:
    with pytest.raises(SettingsError, match="MINAOSHI_PORT"):
        load_settings({"MINAOSHI_PORT": port})


def test_limits_are_settings() -> None:
    limits = load_settings({"MINAOSHI_MAX_FILE_MB": "3", "MINAOSHI_MAX_BUNDLE_FILES": "7"}).limits
    assert (limits.max_bytes, limits.max_expanded_bytes, limits.max_bundle_files) == (3 * 2**20, 3 * 2**20, 7)
    assert load_settings({}).limits == Limits()


@pytest.mark.parametrize("value", ["0", "-1", "多", "", "1.5"])
def test_a_limit_that_is_no_number_is_refused_with_the_name_of_its_variable(value: str) -> None:
    with pytest.raises(SettingsError, match="MINAOSHI_MAX_RATIO"):
        load_settings({"MINAOSHI_MAX_RATIO": value})


def test_telemetry_stays_off_even_where_the_environment_asks_for_it(tmp_path: Path) -> None:
    environ = {"DO_NOT_TRACK": "0", "PREFECT_SERVER_ANALYTICS_ENABLED": "true"}
    prepare(environ, load_settings({"MINAOSHI_HOME": str(tmp_path)}))
    assert (environ["DO_NOT_TRACK"], environ["PREFECT_SERVER_ANALYTICS_ENABLED"]) == ("1", "false")


def test_a_flow_of_the_worker_keeps_the_home_it_was_given(tmp_path: Path) -> None:
    environ = {"PREFECT_HOME": "elsewhere"}
    prepare(environ, load_settings({"MINAOSHI_HOME": str(tmp_path)}))
    assert environ["PREFECT_HOME"] == "elsewhere"


@pytest.mark.parametrize("command", [["--help"], ["parse", "--help"], ["doctor", "--help"], ["classify", "--help"]])
def test_the_command_starts_without_the_heavy_libraries(command: list[str]) -> None:
    code = (
        "import sys\nfrom flows.cli import app\n"
        "try: app(sys.argv[1:])\nexcept SystemExit: pass\n"
        "heavy = {'prefect', 'spacy', 'sqlalchemy', 'streamlit', 'pandas'} & sys.modules.keys()\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
