"""Scan: provisions in, candidates out, a chunk at a time, so that a stopped run goes on where it was."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from sqlalchemy.orm import Session, sessionmaker

from flows.database import sessions
from flows.progress import Meter
from models.database import reading_scope, session_scope
from models.operations.record_scan import (
    FindingRecord,
    LabelRecord,
    ScanInput,
    count_unscanned,
    finish_scan_run,
    record_findings,
    start_scan_run,
    unscanned_versions,
)
from nlp.classifier import Classifier, Finding, ProvisionInput, input_hash
from nlp.pipeline import load_pipeline, pipeline_version

CHUNK = 512
"""Provisions a transaction: what a stopped run loses at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSummary:
    """What one run did. `candidates` are new ones; `seconds` leaves the loading of the pipeline out."""

    provisions: int
    candidates: int
    seconds: float

    @property
    def rate(self) -> float:
        """Provisions a second."""
        return self.provisions / self.seconds if self.seconds else 0.0


@cache
def classifier() -> Classifier:
    """The classifier of this process: loading GiNZA costs a second or two and 0.5 GB, so once."""
    return Classifier(load_pipeline())


def scan_versions(
    factory: sessionmaker[Session],
    detector: Classifier,
    *,
    scan_run_id: int,
    version: str,
    advance: Callable[[int], None],
    chunk: int = CHUNK,
) -> int:
    """Classify every provision in force that `version` of the pipeline has not looked at; the number of new candidates.

    Each chunk is read, classified outside any transaction and recorded in one of its own. Equal
    provisions (the same clause in revisions of one title) are classified once a run.
    """
    known: dict[str, Finding] = {}
    candidates = last = 0
    while True:
        with reading_scope(factory) as session:
            versions = unscanned_versions(session, pipeline_version=version, limit=chunk, after_id=last)
        if not versions:
            return candidates
        provisions = {row.version_id: _as_input(row) for row in versions}
        hashes = {key: input_hash(provision) for key, provision in provisions.items()}
        new = {hashes[key]: provision for key, provision in provisions.items() if hashes[key] not in known}
        known.update(zip(new, detector.classify(new.values()), strict=True))
        with session_scope(factory) as session:
            candidates += record_findings(
                session,
                scan_run_id=scan_run_id,
                pipeline_version=version,
                findings=[_as_record(key, known[digest]) for key, digest in hashes.items()],
                now=dt.datetime.now(dt.UTC),
            ).candidates
        last = versions[-1].version_id
        advance(len(versions))


def _as_input(row: ScanInput) -> ProvisionInput:
    return ProvisionInput(
        id=str(row.version_id),
        law=row.title,
        law_no=row.law_number,
        kind=row.kind.value,
        article=row.article,
        paragraph=row.paragraph,
        caption=row.caption,
        text=row.text,
    )


def _as_record(version_id: int, finding: Finding) -> FindingRecord:
    return FindingRecord(
        version_id=version_id,
        labels=tuple(
            LabelRecord(
                category=label.category,
                regulation_type=label.type,
                phase=label.phase,
                probability=label.probability,
                evidence=tuple((span.start, span.end, span.text) for span in label.evidence),
                reason=label.reason,
                rule_ids=label.rule_ids,
            )
            for label in finding.labels
        ),
        basis=finding.basis,
    )


@task(name="classify and record", cache_policy=NO_CACHE)
def classify_unscanned(scan_run_id: int, version: str) -> ScanSummary:
    factory = sessions()
    with reading_scope(factory) as session:
        total = count_unscanned(session, pipeline_version=version)
    if not total:
        return ScanSummary(provisions=0, candidates=0, seconds=0.0)
    detector = classifier()
    with Meter("洗い出し", total=total, unit="条項", stream=sys.stderr) as meter:
        candidates = scan_versions(factory, detector, scan_run_id=scan_run_id, version=version, advance=meter.advance)
        return ScanSummary(provisions=meter.done, candidates=candidates, seconds=meter.seconds)


@flow(name="scan")
def scan() -> ScanSummary:
    """Detect candidates in every provision in force that this version of the pipeline has not looked at.

    Running it again finds nothing to do; decisions are never touched.
    """
    factory, version = sessions(), pipeline_version()
    with session_scope(factory) as session:
        run_id = start_scan_run(session, pipeline_version=version, now=dt.datetime.now(dt.UTC))
    summary = classify_unscanned(run_id, version)
    with session_scope(factory) as session:
        finish_scan_run(session, scan_run_id=run_id, now=dt.datetime.now(dt.UTC))
    create_markdown_artifact(key="scan-summary", markdown=summary_markdown(summary), description="洗い出しの結果")
    return summary


def summary_markdown(summary: ScanSummary) -> str:
    """The run's summary as Markdown for Prefect's artifact."""
    return "\n".join(
        [
            *("# 洗い出しの結果", "", "| 条項 | 新しい候補 | 秒 | 毎秒の条項 |", "|---:|---:|---:|---:|"),
            f"| {summary.provisions} | {summary.candidates} | {summary.seconds:.1f} | {summary.rate:.0f} |",
        ]
    )
