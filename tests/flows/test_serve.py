"""`minaoshi serve` starts the three, answers, and takes all of them down when asked."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import pytest
from sqlalchemy import select

from flows.serve import ServeError, serve
from flows.settings import load_settings
from models.database import make_engine, session_factory
from models.legislation import Instrument
from models.review import ReviewItem
from tests.conftest import ROOT
from tests.flows.texts import BEFORE, write

COMMAND = (sys.executable, "-c", "from flows.cli import app; app()", "serve")


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _environment(home: Path, port: int, prefect_port: int) -> dict[str, str]:
    # Nothing of the test's own Prefect may reach the child.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "MINAOSHI_"))}
    return {
        **inherited,
        "PYTHONPATH": str(ROOT),
        "MINAOSHI_HOME": str(home),
        "MINAOSHI_PORT": str(port),
        "MINAOSHI_PREFECT_PORT": str(prefect_port),
    }


def _get(url: str | urllib.request.Request, *, seconds: float = 60) -> Any:
    """The answer; asked again where Prefect says 503, as it does while its database is locked by another writer."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.read()
        except HTTPError as error:
            if error.code != 503 or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _wait_for(url: str, process: subprocess.Popen[str], *, seconds: float = 120) -> bytes:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        try:
            return bytes(_get(url))
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Mapping[str, str]]]:
    port, prefect_port = _free_ports(2)
    environment = _environment(tmp_path / "home", port, prefect_port)
    process = subprocess.Popen(
        COMMAND, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    yield process, environment
    process.kill()
    process.wait()


def _post(url: str, body: Mapping[str, Any]) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.loads(_get(request))


def test_app_server_and_worker_come_up_together_work_and_go_together(
    served: tuple[subprocess.Popen[str], Mapping[str, str]],
) -> None:
    process, environment = served
    app = f"http://127.0.0.1:{environment['MINAOSHI_PORT']}"
    api = f"http://127.0.0.1:{environment['MINAOSHI_PREFECT_PORT']}/api"
    _wait_for(f"{app}/healthz", process)
    assert json.loads(_wait_for(f"{api}/admin/settings", process))["server"]["analytics_enabled"] is False
    deployment = json.loads(_wait_for(f"{api}/deployments/name/rescan/nightly", process))
    (scheduled,) = deployment["schedules"]
    assert (scheduled["schedule"]["timezone"], scheduled["active"], deployment["paused"]) == ("Asia/Tokyo", True, False)

    # What the clock would do at night, asked for now.
    write(Path(environment["MINAOSHI_HOME"], "inbox"), BEFORE)
    run = _post(f"{api}/deployments/{deployment['id']}/create_flow_run", {"state": {"type": "SCHEDULED"}})
    deadline = time.monotonic() + 120
    while run["state_type"] not in {"COMPLETED", "FAILED", "CRASHED"} and time.monotonic() < deadline:
        time.sleep(0.5)
        run = json.loads(_get(f"{api}/flow_runs/{run['id']}"))
    assert run["state_type"] == "COMPLETED", run
    with session_factory(make_engine(load_settings(environment).database_url))() as session:
        assert session.scalars(select(Instrument.title)).all() == ["霞野県遊泳場条例"]
        assert session.scalars(select(ReviewItem.id)).all() != []

    out = _stopped_by(process, signal.SIGTERM)
    assert f"{app}/" in out
    for url in (f"{app}/healthz", f"{api}/health"):
        with pytest.raises((URLError, OSError)):
            _get(url)


def test_an_interrupt_while_starting_leaves_nothing_running(
    served: tuple[subprocess.Popen[str], Mapping[str, str]],
) -> None:
    process, environment = served
    _wait_for(f"http://127.0.0.1:{environment['MINAOSHI_PORT']}/healthz", process)
    _stopped_by(process, signal.SIGINT)
    for name in ("MINAOSHI_PORT", "MINAOSHI_PREFECT_PORT"):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int(environment[name])), timeout=5)


def _stopped_by(process: subprocess.Popen[str], number: signal.Signals) -> str:
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    return out


def test_a_port_in_use_is_named_and_nothing_is_started(tmp_path: Path) -> None:
    port, prefect_port = _free_ports(2)
    settings = load_settings(_environment(tmp_path, port, prefect_port))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", prefect_port))
        taken.listen()
        with pytest.raises(ServeError, match=f"{prefect_port}.*MINAOSHI_PREFECT_PORT"):
            serve(settings, environ={}, say=lambda _: None)
    assert not (tmp_path / "logs").exists()


def test_one_that_cannot_start_takes_the_others_down_and_points_to_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(_environment(tmp_path, *_free_ports(2)))
    broken = Path(tmp_path, "broken")
    broken.mkdir()
    (broken / "uvicorn.py").write_text("raise SystemExit('no app today')", encoding="utf-8")
    environment = {**_environment(tmp_path, settings.port, settings.prefect_port), "PYTHONPATH": str(broken)}
    with pytest.raises(ServeError, match=r"app\.log"):
        serve(settings, environ=environment, say=lambda _: None)
    assert "no app today" in (tmp_path / "logs" / "app.log").read_text(encoding="utf-8")
    with pytest.raises((URLError, OSError)):
        _get(f"{settings.prefect_api_url}/health")
