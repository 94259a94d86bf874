"""How fast this machine reads and stores, and whether the cost grows with the size alone."""

from __future__ import annotations

import gzip
import json
import math
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import typer

from regulations.sources.base import UnreadableSource
from regulations.sources.reading import read_source
from regulations.structure import ParsedOrdinance, provisions
from tests.benchmarks.measuring import machine, report, timed
from tests.conftest import ROOT
from tests.regulations import test_d1_law, test_egov_xml, test_legal_crud, test_reiki_base

pytestmark = pytest.mark.benchmark

ENOUGH = 4.0  # MB to read, so that a small set is measured well
TRIES = 5  # of which the best counts, for pages that are read in no time
SENTENCE = (
    "知事は、必要があると認めるときは、その職員に、桟橋に立ち入り、設備の状況を目視により検査させることができる。"
)
INGEST = """
import json, os, sys, time
from pathlib import Path
from flows.database import sessions
from flows.files import find_files
from flows.ingest import ingest_files
from flows.settings import load_settings
from models.base import Base
from models.database import session_scope, upgrade
from models.legislation import ProvisionVersion
from models.operations.record_ingest import start_ingest_run
from sqlalchemy import func, select
import datetime as dt
from tests.benchmarks.measuring import peak_memory
settings = load_settings(os.environ)
settings.make_folders()
upgrade(settings.database_url)
started = time.perf_counter()
found = find_files([Path(sys.argv[1])], limits=settings.limits)
with session_scope(sessions()) as session:
    run_id = start_ingest_run(session, source="", now=dt.datetime.now(dt.UTC))
results = ingest_files(sessions(), found.files, run_id=run_id, settings=settings, advance=lambda: None)
seconds = time.perf_counter() - started
with sessions()() as session:
    count = session.scalar(select(func.count(ProvisionVersion.id)))
refused = [file.name for file in results if file.reason_code]
print(json.dumps({"seconds": seconds, "provisions": count, "memory": peak_memory(), "refused": refused}))
"""


@pytest.fixture(scope="module", autouse=True)
def _machine() -> None:
    typer.echo(f"\n{machine()}")


@pytest.mark.parametrize(("folder", "pattern"), [("national_xml", "*.xml*"), ("ordinance_html", "**/*.html")])
def test_reading(shared: Path, folder: str, pattern: str) -> None:
    sources = []
    for path in sorted((shared / "data" / folder).glob(pattern)):
        data = path.read_bytes()
        sources.append((path.name, gzip.decompress(data) if path.suffix == ".gz" else data))
    size = sum(len(data) for _, data in sources) / 1e6
    rounds = math.ceil(ENOUGH / size)
    trees: list[ParsedOrdinance] = []
    with timed() as timer:
        for name, data in sources * rounds:
            with suppress(UnreadableSource):  # one of the files is an error page, made for that
                trees.append(read_source(name, data))
    count = sum(len(provisions(parsed.ordinance)) for parsed in trees) // rounds
    assert count
    rate = size * rounds / timer.processor
    report(f"reading {folder}", f"{size:.1f} MB, {count:,} provisions, {rounds} times: {rate:.1f} MB/s a core")


def _xml(articles: int) -> bytes:
    one = test_egov_xml.article(test_egov_xml.paragraph(f"<Sentence>{SENTENCE}</Sentence>"))
    return test_egov_xml.law("", main=one * articles)


def _html(articles: int) -> bytes:
    return test_reiki_base.page(*[test_reiki_base.article(f"第{n}条", SENTENCE) for n in range(1, articles + 1)])


def _d1_law(articles: int) -> bytes:
    lines = list(test_d1_law.HEAD)
    for n in range(1, articles + 1):
        here = f"{n}.0.0.0"
        lines += [
            (test_d1_law.place("hL10", here), "（検査）"),
            (test_d1_law.place("hL20", here), f"<b>第{n}条</b>　{SENTENCE}"),
            (test_d1_law.place("hL20", here, "2.0"), f"２　{SENTENCE}"),
            (test_d1_law.place("hL20", here, "2.0", "1.0.0"), "(１)　桟橋"),
            (test_d1_law.place("hL20", here, "2.0", "2.0.0"), "(２)　杭"),
        ]
    return test_d1_law.page(*lines)


def _legal_crud(articles: int) -> bytes:
    return test_legal_crud.page(
        "".join(
            f"<p>（検査）</p><p>第{n}条　{SENTENCE}</p><p>２　{SENTENCE}</p><p>（１）　桟橋</p><p>（２）　杭</p>"
            for n in range(1, articles + 1)
        )
    )


def _text(articles: int) -> bytes:
    lines = [f"（検査）\n第{n}条　{SENTENCE}\n２　{SENTENCE}\n一　桟橋\n二　杭" for n in range(1, articles + 1)]
    return ("霞野県桟橋条例\n霞野県条例第十二号\n" + "\n".join(lines)).encode()


@pytest.mark.parametrize("make", [_xml, _html, _d1_law, _legal_crud, _text])
def test_reading_ten_times_as_much_takes_ten_times_as_long(make: object) -> None:
    assert callable(make)
    figures, first = [], 0.0
    for times in (1, 2, 5, 10):
        data = make(500 * times)
        seconds = []
        for _ in range(TRIES):
            with timed() as timer:
                read_source("file", data)
            seconds.append(timer.processor)
        best = min(seconds)  # the others on the machine only ever add to it
        first = first or best
        figures.append(f"{times}x {best:.2f} s = {best / first:.1f}x, {len(data) / 1e6 / best:.1f} MB/s")
    report(f"growth of {getattr(make, '__name__', '').strip('_')}", ", ".join(figures))


def test_ingest_of_the_laws_into_sqlite(shared: Path, tmp_path: Path) -> None:
    # In a process of its own, so that its memory is that of an ingest.
    environ = os.environ | {"MINAOSHI_HOME": str(tmp_path)}
    environ.pop("MINAOSHI_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", INGEST, str(shared / "data" / "national_xml")],
        cwd=ROOT, env=environ, capture_output=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["refused"] == []
    typer.echo(
        f"\ningest of national_xml: {found['provisions']:,} provisions in {found['seconds']:.1f} s, "
        f"{found['provisions'] / found['seconds']:,.0f}/s, peak memory of its process {found['memory']:,.0f} MB"
    )
