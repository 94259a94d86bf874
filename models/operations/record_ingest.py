"""What became of each file of an ingest: the record that outlives the orchestrator's own."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy.orm import Session

from models.legislation import IngestedFile, IngestRun


class FileOutcome(StrEnum):
    """What an ingest made of a file."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    QUARANTINED = "quarantined"


def start_ingest_run(session: Session, *, source: str, now: dt.datetime) -> int:
    """Open a run over `source` (folders or files as the person named them); returns its id."""
    run = IngestRun(source=source, started_at=now)
    session.add(run)
    session.flush()
    return run.id


def record_file(
    session: Session,
    *,
    run_id: int,
    name: str,
    source_hash: str,
    outcome: FileOutcome,
    reason_code: str = "",
    reason: str = "",
    revision_id: int | None = None,
) -> int:
    """Note one file. A quarantined one needs a code and a reason in Japanese: ValueError without them."""
    if outcome is FileOutcome.QUARANTINED and not (reason_code and reason):
        raise ValueError(f"quarantined without a reason: {name}")
    file = IngestedFile(
        run_id=run_id,
        name=name,
        source_hash=source_hash,
        outcome=outcome.value,
        reason_code=reason_code,
        reason=reason,
        revision_id=revision_id,
    )
    session.add(file)
    session.flush()
    return file.id


def finish_ingest_run(session: Session, *, run_id: int, now: dt.datetime) -> None:
    """Close a run.

    Answers that divisions have handed in stay where they are: only the scan after it knows what an amendment leaves
    to be asked again (`finish_scan_run`), and until then no such answer can be approved.
    """
    session.get_one(IngestRun, run_id).finished_at = now
    session.flush()
