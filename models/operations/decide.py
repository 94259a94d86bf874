"""Answer a review item: 該当, 非該当 or 保留."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from models.operations.audit import record_each
from models.operations.errors import AnswerFault, InvalidAnswerError, NoSuchItemError, StaleItemError
from models.operations.review_items import check_not_submitted, items_to_decide, portions, update_each
from models.review import Decision, Handover, Message, ReviewItem, RoadmapItem
from regulations.review import Actor, Applicability, HandoverState, NonApplicableReason
from regulations.roadmap import RoadmapProgress
from regulations.taxonomy import LegalBasis, load_taxonomy

__all__ = ["AnswerFault", "InvalidAnswerError", "NoSuchItemError", "StaleItemError", "decide"]


def decide(
    session: Session,
    *,
    actor: Actor,
    item_id: int,
    expected_version: int,
    applicability: Applicability,
    reason_code: NonApplicableReason | None = None,
    category: str,
    regulation_type: int,
    phase: int,
    basis: LegalBasis,
    note: str = "",
    now: dt.datetime,
) -> int:
    """Save an answer on the text in force beside all earlier ones; returns the decision's id.

    Raises NoSuchItemError, NotPermittedError, StaleItemError where `expected_version` is not the
    item's `row_version`, and InvalidAnswerError. A first 該当 opens a row in the roadmap, a note on
    保留 is a question to the coordinator, and any answer receives a candidate that was handed over.
    """
    (item,) = items_to_decide(session, actor=actor, item_ids=[item_id], action="decide")
    check_not_submitted(session, items=[item])
    answer = ItemAnswer(
        expected_version=expected_version,
        applicability=applicability,
        reason_code=reason_code,
        category=category,
        regulation_type=regulation_type,
        phase=phase,
        basis=basis,
        note=note,
    )
    (decision,) = save_answers(session, account_id=actor.account_id, answers=[(item, answer)], now=now)
    return decision.id


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAnswer:
    """An answer as `decide` takes it."""

    expected_version: int
    applicability: Applicability
    reason_code: NonApplicableReason | None
    category: str
    regulation_type: int
    phase: int
    basis: LegalBasis
    note: str


def save_answers(
    session: Session,
    *,
    account_id: int,
    answers: Sequence[tuple[ReviewItem, ItemAnswer]],
    group_decision_id: int | None = None,
    now: dt.datetime,
) -> list[Decision]:
    """What `decide` does with items from `items_to_decide` that `check_not_submitted` has let pass.

    Each item comes once. The decisions stand in the order of `answers`. All or nothing, in a fixed number of
    statements.
    """
    for item, answer in answers:
        if item.row_version != answer.expected_version:
            raise StaleItemError(item.id, item.row_version)
        check_terms(category=answer.category, regulation_type=answer.regulation_type, phase=answer.phase)
        _check_reason(answer.applicability, answer.reason_code, answer.note)
    _check_not_taken(session, answers)
    rows = [
        {
            "review_item_id": item.id,
            "account_id": account_id,
            "decided_at": now,
            "text_hash": item.current_text_hash,
            "applicability": answer.applicability,
            "reason_code": answer.reason_code,
            "category": answer.category,
            "regulation_type": answer.regulation_type,
            "phase": answer.phase,
            "basis": answer.basis,
            "note": answer.note.strip(),
            "group_decision_id": group_decision_id,
        }
        for item, answer in answers
    ]
    # Without `render_nulls` a statement would end wherever reasons begin, or cease, to be given.
    one = insert(Decision).returning(Decision).execution_options(render_nulls=True)
    made = session.scalars(one, rows) if rows else ()
    decisions = {decision.review_item_id: decision for decision in made}
    details = {
        item.id: {
            "before": item.applicability,
            "after": answer.applicability,
            "reason": answer.reason_code,
            "decision": decisions[item.id].id,
        }
        for item, answer in answers
    }
    changes = {
        item.id: {
            "current_decision_id": decisions[item.id].id,
            "applicability": answer.applicability,
            "decided_text_hash": item.current_text_hash,
        }
        for item, answer in answers
    }
    update_each(session, ReviewItem, changes)
    _open_plans(session, [item.id for item, answer in answers if answer.applicability is Applicability.APPLICABLE])
    question = {"account_id": account_id, "at": now, "is_answer": False}
    messages = [
        {**question, "review_item_id": item.id, "text": answer.note.strip()}
        for item, answer in answers
        if answer.applicability is Applicability.UNDECIDED and answer.note.strip()
    ]
    if messages:
        session.execute(insert(Message), messages)
    _receive(session, list(details), account_id=account_id, now=now)
    record_each(session, actor_id=account_id, action="decide", target_type="review_item", details=details, now=now)
    return [decisions[item.id] for item, _ in answers]


def _open_plans(session: Session, item_ids: Collection[int]) -> None:
    """A row in the roadmap for each that has none yet."""
    for ids in portions(item_ids):
        there = set(session.scalars(select(RoadmapItem.review_item_id).where(RoadmapItem.review_item_id.in_(ids))))
        session.add_all(
            RoadmapItem(review_item_id=item_id, progress=RoadmapProgress.UNDETERMINED, note="")
            for item_id in ids
            if item_id not in there
        )


def _receive(session: Session, item_ids: Collection[int], *, account_id: int, now: dt.datetime) -> None:
    """What was handed over and is answered has been received."""
    answers_for = select(ReviewItem.division_id).where(ReviewItem.id == Handover.review_item_id).scalar_subquery()
    for ids in portions(item_ids):
        session.execute(
            update(Handover)
            .where(
                Handover.review_item_id.in_(ids),
                # To nobody: who did not know whose it is has answered after all.
                or_(Handover.to_division_id == answers_for, Handover.to_division_id.is_(None)),
                Handover.state == HandoverState.OPEN,
            )
            .values(state=HandoverState.RECEIVED, settled_by_id=account_id, settled_at=now)
            .execution_options(synchronize_session="fetch")
        )


def check_terms(*, category: str, regulation_type: int, phase: int) -> None:
    """Hold category, type and phase against the taxonomy. Raises InvalidAnswerError."""
    known = load_taxonomy().get(category)
    if known is None:
        raise InvalidAnswerError(AnswerFault.UNKNOWN_CATEGORY)
    if regulation_type not in known.types:
        raise InvalidAnswerError(AnswerFault.UNKNOWN_TYPE)
    if phase not in known.phases:
        raise InvalidAnswerError(AnswerFault.UNKNOWN_PHASE)


def _check_reason(applicability: Applicability, reason: NonApplicableReason | None, note: str) -> None:
    if applicability is not Applicability.NOT_APPLICABLE:
        if reason is not None:
            raise InvalidAnswerError(AnswerFault.REASON_NOT_ALLOWED)
        return
    if reason is None:
        raise InvalidAnswerError(AnswerFault.REASON_REQUIRED)
    if reason is NonApplicableReason.OTHER and not note.strip():
        raise InvalidAnswerError(AnswerFault.REASON_TEXT_REQUIRED)


def _check_not_taken(session: Session, answers: Sequence[tuple[ReviewItem, ItemAnswer]]) -> None:
    """One regulation must not stand in the roadmap twice because its category was corrected.

    Each answer is held against the others, and against what stands beside them all.
    """
    applicable = {item.provision_id for item, answer in answers if answer.applicability is Applicability.APPLICABLE}
    taken: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for ids in portions(applicable):
        rows = session.execute(
            select(ReviewItem.provision_id, ReviewItem.id, Decision.category)
            .join(Decision, Decision.id == ReviewItem.current_decision_id)
            .where(ReviewItem.provision_id.in_(ids), ReviewItem.applicability == Applicability.APPLICABLE)
        )
        for provision_id, item_id, category in rows:
            taken[provision_id][item_id] = category
    for item, _ in answers:
        taken[item.provision_id].pop(item.id, None)
    for item, answer in answers:
        of_provision = taken[item.provision_id]
        if answer.applicability is Applicability.APPLICABLE:
            if answer.category in of_provision.values():
                raise InvalidAnswerError(AnswerFault.CATEGORY_TAKEN)
            of_provision[item.id] = answer.category
