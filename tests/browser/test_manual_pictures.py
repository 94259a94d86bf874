"""Every page as the manual shows it: a prefecture in the midst of a round, pictured on two screens.

With MINAOSHI_MANUAL set to a checkout (`make manual` does so) the pictures are kept there; else they are made and
measured only, so that a page that can no longer be pictured is noticed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect
from sqlalchemy import select

from models import queries
from models.accounts import Account, SignInSession
from models.database import session_scope
from models.operations.draw_elusion_sample import draw_elusion_sample
from models.operations.edit_roadmap import edit_roadmap
from models.operations.hand_over import hand_over
from models.operations.post_message import post_message
from models.review import ReviewItem, RoadmapItem
from regulations.review import Applicability, NonApplicableReason, ReviewStatus
from regulations.roadmap import ReviewPolicy, RoadmapEntry, RoadmapProgress
from review_app.gate import COOKIE
from review_app.navigation import ALL_PAGES
from tests import factories
from tests.browser.conftest import Site
from tests.browser.test_first_light import settle
from tests.review_app import rounds
from tests.review_app.pages import person
from tests.review_app.prefecture import FOREIGN, Prefecture, open_parks, scan

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SMALL, LARGE = ViewportSize(width=1366, height=768), ViewportSize(width=1920, height=1080)
FOLDERS = {"small": "review_app/manual/pictures", "large": "docs/manual"}
MOST_EACH, MOST_TOGETHER = 200_000, 8_000_000
COLOURS = 96

QUESTION = "「見やすい場所」に電子掲示も含むと読めるか、確かめたいです。"
ANSWER = "電子掲示を含むと明記していないため、該当として工程表で見直してください。"
NOT_OURS = "実施の事務は別の課が分掌しています。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A page as one person sees it; `prepare` brings it to what is to be seen."""

    name: str
    login: str
    path: str
    prepare: Callable[[Page], None] | None = None


def furnish(prefecture: Prefecture, now: dt.datetime) -> None:
    """A round three weeks before its end: answers of all kinds, a question, a 所管外, one answer handed in."""
    rounds.people_of_the_round(prefecture)
    rounds.foreign_ordinance(prefecture)
    open_parks(prefecture.sessions)
    scan(prefecture.sessions)  # what these have found with a list of words gives way to detection itself
    rounds.open_round(prefecture, days=21, now=now)
    rounds.answer_everything(prefecture, "tanaka")
    rounds.submit(prefecture, "tanaka", FOREIGN)
    reviewer, coordinator = person(prefecture, "sato"), person(prefecture, "gyokei")
    with session_scope(prefecture.sessions) as session:
        rows = queries.queue(session, actor=reviewer, statuses=[ReviewStatus.PENDING], limit=9)
        given = (Applicability.APPLICABLE, Applicability.NOT_APPLICABLE, Applicability.APPLICABLE)
        for number, row in enumerate(rows[:6]):
            item = session.get_one(ReviewItem, row.item_id)
            refused = given[number % 3] is Applicability.NOT_APPLICABLE
            factories.answer(
                session,
                reviewer,
                item,
                given[number % 3],
                category=row.category,
                regulation_type=row.regulation_type,
                phase=row.phase,
                reason_code=NonApplicableReason.PENALTY if refused else None,
                now=now,
            )
        asked, other, foreign = (session.get_one(ReviewItem, row.item_id) for row in rows[6:9])
        for item in (asked, other):
            factories.answer(session, reviewer, item, Applicability.UNDECIDED, note=QUESTION, now=now)
        post_message(session, actor=coordinator, item_id=other.id, text=ANSWER, now=now)
        hand_over(
            session,
            actor=reviewer,
            items={foreign.id: foreign.row_version},
            to_division_id=None,
            reason=NOT_OURS,
            now=now,
        )
        plan = session.get_one(RoadmapItem, rows[0].item_id)
        entry = RoadmapEntry(
            policy=ReviewPolicy.AMEND, target_phase=3, original_year=2027, progress=RoadmapProgress.PLANNED
        )
        edit_roadmap(
            session, actor=reviewer, item_id=rows[0].item_id, expected_version=plan.row_version, entry=entry, now=now
        )
        draw_elusion_sample(session, actor=coordinator, size=20, seed=1, now=now)


def first_link(page: Page) -> None:
    """Open a candidate that nobody has answered, after the one that was handed over."""
    page.locator("[class*=st-key-row_]").filter(has_text="未確認").nth(1).get_by_role("link").click()
    expect(page.locator(".mi-proposal")).to_be_visible()


def first_instrument(page: Page) -> None:
    page.get_by_role("button", name="霞野県屋外広告物条例").click()
    expect(page.locator(".st-key-fulltext")).to_be_visible()


def first_round(page: Page) -> None:
    page.get_by_role("button", name=rounds.NAME).first.click()
    settle(page)


def one_account(page: Page) -> None:
    page.get_by_role("button", name="佐藤 花子").click()
    expect(page.get_by_role("button", name="保存する")).to_be_visible()


