"""What is handed in stands still for those too who were just saving: PostgreSQL's locks, with two connections.

SQLite needs none of it: a transaction that may write holds its one write lock from the start.
"""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from models.database import session_factory
from models.inquiry import Inquiry, InquiryAnswer
from models.operations.answer_inquiry import submit_answer
from models.operations.close_inquiry import close_inquiry
from models.operations.dispatch_inquiry import dispatch_inquiry
from models.operations.draft_inquiry import draft_inquiry
from models.operations.errors import AnswerFault, InvalidAnswerError
from models.review import ReviewItem
from regulations.review import Applicability, Role
from tests.factories import INSPECTION, NOW, actor, answer, division, items, ordinance, register, scan


@pytest.fixture
def connections(engine):
    """Sessions on connections of their own."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one lock for all writing")
    return session_factory(engine)


@pytest.fixture
def running(connections):
    """An inquiry to one division whose only candidate is answered."""
    with connections() as session:
        own = division(session)
        registered = register(session, ordinance({"1": INSPECTION}), owner=own)
        scan(session)
        reviewer, coordinator = actor(session, of=own), actor(session, Role.COORDINATOR)
        (item,) = items(session, registered).values()
        answer(session, reviewer, item)
        inquiry_id = draft_inquiry(
            session,
            actor=coordinator,
            name="照会",
            guidance="",
            due_date=NOW.date() + dt.timedelta(days=30),
            kinds=(),
            categories=(),
            division_ids=None,
            now=NOW,
        )
        dispatch_inquiry(session, actor=coordinator, inquiry_id=inquiry_id, expected_version=1, now=NOW)
        row = session.scalars(select(InquiryAnswer).where(InquiryAnswer.inquiry_id == inquiry_id)).one()
        found = {
            "item_id": item.id,
            "reviewer": reviewer,
            "coordinator": coordinator,
            "inquiry_id": inquiry_id,
            "answer": {"answer_id": row.id, "expected_version": row.row_version},
        }
        session.commit()
    return found


def impatient(session):
    session.execute(text("SET LOCAL lock_timeout = '50ms'"))
    return session


def test_nothing_is_handed_in_while_somebody_saves_and_nothing_saved_after_it(connections, running):
    def save(session):
        answer(session, running["reviewer"], session.get_one(ReviewItem, running["item_id"]), Applicability.UNDECIDED)

    with connections() as saving, connections() as submitting, connections() as closing:
        save(saving)
        with pytest.raises(OperationalError):
            submit_answer(impatient(submitting), actor=running["reviewer"], now=NOW, **running["answer"])
        submitting.rollback()
        saving.rollback()
        submit_answer(submitting, actor=running["reviewer"], now=NOW, **running["answer"])
        with pytest.raises(OperationalError):
            save(impatient(saving))
        saving.rollback()
        with pytest.raises(OperationalError):
            close_inquiry(
                impatient(closing),
                actor=running["coordinator"],
                inquiry_id=running["inquiry_id"],
                expected_version=closing.get_one(Inquiry, running["inquiry_id"]).row_version,
                even_unfinished=True,
                now=NOW,
            )
        submitting.commit()
        with pytest.raises(InvalidAnswerError) as refused:
            save(saving)
        assert refused.value.fault is AnswerFault.ANSWER_SUBMITTED
