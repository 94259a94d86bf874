"""What waits for an answer: counts, the list, and the way from one item to the next."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict, TypeVar, Unpack

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from models.legislation import Instrument, Provision, ProvisionVersion
from models.organisation import Division
from models.queries.marks import marks, snippet
from models.queries.visibility import items_to_answer, stands_still
from models.review import Candidate, Decision, Handover, ReviewItem
from regulations.review import OPEN_STATUSES, Actor, HandoverState, ReviewStatus, Role

Rows = TypeVar("Rows", bound=tuple[Any, ...])


class QueueFilter(TypedDict, total=False):
    """What narrows the queue; each may be left out or None.

    `text` holds words that title, address, caption or text of the provision must contain, all of them.
    """

    category: str | None
    instrument_id: int | None
    min_probability: float | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One item in a list. Category, type and phase are the decision's where there is one, else the proposal's.

    `handed_from` is the division that handed it to the one that answers for it now; empty for all others.
    `stands_still` says that it waits for an answer which may not be given now: it has been handed in to an inquiry.
    """

    item_id: int
    row_version: int
    instrument_id: int
    status: ReviewStatus
    category: str
    probability: float
    title: str
    law_number: str
    address: str
    caption: str
    snippet: str
    owner: str
    handed_from: str
    regulation_type: int
    phase: int
    is_manual: bool
    stands_still: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePosition:
    """`index` from 1 within `total`; 0 where the item is not (or no longer) in the queue."""

    index: int
    total: int


# People read an ordinance from its beginning, so that is the order everywhere.
_ORDER = (Provision.instrument_id, ProvisionVersion.position, ReviewItem.id)

_Sender = aliased(Division)
_HANDED_FROM = (
    select(_Sender.name)
    .join(Handover, Handover.from_division_id == _Sender.id)
    .where(
        Handover.review_item_id == ReviewItem.id,
        Handover.to_division_id == ReviewItem.division_id,
        Handover.state.not_in([HandoverState.SENT_ON, HandoverState.TAKEN_BACK]),
    )
    .order_by(Handover.id.desc())
    .limit(1)
    .correlate(ReviewItem)
    .scalar_subquery()
)


def inbox_counts(session: Session, *, actor: Actor) -> Mapping[ReviewStatus, int]:
    """How many items there are in each status; every status is a key.

    What waits for an answer that may not be given now is left out, as it is from the lists of what waits.
    """
    mine = (items_to_answer(actor), ~stands_still(actor))
    counts = select(ReviewItem.status.label("derived"), func.count()).where(*mine).group_by("derived")
    counted = {ReviewStatus(status): count for status, count in session.execute(counts)}
    return {status: counted.get(status, 0) for status in ReviewStatus}


def handed_in_total(session: Session, *, actor: Actor) -> int:
    """How many wait for an answer that may not be given now: what `inbox_counts` leaves out."""
    if actor.role not in {Role.REVIEWER, Role.APPROVER}:
        return 0
    count = select(func.count(ReviewItem.id)).where(items_to_answer(actor), stands_still(actor))
    return session.scalar(count) or 0


def queue(
    session: Session,
    *,
    actor: Actor,
    statuses: Collection[ReviewStatus],
    limit: int = 50,
    offset: int = 0,
    **narrowed: Unpack[QueueFilter],
) -> list[QueueRow]:
    """One page of items in the order of instruments and of their provisions.

    A list of what waits for an answer (`statuses` among OPEN_STATUSES) leaves out what may not be answered now;
    one of all there is shows that too (`stands_still`).
    """
    # Which items, before what they hold: to sort whole texts takes several times as long.
    on_page = _placed(select(ReviewItem.id), narrowed).where(*_conditions(actor, statuses, narrowed))
    chosen = on_page.order_by(*_ORDER).limit(limit).offset(offset).subquery()
    shown = (ReviewItem, Candidate, Decision, ProvisionVersion, Instrument, Division.name, _HANDED_FROM)
    page = (
        _joined(select(*shown, stands_still(actor).label("stands_still")))
        .join(chosen, chosen.c.id == ReviewItem.id)
        .outerjoin(Decision, Decision.id == ReviewItem.current_decision_id)
        .outerjoin(Division, Division.id == ReviewItem.division_id)
        .order_by(*_ORDER)
    )
    return [_row(*row) for row in session.execute(page)]


def _row(
    item: ReviewItem,
    candidate: Candidate | None,
    decision: Decision | None,
    version: ProvisionVersion,
    instrument: Instrument,
    owner: str | None,
    handed_from: str | None,
    stands_still: bool,
) -> QueueRow:
    stated = decision or candidate
    evidence = marks(version.text, candidate.evidence, category=candidate.category) if candidate else ()
    return QueueRow(
        item_id=item.id,
        row_version=item.row_version,
        instrument_id=instrument.id,
        status=item.status,
        category=stated.category if stated else item.category,
        probability=candidate.probability if candidate else 0.0,
        title=instrument.title,
        law_number=instrument.law_number,
        address=version.address,
        caption=version.caption,
        snippet=snippet(version.text, evidence),
        owner=owner or instrument.owner_as_stated,
        handed_from=handed_from or "",
        regulation_type=stated.regulation_type if stated else 1,
        phase=stated.phase if stated else 1,
        is_manual=item.is_manual,
        stands_still=stands_still,
    )


def own_items(session: Session, *, actor: Actor, item_ids: Collection[int]) -> set[int]:
    """Those of the items that are the actor's own matter (`items_to_answer`), whatever their state."""
    return set(session.scalars(select(ReviewItem.id).where(ReviewItem.id.in_(item_ids), items_to_answer(actor))))


