"""The app on a free port over a database to be measured, as `minaoshi serve` starts it."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.database import default_url, minaoshi_home
from tests.conftest import ROOT

_STARTUP_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The running app: its address (http://127.0.0.1:port) and its process."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def memory(self) -> float:
        """What the process holds at the moment, in MB (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024

    @property
    def processor(self) -> float:
        """Seconds of processor time used so far (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def copied_database(home: Path) -> str:
    """A copy of the database in MINAOSHI_HOME, in `home`; its URL. What was made for measuring stays as it is."""
    original = minaoshi_home(os.environ) / "minaoshi.db"
    if not original.is_file():
        raise FileNotFoundError(f"{original}: run make seed-large first, or name a database with --url")
    with sqlite3.connect(original) as source, sqlite3.connect(home / original.name) as target:
        source.backup(target)
    return default_url(home)


@contextmanager
def running_app(url: str, *, home: Path) -> Iterator[Server]:
    """The app over the database `url`; `home` takes its log. Raises RuntimeError where it does not start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = home / "app.log"
    with path.open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "uvicorn", "--factory", "review_app.asgi:create_app"),
                *("--port", str(port), "--log-level", "warning"),
            ],
            env={**os.environ, "MINAOSHI_HOME": str(home), "MINAOSHI_DATABASE_URL": url, "PYTHONPATH": str(ROOT)},
            cwd=home,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        server = Server(address=f"http://127.0.0.1:{port}", process=process, log=path)
        try:
            _wait_until_healthy(server)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_until_healthy(server: Server) -> None:
    deadline = time.monotonic() + _STARTUP_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.address}/healthz", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)  # polling a process that starts
    raise RuntimeError(f"the app did not start:\n{server.log.read_text(errors='replace')}")
