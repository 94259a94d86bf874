"""Say that candidates are another division's (所管外), and decide for good whose they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from models.operations.audit import record, record_each
from models.operations.dates import japan_date
from models.operations.errors import HandoverError, HandoverFault, NoSuchItemError, StaleItemError
from models.operations.ownership import leads_of, place_item
from models.operations.resume_answers import lock_answers, resume_answers
from models.operations.review_items import (
    check_not_submitted,
    items_for_answer,
    portions,
)
from models.organisation import Division
from models.review import GroupDecision, Handover, ReviewItem
from regulations.inquiry import Arrival
from regulations.review import (
    OPEN_STATUSES,
    Actor,
    HandoverState,
    NotPermittedError,
    may_hand_over,
    may_settle_handover,
)

_UNDER_WAY = (HandoverState.OPEN, HandoverState.RECEIVED)


def hand_over(
    session: Session,
    *,
    actor: Actor,
    items: Mapping[int, int],
    to_division_id: int | None,
    reason: str,
    now: dt.datetime,
) -> tuple[int, ...]:
    """Hand open candidates to a division; returns the handovers' ids in the order of the candidates' ids.

    `items` maps each candidate to the `row_version` it was shown with. They move at once; with
    `to_division_id` None (whose they are is not known) they stay until the coordinator decides. Where
    the receiving division has handed its answer to a running inquiry in, that goes back to it. All or
    nothing: raises NoSuchItemError, NotPermittedError, StaleItemError, HandoverError, and
    InvalidAnswerError for what the actor's division has handed in itself.
    """
    reason = _checked(session, reason=reason, to_division_id=to_division_id, now=now)
    found = items_for_answer(session, actor=actor, item_ids=items, action="hand_over", may_act=may_hand_over)
    for item in found:
        if item.row_version != items[item.id]:
            raise StaleItemError(item.id, item.row_version)
    _check_movable(session, actor=actor, items=found, to_division_id=to_division_id)
    if to_division_id is not None:
        lock_answers(session, {item.division_id for item in found} | {to_division_id})
    check_not_submitted(session, items=found)
    return _hand_over(session, actor=actor, items=found, to_division_id=to_division_id, reason=reason, now=now)


def hand_over_many(
    session: Session,
    *,
    actor: Actor,
    items: Mapping[int, int],
    to_division_id: int | None,
    reason: str,
    now: dt.datetime,
) -> int:
    """The same as one step, which `undo_group_decision` takes back; returns the step's id. Raises as `hand_over`."""
    step = GroupDecision(group_key="", category="", account_id=actor.account_id, decided_at=now)
    session.add(step)
    session.flush()
    made = hand_over(session, actor=actor, items=items, to_division_id=to_division_id, reason=reason, now=now)
    for ids in portions(made):
        session.execute(update(Handover).where(Handover.id.in_(ids)).values(group_decision_id=step.id))
    return step.id


def _hand_over(
    session: Session,
    *,
    actor: Actor,
    items: Sequence[ReviewItem],
    to_division_id: int | None,
    reason: str,
    now: dt.datetime,
) -> tuple[int, ...]:
    for ids in portions(item.id for item in items):
        session.execute(
            update(Handover)
            .where(Handover.review_item_id.in_(ids), Handover.state.in_(_UNDER_WAY))
            .values(state=HandoverState.SENT_ON)
        )
    before = {item.id: item.division_id for item in items}
    made = [
        Handover(
            review_item_id=item.id,
            from_division_id=item.division_id or actor.division_id,
            to_division_id=to_division_id,
            reason=reason,
            requested_by_id=actor.account_id,
            requested_at=now,
            state=HandoverState.OPEN,
        )
        for item in items
    ]
    session.add_all(made)
    session.flush()
    if to_division_id is not None:
        leads = leads_of(session, provision_ids={item.provision_id for item in items})
        for item in items:
            place_item(item, division_id=to_division_id, lead_id=leads[item.provision_id])
        session.flush()
    record_each(
        session,
        actor_id=actor.account_id,
        action="hand_over",
        target_type="review_item",
        details={
            handover.review_item_id: {
                "handover": handover.id,
                "before": before[handover.review_item_id],
                "after": to_division_id,
                "reason": reason,
            }
            for handover in made
        },
        now=now,
    )
    if to_division_id is not None:
        resume_answers(
            session,
            arrival=Arrival.HANDOVER,
            actor_id=actor.account_id,
            division_ids=[to_division_id],
            moved=ReviewItem.id.in_(before),
            note=reason,
            now=now,
        )
    return tuple(handover.id for handover in made)


