"""One press is one answer: what comes next opens under the same button, and nobody has read it yet."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from models import queries
from models.database import reading_scope
from regulations.review import OPEN_STATUSES
from tests.browser.conftest import Site
from tests.browser.test_first_light import pause, settle, sign_in, subject
from tests.review_app.pages import person

pytestmark = pytest.mark.browser


def waiting(site: Site) -> int:
    with reading_scope(site.prefecture.sessions) as session:
        return queries.queue_total(session, actor=person(site.prefecture, "sato"), statuses=OPEN_STATUSES)


def test_a_double_click_or_a_key_held_down_answers_only_what_was_read(
    site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    sign_in(page, site, "sato", at="/candidate")
    expect(subject(page)).to_be_visible()
    at_first = waiting(site)
    opened = page.url
    page.get_by_role("button", name=re.compile("^該当")).dblclick()
    expect(page).not_to_have_url(opened)
    settle(page)
    expect(subject(page)).to_be_visible()
    assert waiting(site) == at_first - 1

    opened = page.url
    pause(page)
    for _ in range(5):
        page.keyboard.down("1")  # from the second on, what a key held down sends
    page.keyboard.up("1")
    expect(page).not_to_have_url(opened)
    settle(page)
    expect(subject(page)).to_be_visible()
    assert waiting(site) == at_first - 2
    pause(page)
    page.keyboard.press("1")  # a press of its own is an answer again
    expect(page.locator(".mi-done")).to_be_visible()
    settle(page)
    assert waiting(site) == at_first - 3


class Hand:
    """A hand whose second press comes as late as is said, however long the page took to draw what it comes upon."""

    def __init__(self, page: Page) -> None:
        self.page, self.began = page, time.time()
        self.devtools = page.context.new_cdp_session(page)
        page.evaluate(
            """() => {
              window.arrived = 0;
              for (const kind of ["click", "keydown"]) document.addEventListener(kind, () => { window.arrived += 1; });
            }"""
        )

    def click(self, x: float, y: float, *, after: float) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1, "timestamp": self.began + after}
            self.devtools.send("Input.dispatchMouseEvent", event)

    def press(self, key: str, *, after: float) -> None:
        code = {"key": key, "code": f"Digit{key}", "windowsVirtualKeyCode": ord(key)}
        for kind, text in (("keyDown", {"text": key}), ("keyUp", {})):
            event = {"type": kind, **code, **text, "timestamp": self.began + after}
            self.devtools.send("Input.dispatchKeyEvent", event)

    def arrived(self) -> int:
        """Presses that reached the page."""
        return int(self.page.evaluate("window.arrived"))


def middle(target: Locator) -> tuple[float, float]:
    box = target.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def next_candidate(page: Page, opened: str) -> str:
    expect(page).not_to_have_url(opened)
    settle(page)
    expect(subject(page)).to_be_visible()
    return page.url


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_a_second_press_that_comes_upon_the_next_candidate_within_half_a_second_counts_for_nothing(
    site: Site, open_page: Callable[..., Page], way: str
) -> None:
    page = open_page()
    sign_in(page, site, "sato", at="/candidate")
    expect(subject(page)).to_be_visible()
    settle(page)
    at_first, opened = waiting(site), page.url
    hand, place = Hand(page), middle(page.get_by_role("button", name=re.compile("^該当")))

    def once(after: float) -> None:
        if way == "mouse":
            hand.click(*place, after=after)
        else:
            hand.press("1", after=after)

    once(0)
    opened = next_candidate(page, opened)
    once(0.3)
    assert hand.arrived() == 1
    once(0.55)  # as fast as one may go on
    next_candidate(page, opened)
    assert hand.arrived() == 2
    assert waiting(site) == at_first - 2


def test_a_double_click_on_非該当_chooses_no_reason_and_two_keys_do(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page()
    sign_in(page, site, "sato", at="/candidate")
    expect(subject(page)).to_be_visible()
    settle(page)
    at_first, opened = waiting(site), page.url
    hand, place = Hand(page), middle(page.get_by_role("button", name=re.compile("^非該当")))
    reasons = page.locator(".st-key-reasons")
    hand.click(*place, after=0)
    expect(reasons.get_by_role("button", name="罰則")).to_be_visible()
    settle(page)
    hand.click(*place, after=0.3)
    assert hand.arrived() == 1
    hand.press("1", after=0.4)
    opened = next_candidate(page, opened)
    assert waiting(site) == at_first - 1
    hand.press("2", after=0.6)
    expect(reasons.get_by_role("button", name="罰則")).to_be_visible()
    hand.press("2", after=0.8)  # the same key, but another button
    next_candidate(page, opened)
    assert waiting(site) == at_first - 2
