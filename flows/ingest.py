"""Ingest: files in, revisions out. A file that cannot be read is quarantined, and the rest goes on."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from sqlalchemy.orm import Session, sessionmaker

from flows.database import sessions
from flows.files import FileReader, SourceFile, find_files
from flows.progress import Meter
from flows.settings import Settings, load_settings
from models.base import WRITING
from models.database import session_scope
from models.operations.import_catalog import CatalogReport, import_catalog, read_catalog
from models.operations.record_ingest import FileOutcome, finish_ingest_run, record_file, start_ingest_run
from models.operations.register_revision import EmptyRevisionError, register_revision
from regulations.corrections import Correction, apply_corrections, read_corrections
from regulations.sources.base import Limits, UnreadableSource
from regulations.sources.reading import read_source

log = logging.getLogger(__name__)

BATCH = 200
"""Files a task: Prefect costs milliseconds a task, and its history stays readable."""


INTERNAL_ERROR = "internal_error"
"""Reason code of a file that is in quarantine because of an error of ours, which is in the log."""

OUTCOME_LABELS = {
    FileOutcome.CREATED: "新規",
    FileOutcome.CHANGED: "改正",
    FileOutcome.UNCHANGED: "変更なし",
    FileOutcome.QUARANTINED: "隔離",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """One file's outcome; `reason` is Japanese and filled where it is in quarantine."""

    name: str
    outcome: FileOutcome
    reason_code: str = ""
    reason: str = ""
    carried: int = 0
    changed: int = 0
    added: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSummary:
    """What one run did. `skipped` are files passed over in folders; `catalog` is None without a catalogue."""

    files: tuple[FileResult, ...]
    skipped: tuple[str, ...] = ()
    catalog: CatalogReport | None = None
    catalog_errors: tuple[str, ...] = field(default=())
    correction_errors: tuple[str, ...] = field(default=())
    seconds: float = 0.0

    @property
    def counts(self) -> Counter[FileOutcome]:
        return Counter(file.outcome for file in self.files)

    @property
    def refused(self) -> tuple[FileResult, ...]:
        """Files that came to nothing, with their reasons."""
        return tuple(file for file in self.files if file.outcome is FileOutcome.QUARANTINED)

    @property
    def failed(self) -> bool:
        """Whether something went wrong that is not the fault of a file."""
        return bool(self.catalog_errors or self.correction_errors) or any(
            file.reason_code == INTERNAL_ERROR for file in self.files
        )


def ingest_file(
    factory: sessionmaker[Session],
    file: SourceFile,
    *,
    reader: FileReader,
    run_id: int,
    now: dt.datetime,
    limits: Limits,
    corrections: Sequence[Correction] = (),
) -> FileResult:
    """Read one file, correct it and register it, in one transaction: the database holds all of it or nothing.

    Every failure is a value: the file is recorded as quarantined, with the reader's reason or, where
    the error is ours, INTERNAL_ERROR.
    """
    source_hash = ""
    try:
        data = reader.read(file)
        source_hash = hashlib.sha256(data).hexdigest()
        parsed = read_source(file.name, data, limits=limits)
        parsed = apply_corrections(parsed, corrections, source_hash=source_hash)
        with session_scope(factory) as session:
            registered = register_revision(
                session, parsed=parsed, source_name=file.name, source_hash=source_hash, now=now, run_id=run_id
            )
            record_file(
                session,
                run_id=run_id,
                name=file.name,
                source_hash=source_hash,
                outcome=registered.outcome,
                revision_id=registered.revision_id,
            )
        return FileResult(
            name=file.name,
            outcome=registered.outcome,
            carried=registered.carried,
            changed=registered.changed,
            added=registered.added,
            removed=registered.removed,
        )
    except (UnreadableSource, EmptyRevisionError) as error:
        code, reason = error.code, error.message
    except Exception:
        log.exception("ingest of %s failed", file.name)
        code = INTERNAL_ERROR
        reason = "取り込みの途中でプログラムの誤りが起きました。記録を添えてシステム管理者へ連絡してください。"
    with session_scope(factory) as session:
        record_file(
            session,
            run_id=run_id,
            name=file.name,
            source_hash=source_hash,
            outcome=FileOutcome.QUARANTINED,
            reason_code=code,
            reason=reason,
        )
    return FileResult(name=file.name, outcome=FileOutcome.QUARANTINED, reason_code=code, reason=reason)


def apply_catalog(
    factory: sessionmaker[Session], path: Path, *, now: dt.datetime
) -> tuple[CatalogReport, tuple[str, ...]]:
    """Assign owners after a catalogue, CSV or XLSX (題名, 番号, 公布日, 所管課).

    The report, and Japanese errors with the numbers of rows that could not be read and were passed over.
    """
    rows, errors = read_catalog(path.read_bytes())
    with session_scope(factory) as session:
        return import_catalog(session, rows=rows, now=now), tuple(errors)


