"""Reading what detection left out, the model in use, and one answer for the same words in many ordinances."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from models import queries
from models.database import reading_scope
from regulations.review import OPEN_STATUSES
from tests.browser.conftest import Site
from tests.browser.test_first_light import menu, pick, picture, settle, sign_in
from tests.review_app.pages import person
from tests.review_app.prefecture import PARKS, open_parks

pytestmark = pytest.mark.browser


def test_a_coordinator_reads_a_sample_and_sees_what_it_says_of_the_rest(
    site: Site, open_page: Callable[..., Page], screenshots: Path
) -> None:
    page = open_page()
    sign_in(page, site, "gyokei")

    menu(page, "検出もれの点検")
    expect(page.get_by_text("抜き取った条項を1件ずつ読んで回答します。")).to_be_visible()
    picture(page, screenshots, "missed-empty")
    page.get_by_label("件数").fill("5")
    page.get_by_label("件数").press("Enter")
    expect(page.get_by_text("5件を読んでもれが1件もなければ")).to_be_visible()
    page.get_by_role("button", name="抜き取る").click()
    expect(page.get_by_text("1件目／5件")).to_be_visible()
    settle(page)

    # 該当なし with the keyboard alone; the next provision opens at once
    page.keyboard.press("1")
    expect(page.locator(".mi-done")).to_contain_text("「該当なし」としました。")
    expect(page.get_by_text("2件目／5件")).to_be_visible()
    settle(page)

    # 検出もれ with its category
    page.keyboard.press("2")
    expect(page.get_by_role("button", name="検出もれとして記録する")).to_be_visible()
    settle(page)
    pick(page, page.get_by_role("combobox", name=re.compile("規制区分")), "書面掲示")
    settle(page)
    picture(page, screenshots, "missed-form")
    page.get_by_role("button", name="検出もれとして記録する").click()
    expect(page.locator(".mi-done")).to_contain_text("「書面掲示」の検出もれとして記録しました。")
    expect(page.get_by_text("3件目／5件")).to_be_visible()
    expect(page.locator(".mi-note")).to_contain_text(
        re.compile(r"から 2件を読み、もれ 1件。もれの割合は50\.0%（95%信頼区間 1\.3%〜98\.7%）")
    )

    # a reload keeps the answers and comes back to the first provision not read
    page.reload()
    settle(page)
    expect(page.get_by_text("3件目／5件")).to_be_visible()
    page.get_by_text("抜き取った条項 5件").click()
    expect(page.locator(".mi-status").get_by_text("検出もれ")).to_be_visible()
    picture(page, screenshots, "missed")

    menu(page, "判定モデル")
    expect(page.get_by_role("heading", name="付属のモデルを使っています")).to_be_visible()
    picture(page, screenshots, "models")


def test_a_reviewer_answers_the_same_words_at_once_and_takes_it_back(
    site: Site, open_page: Callable[..., Page], screenshots: Path
) -> None:
    open_parks(site.prefecture.sessions)
    with reading_scope(site.prefecture.sessions) as session:
        rows = queries.queue(session, actor=person(site.prefecture, "sato"), statuses=OPEN_STATUSES, text=PARKS[0])
    page = open_page()
    sign_in(page, site, "sato", at=f"/candidate?candidate={rows[0].item_id}")
    expect(page.get_by_role("button", name="同じ文言の候補 2件にまとめて回答")).to_be_visible()
    settle(page)

    page.keyboard.press("g")
    for title in PARKS:
        expect(page.locator(".st-key-case").get_by_text(title)).to_be_visible()
    expect(page.get_by_text("次の3件に同じ回答をします。")).to_be_visible()
    settle(page)
    picture(page, screenshots, "candidate-group")
    page.keyboard.press("1")
    expect(page.locator(".mi-done")).to_contain_text("同じ文言の候補3件（書面掲示）を「該当」としました。")
    settle(page)
    page.get_by_role("button", name="取り消す").click()
    expect(page.locator(".mi-done")).to_contain_text("3件の回答を取り消し、前の状態に戻しました。")
    expect(page.get_by_role("button", name="同じ文言の候補 2件にまとめて回答")).to_be_visible()