STAFF = """利用者ID,氏名,役割,部局,課・室,有効期限,状態
sato,佐藤 花子,担当者,,生活衛生課,,
abe,阿部 春子,担当者,,都市計画課,令和9年3月31日,
kansa,監査 次郎,監査,,,,停止
ito,伊藤 四郎,係長,,都市計画課,,
"""


def staff_list(page: Page) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": "名簿.csv", "mimeType": "text/csv", "buffer": STAFF.encode()}
    )
    expect(page.get_by_text("まだ登録していません。")).to_be_visible()


# In the order of the work: mori approves what the coordinator then accepts.
BEFORE_APPROVAL = (
    Picture(name="inbox", login="sato", path="/inbox"),
    Picture(name="candidate", login="sato", path="/inbox", prepare=first_link),
    Picture(name="reading", login="sato", path="/reading", prepare=first_instrument),
    Picture(name="roadmap", login="sato", path="/roadmap"),
    Picture(name="workbook", login="sato", path="/workbook"),
    Picture(name="history", login="sato", path="/history"),
    Picture(name="manual", login="sato", path="/manual"),
    Picture(name="approval", login="mori", path="/approval"),
)
AFTER_APPROVAL = (
    Picture(name="progress", login="gyokei", path="/progress"),
    Picture(name="coordinator", login="gyokei", path="/inbox"),
    Picture(name="inquiries", login="gyokei", path="/inquiries"),
    Picture(name="inquiry", login="gyokei", path="/inquiries", prepare=first_round),
    Picture(name="missed", login="gyokei", path="/missed"),
    Picture(name="imports", login="gyokei", path="/imports"),
    Picture(name="detection_models", login="gyokei", path="/detection_models"),
    Picture(name="administration", login="admin", path="/administration"),
    Picture(name="account", login="admin", path="/administration", prepare=one_account),
    Picture(name="staff", login="admin", path="/administration?section=人事異動", prepare=staff_list),
)


def test_every_page_is_pictured_on_both_screens(
    site: Site, open_page: Callable[..., Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = dt.datetime.now(dt.UTC)  # the app shows days left, and reads the clock itself
    monkeypatch.setattr(rounds, "NOW", now)
    furnish(site.prefecture, now)
    root = Path(os.environ.get("MINAOSHI_MANUAL") or tmp_path)
    for folder in FOLDERS.values():
        (root / folder).mkdir(parents=True, exist_ok=True)
    pages: dict[str, Page] = {}
    sign_in_page = open_page()
    sign_in_page.goto(f"{site.address}/signin")
    take(sign_in_page, root, "signin")
    for picture in BEFORE_APPROVAL:
        show(picture, pages, open_page, site, root)
    rounds.approve(site.prefecture, "mori", FOREIGN)
    for picture in AFTER_APPROVAL:
        show(picture, pages, open_page, site, root)
    names = {page.name for page in ALL_PAGES}
    for folder in FOLDERS.values():
        taken = list((root / folder).glob("*.png"))
        assert names <= {file.stem for file in taken}
        assert {file.stem: file.stat().st_size for file in taken if file.stat().st_size > MOST_EACH} == {}
    assert (
        sum(file.stat().st_size for folder in FOLDERS.values() for file in (root / folder).glob("*.png"))
        < MOST_TOGETHER
    )


def show(picture: Picture, pages: dict[str, Page], open_page: Callable[..., Page], site: Site, root: Path) -> None:
    page = pages.get(picture.login)
    if page is None:
        page = pages[picture.login] = open_page()
        enter(page, site, picture.login)
    page.set_viewport_size(SMALL)
    page.goto(f"{site.address}{picture.path}")
    settle(page)
    if picture.prepare is not None:
        picture.prepare(page)
        settle(page)
    expect(page.locator(".mi-fault").filter(has_text="画面を表示できませんでした")).to_have_count(0)
    take(page, root, picture.name)


def enter(page: Page, site: Site, login: str) -> None:
    """Signed in, without the way through the form, which other stories walk."""
    token, now = secrets.token_urlsafe(32), dt.datetime.now(dt.UTC)
    with session_scope(site.prefecture.sessions) as session:
        account = session.scalars(select(Account).where(Account.login_name == login)).one()
        account.must_change_password = False
        hashed = hashlib.sha256(token.encode()).hexdigest()
        session.add(SignInSession(token_hash=hashed, account_id=account.id, created_at=now, last_seen_at=now))
    page.context.add_cookies([{"name": COOKIE, "value": token, "url": site.address}])


def take(page: Page, root: Path, name: str) -> None:
    """The page on both screens, in as many colours as it takes to read it."""
    for size, folder in ((SMALL, FOLDERS["small"]), (LARGE, FOLDERS["large"])):
        page.set_viewport_size(size)
        page.evaluate("document.activeElement?.blur()")
        page.mouse.move(0, 0)
        page.wait_for_timeout(400)  # transitions of the widgets; only the picture depends on it
        shot = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide")))
        reduced = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        reduced.save(root / folder / f"{name}.png", optimize=True)
    page.set_viewport_size(SMALL)
