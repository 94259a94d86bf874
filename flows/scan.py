"""Scan: provisions in, candidates out, a chunk at a time, so that a stopped run goes on where it was."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from sqlalchemy.orm import Session, sessionmaker

from flows.database import sessions
from flows.detector import Classify, DetectorInService, detector_in_service
from flows.progress import Meter
from flows.settings import load_settings
from models.database import reading_scope, session_scope
from models.operations.assign_groups import assign_groups
from models.operations.known_findings import StoredFinding, forget_findings, known_findings, remember_findings
from models.operations.record_scan import (
    FindingRecord,
    LabelRecord,
    ScanInput,
    count_unscanned,
    defining_texts,
    finish_scan_run,
    record_findings,
    start_scan_run,
    unscanned_versions,
)
from nlp.provision import Finding, ProvisionInput, input_hash
from regulations.definitions import definitions, names_used

CHUNK = 512
"""Provisions a transaction: what a stopped run loses at most."""

SLICE = 40_000
"""Provisions read before the first of them is classified: bounds the memory, not the work."""

Value = TypeVar("Value")


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


def scan_versions(
    factory: sessionmaker[Session],
    classify: Classify,
    *,
    scan_run_id: int,
    version: str,
    advance: Callable[[int], None],
    chunk: int = CHUNK,
) -> int:
    """Look at every provision in force that `version` of the pipeline has not seen; the number of new candidates.

    An input that this version has seen before, in whatever instrument or revision, is taken from
    what is known of it; each new one is classified once. Each chunk is recorded in a transaction
    of its own, and nothing is classified inside one.
    """
    candidates = last = 0
    while True:
        with reading_scope(factory) as session:
            rows = unscanned_versions(session, pipeline_version=version, limit=SLICE, after_id=last)
        if not rows:
            return candidates
        last = rows[-1].version_id
        with reading_scope(factory) as session:
            names = _definitions(session, sorted({row.instrument_id for row in rows}))
        inputs = {row.version_id: _as_input(row, names.get(row.instrument_id, {})) for row in rows}
        hashes = {version_id: input_hash(each) for version_id, each in inputs.items()}
        with reading_scope(factory) as session:
            known = {
                digest
                for digests in _chunks(sorted(set(hashes.values())), CHUNK)
                for digest in known_findings(session, pipeline_version=version, input_hashes=digests)
            }
        fresh: dict[str, int] = {}
        for version_id, digest in hashes.items():
            if digest not in known:
                fresh.setdefault(digest, version_id)
        findings = zip(fresh, classify([inputs[version_id] for version_id in fresh.values()]), strict=True)
        for part in _chunks(list(hashes.items()), chunk):
            # Findings come in the order of first appearance, so the next ones are those of this chunk.
            new = sum(fresh.get(digest) == version_id for version_id, digest in part)
            found = {digest: _as_stored(finding) for digest, finding in islice(findings, new)}
            wanted = {digest for _, digest in part}
            with session_scope(factory) as session:
                remember_findings(session, pipeline_version=version, findings=found)
                found |= known_findings(session, pipeline_version=version, input_hashes=wanted - found.keys())
                candidates += record_findings(
                    session,
                    scan_run_id=scan_run_id,
                    pipeline_version=version,
                    findings=[
                        FindingRecord(version_id=version_id, labels=found[digest].labels, basis=found[digest].basis)
                        for version_id, digest in part
                    ],
                    now=dt.datetime.now(dt.UTC),
                ).candidates
            advance(len(part))


def group_versions(factory: sessionmaker[Session]) -> int:
    """Give every provision in force the key of its group; returns how many had none."""
    count = 0
    while True:
        with session_scope(factory) as session:
            done = assign_groups(session)
        if not done:
            return count
        count += done


def _chunks(values: Sequence[Value], size: int) -> Iterator[Sequence[Value]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def _definitions(session: Session, instrument_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """The short names that each instrument gives to legislation, by the instrument's id."""
    return {
        instrument_id: definitions(texts)
        for part in _chunks(instrument_ids, CHUNK)
        for instrument_id, texts in defining_texts(session, instrument_ids=part).items()
    }


def _as_input(row: ScanInput, names: Mapping[str, str]) -> ProvisionInput:
    return ProvisionInput(
        id=str(row.version_id),
        law=row.title,
        law_no=row.law_number,
        kind=row.kind.value,
        article=row.article,
        paragraph=row.paragraph,
        caption=row.caption,
        text=row.text,
        definitions=names_used(row.text, names),  # not all of them: it is sent to another process
    )


def _as_stored(finding: Finding) -> StoredFinding:
    return StoredFinding(
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
def classify_unscanned(scan_run_id: int, detector: DetectorInService) -> ScanSummary:
    factory = sessions()
    with reading_scope(factory) as session:
        total = count_unscanned(session, pipeline_version=detector.version)
    group_versions(factory)
    if not total:
        return ScanSummary(provisions=0, candidates=0, seconds=0.0)
    with Meter("洗い出し", total=total, unit="条項", stream=sys.stderr) as meter:
        candidates = scan_versions(
            factory,
            detector.classify,
            scan_run_id=scan_run_id,
            version=detector.version,
            advance=meter.advance,
        )
        return ScanSummary(provisions=meter.done, candidates=candidates, seconds=meter.seconds)


@flow(name="scan")
def scan() -> ScanSummary:
    """Detect candidates in every provision in force that the detector in service has not looked at.

    Running it again finds nothing to do; decisions are never touched. Raises RuleError before anything is
    scanned where the installation's own rules cannot be used.
    """
    factory = sessions()
    with reading_scope(factory) as session:
        detector = detector_in_service(session, rule_folders=load_settings(os.environ).rule_folders)
    with session_scope(factory) as session:
        run_id = start_scan_run(session, pipeline_version=detector.version, now=dt.datetime.now(dt.UTC))
    summary = classify_unscanned(run_id, detector)
    with session_scope(factory) as session:
        finish_scan_run(session, scan_run_id=run_id, now=dt.datetime.now(dt.UTC))
        forget_findings(session)
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
