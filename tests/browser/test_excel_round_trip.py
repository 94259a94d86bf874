"""A division that stays in Excel: taken out, filled in with mistakes, refused, mended, and imported."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from models import queries
from models.database import reading_scope, session_scope
from models.review import ReviewItem
from regulations.review import Applicability, ReviewStatus
from tests import factories
from tests.browser.conftest import Site
from tests.browser.test_first_light import menu, picture, settle, sign_in
from tests.review_app.pages import person
from tests.workbooks import FIRST, FilledIn

pytestmark = pytest.mark.browser


def choose(page: Page, file: Path) -> None:
    page.locator('[data-testid="stFileUploaderDropzoneInput"]').set_input_files(file)
    expect(page.get_by_text(file.name)).to_be_visible()
    settle(page)


def test_a_workbook_goes_out_comes_back_with_mistakes_and_is_mended(
    site: Site, open_page: Callable[..., Page], screenshots: Path, tmp_path: Path
) -> None:
    page = open_page()
    sign_in(page, site, "sato", at="/workbook")
    expect(page.get_by_role("heading", name="Excelで回答")).to_be_visible()
    expect(page.get_by_role("button", name="ファイルを選ぶ").last).to_be_visible()
    expect(page.locator("main, body").first).not_to_contain_text(re.compile("Upload|per file"), use_inner_text=True)
    picture(page, screenshots, "workbook")
    with page.expect_download() as downloading:
        page.get_by_role("link", name=re.compile("これから回答する候補を書き出す")).click()
    assert downloading.value.suggested_filename == "アナログ規制の点検 回答（都市計画課）.xlsx"
    taken = tmp_path / "taken.xlsx"
    downloading.value.save_as(taken)

    # filled in: one right, one without its reason, one that a colleague answers in the app meanwhile
    sheet = FilledIn(taken.read_bytes())
    sheet.fill(FIRST, 該非="該当", 実施状況="検討中").fill(FIRST + 1, 該非="非該当").fill(FIRST + 2, 該非="該当")
    item_id = int(str(sheet.value(FIRST + 2, "管理番号")))
    with session_scope(site.prefecture.sessions) as session:
        colleague = person(site.prefecture, "suzuki")
        item = session.get_one(ReviewItem, item_id)
        factories.answer(session, colleague, item, Applicability.NOT_APPLICABLE)
    mistaken = tmp_path / "回答_都市計画課.xlsx"
    mistaken.write_bytes(sheet.saved())
    choose(page, mistaken)
    expect(page.get_by_text("まだ何も書き込んでいません。")).to_be_visible()
    expect(page.get_by_text("「回答」5行目「理由」: 「非該当」とするには理由が必要です。")).to_be_visible()
    expect(page.get_by_text("書き出した後に回答されました。今は「非該当（定義）　鈴木 一郎")).to_be_visible()
    expect(page.get_by_role("cell", name="該非: （空） → 該当、実施状況: （空） → 検討中")).to_be_visible()
    expect(page.get_by_role("button", name="エラーのない1行だけ取り込む")).to_be_visible()
    picture(page, screenshots, "workbook-errors")
    with reading_scope(site.prefecture.sessions) as session:
        counted = queries.inbox_counts(session, actor=person(site.prefecture, "sato"))
    assert counted[ReviewStatus.APPLICABLE] == 0

    # a wrong file is refused in words; a reload forgets the file and has written nothing
    wrong = tmp_path / "控え.csv"
    wrong.write_text("番号,該非", encoding="utf-8")
    page.reload()
    settle(page)
    choose(page, wrong)
    expect(page.get_by_text("Excel（xlsx）のファイルではありません。")).to_be_visible()
    page.reload()
    settle(page)

    # mended
    sheet.fill(FIRST + 1, 理由="罰則").fill(FIRST + 2, 該非=None)
    mended = tmp_path / "回答_修正.xlsx"
    mended.write_bytes(sheet.saved())
    choose(page, mended)
    expect(page.get_by_text("下の内容を確かめて、取り込んでください。")).to_be_visible()
    picture(page, screenshots, "workbook-checked")
    page.get_by_role("button", name="2行を取り込む").dblclick()
    expect(page.locator(".mi-done")).to_contain_text("2行を取り込みました。")
    settle(page)
    picture(page, screenshots, "workbook-done")

    # the same file again has nothing to import, and the roadmap has the row with its plan
    choose(page, mended)
    expect(page.get_by_text("このファイルから取り込む変更はありません。")).to_be_visible()
    menu(page, "工程表")
    expect(page.get_by_test_id("glide-cell-0-0")).to_be_attached()
    with reading_scope(site.prefecture.sessions) as session:
        (planned,) = queries.roadmap_rows(session, actor=person(site.prefecture, "sato"))
        counted = queries.inbox_counts(session, actor=person(site.prefecture, "sato"))
    assert (planned.progress.value, counted[ReviewStatus.NOT_APPLICABLE]) == ("considering", 2)
