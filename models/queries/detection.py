"""Detection as people see it: models, what they learn from, and what samples say of what was missed."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, case, func, or_, select
from sqlalchemy.orm import Session, joinedload, undefer

from models.detection import DetectionModel, ElusionAnswer, ElusionRow, ElusionSample, ModelState
from models.legislation import Instrument, Provision, ProvisionVersion
from models.queries.intervals import clopper_pearson
from models.review import Decision, ReviewItem
from regulations.review import Actor, Applicability, NotPermittedError, may_draw_sample, may_propose_model
from regulations.structure import NATIONAL_KINDS, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """A trained model without its weights. `figures` as `models.operations.propose_model` describes them."""

    model_id: int
    state: ModelState
    created_at: dt.datetime
    proposed_by: str
    proposed_by_id: int
    approved_by: str
    approved_at: dt.datetime | None
    compared_with: int | None
    pipeline_version: str
    data_hash: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInService:
    """The weights to detect with. `training_data` is the JSON Lines they were learnt from."""

    model_id: int
    weights: bytes
    weights_hash: str
    training_data: bytes
    pipeline_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledCategory:
    """What people say of one category of a provision."""

    category: str
    regulation_type: int
    phase: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedProvision:
    """A provision as decided on: `applicable` regulations, and categories found `not_applicable`.

    `is_complete` says that somebody read it for every category (it was drawn as a sample), save
    those still `undecided`; else nothing is known of the others.
    """

    version_id: int
    natural_key: str
    title: str
    law_number: str
    kind: Kind
    article: str
    paragraph: str
    caption: str
    text: str
    applicable: tuple[LabelledCategory, ...]
    not_applicable: tuple[str, ...]
    undecided: tuple[str, ...]
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ElusionTask:
    """A drawn provision; `answer` is None until somebody has read it."""

    row_id: int
    position: int
    version_id: int
    title: str
    address: str
    caption: str
    text: str
    answer: ElusionAnswer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ElusionEstimate:
    """What a sample says of what was missed, in provisions; ranges are (low, high) at `confidence`.

    `missed` counts the answers 検出もれ that no division has since found 非該当. `share` is missed / read,
    `implied` that share of the population. `found` is how many flagged provisions hold a
    regulation, from the share of those decided so far, and `recall` found / (found + implied); both
    are None where nothing flagged has been decided yet.
    """

    sample_id: int
    drawn_at: dt.datetime
    seed: int
    population: int
    size: int
    read: int
    missed: int
    confidence: float
    share: float
    share_range: tuple[float, float]
    implied: float
    implied_range: tuple[float, float]
    found: float | None
    recall: float | None
    recall_range: tuple[float, float] | None


def detection_models(session: Session, *, actor: Actor) -> list[ModelRow]:
    """All models, the last first. Raises NotPermittedError."""
    if not may_propose_model(actor):
        raise NotPermittedError(actor, "detection_models")
    rows = session.scalars(
        select(DetectionModel)
        .options(joinedload(DetectionModel.proposed_by), joinedload(DetectionModel.approved_by))
        .order_by(DetectionModel.id.desc())
    )
    return [
        ModelRow(
            model_id=row.id,
            state=row.state,
            created_at=row.created_at,
            proposed_by=row.proposed_by.display_name,
            proposed_by_id=row.proposed_by_id,
            approved_by=row.approved_by.display_name if row.approved_by else "",
            approved_at=row.approved_at,
            compared_with=row.compared_with_id,
            pipeline_version=row.pipeline_version,
            data_hash=row.data_hash,
            figures=row.figures,
        )
        for row in rows
    ]


def model_in_service(session: Session) -> ModelInService | None:
    """The approved model; None where the weights that ship with the project are used."""
    row = session.scalar(
        select(DetectionModel)
        .where(DetectionModel.state == ModelState.IN_SERVICE)
        .options(undefer(DetectionModel.weights), undefer(DetectionModel.training_data))
    )
    if row is None:
        return None
    return ModelInService(
        model_id=row.id,
        weights=row.weights,
        weights_hash=row.weights_hash,
        training_data=gzip.decompress(row.training_data),
        pipeline_version=row.pipeline_version,
    )


def decided_provisions(session: Session) -> list[DecidedProvision]:
    """What departments have decided on the texts in force, to learn from: the latest answer each, by provision.

    An answer that corrected the category counts for the corrected one, and against the proposed
    one. 保留, answers on an earlier text and answers taken back say nothing.
    """
    decided = session.execute(
        select(ReviewItem.provision_id, ReviewItem.category, Decision)
        .join(Decision, Decision.id == ReviewItem.current_decision_id)
        .where(
            ReviewItem.decided_text_hash == ReviewItem.current_text_hash,
            ReviewItem.applicability.in_([Applicability.APPLICABLE, Applicability.NOT_APPLICABLE]),
        )
        .order_by(ReviewItem.id)
    )
    applicable: dict[int, dict[str, LabelledCategory]] = {}
    refused: dict[int, set[str]] = {}
    for provision_id, proposed, decision in decided:
        if decision.applicability is Applicability.APPLICABLE:
            applicable.setdefault(provision_id, {})[decision.category] = LabelledCategory(
                category=decision.category, regulation_type=decision.regulation_type, phase=decision.phase
            )
            if decision.category != proposed:
                refused.setdefault(provision_id, set()).add(proposed)
        else:
            refused.setdefault(provision_id, set()).add(proposed)
    read = set(session.scalars(_read_in_samples()))
    pending: dict[int, set[str]] = {}
    for provision_id, category in session.execute(
        select(ReviewItem.provision_id, ReviewItem.category).where(
            or_(
                ReviewItem.applicability.is_(None),
                ReviewItem.applicability == Applicability.UNDECIDED,
                ReviewItem.decided_text_hash.is_distinct_from(ReviewItem.current_text_hash),
            )
        )
    ):
        pending.setdefault(provision_id, set()).add(category)
    provision_ids = sorted(applicable.keys() | refused.keys() | read)
    rows: list[Row[tuple[ProvisionVersion, Instrument]]] = []
    for start in range(0, len(provision_ids), _AT_ONCE):
        rows += session.execute(
            select(ProvisionVersion, Instrument)
            .join(Provision, Provision.latest_version_id == ProvisionVersion.id)
            .join(Instrument, Instrument.id == Provision.instrument_id)
            .where(Provision.id.in_(provision_ids[start : start + _AT_ONCE]), Provision.current_text_hash.is_not(None))
            .order_by(Provision.id)
        ).all()
    return [
        DecidedProvision(
            version_id=version.id,
            natural_key=instrument.natural_key,
            title=instrument.title,
            law_number=instrument.law_number,
            kind=instrument.kind,
            article=version.article,
            paragraph=version.paragraph,
            caption=version.caption,
            text=version.text,
            applicable=tuple(applicable.get(version.provision_id, {}).values()),
            not_applicable=tuple(
                sorted(refused.get(version.provision_id, set()) - applicable.get(version.provision_id, {}).keys())
            ),
            undecided=tuple(sorted(pending.get(version.provision_id, ()))),
            is_complete=version.provision_id in read,
        )
        for version, instrument in rows
    ]


_AT_ONCE = 500


def _read_in_samples() -> Select[tuple[int]]:
    """Provisions read whole, whose text is still the one that was read."""
    return (
        select(ProvisionVersion.provision_id)
        .join(ElusionRow, ElusionRow.version_id == ProvisionVersion.id)
        .join(Provision, Provision.id == ProvisionVersion.provision_id)
        .where(ElusionRow.answer.is_not(None), Provision.current_text_hash == ProvisionVersion.text_hash)
    )


def elusion_tasks(session: Session, *, actor: Actor, sample_id: int | None = None) -> list[ElusionTask]:
    """The rows of a sample (None: the last one) in the order of drawing. Raises NotPermittedError."""
    if not may_draw_sample(actor):
        raise NotPermittedError(actor, "elusion_tasks")
    sample = sample_id if sample_id is not None else session.scalar(select(func.max(ElusionSample.id)))
    rows = session.execute(
        select(ElusionRow, ProvisionVersion, Instrument.title)
        .join(ProvisionVersion, ProvisionVersion.id == ElusionRow.version_id)
        .join(Provision, Provision.id == ProvisionVersion.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .where(ElusionRow.sample_id == sample)
        .order_by(ElusionRow.position)
    )
    return [
        ElusionTask(
            row_id=row.id,
            position=row.position,
            version_id=version.id,
            title=title,
            address=version.address,
            caption=version.caption,
            text=version.text,
            answer=row.answer,
        )
        for row, version, title in rows
    ]


def elusion_estimate(
    session: Session, *, actor: Actor, sample_id: int | None = None, confidence: float = 0.95
) -> ElusionEstimate | None:
    """What a sample (None: the last one) says so far; None where there is none. Raises NotPermittedError.

    Exact (Clopper–Pearson) interval of the rows read; that is fair as long as they are read in the order
    of drawing. The population is finite, so the true interval is a little narrower.
    """
    if not may_draw_sample(actor):
        raise NotPermittedError(actor, "elusion_estimate")
    statement = select(ElusionSample).order_by(ElusionSample.id.desc()).limit(1)
    sample = session.scalar(statement if sample_id is None else statement.where(ElusionSample.id == sample_id))
    if sample is None:
        return None
    rows = session.scalars(select(ElusionRow).where(ElusionRow.sample_id == sample.id)).all()
    read = [row for row in rows if row.answer is not None]
    missed = _confirmed(session, [row for row in read if row.answer is ElusionAnswer.MISSED])
    low, high = clopper_pearson(missed, len(read), confidence=confidence)
    share = missed / len(read) if read else 0.0
    found = _found(session)
    implied, most, least = (sample.population * value for value in (share, high, low))
    return ElusionEstimate(
        sample_id=sample.id,
        drawn_at=sample.drawn_at,
        seed=sample.seed,
        population=sample.population,
        size=len(rows),
        read=len(read),
        missed=missed,
        confidence=confidence,
        share=share,
        share_range=(low, high),
        implied=implied,
        implied_range=(least, most),
        found=found,
        recall=found / (found + implied) if found and read else None,
        recall_range=(found / (found + most), found / (found + least)) if found and read else None,
    )


def _confirmed(session: Session, rows: Sequence[ElusionRow]) -> int:
    """How many of the rows hold a regulation for all we know: at least one item added is not refused since."""
    item_ids = [item_id for row in rows for item_id in row.item_ids]
    refused = set(
        session.scalars(
            select(ReviewItem.id).where(
                ReviewItem.id.in_(item_ids), ReviewItem.applicability == Applicability.NOT_APPLICABLE
            )
        )
    )
    return sum(any(item_id not in refused for item_id in row.item_ids) for row in rows)


def _found(session: Session) -> float | None:
    """Flagged provisions of local instruments that hold a regulation, projected from those decided."""
    holds = func.max(case((ReviewItem.applicability == Applicability.APPLICABLE, 1), else_=0))
    is_open = or_(ReviewItem.applicability.is_(None), ReviewItem.applicability == Applicability.UNDECIDED)
    open_ = func.max(case((is_open, 1), else_=0))
    flagged = (
        select(holds.label("holds"), open_.label("open"))
        .select_from(ReviewItem)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .where(
            ReviewItem.is_detected,
            ReviewItem.is_manual.is_(False),
            Provision.current_text_hash.is_not(None),
            Instrument.kind.not_in(list(NATIONAL_KINDS)),
        )
        .group_by(ReviewItem.provision_id)
        .subquery()
    )
    total, positive, settled = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(flagged.c.holds), 0),
            # Settled where it holds one for sure, or nothing in it is open any more.
            func.coalesce(func.sum(case((or_(flagged.c.holds == 1, flagged.c.open == 0), 1), else_=0)), 0),
        ).select_from(flagged)
    ).one()
    return total * positive / settled if settled else None
