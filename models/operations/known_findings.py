"""Findings kept under (pipeline version, input hash): what was parsed once is not parsed again, wherever it recurs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.detection import KnownFinding
from models.operations.record_scan import LabelRecord
from models.review import ScanRun
from regulations.taxonomy import LegalBasis

_KEPT = 2
"""Pipeline versions whose findings stay: that in service and the one before, for when it is put back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFinding:
    """What a pipeline version says of an input, whichever provision holds it."""

    labels: tuple[LabelRecord, ...]
    basis: LegalBasis


def known_findings(
    session: Session, *, pipeline_version: str, input_hashes: Collection[str]
) -> dict[str, StoredFinding]:
    """What is known of these inputs (some hundreds at a time), by hash; unknown ones are left out."""
    rows = session.execute(
        select(KnownFinding.input_hash, KnownFinding.finding).where(
            KnownFinding.pipeline_version == pipeline_version, KnownFinding.input_hash.in_(input_hashes)
        )
    )
    return {input_hash: _stored(finding) for input_hash, finding in rows}


def remember_findings(session: Session, *, pipeline_version: str, findings: Mapping[str, StoredFinding]) -> None:
    """Keep findings by input hash. One that another process has kept in the meantime is the same, and stays."""
    if not findings:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(KnownFinding).on_conflict_do_nothing(),
        [
            {"pipeline_version": pipeline_version, "input_hash": input_hash, "finding": _as_json(finding)}
            # In one order everywhere, so that two scans at once never wait for each other.
            for input_hash, finding in sorted(findings.items())
        ],
    )


def forget_findings(session: Session) -> int:
    """Delete what pipeline versions other than the `_KEPT` last ones that scanned have found; returns how many."""
    recent: list[str] = []
    for version in session.scalars(select(ScanRun.pipeline_version).order_by(ScanRun.id.desc())):
        if version not in recent:
            recent.append(version)
        if len(recent) == _KEPT:
            break
    result = session.execute(delete(KnownFinding).where(KnownFinding.pipeline_version.not_in(recent)))
    return result.rowcount if isinstance(result, CursorResult) else 0


def _as_json(finding: StoredFinding) -> dict[str, Any]:
    return {
        "basis": finding.basis.value,
        "labels": [
            {
                "category": label.category,
                "regulation_type": label.regulation_type,
                "phase": label.phase,
                "probability": label.probability,
                "evidence": [list(span) for span in label.evidence],
                "reason": label.reason,
                "rule_ids": list(label.rule_ids),
            }
            for label in finding.labels
        ],
    }


def _stored(finding: Mapping[str, Any]) -> StoredFinding:
    labels = tuple(
        LabelRecord(
            **{
                **label,
                "evidence": tuple((start, end, text) for start, end, text in label["evidence"]),
                "rule_ids": tuple(label["rule_ids"]),
            }
        )
        for label in finding["labels"]
    )
    return StoredFinding(labels=labels, basis=LegalBasis(finding["basis"]))
