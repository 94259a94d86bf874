"""`minaoshi serve`: the review app, Prefect's server on loopback and its worker, as one thing that starts and stops."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.error import URLError

from flows.settings import Settings

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
STARTUP_SECONDS = 120.0
STOP_SECONDS = 10.0


class ServeError(RuntimeError):
    """Something of the three could not start or stopped by itself; the message is Japanese."""


class _Stopped(Exception):
    """Somebody asked to stop: Ctrl-C, SIGTERM, or a closed terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One child process; `health` is the address that answers 200 once it is ready."""

    name: str
    label: str
    command: tuple[str, ...]
    health: str = ""


def services(settings: Settings, *, host: str = LOOPBACK) -> tuple[Service, Service, Service]:
    """App, Prefect server and worker, in the order in which they start."""
    app = Service(
        name="app",
        label="確認画面",
        command=(
            *(sys.executable, "-m", "uvicorn", "--factory", "review_app.asgi:create_app"),
            *("--host", host, "--port", str(settings.port), "--log-level", "warning"),
        ),
        health=f"http://{LOOPBACK}:{settings.port}/healthz",
    )
    server = Service(
        name="prefect-server",
        label="Prefect サーバー",
        command=(
            *(sys.executable, "-m", "prefect", "server", "start"),
            *("--host", LOOPBACK, "--port", str(settings.prefect_port)),
        ),
        health=f"{settings.prefect_api_url}/health",
    )
    worker = Service(name="worker", label="夜間の再スキャン", command=(sys.executable, "-m", "flows.deployments"))
    return app, server, worker


def child_environment(environ: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Environment of the children: one installation, one Prefect server, logs in UTF-8."""
    return {
        **environ,
        "MINAOSHI_HOME": str(settings.home),
        "MINAOSHI_DATABASE_URL": settings.database_url,
        "PREFECT_API_URL": settings.prefect_api_url,
        "PREFECT_UI_API_URL": settings.prefect_api_url,
        "PREFECT_LOGGING_TO_API_ENABLED": "true",
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
    }


def serve(settings: Settings, *, environ: Mapping[str, str], say: Callable[[str], None], host: str = LOOPBACK) -> None:
    """Start all three, report the address, and stop them together when one of them or somebody says so.

    Raises ServeError where a port is taken, a service does not answer within STARTUP_SECONDS, or
    one stops by itself: nothing is restarted behind anybody's back. Each writes to `logs` in the home.
    """
    for port, variable in ((settings.port, "MINAOSHI_PORT"), (settings.prefect_port, "MINAOSHI_PREFECT_PORT")):
        if not _is_free(port):
            raise ServeError(
                f"ポート {port} は既に使われています。"
                f"別の minaoshi serve を止めるか、{variable} で別の番号を指定してください。"
            )
    environment = child_environment(environ, settings)
    app, server, worker = services(settings, host=host)
    running: dict[Service, subprocess.Popen[bytes]] = {}
    with _stop_signals():
        try:
            for service in (app, server):
                running[service] = _start(service, settings.home, environment)
            _wait_until_healthy(app, running, settings.home)
            say(f"確認画面: http://{host}:{settings.port}/ （終了は Ctrl-C）")
            _wait_until_healthy(server, running, settings.home)
            running[worker] = _start(worker, settings.home, environment)
            say(f"夜間の再スキャン: {settings.rescan_cron}（日本時間）。取込フォルダ: {settings.inbox}")
            while True:
                _raise_if_one_ended(running, settings.home)
                time.sleep(0.5)
        except _Stopped:
            say("終了しています。")
        finally:
            _stop(running)


@contextmanager
def _stop_signals() -> Iterator[None]:
    """Turn the signals that ask for an end into _Stopped; a second one does not disturb the stopping."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in asked:
            signal.signal(number, signal.SIG_IGN)
        raise _Stopped

    asked = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in asked}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _log_path(home: Path, service: Service) -> Path:
    return home / "logs" / f"{service.name}.log"


def _see_log(home: Path, service: Service) -> str:
    return f"記録を確かめてください: {_log_path(home, service)}"


def _start(service: Service, home: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    path = _log_path(home, service)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as out:
        # A session of its own: Ctrl-C reaches us alone, and stopping it takes along what it started.
        return subprocess.Popen(  # noqa: S603 - our own commands
            service.command, env=dict(environment), stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )


def _wait_until_healthy(service: Service, running: Mapping[Service, subprocess.Popen[bytes]], home: Path) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline:
        _raise_if_one_ended(running, home)
        try:
            with urllib.request.urlopen(service.health, timeout=2) as answer:  # noqa: S310 - our own loopback address
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise ServeError(f"{service.label}が {STARTUP_SECONDS:.0f} 秒待っても応答しません。{_see_log(home, service)}")


def _raise_if_one_ended(running: Mapping[Service, subprocess.Popen[bytes]], home: Path) -> None:
    for service, process in running.items():
        if process.poll() is not None:
            raise ServeError(
                f"{service.label}が止まりました（終了コード {process.returncode}）。{_see_log(home, service)}"
            )


def _stop(running: Mapping[Service, subprocess.Popen[bytes]]) -> None:
    """End every service with all that it started, the latest first; whoever does not go in time is killed."""
    for process in reversed(list(running.values())):
        _signal_group(process, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in running.values():
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("killing process %d", process.pid)
        _signal_group(process, signal.SIGKILL)
        process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
