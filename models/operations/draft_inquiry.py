"""Prepare an inquiry (照会): what is asked, of whom, and by when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, not_, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from models.inquiry import Inquiry, InquiryAnswer
from models.legislation import Instrument, Provision
from models.operations.audit import record
from models.operations.dates import japan_date
from models.operations.errors import AnswerFault, InquiryError, InquiryFault, InvalidAnswerError, NoSuchItemError
from models.operations.inquiry_steps import inquiry_after, inquiry_for_step, note_step
from models.organisation import Division
from models.review import ReviewItem
from regulations.inquiry import AnswerState, InquiryAction, InquiryScope, InquiryState, may_manage_inquiries
from regulations.review import Actor, NotPermittedError, ReviewStatus
from regulations.structure import Kind
from regulations.taxonomy import load_taxonomy


def draft_inquiry(
    session: Session,
    *,
    actor: Actor,
    name: str,
    guidance: str,
    due_date: dt.date,
    kinds: Collection[Kind],
    categories: Collection[str],
    division_ids: Collection[int] | None,
    now: dt.datetime,
) -> int:
    """Make a draft, which only the coordinator sees; returns its id.

    Empty `kinds` and `categories` are no limit. `division_ids` None asks every division that answers for an
    instrument or a candidate within the scope and has not ended: one yet to begin too, where the coordinator has
    given it something already. Raises NotPermittedError, InquiryError (NAME_REQUIRED), InvalidAnswerError for a
    category that is none, NoSuchItemError for a division that is none or has ended.
    """
    if not may_manage_inquiries(actor):
        raise NotPermittedError(actor, "draft_inquiry")
    scope = _scope(kinds, categories)
    inquiry = Inquiry(
        name=_name(name),
        guidance=guidance.strip(),
        due_date=due_date,
        kinds=_stored(scope.kinds),
        categories=_stored(scope.categories),
        state=InquiryState.DRAFT,
        created_by_id=actor.account_id,
        created_at=now,
    )
    session.add(inquiry)
    session.flush()
    on = japan_date(now)
    asked = _concerned(session, scope, on=on) if division_ids is None else _known(session, division_ids, on=on)
    _ask(session, inquiry, asked)
    record(
        session,
        actor_id=actor.account_id,
        action="draft_inquiry",
        target_type="inquiry",
        target_id=inquiry.id,
        detail={"name": inquiry.name, "due_date": due_date.isoformat(), "divisions": sorted(asked)},
        now=now,
    )
    return inquiry.id


def edit_inquiry(
    session: Session,
    *,
    actor: Actor,
    inquiry_id: int,
    expected_version: int,
    name: str,
    guidance: str,
    due_date: dt.date,
    kinds: Collection[Kind] | None = None,
    categories: Collection[str] | None = None,
    division_ids: Collection[int] | None = None,
    now: dt.datetime,
) -> int:
    """Change a draft, or name, guidance and due date of a running inquiry; returns its new `row_version`.

    None leaves scope and divisions as they are. The same again changes nothing. Raises
    NotPermittedError, NoSuchItemError, StaleItemError, InquiryError, and InvalidAnswerError for a category
    that is none.
    """
    inquiry = inquiry_for_step(
        session, actor=actor, inquiry_id=inquiry_id, action="edit_inquiry", expected_version=expected_version
    )
    inquiry_after(inquiry, InquiryAction.EDIT)
    asked = _asked(session, inquiry)
    wanted = asked if division_ids is None else _known(session, division_ids, on=japan_date(now))
    scope = _scope(
        inquiry.scope.kinds if kinds is None else kinds,
        inquiry.scope.categories if categories is None else categories,
    )
    is_draft = inquiry.state is InquiryState.DRAFT
    if not is_draft and (scope != inquiry.scope or wanted != asked):
        raise InquiryError(InquiryFault.SCOPE_FIXED)
    if not is_draft and due_date != inquiry.due_date and due_date < japan_date(now):
        raise InquiryError(InquiryFault.DUE_DATE_PAST)
    changed = _write(
        inquiry,
        name=_name(name),
        guidance=guidance.strip(),
        due_date=due_date,
        kinds=_stored(scope.kinds),
        categories=_stored(scope.categories),
    )
    if wanted != asked:
        changed["divisions"] = [sorted(asked), sorted(wanted)]
        session.execute(
            delete(InquiryAnswer).where(
                InquiryAnswer.inquiry_id == inquiry.id, InquiryAnswer.division_id.in_(asked - wanted)
            )
        )
        _ask(session, inquiry, wanted - asked)
        flag_modified(inquiry, "name")  # so that the version tells of it too
    if not changed:
        return inquiry.row_version
    session.flush()
    session.expire(inquiry, ["answers"])
    if is_draft:  # nobody but the coordinator has seen it yet: no step that divisions need to know of
        record(
            session,
            actor_id=actor.account_id,
            action="edit_inquiry",
            target_type="inquiry",
            target_id=inquiry.id,
            detail=changed,
            now=now,
        )
    else:
        note_step(
            session,
            actor=actor,
            inquiry=inquiry,
            step=InquiryAction.EDIT,
            action="edit_inquiry",
            detail=changed,
            now=now,
        )
    return inquiry.row_version


def discard_draft(session: Session, *, actor: Actor, inquiry_id: int, now: dt.datetime) -> None:
    """Throw a draft away. Raises NotPermittedError, NoSuchItemError, and InquiryError once it has been dispatched."""
    inquiry = inquiry_for_step(session, actor=actor, inquiry_id=inquiry_id, action="discard_draft")
    if inquiry.state is not InquiryState.DRAFT:
        raise InquiryError(InquiryFault.WRONG_STATE)
    session.execute(delete(InquiryAnswer).where(InquiryAnswer.inquiry_id == inquiry.id))
    session.expire(inquiry, ["answers"])
    session.delete(inquiry)
    session.flush()
    record(
        session,
        actor_id=actor.account_id,
        action="discard_draft",
        target_type="inquiry",
        target_id=inquiry_id,
        detail={"name": inquiry.name},
        now=now,
    )


def _name(name: str) -> str:
    name = name.strip()
    if not name:
        raise InquiryError(InquiryFault.NAME_REQUIRED)
    return name


def _scope(kinds: Collection[Kind], categories: Collection[str]) -> InquiryScope:
    if not set(categories) <= load_taxonomy().keys():
        raise InvalidAnswerError(AnswerFault.UNKNOWN_CATEGORY)
    return InquiryScope(kinds=frozenset(kinds), categories=frozenset(categories))


def _stored(values: Collection[str]) -> list[str]:
    return sorted(str(value) for value in values)


def _write(inquiry: Inquiry, **values: Any) -> dict[str, Any]:
    """Set what differs; before and after of each as JSON."""
    changed = {}
    for name, value in values.items():
        if (before := getattr(inquiry, name)) != value:
            setattr(inquiry, name, value)
            changed[name] = [before.isoformat(), value.isoformat()] if name == "due_date" else [before, value]
    return changed


def _known(session: Session, division_ids: Collection[int], *, on: dt.date) -> frozenset[int]:
    """These divisions. Raises NoSuchItemError where one is none, or has ended."""
    wanted = frozenset(division_ids)
    known = session.scalars(select(Division.id).where(Division.id.in_(wanted), not_(Division.has_ended(on))))
    if unknown := wanted - set(known):
        raise NoSuchItemError(f"divisions {sorted(unknown)}")
    return wanted


def _concerned(session: Session, scope: InquiryScope, *, on: dt.date) -> frozenset[int]:
    of_kind = [Instrument.kind.in_(scope.kinds)] if scope.kinds else []
    of_category = [ReviewItem.category.in_(scope.categories)] if scope.categories else []
    leads = select(Instrument.owner_id).where(Instrument.owner_id.is_not(None), *of_kind)
    items = (
        select(ReviewItem.division_id)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .where(
            ReviewItem.division_id.is_not(None),
            ReviewItem.status != ReviewStatus.WITHDRAWN.value,
            *of_kind,
            *of_category,
        )
    )
    concerned = select(Division.id).where(
        not_(Division.has_ended(on)), or_(Division.id.in_(leads), Division.id.in_(items))
    )
    return frozenset(session.scalars(concerned))


def _asked(session: Session, inquiry: Inquiry) -> frozenset[int]:
    return frozenset(session.scalars(select(InquiryAnswer.division_id).where(InquiryAnswer.inquiry_id == inquiry.id)))


def _ask(session: Session, inquiry: Inquiry, division_ids: Collection[int]) -> None:
    session.add_all(
        InquiryAnswer(inquiry_id=inquiry.id, division_id=division_id, state=AnswerState.WAITING)
        for division_id in sorted(division_ids)
    )
    session.flush()