def last_requests(item_ids: Collection[int]) -> Select[tuple[int]]:
    """The id of each candidate's last request that was not taken back."""
    return (
        select(func.max(Handover.id))
        .where(Handover.review_item_id.in_(item_ids), Handover.state != HandoverState.TAKEN_BACK)
        .group_by(Handover.review_item_id)
    )


def settle_handover(
    session: Session, *, actor: Actor, handover_id: int, division_id: int, note: str, now: dt.datetime
) -> None:
    """Decide for good which division answers for a candidate; it cannot be handed on after that.

    The handover then names that division. Raises NotPermittedError, NoSuchItemError, and
    HandoverError: NO_SUCH_DIVISION, SETTLED already, or NOT_OPEN where it has been received or sent on.
    """
    if not may_settle_handover(actor):
        raise NotPermittedError(actor, "settle_handover")
    item_id = session.scalar(select(Handover.review_item_id).where(Handover.id == handover_id))
    if item_id is None:
        raise NoSuchItemError(f"handover {handover_id}")
    item = session.get_one(ReviewItem, item_id, with_for_update=True, populate_existing=True)
    handover = session.get_one(Handover, handover_id, with_for_update=True, populate_existing=True)
    if handover.state is HandoverState.SETTLED:
        raise HandoverError(HandoverFault.SETTLED)
    if handover.state is not HandoverState.OPEN:
        raise HandoverError(HandoverFault.NOT_OPEN)
    check_division(session, division_id, now=now)
    before, asked = item.division_id, handover.to_division_id
    note = note.strip()
    handover.state, handover.to_division_id = HandoverState.SETTLED, division_id
    handover.settled_by_id, handover.settled_at, handover.settled_note = actor.account_id, now, note
    leads = leads_of(session, provision_ids=[item.provision_id])
    place_item(item, division_id=division_id, lead_id=leads[item.provision_id])
    session.flush()
    record(
        session,
        actor_id=actor.account_id,
        action="settle_handover",
        target_type="review_item",
        target_id=item.id,
        detail={"handover": handover.id, "asked": asked, "before": before, "after": division_id, "note": note},
        now=now,
    )
    if before != division_id:
        resume_answers(
            session,
            arrival=Arrival.SETTLEMENT,
            actor_id=actor.account_id,
            division_ids=[division_id],
            moved=ReviewItem.id == item.id,
            note=note or handover.reason,
            now=now,
        )


def _checked(session: Session, *, reason: str, to_division_id: int | None, now: dt.datetime) -> str:
    reason = reason.strip()
    if not reason:
        raise HandoverError(HandoverFault.REASON_REQUIRED)
    if to_division_id is not None:
        check_division(session, to_division_id, now=now)
    return reason


def check_division(session: Session, division_id: int, *, now: dt.datetime) -> None:
    division = session.get(Division, division_id)
    if division is None or not division.in_force(japan_date(now)):
        raise HandoverError(HandoverFault.NO_SUCH_DIVISION)


def _check_movable(session: Session, *, actor: Actor, items: Sequence[ReviewItem], to_division_id: int | None) -> None:
    for item in items:
        if item.status not in OPEN_STATUSES:
            raise HandoverError(HandoverFault.NOT_OPEN)
        if to_division_id is not None and to_division_id in {item.division_id, actor.division_id}:
            raise HandoverError(HandoverFault.SAME_DIVISION)
    for chunk in portions(items):
        settled = session.execute(
            select(Handover.review_item_id, Handover.to_division_id).where(
                Handover.id.in_(last_requests([item.id for item in chunk])), Handover.state == HandoverState.SETTLED
            )
        )
        on = dict(settled.tuples().all())
        # What was settled holds for the division it was settled on, not for one that has taken the instrument over.
        if any(item.id in on and on[item.id] == item.division_id for item in chunk):
            raise HandoverError(HandoverFault.SETTLED)
