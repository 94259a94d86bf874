"""候補の確認: one answer for candidates of the same words, and one step to take it back."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from models.database import reading_scope, session_scope
from models.queries import item_detail, queue
from models.review import ReviewItem
from regulations.review import OPEN_STATUSES, Actor, Applicability, ReviewStatus
from review_app import labels_ja as ja
from tests import factories
from tests.review_app.pages import open_page, person, run, shown
from tests.review_app.prefecture import PARK_RULE, PARKS, Prefecture, open_parks


@pytest.fixture
def reviewer(prefecture: Prefecture) -> Actor:
    return person(prefecture, "sato")


@pytest.fixture
def alike(prefecture: Prefecture, reviewer: Actor) -> list[int]:
    """Candidates of three ordinances that say the same, the first to be opened."""
    open_parks(prefecture.sessions)
    with reading_scope(prefecture.sessions) as session:
        rows = queue(session, actor=reviewer, statuses=OPEN_STATUSES)
    return [row.item_id for title in PARKS for row in rows if row.title == title]


def statuses(prefecture: Prefecture, reviewer: Actor, item_ids: list[int]) -> list[ReviewStatus]:
    with reading_scope(prefecture.sessions) as session:
        details = [item_detail(session, actor=reviewer, item_id=item_id) for item_id in item_ids]
        return [detail.status for detail in details if detail]


def opened(reviewer: Actor, item_id: int) -> AppTest:
    """The candidate's page with all of its group shown."""
    page = open_page("candidate", reviewer, candidate=str(item_id))
    page.button(key="group").click()
    return run(page)


def test_a_candidate_without_company_offers_no_common_answer(reviewer: Actor) -> None:
    page = open_page("candidate", reviewer)
    assert "group" not in [button.key for button in page.button]


def test_the_preview_shows_every_candidate_that_the_answer_would_touch(reviewer: Actor, alike: list[int]) -> None:
    page = opened(reviewer, alike[0])
    assert [box.label.split("　")[0] for box in page.checkbox] == list(PARKS)
    assert shown(page).count(PARK_RULE) == 3
    assert ja.group_preview(3) in shown(page)
    assert page.checkbox(key=f"group_{alike[0]}").disabled


def test_one_answer_serves_all_that_are_ticked_and_no_other(
    reviewer: Actor, alike: list[int], prefecture: Prefecture
) -> None:
    page = opened(reviewer, alike[0])
    page.checkbox(key=f"group_{alike[2]}").uncheck()
    run(page)
    assert ja.group_preview(2) in shown(page)
    page.button(key="answer_yes").click()
    run(page)
    assert "同じ文言の候補2件（書面掲示）を「該当」としました。" in shown(page)
    assert statuses(prefecture, reviewer, alike) == [
        ReviewStatus.APPLICABLE,
        ReviewStatus.APPLICABLE,
        ReviewStatus.PENDING,
    ]


def test_the_answer_is_taken_back_for_all_in_one_step(
    reviewer: Actor, alike: list[int], prefecture: Prefecture
) -> None:
    page = opened(reviewer, alike[0])
    page.button(key="answer_no").click()
    run(page)
    page.button(key="reason_prohibition").click()
    run(page)
    assert "同じ文言の候補3件（書面掲示）を「非該当（禁止）」としました。" in shown(page)
    assert statuses(prefecture, reviewer, alike) == [ReviewStatus.NOT_APPLICABLE] * 3
    page.button(key="undo_group").click()
    run(page)
    assert ja.group_undone(3, 0) in shown(page)
    assert statuses(prefecture, reviewer, alike) == [ReviewStatus.PENDING] * 3


def test_where_one_of_them_was_answered_meanwhile_nothing_is_saved(
    reviewer: Actor, alike: list[int], prefecture: Prefecture
) -> None:
    page = opened(reviewer, alike[0])
    with session_scope(prefecture.sessions) as session:
        other = session.get_one(ReviewItem, alike[1])
        factories.answer(session, person(prefecture, "suzuki"), other, Applicability.UNDECIDED)
    page.button(key="answer_yes").click()
    run(page)
    assert ja.GROUP_CHANGED in shown(page)
    assert statuses(prefecture, reviewer, alike) == [
        ReviewStatus.PENDING,
        ReviewStatus.UNDECIDED,
        ReviewStatus.PENDING,
    ]


def test_the_auditor_is_offered_no_answer(prefecture: Prefecture, alike: list[int]) -> None:
    page = open_page("candidate", person(prefecture, "kansa"), candidate=str(alike[0]))
    assert not {"group", "answer_yes"} & {button.key for button in page.button}
