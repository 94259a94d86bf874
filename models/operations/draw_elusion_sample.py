"""The elusion test: draw provisions that detection left out, and note what a reader finds in them."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, insert, or_, select
from sqlalchemy.orm import Session

from models.detection import ElusionAnswer, ElusionRow, ElusionSample
from models.legislation import Instrument, Provision, ProvisionVersion
from models.operations.add_missed_regulation import add_missed_regulation, mark_regulation
from models.operations.audit import record
from models.operations.errors import NoSuchItemError
from models.operations.review_items import owner_of
from models.review import ReviewItem
from regulations.review import Actor, NotPermittedError, may_decide, may_draw_sample, may_read_sample
from regulations.structure import NATIONAL_KINDS
from regulations.taxonomy import LegalBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedRegulation:
    """A regulation that the reader sees in the characters [start, end) of the provision."""

    start: int
    end: int
    category: str
    regulation_type: int
    phase: int
    basis: LegalBasis
    note: str = ""


class NothingToDrawError(Exception):
    """Nothing has been scanned yet, or everything is flagged."""


class AlreadyAnsweredError(Exception):
    """A regulation has been added for this row already; whether it is one the owning division decides."""


def draw_elusion_sample(session: Session, *, actor: Actor, size: int, seed: int, now: dt.datetime) -> int:
    """Draw `size` provisions (or all there are) at random; returns the sample's id.

    Drawn from: provisions in force of local instruments that have been scanned, in which nothing is
    detected and on which nobody has decided. Simple random, without replacement; the same `seed` on
    the same database draws the same ones. Raises NotPermittedError, NothingToDrawError and, for a size below 1,
    ValueError.
    """
    if not may_draw_sample(actor):
        raise NotPermittedError(actor, "draw_elusion_sample")
    if size < 1:
        raise ValueError("size must be positive")
    population = session.scalars(_left_out()).all()
    if not population:
        raise NothingToDrawError
    drawn = random.Random(seed).sample(population, min(size, len(population)))  # noqa: S311  to be drawn again
    sample = ElusionSample(drawn_at=now, drawn_by_id=actor.account_id, seed=seed, population=len(population))
    session.add(sample)
    session.flush()
    session.execute(
        insert(ElusionRow),
        [
            {"sample_id": sample.id, "position": position, "version_id": version_id, "item_ids": []}
            for position, version_id in enumerate(drawn, 1)
        ],
    )
    record(
        session,
        actor_id=actor.account_id,
        action="draw_elusion_sample",
        target_type="elusion_sample",
        target_id=sample.id,
        detail={"seed": seed, "size": len(drawn), "population": len(population)},
        now=now,
    )
    return sample.id


def _left_out() -> Select[tuple[int]]:
    flagged = select(ReviewItem.id).where(
        ReviewItem.provision_id == Provision.id, or_(ReviewItem.is_detected, ReviewItem.applicability.is_not(None))
    )
    return (
        select(ProvisionVersion.id)
        .join(Provision, Provision.latest_version_id == ProvisionVersion.id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .where(
            Provision.current_text_hash.is_not(None),
            ProvisionVersion.scanned_by.is_not(None),
            Instrument.kind.not_in(list(NATIONAL_KINDS)),
            ~flagged.exists(),
        )
        .order_by(ProvisionVersion.id)
    )


def answer_elusion_row(
    session: Session, *, actor: Actor, row_id: int, missed: Sequence[MissedRegulation] = (), now: dt.datetime
) -> list[int]:
    """Note what a reader found in a drawn provision: nothing, or regulations; returns the review items added.

    Of someone who may decide on the provision each becomes a decided 検出もれ at once; of the coordinator
    an item that the owning division finds 未確認 in its queue. "Nothing" may later become
    "missed", not the other way round. Raises NoSuchItemError, NotPermittedError,
    InvalidAnswerError and AlreadyAnsweredError.
    """
    row = session.get(ElusionRow, row_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NoSuchItemError(f"elusion row {row_id}")
    instrument_id = session.scalar(
        select(Provision.instrument_id)
        .join(ProvisionVersion, ProvisionVersion.provision_id == Provision.id)
        .where(ProvisionVersion.id == row.version_id)
    )
    owner = owner_of(session, instrument_id=instrument_id or 0)
    if not may_read_sample(actor, owner):
        raise NotPermittedError(actor, "answer_elusion_row", owner)
    if row.answer is ElusionAnswer.MISSED:
        raise AlreadyAnsweredError
    add = add_missed_regulation if may_decide(actor, owner) else mark_regulation
    row.item_ids = [
        add(
            session,
            actor=actor,
            version_id=row.version_id,
            start=each.start,
            end=each.end,
            category=each.category,
            regulation_type=each.regulation_type,
            phase=each.phase,
            basis=each.basis,
            note=each.note,
            now=now,
        )
        for each in missed
    ]
    row.answer = ElusionAnswer.MISSED if missed else ElusionAnswer.NOTHING
    row.answered_by_id, row.answered_at = actor.account_id, now
    record(
        session,
        actor_id=actor.account_id,
        action="answer_elusion_row",
        target_type="elusion_row",
        target_id=row.id,
        detail={"answer": row.answer, "items": row.item_ids},
        now=now,
    )
    return row.item_ids
