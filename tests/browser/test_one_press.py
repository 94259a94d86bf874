"""One press is one answer: what comes next opens under the same button, and nobody has read it yet."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from models import queries
from models.database import reading_scope
from regulations.review import OPEN_STATUSES
from tests.browser.conftest import Site
from tests.browser.test_first_light import settle, sign_in, subject
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
    for _ in range(5):
        page.keyboard.down("1")  # from the second on, what a key held down sends
    page.keyboard.up("1")
    expect(page).not_to_have_url(opened)
    settle(page)
    expect(subject(page)).to_be_visible()
    assert waiting(site) == at_first - 2
    page.keyboard.press("1")  # a press of its own is an answer again
    expect(page.locator(".mi-done")).to_be_visible()
    settle(page)
    assert waiting(site) == at_first - 3
