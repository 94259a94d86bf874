"""Detection, as the system of record sees it: what is still to be looked at, and what was found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, or_, select, update
from sqlalchemy.orm import Session

from models.base import Base
from models.legislation import Instrument, ProvisionVersion, Revision
from models.operations.ownership import leads_of
from models.operations.resume_answers import resume_answers
from models.review import Candidate, ScanRun
from regulations.citations import Section
from regulations.inquiry import Arrival
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
    """Close a run; divisions that have handed in get their answers back where it, or an amendment before it, asks more.

    At its end and not chunk by chunk, so that they are told once how much it was; until then no such answer can
    be approved, and what an interrupted run has brought the next one finds.
    """
    session.get_one(ScanRun, scan_run_id).finished_at = now
    session.flush()
    resume_answers(session, arrival=Arrival.SCAN, actor_id=None, now=now)


def unscanned_versions(session: Session, *, pipeline_version: str, limit: int, after_id: int = 0) -> list[ScanInput]:
    """The next provisions in force that this version of the pipeline has not looked at, by id after `after_id`."""
    rows = session.execute(
        select(
            ProvisionVersion.id.label("version_id"),
            Instrument.id.label("instrument_id"),
            *(Instrument.title, Instrument.law_number, Instrument.kind),
            *(ProvisionVersion.section, ProvisionVersion.article, ProvisionVersion.paragraph),
            *(ProvisionVersion.address, ProvisionVersion.caption, ProvisionVersion.text),
        )
        .join(Revision, Revision.id == ProvisionVersion.revision_id)
        .join(Instrument, Instrument.id == Revision.instrument_id)
        .where(ProvisionVersion.id > after_id, *_unscanned(pipeline_version))
        .order_by(ProvisionVersion.id)
        .limit(limit)
    )
    return [ScanInput(**row._mapping) for row in rows]


def defining_texts(session: Session, *, instrument_ids: Collection[int]) -> dict[int, list[str]]:
    """The provisions in force that may define a short name (という), by instrument and in their order."""
    rows = session.execute(
        select(Revision.instrument_id, ProvisionVersion.text)
        .join(ProvisionVersion, ProvisionVersion.revision_id == Revision.id)
        .where(
            Revision.instrument_id.in_(instrument_ids), Revision.is_current, ProvisionVersion.text.contains("という")
        )
        .order_by(Revision.instrument_id, ProvisionVersion.position)
    )
    found: dict[int, list[str]] = {}
    for instrument_id, text in rows:
        found.setdefault(instrument_id, []).append(text)
    return found


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
    Where the same words come to read otherwise (their instrument has another title, or defines a short
    name anew) the candidate of before stays, and another is made: its `pipeline_version` ends in /2, /3 …
    """
    session.flush()
    connection = session.connection()
    versions = _versions_in_force(session, [finding.version_id for finding in findings])
    wanted = {
        (versions[finding.version_id].provision_id, found.category): (finding, found)
        for finding in findings
        if finding.version_id in versions
        # Where a category comes twice, the more probable one is written last and stays.
        for found in sorted(finding.labels, key=lambda label: label.probability)
    }
    items = _items(session, [version.provision_id for version in versions.values()])
    new_keys = [key for key in wanted if key not in items]
    leads = leads_of(session, provision_ids={provision_id for provision_id, _ in new_keys})
    new_items = [
        {
            "provision_id": key[0],
            "division_id": leads[key[0]],
            "category": key[1],
            "is_manual": False,
            "is_detected": True,
            "current_text_hash": versions[finding.version_id].text_hash,
            "row_version": 1,
        }
        for key in new_keys
        for finding, _ in [wanted[key]]
    ]
    ids = {key: item.id for key, item in items.items()}
    if new_items:
        statement = insert(_ITEMS).returning(_ITEMS.c.provision_id, _ITEMS.c.category, _ITEMS.c.id)
        ids |= {(row.provision_id, row.category): row.id for row in connection.execute(statement, new_items)}

    known = _candidates(session, [ids[key] for key in wanted], pipeline_version)
    new_candidates: list[dict[str, Any]] = []
    current: list[int] = []
    for key, (finding, found) in wanted.items():
        text_hash = versions[finding.version_id].text_hash
        readings = known.get((ids[key], text_hash), [])
        proposal = _proposal(finding, found)
        if same := [row.id for row in readings if all(row._mapping[name] == proposal[name] for name in proposal)]:
            current += same[:1]
            continue
        new_candidates.append(
            {
                **proposal,
                "review_item_id": ids[key],
                "scan_run_id": scan_run_id,
                "text_hash": text_hash,
                "pipeline_version": pipeline_version + (f"/{len(readings) + 1}" if readings else ""),
                "category": found.category,
                "created_at": now,
            }
        )
    if new_candidates:
        current += connection.scalars(insert(_CANDIDATES).returning(_CANDIDATES.c.id), new_candidates)
    pointed = [ids[key] for key in wanted if key not in items or not _is_settled_by_hand(items[key])]
    withdrawn = [
        item.id for key, item in items.items() if key not in wanted and item.is_detected and not item.is_manual
    ]
    _point(session, pointed, withdrawn, current=current)
    connection.execute(update(_VERSIONS).where(_VERSIONS.c.id.in_(versions)).values(scanned_by=pipeline_version))
    connection.execute(
        update(_RUNS)
        .where(_RUNS.c.id == scan_run_id)
        .values(provisions=_RUNS.c.provisions + len(versions), candidates=_RUNS.c.candidates + len(new_candidates))
    )
    session.expire_all()
    return RecordedFindings(
        versions=len(versions), candidates=len(new_candidates), items=len(new_items), withdrawn=len(withdrawn)
    )


