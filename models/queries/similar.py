"""Items that one decision may serve: the same category in provisions that say the same, or nearly."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from models.legislation import Instrument, Provision, ProvisionVersion
from models.queries.visibility import items_to_answer, stands_still
from models.review import Candidate, Decision, GroupDecision, Handover, ReviewItem
from regulations.review import OPEN_STATUSES, Actor, Applicability, HandoverState, NonApplicableReason, ReviewStatus
from regulations.similarity import likeness, masked
from regulations.taxonomy import LegalBasis

NEAR = 0.9
"""Likeness of masked texts from which a provision is shown beside its group."""

UNDO_WITHIN = dt.timedelta(hours=24)
"""How long after an answer for several items a page offers to take it back."""

_LENGTHS = (0.8, 1.25)  # of the subject's text: outside, masked texts are hardly ever that alike
_NEAR_POOL = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarItem:
    """One item of the group, the subject (`is_subject`) among them.

    `likeness` is 1.0 where the text is the same but for names and numbers, else the share that is
    (from `NEAR` on). `basis`, type and phase are the latest decision's, or the proposal's.
    """

    item_id: int
    row_version: int
    is_subject: bool
    status: ReviewStatus
    title: str
    address: str
    caption: str
    text: str
    regulation_type: int
    phase: int
    basis: LegalBasis
    applicability: Applicability | None
    reason_code: NonApplicableReason | None
    likeness: float
    stands_still: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer, so that a group decision may give it."""
        return self.status in OPEN_STATUSES and not self.stands_still


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoableStep:
    """One answer for several items; `items` counts those that nobody has answered, or acted on, since.

    `is_handover` says that the answer was 所管外.
    """

    group_decision_id: int
    items: int
    decided_at: dt.datetime
    is_handover: bool = False


def similar_items(session: Session, *, actor: Actor, item_id: int, near: bool = True) -> list[SimilarItem]:
    """The group of an item among what the actor may see: the subject, the same ones, then the nearest.

    Empty where the actor may not see the item. Also the preview of `decide_group`: it takes the
    items chosen from here with their `row_version`. Of nearly equal ones the `_NEAR_POOL` latest of
    a like length are compared.
    """
    rows = (
        select(ReviewItem, Candidate, Decision, ProvisionVersion, Instrument, stands_still(actor).label("stands_still"))
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(ProvisionVersion, ProvisionVersion.id == Provision.latest_version_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .outerjoin(Candidate, Candidate.id == ReviewItem.current_candidate_id)
        .outerjoin(Decision, Decision.id == ReviewItem.current_decision_id)
        .where(items_to_answer(actor))
    )
    found = session.execute(rows.where(ReviewItem.id == item_id)).one_or_none()
    if found is None:
        return []
    item, _, _, version, instrument, _ = found
    others = rows.where(
        ReviewItem.category == item.category, ReviewItem.id != item.id, ReviewItem.current_text_hash.is_not(None)
    )
    similar = [_row(*found, likeness=1.0, is_subject=True)]
    if version.group_key is not None:
        same = others.where(ProvisionVersion.group_key == version.group_key)
        same = same.order_by(Provision.instrument_id, ProvisionVersion.position)
        similar += [_row(*row, likeness=1.0) for row in session.execute(same)]
    if not near:
        return similar
    shape = _shape(version, instrument)
    shortest, longest = (len(version.text) * share for share in _LENGTHS)
    pool = others.where(
        func.length(ProvisionVersion.text).between(shortest, longest),
        or_(ProvisionVersion.group_key.is_(None), ProvisionVersion.group_key.is_distinct_from(version.group_key)),
    )
    nearest = [
        _row(*row, likeness=share)
        for row in session.execute(pool.order_by(ReviewItem.id.desc()).limit(_NEAR_POOL))
        if (share := likeness(shape, _shape(row[3], row[4]), least=NEAR))
    ]
    return similar + sorted(nearest, key=lambda row: (-row.likeness, row.item_id))


# Handed to nobody, and the whole instrument has come to another division since: `undo_group_decision` leaves it there.
_HAS_MOVED = and_(
    Handover.to_division_id.is_(None),
    ReviewItem.division_id.is_not(None),
    ReviewItem.division_id != Handover.from_division_id,
)


def latest_undoable(session: Session, *, actor: Actor, now: dt.datetime) -> UndoableStep | None:
    """The actor's own last answer for several items within `UNDO_WITHIN` of which something can be taken back."""
    answered = (
        select(func.count(ReviewItem.id))
        .join(Decision, Decision.id == ReviewItem.current_decision_id)
        .where(Decision.group_decision_id == GroupDecision.id)
        .correlate(GroupDecision)
        .scalar_subquery()
    )
    handed = (
        select(func.count(Handover.id))
        .join(ReviewItem, ReviewItem.id == Handover.review_item_id)
        .where(Handover.group_decision_id == GroupDecision.id, Handover.state == HandoverState.OPEN, ~_HAS_MOVED)
        .correlate(GroupDecision)
        .scalar_subquery()
    )
    row = session.execute(
        select(GroupDecision.id, GroupDecision.decided_at, answered, handed)
        .where(
            GroupDecision.account_id == actor.account_id,
            GroupDecision.undone_at.is_(None),
            GroupDecision.decided_at > now - UNDO_WITHIN,
            answered + handed > 0,
        )
        .order_by(GroupDecision.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    step_id, at, answers, handovers = row
    return UndoableStep(
        group_decision_id=step_id, items=answers + handovers, decided_at=at, is_handover=bool(handovers)
    )


def _shape(version: ProvisionVersion, instrument: Instrument) -> str:
    return masked(version.text, title=instrument.title, issuing_body=instrument.issuing_body)


def _row(
    item: ReviewItem,
    candidate: Candidate | None,
    decision: Decision | None,
    version: ProvisionVersion,
    instrument: Instrument,
    stands_still: bool,
    *,
    likeness: float,
    is_subject: bool = False,
) -> SimilarItem:
    stated = decision or candidate
    return SimilarItem(
        item_id=item.id,
        row_version=item.row_version,
        is_subject=is_subject,
        status=item.status,
        title=instrument.title,
        address=version.address,
        caption=version.caption,
        text=version.text,
        regulation_type=stated.regulation_type if stated else 1,
        phase=stated.phase if stated else 1,
        basis=stated.basis if stated else LegalBasis.UNCLEAR,
        applicability=decision.applicability if decision else None,
        reason_code=decision.reason_code if decision else None,
        likeness=likeness,
        stands_still=stands_still,
    )
