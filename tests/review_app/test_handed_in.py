"""What the pages say where an answer was handed in: what came after it, and what may not be answered now."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from models import queries
from models.database import reading_scope, session_scope
from models.operations.errors import HandoverFault
from models.operations.record_scan import finish_scan_run, start_scan_run
from models.organisation import Division
from models.queries.asked import asked_items
from models.review import ReviewItem
from regulations.inquiry import AnswerState
from regulations.review import OPEN_STATUSES, Actor, Applicability
from review_app import labels_ja as ja
from review_app.labels_ja import handling, lists
from review_app.labels_ja import inquiries as words
from review_app.labels_ja.history import SERVER
from tests import factories
from tests.review_app import rounds
from tests.review_app.pages import open_page, person, shown
from tests.review_app.prefecture import FOREIGN, NOW, OWN, PARKS, Prefecture, open_parks
from tests.review_app.test_inbox_page import links, listed, opened, press


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds.stop_the_clock(monkeypatch)


@pytest.fixture
def reviewer(prefecture: Prefecture) -> Actor:
    return person(prefecture, "sato")


@pytest.fixture
def handed_in(prefecture: Prefecture) -> Prefecture:
    """The own division has answered everything, one candidate with 保留, and handed it in."""
    rounds.people_of_the_round(prefecture)
    rounds.open_round(prefecture, divisions=[OWN])
    rounds.answer_everything(prefecture, "sato", Applicability.UNDECIDED)
    rounds.submit(prefecture)
    return prefecture


def find_more(prefecture: Prefecture) -> int:
    """A nightly scan; how many it has found."""
    open_parks(prefecture.sessions)
    with session_scope(prefecture.sessions) as session:
        finish_scan_run(session, scan_run_id=start_scan_run(session, pipeline_version="x", now=NOW), now=NOW)
    return rounds.answer_of(prefecture).figures.open


def test_the_division_reads_why_its_answer_came_back_and_by_whom(handed_in: Prefecture, reviewer: Actor) -> None:
    more = find_more(handed_in)
    assert more >= len(PARKS)
    bar = rounds.open_bar(reviewer)
    why = f"再スキャンにより要対応の候補が{more}件増えたため、未回答に戻しました。"
    assert f'role="alert">{why}<br>{words.RESUMED_NEXT}' in shown(bar)
    assert f"<b>未回答に戻す</b>　{OWN}　{SERVER}<br>{why}" in shown(bar)
    assert words.still_open(more) in shown(bar)


def test_after_acceptance_division_and_coordinator_read_that_more_has_come(handed_in: Prefecture) -> None:
    rounds.approve(handed_in)
    rounds.accept(handed_in)
    coordinator = person(handed_in, "gyokei")
    assert words.AFTER_ACCEPTANCE not in shown(opened(coordinator))
    more = find_more(handed_in)
    assert words.came_since_acceptance(more) in shown(rounds.open_bar(person(handed_in, "sato")))
    page = opened(coordinator)
    assert words.section(words.AFTER_ACCEPTANCE, 1) in shown(page)
    assert words.AFTER_ACCEPTANCE_HOW in shown(page)
    assert words.open_candidates(more) in shown(page)
    assert words.NOTHING_WAITS not in shown(page)
    row = rounds.answer_of(handed_in)
    assert links(page)[words.OPEN_ANSWER] == f"inquiry={row.inquiry_id}&answer={row.answer_id}"
    answer = open_page("inquiries", coordinator, inquiry=str(row.inquiry_id), answer=str(row.answer_id))
    assert words.came_after_acceptance(more) in shown(answer)
    rounds.send_back(handed_in, "gyokei", "増えた候補に回答してください。")
    assert rounds.answer_of(handed_in).state is AnswerState.RETURNED
    assert words.AFTER_ACCEPTANCE not in shown(opened(coordinator))


def test_what_was_handed_in_waits_in_no_list_and_is_told_among_all(handed_in: Prefecture, reviewer: Actor) -> None:
    with reading_scope(handed_in.sessions) as session:
        count = queries.handed_in_total(session, actor=reviewer)
    assert count == rounds.answer_of(handed_in).figures.undecided > 0
    page = opened(reviewer)
    assert listed(page) == []
    everything = opened(reviewer, status="all")
    assert listed(everything) == []  # no box to tick
    assert shown(everything).count('<span class="mi-status">提出済み</span>') == count
    (statuses,) = everything.segmented_control
    assert lists.with_count(lists.STATUS_WORDS["all"], count) in statuses.options
    assert lists.with_count(lists.STATUS_WORDS["open"], 0) in statuses.options


def test_its_page_says_why_it_cannot_be_answered_now(handed_in: Prefecture, reviewer: Actor) -> None:
    with reading_scope(handed_in.sessions) as session:
        (first, *_) = asked_items(session, actor=reviewer, answer_id=rounds.answer_of(handed_in).answer_id)
    page = open_page("candidate", reviewer, candidate=str(first.item_id))
    assert handling.submitted_already(rounds.NAME, AnswerState.ANSWERED) in shown(page)
    assert not [button for button in page.button if button.key == "answer_yes"]


def test_a_joint_owner_reads_that_it_is_the_lead_that_has_handed_it_in(handed_in: Prefecture, reviewer: Actor) -> None:
    with session_scope(handed_in.sessions) as session:
        (first, *_) = asked_items(session, actor=reviewer, answer_id=rounds.answer_of(handed_in).answer_id)
        item = session.get_one(ReviewItem, first.item_id)
        lead, joint = (session.query(Division).filter_by(name=name).one() for name in (OWN, FOREIGN))
        factories.own(session, item.provision.instrument_id, lead, joint)
    page = open_page("candidate", person(handed_in, "tanaka"), candidate=str(first.item_id))
    assert handling.SUBMITTED_BY_OTHERS in shown(page)


def test_what_came_after_acceptance_keeps_from_declaring_and_leads_to_no_empty_inbox(
    handed_in: Prefecture, reviewer: Actor
) -> None:
    rounds.approve(handed_in)
    rounds.accept(handed_in)
    find_more(handed_in)
    with reading_scope(handed_in.sessions) as session:
        (row,) = queries.instrument_list(session, actor=reviewer, text=PARKS[0])
    assert (row.candidates, row.open) == (1, 0)
    page = open_page("reading", reviewer, instrument=str(row.head.instrument_id))
    assert handling.declare_after(1) in shown(page)
    assert page.button(key="declare_complete").disabled
    assert handling.TO_WAITING not in links(page)


# まとめて所管外


@pytest.fixture
def parks(prefecture: Prefecture, reviewer: Actor) -> list[int]:
    open_parks(prefecture.sessions)
    with reading_scope(prefecture.sessions) as session:
        rows = queries.queue(session, actor=reviewer, statuses=OPEN_STATUSES, text="公園")
    return [row.item_id for row in rows]


def hand_over_parks(prefecture: Prefecture, page: AppTest) -> AppTest:
    with reading_scope(prefecture.sessions) as session:
        to = session.query(Division.id).filter_by(name=FOREIGN).scalar()
    press(page, "choose_page")
    press(page, "bulk_hand_over")
    page.selectbox(key="bulk_handover_to").select(to)
    next(area for area in page.text_area if area.label == handling.HAND_OVER_REASON).input("公園の管理は移管した。")
    press(page, "bulk_send")
    return page


def waiting(prefecture: Prefecture, login: str) -> list[int]:
    with reading_scope(prefecture.sessions) as session:
        rows = queries.queue(session, actor=person(prefecture, login), statuses=OPEN_STATUSES, text="公園", limit=100)
    return [row.item_id for row in rows]


def test_one_step_takes_many_handed_over_back_also_after_a_reload(
    prefecture: Prefecture, reviewer: Actor, parks: list[int]
) -> None:
    page = hand_over_parks(prefecture, opened(reviewer, words="公園"))
    assert waiting(prefecture, "tanaka") == parks
    reloaded = opened(reviewer, words="公園")
    assert reloaded.button(key="undo_group").label.startswith("前のまとめて所管外（3件、")
    press(reloaded, "undo_group")
    assert handling.taken_back(3, 0) in shown(reloaded)
    assert (waiting(prefecture, "sato"), waiting(prefecture, "tanaka")) == (parks, [])
    press(page, "undo_group")  # the page that was open all the while
    assert ja.GROUP_UNDONE_ALREADY in shown(page)


def test_where_all_was_acted_on_the_page_says_whom_to_turn_to(
    prefecture: Prefecture, reviewer: Actor, parks: list[int]
) -> None:
    page = hand_over_parks(prefecture, opened(reviewer, words="公園"))
    with session_scope(prefecture.sessions) as session:
        for item_id in parks:
            factories.answer(session, person(prefecture, "tanaka"), session.get_one(ReviewItem, item_id))
    press(page, "undo_group")
    assert handling.handover_fault(HandoverFault.ACTED_ON) in shown(page)
    assert waiting(prefecture, "sato") == []


def test_what_the_other_division_has_acted_on_is_told_and_stays(
    prefecture: Prefecture, reviewer: Actor, parks: list[int]
) -> None:
    page = hand_over_parks(prefecture, opened(reviewer, words="公園"))
    with session_scope(prefecture.sessions) as session:
        factories.answer(session, person(prefecture, "tanaka"), session.get_one(ReviewItem, parks[0]))
    press(page, "undo_group")
    assert handling.taken_back(2, 1) in shown(page)
    assert waiting(prefecture, "sato") == parks[1:]
