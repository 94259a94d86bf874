"""What the operations on review items share: whose they are, finding them for writing, and whether they stand still."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from models.base import Base
from models.inquiry import Inquiry, InquiryAnswer
from models.legislation import Instrument, InstrumentOwner, Provision
from models.operations.errors import AnswerFault, InvalidAnswerError, NoSuchItemError
from models.organisation import Division
from models.review import ReviewItem, RoadmapItem
from regulations.inquiry import SUBMITTED, InquiryState
from regulations.review import Actor, NotPermittedError, Owner, may_decide
from regulations.structure import Kind

T = TypeVar("T")

PORTION = 1_000
"""Values a statement: a database takes only so many parameters."""


HandedTo = Callable[[ReviewItem, Owner], int | None]
"""The division that an item of an instrument with these owners is, or is to be, handed to; None: to none."""


def _as_it_is(item: ReviewItem, _owner: Owner) -> int | None:
    return item.handed_to_id


def portions(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in lists short enough for one statement."""
    every = list(values)
    return (every[start : start + PORTION] for start in range(0, len(every), PORTION))


def owner_of(session: Session, *, instrument_id: int) -> Owner:
    """The divisions that answer for an instrument. Raises NoSuchItemError."""
    owners = _owners_of(session, [instrument_id])
    if instrument_id not in owners:
        raise NoSuchItemError(f"instrument {instrument_id}")
    return owners[instrument_id]


def owner_of_item(session: Session, *, item: ReviewItem) -> Owner:
    """The divisions that answer for a candidate: those of its instrument, or the one it was handed to."""
    ((_, owner),) = owners_of_items(session, items=[item])
    return owner


def item_for_answer(
    session: Session,
    *,
    actor: Actor,
    item_id: int,
    action: str,
    may_act: Callable[[Actor, Owner], bool] = may_decide,
    lock: bool = True,
) -> ReviewItem:
    """One item as `items_for_answer` finds them."""
    (item,) = items_for_answer(session, actor=actor, item_ids=[item_id], action=action, may_act=may_act, lock=lock)
    return item


def items_for_answer(
    session: Session,
    *,
    actor: Actor,
    item_ids: Collection[int],
    action: str,
    may_act: Callable[[Actor, Owner], bool] = may_decide,
    handed_to: HandedTo = _as_it_is,
    lock: bool = True,
) -> list[ReviewItem]:
    """The items in the order of their ids, locked until the transaction ends (or only found).

    In that order, so that two such steps never wait for each other. SQLite knows no row locks; there the
    transaction holds the one write lock (`session_scope`). The actor must be allowed to act on an item handed to
    the division that `handed_to` says. Raises NoSuchItemError, NotPermittedError.
    """
    found: dict[int, ReviewItem] = {}
    for ids in portions(sorted(set(item_ids))):
        rows = select(ReviewItem).where(ReviewItem.id.in_(ids)).order_by(ReviewItem.id)
        rows = rows.execution_options(populate_existing=True)
        found |= {item.id: item for item in session.scalars(rows.with_for_update() if lock else rows)}
    if missing := sorted(set(item_ids) - found.keys()):
        raise NoSuchItemError(f"review item {missing[0]}")
    for _, owner in owners_of_items(session, items=found.values(), handed_to=handed_to):
        if not may_act(actor, owner):
            raise NotPermittedError(actor, action, owner)
    return list(found.values())


def items_to_decide(session: Session, *, actor: Actor, item_ids: Collection[int], action: str) -> list[ReviewItem]:
    """The items as `items_for_answer` finds them, with their provisions locked before them, in the order of ids.

    Whether a category is taken hangs on the other items of a provision, which somebody else may be answering. The
    provision comes first, as where a text is registered or a regulation added; what only refers to it does not wait.
    """
    provision_ids: set[int] = set()
    for ids in portions(item_ids):
        provision_ids.update(session.scalars(select(ReviewItem.provision_id).where(ReviewItem.id.in_(ids))))
    for ids in portions(sorted(provision_ids)):
        of_these = select(Provision.id).where(Provision.id.in_(ids)).order_by(Provision.id)
        session.execute(of_these.with_for_update(key_share=True))
    return items_for_answer(session, actor=actor, item_ids=item_ids, action=action)


def owners_of_items(
    session: Session, *, items: Collection[ReviewItem], handed_to: HandedTo = _as_it_is
) -> list[tuple[ReviewItem, Owner]]:
    """The divisions that answer for each candidate: its instrument's, or the one it was handed to."""
    instruments: dict[int, int] = {}
    for ids in portions({item.provision_id for item in items}):
        rows = session.execute(select(Provision.id, Provision.instrument_id).where(Provision.id.in_(ids)))
        instruments |= dict(rows.tuples().all())
    owners = _owners_of(session, set(instruments.values()))
    of_instrument = [(item, owners[instruments[item.provision_id]]) for item in items]
    handed = {item.id: handed_to(item, owner) for item, owner in of_instrument}
    bureaus = _bureaus(session, {division_id for division_id in handed.values() if division_id is not None})
    return [
        (
            item,
            owner
            if (division_id := handed[item.id]) is None
            else owner.handed_to(division_id=division_id, bureau=bureaus[division_id]),
        )
        for item, owner in of_instrument
    ]


