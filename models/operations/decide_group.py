"""One answer for similar provisions, or for any that were selected, in one step, and one step to take it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.legislation import Provision, ProvisionVersion
from models.operations.audit import record
from models.operations.decide import save_answer
from models.operations.errors import NoSuchItemError
from models.operations.review_items import check_not_submitted, item_for_answer
from models.queries.similar import similar_items
from models.review import Candidate, Decision, GroupDecision, ReviewItem
from regulations.review import OPEN_STATUSES, Actor, Applicability, NonApplicableReason
from regulations.taxonomy import LegalBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedItem:
    """An item that a step has changed, as it stands after it; `decision_id` is None where no answer is left."""

    item_id: int
    row_version: int
    decision_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAnswer:
    """What `decide_group` or `decide_many` did: the id to take it back with, and every item it changed."""

    group_decision_id: int
    items: tuple[TouchedItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoneGroup:
    """What `undo_group_decision` did; `kept` are items that somebody has answered since, left as they are."""

    items: tuple[TouchedItem, ...]
    kept: tuple[int, ...]


class NotOneGroupError(ValueError):
    """These items are not similar to the subject, or wait for no answer. Carries their ids."""

    def __init__(self, item_ids: tuple[int, ...]) -> None:
        super().__init__(f"not open items of one group: {item_ids}")
        self.item_ids = item_ids


class AlreadyUndoneError(Exception):
    """The group decision has been taken back already."""


def decide_group(
    session: Session,
    *,
    actor: Actor,
    item_id: int,
    items: Mapping[int, int],
    applicability: Applicability,
    reason_code: NonApplicableReason | None = None,
    category: str,
    regulation_type: int,
    phase: int,
    basis: LegalBasis | None = None,
    note: str = "",
    now: dt.datetime,
) -> GroupAnswer:
    """Give one answer to the item `item_id` and to others that `similar_items` shows with it.

    `items` maps each item to be answered to the `row_version` it was shown with, so that exactly
    what was seen is decided, and nothing that has come in since. `basis` None keeps each
    item's own: the same words may rest on a law here and on an ordinance there. All or
    nothing: raises NotOneGroupError, and all that `decide` raises.
    """
    item_for_answer(session, actor=actor, item_id=item_id, action="decide_group", lock=False)
    shown = {row.item_id: row for row in similar_items(session, actor=actor, item_id=item_id)}
    strange = tuple(sorted(other for other in items if other not in shown or not shown[other].is_open))
    if strange or not items:
        raise NotOneGroupError(strange)
    step = GroupDecision(
        group_key=_group_key(session, item_id), category=category, account_id=actor.account_id, decided_at=now
    )
    session.add(step)
    session.flush()
    # In the order of ids, so that two such steps never wait for each other.
    locked = [item_for_answer(session, actor=actor, item_id=other, action="decide_group") for other in sorted(items)]
    check_not_submitted(session, items=locked)
    touched = []
    for item in locked:
        decision_id = save_answer(
            session,
            account_id=actor.account_id,
            item=item,
            expected_version=items[item.id],
            applicability=applicability,
            reason_code=reason_code,
            category=category,
            regulation_type=regulation_type,
            phase=phase,
            basis=basis or shown[item.id].basis,
            note=note,
            now=now,
        )
        session.get_one(Decision, decision_id).group_decision_id = step.id
        touched.append(_touched(item))
    record(
        session,
        actor_id=actor.account_id,
        action="decide_group",
        target_type="group_decision",
        target_id=step.id,
        detail={"items": sorted(items), "applicability": applicability},
        now=now,
    )
    return GroupAnswer(group_decision_id=step.id, items=tuple(touched))


def decide_many(
    session: Session,
    *,
    actor: Actor,
    items: Mapping[int, int],
    applicability: Applicability,
    reason_code: NonApplicableReason | None = None,
    note: str = "",
    now: dt.datetime,
) -> GroupAnswer:
    """Give one answer to any open items, each of which keeps its own category, type, PHASE and basis.

    They are those of the item's latest decision, or of its proposal. `items` maps each to the
    `row_version` it was shown with. All or nothing: raises NotOneGroupError for items that wait for
    no answer (or where there are none at all), and all that `decide` raises.
    """
    locked = [item_for_answer(session, actor=actor, item_id=item_id, action="decide_many") for item_id in sorted(items)]
    closed = tuple(item.id for item in locked if item.status not in OPEN_STATUSES)
    if closed or not items:
        raise NotOneGroupError(closed)
    check_not_submitted(session, items=locked)
    step = GroupDecision(group_key="", category="", account_id=actor.account_id, decided_at=now)
    session.add(step)
    session.flush()
    terms = _terms(session, items)
    touched = []
    for item in locked:
        decision_id = save_answer(
            session,
            account_id=actor.account_id,
            item=item,
            expected_version=items[item.id],
            applicability=applicability,
            reason_code=reason_code,
            note=note,
            now=now,
            **terms[item.id],
        )
        session.get_one(Decision, decision_id).group_decision_id = step.id
        touched.append(_touched(item))
    record(
        session,
        actor_id=actor.account_id,
        action="decide_many",
        target_type="group_decision",
        target_id=step.id,
        detail={"items": sorted(items), "applicability": applicability},
        now=now,
    )
    return GroupAnswer(group_decision_id=step.id, items=tuple(touched))


class _Terms(TypedDict):
    category: str
    regulation_type: int
    phase: int
    basis: LegalBasis


def _terms(session: Session, item_ids: Collection[int]) -> dict[int, _Terms]:
    """What each item is taken for: by its latest decision, else by its proposal."""
    rows = session.execute(
        select(ReviewItem.id, Decision, Candidate)
        .outerjoin(Decision, Decision.id == ReviewItem.current_decision_id)
        .outerjoin(Candidate, Candidate.id == ReviewItem.current_candidate_id)
        .where(ReviewItem.id.in_(item_ids))
    )
    return {
        item_id: _Terms(
            category=stated.category, regulation_type=stated.regulation_type, phase=stated.phase, basis=stated.basis
        )
        for item_id, decision, candidate in rows
        if (stated := decision or candidate) is not None
    }


def undo_group_decision(session: Session, *, actor: Actor, group_decision_id: int, now: dt.datetime) -> UndoneGroup:
    """Take a group decision back: each item stands again where it stood before, 未確認 or with its earlier answer.

    No decision is deleted: the group's stay in the history, marked as undone by their step, and
    the item points at the one before. What somebody has answered since is kept. A plan that an item got
    stays too, out of sight unless the item becomes 該当 again. Raises NoSuchItemError,
    NotPermittedError (for any one item: all or nothing), AlreadyUndoneError, and InvalidAnswerError
    where one of the answers has been handed in to a running inquiry.
    """
    step = session.get(GroupDecision, group_decision_id, with_for_update=True, populate_existing=True)
    if step is None:
        raise NoSuchItemError(f"group decision {group_decision_id}")
    if step.undone_at is not None:
        raise AlreadyUndoneError
    decisions = session.scalars(
        select(Decision).where(Decision.group_decision_id == step.id).order_by(Decision.review_item_id)
    ).all()
    touched, kept = [], []
    for decision in decisions:
        item = item_for_answer(session, actor=actor, item_id=decision.review_item_id, action="undo_group_decision")
        if item.current_decision_id != decision.id:
            kept.append(item.id)
            continue
        check_not_submitted(session, items=[item])
        before = _decision_before(session, decision)
        item.current_decision_id = before.id if before else None
        item.applicability = before.applicability if before else None
        item.decided_text_hash = before.text_hash if before else None
        session.flush()
        touched.append(_touched(item))
        record(
            session,
            actor_id=actor.account_id,
            action="undo_group_decision",
            target_type="review_item",
            target_id=item.id,
            detail={"undone": decision.id, "decision": item.current_decision_id, "after": item.applicability},
            now=now,
        )
    step.undone_by_id, step.undone_at = actor.account_id, now
    record(
        session,
        actor_id=actor.account_id,
        action="undo_group_decision",
        target_type="group_decision",
        target_id=step.id,
        detail={"items": [item.item_id for item in touched], "kept": kept},
        now=now,
    )
    return UndoneGroup(items=tuple(touched), kept=tuple(kept))


def _decision_before(session: Session, decision: Decision) -> Decision | None:
    """The answer that stood before, leaving out those of steps that were taken back themselves."""
    return session.scalar(
        select(Decision)
        .outerjoin(GroupDecision, GroupDecision.id == Decision.group_decision_id)
        .where(
            Decision.review_item_id == decision.review_item_id,
            Decision.id < decision.id,
            GroupDecision.undone_at.is_(None),
        )
        .order_by(Decision.id.desc())
        .limit(1)
    )


def _group_key(session: Session, item_id: int) -> str:
    return (
        session.scalar(
            select(ProvisionVersion.group_key)
            .join(Provision, Provision.latest_version_id == ProvisionVersion.id)
            .join(ReviewItem, ReviewItem.provision_id == Provision.id)
            .where(ReviewItem.id == item_id)
        )
        or ""
    )


def _touched(item: ReviewItem) -> TouchedItem:
    return TouchedItem(item_id=item.id, row_version=item.row_version, decision_id=item.current_decision_id)
