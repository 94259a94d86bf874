"""What an inquiry asks of a division, candidate by candidate, and who can approve the answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from models.accounts import Account
from models.inquiry import Inquiry, InquiryAnswer
from models.legislation import Instrument, Provision, ProvisionVersion
from models.organisation import Division
from models.queries.marks import Mark, marks, snippet
from models.review import Candidate, Decision, ReviewItem
from regulations.inquiry import InquiryState, Respondent, may_see_answer, may_see_inquiries
from regulations.review import Actor, Applicability, NonApplicableReason, ReviewStatus, Role
from regulations.taxonomy import LegalBasis

_SHOWN = frozenset(ReviewStatus) - {ReviewStatus.WITHDRAWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedItem:
    """One candidate that a division answers for within an inquiry, with its latest answer.

    `applicability` and what follows from it are None where there is none; `category` is the decision's, else the
    proposal's. `snippet` are the words around the evidence.
    """

    item_id: int
    status: ReviewStatus
    category: str
    title: str
    address: str
    caption: str
    applicability: Applicability | None
    reason_code: NonApplicableReason | None
    regulation_type: int | None
    phase: int | None
    basis: LegalBasis | None
    note: str
    who: str
    decided_at: dt.datetime | None
    snippet: str


def asked_items(
    session: Session,
    *,
    actor: Actor,
    answer_id: int,
    statuses: Collection[ReviewStatus] = _SHOWN,
    limit: int = 50,
    offset: int = 0,
) -> list[AskedItem]:
    """One page of what an answer covers, in the order of instruments and of their provisions.

    Nothing where the actor may not see the answer, or there is none.
    """
    asked = _asked(session, actor=actor, answer_id=answer_id)
    if asked is None:
        return []
    rows = session.execute(
        select(
            ReviewItem,
            Candidate,
            Decision,
            Instrument.title,
            ProvisionVersion,
            Account.display_name,
        )
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(ProvisionVersion, ProvisionVersion.id == Provision.latest_version_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .outerjoin(Candidate, Candidate.id == ReviewItem.current_candidate_id)
        .outerjoin(Decision, Decision.id == ReviewItem.current_decision_id)
        .outerjoin(Account, Account.id == Decision.account_id)
        .where(asked, ReviewItem.status.in_([status.value for status in statuses]))
        .order_by(Provision.instrument_id, ProvisionVersion.position, ReviewItem.id)
        .limit(limit)
        .offset(offset)
    )
    return [
        AskedItem(
            item_id=item.id,
            status=item.status,
            category=stated.category if (stated := decision or candidate) else item.category,
            title=title,
            address=version.address,
            caption=version.caption,
            applicability=decision.applicability if decision else None,
            reason_code=decision.reason_code if decision else None,
            regulation_type=decision.regulation_type if decision else None,
            phase=decision.phase if decision else None,
            basis=decision.basis if decision else None,
            note=decision.note if decision else "",
            who=who or "",
            decided_at=decision.decided_at if decision else None,
            snippet=snippet(version.text, _evidence(version, candidate)),
        )
        for item, candidate, decision, title, version, who in rows
    ]


def _evidence(version: ProvisionVersion, candidate: Candidate | None) -> tuple[Mark, ...]:
    return marks(version.text, candidate.evidence, category=candidate.category) if candidate else ()


def asked_total(session: Session, *, actor: Actor, answer_id: int, statuses: Collection[ReviewStatus] = _SHOWN) -> int:
    """How many candidates `asked_items` lists over all its pages."""
    asked = _asked(session, actor=actor, answer_id=answer_id)
    if asked is None:
        return 0
    count = (
        select(func.count(ReviewItem.id))
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .where(asked, ReviewItem.status.in_([status.value for status in statuses]))
    )
    return session.scalar(count) or 0


def approvers(session: Session, *, respondent: Respondent, now: dt.datetime) -> list[str]:
    """The names of those who can approve the division's answer: its approvers, but for who handed it in."""
    names = (
        select(Account.display_name)
        .where(
            Account.role == Role.APPROVER,
            Account.division_id == respondent.division_id,
            Account.is_active,
            or_(Account.expires_at.is_(None), Account.expires_at > now),
            Account.id != respondent.submitted_by if respondent.submitted_by is not None else true(),
        )
        .order_by(Account.id)
    )
    return list(session.scalars(names))


def _asked(session: Session, *, actor: Actor, answer_id: int) -> ColumnElement[bool] | None:
    """The candidates that an answer covers, as a condition on ReviewItem and Instrument; None where nothing is seen."""
    row = session.execute(
        select(Inquiry, InquiryAnswer, Division.bureau)
        .join(InquiryAnswer, InquiryAnswer.inquiry_id == Inquiry.id)
        .join(Division, Division.id == InquiryAnswer.division_id)
        .where(InquiryAnswer.id == answer_id)
    ).one_or_none()
    if row is None:
        return None
    inquiry, answer, bureau = row
    if inquiry.state is InquiryState.DRAFT and not may_see_inquiries(actor):
        return None
    if not may_see_answer(actor, Respondent(division_id=answer.division_id, bureau=bureau)):
        return None
    scope = inquiry.scope
    condition: ColumnElement[bool] = ReviewItem.division_id == answer.division_id
    if scope.kinds:
        condition &= Instrument.kind.in_(sorted(scope.kinds))
    if scope.categories:
        condition &= ReviewItem.category.in_(sorted(scope.categories))
    return condition
