"""`make bench-app`: how long people wait for each page and each click, measured in Chromium on a large database."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated

import typer
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import queries
from models.accounts import Account
from models.base import make_engine
from models.database import reading_scope, session_factory
from models.inquiry import Inquiry
from models.legislation import Provision
from models.operations.sign_in import actor_of
from regulations.inquiry import InquiryState
from regulations.review import OPEN_STATUSES, Role
from review_app import labels_ja as ja
from review_app.labels_ja import history as history_words
from review_app.navigation import pages_for
from tests.benchmarks.measuring import machine
from tests.benchmarks.serving import Server, copied_database, running_app
from tests.browser.conftest import FLAGS, SCREEN

FIRST_PAINT, INTERACTION = 1.5, 0.7
"""The goals, in seconds, for 95 of 100."""

_UNSAVED = "まだ保存していません"

LOGINS = {
    Role.REVIEWER: "reviewer-002",
    Role.APPROVER: "approver-003",
    Role.BUREAU_MANAGER: "manager-03",
    Role.COORDINATOR: "gyokei-1",
    Role.AUDITOR: "kansa-1",
    Role.ADMINISTRATOR: "admin-1",
}

# Runs in every page before its own scripts: notes when the last input came, when the server last sent something and
# when the page last changed. (The state of the script alone will not do: of a quick run it never shows the beginning.)
_WATCH = """
window.__input = 0; window.__received = 0; window.__changed = 0;
for (const kind of ["pointerdown", "keydown"])
  addEventListener(kind, () => { window.__input = performance.now(); }, true);
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", () => { window.__received = performance.now(); });
  }
};
new MutationObserver(() => { window.__changed = performance.now(); })
  .observe(document, {subtree: true, childList: true, characterData: true});
window.__rests = (since) => {
  const app = document.querySelector('[data-testid="stApp"]');
  return window.__received > since && performance.now() - Math.max(window.__received, window.__changed) > 200
    && app && app.getAttribute("data-test-script-state") === "notRunning";
};
"""

# Resolves with the time since the navigation began at which the page stood as it then stayed.
_PAINTED = """(marker) => new Promise((resolve) => {
  const look = () => {
    if (window.__rests(0) && document.querySelector(marker))
      return resolve(Math.max(window.__received, window.__changed));
    if (performance.now() > 8000) return resolve(NaN);
    requestAnimationFrame(look);
  };
  look();
})"""

# The same from the last input on.
_NOW = "performance.now()"
_ANSWERED = """(marker) => new Promise((resolve) => {
  const look = () => {
    if (window.__rests(window.__input) && (!marker || document.querySelector(marker)))
      return resolve(Math.max(window.__received, window.__changed) - window.__input);
    if (performance.now() - window.__input > 5000) return resolve(NaN);
    requestAnimationFrame(look);
  };
  look();
})"""


@dataclass(slots=True)
class Figures:
    """Seconds by what was measured, in the order of the first time."""

    painted: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answered: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    repeated: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What addresses name: the longest instrument, a candidate in the middle of the queue, the running inquiry."""

    instrument: int
    candidate: int | None
    inquiry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """One signed-in person's tab."""

    page: Page
    address: str
    role: Role
    figures: Figures

    def open(self, path: str, marker: str, name: str) -> None:
        """A page from its address, as from a bookmark."""
        self.page.goto(f"{self.address}/{path}", wait_until="commit")
        self.figures.painted[f"{name} ({self.role.value})"].append(self.page.evaluate(_PAINTED, marker) / 1000)

    def do(self, name: str, act: Callable[[], object], marker: str = "") -> None:
        """An input, until the page has answered it."""
        act()
        seconds = self.page.evaluate(_ANSWERED, marker) / 1000
        if math.isnan(seconds):
            # The page did not take it: it was still drawing what was to be clicked. A person does it again.
            self.figures.repeated.append(name)
            act()
            seconds = self.page.evaluate(_ANSWERED, marker) / 1000
        if math.isnan(seconds):
            self.figures.never.append(name)
        else:
            self.figures.answered[f"{name} ({self.role.value})"].append(seconds)

    def click(self, name: str, selector: str, marker: str = "") -> None:
        target = self.page.locator(selector).first
        if target.count() and target.is_enabled():
            self.do(name, lambda: target.click(timeout=10_000), marker)

    def press(self, name: str, key: str) -> None:
        self.pause()
        self.do(name, lambda: self.page.keyboard.press(key))

    def pause(self) -> None:
        """As long as the same button or key has to wait to count once more; outside what is measured."""
        self.page.wait_for_function("since => performance.now() - since > 500", arg=self.page.evaluate(_NOW))


