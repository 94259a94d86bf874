"""Save what a division plans for one regulation."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from sqlalchemy.orm import Session

from models.operations.audit import record
from models.operations.errors import InvalidRoadmapError, NoSuchItemError, StaleItemError
from models.operations.review_items import item_for_answer
from models.review import Decision, RoadmapItem
from regulations.review import Actor, Applicability
from regulations.roadmap import RoadmapEntry, faults

__all__ = ["InvalidRoadmapError", "NoSuchItemError", "StaleItemError", "edit_roadmap"]


def edit_roadmap(
    session: Session,
    *,
    actor: Actor,
    item_id: int,
    expected_version: int,
    entry: RoadmapEntry,
    now: dt.datetime,
) -> int:
    """Save the entry; returns the row's new version. The same entry again changes nothing.

    `expected_version` is the `row_version` of the roadmap row. Raises NoSuchItemError where the
    item is not 該当, NotPermittedError, StaleItemError and InvalidRoadmapError.
    """
    item = item_for_answer(session, actor=actor, item_id=item_id, action="edit_roadmap")
    plan = session.get(RoadmapItem, item_id, with_for_update=True, populate_existing=True)
    if plan is None or item.applicability is not Applicability.APPLICABLE or item.current_decision_id is None:
        raise NoSuchItemError(f"roadmap item {item_id}")
    if plan.row_version != expected_version:
        raise StaleItemError(item_id, plan.row_version)
    decision = session.get_one(Decision, item.current_decision_id)
    if found := faults(entry, current_phase=decision.phase):
        raise InvalidRoadmapError(found)
    changed = {}
    for name, value in asdict(entry).items():
        if (before := getattr(plan, name)) != value:
            setattr(plan, name, value)
            changed[name] = [before, value]
    if not changed:
        return plan.row_version
    session.flush()
    record(
        session,
        actor_id=actor.account_id,
        action="edit_roadmap",
        target_type="review_item",
        target_id=item_id,
        detail=changed,
        now=now,
    )
    return plan.row_version
