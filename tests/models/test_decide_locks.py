"""One regulation stands in the roadmap once, also where two of its candidates are answered at the same moment.

PostgreSQL's locks, with two connections: on SQLite a transaction that may write holds its one write lock.
"""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from models.database import session_factory
from models.operations.errors import AnswerFault, InvalidAnswerError
from models.review import ReviewItem
from tests.factories import POSTING, actor, answer, division, items, ordinance, register, scan

BOTH = "管理者は、設備を目視により点検し、その結果を見やすい場所に掲示しなければならない。"


@pytest.fixture
def connections(engine):
    """Sessions on connections of their own."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one lock for all writing")
    return session_factory(engine)


@pytest.fixture
def candidates(connections):
    """A reviewer, the ids of two candidates of one provision, and of one in another provision."""
    with connections() as session:
        own = division(session)
        registered = register(session, ordinance({"1": BOTH, "2": POSTING}), owner=own)
        scan(session)
        alone = items(session, registered)["2"].id
        both = session.scalars(select(ReviewItem.id).where(ReviewItem.id != alone).order_by(ReviewItem.id)).all()
        found = actor(session, of=own), both, alone
        session.commit()
    return found


def save(session, by, item_id, category="full_time_presence"):
    session.execute(text("SET LOCAL lock_timeout = '50ms'"))
    answer(session, by, session.get_one(ReviewItem, item_id), category=category)


def test_the_second_of_two_who_correct_to_one_category_waits_for_the_first_and_is_refused(connections, candidates):
    reviewer, (first, second), alone = candidates
    with connections() as one, connections() as other:
        save(one, reviewer, first)
        save(other, reviewer, alone)  # what is about another provision waits for nobody
        other.rollback()
        with pytest.raises(OperationalError):
            save(other, reviewer, second)
        other.rollback()
        one.commit()
        with pytest.raises(InvalidAnswerError) as refused:
            save(other, reviewer, second)
        assert refused.value.fault is AnswerFault.CATEGORY_TAKEN