def _standing_at(name: str) -> str:
    """The masthead once it says that this page is open; the pages that it has no room for stand in a menu."""
    return f".st-key-here_{name}, .st-key-here_rest"


def _paint_all(visitor: Visitor, places: Places) -> None:
    for page in pages_for(visitor.role):
        visitor.open(page.name, _standing_at(page.name), page.label)
        if page.name == "reading":
            visitor.open(f"reading?instrument={places.instrument}", ".mi-case", "例規を読む: the longest instrument")
        if page.name == "candidate" and places.candidate:
            visitor.open(f"candidate?candidate={places.candidate}", ".mi-case", "候補の確認: one candidate")


def _walk_menu(visitor: Visitor) -> None:
    """From page to page by the menu, which keeps the session."""
    for page in pages_for(visitor.role):
        if not visitor.page.locator(f".st-key-here_{page.name}").count():
            visitor.pause()
            visitor.do(f"menu: {page.label}", partial(_choose, visitor.page, page.name), _standing_at(page.name))


def _choose(page: Page, name: str) -> None:
    link = page.locator(f".st-key-to_{name} a").first
    if not link.is_visible():  # among those that the masthead has no room for
        page.locator(".st-key-to_rest button, .st-key-here_rest button").first.click(timeout=5_000)
        link.wait_for(timeout=5_000)
    link.click(timeout=5_000)


def _use_inbox(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.address}/inbox", wait_until="commit")
    visitor.page.evaluate(_PAINTED, ".st-key-here_inbox")
    for word in ("該当", "すべて", "要対応"):
        visitor.click("受信箱: filter by status", f'[data-testid="stButtonGroup"] button:has-text("{word}")')
    visitor.click("受信箱: next page", ".st-key-inbox_page_on button")
    visitor.click("受信箱: next page", ".st-key-inbox_page_on button")
    _search(visitor, "受信箱: search", ja.SEARCH, ("掲示", "公園", ""))
    visitor.click("受信箱: open a candidate", '.stMain [class*="st-key-row_"] a', ".mi-case")


def _search(visitor: Visitor, name: str, label: str, words: tuple[str, ...]) -> None:
    field = visitor.page.get_by_label(label).first
    if not field.count():
        return
    for word in words:
        field.fill(word)
        visitor.do(name, lambda: field.press("Enter"))


def _use_candidates(visitor: Visitor, places: Places) -> None:
    if not places.candidate:
        return
    visitor.page.goto(f"{visitor.address}/candidate?candidate={places.candidate}", wait_until="commit")
    visitor.page.evaluate(_PAINTED, ".mi-case")
    visitor.page.wait_for_timeout(500)  # keys are bound a moment after the drawing, and nobody reads faster
    for _ in range(4):
        visitor.press("候補の確認: next (J)", "j")
    visitor.press("候補の確認: previous (K)", "k")
    if visitor.role in {Role.REVIEWER, Role.APPROVER}:
        for _ in range(4):
            visitor.press("候補の確認: answer 該当 and open the next", "1")
        visitor.press("候補の確認: answer 非該当, choose a reason", "2")
        visitor.press("候補の確認: the reason, and open the next", "3")


def _use_reading(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.address}/reading", wait_until="commit")
    visitor.page.evaluate(_PAINTED, ".st-key-here_reading")
    visitor.click("例規を読む: next page of the list", ".st-key-reading_list_page_on button")
    _search(visitor, "例規を読む: search", ja.INSTRUMENT_SEARCH, ("公園", ""))
    visitor.click("例規を読む: open an instrument", '[class*="st-key-open_"] button', ".mi-case")
    visitor.click("例規を読む: next page of the text", '[class*="st-key-reading_page_"][class*="_on"] button')


