"""Say that candidates are another division's (所管外), and decide for good whose they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.legislation import Instrument, Provision
from models.operations.audit import record
from models.operations.dates import japan_date
from models.operations.errors import HandoverError, HandoverFault, NoSuchItemError, StaleItemError
from models.operations.inquiry_steps import send_back_submitted
from models.operations.ownership import hand_item_over
from models.operations.review_items import check_not_submitted, item_for_answer
from models.organisation import Division
from models.review import Handover, ReviewItem
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
    made = []
    for item_id in sorted(items):  # in the order of ids, so that two such steps never wait for each other
        item = item_for_answer(session, actor=actor, item_id=item_id, action="hand_over", may_act=may_hand_over)
        if item.row_version != items[item_id]:
            raise StaleItemError(item.id, item.row_version)
        reason = _checked(session, reason=reason, to_division_id=to_division_id, now=now)
        _check_movable(session, actor=actor, item=item, to_division_id=to_division_id)
        check_not_submitted(session, items=[item])
        made.append(_hand_over(session, actor=actor, item=item, to_division_id=to_division_id, reason=reason, now=now))
    return tuple(made)


def _hand_over(
    session: Session, *, actor: Actor, item: ReviewItem, to_division_id: int | None, reason: str, now: dt.datetime
) -> int:
    before = item.division_id
    session.execute(
        update(Handover)
        .where(Handover.review_item_id == item.id, Handover.state.in_(_UNDER_WAY))
        .values(state=HandoverState.SENT_ON)
    )
    handover = Handover(
        review_item_id=item.id,
        from_division_id=before or actor.division_id,
        to_division_id=to_division_id,
        reason=reason,
        requested_by_id=actor.account_id,
        requested_at=now,
        state=HandoverState.OPEN,
    )
    session.add(handover)
    session.flush()
    if to_division_id is not None:
        hand_item_over(session, item=item, division_id=to_division_id, lead_id=_lead(session, item))
    record(
        session,
        actor_id=actor.account_id,
        action="hand_over",
        target_type="review_item",
        target_id=item.id,
        detail={"handover": handover.id, "before": before, "after": to_division_id, "reason": reason},
        now=now,
    )
    if to_division_id is not None:
        send_back_submitted(session, actor=actor, items=[item], reason=reason, now=now)
    return handover.id


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
    _check_division(session, division_id, now=now)
    before, asked = item.division_id, handover.to_division_id
    note = note.strip()
    handover.state, handover.to_division_id = HandoverState.SETTLED, division_id
    handover.settled_by_id, handover.settled_at, handover.settled_note = actor.account_id, now, note
    hand_item_over(session, item=item, division_id=division_id, lead_id=_lead(session, item))
    record(
        session,
        actor_id=actor.account_id,
        action="settle_handover",
        target_type="review_item",
        target_id=item.id,
        detail={"handover": handover.id, "asked": asked, "before": before, "after": division_id, "note": note},
        now=now,
    )
    if before != division_id and item.status in OPEN_STATUSES:
        send_back_submitted(session, actor=actor, items=[item], reason=note or handover.reason, now=now)


def _checked(session: Session, *, reason: str, to_division_id: int | None, now: dt.datetime) -> str:
    reason = reason.strip()
    if not reason:
        raise HandoverError(HandoverFault.REASON_REQUIRED)
    if to_division_id is not None:
        _check_division(session, to_division_id, now=now)
    return reason


def _check_division(session: Session, division_id: int, *, now: dt.datetime) -> None:
    division = session.get(Division, division_id)
    if division is None or not division.in_force(japan_date(now)):
        raise HandoverError(HandoverFault.NO_SUCH_DIVISION)


def _check_movable(session: Session, *, actor: Actor, item: ReviewItem, to_division_id: int | None) -> None:
    if item.status not in OPEN_STATUSES:
        raise HandoverError(HandoverFault.NOT_OPEN)
    if to_division_id is not None and to_division_id in {item.division_id, actor.division_id}:
        raise HandoverError(HandoverFault.SAME_DIVISION)
    last = session.scalar(
        select(Handover).where(Handover.review_item_id == item.id).order_by(Handover.id.desc()).limit(1)
    )
    # What was settled holds for the division it was settled on, not for one that has taken the instrument over.
    if last is not None and last.state is HandoverState.SETTLED and last.to_division_id == item.division_id:
        raise HandoverError(HandoverFault.SETTLED)


def _lead(session: Session, item: ReviewItem) -> int | None:
    return session.scalar(
        select(Instrument.owner_id)
        .join(Provision, Provision.instrument_id == Instrument.id)
        .where(Provision.id == item.provision_id)
    )
