"""Detection, as the system of record sees it: what is still to be looked at, and what was found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from models.legislation import Instrument, ProvisionVersion, Revision
from models.review import Candidate, ReviewItem, ScanRun
from regulations.citations import Section
from regulations.structure import Kind
from regulations.taxonomy import LegalBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanInput:
    """One provision of a text in force that the pipeline has not looked at."""

    version_id: int
    instrument_id: int
    title: str
    law_number: str
    kind: Kind
    section: Section
    article: str
    paragraph: str
    address: str
    caption: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRecord:
    """One category found in a provision. `evidence`: half-open character spans as (start, end, text)."""

    category: str
    regulation_type: int
    phase: int
    probability: float
    evidence: tuple[tuple[int, int, str], ...]
    reason: str
    rule_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRecord:
    """What the pipeline says about one provision; no labels: it was looked at and nothing was found."""

    version_id: int
    labels: tuple[LabelRecord, ...]
    basis: LegalBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFindings:
    """Counts of one call: versions marked as looked at, candidates and items made, items no longer found."""

    versions: int
    candidates: int
    items: int
    withdrawn: int


def start_scan_run(session: Session, *, pipeline_version: str, now: dt.datetime) -> int:
    """Open a run; returns its id."""
    run = ScanRun(pipeline_version=pipeline_version, started_at=now, provisions=0, candidates=0)
    session.add(run)
    session.flush()
    return run.id


def finish_scan_run(session: Session, *, scan_run_id: int, now: dt.datetime) -> None:
    session.get_one(ScanRun, scan_run_id).finished_at = now
    session.flush()


def unscanned_versions(session: Session, *, pipeline_version: str, limit: int, after_id: int = 0) -> list[ScanInput]:
    """The next provisions in force that this version of the pipeline has not looked at, by id after `after_id`."""
    rows = session.execute(
        select(ProvisionVersion, Instrument)
        .join(Revision, Revision.id == ProvisionVersion.revision_id)
        .join(Instrument, Instrument.id == Revision.instrument_id)
        .where(ProvisionVersion.id > after_id, *_unscanned(pipeline_version))
        .order_by(ProvisionVersion.id)
        .limit(limit)
    )
    return [
        ScanInput(
            version_id=version.id,
            instrument_id=instrument.id,
            title=instrument.title,
            law_number=instrument.law_number,
            kind=instrument.kind,
            section=version.section,
            article=version.article,
            paragraph=version.paragraph,
            address=version.address,
            caption=version.caption,
            text=version.text,
        )
        for version, instrument in rows
    ]


def count_unscanned(session: Session, *, pipeline_version: str) -> int:
    """How many provisions `unscanned_versions` would give in all."""
    statement = (
        select(func.count(ProvisionVersion.id))
        .join(Revision, Revision.id == ProvisionVersion.revision_id)
        .where(*_unscanned(pipeline_version))
    )
    return session.scalar(statement) or 0


def _unscanned(pipeline_version: str) -> tuple[ColumnElement[bool], ...]:
    scanned_by = ProvisionVersion.scanned_by
    return Revision.is_current.is_(True), or_(scanned_by.is_(None), scanned_by != pipeline_version)


def record_findings(
    session: Session,
    *,
    scan_run_id: int,
    pipeline_version: str,
    findings: Sequence[FindingRecord],
    now: dt.datetime,
) -> RecordedFindings:
    """Turn findings into candidates, and mark the provisions as looked at.

    A finding on a text that is no longer in force is passed over. What is recorded twice changes
    nothing; decisions, and the `row_version` of items that somebody may have open, are not touched.
    """
    versions = _versions_in_force(session, [finding.version_id for finding in findings])
    findings = [finding for finding in findings if finding.version_id in versions]
    items = _items(session, [version.provision_id for version in versions.values()])
    wanted = {
        (versions[finding.version_id].provision_id, found.category): (finding, found)
        for finding in findings
        # Where a category comes twice, the more probable one is written last and stays.
        for found in sorted(finding.labels, key=lambda label: label.probability)
    }
    new_items = [
        ReviewItem(
            provision_id=provision_id,
            category=category,
            is_manual=False,
            is_detected=True,
            current_text_hash=versions[finding.version_id].text_hash,
        )
        for (provision_id, category), (finding, _) in wanted.items()
        if (provision_id, category) not in items
    ]
    session.add_all(new_items)
    session.flush()
    items |= {(item.provision_id, item.category): item for item in new_items}

    candidates = _candidates(session, [items[key].id for key in wanted], pipeline_version)
    new_candidates = []
    for key, (finding, found) in wanted.items():
        text_hash = versions[finding.version_id].text_hash
        if (items[key].id, text_hash) not in candidates:
            candidate = Candidate(
                review_item_id=items[key].id,
                scan_run_id=scan_run_id,
                text_hash=text_hash,
                pipeline_version=pipeline_version,
                category=found.category,
                regulation_type=found.regulation_type,
                phase=found.phase,
                basis=finding.basis,
                probability=found.probability,
                evidence=_spans(found),
                reason=found.reason,
                rule_ids=list(found.rule_ids),
                created_at=now,
            )
            candidates[items[key].id, text_hash] = candidate
            new_candidates.append(candidate)
    session.add_all(new_candidates)
    session.flush()

    pointed = []
    for key, (finding, _) in wanted.items():
        candidate = candidates[items[key].id, versions[finding.version_id].text_hash]
        if not _is_settled_by_hand(items[key]):
            pointed.append({"item_id": items[key].id, "candidate_id": candidate.id})
    withdrawn = [
        item.id for key, item in items.items() if key not in wanted and item.is_detected and not item.is_manual
    ]
    _point(session, pointed, withdrawn)
    session.execute(
        update(ProvisionVersion)
        .where(ProvisionVersion.id.in_(versions))
        .values(scanned_by=pipeline_version)
        .execution_options(synchronize_session=False)
    )
    run = session.get_one(ScanRun, scan_run_id)
    run.provisions += len(versions)
    run.candidates += len(new_candidates)
    session.flush()
    return RecordedFindings(
        versions=len(versions), candidates=len(new_candidates), items=len(new_items), withdrawn=len(withdrawn)
    )


def _versions_in_force(session: Session, version_ids: Sequence[int]) -> dict[int, ProvisionVersion]:
    rows = session.scalars(
        select(ProvisionVersion)
        .join(Revision, Revision.id == ProvisionVersion.revision_id)
        .where(ProvisionVersion.id.in_(version_ids), Revision.is_current)
    )
    return {version.id: version for version in rows}


def _items(session: Session, provision_ids: Sequence[int]) -> dict[tuple[int, str], ReviewItem]:
    # Ordered locks: on PostgreSQL a person may be answering one of these at the moment.
    rows = session.scalars(
        select(ReviewItem)
        .where(ReviewItem.provision_id.in_(provision_ids))
        .order_by(ReviewItem.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {(item.provision_id, item.category): item for item in rows}


def _candidates(session: Session, item_ids: Sequence[int], pipeline_version: str) -> dict[tuple[int, str], Candidate]:
    rows = session.scalars(
        select(Candidate).where(Candidate.review_item_id.in_(item_ids), Candidate.pipeline_version == pipeline_version)
    )
    return {(candidate.review_item_id, candidate.text_hash): candidate for candidate in rows}


def _spans(found: LabelRecord) -> list[dict[str, Any]]:
    return [{"start": start, "end": end, "text": text} for start, end, text in found.evidence]


def _is_settled_by_hand(item: ReviewItem) -> bool:
    """Whether a person marked this very text: their evidence is kept, whatever the pipeline found beside it."""
    return item.is_manual and item.decided_text_hash == item.current_text_hash


def _point(session: Session, pointed: Sequence[Mapping[str, int]], withdrawn: Sequence[int]) -> None:
    """Update items past the mapper, so without a new `row_version`: a new proposal makes no open answer stale."""
    table = ReviewItem.metadata.tables[ReviewItem.__tablename__]
    connection = session.connection()
    if pointed:
        statement = (
            update(table)
            .where(table.c.id == bindparam("item_id"))
            .values(current_candidate_id=bindparam("candidate_id"), is_detected=True)
        )
        connection.execute(statement, pointed)
    connection.execute(update(table).where(table.c.id.in_(withdrawn)).values(is_detected=False))
    session.expire_all()