def _use_roadmap(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.address}/roadmap", wait_until="commit")
    visitor.page.evaluate(_PAINTED, ".st-key-here_roadmap")
    visitor.click("工程表: next page", ".st-key-roadmap_page_on button")
    if visitor.role is Role.REVIEWER and visitor.page.get_by_test_id("data-grid-canvas").count():
        _edit_a_plan(visitor)


def _edit_a_plan(visitor: Visitor) -> None:
    """A choice in the first row that differs from what is saved there (of two words one does), and saved."""
    page = visitor.page
    page.get_by_test_id("glide-cell-0-0").wait_for(state="attached")
    for word in ("改正する", "廃止する"):
        _choose_in_grid(page, word)
        visitor.do("工程表: edit a cell", lambda: page.keyboard.press("Enter"))
        if page.get_by_text(_UNSAVED).count():
            break
    visitor.do("工程表: save", lambda: page.keyboard.press("Control+s"))


def _choose_in_grid(page: Page, word: str) -> None:
    """Open the cell of 要否・方向性 with the keyboard and type a choice, up to the key that takes it."""
    headings = page.locator('[data-testid="data-grid-canvas"] [role="columnheader"]').all_text_contents()
    page.get_by_test_id("data-grid-canvas").first.focus()
    for key in ("Control+Home", *["ArrowRight"] * headings.index(ja.ROADMAP_COLUMNS["policy"]), "Enter"):
        page.keyboard.press(key)
    page.locator("#portal input").first.wait_for(timeout=5_000)
    page.keyboard.type(word)
    page.locator("#portal").get_by_text(word, exact=True).last.wait_for(timeout=5_000)


def _use_progress(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.address}/progress", wait_until="commit")
    visitor.page.evaluate(_PAINTED, ".st-key-here_progress")
    for word in ("組織", "回答"):
        visitor.click(
            "進捗: order", f'[data-testid="stButtonGroup"] button:has-text("{word}"):not([aria-checked="true"])'
        )


def _use_history(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.address}/history", wait_until="commit")
    visitor.page.evaluate(_PAINTED, _standing_at("history"))
    _search(visitor, "履歴: search", history_words.TARGET, ("公園", ""))
    visitor.click("履歴: next page", ".st-key-history_page_on button")


def _use_inquiries(visitor: Visitor, places: Places) -> None:
    visitor.open(f"inquiries?inquiry={places.inquiry}", _standing_at("inquiries"), "照会の管理: the running round")
    visitor.click("照会の管理: filter the answers", '[data-testid="stButtonGroup"] button[aria-checked="false"]')
    visitor.click("照会の管理: next page of the answers", '[class*="st-key-"][class*="_on"] button')


def _use_administration(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.address}/administration", wait_until="commit")
    visitor.page.evaluate(_PAINTED, _standing_at("administration"))
    for _ in range(3):
        visitor.click("管理: another section", '[data-testid="stButtonGroup"] button[aria-checked="false"]')


def _use(visitor: Visitor, places: Places) -> None:
    names = {page.name for page in pages_for(visitor.role)}
    if "inbox" in names:
        _use_inbox(visitor)
    if "candidate" in names:
        _use_candidates(visitor, places)
    if "reading" in names:
        _use_reading(visitor)
    if "roadmap" in names:
        _use_roadmap(visitor)
    if "progress" in names:
        _use_progress(visitor)
    if "history" in names:
        _use_history(visitor)
    if "inquiries" in names:
        _use_inquiries(visitor, places)
    if "administration" in names:
        _use_administration(visitor)


@contextmanager
def _visitor(browser: Browser, server: Server, role: Role, *, password: str, figures: Figures) -> Iterator[Visitor]:
    context: BrowserContext = browser.new_context(viewport=SCREEN, locale="ja-JP")
    context.add_init_script(_WATCH)
    form = {"login_name": LOGINS[role], "password": password, "next": "/healthz"}
    answer = context.request.post(f"{server.address}/signin", form=form)
    if answer.status != 200:
        raise RuntimeError(f"{LOGINS[role]} could not sign in: {answer.status}. Name the password: --password")
    yield Visitor(page=context.new_page(), address=server.address, role=role, figures=figures)
    context.close()


