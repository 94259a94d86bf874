"""Reading the ordinances themselves (例規を読む), with what was found in them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload

from models.accounts import Account
from models.legislation import Instrument, InstrumentOwner, Provision, ProvisionVersion, Revision
from models.organisation import Division
from models.queries.marks import Mark, marks
from models.queries.visibility import is_unanswered, items_to_answer, stands_still, visible_instruments
from models.review import Candidate, ReadingDeclaration, ReviewItem
from regulations.citations import Section
from regulations.review import OPEN_STATUSES, Actor, Owner, ReviewStatus
from regulations.structure import Diagnostic, Kind, Severity


class ReadingState(StrEnum):
    """Where the reading of an instrument stands: candidates wait, or it is (not yet) declared to hold no others."""

    WAITING = "waiting"
    UNDECLARED = "undeclared"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentHead:
    """An instrument as a heading shows it. `owner` is for the permission predicates, `joint` names co-owners.

    `former_titles`, the oldest first, are what it was called before (題名改正).
    """

    instrument_id: int
    title: str
    law_number: str
    kind: Kind
    issuing_body: str
    promulgation_date: dt.date | None
    owner: Owner
    bureau: str
    office: str
    division: str
    owner_as_stated: str
    joint: tuple[str, ...] = ()
    former_titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentRow:
    """One instrument in a list; `candidates` leaves out what is 対象外, `open` is what waits for an answer,
    without what may not be answered now (`stands_still`).

    `is_declared` says that a division has declared the text in force to hold no further regulation.
    """

    head: InstrumentHead
    provisions: int
    candidates: int
    open: int
    is_declared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationRow:
    """Who has declared the text in force to hold no further regulation, for which division, and when."""

    who: str
    division: str
    declared_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TextItem:
    """A review item on a provision, as the text view shows it."""

    item_id: int
    category: str
    status: ReviewStatus
    probability: float
    is_manual: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRow:
    """One provision of the text in force, its review items and their evidence."""

    version_id: int
    position: int
    section: Section
    label: str
    article: str
    paragraph: str
    address: str
    caption: str
    text: str
    items: tuple[TextItem, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentText:
    """The whole text in force. `diagnostics` tell what was odd about its source, and what was corrected in it.

    `declaration` is the latest one on this revision that has not been taken back.
    """

    head: InstrumentHead
    revision_id: int
    declaration: DeclarationRow | None
    enforcement_date: dt.date | None
    source_name: str
    ingested_at: dt.datetime
    diagnostics: tuple[Diagnostic, ...]
    rows: tuple[TextRow, ...]


WITH_OWNERS = (
    joinedload(Instrument.owner),
    selectinload(Instrument.joint_owners).joinedload(InstrumentOwner.division),
)
"""Loader options for `head_of`."""


def head_of(instrument: Instrument) -> InstrumentHead:
    """Needs what `WITH_OWNERS` loads."""
    owner, joint = instrument.owner, [row.division for row in instrument.joint_owners]
    return InstrumentHead(
        instrument_id=instrument.id,
        title=instrument.title,
        law_number=instrument.law_number,
        kind=instrument.kind,
        issuing_body=instrument.issuing_body,
        promulgation_date=instrument.promulgation_date,
        owner=Owner(
            division_id=owner.id if owner else None,
            bureau=owner.bureau if owner else None,
            joint=frozenset(division.id for division in joint),
            reader_bureaus=frozenset(division.bureau for division in joint),
        ),
        bureau=owner.bureau if owner else "",
        office=owner.office if owner else "",
        division=owner.name if owner else "",
        owner_as_stated=instrument.owner_as_stated,
        joint=tuple(division.name for division in joint),
        former_titles=tuple(instrument.former_titles.splitlines()),
    )


def instrument_list(
    session: Session,
    *,
    actor: Actor,
    text: str | None = None,
    kind: Kind | None = None,
    state: ReadingState | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[InstrumentRow]:
    """One page of the visible instruments by title; `text` is looked for in title, former titles and number."""
    page = (
        select(Instrument)
        .options(*WITH_OWNERS)
        .where(*_conditions(actor, text, kind, state))
        .order_by(Instrument.title, Instrument.id)
        .limit(limit)
        .offset(offset)
    )
    instruments = session.scalars(page).all()
    ids = [instrument.id for instrument in instruments]
    provisions = dict(
        session.execute(
            select(Provision.instrument_id, func.count())
            .where(Provision.instrument_id.in_(ids), Provision.current_text_hash.is_not(None))
            .group_by(Provision.instrument_id)
        )
        .tuples()
        .all()
    )
    items = {
        instrument_id: (candidates, waiting)
        for instrument_id, candidates, waiting in session.execute(_item_counts(actor, ids))
    }
    declared = set(session.scalars(select(Instrument.id).where(Instrument.id.in_(ids), is_declared(Instrument.id))))
    return [
        InstrumentRow(
            head=head_of(instrument),
            provisions=provisions.get(instrument.id, 0),
            candidates=items.get(instrument.id, (0, 0))[0],
            open=items.get(instrument.id, (0, 0))[1],
            is_declared=instrument.id in declared,
        )
        for instrument in instruments
    ]


def _waits(actor: Actor) -> ColumnElement[bool]:
    return ReviewItem.status.in_([status.value for status in OPEN_STATUSES]) & ~stands_still(actor)


def _item_counts(actor: Actor, instrument_ids: list[int]) -> Select[tuple[int, int, int]]:
    return (
        select(
            Provision.instrument_id,
            func.sum(case((ReviewItem.status != ReviewStatus.WITHDRAWN.value, 1), else_=0)),
            func.sum(case((_waits(actor), 1), else_=0)),
        )
        .select_from(ReviewItem)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .where(Provision.instrument_id.in_(instrument_ids))
        .group_by(Provision.instrument_id)
    )


def instrument_total(
    session: Session,
    *,
    actor: Actor,
    text: str | None = None,
    kind: Kind | None = None,
    state: ReadingState | None = None,
) -> int:
    """How many instruments `instrument_list` lists over all its pages."""
    return session.scalar(select(func.count(Instrument.id)).where(*_conditions(actor, text, kind, state))) or 0


def _conditions(
    actor: Actor, text: str | None, kind: Kind | None, state: ReadingState | None
) -> list[ColumnElement[bool]]:
    conditions = [visible_instruments(actor)]
    if kind is not None:
        conditions.append(Instrument.kind == kind)
    match state:
        case ReadingState.WAITING:
            waiting = (
                select(Provision.instrument_id)
                .join(ReviewItem, ReviewItem.provision_id == Provision.id)
                .where(_waits(actor))
            )
            conditions.append(Instrument.id.in_(waiting))
        case ReadingState.UNDECLARED:
            conditions.append(~is_declared(Instrument.id))
        case ReadingState.DECLARED:
            conditions.append(is_declared(Instrument.id))
    for word in (text or "").split():
        columns = (Instrument.title, Instrument.law_number, Instrument.former_titles)
        conditions.append(or_(*(column.contains(word, autoescape=True) for column in columns)))
    return conditions


def unanswered_total(session: Session, *, actor: Actor, instrument_id: int) -> int:
    """How many candidates keep the actor's division from declaring the instrument complete (保留 may stand).

    What may not be answered now (`stands_still`) is among them, though no list of what waits shows it.
    """
    count = (
        select(func.count(ReviewItem.id))
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .where(Provision.instrument_id == instrument_id, items_to_answer(actor), is_unanswered())
    )
    return session.scalar(count) or 0


def instrument_text(session: Session, *, actor: Actor, instrument_id: int) -> InstrumentText | None:
    """The text in force in document order; None where there is none that the actor may see."""
    revision = session.scalar(
        select(Revision)
        .join(Instrument, Instrument.id == Revision.instrument_id)
        .where(Revision.instrument_id == instrument_id, Revision.is_current, visible_instruments(actor))
        .options(joinedload(Revision.instrument).options(*WITH_OWNERS))
    )
    if revision is None:
        return None
    versions = session.scalars(
        select(ProvisionVersion).where(ProvisionVersion.revision_id == revision.id).order_by(ProvisionVersion.position)
    ).all()
    items = items_by_provision(session, Provision.instrument_id == instrument_id)
    return InstrumentText(
        head=head_of(revision.instrument),
        revision_id=revision.id,
        declaration=_declaration(session, revision.id),
        enforcement_date=revision.enforcement_date,
        source_name=revision.source_name,
        ingested_at=revision.ingested_at,
        diagnostics=tuple(map(_diagnostic, revision.diagnostics)),
        rows=tuple(text_row(version, items.get(version.provision_id, [])) for version in versions),
    )


def _declaration(session: Session, revision_id: int) -> DeclarationRow | None:
    row = session.execute(
        select(Account.display_name, Division.name, ReadingDeclaration.declared_at)
        .select_from(ReadingDeclaration)
        .join(Account, Account.id == ReadingDeclaration.account_id)
        .join(Division, Division.id == ReadingDeclaration.division_id)
        .where(ReadingDeclaration.revision_id == revision_id, ReadingDeclaration.withdrawn_at.is_(None))
        .order_by(ReadingDeclaration.id.desc())
        .limit(1)
    ).one_or_none()
    return DeclarationRow(who=row[0], division=row[1], declared_at=row[2]) if row else None


def is_declared(instrument_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether a division has declared the text in force of that instrument complete."""
    return (
        select(ReadingDeclaration.id)
        .join(Revision, Revision.id == ReadingDeclaration.revision_id)
        .where(
            ReadingDeclaration.instrument_id == instrument_id,
            ReadingDeclaration.withdrawn_at.is_(None),
            Revision.is_current,
        )
        .exists()
    )