def queue_total(
    session: Session, *, actor: Actor, statuses: Collection[ReviewStatus], **narrowed: Unpack[QueueFilter]
) -> int:
    """How many items `queue` lists over all its pages."""
    count = _needed(select(func.count(ReviewItem.id)), narrowed).where(*_conditions(actor, statuses, narrowed))
    return session.scalar(count) or 0


def next_item(
    session: Session,
    *,
    actor: Actor,
    after_item_id: int | None,
    statuses: Collection[ReviewStatus],
    **narrowed: Unpack[QueueFilter],
) -> int | None:
    """The item that follows in the queue (its first where `after_item_id` is None or unknown); None at its end.

    `after_item_id` itself need not be in the queue: it has usually just been answered.
    """
    following = _placed(select(ReviewItem.id), narrowed).where(*_conditions(actor, statuses, narrowed))
    following = following.order_by(*_ORDER).limit(1)
    place = _place(session, after_item_id)
    if place is None:
        return session.scalar(following)
    instrument, *within = place
    # Mostly it is the same instrument's, which is found at once; all that follow need not be sorted for it.
    here = following.where(Provision.instrument_id == instrument, tuple_(*_ORDER[1:]) > within)
    found = session.scalar(here)
    return found if found is not None else session.scalar(following.where(Provision.instrument_id > instrument))


def previous_item(
    session: Session,
    *,
    actor: Actor,
    before_item_id: int,
    statuses: Collection[ReviewStatus],
    **narrowed: Unpack[QueueFilter],
) -> int | None:
    """The item before in the queue; None at its beginning."""
    place = _place(session, before_item_id)
    if place is None:
        return None
    preceding = _placed(select(ReviewItem.id), narrowed).where(*_conditions(actor, statuses, narrowed))
    preceding = preceding.order_by(*(column.desc() for column in _ORDER)).limit(1)
    instrument, *within = place
    here = preceding.where(Provision.instrument_id == instrument, tuple_(*_ORDER[1:]) < within)
    found = session.scalar(here)
    return found if found is not None else session.scalar(preceding.where(Provision.instrument_id < instrument))


def position_in_queue(
    session: Session,
    *,
    actor: Actor,
    item_id: int,
    statuses: Collection[ReviewStatus],
    **narrowed: Unpack[QueueFilter],
) -> QueuePosition:
    """Where the item stands in the queue: 12／48件."""
    place = _place(session, item_id) or (0, 0, 0)
    counts = select(
        func.count(ReviewItem.id),
        func.count(ReviewItem.id).filter(tuple_(*_ORDER) <= place),
        func.count(ReviewItem.id).filter(ReviewItem.id == item_id),
    )
    total, index, is_in = session.execute(
        _placed(counts, narrowed).where(*_conditions(actor, statuses, narrowed))
    ).one()
    return QueuePosition(index=index if is_in else 0, total=total)


def _place(session: Session, item_id: int | None) -> tuple[int, int, int] | None:
    row = session.execute(_joined(select(*_ORDER)).where(ReviewItem.id == item_id)).first()
    return (row[0], row[1], row[2]) if row else None


def _joined(statement: Select[Rows]) -> Select[Rows]:
    return (
        statement.select_from(ReviewItem)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(ProvisionVersion, ProvisionVersion.id == Provision.latest_version_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .outerjoin(Candidate, Candidate.id == ReviewItem.current_candidate_id)
    )


def _placed(statement: Select[Rows], narrowed: QueueFilter) -> Select[Rows]:
    """With the tables that `_ORDER` and `_conditions` need, and no more: a planner begins with the wrong one else."""
    return _needed(statement, narrowed, in_order=True)


def _needed(statement: Select[Rows], narrowed: QueueFilter, *, in_order: bool = False) -> Select[Rows]:
    has_text = bool((narrowed.get("text") or "").split())
    statement = statement.select_from(ReviewItem)
    if in_order or has_text or narrowed.get("instrument_id") is not None:
        statement = statement.join(Provision, Provision.id == ReviewItem.provision_id)
    if in_order or has_text:
        statement = statement.join(ProvisionVersion, ProvisionVersion.id == Provision.latest_version_id)
    if has_text:
        statement = statement.join(Instrument, Instrument.id == Provision.instrument_id)
    if narrowed.get("min_probability") is not None:
        statement = statement.outerjoin(Candidate, Candidate.id == ReviewItem.current_candidate_id)
    return statement


def _conditions(actor: Actor, statuses: Collection[ReviewStatus], narrowed: QueueFilter) -> list[ColumnElement[bool]]:
    conditions = [items_to_answer(actor), ReviewItem.status.in_([status.value for status in statuses])]
    if OPEN_STATUSES.issuperset(statuses):
        conditions.append(~stands_still(actor))
    if (category := narrowed.get("category")) is not None:
        conditions.append(ReviewItem.category == category)
    if (instrument_id := narrowed.get("instrument_id")) is not None:
        conditions.append(Provision.instrument_id == instrument_id)
    if (probability := narrowed.get("min_probability")) is not None:
        conditions.append(Candidate.probability >= probability)
    columns = (Instrument.title, ProvisionVersion.address, ProvisionVersion.caption, ProvisionVersion.text)
    for word in (narrowed.get("text") or "").split():
        conditions.append(or_(*(column.contains(word, autoescape=True) for column in columns)))
    return conditions
