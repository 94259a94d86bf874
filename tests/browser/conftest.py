"""Chromium against the real server: a prefecture in a home of its own, served on a free port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from models.database import default_url
from tests.review_app.prefecture import Prefecture, found_prefecture

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREEN = {"width": 1366, "height": 768}

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("browser tests need Chromium: install Debian's chromium and fonts-noto-cjk")
    return found


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pages are pictured: MINAOSHI_SCREENSHOTS, or a folder of the test run."""
    folder = Path(os.environ.get("MINAOSHI_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The running app and the prefecture it serves."""

    address: str
    prefecture: Prefecture


@pytest.fixture(scope="session")
def founded(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Prefecture:
    return found_prefecture(tmp_path_factory.mktemp("prefecture"))


@pytest.fixture
def site(founded: Prefecture, tmp_path: Path) -> Iterator[Site]:
    """The app over a prefecture on its first day, a copy for each story."""
    home = tmp_path / "home"
    shutil.copytree(founded.home, home)
    prefecture = replace(founded, home=home, url=default_url(home))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (tmp_path / "server.log").open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "--factory", "review_app.asgi:create_app", "--port", str(port)],
        env={**os.environ, "MINAOSHI_HOME": str(home), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,  # not the checkout: nothing may hang on the current folder
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/healthz", server, tmp_path / "server.log")
        yield Site(address=address, prefecture=prefecture)
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)  # polling a process that starts, not waiting for a state of the page
    pytest.fail(f"the app did not start:\n{log.read_text(errors='replace')}")


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Pages in contexts of their own, each pictured as it was left; a request to any other host fails the test."""
    contexts: list[BrowserContext] = []
    strangers: list[str] = []

    def opening(*, color_scheme: str = "light") -> Page:
        context = browser.new_context(viewport=SCREEN, locale="ja-JP", color_scheme=color_scheme)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))
                else strangers.append(request.url)
            ),
        )
        return page

    yield opening
    for number, context in enumerate(contexts):
        context.pages[0].screenshot(path=tmp_path / f"left-{number}.png")
        context.close()
    assert not strangers, f"the app asked other hosts: {strangers}"
