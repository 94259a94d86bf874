"""What is handed in stands still for those too who were just saving: PostgreSQL's locks, with two connections.

SQLite needs none of it: a transaction that may write holds its one write lock from the start.
"""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError

from models.database import session_factory
from models.inquiry import Inquiry, InquiryAnswer
from models.operations.answer_inquiry import submit_answer
from models.operations.close_inquiry import close_inquiry
from models.operations.dispatch_inquiry import dispatch_inquiry
from models.operations.draft_inquiry import draft_inquiry
from models.operations.errors import AnswerFault, InquiryError, InquiryFault, InvalidAnswerError
from models.operations.hand_over import hand_over
from models.operations.record_scan import finish_scan_run, start_scan_run
from models.organisation import Division
from models.review import ReviewItem
from regulations.inquiry import AnswerState
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


@pytest.fixture
def neighbours(connections):
    """An inquiry to two divisions: 河川課 has answered all, 道路課 has one candidate left."""
    with connections() as session:
        # What the tests commit stays: each has divisions and ordinances of its own.
        number = session.scalar(select(func.count(Division.id)))
        own, other = (division(session, f"{name}{number}") for name in ("河川課", "道路課"))
        act, rule = (
            register(session, ordinance({"1": INSPECTION}, title=f"{of.name}条例", law_number=of.name), owner=of)
            for of in (own, other)
        )
        scan(session)
        people = [actor(session, of=own), actor(session, of=other)]
        coordinator = actor(session, Role.COORDINATOR)
        (mine,), (theirs,) = items(session, act).values(), items(session, rule).values()
        answer(session, people[0], mine)
        inquiry_id = draft_inquiry(
            session,
            actor=coordinator,
            name="照会",
            guidance="",
            due_date=NOW.date() + dt.timedelta(days=30),
            kinds=(),
            categories=(),
            division_ids=[own.id, other.id],
            now=NOW,
        )
        dispatch_inquiry(session, actor=coordinator, inquiry_id=inquiry_id, expected_version=1, now=NOW)
        rows = session.scalars(
            select(InquiryAnswer)
            .where(InquiryAnswer.inquiry_id == inquiry_id)
            .order_by(InquiryAnswer.division_id == other.id)
        ).all()
        found = {
            "people": people,
            "divisions": [own.id, other.id],
            "items": [mine.id, theirs.id],
            "answers": [row.id for row in rows],
        }
        session.commit()
    return found


def give(session, neighbours, *, by):
    """One of the two hands its candidate to the other."""
    item_id = neighbours["items"][by]
    hand_over(
        session,
        actor=neighbours["people"][by],
        items={item_id: session.get_one(ReviewItem, item_id).row_version},
        to_division_id=neighbours["divisions"][1 - by],
        reason="隣の課の所管です。",
        now=NOW,
    )


def submit(session, neighbours):
    answer_id = neighbours["answers"][0]
    submit_answer(
        session,
        actor=neighbours["people"][0],
        answer_id=answer_id,
        expected_version=session.get_one(InquiryAnswer, answer_id).row_version,
        now=NOW,
    )


def test_what_is_handed_over_while_the_division_hands_in_waits_for_it_and_takes_it_back(connections, neighbours):
    with connections() as submitting, connections() as handing:
        submit(submitting, neighbours)
        with pytest.raises(OperationalError):
            give(impatient(handing), neighbours, by=1)
        handing.rollback()
        submitting.commit()
        give(handing, neighbours, by=1)
        handing.commit()
        submitting.expire_all()
        assert submitting.get_one(InquiryAnswer, neighbours["answers"][0]).state is AnswerState.WAITING


def test_nothing_is_handed_in_while_a_candidate_is_on_its_way(connections, neighbours):
    with connections() as handing, connections() as submitting:
        give(handing, neighbours, by=1)
        with pytest.raises(OperationalError):
            submit(impatient(submitting), neighbours)
        submitting.rollback()
        handing.commit()
        with pytest.raises(InquiryError) as refused:
            submit(submitting, neighbours)
        assert refused.value.fault is InquiryFault.OPEN_ITEMS


def test_who_hands_over_takes_both_divisions_answers_before_looking_at_its_own(connections, neighbours, engine):
    """Two that hand over to each other would wait for each other crosswise, each with its own answer locked."""
    locks = []

    def listener(_connection, _cursor, statement, *_):
        if "inquiry_answers" in statement and " FOR " in statement:
            locks.append(statement.rsplit(" FOR ", 1)[1])

    with connections() as session:
        event.listen(engine, "before_cursor_execute", listener)
        try:
            give(session, neighbours, by=1)
        finally:
            event.remove(engine, "before_cursor_execute", listener)
        session.rollback()
    assert locks.index("UPDATE") < locks.index("SHARE OF inquiry_answers")


def test_a_scan_that_ends_meanwhile_waits_until_what_was_handed_over_is_there(connections, neighbours):
    with connections() as handing, connections() as scanning:
        give(handing, neighbours, by=1)
        run = start_scan_run(impatient(scanning), pipeline_version="test", now=NOW)
        with pytest.raises(OperationalError):
            finish_scan_run(scanning, scan_run_id=run, now=NOW)
        scanning.rollback()
        handing.rollback()
