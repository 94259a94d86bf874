"""What the seed for measuring writes in bulk is what the operations write, row for row."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.base import Base
from models.database import session_factory
from models.inquiry import InquiryAnswer
from models.operations.decide import decide
from models.operations.edit_roadmap import edit_roadmap
from models.review import ReviewItem, RoadmapItem
from regulations.inquiry import AnswerState
from regulations.review import Applicability, NonApplicableReason, ReviewStatus
from regulations.roadmap import ReviewPolicy, RoadmapEntry, RoadmapProgress
from tests.benchmarks.seed_large import Given, OpenItem, People, Size, open_items, seed, write_answers, write_plans

NOW = dt.datetime(2026, 11, 2, 3, 0, tzinfo=dt.UTC)
SMALL = Size(
    instruments=40, provisions=900, candidates=400, divisions=12, amended=4, unowned=3, joint=5, handed=24, together=4,
    declared=5, sample=10,
)  # fmt: skip


@pytest.fixture(scope="module")
def people(engine: Engine) -> People:
    return seed(session_factory(engine), size=SMALL, password="Susuki-no-hara-2026", now=NOW)


def _given(item: OpenItem, people: People, applicability: Applicability, **values: Any) -> Given:
    return Given(
        item=item,
        by=people.reviewers[item.division_id],
        at=NOW,
        applicability=applicability,
        category=item.category,
        regulation_type=item.regulation_type,
        phase=item.phase,
        **values,
    )


def _answers(item: OpenItem, people: People) -> list[Given]:
    """All there is to write: a question, a plan that stays out of sight, and an answer that stands."""
    return [
        _given(item, people, Applicability.UNDECIDED, note="対象に含めますか。"),
        _given(item, people, Applicability.NOT_APPLICABLE, reason_code=NonApplicableReason.DEFINITION),
        _given(item, people, Applicability.APPLICABLE, note="運用では電子化している。"),
    ]


ENTRY = RoadmapEntry(policy=ReviewPolicy.AMEND, target_phase=3, original_year=2027, progress=RoadmapProgress.PLANNED)


def _by_operations(session: Session, answers: list[Given]) -> None:
    for version, answer in enumerate(answers, 1):
        decide(
            session,
            actor=answer.by,
            item_id=answer.item.item_id,
            expected_version=version,
            applicability=answer.applicability,
            reason_code=answer.reason_code,
            category=answer.category,
            regulation_type=answer.regulation_type,
            phase=answer.phase,
            basis=answer.item.basis,
            note=answer.note,
            now=answer.at,
        )
    edit_roadmap(
        session, actor=answers[-1].by, item_id=answers[-1].item.item_id, expected_version=1, entry=ENTRY, now=NOW
    )


def _in_bulk(session: Session, answers: list[Given]) -> None:
    plans = write_answers(session, [answers])
    write_plans(session, [(*plan, ENTRY) for plan in plans], now=NOW)


def _written(session: Session, item_id: int) -> dict[str, list[dict[str, Any]]]:
    """Every row that answering the item has made or changed, ids told by their order."""
    found = {}
    for name, column in (
        ("review_items", "id"),
        ("decisions", "review_item_id"),
        ("messages", "review_item_id"),
        ("roadmap_items", "review_item_id"),
        ("audit_entries", "target_id"),
    ):
        table = Base.metadata.tables[name]
        wanted = table.c[column] == item_id
        if name == "audit_entries":
            wanted = (table.c.target_type == "review_item") & (table.c.target_id == str(item_id))
        key = next(iter(table.primary_key))
        found[name] = [dict(row) for row in session.execute(select(table).where(wanted).order_by(key)).mappings()]
    ids = {row["id"]: f"decision {number}" for number, row in enumerate(found["decisions"])}
    for rows in found.values():
        for row in rows:
            for column in ("id", "current_decision_id"):
                if column in row:
                    row[column] = ids.get(row[column], "")
            if "decision" in row.get("detail", {}):
                row["detail"] = {**row["detail"], "decision": ids[row["detail"]["decision"]]}
    return found


def test_answers_and_plans_in_bulk_are_those_of_the_operations(session: Session, people: People) -> None:
    item = next(item for item in open_items(session) if item.is_alone and item.division_id in people.reviewers)
    answers = _answers(item, people)
    written = []
    for write in (_by_operations, _in_bulk):
        with session.begin_nested() as attempt:
            write(session, answers)
            session.expire_all()
            written.append(_written(session, item.item_id))
            attempt.rollback()
        session.expire_all()
    by_operations, in_bulk = written
    assert len(by_operations["decisions"]) == 3
    assert len(by_operations["audit_entries"]) == 4
    assert in_bulk == by_operations


def test_what_is_seeded_can_be_worked_on(session: Session, people: People) -> None:
    """Every answered item stands as its last decision says, and the next operation on it is taken."""
    items = session.scalars(select(ReviewItem).where(ReviewItem.current_decision_id.is_not(None))).all()
    assert len(items) > SMALL.candidates / 4
    for item in items:
        assert item.current_decision is not None
        assert (item.applicability, item.decided_text_hash) == (
            item.current_decision.applicability,
            item.current_decision.text_hash,
        )
        if item.applicability is Applicability.APPLICABLE:
            assert session.get(RoadmapItem, item.id) is not None
    assert {item.status for item in items} >= {ReviewStatus.APPLICABLE, ReviewStatus.RECHECK, ReviewStatus.UNDECIDED}


def test_a_running_round_has_answers_in_every_state(session: Session, people: People) -> None:
    assert set(session.scalars(select(InquiryAnswer.state))) >= {AnswerState.WAITING, AnswerState.ACCEPTED}


def test_a_database_that_holds_anything_is_left_alone(engine: Engine, people: People) -> None:
    with pytest.raises(ValueError, match="not empty"):
        seed(session_factory(engine), size=SMALL, password="Susuki-no-hara-2026", now=NOW)
