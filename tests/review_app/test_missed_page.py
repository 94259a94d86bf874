"""検出もれの点検: draw, read, answer, and the estimate in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from models.database import reading_scope, session_scope
from models.detection import ElusionAnswer
from models.operations.draw_elusion_sample import draw_elusion_sample
from models.queries import ElusionEstimate, ElusionTask, elusion_tasks, queue
from regulations.review import Actor, ReviewStatus
from review_app import labels_ja as ja
from review_app.app_pages.missed import current_task
from tests.review_app.pages import open_page, person, run, shown
from tests.review_app.prefecture import NOW, Prefecture


@pytest.fixture
def coordinator(prefecture: Prefecture) -> Actor:
    return person(prefecture, "gyokei")


@pytest.fixture
def drawn(prefecture: Prefecture, coordinator: Actor) -> AppTest:
    """The page with a sample of three, none of them read."""
    with session_scope(prefecture.sessions) as session:
        draw_elusion_sample(session, actor=coordinator, size=3, seed=11, now=NOW)
    return open_page("missed", coordinator)


def tasks(prefecture: Prefecture, coordinator: Actor) -> list[ElusionTask]:
    with reading_scope(prefecture.sessions) as session:
        return elusion_tasks(session, actor=coordinator)


def test_without_a_sample_the_page_says_what_to_do_and_draws_one(prefecture: Prefecture, coordinator: Actor) -> None:
    page = open_page("missed", coordinator)
    assert ja.MISSED_EMPTY_NEXT in shown(page)
    assert "300件を読んでもれが1件もなければ、もれの割合は1.2%以下と推定できます。" in shown(page)
    page.number_input(key="sample_size").set_value(4)
    run(page)
    page.button(key="draw_sample").click()
    run(page)
    assert "<b>0／4件</b> 読みました" in shown(page)
    assert len(tasks(prefecture, coordinator)) == 4


def test_nothing_found_opens_the_next_and_moves_the_estimate(
    drawn: AppTest, prefecture: Prefecture, coordinator: Actor
) -> None:
    first, second, _ = tasks(prefecture, coordinator)
    assert first.address in shown(drawn)
    drawn.button(key="sample_nothing").click()
    run(drawn)
    assert f"{first.address}を「該当なし」としました。" in shown(drawn)
    assert "1件を読み、もれ 0件。もれの割合は0.0%（95%信頼区間 0.0%〜97.5%）" in shown(drawn)
    assert f"<h3>{second.address}" in shown(drawn)


def test_a_miss_is_recorded_with_its_words_and_waits_for_the_owning_division(
    drawn: AppTest, prefecture: Prefecture, coordinator: Actor
) -> None:
    first = tasks(prefecture, coordinator)[0]
    drawn.button(key="sample_missed").click()
    run(drawn)
    key = f"sample_{first.row_id}"
    drawn.text_area(key=f"{key}_quote").set_value(first.text[3:9])
    drawn.selectbox(key=f"{key}_category").set_value("written_posting")
    run(drawn)
    drawn.button(key="sample_record").click()
    run(drawn)
    assert "「書面掲示」の検出もれとして記録しました。" in shown(drawn)
    assert tasks(prefecture, coordinator)[0].answer is ElusionAnswer.MISSED
    with reading_scope(prefecture.sessions) as session:
        waiting = queue(session, actor=person(prefecture, "sato"), statuses=[ReviewStatus.PENDING])
    (row,) = [row for row in waiting if row.is_manual]
    assert (row.address, row.category) == (first.address, "written_posting")


def test_words_that_are_not_in_the_text_are_refused_and_stay_in_the_form(
    drawn: AppTest, prefecture: Prefecture, coordinator: Actor
) -> None:
    drawn.button(key="sample_missed").click()
    run(drawn)
    first = tasks(prefecture, coordinator)[0]
    drawn.text_area(key=f"sample_{first.row_id}_quote").set_value("この条文にない言葉")
    run(drawn)
    drawn.button(key="sample_record").click()
    run(drawn)
    assert ja.QUOTE_NOT_HERE in shown(drawn)
    assert drawn.text_area(key=f"sample_{first.row_id}_quote").value == "この条文にない言葉"
    assert tasks(prefecture, coordinator)[0].answer is None


def test_after_the_last_one_the_page_says_what_comes_next(drawn: AppTest) -> None:
    for _ in range(3):
        drawn.button(key="sample_nothing").click()
        run(drawn)
    assert ja.SAMPLE_READ in shown(drawn)
    assert "<b>3／3件</b> 読みました" in shown(drawn)


def task(position: int, answer: ElusionAnswer | None = None) -> ElusionTask:
    return ElusionTask(
        row_id=position, position=position, version_id=1, title="", address="", caption="", text="", answer=answer
    )


@pytest.mark.parametrize(
    ("wanted", "position"),
    [
        ("", 2),  # the first that nobody has read
        ("1", 1),  # asked for, though it has been read
        ("9", 2),  # there is none
        ("x", 2),
    ],
)
def test_the_provision_shown_is_the_one_asked_for_or_the_next_to_read(wanted: str, position: int) -> None:
    found = current_task([task(1, ElusionAnswer.NOTHING), task(2), task(3)], wanted=wanted)
    assert found
    assert found.position == position


def test_nothing_is_shown_where_all_have_been_read() -> None:
    assert current_task([task(1, ElusionAnswer.NOTHING)], wanted="") is None


ESTIMATE = ElusionEstimate(
    sample_id=1,
    drawn_at=dt.datetime(2026, 4, 6, tzinfo=dt.UTC),
    seed=1,
    population=12_000,
    size=300,
    read=40,
    missed=1,
    confidence=0.95,
    share=0.025,
    share_range=(0.0006, 0.1316),
    implied=300.0,
    implied_range=(7.6, 1579.0),
    found=900.0,
    recall=0.75,
    recall_range=(0.363, 0.9916),
)


def test_the_estimate_is_a_sentence_with_its_interval() -> None:
    assert ja.estimate(ESTIMATE) == (
        "候補にならなかった条項 12,000件から 40件を読み、もれ 1件。もれの割合は2.5%（95%信頼区間 0.1%〜13.2%）"
    )
    assert ja.recall(ESTIMATE) == "見つけた割合（再現率）は75.0%（36.3%〜99.2%）と推定されます。"


def test_before_anything_is_read_nothing_is_claimed() -> None:
    unread = replace(ESTIMATE, read=0, missed=0, recall=None, recall_range=None)
    assert "%" not in ja.estimate(unread)
    assert ja.recall(unread) == ja.RECALL_LATER
