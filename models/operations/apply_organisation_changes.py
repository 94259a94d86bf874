"""Give what ended divisions own, hold and owe to their successors, on the day they end and not before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.inquiry import Inquiry, InquiryAnswer, InquiryEvent
from models.legislation import Instrument, InstrumentOwner, Provision
from models.operations.audit import record
from models.operations.dates import japan_date
from models.operations.ownership import place_item, set_joint, set_lead
from models.operations.resume_answers import resume_answers
from models.organisation import Division, heir_on
from models.review import Handover, ReviewItem
from regulations.inquiry import AnswerState, Arrival, InquiryState
from regulations.review import HandoverState


def apply_organisation_changes(session: Session, *, actor_id: int | None = None, now: dt.datetime) -> int:
    """Hand over what divisions that have ended by the day of `now` in Japan still have; how many things moved.

    Instruments led and owned jointly, candidates handed to them, the requests that speak of these, and answers in
    inquiries that are not closed: all go to the last of the successors that has begun. What has none stays. The
    same day again moves nothing, and what moves nothing leaves no line in the audit log; where a file is loaded on
    or after the day, `actor_id` is who has loaded it. An heir that has handed its answer to a running inquiry in
    gets it back where candidates have come to it that nobody has answered.
    """
    heirs = _heirs(session, on=japan_date(now))
    if not heirs:
        return 0
    moved = {
        "instruments_moved": _move_leads(session, heirs, now=now),
        "joint_moved": _move_joint(session, heirs, now=now),
        "candidates_moved": _move_items(session, heirs),
        "handovers_moved": _move_handovers(session, heirs),
        "answers_moved": _move_answers(session, heirs),
    }
    if total := sum(moved.values()):
        record(
            session,
            actor_id=actor_id,
            action="apply_organisation_changes",
            target_type="organisation",
            target_id="*",
            detail=moved,
            now=now,
        )
        heir_ids = set(heirs.values())
        resume_answers(session, arrival=Arrival.ORGANISATION, actor_id=actor_id, division_ids=heir_ids, now=now)
    return total


def pass_on_answers(session: Session, *, on: dt.date) -> None:
    """What a division that has ended by that day owes in inquiries that are not closed, its heir owes."""
    _move_answers(session, _heirs(session, on=on))


def _heirs(session: Session, *, on: dt.date) -> dict[int, int]:
    """Who stands for each division that another stands for, by id."""
    divisions = {row.id: row for row in session.scalars(select(Division).order_by(Division.id))}
    heirs = {row.id: heir_on(row, divisions, on=on).id for row in divisions.values()}
    return {division_id: heir_id for division_id, heir_id in heirs.items() if division_id != heir_id}


def _move_leads(session: Session, heirs: Mapping[int, int], *, now: dt.datetime) -> int:
    led = session.scalars(select(Instrument).where(Instrument.owner_id.in_(heirs)).order_by(Instrument.id)).all()
    for instrument in led:
        set_lead(session, instrument=instrument, division_id=heirs[instrument.owner_id or 0], now=now)
    return len(led)


def _move_joint(session: Session, heirs: Mapping[int, int], *, now: dt.datetime) -> int:
    ended = select(InstrumentOwner.instrument_id).where(
        InstrumentOwner.division_id.in_(heirs), InstrumentOwner.valid_to.is_(None)
    )
    shared = session.scalars(select(Instrument).where(Instrument.id.in_(ended)).order_by(Instrument.id)).all()
    for instrument in shared:
        joint = session.scalars(
            select(InstrumentOwner.division_id).where(
                InstrumentOwner.instrument_id == instrument.id,
                InstrumentOwner.valid_to.is_(None),
                ~InstrumentOwner.is_lead,
            )
        )
        after = {heirs.get(division_id, division_id) for division_id in joint}
        set_joint(session, instrument=instrument, division_ids=after, now=now)
    return len(shared)


def _move_items(session: Session, heirs: Mapping[int, int]) -> int:
    """Candidates handed to a division that has ended go to its heir."""
    rows = session.execute(
        select(ReviewItem, Instrument.owner_id)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .where(ReviewItem.handed_to_id.in_(heirs))
        .order_by(ReviewItem.id)
    ).all()
    for item, lead_id in rows:
        place_item(item, division_id=heirs[item.handed_to_id], lead_id=lead_id)
    session.flush()
    return len(rows)


def _move_handovers(session: Session, heirs: Mapping[int, int]) -> int:
    """The requests that speak of an ended division speak of its heir; what was sent on is past."""
    rows = session.scalars(
        select(Handover)
        .where(
            Handover.to_division_id.in_(heirs),
            Handover.state.not_in([HandoverState.SENT_ON, HandoverState.TAKEN_BACK]),
        )
        .order_by(Handover.id)
    ).all()
    for handover in rows:
        handover.to_division_id = heirs[handover.to_division_id or 0]
    session.flush()
    return len(rows)


# From what is furthest from the end of the round: an answer made of two stands where the one behind stood.
_PROGRESS = (
    AnswerState.RETURNED,
    AnswerState.WAITING,
    AnswerState.ANSWERED,
    AnswerState.APPROVED,
    AnswerState.ACCEPTED,
)


def _move_answers(session: Session, heirs: Mapping[int, int]) -> int:
    """What an ended division owes in inquiries that are not closed, its heir owes: in one answer with its own."""
    answers = session.scalars(
        select(InquiryAnswer)
        .join(Inquiry, Inquiry.id == InquiryAnswer.inquiry_id)
        .where(Inquiry.state != InquiryState.CLOSED, InquiryAnswer.division_id.in_({*heirs, *heirs.values()}))
        .order_by(InquiryAnswer.id)
        .with_for_update(of=InquiryAnswer)
    ).all()
    by_place = {(answer.inquiry_id, answer.division_id): answer for answer in answers}
    moved = [answer for answer in answers if answer.division_id in heirs]
    for answer in moved:
        heir_id = heirs[answer.division_id]
        own = by_place.get((answer.inquiry_id, heir_id))
        if own is None:
            answer.division_id = heir_id
            by_place[answer.inquiry_id, heir_id] = answer
            continue
        behind = min(own, answer, key=lambda one: _PROGRESS.index(one.state))
        own.state, own.submitted_by_id, own.submitted_at = behind.state, behind.submitted_by_id, behind.submitted_at
        session.execute(update(InquiryEvent).where(InquiryEvent.answer_id == answer.id).values(answer_id=own.id))
        session.delete(answer)
        session.flush()
    session.flush()
    return len(moved)
