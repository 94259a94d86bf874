"""The line as people walk it: sign in, confirm, reject, plan, download; and what others see of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from models import queries
from models.accounts import Account
from models.database import session_scope
from models.operations.sign_in import actor_of
from regulations.review import ReviewStatus
from review_app.navigation import ALL_PAGES
from tests.browser.conftest import Site
from tests.review_app.prefecture import SAMPLES, ingest, scan

pytestmark = pytest.mark.browser

NEW_PASSWORD = "Susuki-no-hara-2026"


def sign_in(page: Page, site: Site, login: str, *, at: str = "/") -> None:
    """The first sign-in: with the one-time password, which has to be changed."""
    page.goto(f"{site.address}{at}")
    expect(page).to_have_title(re.compile("サインイン"))
    page.get_by_label("利用者ID").fill(login)
    page.get_by_label("パスワード").fill(site.prefecture.passwords[login])
    page.get_by_role("button", name="サインイン").click()
    expect(page.get_by_role("heading", name="パスワードの変更")).to_be_visible()
    page.get_by_label("仮のパスワード").fill(site.prefecture.passwords[login])
    page.get_by_label("新しいパスワード", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("新しいパスワード（確認）").fill(NEW_PASSWORD)
    page.get_by_role("button", name="変更する").click()
    settle(page)


# Drawn to the end: the script has run, and every component it drew with has been fetched. Before the first run the
# state reads "notRunning" too, so there must be a page to speak of.
SETTLED = """() => {
  const app = document.querySelector("[data-testid=stApp]");
  return app?.dataset.testScriptState === "notRunning" && app.dataset.testConnectionState === "CONNECTED"
    && document.querySelector(".st-key-masthead .mi-who") && !document.querySelector("[data-testid=stSkeleton]");
}"""


def settle(page: Page) -> None:
    page.wait_for_function(SETTLED, timeout=30_000)


def pause(page: Page) -> None:
    """As long as the same key has to wait to count once more."""
    page.wait_for_function("since => performance.now() - since > 500", arg=page.evaluate("performance.now()"))


def menu(page: Page, name: str) -> None:
    masthead = page.locator(".st-key-masthead")
    link = masthead.get_by_role("link", name=name)
    if not link.count():
        masthead.get_by_role("button", name="その他").click()
        link = page.get_by_test_id("stPopoverBody").get_by_role("link", name=name)
    link.click()
    opened = next(page.name for page in ALL_PAGES if page.label == name)
    expect(page).to_have_url(re.compile(rf"/{opened}(\?|$)"))
    # Marked by the run that draws the page.
    here = masthead.locator(f".st-key-here_{opened}").or_(masthead.locator(".st-key-here_rest"))
    expect(here).to_be_visible()
    settle(page)


def pick(page: Page, field: Locator, name: str) -> None:
    """Find and take one of many in a list, which closes again while something that it lies in still moves."""
    page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")
    field.click()
    page.keyboard.type(name)
    page.get_by_role("option", name=name).click()
    expect(field).to_have_value(re.compile(re.escape(name)))


def picture(page: Page, folder: Path, name: str) -> None:
    settle(page)
    page.wait_for_timeout(300)  # transitions of the widgets; only the picture depends on it
    page.screenshot(path=folder / f"{name}.png")


def proposal(page: Page) -> Locator:
    return page.locator(".mi-proposal")


def subject(page: Page) -> Locator:
    return page.locator(".mi-paragraph[aria-current]")


def choose(page: Page, *, column: str, row: int, word: str, told: str) -> None:
    """Fill a cell of the grid with the keyboard: it draws on a canvas, where there is nothing to click.

    `told` is what the page then says: only a change that has arrived lets the next one begin.
    """
    expect(page.get_by_test_id(f"glide-cell-0-{row}")).to_be_attached()
    headings = page.locator('[data-testid="data-grid-canvas"] [role="columnheader"]').all_text_contents()
    page.get_by_test_id("data-grid-canvas").first.focus()
    for key in ["Control+Home", *["ArrowDown"] * row, *["ArrowRight"] * headings.index(column), "Enter"]:
        page.keyboard.press(key)
    expect(page.locator("#portal input")).to_be_focused()
    page.keyboard.type(word)
    expect(page.locator("#portal").get_by_text(word, exact=True).last).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text(told)).to_be_visible()
    settle(page)


def test_a_reviewer_confirms_rejects_plans_and_downloads(
    site: Site, open_page: Callable[..., Page], screenshots: Path, tmp_path: Path
) -> None:
    page = open_page()
    page.goto(site.address)
    picture_of_sign_in(page, screenshots)
    sign_in(page, site, "sato")

    # 受信箱
    expect(page).to_have_url(re.compile("/inbox$"))
    expect(page.locator(".mi-queue-line").get_by_text("霞野県屋外広告物条例").first).to_be_visible()
    picture(page, screenshots, "inbox")
    page.get_by_role("link", name="最初の候補から確認する").click()
    settle(page)

    # 該当 with the keyboard alone; the next candidate opens at once
    expect(subject(page)).to_be_visible()
    first = page.url
    confirmed = subject(page).locator(".mi-here").inner_text().removeprefix("▶ この候補 ")
    picture(page, screenshots, "candidate")
    page.keyboard.press("1")
    expect(page.locator(".mi-done")).to_contain_text(f"{confirmed}")
    expect(page.locator(".mi-done")).to_contain_text("「該当」としました")
    expect(page).not_to_have_url(first)
    settle(page)

    # 非該当 needs a reason
    second = page.url
    page.keyboard.press("2")
    expect(page.get_by_text("非該当とする理由を選んでください。")).to_be_visible()
    picture(page, screenshots, "candidate-reason")
    page.get_by_role("button", name="その他").click()
    expect(page.get_by_role("alert")).to_contain_text("メモに理由を入力してください")
    page.get_by_role("button", name="組織・所掌").click()
    expect(page.locator(".mi-done")).to_contain_text("「非該当（組織・所掌）」としました")
    expect(page).not_to_have_url(second)
    settle(page)

    # 保留 with a note
    page.get_by_label("メモ").fill("所管の整理を行政経営課に確かめる。")
    page.get_by_role("button", name="保留").click()
    expect(page.locator(".mi-done")).to_contain_text("「保留」としました")
    expect(page.locator(".st-key-topline")).to_contain_text("2／")

    # a reload keeps the session and the place
    here = page.url
    page.reload()
    settle(page)
    expect(page).to_have_url(here)
    expect(subject(page)).to_be_visible()

    # 工程表
    menu(page, "工程表")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    choose(page, column="要否・方向性", row=0, word="改正する", told="1行・1か所を変更しました。まだ保存していません。")
    choose(page, column="見直し時期", row=0, word="令和8年度", told="1行・2か所を変更しました。")
    choose(page, column="変更後の時期", row=0, word="令和9年度", told="1行・3か所を変更しました。")
    expect(page.get_by_role("alert")).to_contain_text("1行目「遅延理由」: 当初より遅くなっています。")
    picture(page, screenshots, "roadmap-fault")
    choose(page, column="遅延理由", row=0, word="システム開発", told="1行・4か所を変更しました。")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="保存する").click()
    expect(page.get_by_text("1行を保存しました。")).to_be_visible()
    picture(page, screenshots, "roadmap")

    with page.expect_download() as downloading:
        page.get_by_role("link", name="Excelでダウンロード").click()
    saved = tmp_path / "roadmap.xlsx"
    downloading.value.save_as(saved)
    sheet = openpyxl.load_workbook(saved).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    heading = next(row for row in rows if "例規名" in row)
    planned = dict(zip(heading, rows[rows.index(heading) + 1], strict=True))
    assert planned["条項"] == confirmed
    assert planned["見直しの要否・方向性"] == "改正する"
    assert planned["見直し時期（当初）"] == "令和8年度"
    assert planned["見直し時期（変更後）"] == "令和9年度"
    assert planned["遅延理由"] == "システム開発"

    # 例規を読む: what detection missed
    menu(page, "例規を読む")
    picture(page, screenshots, "reading-list")
    page.get_by_role("button", name="霞野県屋外広告物条例").click()
    expect(page).to_have_url(re.compile("instrument="))
    settle(page)
    page.get_by_text("検出もれを追加").click()
    page.get_by_label("条文の言葉").fill("橋りょう、街路樹、信号機")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("条項")).to_be_visible()
    picture(page, screenshots, "reading")
    page.get_by_role("button", name="該当として追加する").click()
    expect(page.get_by_text("規制として追加し、該当としました")).to_be_visible()


def picture_of_sign_in(page: Page, folder: Path) -> None:
    expect(page.get_by_role("heading", name="サインイン")).to_be_visible()
    page.screenshot(path=folder / "sign-in.png")


def test_a_coordinator_sees_all_divisions_and_settles_an_owner(
    site: Site, open_page: Callable[..., Page], screenshots: Path
) -> None:
    page = open_page()
    sign_in(page, site, "gyokei")
    expect(page).to_have_url(re.compile("/progress$"))
    own = page.get_by_role("row").filter(has_text="都市計画課")
    expect(own).to_have_count(1)
    unowned = page.get_by_role("row").filter(has_text="所管課未定")
    expect(unowned).to_have_count(1)
    picture(page, screenshots, "progress")

    menu(page, "取込状況")
    expect(page.get_by_text("999_broken.xml")).to_be_visible()
    expect(page.get_by_text("食品衛生指導課")).to_be_visible()
    picture(page, screenshots, "imports")
    pick(page, page.get_by_role("combobox").first, "食品安全課")
    page.get_by_role("button", name="割り当てる").click()
    expect(page.get_by_text("所管課を食品安全課にしました")).to_be_visible()

    menu(page, "進捗")
    expect(page.get_by_role("row").filter(has_text="食品安全課").get_by_role("cell").nth(3)).to_have_text("1")
    expect(page.get_by_role("row").filter(has_text="所管課未定")).to_have_count(0)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="CSVでダウンロード").click()
    assert downloading.value.suggested_filename.endswith(".csv")


def test_another_divisions_candidate_shows_nothing(site: Site, open_page: Callable[..., Page]) -> None:
    with session_scope(site.prefecture.sessions) as session:
        owner = actor_of(session.scalars(select(Account).where(Account.login_name == "sato")).one())
        row = queries.queue(session, actor=owner, statuses=[ReviewStatus.PENDING], limit=1)[0]
    page = open_page()
    sign_in(page, site, "tanaka", at=f"/candidate?candidate={row.item_id}")
    expect(page.get_by_text("この候補は見つかりません")).to_be_visible()
    expect(page.get_by_text(row.title)).to_have_count(0)
    page.goto(f"{site.address}/?candidate={row.item_id}")
    expect(page.get_by_text("この候補は見つかりません")).to_be_visible()
    for closed in ("progress", "imports"):
        page.goto(f"{site.address}/{closed}")
        expect(page.get_by_text("このページは、あなたの役割では開けません。")).to_be_visible()


def test_a_changed_provision_comes_back_with_before_and_after(
    site: Site, open_page: Callable[..., Page], screenshots: Path
) -> None:
    page = open_page()
    sign_in(page, site, "sato")
    menu(page, "候補の確認")
    button, all_done = page.get_by_role("button", name=re.compile("^該当")), page.get_by_text("すべて回答しました")
    expect(button).to_be_visible()
    while button.count():
        before = page.url
        pause(page)
        page.keyboard.press("1")
        expect(page).not_to_have_url(before)
        settle(page)
        expect(button.or_(all_done)).to_be_visible()
    expect(all_done).to_be_visible()

    ingest(site.prefecture.sessions, [SAMPLES / "amended" / "101_okugai_kokokubutsu.xml"])
    scan(site.prefecture.sessions)
    menu(page, "受信箱")
    page.get_by_role("radio", name="再確認").or_(page.get_by_role("button", name="再確認")).first.click()
    settle(page)
    page.locator("[class*=st-key-row_]").first.get_by_role("link").click()
    settle(page)
    expect(page.get_by_text("前に判断したときの条文")).to_be_visible()
    expect(page.locator(".mi-diff ins, .mi-diff del").first).to_be_visible()
    picture(page, screenshots, "candidate-recheck")


def test_what_somebody_else_answered_meanwhile_is_told_and_nothing_typed_is_lost(
    site: Site, open_page: Callable[..., Page], screenshots: Path
) -> None:
    mine, theirs = open_page(), open_page(color_scheme="dark")
    sign_in(mine, site, "sato", at="/candidate?candidate=1")
    sign_in(theirs, site, "suzuki", at="/candidate?candidate=1")
    mine.get_by_label("メモ").fill("掲示の場所を規則で確かめた。")
    picture(theirs, screenshots, "candidate-dark")
    theirs.keyboard.press("2")
    theirs.get_by_role("button", name="禁止").click()
    expect(theirs.locator(".mi-done")).to_be_visible()

    mine.get_by_role("button", name=re.compile("^該当")).click()
    expect(mine.get_by_role("alert")).to_contain_text("鈴木 一郎さんが「非該当（禁止）」と回答しました")
    expect(mine.get_by_label("メモ")).to_have_value("掲示の場所を規則で確かめた。")
    picture(mine, screenshots, "candidate-collision")
    pause(mine)
    mine.get_by_role("button", name=re.compile("^該当")).click()
    expect(mine.locator(".mi-done")).to_contain_text("「該当」としました")
