"""The candidates of a division with all that its answer sheet shows: what the inbox counts, in one list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.inquiry import Inquiry, InquiryAnswer
from models.legislation import Instrument, Provision, ProvisionVersion
from models.organisation import Division
from models.queries.marks import Mark, marks
from models.queries.visibility import is_handed_in, items_to_answer
from models.review import Candidate, Decision, ReviewItem, RoadmapItem
from regulations.inquiry import SUBMITTED, InquiryState
from regulations.review import Actor, Applicability, NonApplicableReason, ReviewStatus, Role
from regulations.roadmap import RoadmapEntry
from regulations.taxonomy import LegalBasis

LISTED = frozenset(ReviewStatus) - {ReviewStatus.WITHDRAWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """What counts as the answer to a candidate, and who gave it when."""

    applicability: Applicability
    reason_code: NonApplicableReason | None
    note: str
    who: str
    decided_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSheetRow:
    """One candidate in the answer sheet.

    `category` to `basis` are what an answer starts from: the answer on the text in force, else the
    proposal. `answer` may be one on an earlier text (`status` then is 再確認). `entry` is the plan of
    what is 該当 and `plan_version` its row's version; both None where there is none. `is_handed_in`: it stands
    still, for its division has handed it in to a running inquiry.
    """

    number: int
    item_id: int
    row_version: int
    provision_id: int
    text_hash: str
    division: str
    title: str
    address: str
    caption: str
    text: str
    evidence: tuple[Mark, ...]
    status: ReviewStatus
    proposal: str
    category: str
    regulation_type: int
    phase: int
    basis: LegalBasis
    decision_id: int | None
    answer: GivenAnswer | None
    entry: RoadmapEntry | None
    plan_version: int | None
    is_handed_in: bool = False

    @property
    def is_answered(self) -> bool:
        """Whether the answer is on the text in force: such a row is prefilled with it."""
        return self.status in {ReviewStatus.APPLICABLE, ReviewStatus.NOT_APPLICABLE, ReviewStatus.UNDECIDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class DueInquiry:
    """A running inquiry that waits for a division's answer."""

    name: str
    due_date: dt.date


def answer_rows(
    session: Session, *, actor: Actor, division_id: int | None = None, statuses: Collection[ReviewStatus] = LISTED
) -> list[AnswerSheetRow]:
    """What the actor has to answer, or (for who sees several divisions) what one of them has.

    By division in the organisation's order, then by instrument and provision. One statement, whatever
    the number of rows.
    """
    shown = (ReviewItem, Candidate, Decision, Account.display_name, ProvisionVersion, Instrument, Division, RoadmapItem)
    statement = (
        select(*shown, is_handed_in().label("is_handed_in"))
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(ProvisionVersion, ProvisionVersion.id == Provision.latest_version_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .outerjoin(Candidate, Candidate.id == ReviewItem.current_candidate_id)
        .outerjoin(Decision, Decision.id == ReviewItem.current_decision_id)
        .outerjoin(Account, Account.id == Decision.account_id)
        .outerjoin(Division, Division.id == ReviewItem.division_id)
        .outerjoin(RoadmapItem, RoadmapItem.review_item_id == ReviewItem.id)
        .where(items_to_answer(actor), ReviewItem.status.in_([status.value for status in statuses]))
        .where(*_of_division(division_id))
        .order_by(Division.id.is_(None), Division.id, Provision.instrument_id, ProvisionVersion.position, ReviewItem.id)
    )
    return [_row(number, *row) for number, row in enumerate(session.execute(statement), 1)]


def answer_counts(session: Session, *, actor: Actor, division_id: int | None = None) -> Mapping[ReviewStatus, int]:
    """How many rows of each status `answer_rows` lists; one that has none is no key."""
    counts = (
        select(ReviewItem.status.label("derived"), func.count())
        .where(items_to_answer(actor), *_of_division(division_id))
        .group_by("derived")
    )
    found = {ReviewStatus(status): count for status, count in session.execute(counts)}
    return {status: count for status, count in found.items() if status in LISTED}


def due_inquiries(session: Session, *, division_id: int) -> list[DueInquiry]:
    """The running inquiries that the division has not yet handed its answer in to, the most urgent first."""
    rows = session.execute(
        select(Inquiry.name, Inquiry.due_date)
        .join(InquiryAnswer, InquiryAnswer.inquiry_id == Inquiry.id)
        .where(
            Inquiry.state == InquiryState.OPEN,
            InquiryAnswer.division_id == division_id,
            InquiryAnswer.state.not_in(SUBMITTED),
        )
        .order_by(Inquiry.due_date, Inquiry.id)
    )
    return [DueInquiry(name=name, due_date=due_date) for name, due_date in rows]


def _of_division(division_id: int | None) -> list[ColumnElement[bool]]:
    """The same candidates as its reviewers find in their inbox, those of jointly owned instruments included."""
    if division_id is None:
        return []
    return [items_to_answer(Actor(account_id=0, display_name="", role=Role.REVIEWER, division_id=division_id))]


def _row(
    number: int,
    item: ReviewItem,
    candidate: Candidate | None,
    decision: Decision | None,
    who: str | None,
    version: ProvisionVersion,
    instrument: Instrument,
    division: Division | None,
    plan: RoadmapItem | None,
    is_handed_in: bool,
) -> AnswerSheetRow:
    is_current = decision is not None and decision.text_hash == item.current_text_hash
    stated = decision if is_current or candidate is None else candidate
    is_applicable = item.applicability is Applicability.APPLICABLE
    return AnswerSheetRow(
        number=number,
        item_id=item.id,
        row_version=item.row_version,
        provision_id=item.provision_id,
        text_hash=item.current_text_hash or "",
        division=division.name if division else instrument.owner_as_stated,
        title=instrument.title,
        address=version.address,
        caption=version.caption,
        text=version.text,
        evidence=marks(version.text, candidate.evidence, category=candidate.category) if candidate else (),
        status=item.status,
        proposal=candidate.reason if candidate else "",
        category=stated.category if stated else item.category,
        regulation_type=stated.regulation_type if stated else 1,
        phase=stated.phase if stated else 1,
        basis=stated.basis if stated else LegalBasis.UNCLEAR,
        decision_id=item.current_decision_id,
        answer=_answer(decision, who) if decision else None,
        entry=_entry(plan) if plan and is_applicable else None,
        plan_version=plan.row_version if plan and is_applicable else None,
        is_handed_in=is_handed_in,
    )


def _answer(decision: Decision, who: str | None) -> GivenAnswer:
    return GivenAnswer(
        applicability=decision.applicability,
        reason_code=decision.reason_code,
        note=decision.note,
        who=who or "",
        decided_at=decision.decided_at,
    )


def _entry(plan: RoadmapItem) -> RoadmapEntry:
    return RoadmapEntry(
        policy=plan.policy,
        target_phase=plan.target_phase,
        original_year=plan.original_year,
        revised_year=plan.revised_year,
        delay_reason=plan.delay_reason,
        progress=plan.progress,
        note=plan.note,
    )
