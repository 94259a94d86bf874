"""One answer for similar provisions, or for any that were selected, in one step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.legislation import Provision, ProvisionVersion
from models.operations.audit import record
from models.operations.decide import ItemAnswer, save_answers
from models.operations.review_items import check_not_submitted, item_for_answer, items_to_decide, portions
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


class NotOneGroupError(ValueError):
    """These items are not similar to the subject, or wait for no answer. Carries their ids."""

    def __init__(self, item_ids: tuple[int, ...]) -> None:
        super().__init__(f"not open items of one group: {item_ids}")
        self.item_ids = item_ids


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
    locked = items_to_decide(session, actor=actor, item_ids=items, action="decide_group")
    check_not_submitted(session, items=locked)
    answers = [
        (
            item,
            ItemAnswer(
                expected_version=items[item.id],
                applicability=applicability,
                reason_code=reason_code,
                category=category,
                regulation_type=regulation_type,
                phase=phase,
                basis=basis or shown[item.id].basis,
                note=note,
            ),
        )
        for item in locked
    ]
    save_answers(session, account_id=actor.account_id, answers=answers, group_decision_id=step.id, now=now)
    record(
        session,
        actor_id=actor.account_id,
        action="decide_group",
        target_type="group_decision",
        target_id=step.id,
        detail={"items": sorted(items), "applicability": applicability},
        now=now,
    )
    return GroupAnswer(group_decision_id=step.id, items=tuple(map(touched, locked)))


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
    locked = items_to_decide(session, actor=actor, item_ids=items, action="decide_many")
    closed = tuple(item.id for item in locked if item.status not in OPEN_STATUSES)
    if closed or not items:
        raise NotOneGroupError(closed)
    check_not_submitted(session, items=locked)
    step = GroupDecision(group_key="", category="", account_id=actor.account_id, decided_at=now)
    session.add(step)
    session.flush()
    terms = _terms(session, items)
    answers = [
        (
            item,
            ItemAnswer(
                expected_version=items[item.id],
                applicability=applicability,
                reason_code=reason_code,
                note=note,
                **terms[item.id],
            ),
        )
        for item in locked
    ]
    save_answers(session, account_id=actor.account_id, answers=answers, group_decision_id=step.id, now=now)
    record(
        session,
        actor_id=actor.account_id,
        action="decide_many",
        target_type="group_decision",
        target_id=step.id,
        detail={"items": sorted(items), "applicability": applicability},
        now=now,
    )
    return GroupAnswer(group_decision_id=step.id, items=tuple(map(touched, locked)))


class _Terms(TypedDict):
    category: str
    regulation_type: int
    phase: int
    basis: LegalBasis


def _terms(session: Session, item_ids: Collection[int]) -> dict[int, _Terms]:
    """What each item is taken for: by its latest decision, else by its proposal."""
    found = {}
    for ids in portions(item_ids):
        rows = session.execute(
            select(ReviewItem.id, Decision, Candidate)
            .outerjoin(Decision, Decision.id == ReviewItem.current_decision_id)
            .outerjoin(Candidate, Candidate.id == ReviewItem.current_candidate_id)
            .where(ReviewItem.id.in_(ids))
        )
        for item_id, decision, candidate in rows:
            if (stated := decision or candidate) is not None:
                found[item_id] = _Terms(
                    category=stated.category,
                    regulation_type=stated.regulation_type,
                    phase=stated.phase,
                    basis=stated.basis,
                )
    return found


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


def touched(item: ReviewItem) -> TouchedItem:
    """The item as it stands."""
    return TouchedItem(item_id=item.id, row_version=item.row_version, decision_id=item.current_decision_id)
