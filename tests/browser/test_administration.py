"""A person comes and goes: registered, signed in, ended, and all of it in the log; and the menu by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_first_light import menu, pick, sign_in

pytestmark = pytest.mark.browser


def test_a_person_is_registered_signs_in_is_ended_and_the_log_tells_it(
    site: Site, open_page: Callable[..., Page]
) -> None:
    administrator = open_page()
    sign_in(administrator, site, "admin")
    expect(administrator).to_have_url(re.compile("/administration"))
    administrator.get_by_text("利用者を登録する").click()
    new = administrator.get_by_test_id("stForm")
    new.get_by_label("利用者ID（後から変えられません）").fill("abe")
    new.get_by_label("氏名").fill("阿部 春子")
    pick(administrator, new.get_by_role("combobox", name=re.compile("所属")), "都市計画課")
    new.get_by_role("button", name="登録する").click()
    expect(administrator.get_by_text("阿部 春子（abe）を登録しました。")).to_be_visible()
    issued = administrator.locator(".st-key-issued code").inner_text().split("\t")
    assert issued[0] == "abe"

    person = open_page()
    known = replace(site, prefecture=replace(site.prefecture, passwords={"abe": issued[1].strip()}))
    sign_in(person, known, "abe")
    expect(person).to_have_url(re.compile("/inbox$"))

    administrator.get_by_role("button", name="控えたので閉じる").click()
    expect(administrator.locator(".st-key-issued")).to_have_count(0)
    administrator.get_by_role("button", name="阿部 春子").click()
    administrator.get_by_role("radio", name="停止").or_(administrator.get_by_role("button", name="停止")).first.click()
    administrator.get_by_role("button", name="保存する").click()
    expect(administrator.get_by_text("阿部 春子（abe）を変更しました。")).to_be_visible()
    person.reload()
    expect(person).to_have_url(re.compile("/signin"))

    auditor = open_page()
    sign_in(auditor, site, "kansa", at="/history")
    row = auditor.get_by_role("row").filter(has_text="阿部 春子（abe）")
    expect(row.filter(has_text="利用者の登録")).to_contain_text("担当者、都市計画課")
    expect(row.filter(has_text="利用者の変更")).to_contain_text("状態: 利用中 → 停止")
    with auditor.expect_download() as downloading:
        auditor.get_by_role("link", name=re.compile("CSVでダウンロード")).click()
    assert downloading.value.suggested_filename == "操作記録.csv"


def test_the_menu_is_walked_with_the_keyboard_and_says_where_one_is(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page()
    sign_in(page, site, "gyokei")
    masthead = page.locator(".st-key-masthead")
    current = masthead.locator("[aria-current=page]")
    expect(current).to_have_text("進捗")
    menu(page, "受信箱")
    expect(current).to_have_text("受信箱")

    rest = masthead.get_by_role("button", name="その他")
    rest.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    link = page.get_by_test_id("stPopoverBody").get_by_role("link", name="判定モデル")
    link.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/detection_models$"))
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    expect(current).to_contain_text("その他（判定モデル）")

    for width in (1366, 683):  # the second is 200 % on the same screen
        page.set_viewport_size({"width": width, "height": 768})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    masthead.get_by_text("行政経営課 山本").click()
    masthead.get_by_role("button", name="サインアウト").click()
    expect(page).to_have_url(re.compile("/signin$"))