def _diagnostic(stored: Mapping[str, Any]) -> Diagnostic:
    return Diagnostic(**{**stored, "severity": Severity(stored["severity"])})


Found = list[tuple[ReviewItem, Candidate | None]]


def items_by_provision(session: Session, condition: ColumnElement[bool]) -> dict[int, Found]:
    """Review items that are not 対象外, with their current candidates, by the provision they hang on."""
    found: dict[int, Found] = defaultdict(list)
    rows = session.execute(
        select(ReviewItem, Candidate)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .outerjoin(Candidate, Candidate.id == ReviewItem.current_candidate_id)
        .where(condition, ReviewItem.status != ReviewStatus.WITHDRAWN.value)
        .order_by(ReviewItem.id)
    )
    for item, candidate in rows:
        found[item.provision_id].append((item, candidate))
    return found


def text_row(version: ProvisionVersion, found: Found) -> TextRow:
    return TextRow(
        version_id=version.id,
        position=version.position,
        section=version.section,
        label=version.label,
        article=version.article,
        paragraph=version.paragraph,
        address=version.address,
        caption=version.caption,
        text=version.text,
        items=tuple(
            TextItem(
                item_id=item.id,
                category=item.category,
                status=item.status,
                probability=candidate.probability if candidate else 0.0,
                is_manual=item.is_manual,
            )
            for item, candidate in found
        ),
        marks=tuple(
            mark
            for _, candidate in found
            if candidate is not None
            for mark in marks(version.text, candidate.evidence, category=candidate.category)
        ),
    )
