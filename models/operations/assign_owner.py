"""Say which division answers for an instrument."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from models.legislation import Instrument
from models.operations.audit import record
from models.operations.errors import NoSuchItemError
from models.organisation import Division
from regulations.review import Actor, NotPermittedError, may_assign_owner


def assign_owner(
    session: Session, *, actor: Actor, instrument_id: int, division_id: int | None, now: dt.datetime
) -> None:
    """Set the owner (None: nobody is known). Decisions stay as they are. Raises NotPermittedError, NoSuchItemError."""
    if not may_assign_owner(actor):
        raise NotPermittedError(actor, "assign_owner")
    instrument = session.get(Instrument, instrument_id, with_for_update=True, populate_existing=True)
    if instrument is None:
        raise NoSuchItemError(f"instrument {instrument_id}")
    if division_id is not None and session.get(Division, division_id) is None:
        raise NoSuchItemError(f"division {division_id}")
    if instrument.owner_id == division_id:
        return
    before, instrument.owner_id = instrument.owner_id, division_id
    record(
        session,
        actor_id=actor.account_id,
        action="assign_owner",
        target_type="instrument",
        target_id=instrument_id,
        detail={"before": before, "after": division_id},
        now=now,
    )
