"""A whole prefecture's legislation through detection: speed, memory, cost as it grows, and what it saves.

The real texts are taken several times over with numbers and office names changed from copy to copy, so
that no clause comes twice as it was. MINAOSHI_BENCH_PROVISIONS sets another size than the prefecture's.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import typer
from spacy.language import Language

from nlp.classifier import Classifier
from nlp.model import DetectionModel, load_model
from nlp.parallel import classify_in_processes
from nlp.pipeline import load_pipeline
from nlp.provision import ProvisionInput
from regulations.definitions import definitions
from regulations.sources.base import UnreadableSource
from regulations.sources.reading import read_source
from regulations.structure import provisions

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(3600)]

PREFECTURE = 150_000
SAMPLE = 1000  # read by GiNZA with its defaults, which is slow
COMPARED = 3000
_FOLDERS = ("national_xml", "ordinance_text_md", "ordinance_html", "egov2013_text")
_DIGITS, _KANJI = "0123456789", "一二三四五六七八九"
_OFFICES = ("市長", "町長", "村長", "区長", "知事", "局長", "所長", "部長", "署長", "館長")
_CHANGED = re.compile("|".join([*_DIGITS, *_KANJI, *_OFFICES]))


@pytest.fixture(scope="module")
def corpus(shared: Path) -> list[ProvisionInput]:
    found = []
    for path in sorted(path for folder in _FOLDERS for path in (shared / "data" / folder).rglob("*") if path.is_file()):
        with suppress(UnreadableSource):
            ordinance = read_source(path.name, path.read_bytes()).ordinance
            rows = provisions(ordinance)
            known = definitions(row.text for row in rows)
            found += [
                ProvisionInput(
                    id=f"{path.name} {row.ref}",
                    law=ordinance.title,
                    kind=ordinance.kind.value,
                    caption=row.caption,
                    text=row.text,
                    definitions=known,
                )
                for row in rows
            ]
    random.Random(1).shuffle(found)
    return found


def varied(corpus: list[ProvisionInput], count: int) -> Iterator[ProvisionInput]:
    """`count` provisions, no copy of one like another."""
    for copy in range(-(-count // len(corpus))):
        turned = [signs[(n + copy) % len(signs)] for signs in (_DIGITS, _KANJI) for n in range(len(signs))]
        offices = {office: _OFFICES[(n + copy) % len(_OFFICES)] for n, office in enumerate(_OFFICES)}
        change = {**dict(zip(_DIGITS + _KANJI, turned, strict=True)), **offices}
        for each in islice(corpus, count - copy * len(corpus)):
            text = _CHANGED.sub(lambda match, change=change: change[match[0]], each.text)
            yield replace(each, id=f"{copy} {each.id}", text=text)


def peak_megabytes() -> float:
    """Sum of the peak resident memory of this process and its children that run now."""
    children = [
        child
        for thread in Path("/proc/self/task").iterdir()  # a child belongs to the thread that started it
        for child in (thread / "children").read_text(encoding="ascii").split()
    ]
    kilobytes = 0
    for process in ("self", *children):
        with suppress(OSError):
            status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
            kilobytes += int(match[1]) if (match := re.search(r"VmHWM:\s+(\d+)", status)) else 0
    return kilobytes / 1024


def test_a_prefecture_is_scanned_in_two_processes(corpus: list[ProvisionInput]) -> None:
    count = int(os.environ.get("MINAOSHI_BENCH_PROVISIONS", PREFECTURE))
    marks: list[tuple[int, float]] = []
    peak, characters = 0.0, 0

    def progress(done: int) -> None:
        nonlocal peak
        marks.append((done, time.perf_counter()))
        peak = max(peak, peak_megabytes())

    def counted() -> Iterator[ProvisionInput]:
        nonlocal characters
        for each in varied(corpus, count):
            characters += len(each.text)
            yield each

    begun = time.perf_counter()
    flagged = sum(bool(finding.labels) for finding in classify_in_processes(counted(), progress=progress))
    seconds = time.perf_counter() - begun
    assert marks[-1][0] == count
    assert flagged
    quarters = [next(mark for mark in marks if mark[0] >= count * part / 4) for part in (1, 2, 3, 4)]
    rates = [
        (later[0] - earlier[0]) / (later[1] - earlier[1])
        for earlier, later in zip([(0, begun), *quarters], quarters, strict=False)
    ]
    typer.echo(
        f"\n{count:,} provisions, {characters / 1e6:.1f} million characters in {seconds:.0f} s with two processes: "
        f"{count / seconds:,.0f} provisions/s, {characters / seconds:,.0f} characters/s; {flagged:,} flagged; "
        f"peak memory of all processes {peak:,.0f} MB; by quarters {', '.join(f'{rate:,.0f}/s' for rate in rates)}"
        + ("" if count >= PREFECTURE else f"; {PREFECTURE:,} would take {PREFECTURE / count * seconds:,.0f} s")
    )
    default = _with_defaults([each.text for each in corpus if 0 < len(each.text) < 10_000][:SAMPLE])
    typer.echo(
        f"nlp.pipe with its defaults over {SAMPLE:,} of them: {SAMPLE / default:,.1f} provisions/s; "
        f"detection is {count / seconds * default / SAMPLE:.0f} times as fast"
    )


def _with_defaults(texts: list[str]) -> float:
    """Seconds that GiNZA takes as it comes, in a process of its own (it needs gigabytes)."""
    program = (
        "import json, sys, time, spacy\n"
        "texts = json.load(sys.stdin)\n"
        "nlp = spacy.load('ja_ginza')\n"
        "begun = time.perf_counter()\n"
        "assert sum(1 for _ in nlp.pipe(texts)) == len(texts)\n"
        "print(time.perf_counter() - begun)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def test_parsing_only_what_is_in_doubt_finds_what_parsing_everything_finds(corpus: list[ProvisionInput]) -> None:
    pipeline: Language = load_pipeline()
    model = load_model()
    assert model
    everything = DetectionModel(model.detectors, model.types, model.threshold, doubt=1000.0)
    sample = corpus[:COMPARED]
    found, seconds = [], []
    for each in (model, everything):
        classifier = Classifier(pipeline, model=each)
        begun = time.perf_counter()
        findings = classifier.classify(sample)
        seconds.append(time.perf_counter() - begun)
        found.append({(finding.id, label.category) for finding in findings for label in finding.labels})
        share = classifier.parsed_characters / sum(len(provision.text) for provision in sample)
        typer.echo(
            f"\n{len(found[-1])} labels in {COMPARED:,} provisions, {share:.1%} of the characters parsed, "
            f"one process {seconds[-1]:.1f} s"
        )
    typer.echo(f"lost {len(found[1] - found[0])}, added {len(found[0] - found[1])}")
    assert len(found[1] - found[0]) <= 0.02 * len(found[1])
