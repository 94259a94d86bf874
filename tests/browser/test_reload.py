"""Reloads and lost connections in mid-work: answers are there, so is what was typed, and the place is the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from models import queries
from models.database import reading_scope, session_scope
from models.review import ReviewItem
from regulations.review import Applicability, ReviewStatus
from tests import factories
from tests.browser.conftest import Site
from tests.browser.test_first_light import menu, picture, settle, sign_in
from tests.review_app.pages import person
from tests.review_app.prefecture import open_parks

pytestmark = pytest.mark.browser


def test_a_reload_in_mid_work_loses_nothing_and_comes_back_to_the_same_place(
    site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    sign_in(page, site, "sato", at="/candidate")
    expect(page.locator(".mi-here")).to_be_visible()
    settle(page)
    page.keyboard.press("1")
    expect(page.locator(".st-key-topline")).to_contain_text(re.compile("^1／"))
    settle(page)
    place = page.url
    page.get_by_label("メモ").fill("様式の扱いを確かめてから答える。")

    # typed, not sent, and the page reloaded
    page.reload()
    expect(page.get_by_label("メモ")).to_have_value("様式の扱いを確かめてから答える。")
    expect(page).to_have_url(place)
    expect(page.locator(".st-key-topline")).to_contain_text(re.compile("^1／"))
    settle(page)

    # once it has been sent it is the answer's, and no draft comes back with the next candidate or a reload
    page.keyboard.press("Tab")
    page.locator("body").evaluate("document.activeElement.blur()")
    settle(page)
    page.keyboard.press("3")
    expect(page.locator(".mi-done")).to_contain_text("「保留」としました。")
    settle(page)
    expect(page.get_by_label("メモ")).to_have_value("")
    page.reload()
    expect(page.get_by_label("メモ")).to_have_value("")
    assert page.evaluate("Object.keys(sessionStorage).filter((name) => name.startsWith('minaoshi:'))") == []
    with reading_scope(site.prefecture.sessions) as session:
        counts = queries.inbox_counts(session, actor=person(site.prefecture, "sato"))
    assert (counts[ReviewStatus.APPLICABLE], counts[ReviewStatus.UNDECIDED]) == (1, 1)


def test_notes_kept_in_the_browser_are_not_shown_to_whoever_signs_in_next(
    site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    sign_in(page, site, "sato", at="/candidate?candidate=1")
    page.get_by_label("メモ").fill("佐藤の書きかけのメモ")
    page.goto(f"{site.address}/inbox")
    settle(page)
    page.locator(".mi-who summary").click()
    page.get_by_role("button", name="サインアウト").click()
    sign_in(page, site, "suzuki", at="/candidate?candidate=1")
    expect(page.get_by_label("メモ")).to_be_visible()
    settle(page)
    expect(page.get_by_label("メモ")).to_have_value("")
    assert page.evaluate("Object.values(sessionStorage).join('')").count("佐藤") == 0


def test_a_lost_connection_is_told_and_work_goes_on_where_it_was(
    site: Site, open_page: Callable[..., Page], screenshots: Path
) -> None:
    page = open_page()
    sockets: list[WebSocketRoute] = []

    def through(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket("**/_stcore/stream", through)
    sign_in(page, site, "sato", at="/candidate?candidate=1")
    expect(page.locator(".mi-here")).to_be_visible()
    settle(page)
    place = page.locator(".mi-here").inner_text()
    page.get_by_label("メモ").fill("切れる前に書いた。")

    page.route("**/_stcore/health", lambda route: route.abort())
    sockets[-1].close()
    expect(page.locator(".mi-offline")).to_contain_text("サーバーとの接続が切れました。")
    expect(page.get_by_text("Streamlit")).to_have_count(0)
    picture_of_offline(page, screenshots)
    page.unroute("**/_stcore/health")

    expect(page.locator(".mi-offline")).to_have_count(0)
    expect(page.get_by_label("メモ")).to_be_enabled()
    settle(page)
    expect(page.locator(".mi-here")).to_have_text(place)
    expect(page.get_by_label("メモ")).to_have_value("切れる前に書いた。")
    page.get_by_role("button", name=re.compile("^該当")).click()
    expect(page.locator(".mi-done")).to_contain_text("「該当」としました。")
    with reading_scope(site.prefecture.sessions) as session:
        detail = queries.item_detail(session, actor=person(site.prefecture, "sato"), item_id=1)
    assert detail
    assert detail.decision
    assert detail.decision.note == "切れる前に書いた。"


def picture_of_offline(page: Page, folder: Path) -> None:
    page.screenshot(path=folder / "candidate-offline.png")


def test_the_list_comes_back_with_its_filter_and_several_answers_can_still_be_taken_back(
    site: Site, open_page: Callable[..., Page], screenshots: Path
) -> None:
    open_parks(site.prefecture.sessions)
    page = open_page()
    sign_in(page, site, "sato", at="/inbox")
    page.get_by_label("さがす").fill("公園")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("words="))
    expect(page.locator("[class*=st-key-row_]")).to_have_count(3)
    settle(page)
    page.reload()
    expect(page.get_by_label("さがす")).to_have_value("公園")
    expect(page.locator("[class*=st-key-row_]")).to_have_count(3)
    settle(page)

    page.get_by_role("button", name="この画面をすべて選ぶ").click()
    expect(page.get_by_text("3件を選択中")).to_be_visible()
    settle(page)
    picture(page, screenshots, "inbox-chosen")
    page.get_by_role("button", name="まとめて回答").click()
    expect(page.get_by_text("次の3件に同じ回答をします。")).to_be_visible()
    settle(page)
    picture(page, screenshots, "inbox-bulk")
    page.get_by_role("button", name=re.compile("^該当")).click()
    expect(page.locator(".mi-done")).to_contain_text("選んだ候補3件を「該当」としました。")

    # away and back by the menu, and a reload: the filter and the way back are there
    menu(page, "候補の確認")
    menu(page, "受信箱")
    expect(page.get_by_label("さがす")).to_have_value("公園")
    page.reload()
    expect(page.get_by_role("button", name=re.compile("^前のまとめて回答（3件、"))).to_be_visible()
    settle(page)
    page.keyboard.press("z")
    expect(page.locator(".mi-done")).to_contain_text("3件の回答を取り消し、前の状態に戻しました。")
    expect(page.locator("[class*=st-key-row_]")).to_have_count(3)


def test_what_a_colleague_answered_while_the_connection_was_lost_is_told_and_the_note_stays(
    site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    sign_in(page, site, "sato", at="/candidate?candidate=1")
    page.get_by_label("メモ").fill("掲示の場所を規則で確かめた。")
    with session_scope(site.prefecture.sessions) as session:
        factories.answer(
            session,
            person(site.prefecture, "suzuki"),
            session.get_one(ReviewItem, 1),
            Applicability.NOT_APPLICABLE,
        )
    page.get_by_role("button", name=re.compile("^該当")).click()
    expect(page.get_by_role("alert").filter(has_text="鈴木 一郎さんが「非該当（定義）」と回答しました")).to_be_visible()
    page.reload()
    expect(page.get_by_label("メモ")).to_have_value("掲示の場所を規則で確かめた。")
    page.get_by_role("button", name="これまでの回答 1件").click()
    expect(page.locator(".mi-history")).to_contain_text("鈴木 一郎")
