"""Save what a division plans for one regulation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.operations.audit import record_each
from models.operations.errors import InvalidRoadmapError, NoSuchItemError, StaleItemError
from models.operations.review_items import item_for_answer, portions, update_each
from models.review import Decision, ReviewItem, RoadmapItem
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
    (plan,) = save_plans(session, account_id=actor.account_id, plans=[(item, expected_version, entry)], now=now)
    return plan.row_version


def save_plans(
    session: Session,
    *,
    account_id: int,
    plans: Sequence[tuple[ReviewItem, int | None, RoadmapEntry]],
    now: dt.datetime,
) -> list[RoadmapItem]:
    """What `edit_roadmap` does with items from `items_for_answer`, in a fixed number of statements.

    Each comes with the version that is expected; None where its row has just been made. The rows of the roadmap are
    in the order of `plans`.
    """
    rows: dict[int, RoadmapItem] = {}
    phases: dict[int, int] = {}
    for chunk in portions(item for item, _, _ in plans):
        of_these = select(RoadmapItem).where(RoadmapItem.review_item_id.in_([item.id for item in chunk]))
        locked = of_these.order_by(RoadmapItem.review_item_id).with_for_update()
        rows |= {row.review_item_id: row for row in session.scalars(locked.execution_options(populate_existing=True))}
        latest = [item.current_decision_id for item in chunk]
        phases |= dict(
            session.execute(select(Decision.id, Decision.phase).where(Decision.id.in_(latest))).tuples().all()
        )
    details: dict[int, dict[str, Any]] = {}
    changes: dict[int, dict[str, Any]] = {}
    for item, expected_version, entry in plans:
        row = rows.get(item.id)
        if row is None or item.applicability is not Applicability.APPLICABLE or item.current_decision_id is None:
            raise NoSuchItemError(f"roadmap item {item.id}")
        if expected_version is not None and row.row_version != expected_version:
            raise StaleItemError(item.id, row.row_version)
        if found := faults(entry, current_phase=phases[item.current_decision_id]):
            raise InvalidRoadmapError(found)
        wanted = asdict(entry)
        changed = {name: [before, value] for name, value in wanted.items() if (before := getattr(row, name)) != value}
        if changed:
            details[item.id], changes[item.id] = changed, wanted
    update_each(session, RoadmapItem, changes)
    record_each(
        session, actor_id=account_id, action="edit_roadmap", target_type="review_item", details=details, now=now
    )
    return [rows[item.id] for item, _, _ in plans]
