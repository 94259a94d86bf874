"""Who answers for an instrument and for each candidate in it: the one place that writes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from models.legislation import Instrument, InstrumentOwner, Provision
from models.operations.dates import japan_date
from models.review import Handover, ReviewItem
from regulations.review import HandoverState


def set_lead(session: Session, *, instrument: Instrument, division_id: int | None, now: dt.datetime) -> None:
    """Make a division the lead (None: nobody is known), from the day of `now` in Japan on.

    Candidates follow, but for those handed to another division; what was handed to the new lead is its own
    like the rest, and is thereby received: nobody takes that handover back any more. A joint owner that becomes
    the lead is joint no more.
    """
    on = japan_date(now)
    for row in _owners_today(session, instrument.id):
        if row.is_lead or row.division_id == division_id:
            _end(session, row, on)
    if division_id is not None:
        session.add(InstrumentOwner(instrument_id=instrument.id, division_id=division_id, is_lead=True, valid_from=on))
    instrument.owner_id = division_id
    session.flush()
    provisions = select(Provision.id).where(Provision.instrument_id == instrument.id)
    stays = or_(ReviewItem.handed_to_id.is_(None), ReviewItem.handed_to_id == division_id)
    session.execute(
        update(ReviewItem)
        .where(ReviewItem.provision_id.in_(provisions), stays)
        .values(division_id=division_id, handed_to_id=None)
        .execution_options(synchronize_session="fetch")
    )
    if division_id is None:
        return
    of_instrument = select(ReviewItem.id).where(ReviewItem.provision_id.in_(provisions))
    session.execute(
        update(Handover)
        .where(
            Handover.review_item_id.in_(of_instrument),
            Handover.to_division_id == division_id,
            Handover.state == HandoverState.OPEN,
        )
        .values(state=HandoverState.RECEIVED, settled_at=now)
        .execution_options(synchronize_session="fetch")
    )


def set_joint(
    session: Session, *, instrument: Instrument, division_ids: Collection[int], now: dt.datetime
) -> tuple[frozenset[int], frozenset[int]]:
    """Make these, and only these, the joint owners (the lead is passed over); who was before, and who is now."""
    on = japan_date(now)
    wanted = set(division_ids) - {instrument.owner_id}
    rows = {row.division_id: row for row in _owners_today(session, instrument.id) if not row.is_lead}
    for division_id in sorted(rows.keys() - wanted):
        _end(session, rows[division_id], on)
    session.add_all(
        InstrumentOwner(instrument_id=instrument.id, division_id=division_id, is_lead=False, valid_from=on)
        for division_id in sorted(wanted - rows.keys())
    )
    session.flush()
    return frozenset(rows), frozenset(wanted)


def place_item(item: ReviewItem, *, division_id: int | None, lead_id: int | None) -> None:
    """Move one candidate to a division; to the lead (or None) means back to where the instrument is. No flush."""
    item.handed_to_id = division_id if division_id != lead_id else None
    item.division_id = item.handed_to_id or lead_id


def leads_of(session: Session, *, provision_ids: Collection[int]) -> dict[int, int | None]:
    """The lead of the instrument that each provision stands in."""
    if not provision_ids:
        return {}
    rows = session.execute(
        select(Provision.id, Instrument.owner_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .where(Provision.id.in_(provision_ids))
    )
    return dict(rows.tuples().all())


def _owners_today(session: Session, instrument_id: int) -> list[InstrumentOwner]:
    rows = select(InstrumentOwner).where(
        InstrumentOwner.instrument_id == instrument_id, InstrumentOwner.valid_to.is_(None)
    )
    return list(session.scalars(rows.order_by(InstrumentOwner.id)))


def _end(session: Session, row: InstrumentOwner, on: dt.date) -> None:
    """End an ownership; one that began the same day was a slip, and was never anybody's."""
    if row.valid_from >= on:
        session.delete(row)
    else:
        row.valid_to = on
