"""Runs of ingest, quarantined files, instruments without owner, the audit log, and lists to choose from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, not_, select
from sqlalchemy.orm import Session, aliased

from models.accounts import Account
from models.legislation import IngestedFile, IngestRun, Instrument
from models.operations.record_ingest import FileOutcome
from models.organisation import Division
from models.review import AuditEntry
from regulations.structure import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRunRow:
    """One run of ingest with what became of its files; `finished_at` is None while it runs or where it broke off."""

    run_id: int
    started_at: dt.datetime
    finished_at: dt.datetime | None
    source: str
    created: int
    changed: int
    unchanged: int
    quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestFileRow:
    """What became of one file; `reason` is Japanese, for the person who sees to it."""

    file_id: int
    run_id: int
    started_at: dt.datetime
    name: str
    outcome: FileOutcome
    reason_code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnownedRow:
    """An instrument that no division answers for; `owner_as_stated` is what the catalogue says."""

    instrument_id: int
    title: str
    law_number: str
    kind: Kind
    owner_as_stated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One line of the audit log; `who` is empty for the command line."""

    at: dt.datetime
    who: str
    action: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionChoice:
    """A division to choose from; `begins` is the day from which it stands, where that is yet to come."""

    division_id: int
    bureau: str
    office: str
    division: str
    begins: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationRow:
    """A division with its dates; `successor` took over what it owned.

    `instruments` are those that it leads today, `people` the accounts of it that are in use.
    """

    division_id: int
    bureau: str
    office: str
    division: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    successor: str
    instruments: int
    people: int


def ingest_runs(session: Session, *, limit: int = 20, offset: int = 0) -> list[IngestRunRow]:
    """The runs, the last first."""
    outcomes = (FileOutcome.CREATED, FileOutcome.CHANGED, FileOutcome.UNCHANGED, FileOutcome.QUARANTINED)
    counts = (func.sum(case((IngestedFile.outcome == outcome.value, 1), else_=0)) for outcome in outcomes)
    rows = session.execute(
        select(IngestRun.id, IngestRun.started_at, IngestRun.finished_at, IngestRun.source, *counts)
        .outerjoin(IngestedFile, IngestedFile.run_id == IngestRun.id)
        .group_by(IngestRun.id)
        .order_by(IngestRun.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [
        IngestRunRow(
            run_id=run_id,
            started_at=started_at,
            finished_at=finished_at,
            source=source,
            **{outcome.value: count or 0 for outcome, count in zip(outcomes, numbers, strict=True)},
        )
        for run_id, started_at, finished_at, source, *numbers in rows
    ]


def ingest_files(
    session: Session,
    *,
    outcome: FileOutcome | None = FileOutcome.QUARANTINED,
    run_id: int | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[IngestFileRow]:
    """What became of files, the last first: the quarantined ones, or (None) all, of one run or of all."""
    statement = select(IngestedFile, IngestRun.started_at).join(IngestRun, IngestRun.id == IngestedFile.run_id)
    if outcome is not None:
        statement = statement.where(IngestedFile.outcome == outcome.value)
    if run_id is not None:
        statement = statement.where(IngestedFile.run_id == run_id)
    rows = session.execute(statement.order_by(IngestedFile.id.desc()).limit(limit).offset(offset))
    return [
        IngestFileRow(
            file_id=file.id,
            run_id=file.run_id,
            started_at=started_at,
            name=file.name,
            outcome=FileOutcome(file.outcome),
            reason_code=file.reason_code,
            reason=file.reason,
        )
        for file, started_at in rows
    ]


# National law has no owner here.
_UNOWNED = (Instrument.owner_id.is_(None), Instrument.kind.not_in([kind for kind in Kind if kind.is_national]))


def unowned_instruments(session: Session, *, limit: int = 50, offset: int = 0) -> list[UnownedRow]:
    """Instruments without owner, by title. National law has none and is left out."""
    rows = session.scalars(
        select(Instrument).where(*_UNOWNED).order_by(Instrument.title, Instrument.id).limit(limit).offset(offset)
    )
    return [
        UnownedRow(
            instrument_id=row.id,
            title=row.title,
            law_number=row.law_number,
            kind=row.kind,
            owner_as_stated=row.owner_as_stated,
        )
        for row in rows
    ]


def unowned_total(session: Session) -> int:
    return session.scalar(select(func.count(Instrument.id)).where(*_UNOWNED)) or 0


def audit_trail(
    session: Session, *, target: tuple[str, int | str], limit: int = 100, offset: int = 0
) -> list[AuditRow]:
    """The audit log of one target, e.g. ("review_item", 12), the last first."""
    target_type, target_id = target
    rows = session.execute(
        select(AuditEntry, Account.display_name)
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .where(AuditEntry.target_type == target_type, AuditEntry.target_id == str(target_id))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [AuditRow(at=entry.at, who=who or "", action=entry.action, detail=entry.detail) for entry, who in rows]


def divisions(session: Session, *, on: dt.date, to_come: bool = False) -> list[DivisionChoice]:
    """Divisions in force on a day, in the organisation's order; `to_come` adds those that begin later.

    Only the coordinator is offered the latter, for only by such a choice do they own anything before their day.
    """
    stands = not_(Division.has_ended(on)) if to_come else Division.in_force(on)
    return [
        DivisionChoice(
            division_id=row.id,
            bureau=row.bureau,
            office=row.office,
            division=row.name,
            begins=None if row.has_begun(on) else row.valid_from,
        )
        for row in session.scalars(select(Division).where(stands).order_by(Division.id))
    ]


def organisation(session: Session, *, on: dt.date) -> list[OrganisationRow]:
    """The divisions in force on a day, in the organisation's order."""
    heir = aliased(Division)
    led = (
        select(func.count(Instrument.id))
        .where(Instrument.owner_id == Division.id)
        .correlate(Division)
        .scalar_subquery()
    )
    people = (
        select(func.count(Account.id))
        .where(Account.division_id == Division.id, Account.is_active)
        .correlate(Division)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Division, heir.name, led, people)
        .outerjoin(heir, heir.id == Division.successor_id)
        .where(Division.in_force(on))
        .order_by(Division.id)
    )
    return [
        OrganisationRow(
            division_id=row.id,
            bureau=row.bureau,
            office=row.office,
            division=row.name,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            successor=successor or "",
            instruments=instruments,
            people=accounts,
        )
        for row, successor, instruments, accounts in rows
    ]
