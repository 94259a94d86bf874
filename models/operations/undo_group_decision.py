"""Take one answer for several candidates back, 所管外 among the answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from models.operations.audit import record, record_each
from models.operations.decide_group import TouchedItem, touched
from models.operations.errors import HandoverError, HandoverFault, NoSuchItemError
from models.operations.hand_over import check_division, last_requests
from models.operations.ownership import leads_of, place_item
from models.operations.resume_answers import lock_answers, resume_answers
from models.operations.review_items import (
    check_not_submitted,
    items_for_answer,
    portions,
    submitted_among,
    update_each,
)
from models.review import Decision, GroupDecision, Handover, ReviewItem
from regulations.inquiry import Arrival
from regulations.review import Actor, HandoverState, Owner, may_hand_over


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoneGroup:
    """What `undo_group_decision` did; `kept` are items that somebody has answered since, left as they are.

    `is_handover` says that the answer taken back was 所管外; then `kept` are those that the other division acted on.
    """

    items: tuple[TouchedItem, ...]
    kept: tuple[int, ...]
    is_handover: bool = False


class AlreadyUndoneError(Exception):
    """The group decision has been taken back already."""


def undo_group_decision(session: Session, *, actor: Actor, group_decision_id: int, now: dt.datetime) -> UndoneGroup:
    """Take a group decision back: each item stands again where it stood before, 未確認 or with its earlier answer.

    No decision is deleted: the group's stay in the history, marked as undone by their step, and
    the item points at the one before. What somebody has answered since is kept. A plan that an item got
    stays too, out of sight unless the item becomes 該当 again. Where the answer was 所管外, the candidates come
    back from the other division (see `_take_handovers_back`). Raises NoSuchItemError,
    NotPermittedError (for any one item: all or nothing), AlreadyUndoneError, HandoverError, and InvalidAnswerError
    where one of the answers has been handed in to a running inquiry.
    """
    step = session.get(GroupDecision, group_decision_id, with_for_update=True, populate_existing=True)
    if step is None:
        raise NoSuchItemError(f"group decision {group_decision_id}")
    if step.undone_at is not None:
        raise AlreadyUndoneError
    is_handover = session.scalar(select(Handover.id).where(Handover.group_decision_id == step.id).limit(1)) is not None
    if is_handover:
        changed, kept = _take_handovers_back(session, actor=actor, group_decision_id=step.id, now=now)
    else:
        changed, kept = _take_answers_back(session, actor=actor, group_decision_id=step.id, now=now)
    step.undone_by_id, step.undone_at = actor.account_id, now
    record(
        session,
        actor_id=actor.account_id,
        action="undo_group_decision",
        target_type="group_decision",
        target_id=step.id,
        detail={"items": [item.id for item in changed], "kept": kept},
        now=now,
    )
    return UndoneGroup(items=tuple(map(touched, changed)), kept=tuple(kept), is_handover=is_handover)


def _take_answers_back(
    session: Session, *, actor: Actor, group_decision_id: int, now: dt.datetime
) -> tuple[list[ReviewItem], list[int]]:
    """The items that stand again where they stood, and the ids of those that were answered since."""
    of_step = select(Decision).where(Decision.group_decision_id == group_decision_id)
    decisions = {decision.review_item_id: decision for decision in session.scalars(of_step)}
    items = items_for_answer(session, actor=actor, item_ids=decisions, action="undo_group_decision")
    standing = [item for item in items if item.current_decision_id == decisions[item.id].id]
    check_not_submitted(session, items=standing)
    before = _decisions_before(session, group_decision_id)
    changes = {
        item.id: {
            "current_decision_id": earlier.id if earlier else None,
            "applicability": earlier.applicability if earlier else None,
            "decided_text_hash": earlier.text_hash if earlier else None,
        }
        for item in standing
        for earlier in [before.get(item.id)]
    }
    update_each(session, ReviewItem, changes)
    record_each(
        session,
        actor_id=actor.account_id,
        action="undo_group_decision",
        target_type="review_item",
        details={
            item.id: {
                "undone": decisions[item.id].id,
                "decision": item.current_decision_id,
                "after": item.applicability,
            }
            for item in standing
        },
        now=now,
    )
    return standing, [item.id for item in items if item not in standing]


def _decisions_before(session: Session, group_decision_id: int) -> dict[int, Decision]:
    """For each item of the step the answer before it, leaving out those of steps that were taken back themselves."""
    of_step = aliased(Decision)
    last = (
        select(func.max(Decision.id))
        .join(of_step, and_(of_step.review_item_id == Decision.review_item_id, of_step.id > Decision.id))
        .outerjoin(GroupDecision, GroupDecision.id == Decision.group_decision_id)
        .where(of_step.group_decision_id == group_decision_id, GroupDecision.undone_at.is_(None))
        .group_by(Decision.review_item_id)
    )
    return {
        decision.review_item_id: decision for decision in session.scalars(select(Decision).where(Decision.id.in_(last)))
    }


def _take_handovers_back(
    session: Session, *, actor: Actor, group_decision_id: int, now: dt.datetime
) -> tuple[list[ReviewItem], list[int]]:
    """Bring back what one step of `hand_over_many` handed over; the candidates, and the ids of those that stay.

    Those stay that the other division, or the coordinator, has acted on: answered, handed on, settled, moved with
    the whole instrument, or handed in to a running inquiry. The others wait for the division they came from again,
    with the request of before where there was one. Raises NotPermittedError where the actor could not have handed
    them over, and HandoverError: ACTED_ON where all of them stay, NO_SUCH_DIVISION where the division they came from
    has ended.
    """
    step = Handover.group_decision_id == group_decision_id
    sent = session.execute(select(Handover.review_item_id, Handover.from_division_id).where(step))
    came_from = dict(sent.tuples().all())
    places: dict[int, int | None] = {}

    def back(item: ReviewItem, owner: Owner) -> int | None:
        # Where nobody led the instrument, one of its joint owners stands for them as who handed it over.
        home = owner.joint if owner.division_id is None else {owner.division_id}
        places[item.id] = None if came_from[item.id] in home else came_from[item.id]
        return places[item.id]

    items = items_for_answer(
        session, actor=actor, item_ids=came_from, action="undo_group_decision", may_act=may_hand_over, handed_to=back
    )
    handovers = {
        row.review_item_id: row
        for row in session.scalars(
            select(Handover)
            .where(step)
            .order_by(Handover.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    lock_answers(session, {item.division_id for item in items} | set(came_from.values()))
    submitted = submitted_among(session, items=items)
    stay = [item.id for item in items if _was_acted_on(item, handovers[item.id]) or item.id in submitted]
    returning = [item for item in items if item.id not in stay]
    if not returning:
        raise HandoverError(HandoverFault.ACTED_ON)
    for division_id in sorted({came_from[item.id] for item in returning}):
        check_division(session, division_id, now=now)
    before = {item.id: item.division_id for item in returning}
    leads = leads_of(session, provision_ids={item.provision_id for item in returning})
    for item in returning:
        handovers[item.id].state = HandoverState.TAKEN_BACK
        lead_id = leads[item.provision_id]
        place_item(item, division_id=places[item.id] or lead_id, lead_id=lead_id)
    _resume_earlier(session, [handovers[item.id] for item in returning])
    session.flush()
    record_each(
        session,
        actor_id=actor.account_id,
        action="take_back_handover",
        target_type="review_item",
        details={
            item.id: {"handover": handovers[item.id].id, "before": before[item.id], "after": item.division_id}
            for item in returning
        },
        now=now,
    )
    resume_answers(
        session,
        arrival=Arrival.TAKEN_BACK,
        actor_id=actor.account_id,
        division_ids={item.division_id for item in returning},
        moved=ReviewItem.id.in_(before),
        now=now,
    )
    return returning, stay


def _was_acted_on(item: ReviewItem, handover: Handover) -> bool:
    # To nobody: it stayed where it was, unless the coordinator has found out whose the whole instrument is.
    has_moved = handover.to_division_id is None and item.division_id not in {None, handover.from_division_id}
    return has_moved or handover.state is not HandoverState.OPEN


def _resume_earlier(session: Session, taken_back: Sequence[Handover]) -> None:
    """The request before each, which it had sent on, is under way again."""
    for chunk in portions(taken_back):
        last = last_requests([handover.review_item_id for handover in chunk])
        for earlier in session.scalars(select(Handover).where(Handover.id.in_(last))):
            if earlier.state is HandoverState.SENT_ON:
                is_received = earlier.settled_at is not None
                earlier.state = HandoverState.RECEIVED if is_received else HandoverState.OPEN
