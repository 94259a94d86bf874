"""The figures beside the menu are those of the lists that they lead to."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import event, select

from models import queries
from models.inquiry import Inquiry, InquiryAnswer
from models.operations.answer_inquiry import approve_answer, submit_answer
from models.operations.dispatch_inquiry import dispatch_inquiry
from models.operations.draft_inquiry import draft_inquiry
from models.operations.hand_over import hand_over, settle_handover
from models.operations.post_message import post_message
from models.queries import Waiting
from regulations.review import OPEN_STATUSES, Applicability, Role
from tests.factories import INSPECTION, NOW, POSTING, actor, answer, division, items, ordinance, register, scan

NOTHING = Waiting(to_answer=0, to_approve=0, to_accept=0, to_settle=0)


@pytest.fixture
def facilities(session):
    return division(session)


@pytest.fixture
def registered(session, facilities):
    made = register(session, ordinance({"1": INSPECTION, "2": POSTING}), owner=facilities)
    scan(session)
    return made


def asked(session, of) -> InquiryAnswer:
    """The division's answer to a round that has begun."""
    coordinator = actor(session, Role.COORDINATOR)
    inquiry_id = draft_inquiry(
        session,
        actor=coordinator,
        name="点検",
        guidance="",
        due_date=NOW.date() + dt.timedelta(days=7),
        kinds=(),
        categories=(),
        division_ids=[of.id],
        now=NOW,
    )
    version = session.get_one(Inquiry, inquiry_id).row_version
    dispatch_inquiry(session, actor=coordinator, inquiry_id=inquiry_id, expected_version=version, now=NOW)
    return session.scalars(select(InquiryAnswer).where(InquiryAnswer.inquiry_id == inquiry_id)).one()


def test_a_division_is_shown_what_its_inbox_holds(session, registered, facilities):
    reviewer = actor(session, of=facilities)
    assert queries.waiting(session, actor=reviewer).to_answer == 2
    answer(session, reviewer, items(session, registered)["1"])
    answer(session, reviewer, items(session, registered)["2"], Applicability.UNDECIDED)
    counts = queries.inbox_counts(session, actor=reviewer)
    assert queries.waiting(session, actor=reviewer).to_answer == sum(counts[status] for status in OPEN_STATUSES) == 1


def test_an_answer_waits_for_the_approver_then_for_the_coordinator(session, registered, facilities):
    reviewer, approver = actor(session, of=facilities), actor(session, Role.APPROVER, facilities)
    coordinator = actor(session, Role.COORDINATOR)
    for item in items(session, registered).values():
        answer(session, reviewer, item)
    mine = asked(session, facilities)
    assert queries.waiting(session, actor=approver) == queries.waiting(session, actor=coordinator) == NOTHING
    submit_answer(session, actor=reviewer, answer_id=mine.id, expected_version=mine.row_version, now=NOW)
    assert queries.waiting(session, actor=approver).to_approve == 1
    assert queries.waiting(session, actor=reviewer) == NOTHING
    approve_answer(session, actor=approver, answer_id=mine.id, expected_version=mine.row_version, now=NOW)
    assert queries.waiting(session, actor=approver) == NOTHING
    assert queries.waiting(session, actor=coordinator).to_accept == 1


def test_a_question_and_what_is_nobodys_wait_for_the_coordinator(session, registered, facilities):
    reviewer, coordinator = actor(session, of=facilities), actor(session, Role.COORDINATOR)
    first, second = (items(session, registered)[article] for article in ("1", "2"))
    answer(session, reviewer, first, Applicability.UNDECIDED, note="確かめたいです。")
    hand_over(
        session,
        actor=reviewer,
        items={second.id: second.row_version},
        to_division_id=None,
        reason="所管ではありません。",
        now=NOW,
    )
    assert queries.waiting(session, actor=coordinator).to_settle == 2
    post_message(session, actor=coordinator, item_id=first.id, text="お答えします。", now=NOW)
    assert queries.waiting(session, actor=coordinator).to_settle == 1
    (request,) = queries.handovers(session, actor=coordinator)
    settle_handover(
        session, actor=coordinator, handover_id=request.handover_id, division_id=facilities.id, note="", now=NOW
    )
    assert queries.waiting(session, actor=coordinator) == NOTHING
    assert queries.waiting(session, actor=reviewer).to_settle == 0


def test_what_an_approver_handed_in_waits_for_somebody_else(session, registered, facilities):
    approver = actor(session, Role.APPROVER, facilities)
    for item in items(session, registered).values():
        answer(session, approver, item)
    mine = asked(session, facilities)
    submit_answer(session, actor=approver, answer_id=mine.id, expected_version=mine.row_version, now=NOW)
    assert queries.waiting(session, actor=approver) == NOTHING


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR, Role.BUREAU_MANAGER])
def test_nothing_waits_for_those_who_watch(session, registered, facilities, role):
    assert queries.waiting(session, actor=actor(session, role, facilities)) == NOTHING


@pytest.mark.parametrize("role", Role)
def test_it_takes_one_statement(session, registered, facilities, role):
    person = actor(session, role, facilities)
    counted = []
    listening = (session.connection(), "before_cursor_execute", lambda *details: counted.append(details))
    event.listen(*listening)
    queries.waiting(session, actor=person)
    event.remove(*listening)
    assert len(counted) == 1
