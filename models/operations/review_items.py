"""What the operations on review items share: whose they are, and finding one for writing."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.legislation import Instrument, Provision
from models.operations.errors import NoSuchItemError
from models.organisation import Division
from models.review import ReviewItem
from regulations.review import Actor, NotPermittedError, Owner, may_decide


def owner_of(session: Session, *, instrument_id: int) -> Owner:
    """The division that answers for an instrument. Raises NoSuchItemError."""
    row = session.execute(
        select(Instrument.owner_id, Division.bureau)
        .outerjoin(Division, Division.id == Instrument.owner_id)
        .where(Instrument.id == instrument_id)
    ).one_or_none()
    if row is None:
        raise NoSuchItemError(f"instrument {instrument_id}")
    return Owner(division_id=row[0], bureau=row[1])


def item_for_answer(session: Session, *, actor: Actor, item_id: int, action: str) -> ReviewItem:
    """The item, locked until the transaction ends. Raises NoSuchItemError, NotPermittedError.

    SQLite knows no row locks; there the transaction holds the one write lock (`session_scope`).
    """
    item = session.get(ReviewItem, item_id, with_for_update=True, populate_existing=True)
    if item is None:
        raise NoSuchItemError(f"review item {item_id}")
    provision = session.get_one(Provision, item.provision_id)
    owner = owner_of(session, instrument_id=provision.instrument_id)
    if not may_decide(actor, owner):
        raise NotPermittedError(actor, action, owner)
    return item
