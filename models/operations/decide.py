"""Answer a review item: 該当, 非該当 or 保留."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from models.operations.audit import record
from models.operations.errors import AnswerFault, InvalidAnswerError, NoSuchItemError, StaleItemError
from models.operations.review_items import check_not_submitted, item_for_answer
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
    item = item_for_answer(session, actor=actor, item_id=item_id, action="decide")
    check_not_submitted(session, items=[item])
    return save_answer(
        session,
        account_id=actor.account_id,
        item=item,
        expected_version=expected_version,
        applicability=applicability,
        reason_code=reason_code,
        category=category,
        regulation_type=regulation_type,
        phase=phase,
        basis=basis,
        note=note,
        now=now,
    )


def save_answer(
    session: Session,
    *,
    account_id: int,
    item: ReviewItem,
    expected_version: int,
    applicability: Applicability,
    reason_code: NonApplicableReason | None,
    category: str,
    regulation_type: int,
    phase: int,
    basis: LegalBasis,
    note: str,
    now: dt.datetime,
) -> int:
    """What `decide` does with an item from `item_for_answer` that `check_not_submitted` has let pass."""
    if item.row_version != expected_version:
        raise StaleItemError(item.id, item.row_version)
    check_terms(category=category, regulation_type=regulation_type, phase=phase)
    _check_reason(applicability, reason_code, note)
    if applicability is Applicability.APPLICABLE:
        _check_not_taken(session, item, category)
    before = item.applicability
    decision = Decision(
        review_item_id=item.id,
        account_id=account_id,
        decided_at=now,
        text_hash=item.current_text_hash,
        applicability=applicability,
        reason_code=reason_code,
        category=category,
        regulation_type=regulation_type,
        phase=phase,
        basis=basis,
        note=note.strip(),
    )
    session.add(decision)
    session.flush()
    item.current_decision_id = decision.id
    item.applicability, item.decided_text_hash = applicability, item.current_text_hash
    if applicability is Applicability.APPLICABLE and session.get(RoadmapItem, item.id) is None:
        session.add(RoadmapItem(review_item_id=item.id, progress=RoadmapProgress.UNDETERMINED, note=""))
    if applicability is Applicability.UNDECIDED and note.strip():
        session.add(Message(review_item_id=item.id, account_id=account_id, at=now, is_answer=False, text=note.strip()))
    session.execute(
        update(Handover)
        .where(
            Handover.review_item_id == item.id,
            # To nobody: who did not know whose it is has answered after all.
            or_(Handover.to_division_id == item.division_id, Handover.to_division_id.is_(None)),
            Handover.state == HandoverState.OPEN,
        )
        .values(state=HandoverState.RECEIVED, settled_by_id=account_id, settled_at=now)
    )
    record(
        session,
        actor_id=account_id,
        action="decide",
        target_type="review_item",
        target_id=item.id,
        detail={"before": before, "after": applicability, "reason": reason_code, "decision": decision.id},
        now=now,
    )
    return decision.id


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


def _check_not_taken(session: Session, item: ReviewItem, category: str) -> None:
    """One regulation must not stand in the roadmap twice because its category was corrected."""
    twin = session.scalar(
        select(ReviewItem.id)
        .join(Decision, Decision.id == ReviewItem.current_decision_id)
        .where(
            ReviewItem.provision_id == item.provision_id,
            ReviewItem.id != item.id,
            ReviewItem.applicability == Applicability.APPLICABLE,
            Decision.category == category,
        )
        .limit(1)
    )
    if twin is not None:
        raise InvalidAnswerError(AnswerFault.CATEGORY_TAKEN)
