"""Who owned an instrument on a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.legislation import InstrumentOwner
from models.organisation import Division


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRow:
    """A division that owned the instrument from `valid_from` to `valid_to` (exclusive; None: until today)."""

    division: str
    bureau: str
    is_lead: bool
    valid_from: dt.date
    valid_to: dt.date | None


def owners_on(session: Session, *, instrument_id: int, on: dt.date) -> list[OwnerRow]:
    """The owners on that day, the lead first."""
    rows = session.execute(
        select(InstrumentOwner, Division)
        .join(Division, Division.id == InstrumentOwner.division_id)
        .where(
            InstrumentOwner.instrument_id == instrument_id,
            InstrumentOwner.valid_from <= on,
            or_(InstrumentOwner.valid_to.is_(None), InstrumentOwner.valid_to > on),
        )
        .order_by(InstrumentOwner.is_lead.desc(), Division.id)
    )
    return [
        OwnerRow(
            division=division.name,
            bureau=division.bureau,
            is_lead=owner.is_lead,
            valid_from=owner.valid_from,
            valid_to=owner.valid_to,
        )
        for owner, division in rows
    ]
