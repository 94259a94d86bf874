"""Which instruments a list of candidates can be limited to, found by words over all there are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from models.legislation import Instrument, Provision
from models.queries.visibility import items_to_answer, stands_still
from models.review import ReviewItem
from regulations.review import OPEN_STATUSES, Actor, ReviewStatus

_LOOKED_THROUGH = (Instrument.title, Instrument.law_number, Instrument.former_titles)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentChoice:
    """An instrument with candidates of the actor's own; `open` is how many of them `queue` lists as waiting."""

    instrument_id: int
    title: str
    law_number: str
    candidates: int
    open: int


def instrument_choices(
    session: Session, *, actor: Actor, text: str | None = None, instrument_id: int | None = None, limit: int
) -> list[InstrumentChoice]:
    """Instruments by title whose title (or a former one) or number holds every word of `text`; or the one asked for.

    Only such as `queue` lists candidates of. Who wants to know whether there are more asks for one more.
    """
    waits = ReviewItem.status.in_([status.value for status in OPEN_STATUSES]) & ~stands_still(actor)
    statement = (
        select(
            Instrument.id, Instrument.title, Instrument.law_number, func.count(), func.sum(case((waits, 1), else_=0))
        )
        .select_from(ReviewItem)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .where(items_to_answer(actor), ReviewItem.status != ReviewStatus.WITHDRAWN.value)
        .group_by(Instrument.id, Instrument.title, Instrument.law_number)
        .order_by(Instrument.title, Instrument.id)
        .limit(limit)
    )
    if instrument_id is not None:
        statement = statement.where(Instrument.id == instrument_id)
    for word in (text or "").split():
        statement = statement.where(or_(*(column.contains(word, autoescape=True) for column in _LOOKED_THROUGH)))
    return [
        InstrumentChoice(instrument_id=known, title=title, law_number=number, candidates=count, open=waiting)
        for known, title, number, count, waiting in session.execute(statement)
    ]