# Tables, not mapped classes: making thousands of objects to write a row each took longer than writing them,
# and reading whole provisions for their hash more than that.
_TABLES = Base.metadata.tables
_ITEMS, _CANDIDATES, _RUNS = _TABLES["review_items"], _TABLES["candidates"], _TABLES["scan_runs"]
_VERSIONS = _TABLES["provision_versions"]


def _versions_in_force(session: Session, version_ids: Sequence[int]) -> dict[int, Row[tuple[int, int, str]]]:
    rows = session.execute(
        select(ProvisionVersion.id, ProvisionVersion.provision_id, ProvisionVersion.text_hash)
        .join(Revision, Revision.id == ProvisionVersion.revision_id)
        .where(ProvisionVersion.id.in_(version_ids), Revision.is_current)
    )
    return {row.id: row for row in rows}


def _items(session: Session, provision_ids: Sequence[int]) -> dict[tuple[int, str], Row[Any]]:
    # Ordered locks: on PostgreSQL a person may be answering one of these at the moment.
    columns = ("id", "provision_id", "category", "is_manual", "is_detected", "decided_text_hash", "current_text_hash")
    rows = session.connection().execute(
        select(*(_ITEMS.c[name] for name in columns))
        .where(_ITEMS.c.provision_id.in_(provision_ids))
        .order_by(_ITEMS.c.id)
        .with_for_update()
    )
    return {(row.provision_id, row.category): row for row in rows}


def _candidates(
    session: Session, item_ids: Sequence[int], pipeline_version: str
) -> dict[tuple[int, str], list[Row[Any]]]:
    """What this version of the pipeline has proposed for the items, by item and text."""
    rows = session.execute(
        select(*(getattr(Candidate, name) for name in ("id", "review_item_id", "text_hash", *_PROPOSED)))
        .where(
            Candidate.review_item_id.in_(item_ids),
            or_(
                Candidate.pipeline_version == pipeline_version,
                Candidate.pipeline_version.startswith(f"{pipeline_version}/", autoescape=True),
            ),
        )
        .order_by(Candidate.id)
    )
    found: dict[tuple[int, str], list[Row[Any]]] = {}
    for row in rows:
        found.setdefault((row.review_item_id, row.text_hash), []).append(row)
    return found


_PROPOSED = ("regulation_type", "phase", "basis", "probability", "evidence", "reason", "rule_ids")


def _proposal(finding: FindingRecord, found: LabelRecord) -> dict[str, Any]:
    """The columns `_PROPOSED` of a candidate."""
    spans = [{"start": start, "end": end, "text": text} for start, end, text in found.evidence]
    columns = (found.regulation_type, found.phase, finding.basis, found.probability, spans, found.reason)
    return dict(zip(_PROPOSED, (*columns, list(found.rule_ids)), strict=True))


def _is_settled_by_hand(item: Row[Any]) -> bool:
    """Whether a person marked this very text: their evidence is kept, whatever the pipeline found beside it."""
    return bool(item.is_manual) and item.decided_text_hash == item.current_text_hash


def _point(session: Session, pointed: Sequence[int], withdrawn: Sequence[int], *, current: Collection[int]) -> None:
    """Update items past the mapper, so without a new `row_version`: a new proposal makes no open answer stale.

    `current` are ids of candidates, one for each item that is pointed anew.
    """
    connection = session.connection()
    candidate = select(_CANDIDATES.c.id).where(
        _CANDIDATES.c.review_item_id == _ITEMS.c.id, _CANDIDATES.c.id.in_(current)
    )
    for item_ids, values in (
        (pointed, {"current_candidate_id": candidate.scalar_subquery(), "is_detected": True}),
        (withdrawn, {"is_detected": False}),
    ):
        if item_ids:
            connection.execute(update(_ITEMS).where(_ITEMS.c.id.in_(item_ids)).values(values))