def ingest_files(
    factory: sessionmaker[Session],
    files: Iterable[SourceFile],
    *,
    run_id: int,
    settings: Settings,
    advance: Callable[[], None],
) -> list[FileResult]:
    """`ingest_file` for each file; `advance` is called after each."""
    corrections, _ = load_corrections(settings.corrections)
    results = []
    with FileReader(settings.limits) as reader:
        for file in files:
            results.append(
                ingest_file(
                    factory,
                    file,
                    reader=reader,
                    run_id=run_id,
                    now=dt.datetime.now(dt.UTC),
                    limits=settings.limits,
                    corrections=corrections,
                )
            )
            advance()
    return results


def load_corrections(folder: Path) -> tuple[tuple[Correction, ...], tuple[str, ...]]:
    """Corrections in the YAML files of a folder, and Japanese errors; a file with errors gives none."""
    found: list[Correction] = []
    told: list[str] = []
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        corrections, errors = read_corrections(path.read_bytes())
        found += corrections
        told += [f"訂正ファイル {path.name}: {error}" for error in errors]
    return tuple(found), tuple(told)


@task(name="read and register files", cache_policy=NO_CACHE)
def register_files(files: list[SourceFile], run_id: int) -> list[FileResult]:
    with Meter("取込", total=len(files), unit="件", stream=sys.stderr) as meter:
        settings = load_settings(os.environ)
        return ingest_files(sessions(), files, run_id=run_id, settings=settings, advance=meter.advance)


@task(name="apply the catalogue", cache_policy=NO_CACHE)
def assign_owners(catalog: str) -> tuple[CatalogReport, tuple[str, ...]]:
    return apply_catalog(sessions(), Path(catalog), now=dt.datetime.now(dt.UTC))


def rehearse(paths: list[str], catalog: str | None = None) -> IngestSummary:
    """What `ingest` would do, with the whole of it done in one transaction that is taken back."""
    settings = load_settings(os.environ)
    found = find_files((Path(path) for path in paths), limits=settings.limits)
    started = dt.datetime.now(dt.UTC)
    with sessions().kw["bind"].connect() as connection:
        connection.execution_options(**{WRITING: True})
        transaction = connection.begin()
        factory = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        try:
            with session_scope(factory) as session:
                run_id = start_ingest_run(session, source="", now=started)
            files = ingest_files(factory, found.files, run_id=run_id, settings=settings, advance=lambda: None)
            report, errors = apply_catalog(factory, Path(catalog), now=started) if catalog else (None, ())
        finally:
            transaction.rollback()
    return IngestSummary(
        files=tuple(files),
        skipped=found.skipped,
        catalog=report,
        catalog_errors=errors,
        correction_errors=load_corrections(settings.corrections)[1],
        seconds=(dt.datetime.now(dt.UTC) - started).total_seconds(),
    )


@flow(name="ingest")
def ingest(paths: list[str], catalog: str | None = None) -> IngestSummary:
    """Read files, folders and bundles into revisions, then assign owners after the catalogue.

    Running it again with the same files changes nothing. Raises FileNotFoundError where a path is not there.
    """
    settings = load_settings(os.environ)
    found = find_files((Path(path) for path in paths), limits=settings.limits)
    factory = sessions()
    started = dt.datetime.now(dt.UTC)
    with session_scope(factory) as session:
        run_id = start_ingest_run(session, source=", ".join(Path(path).name for path in paths), now=started)
    results: list[FileResult] = []
    for first in range(0, len(found.files), BATCH):
        results += register_files(list(found.files[first : first + BATCH]), run_id)
    report, errors = assign_owners(catalog) if catalog else (None, ())
    finished = dt.datetime.now(dt.UTC)
    with session_scope(factory) as session:
        finish_ingest_run(session, run_id=run_id, now=finished)
    summary = IngestSummary(
        files=tuple(results),
        skipped=found.skipped,
        catalog=report,
        catalog_errors=errors,
        correction_errors=load_corrections(settings.corrections)[1],
        seconds=(finished - started).total_seconds(),
    )
    create_markdown_artifact(key="ingest-summary", markdown=summary_markdown(summary), description="取込の結果")
    return summary


def summary_markdown(summary: IngestSummary) -> str:
    """The run's summary as Markdown for Prefect's artifact."""
    lines = ["# 取込の結果", "", "| 結果 | 件数 |", "|---|---:|"]
    lines += [f"| {label} | {summary.counts[outcome]} |" for outcome, label in OUTCOME_LABELS.items()]
    if summary.refused:
        lines += ["", "## 隔離したファイル", "", "| ファイル | 理由 |", "|---|---|"]
        lines += [f"| {_cell(file.name)} | {_cell(file.reason)} |" for file in summary.refused]
    if summary.catalog and summary.catalog.unmatched:
        lines += ["", f"目録のうち {len(summary.catalog.unmatched)} 行は、該当する例規がありませんでした。"]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