def update_each(
    session: Session, model: type[ReviewItem | RoadmapItem | InquiryAnswer], changes: Mapping[int, Mapping[str, Any]]
) -> None:
    """Write the same columns of several rows, by primary key, in one statement; each gets a new `row_version`.

    For locked rows whose version has been looked at: the mapper, which looks at it again, writes them one by one.
    """
    if not changes:
        return
    session.flush()
    table, (key,) = Base.metadata.tables[model.__tablename__], model.__mapper__.primary_key
    columns = next(iter(changes.values())).keys()
    statement = (
        update(table)
        .where(table.c[key.name] == bindparam("row_key"))
        .values({name: bindparam(f"new_{name}") for name in columns} | {"row_version": table.c.row_version + 1})
    )
    rows = [
        {"row_key": row_key, **{f"new_{name}": value for name, value in change.items()}}
        for row_key, change in changes.items()
    ]
    session.connection().execute(statement, rows)
    for ids in portions(changes):
        fresh = select(model).where(key.in_(ids)).execution_options(populate_existing=True)
        session.scalars(fresh).all()


def check_not_submitted(session: Session, *, items: Iterable[ReviewItem]) -> None:
    """Refuse to change what a division has handed in to a running inquiry: it is taken or sent back first.

    The answers are locked for reading, so that none is handed in before this transaction ends. Raises
    InvalidAnswerError.
    """
    if submitted_among(session, items=items):
        raise InvalidAnswerError(AnswerFault.ANSWER_SUBMITTED)


def submitted_among(session: Session, *, items: Iterable[ReviewItem]) -> frozenset[int]:
    """The ids of those that `check_not_submitted` refuses; a fixed number of statements."""
    items = list(items)
    division_ids = {item.division_id for item in items} - {None}
    running = _submitted(session, division_ids) if division_ids else {}
    concerned = [item for item in items if item.division_id in running]
    kinds = _kinds(session, {item.provision_id for item in concerned})
    return frozenset(
        item.id
        for item in concerned
        if any(
            inquiry.scope.covers(kind=kinds[item.provision_id], category=item.category)
            for inquiry in running[item.division_id]
        )
    )


def _submitted(session: Session, division_ids: Collection[int | None]) -> dict[int | None, list[Inquiry]]:
    """The running inquiries to which divisions have handed their answers in, by division."""
    rows = session.execute(
        select(Inquiry, InquiryAnswer.division_id, InquiryAnswer.state)
        .join(InquiryAnswer, InquiryAnswer.inquiry_id == Inquiry.id)
        .where(Inquiry.state == InquiryState.OPEN, InquiryAnswer.division_id.in_(division_ids))
        .order_by(InquiryAnswer.id)
        .with_for_update(read=True, of=InquiryAnswer)
    )
    found: dict[int | None, list[Inquiry]] = defaultdict(list)
    for inquiry, division_id, state in rows:
        if state in SUBMITTED:
            found[division_id].append(inquiry)
    return dict(found)


def _kinds(session: Session, provision_ids: Collection[int]) -> dict[int, Kind]:
    """The kind of instrument that each provision stands in."""
    found: dict[int, Kind] = {}
    for ids in portions(provision_ids):
        rows = session.execute(
            select(Provision.id, Instrument.kind)
            .join(Instrument, Instrument.id == Provision.instrument_id)
            .where(Provision.id.in_(ids))
        )
        found |= dict(rows.tuples().all())
    return found


def _bureaus(session: Session, division_ids: Collection[int]) -> dict[int, str]:
    """The bureau of each division."""
    if not division_ids:
        return {}
    rows = session.execute(select(Division.id, Division.bureau).where(Division.id.in_(division_ids)))
    return dict(rows.tuples().all())


def _owners_of(session: Session, instrument_ids: Collection[int]) -> dict[int, Owner]:
    """The divisions that answer for each instrument there is: its lead, and those that own it today beside the lead."""
    found: dict[int, Owner] = {}
    for ids in portions(instrument_ids):
        joint: dict[int, dict[int, str]] = defaultdict(dict)
        beside = session.execute(
            select(InstrumentOwner.instrument_id, InstrumentOwner.division_id, Division.bureau)
            .join(Division, Division.id == InstrumentOwner.division_id)
            .where(
                InstrumentOwner.instrument_id.in_(ids),
                InstrumentOwner.valid_to.is_(None),
                InstrumentOwner.is_lead.is_(False),
            )
        )
        for instrument_id, division_id, bureau in beside:
            joint[instrument_id][division_id] = bureau
        leads = session.execute(
            select(Instrument.id, Instrument.owner_id, Division.bureau)
            .outerjoin(Division, Division.id == Instrument.owner_id)
            .where(Instrument.id.in_(ids))
        )
        for instrument_id, owner_id, bureau in leads:
            others = joint[instrument_id]
            found[instrument_id] = Owner(
                division_id=owner_id,
                bureau=bureau,
                joint=frozenset(others),
                reader_bureaus=frozenset(others.values()),
            )
    return found
