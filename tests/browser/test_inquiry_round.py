"""A round from opening to closing: the coordinator, two divisions with their heads, one 所管外 and one 差戻し."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site
from tests.browser.test_first_light import menu, pause, pick, picture, settle, sign_in
from tests.review_app import rounds
from tests.review_app.prefecture import FOREIGN, OWN
from tests.review_app.rounds import NAME

pytestmark = pytest.mark.browser

WHY_NOT_OURS = "興行場の営業の許可は生活衛生課の事務である。"
FOUR_WEEKS = re.compile("（あと2[78]日）")  # one less where midnight passes meanwhile
WHY_BACK = "許可証の掲示の類型を確かめてください。"


@pytest.fixture
def staffed(site: Site) -> Site:
    """With an approver in each of the two divisions."""
    passwords = site.prefecture.passwords | rounds.people_of_the_round(site.prefecture)
    return replace(site, prefecture=replace(site.prefecture, passwords=passwords))


def press(page: Page, name: str, *, told: str) -> None:
    """Open what asks first, say yes, and wait for what was done."""
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_test_id("stPopoverBody").get_by_role("button").last.click()
    expect(page.get_by_role("status").filter(has_text=told)).to_be_visible()
    settle(page)


def figures(block: Locator) -> dict[str, str]:
    """The figures of a line, by their names."""
    expect(block.locator(".mi-figures").first).to_be_visible()
    found = {}
    for text in block.locator(".mi-figures li").all_inner_texts():
        name, _, value = text.rpartition(" ")
        found[name.strip()] = value
    return found


def division_row(page: Page, division: str) -> Locator:
    return page.locator("[class*=st-key-row_answer]").filter(has=page.get_by_role("button", name=division, exact=True))


def test_a_round_from_opening_to_closing(staffed: Site, open_page: Callable[..., Page], screenshots: Path) -> None:
    prefecture = staffed.prefecture
    coordinator = open_page()
    sign_in(coordinator, staffed, "gyokei")

    # the coordinator prepares the round, sees whom it asks, and begins it
    menu(coordinator, "照会の管理")
    expect(coordinator.get_by_text("まだ照会がありません。")).to_be_visible()
    picture(coordinator, screenshots, "inquiries-empty")
    coordinator.get_by_role("button", name="新しい照会を作る").click()
    coordinator.get_by_label("照会名").fill(NAME)
    coordinator.get_by_label("説明・記入要領").fill(rounds.GUIDANCE)
    coordinator.get_by_role("heading", name="新しい照会を作る").click()
    asked = coordinator.locator(".mi-note").filter(has_text="をたずねます。")
    expect(asked).to_contain_text("2課に、候補")
    settle(coordinator)
    picture(coordinator, screenshots, "inquiry-draft")
    candidates = int(re.findall(r"候補([\d,]+)件", asked.inner_text())[0].replace(",", ""))
    press(coordinator, "照会を開始する", told="照会を開始しました。2課の受信箱に表示されます。")
    expect(division_row(coordinator, OWN)).to_contain_text("未回答")

    # a division sees what is asked and until when, and says that one candidate is not its own
    reviewer = open_page()
    sign_in(reviewer, staffed, "sato")
    bar = reviewer.locator("[class*=st-key-round_bar]")
    expect(bar).to_contain_text(NAME)
    expect(bar).to_contain_text(FOUR_WEEKS)
    expect(bar.get_by_role("button", name="回答を提出する")).to_be_disabled()
    bar.get_by_text("説明・記入要領").click()
    expect(bar).to_contain_text(rounds.GUIDANCE)
    picture(reviewer, screenshots, "inbox-inquiry")
    own = int(figures(bar)["候補"])
    reviewer.get_by_role("link", name="最初の候補から確認する").click()
    expect(reviewer.locator(".st-key-topline")).to_contain_text(FOUR_WEEKS)
    hand_over(reviewer)

    # the rest is answered, and handed in
    assert rounds.answer_everything(prefecture, "sato") == own - 1
    menu(reviewer, "受信箱")
    picture(reviewer, screenshots, "inbox-inquiry-ready")
    press(reviewer, "回答を提出する", told="回答を提出しました。")
    expect(bar).to_contain_text("承認待ち")

    # the head of the division sees every decision, and approves
    head = open_page()
    sign_in(head, staffed, "suzuki")
    menu(head, "承認")
    expect(head.locator("[class*=st-key-row_asked]")).to_have_count(min(own - 1, 20))
    picture(head, screenshots, "approval")
    press_approve(head)

    # the other division finds the candidate it was handed, answers, and is sent back once
    rounds.answer_everything(prefecture, "tanaka")
    other = open_page()
    sign_in(other, staffed, "tanaka")
    other_bar = other.locator("[class*=st-key-round_bar]")
    assert int(figures(other_bar)["候補"]) == candidates - own + 1
    press(other, "回答を提出する", told="回答を提出しました。")
    other_head = open_page(color_scheme="dark")
    sign_in(other_head, staffed, "mori", at="/approval")
    picture(other_head, screenshots, "approval-dark")
    press_approve(other_head)

    menu(coordinator, "受信箱")
    expect(coordinator.get_by_role("heading", name="受理を待つ回答 2件")).to_be_visible()
    picture(coordinator, screenshots, "inbox-coordinator")
    menu(coordinator, "照会の管理")
    coordinator.get_by_role("button", name=NAME).click()
    row = division_row(coordinator, FOREIGN)
    row.get_by_role("button", name="差戻し").click()
    coordinator.get_by_role("button", name="差し戻す").click()
    expect(coordinator.get_by_role("alert").filter(has_text="理由が必要です。")).to_be_visible()
    coordinator.get_by_label("理由").fill(WHY_BACK)
    picture(coordinator, screenshots, "inquiry-return")
    pause(coordinator)
    coordinator.get_by_role("button", name="差し戻す").click()
    expect(row).to_contain_text(f"{FOREIGN}へ差し戻しました。")

    other.reload()
    settle(other)
    expect(other_bar.get_by_role("alert").filter(has_text=f"差戻し: {WHY_BACK}")).to_be_visible()
    picture(other, screenshots, "inbox-returned")
    press(other, "回答を提出する", told="回答を提出しました。")
    other_head.reload()
    settle(other_head)
    press_approve(other_head)

    # both are accepted, and the round is closed with the figures that stood in the list
    coordinator.reload()
    settle(coordinator)
    for division in (FOREIGN, OWN):
        division_row(coordinator, division).get_by_role("button", name="受理する").click()
        expect(division_row(coordinator, division)).to_contain_text(f"{division}の回答を受理しました。")
        settle(coordinator)
        pause(coordinator)  # the next one has come up to where this one stood
    picture(coordinator, screenshots, "inquiry")
    before = {division: figures(division_row(coordinator, division)) for division in (OWN, FOREIGN)}
    total = figures(coordinator.locator(".st-key-row_total"))
    assert int(total["候補"].replace(",", "")) == candidates
    press(coordinator, "照会を終了", told="照会を終了し、集計を確定しました。")
    picture(coordinator, screenshots, "inquiry-closed")
    frozen = frozen_table(coordinator)
    for division, line in (*before.items(), ("計", total)):
        for column in ("候補", "保留", "該当", "非該当", "追加"):
            assert frozen[division][column] == line[column], (division, column)

    # what comes after changes nothing of it, and it goes out as a file
    rounds.foreign_ordinance(prefecture)
    coordinator.reload()
    settle(coordinator)
    assert frozen_table(coordinator) == frozen
    with coordinator.expect_download() as downloading:
        coordinator.get_by_role("button", name="表をCSVでダウンロード").click()
    assert f"計,,,,{total['候補']}," in downloading.value.path().read_text(encoding="utf-8-sig")
    coordinator.get_by_text(re.compile("^経過")).click()
    expect(coordinator.locator(".mi-history")).to_contain_text(WHY_BACK)


def hand_over(page: Page) -> None:
    """The open candidate goes to the other division, with a reason."""
    settle(page)  # keys reach nothing before the page has been drawn
    before = page.url
    page.keyboard.press("4")
    pick(page, page.get_by_role("combobox", name=re.compile("渡す先の課")), FOREIGN)
    page.get_by_label("所管外とする理由").fill(WHY_NOT_OURS)
    page.get_by_role("button", name="所管外として渡す").click()
    expect(page.locator(".mi-done")).to_contain_text(f"所管外として{FOREIGN}に渡しました。")
    expect(page).not_to_have_url(before)
    settle(page)


def press_approve(page: Page) -> None:
    page.get_by_role("button", name="承認する").click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="承認する").click()
    expect(page.get_by_role("status").filter(has_text="の回答を承認しました。")).to_be_visible()
    expect(page.get_by_role("heading", name="承認を待っている回答はありません")).to_be_visible()
    settle(page)


def frozen_table(page: Page) -> dict[str, dict[str, str]]:
    """Each division's figures, and their sum, by the headings of the table."""
    table = page.get_by_role("table")
    expect(table).to_be_visible()
    headings = table.locator("thead th").all_inner_texts()
    lines = [row.locator("td").all_inner_texts() for row in table.locator("tbody tr, tfoot tr").all()]
    return {line[2] or line[0]: dict(zip(headings, line, strict=True)) for line in lines}


def test_a_late_division_is_told_so_and_stands_first(
    staffed: Site, open_page: Callable[..., Page], screenshots: Path
) -> None:
    prefecture = staffed.prefecture
    rounds.open_round(prefecture, days=3)  # in the spring of 2026: long past
    rounds.answer_everything(prefecture, "tanaka")
    rounds.submit(prefecture, "tanaka", FOREIGN)
    rounds.approve(prefecture, "mori", FOREIGN)
    page = open_page()
    sign_in(page, staffed, "sato")
    expect(page.get_by_role("alert").filter(has_text=re.compile(r"期限を[\d,]+日過ぎています"))).to_be_visible()
    picture(page, screenshots, "inbox-late")
    coordinator = open_page()
    sign_in(coordinator, staffed, "gyokei", at="/inquiries")
    expect(coordinator.locator(".mi-round-late")).to_contain_text("遅れ 1課")
    picture(coordinator, screenshots, "inquiries")
    coordinator.get_by_role("button", name=NAME).click()
    rows = coordinator.locator("[class*=st-key-row_answer]")
    expect(rows.first).to_contain_text(OWN)
    expect(rows.first).to_contain_text("遅れ")
    expect(rows.last).not_to_contain_text("遅れ")
