"""How fast this machine reads, stores and detects. `make bench` prints the figures; nothing here has a time limit."""

from __future__ import annotations

import datetime as dt
import gzip
import os
import platform
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import typer

from models.database import make_engine, session_factory, session_scope, upgrade
from models.operations.register_revision import register_revision
from regulations.sources.base import UnreadableSource
from regulations.sources.reading import read_source
from regulations.structure import provisions

pytestmark = pytest.mark.benchmark


class Timer:
    seconds = 0.0


@contextmanager
def _timed() -> Iterator[Timer]:
    timer, started = Timer(), time.perf_counter()
    yield timer
    timer.seconds = time.perf_counter() - started


def _report(what: str, figure: str) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    typer.echo(f"\n{what}: {figure}; peak memory of the process so far {peak:,.0f} MB")


@pytest.fixture(scope="module", autouse=True)
def _machine() -> None:
    typer.echo(f"\n{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")


@pytest.mark.parametrize(("folder", "pattern"), [("national_xml", "*.xml*"), ("ordinance_html", "**/*.html")])
def test_reading(shared: Path, folder: str, pattern: str) -> None:
    sources = []
    for path in sorted((shared / "data" / folder).glob(pattern)):
        data = path.read_bytes()
        sources.append((path.name, gzip.decompress(data) if path.suffix == ".gz" else data))
    size = sum(len(data) for _, data in sources) / 1e6
    count = 0
    with _timed() as timer:
        for name, data in sources:
            with suppress(UnreadableSource):  # one of the files is an error page, made for that
                count += len(provisions(read_source(name, data).ordinance))
    assert count
    rate = size / timer.seconds
    _report(f"reading {folder}", f"{size:.1f} MB, {count:,} provisions in {timer.seconds:.1f} s, {rate:.1f} MB/s")


def test_ingest_of_the_laws_into_sqlite(shared: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bench.db'}"
    upgrade(url)
    factory = session_factory(make_engine(url))
    count = 0
    with _timed() as timer:
        for path in sorted((shared / "data" / "national_xml").iterdir()):
            parsed = read_source(path.name, path.read_bytes())
            count += len(provisions(parsed.ordinance))
            with session_scope(factory) as session:
                register_revision(
                    session, parsed=parsed, source_name=path.name, source_hash=path.name, now=dt.datetime.now(dt.UTC)
                )
    assert count
    _report("ingest of national_xml", f"{count:,} provisions in {timer.seconds:.1f} s, {count / timer.seconds:,.0f}/s")


def test_detection(shared: Path) -> None:
    from nlp.classifier import Classifier
    from nlp.jsonl import read_provisions
    from nlp.pipeline import load_pipeline

    with (shared / "labels" / "dev.jsonl").open(encoding="utf-8") as lines:
        labelled = list(read_provisions(lines))
    with _timed() as loading:
        classifier = Classifier(load_pipeline())
    with _timed() as timer:
        findings = classifier.classify(labelled)
    assert len(findings) == len(labelled)
    rate = len(labelled) / timer.seconds
    _report(
        "detection on dev.jsonl (rich in triggers)",
        f"{len(labelled):,} provisions in {timer.seconds:.1f} s, {rate:,.0f}/s; loading {loading.seconds:.1f} s",
    )
