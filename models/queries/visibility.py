"""`may_view` in SQL: the conditions that every query on instruments, candidates and decisions carries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    String,
    and_,
    cast,
    false,
    literal,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute

from models.inquiry import Inquiry, InquiryAnswer
from models.legislation import Instrument, InstrumentOwner, Provision
from models.organisation import Division
from models.review import ReviewItem
from regulations.inquiry import SUBMITTED, InquiryState
from regulations.review import OPEN_STATUSES, Actor, ReviewStatus, Role


def visible_instruments(actor: Actor) -> ColumnElement[bool]:
    """The instruments whose text and candidates the actor may see; nothing where no rule grants it.

    A division sees what it leads, what it owns jointly, and what holds a candidate handed to it. The
    same answer as `regulations.review.may_view`, which a test holds it against.
    """
    divisions = divisions_of(actor)
    if divisions is None:
        return true()
    handed = (
        select(Provision.instrument_id)
        .join(ReviewItem, ReviewItem.provision_id == Provision.id)
        .where(ReviewItem.handed_to_id.in_(divisions))
    )
    return Instrument.id.in_(union(_owned(divisions), handed))


def items_to_answer(actor: Actor) -> ColumnElement[bool]:
    """The candidates that are the actor's own matter: for a division those that it answers for, alone or jointly.

    What a division has handed to another it still sees in the instrument, but nothing of it waits for it.
    """
    divisions = divisions_of(actor)
    if divisions is None:
        return true()
    # What they lead says so itself (`division_id`): only the few instruments owned jointly are looked up.
    joint = _owned(divisions).where(InstrumentOwner.is_lead.is_(False))
    owned = select(Provision.id).where(Provision.instrument_id.in_(joint))
    return or_(
        ReviewItem.division_id.in_(divisions),
        and_(ReviewItem.provision_id.in_(owned), ReviewItem.handed_to_id.is_(None)),
    )


def is_handed_in() -> ColumnElement[bool]:
    """Whether the candidate stands still: its division has handed it in to a running inquiry.

    `models.operations.review_items.check_not_submitted` in SQL, which a test holds it against.
    """
    kind = (
        select(Instrument.kind)
        .join(Provision, Provision.instrument_id == Instrument.id)
        .where(Provision.id == ReviewItem.provision_id)
        .correlate(ReviewItem)
        .scalar_subquery()
    )
    answers = select(InquiryAnswer.id).join(Inquiry, Inquiry.id == InquiryAnswer.inquiry_id)
    return answers.where(is_asked(kind), InquiryAnswer.state.in_(SUBMITTED)).correlate(ReviewItem).exists()


def is_asked(kind: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Whether the inquiry is running and asks the answer's division for the candidate, whose instrument has that kind.

    On Inquiry, InquiryAnswer and ReviewItem: `InquiryScope.covers` in SQL.
    """
    return and_(
        Inquiry.state == InquiryState.OPEN,
        InquiryAnswer.division_id == ReviewItem.division_id,
        _covers(Inquiry.categories, ReviewItem.category),
        _covers(Inquiry.kinds, kind),
    )


def _covers(limit: InstrumentedAttribute[list[str]], value: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Whether a list of names, kept as JSON, is empty or holds the value; both databases write it alike as text."""
    as_text = cast(limit, String)
    return or_(as_text == "[]", as_text.contains(literal('"') + cast(value, String) + literal('"')))


def is_unanswered() -> ColumnElement[bool]:
    """Whether the candidate is 未確認 or 再確認: nothing is handed in or declared complete while one is (保留 may)."""
    return ReviewItem.status.in_([ReviewStatus.PENDING.value, ReviewStatus.RECHECK.value])


def stands_still(actor: Actor) -> ColumnElement[bool]:
    """Whether the candidate waits for an answer that the actor's division may not give now (`is_handed_in`).

    False for those who only watch: nothing waits for them anyway.
    """
    if actor.role not in {Role.REVIEWER, Role.APPROVER}:
        return false()
    return and_(ReviewItem.status.in_([status.value for status in OPEN_STATUSES]), is_handed_in())


def divisions_of(actor: Actor) -> Select[tuple[int]] | list[int] | None:
    """The divisions that the actor stands for; None for all."""
    match actor.role:
        case Role.COORDINATOR | Role.AUDITOR:
            return None
        case Role.BUREAU_MANAGER if actor.bureau is not None:
            return select(Division.id).where(Division.bureau == actor.bureau)
        case Role.REVIEWER | Role.APPROVER if actor.division_id is not None:
            return [actor.division_id]
    return []


def _owned(divisions: Select[tuple[int]] | list[int]) -> Select[tuple[int]]:
    """What they own today, as lead or jointly."""
    return select(InstrumentOwner.instrument_id).where(
        InstrumentOwner.division_id.in_(divisions), InstrumentOwner.valid_to.is_(None)
    )