def _places(session: Session, role: Role) -> Places:
    actor = actor_of(session.scalars(select(Account).where(Account.login_name == LOGINS[role])).one())
    total = queries.queue_total(session, actor=actor, statuses=OPEN_STATUSES)
    middle = queries.queue(session, actor=actor, statuses=OPEN_STATUSES, limit=1, offset=total // 2)
    seen = {row.head.instrument_id for row in queries.instrument_list(session, actor=actor, limit=5_000)}
    sizes = session.execute(
        select(Provision.instrument_id, func.count()).group_by(Provision.instrument_id).order_by(func.count().desc())
    )
    longest = next((instrument for instrument, _ in sizes if instrument in seen), 0)
    running = session.scalar(select(func.max(Inquiry.id)).where(Inquiry.state == InquiryState.OPEN)) or 0
    return Places(instrument=longest, candidate=middle[0].item_id if middle else None, inquiry=running)


def measure(url: str, *, home: Path, password: str, repeats: int, roles: tuple[Role, ...] = tuple(LOGINS)) -> Figures:
    """Every page and interaction of every role, `repeats` times, after one round that does not count."""
    figures = Figures()
    sessions = session_factory(make_engine(url))
    with running_app(url, home=home) as server, sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for role in roles:
            for number in range(repeats + 1):
                with reading_scope(sessions) as session:
                    places = _places(session, role)
                counted = figures if number else Figures()
                with _visitor(browser, server, role, password=password, figures=counted) as visitor:
                    if number:  # what a browser keeps of the app after its first visit
                        visitor.page.goto(f"{server.address}/{pages_for(role)[0].name}", wait_until="commit")
                        visitor.page.evaluate(_PAINTED, _standing_at(pages_for(role)[0].name))
                    _paint_all(visitor, places)
                    _walk_menu(visitor)
                    _use(visitor, places)
                typer.echo(f"{role.value}: round {number} of {repeats}")
        browser.close()
    return figures


def percentile(seconds: list[float], share: int = 95) -> float:
    """The value that `share` of 100 do not exceed; of few measurements nearly the largest."""
    return quantiles(seconds, n=100, method="inclusive")[share - 1] if len(seconds) > 1 else seconds[0]


def report(figures: Figures) -> bool:
    """Print median and p95 of everything; whether all are within the goals."""
    is_good = True
    for heading, goal, measured in (
        ("first paint", FIRST_PAINT, figures.painted),
        ("interaction", INTERACTION, figures.answered),
    ):
        typer.echo(f"\n| {heading} | measured | median | p95 | goal {goal} s |\n|---|--:|--:|--:|---|")
        for name, seconds in measured.items():
            worst = percentile(seconds)
            is_good = is_good and worst <= goal
            verdict = "pass" if worst <= goal else "FAIL"
            typer.echo(f"| {name} | {len(seconds)} | {median(seconds):.2f} s | {worst:.2f} s | {verdict} |")
        everything = [value for seconds in measured.values() for value in seconds]
        typer.echo(
            f"| all | {len(everything)} | {median(everything):.2f} s | {percentile(everything):.2f} s | "
            f"{'pass' if percentile(everything) <= goal else 'FAIL'} |"
        )
    if figures.repeated:
        typer.echo(f"\n{len(figures.repeated)} inputs were not taken and repeated: {', '.join(figures.repeated)}")
    if figures.never:
        typer.echo(f"{len(figures.never)} were not taken the second time either: {', '.join(figures.never)}")
    return is_good and not figures.never


def main(
    password: Annotated[str, typer.Option(help="the one that `make seed-large` printed or was given")],
    url: Annotated[str, typer.Option(help="the database; by default a copy of the one in MINAOSHI_HOME")] = "",
    repeats: Annotated[int, typer.Option(min=1)] = 10,
    role: Annotated[list[Role] | None, typer.Option(help="only these")] = None,
) -> None:
    """Measure every page and interaction for every role; fails where one misses its goal."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        url = url or copied_database(home)
        typer.echo(machine())
        figures = measure(url, home=home, password=password, repeats=repeats, roles=tuple(role or LOGINS))
    if not report(figures):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
