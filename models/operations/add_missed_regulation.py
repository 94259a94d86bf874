"""Add by hand a regulation that detection missed (検出もれ)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.legislation import Provision, ProvisionVersion
from models.operations.audit import record
from models.operations.decide import check_terms, decide
from models.operations.errors import AnswerFault, InvalidAnswerError, NoSuchItemError
from models.operations.resume_answers import resume_answers
from models.operations.review_items import owner_of
from models.review import Candidate, ReviewItem
from regulations.inquiry import Arrival
from regulations.review import Actor, Applicability, NotPermittedError, Owner, may_decide, may_read_sample
from regulations.taxonomy import LegalBasis

MANUAL = "manual"
"""Stands in a candidate's `pipeline_version` where a person made it."""


def add_missed_regulation(
    session: Session,
    *,
    actor: Actor,
    version_id: int,
    start: int,
    end: int,
    category: str,
    regulation_type: int,
    phase: int,
    basis: LegalBasis,
    note: str = "",
    now: dt.datetime,
) -> int:
    """Mark the characters [start, end) of a provision as a regulation and answer 該当; returns the review item's id.

    Where the provision has an item of that category already, the answer goes to it. Raises
    NoSuchItemError, NotPermittedError and InvalidAnswerError.
    """
    item = _mark(
        session,
        actor=actor,
        action="add_missed_regulation",
        may_mark=may_decide,
        version_id=version_id,
        start=start,
        end=end,
        category=category,
        regulation_type=regulation_type,
        phase=phase,
        basis=basis,
        note=note,
        now=now,
    )
    decide(
        session,
        actor=actor,
        item_id=item.id,
        expected_version=item.row_version,
        applicability=Applicability.APPLICABLE,
        category=category,
        regulation_type=regulation_type,
        phase=phase,
        basis=basis,
        note=note,
        now=now,
    )
    return item.id


def mark_regulation(
    session: Session,
    *,
    actor: Actor,
    version_id: int,
    start: int,
    end: int,
    category: str,
    regulation_type: int,
    phase: int,
    basis: LegalBasis,
    note: str = "",
    now: dt.datetime,
) -> int:
    """The same without an answer, by someone who reads for others: the owning division finds it in its queue.

    Where it has handed its answer to a running inquiry in, that goes back to it. Raises NoSuchItemError,
    NotPermittedError and InvalidAnswerError.
    """
    item = _mark(
        session,
        actor=actor,
        action="mark_regulation",
        may_mark=may_read_sample,
        version_id=version_id,
        start=start,
        end=end,
        category=category,
        regulation_type=regulation_type,
        phase=phase,
        basis=basis,
        note=note,
        now=now,
    )
    resume_answers(session, arrival=Arrival.MARK, actor_id=actor.account_id, division_ids=[item.division_id], now=now)
    return item.id


def _mark(
    session: Session,
    *,
    actor: Actor,
    action: str,
    may_mark: Callable[[Actor, Owner], bool],
    version_id: int,
    start: int,
    end: int,
    category: str,
    regulation_type: int,
    phase: int,
    basis: LegalBasis,
    note: str,
    now: dt.datetime,
) -> ReviewItem:
    """A candidate by hand, on the item of that category, which is made where there is none."""
    version = session.get(ProvisionVersion, version_id)
    if version is None:
        raise NoSuchItemError(f"provision version {version_id}")
    provision = session.get_one(Provision, version.provision_id, with_for_update=True, populate_existing=True)
    owner = owner_of(session, instrument_id=provision.instrument_id)
    if not may_mark(actor, owner):
        raise NotPermittedError(actor, action, owner)
    check_terms(category=category, regulation_type=regulation_type, phase=phase)
    if not 0 <= start < end <= len(version.text):
        raise InvalidAnswerError(AnswerFault.SPAN_OUTSIDE_TEXT)
    if provision.latest_version_id != version.id or provision.current_text_hash is None:
        raise InvalidAnswerError(AnswerFault.TEXT_NOT_IN_FORCE)
    item = session.scalar(
        select(ReviewItem).where(ReviewItem.provision_id == provision.id, ReviewItem.category == category)
    )
    if item is None:
        item = ReviewItem(
            provision_id=provision.id,
            category=category,
            division_id=owner.division_id,
            current_text_hash=provision.current_text_hash,
        )
        session.add(item)
        session.flush()
    item.is_manual = item.is_detected = True
    candidate = session.scalar(
        select(Candidate).where(
            Candidate.review_item_id == item.id,
            Candidate.text_hash == version.text_hash,
            Candidate.pipeline_version == MANUAL,
        )
    )
    if candidate is None:
        candidate = Candidate(
            review_item_id=item.id,
            text_hash=version.text_hash,
            pipeline_version=MANUAL,
            category=category,
            regulation_type=regulation_type,
            phase=phase,
            basis=basis,
            probability=1.0,
            evidence=[{"start": start, "end": end, "text": version.text[start:end]}],
            reason=note.strip(),
            rule_ids=[],
            created_at=now,
        )
        session.add(candidate)
        session.flush()
    item.current_candidate_id = candidate.id
    session.flush()
    record(
        session,
        actor_id=actor.account_id,
        action=action,
        target_type="review_item",
        target_id=item.id,
        detail={"category": category, "candidate": candidate.id},
        now=now,
    )
    return item
