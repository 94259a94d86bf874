"""What the operations on review items share: whose they are, finding one for writing, and whether it stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.inquiry import Inquiry, InquiryAnswer
from models.legislation import Instrument, InstrumentOwner, Provision
from models.operations.errors import AnswerFault, InvalidAnswerError, NoSuchItemError
from models.organisation import Division
from models.review import ReviewItem
from regulations.inquiry import SUBMITTED, InquiryState
from regulations.review import Actor, NotPermittedError, Owner, may_decide


def owner_of(session: Session, *, instrument_id: int) -> Owner:
    """The divisions that answer for an instrument. Raises NoSuchItemError."""
    row = session.execute(
        select(Instrument.owner_id, Division.bureau)
        .outerjoin(Division, Division.id == Instrument.owner_id)
        .where(Instrument.id == instrument_id)
    ).one_or_none()
    if row is None:
        raise NoSuchItemError(f"instrument {instrument_id}")
    joint = _joint_owners(session, instrument_id)
    return Owner(division_id=row[0], bureau=row[1], joint=frozenset(joint), reader_bureaus=frozenset(joint.values()))


def owner_of_item(session: Session, *, item: ReviewItem, instrument_id: int) -> Owner:
    """The divisions that answer for a candidate: those of its instrument, or the one it was handed to."""
    owner = owner_of(session, instrument_id=instrument_id)
    if item.handed_to_id is None:
        return owner
    division = session.get_one(Division, item.handed_to_id)
    return owner.handed_to(division_id=division.id, bureau=division.bureau)


def item_for_answer(
    session: Session,
    *,
    actor: Actor,
    item_id: int,
    action: str,
    may_act: Callable[[Actor, Owner], bool] = may_decide,
    lock: bool = True,
) -> ReviewItem:
    """The item, locked until the transaction ends (or only found). Raises NoSuchItemError, NotPermittedError.

    SQLite knows no row locks; there the transaction holds the one write lock (`session_scope`).
    """
    item = session.get(ReviewItem, item_id, with_for_update=lock or None, populate_existing=True)
    if item is None:
        raise NoSuchItemError(f"review item {item_id}")
    provision = session.get_one(Provision, item.provision_id)
    owner = owner_of_item(session, item=item, instrument_id=provision.instrument_id)
    if not may_act(actor, owner):
        raise NotPermittedError(actor, action, owner)
    return item


def check_not_submitted(session: Session, *, items: Iterable[ReviewItem]) -> None:
    """Refuse to change what a division has handed in to a running inquiry: it is taken or sent back first.

    The answers are locked for reading, so that none is handed in before this transaction ends. Raises
    InvalidAnswerError.
    """
    submitted: dict[int | None, list[Inquiry]] = {}
    for item in items:
        if item.division_id not in submitted:
            submitted[item.division_id] = _submitted(session, item.division_id)
        if not submitted[item.division_id]:
            continue
        kind = session.scalars(
            select(Instrument.kind)
            .join(Provision, Provision.instrument_id == Instrument.id)
            .where(Provision.id == item.provision_id)
        ).one()
        if any(inquiry.scope.covers(kind=kind, category=item.category) for inquiry in submitted[item.division_id]):
            raise InvalidAnswerError(AnswerFault.ANSWER_SUBMITTED)


def _submitted(session: Session, division_id: int | None) -> list[Inquiry]:
    """The running inquiries to which the division has handed its answer in."""
    rows = session.execute(
        select(Inquiry, InquiryAnswer.state)
        .join(InquiryAnswer, InquiryAnswer.inquiry_id == Inquiry.id)
        .where(Inquiry.state == InquiryState.OPEN, InquiryAnswer.division_id == division_id)
        .order_by(InquiryAnswer.id)
        .with_for_update(read=True, of=InquiryAnswer)
    )
    return [inquiry for inquiry, state in rows if state in SUBMITTED]


def _joint_owners(session: Session, instrument_id: int) -> dict[int, str]:
    """Divisions that own the instrument today beside its lead, with their bureaus."""
    rows = session.execute(
        select(InstrumentOwner.division_id, Division.bureau)
        .join(Division, Division.id == InstrumentOwner.division_id)
        .where(
            InstrumentOwner.instrument_id == instrument_id,
            InstrumentOwner.valid_to.is_(None),
            InstrumentOwner.is_lead.is_(False),
        )
    )
    return dict(rows.tuples().all())
