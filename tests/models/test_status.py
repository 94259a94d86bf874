from __future__ import annotations

from itertools import product

from sqlalchemy import select

from models.review import ReviewItem
from regulations.review import Applicability
from tests.factories import INSPECTION, items, ordinance, register, scan

HASHES = (None, "a" * 64, "b" * 64)


def test_the_status_in_sql_is_the_status_in_python_for_every_combination(session):
    registered = register(session, ordinance({"1": INSPECTION}))
    scan(session)
    item = items(session, registered)["1"]
    combinations = list(product((None, *Applicability), HASHES, HASHES, (True, False)))
    assert len(combinations) == 72
    for applicability, decided, current, is_detected in combinations:
        item.applicability, item.decided_text_hash = applicability, decided
        item.current_text_hash, item.is_detected = current, is_detected
        session.flush()
        in_sql = session.scalar(select(ReviewItem.status).where(ReviewItem.id == item.id))
        assert in_sql == item.status, (applicability, decided, current, is_detected)
