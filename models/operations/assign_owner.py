"""Say which division answers for an instrument, and which own it jointly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.legislation import Instrument, Provision
from models.operations.audit import record
from models.operations.errors import NoSuchItemError
from models.operations.ownership import set_joint, set_lead
from models.operations.resume_answers import resume_answers
from models.organisation import Division
from models.review import ReviewItem
from regulations.inquiry import Arrival
from regulations.review import Actor, NotPermittedError, may_assign_owner


def assign_owner(
    session: Session, *, actor: Actor, instrument_id: int, division_id: int | None, now: dt.datetime
) -> None:
    """Set the owner (None: nobody is known). Decisions stay as they are. Raises NotPermittedError, NoSuchItemError.

    A division that is yet to begin may be named: by this choice alone it owns something before its day. Where
    it has handed its answer to a running inquiry in, that goes back to it.
    """
    if not may_assign_owner(actor):
        raise NotPermittedError(actor, "assign_owner")
    instrument = _instrument(session, instrument_id)
    if division_id is not None and session.get(Division, division_id) is None:
        raise NoSuchItemError(f"division {division_id}")
    if instrument.owner_id == division_id:
        return
    before = instrument.owner_id
    set_lead(session, instrument=instrument, division_id=division_id, now=now)
    record(
        session,
        actor_id=actor.account_id,
        action="assign_owner",
        target_type="instrument",
        target_id=instrument_id,
        detail={"before": before, "after": division_id},
        now=now,
    )
    provisions = select(Provision.id).where(Provision.instrument_id == instrument_id)
    resume_answers(
        session,
        arrival=Arrival.OWNER,
        actor_id=actor.account_id,
        division_ids=[division_id],
        moved=ReviewItem.provision_id.in_(provisions),
        now=now,
    )


def assign_joint_owners(
    session: Session, *, actor: Actor, instrument_id: int, division_ids: Collection[int], now: dt.datetime
) -> None:
    """Make these, and only these, the divisions that own the instrument jointly with its lead.

    They see and may answer its candidates; the lead goes on answering for them in inquiries. One that is yet to
    begin may be named, as for the lead. Raises NotPermittedError, NoSuchItemError.
    """
    if not may_assign_owner(actor):
        raise NotPermittedError(actor, "assign_joint_owners")
    instrument = _instrument(session, instrument_id)
    for division_id in division_ids:
        if session.get(Division, division_id) is None:
            raise NoSuchItemError(f"division {division_id}")
    before, after = set_joint(session, instrument=instrument, division_ids=division_ids, now=now)
    if before == after:
        return
    record(
        session,
        actor_id=actor.account_id,
        action="assign_joint_owners",
        target_type="instrument",
        target_id=instrument_id,
        detail={"before": sorted(before), "after": sorted(after)},
        now=now,
    )


def _instrument(session: Session, instrument_id: int) -> Instrument:
    instrument = session.get(Instrument, instrument_id, with_for_update=True, populate_existing=True)
    if instrument is None:
        raise NoSuchItemError(f"instrument {instrument_id}")
    return instrument
