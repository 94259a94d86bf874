"""Answering many takes hardly more statements than answering few."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from models import queries
from models.answer_workbook import answer_workbook
from models.operations.decide_group import decide_many
from models.operations.import_answers import import_answers, read_answer_workbook
from models.operations.undo_group_decision import undo_group_decision
from models.queries import AnswerSheetRow
from models.review import AuditEntry, ReviewItem, RoadmapItem
from regulations.review import OPEN_STATUSES, Actor, Applicability, ReviewStatus
from regulations.roadmap import RoadmapProgress
from tests.factories import INSPECTION, NOW, POSTING, actor, division, ordinance, register, scan
from tests.workbooks import FIRST, FilledIn

FEW, MANY = 20, 200
SLACK = 3


@pytest.fixture
def person(session: Session) -> Callable[[int], Actor]:
    """A division whose ordinances hold so many candidates."""

    def make(count: int) -> Actor:
        of = division(session, f"{count}件の課")
        for number in range(4):
            articles = {str(place): INSPECTION if place % 3 else POSTING for place in range(1, count // 4 + 1)}
            register(
                session,
                ordinance(articles, title=f"{count}件の条例{number}", law_number=f"条例第{count + number}号"),
                owner=of,
            )
        scan(session)
        return actor(session, of=of)

    return make


def statements(session: Session, do: Callable[[], object]) -> int:
    made: list[object] = []
    session.expire_all()
    listening = (session.connection(), "before_cursor_execute", lambda *details: made.append(details))
    event.listen(*listening)
    try:
        do()
    finally:
        event.remove(*listening)
    return len(made)


def answered_together(session: Session, by: Actor, count: int) -> tuple[int, int]:
    """Statements of one answer for so many candidates, and of taking it back."""
    rows = queries.queue(session, actor=by, statuses=OPEN_STATUSES, limit=MANY)
    shown = {row.item_id: row.row_version for row in rows}
    steps: list[int] = []

    def decide() -> None:
        done = decide_many(session, actor=by, items=shown, applicability=Applicability.APPLICABLE, now=NOW)
        steps.append(done.group_decision_id)

    deciding = statements(session, decide)
    assert queries.inbox_counts(session, actor=by)[ReviewStatus.APPLICABLE] == count
    undoing = statements(session, lambda: undo_group_decision(session, actor=by, group_decision_id=steps[0], now=NOW))
    assert queries.inbox_counts(session, actor=by)[ReviewStatus.PENDING] == count
    return deciding, undoing


def imported(session: Session, by: Actor, count: int) -> tuple[int, int]:
    """Statements of checking a workbook with so many rows, and of saving it."""
    lines, found = read_answer_workbook(_filled_in(queries.answer_rows(session, actor=by)))

    def run(*, dry_run: bool) -> None:
        done = import_answers(session, actor=by, lines=lines, found=found, dry_run=dry_run, now=NOW)
        assert (len(done.changes), done.errors, done.is_written) == (count, (), not dry_run)

    checking = statements(session, lambda: run(dry_run=True))
    saving = statements(session, lambda: run(dry_run=False))
    mine = select(ReviewItem.id).where(ReviewItem.division_id == by.division_id)
    planned = select(func.count(RoadmapItem.review_item_id)).where(
        RoadmapItem.review_item_id.in_(mine), RoadmapItem.progress == RoadmapProgress.PLANNED
    )
    assert session.scalar(planned) == count // 2
    audited = select(func.count(AuditEntry.id)).where(
        AuditEntry.account_id == by.account_id, AuditEntry.action.in_(["decide", "edit_roadmap"])
    )
    assert session.scalar(audited) == count + count // 2
    return checking, saving


@pytest.mark.parametrize("answering", [answered_together, imported])
def test_many_take_as_many_statements_as_few(
    session: Session, person: Callable[[int], Actor], answering: Callable[[Session, Actor, int], tuple[int, int]]
) -> None:
    few = answering(session, person(FEW), FEW)
    many = answering(session, person(MANY), MANY)
    assert all(after - before <= SLACK for before, after in zip(few, many, strict=True))


@pytest.mark.parametrize("answering", [answered_together, imported])
def test_what_does_not_fit_into_one_statement_is_saved_all_the_same(
    session: Session,
    person: Callable[[int], Actor],
    answering: Callable[[Session, Actor, int], tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("models.operations.review_items.PORTION", 7)
    answering(session, person(FEW), FEW)


def _filled_in(rows: list[AnswerSheetRow]) -> bytes:
    """Every other row 該当 with a plan, the rest 非該当."""
    sheet = FilledIn(answer_workbook(rows, title="回答", for_whom="課", made_at=NOW))
    for place, _ in enumerate(rows):
        if place % 2:
            sheet.fill(FIRST + place, 該非="非該当", 理由="罰則")
        else:
            sheet.fill(FIRST + place, 該非="該当", 実施状況="実施予定")
    return sheet.saved()
