"""Requests 所管外: which candidates divisions have handed to others, and what became of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from models.accounts import Account
from models.legislation import Instrument, Provision, ProvisionVersion
from models.organisation import Division
from models.queries.visibility import divisions_of, visible_instruments
from models.review import Handover, ReviewItem
from regulations.review import Actor, HandoverState


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRow:
    """One request. `to_division` is empty where the division does not know whose the candidate is.

    `bounces` is how often the candidate has been handed on in all, this time included: from two on,
    at least two divisions have said that it is not theirs. `settled_note` is the coordinator's.
    """

    handover_id: int
    item_id: int
    title: str
    address: str
    category: str
    from_division: str
    to_division: str
    reason: str
    requested_by: str
    requested_at: dt.datetime
    state: HandoverState
    bounces: int
    settled_note: str


_From, _To = aliased(Division), aliased(Division)
_Other = aliased(Handover)
_BOUNCES = (
    select(func.count(_Other.id))
    .where(
        _Other.review_item_id == Handover.review_item_id,
        _Other.id <= Handover.id,
        _Other.state != HandoverState.TAKEN_BACK,
    )
    .correlate(Handover)
    .scalar_subquery()
)


def handovers(
    session: Session,
    *,
    actor: Actor,
    states: Collection[HandoverState] | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[HandoverRow]:
    """One page of the requests from or to the actor's divisions (all, for the coordinator).

    What bounces most comes first, then what waits longest.
    """
    return _rows(session, _conditions(actor, states), order=(_BOUNCES.desc(), Handover.id), limit=limit, offset=offset)


def handover_total(session: Session, *, actor: Actor, states: Collection[HandoverState] | None = None) -> int:
    """How many requests `handovers` lists over all its pages."""
    return session.scalar(select(func.count(Handover.id)).where(*_conditions(actor, states))) or 0


def handovers_of_item(session: Session, *, actor: Actor, item_id: int) -> list[HandoverRow]:
    """The way of one candidate from division to division, the first step first; empty where it may not be seen.

    Steps that were taken back are left out: the candidate never went that way.
    """
    conditions = [
        Handover.review_item_id == item_id,
        Handover.state != HandoverState.TAKEN_BACK,
        visible_instruments(actor),
    ]
    return _rows(session, conditions, order=(Handover.id,), limit=None, offset=0)


def _conditions(actor: Actor, states: Collection[HandoverState] | None) -> list[ColumnElement[bool]]:
    divisions = divisions_of(actor)
    theirs = (
        true()
        if divisions is None
        else or_(Handover.from_division_id.in_(divisions), Handover.to_division_id.in_(divisions))
    )
    return [theirs] if states is None else [theirs, Handover.state.in_(states)]


def _rows(
    session: Session,
    conditions: list[ColumnElement[bool]],
    *,
    order: Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]],
    limit: int | None,
    offset: int,
) -> list[HandoverRow]:
    rows = session.execute(
        select(
            Handover,
            ReviewItem.category,
            Instrument.title,
            ProvisionVersion.address,
            _From.name,
            _To.name,
            Account.display_name,
            _BOUNCES,
        )
        .join(ReviewItem, ReviewItem.id == Handover.review_item_id)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(ProvisionVersion, ProvisionVersion.id == Provision.latest_version_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .join(_From, _From.id == Handover.from_division_id)
        .outerjoin(_To, _To.id == Handover.to_division_id)
        .join(Account, Account.id == Handover.requested_by_id)
        .where(*conditions)
        .order_by(*order)
        .limit(limit)
        .offset(offset)
    )
    return [
        HandoverRow(
            handover_id=handover.id,
            item_id=handover.review_item_id,
            title=title,
            address=address,
            category=category,
            from_division=from_division,
            to_division=to_division or "",
            reason=handover.reason,
            requested_by=requested_by,
            requested_at=handover.requested_at,
            state=handover.state,
            bounces=bounces,
            settled_note=handover.settled_note,
        )
        for handover, category, title, address, from_division, to_division, requested_by, bounces in rows
    ]
