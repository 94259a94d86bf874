"""A day's work without a mouse: every key here is one a person presses."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from models import queries
from models.database import reading_scope
from regulations.review import OPEN_STATUSES, ReviewStatus
from tests.browser.conftest import Site
from tests.browser.test_first_light import menu, picture, settle, sign_in
from tests.review_app.pages import person

pytestmark = pytest.mark.browser

FITS = "(() => { const main = document.querySelector('.stMain'); return main.scrollHeight <= main.clientHeight; })()"

ENGLISH = """() => {
  const ours = /^(PHASE|Excelで回答|[A-Z0-9]|Esc|F1)$/, found = [];
  const isEnglish = (text) => /[A-Za-z]{3,}/.test(text) && !/[ぁ-んァ-ヶ一-龠]/.test(text) && !ours.test(text.trim());
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest("script, style, noscript, [data-testid=stIconMaterial]")) continue;
    for (const name of ["aria-label", "aria-valuetext", "title", "placeholder", "alt"]) {
      const value = element.getAttribute(name);
      if (value && isEnglish(value)) found.push(`${name}: ${value}`);
    }
    for (const node of element.childNodes) {
      if (node.nodeType === Node.TEXT_NODE && isEnglish(node.data)) found.push(`text: ${node.data}`);
    }
  }
  return found;
}"""
"""Words that Streamlit has left in English, seen or read aloud."""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, name: str, *, back: bool = False) -> None:
    """Press the tab key until the control of that name has the focus; fails where it is out of reach."""
    named = "(name) => (document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || '')"
    for _ in range(60):
        press(page, "Shift+Tab" if back else "Tab")
        if page.evaluate(f"{named}.trim().startsWith(name)", name):
            return
    pytest.fail(f"the tab key does not reach {name}")


def focus_is_seen(page: Page) -> bool:
    return bool(
        page.evaluate(
            "(() => { const style = getComputedStyle(document.activeElement);"
            " return style.outlineStyle !== 'none' && style.boxShadow.includes('rgb(255, 212, 61)'); })()"
        )
    )


def here(page: Page) -> str:
    return page.locator(".mi-here").inner_text().removeprefix("▶ この候補 ")


def test_a_candidate_session_with_the_keyboard_alone(
    site: Site, open_page: Callable[..., Page], screenshots: Path
) -> None:
    page = open_page()
    sign_in(page, site, "sato", at="/inbox")

    # into the first candidate: nothing scrolls, nothing is in English
    tab_to(page, "最初の候補から確認する")
    assert focus_is_seen(page)
    press(page, "Enter")
    expect(page.locator(".mi-here")).to_be_visible()
    settle(page)
    assert page.evaluate(FITS)
    assert page.evaluate(ENGLISH) == []

    # 該当, back and forth
    first = here(page)
    press(page, "1")
    expect(page.locator(".mi-done")).to_contain_text(f"{first}")
    expect(page.locator(".mi-here")).not_to_contain_text(first)
    settle(page)
    second = here(page)
    press(page, "j")
    expect(page.locator(".mi-here")).not_to_contain_text(second)
    settle(page)
    press(page, "k")
    expect(page.locator(".mi-here")).to_contain_text(second)
    settle(page)

    # the keys are on the page
    tab_to(page, "キー操作")
    press(page, "Enter")
    expect(page.locator(".mi-key-list")).to_contain_text("所管外")
    picture(page, screenshots, "candidate-keys")
    press(page, "Escape")
    expect(page.locator(".mi-key-list")).to_have_count(0)

    # 所管外: to a division found by its name, with a reason; the form has the focus at once
    press(page, "4")
    expect(page.get_by_label("渡す先の課")).to_be_focused()
    assert page.evaluate(ENGLISH) == []
    page.keyboard.type("生活衛生")
    expect(page.get_by_role("option", name="生活衛生課")).to_be_visible()
    press(page, "Enter")
    expect(page.get_by_label("渡す先の課")).to_have_value("生活衛生課")
    settle(page)
    tab_to(page, "所管外とする理由")
    page.keyboard.type("許可の事務は生活衛生課が行っている。")
    picture(page, screenshots, "candidate-handover")
    tab_to(page, "所管外として渡す")
    settle(page)
    press(page, "Enter")
    expect(page.locator(".mi-done")).to_contain_text("を所管外として生活衛生課に渡しました。")
    expect(page.locator(".mi-here")).not_to_contain_text(second)
    settle(page)

    # 保留 with a question, which opens the thread
    third = here(page)
    tab_to(page, "メモ")
    assert focus_is_seen(page)
    page.keyboard.type("別表も読むべきか確かめたい。")
    tab_to(page, "やりとり")
    settle(page)
    press(page, "3")
    expect(page.locator(".mi-done")).to_contain_text("「保留」としました。")
    settle(page)
    press(page, "z")
    expect(page.locator(".mi-here")).to_contain_text(third)
    expect(page.get_by_role("button", name="やりとり 1件")).to_be_visible()
    settle(page)
    press(page, "m")
    expect(page.get_by_label("推進部門への質問")).to_be_focused()
    expect(page.locator(".mi-thread")).to_contain_text("別表も読むべきか確かめたい。")
    page.keyboard.type("様式も含みますか。")
    tab_to(page, "質問を送る")
    settle(page)
    press(page, "Enter")
    expect(page.get_by_text("質問を送りました。")).to_be_visible()
    expect(page.locator(".mi-thread li")).to_have_count(2)
    settle(page)
    picture(page, screenshots, "candidate-thread")
    press(page, "Escape")
    expect(page.locator(".mi-thread")).to_have_count(0)
    settle(page)

    # 非該当: two keys
    press(page, "2")
    expect(page.get_by_text("非該当とする理由を選んでください。")).to_be_visible()
    settle(page)
    press(page, "4")
    expect(page.locator(".mi-done")).to_contain_text("「非該当（組織・所掌）」としました。")

    with reading_scope(site.prefecture.sessions) as session:
        counts = queries.inbox_counts(session, actor=person(site.prefecture, "sato"))
        theirs = queries.queue(session, actor=person(site.prefecture, "tanaka"), statuses=OPEN_STATUSES)
    assert counts[ReviewStatus.APPLICABLE] == 1
    assert counts[ReviewStatus.NOT_APPLICABLE] == 1
    assert [row.handed_from for row in theirs if row.handed_from] == ["都市計画課"]


def test_words_are_picked_out_of_the_text_with_the_keyboard_and_with_the_mouse(
    site: Site, open_page: Callable[..., Page], screenshots: Path
) -> None:
    page = open_page()
    sign_in(page, site, "sato", at="/reading?instrument=1")
    expect(page.locator(".mi-text")).to_be_visible()
    settle(page)
    press(page, "a")
    quote, place = page.get_by_label("条文の言葉"), page.get_by_label("条項", exact=True)
    expect(quote).to_be_visible()
    settle(page)

    # with the keyboard: to the text, down to a provision, words, into the form
    tab_to(page, "条文。", back=True)
    press(page, "ArrowDown", "ArrowDown", *["Shift+ArrowRight"] * 6)
    second = page.locator(".mi-text [data-version]").nth(1)
    expect(second).to_be_focused()
    assert focus_is_seen(page)
    press(page, "Enter")
    expect(quote).to_have_value("この条例の適")
    expect(place).to_have_value(re.compile("^第二条"))
    settle(page)

    # Enter on a provision without a selection takes the whole of it
    press(page, "ArrowDown")
    expect(page.locator(".mi-text [data-version]").nth(2)).to_be_focused()
    press(page, "Enter")
    expect(quote).to_have_value("削除")
    settle(page)

    # with the mouse
    line = page.locator(".mi-text [data-version]").nth(3).locator(".mi-line").first
    box = line.bounding_box()
    assert box
    page.mouse.move(box["x"] + 2, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 12, steps=6)
    page.mouse.up()
    expect(quote).to_have_value(re.compile("^次に掲げる"))
    expect(place).to_have_value(re.compile("^第五条"))
    settle(page)
    picture(page, screenshots, "reading-picked")
    assert page.evaluate(ENGLISH) == []
    page.get_by_role("button", name="該当として追加する").click()
    expect(page.get_by_text("規制として追加し、該当としました")).to_be_visible()


def test_places_in_the_text_are_reached_by_contents_and_by_search(
    site: Site, open_page: Callable[..., Page], screenshots: Path
) -> None:
    page = open_page()
    sign_in(page, site, "sato", at="/reading?instrument=1")
    expect(page.locator(".mi-text")).to_be_visible()
    settle(page)
    tab_to(page, "目次")
    press(page, "Enter")
    tab_to(page, "第十五条")
    press(page, "Enter")
    heading = page.get_by_role("heading", name=re.compile("^第十五条"))
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()
    press(page, "ArrowDown")
    expect(page.locator("[data-version]:focus")).to_contain_text("標識を掲げなければならない")

    page.get_by_label("この例規の中をさがす").fill("閲覧")
    press(page, "Enter")
    expect(page.locator(".mi-hit").first).to_have_text("閲覧")
    expect(page).to_have_url(re.compile("find="))
    settle(page)
    page.get_by_role("link", name=re.compile("^第十二条")).first.click()
    expect(page.locator("[data-version]:focus")).to_contain_text("閲覧に供しなければならない")
    picture(page, screenshots, "reading-search")


def test_the_menu_and_the_list_are_reached_by_the_tab_key(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page()
    sign_in(page, site, "sato", at="/inbox")
    menu(page, "受信箱")
    tab_to(page, "この画面をすべて選ぶ")
    press(page, "Enter")
    expect(page.get_by_role("button", name="まとめて回答")).to_be_visible()
    settle(page)
    assert page.evaluate(ENGLISH) == []
    tab_to(page, "まとめて回答")
    press(page, "Enter")
    expect(page.get_by_text(re.compile("次の.*件に同じ回答をします。"))).to_be_visible()
    settle(page)
    press(page, "1")
    expect(page.locator(".mi-done")).to_contain_text("「該当」としました。")
    settle(page)
    press(page, "z")
    expect(page.locator(".mi-done")).to_contain_text("件の回答を取り消し、前の状態に戻しました。")


def test_a_day_is_chosen_and_read_aloud_in_japanese(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page()
    sign_in(page, site, "sato", at="/history")
    for part in ("年", "月", "日"):
        expect(page.get_by_role("spinbutton", name=f"いつからの{part}")).to_be_visible()
    assert page.evaluate(ENGLISH) == []
    page.get_by_test_id("stDateInput").first.get_by_role("button").click()
    expect(page.get_by_role("grid")).to_be_visible()
    assert page.evaluate(ENGLISH) == []
    page.get_by_role("grid").get_by_role("button").filter(has_text=re.compile("^15$")).first.click()
    expect(page).to_have_url(re.compile("since="))
    settle(page)
    assert page.evaluate(ENGLISH) == []
