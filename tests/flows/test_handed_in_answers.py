"""The nightly run takes back what was handed in to an inquiry where an amendment, or a new ordinance, asks for more."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from flows.database import sessions
from flows.rescan import rescan
from flows.settings import Settings
from models.database import reading_scope, session_scope
from models.inquiry import InquiryAnswer, InquiryEvent
from models.legislation import Instrument
from models.operations.answer_inquiry import submit_answer
from models.operations.dispatch_inquiry import dispatch_inquiry
from models.operations.draft_inquiry import draft_inquiry
from models.operations.ownership import set_lead
from models.review import AuditEntry, ReviewItem
from regulations.inquiry import AnswerState, InquiryAction
from regulations.review import OPEN_STATUSES, ReviewStatus, Role
from tests import factories
from tests.flows.texts import AFTER, BEFORE, write

pytestmark = pytest.mark.usefixtures("orchestrator")

NOW = dt.datetime(2026, 4, 6, 0, 30, tzinfo=dt.UTC)


def _handed_in() -> None:
    """A division has answered all that its ordinance holds, and handed it in."""
    with session_scope(sessions()) as session:
        own = factories.division(session)
        set_lead(session, instrument=session.scalars(select(Instrument)).one(), division_id=own.id, now=NOW)
        reviewer, coordinator = factories.actor(session, of=own), factories.actor(session, Role.COORDINATOR)
        for item in session.scalars(select(ReviewItem)):
            if item.status in OPEN_STATUSES:
                factories.answer(session, reviewer, item)
        inquiry_id = draft_inquiry(
            session,
            actor=coordinator,
            name="点検",
            guidance="",
            due_date=NOW.date(),
            kinds=(),
            categories=(),
            division_ids=[own.id],
            now=NOW,
        )
        dispatch_inquiry(session, actor=coordinator, inquiry_id=inquiry_id, expected_version=1, now=NOW)
        answer = session.scalars(select(InquiryAnswer)).one()
        submit_answer(session, actor=reviewer, answer_id=answer.id, expected_version=answer.row_version, now=NOW)


def test_an_amendment_takes_the_answer_back_and_the_night_after_leaves_it(installation: Settings) -> None:
    write(installation.inbox, BEFORE)
    rescan()
    _handed_in()
    rescan()
    assert _state() is AnswerState.ANSWERED, "nothing has come"
    write(installation.inbox, AFTER)
    for _ in range(2):
        rescan()
        assert _state() is AnswerState.WAITING
        with reading_scope(sessions()) as session:
            taken_back = select(InquiryEvent).where(InquiryEvent.action == InquiryAction.RESUME)
            told = session.scalars(taken_back).one()
            entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "resume_answer")).one()
            statuses = [item.status for item in session.scalars(select(ReviewItem))]
        assert told.reason.startswith(
            f"例規の改正により要対応の候補が{statuses.count(ReviewStatus.RECHECK)}件増えたため"
        )
        assert ReviewStatus.PENDING not in statuses
        assert (told.account_id, entry.account_id) == (None, None)


def _state() -> AnswerState:
    with reading_scope(sessions()) as session:
        return session.scalars(select(InquiryAnswer.state)).one()
