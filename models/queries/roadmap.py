"""The roadmap (見直し工程表): what screens edit and exports write is the same list of rows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.legislation import Instrument, Provision, ProvisionVersion
from models.organisation import Division
from models.queries.visibility import items_to_answer
from models.review import Decision, ReviewItem, RoadmapItem
from regulations.review import Actor, Applicability, ReviewStatus
from regulations.roadmap import DelayReason, ReviewPolicy, RoadmapProgress
from regulations.structure import Kind
from regulations.taxonomy import LegalBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadmapRow:
    """One regulation found applicable, with its plan: the fields of `roadmap_columns.yaml`, as values.

    `number` counts from 1 over all that the actor may see of the division asked for, so it is the same on
    every page, in the export, and where only what lacks a plan is listed. `status` says 再確認 where the
    text has changed since the decision.
    """

    number: int
    bureau: str
    division: str
    title: str
    law_number: str
    kind: Kind
    address: str
    caption: str
    text: str
    category: str
    basis: LegalBasis
    regulation_type: int
    current_phase: int
    policy: ReviewPolicy | None
    target_phase: int | None
    original_year: int | None
    revised_year: int | None
    delay_reason: DelayReason | None
    progress: RoadmapProgress
    note: str
    item_id: int
    row_version: int
    status: ReviewStatus


def roadmap_rows(
    session: Session,
    *,
    actor: Actor,
    division_id: int | None = None,
    is_planned: bool | None = None,
    item_id: int | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[RoadmapRow]:
    """Rows by bureau and division in the organisation's order, then by instrument and provision.

    All that the actor may see, or of one division, or with 要否・方向性 filled in or not, or the one of a review
    item; every page where no `limit` is given.
    """
    order = (Division.id.is_(None), Division.id, Provision.instrument_id, ProvisionVersion.position, ReviewItem.id)
    # Which rows, before what they hold: to sort whole texts takes several times as long.
    numbered = (
        select(
            ReviewItem.id,
            RoadmapItem.policy.is_not(None).label("is_planned"),
            func.row_number().over(order_by=order).label("number"),
        )
        .join(RoadmapItem, RoadmapItem.review_item_id == ReviewItem.id)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(ProvisionVersion, ProvisionVersion.id == Provision.latest_version_id)
        .outerjoin(Division, Division.id == ReviewItem.division_id)
        .where(*_conditions(actor, division_id))
        .subquery()
    )
    chosen = select(numbered.c.id, numbered.c.number).order_by(numbered.c.number).limit(limit).offset(offset)
    if is_planned is not None:
        chosen = chosen.where(numbered.c.is_planned == is_planned)
    if item_id is not None:
        chosen = chosen.where(numbered.c.id == item_id)
    page = chosen.subquery()
    statement = (
        select(page.c.number, RoadmapItem, ReviewItem, Decision, ProvisionVersion, Instrument, Division)
        .join(ReviewItem, ReviewItem.id == RoadmapItem.review_item_id)
        .join(page, page.c.id == ReviewItem.id)
        .join(Decision, Decision.id == ReviewItem.current_decision_id)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(ProvisionVersion, ProvisionVersion.id == Provision.latest_version_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .outerjoin(Division, Division.id == ReviewItem.division_id)
        .order_by(page.c.number)
    )
    return [
        RoadmapRow(
            number=number,
            bureau=division.bureau if division else "",
            division=division.name if division else instrument.owner_as_stated,
            title=instrument.title,
            law_number=instrument.law_number,
            kind=instrument.kind,
            address=version.address,
            caption=version.caption,
            text=version.text,
            category=decision.category,
            basis=decision.basis,
            regulation_type=decision.regulation_type,
            current_phase=decision.phase,
            policy=plan.policy,
            target_phase=plan.target_phase,
            original_year=plan.original_year,
            revised_year=plan.revised_year,
            delay_reason=plan.delay_reason,
            progress=plan.progress,
            note=plan.note,
            item_id=item.id,
            row_version=plan.row_version,
            status=item.status,
        )
        for number, plan, item, decision, version, instrument, division in session.execute(statement)
    ]


def roadmap_total(
    session: Session, *, actor: Actor, division_id: int | None = None, is_planned: bool | None = None
) -> int:
    """How many rows `roadmap_rows` lists over all its pages."""
    statement = (
        select(func.count(RoadmapItem.review_item_id))
        .join(ReviewItem, ReviewItem.id == RoadmapItem.review_item_id)
        .where(*_conditions(actor, division_id))
    )
    if is_planned is not None:
        statement = statement.where(RoadmapItem.policy.is_not(None) == is_planned)
    return session.scalar(statement) or 0


def _conditions(actor: Actor, division_id: int | None) -> list[ColumnElement[bool]]:
    # A plan stays where its regulation is later found 非該当 (nothing typed is lost), but is no longer shown.
    conditions = [items_to_answer(actor), ReviewItem.applicability == Applicability.APPLICABLE]
    if division_id is not None:
        conditions.append(ReviewItem.division_id == division_id)
    return conditions
