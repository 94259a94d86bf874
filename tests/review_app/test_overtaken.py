"""Answering just after the coordinator has given the ordinance to another division: told in words, in every step."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from models.database import reading_scope
from models.queries import instrument_list, instrument_text, queue
from models.review import Decision, Handover, Message
from regulations.review import OPEN_STATUSES, Actor
from review_app import labels_ja as ja
from review_app.components.handover_form import NOBODY
from review_app.labels_ja import handling as words
from tests.review_app import rounds
from tests.review_app.pages import open_page, person, run, shown
from tests.review_app.prefecture import PARKS, Prefecture, move_everything, open_parks
from tests.review_app.test_inbox_page import opened


@pytest.fixture
def reviewer(prefecture: Prefecture) -> Actor:
    return person(prefecture, "sato")


@pytest.fixture
def parks(prefecture: Prefecture, reviewer: Actor) -> list[int]:
    """Candidates of three ordinances that say the same."""
    open_parks(prefecture.sessions)
    with reading_scope(prefecture.sessions) as session:
        rows = queue(session, actor=reviewer, statuses=OPEN_STATUSES)
    return [row.item_id for title in PARKS for row in rows if row.title == title]


def press(page: AppTest, *keys: str) -> None:
    for key in keys:
        page.button(key=key).click()
        run(page)


def written(prefecture: Prefecture) -> int:
    """Answers, requests and messages there are."""
    with reading_scope(prefecture.sessions) as session:
        return sum(session.scalar(select(func.count(table.id))) or 0 for table in (Decision, Handover, Message))


def answer(page: AppTest) -> None:
    press(page, "answer_yes")


def refuse(page: AppTest) -> None:
    press(page, "reason_prohibition")


def hand_over(page: AppTest) -> None:
    press(page, "handover_send")


def ask(page: AppTest) -> None:
    press(page, "message_send")


def typed_handover(page: AppTest) -> None:
    press(page, "hand_over")
    page.selectbox[0].select(NOBODY)
    page.text_area[0].input("所管していない")
    run(page)


def typed_message(page: AppTest) -> None:
    press(page, "talk")
    page.text_area[0].input("台帳は電子でもよいですか。")
    run(page)


@pytest.mark.parametrize(
    ("begin", "step"),
    [
        (lambda page: None, answer),
        (lambda page: press(page, "group"), answer),
        (lambda page: press(page, "answer_no"), refuse),
        (typed_handover, hand_over),
        (typed_message, ask),
    ],
)
def test_a_step_on_a_candidate_that_is_no_longer_ours_says_so_once(
    prefecture: Prefecture,
    reviewer: Actor,
    parks: list[int],
    begin: Callable[[AppTest], None],
    step: Callable[[AppTest], None],
) -> None:
    page = open_page("candidate", reviewer, candidate=str(parks[0]))
    begin(page)
    move_everything(prefecture)
    step(page)
    assert words.moved_away("第一条") in shown(page)
    assert ja.NO_SUCH_CANDIDATE in shown(page)
    assert not {"answer_yes", "handover_send", "message_send"} & {button.key for button in page.button}
    assert written(prefecture) == 0


@pytest.mark.parametrize("way", ["bulk_answer", "bulk_hand_over"])
def test_what_is_no_longer_ours_is_taken_out_of_what_is_ticked(
    prefecture: Prefecture, reviewer: Actor, parks: list[int], way: str
) -> None:
    page = opened(reviewer)
    press(page, "choose_page", way)
    ticked = set(page.session_state["work"].chosen)
    assert set(parks) < ticked
    if way == "bulk_hand_over":
        page.selectbox[0].select(NOBODY)
        page.text_area[0].input("所管していない")
        run(page)
    move_everything(prefecture)
    press(page, "bulk_yes" if way == "bulk_answer" else "bulk_send")
    assert all(title in shown(page) for title in PARKS)
    assert words.NOTHING_CHOSEN in shown(page)
    assert not page.session_state["work"].chosen
    assert written(prefecture) == 0


def test_an_answer_for_several_cannot_be_taken_back_once_it_is_another_divisions(
    prefecture: Prefecture, reviewer: Actor, parks: list[int]
) -> None:
    page = open_page("candidate", reviewer, candidate=str(parks[0]))
    press(page, "group", "answer_yes")
    before = written(prefecture)
    move_everything(prefecture)
    press(page, "undo_group")
    assert words.UNDO_MOVED_AWAY in shown(page)
    assert "undo_group" not in {button.key for button in page.button}
    assert written(prefecture) == before == len(parks)


@pytest.mark.parametrize("step", ["missed_add", "declare_complete", "withdraw_declaration"])
def test_a_step_on_an_instrument_that_is_no_longer_ours_says_so(
    prefecture: Prefecture, reviewer: Actor, step: str
) -> None:
    rounds.answer_everything(prefecture, "sato")
    with reading_scope(prefecture.sessions) as session:
        head = instrument_list(session, actor=reviewer, limit=1)[0].head
        text = instrument_text(session, actor=reviewer, instrument_id=head.instrument_id)
    assert text
    page = open_page("reading", reviewer, instrument=str(head.instrument_id))
    if step == "missed_add":
        press(page, "missed_begin")
        page.selectbox(key="missed_place").select(next(row.version_id for row in text.rows if not row.items))
        run(page)
    elif step == "withdraw_declaration":
        press(page, "declare_complete")
    move_everything(prefecture)
    press(page, step)
    assert words.moved_away(head.title) in shown(page)
    assert ja.NO_INSTRUMENT in shown(page)
