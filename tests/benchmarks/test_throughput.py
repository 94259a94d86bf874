"""How fast this machine detects. `make bench` prints the figures; nothing here has a time limit."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from tests.benchmarks.measuring import machine, report, timed

pytestmark = pytest.mark.benchmark


@pytest.fixture(scope="module", autouse=True)
def _machine() -> None:
    typer.echo(f"\n{machine()}")


def test_detection(shared: Path) -> None:
    from nlp.classifier import Classifier
    from nlp.jsonl import read_provisions
    from nlp.pipeline import load_pipeline

    with (shared / "labels" / "dev.jsonl").open(encoding="utf-8") as lines:
        labelled = list(read_provisions(lines))
    with timed() as loading:
        classifier = Classifier(load_pipeline())
    with timed() as timer:
        findings = classifier.classify(labelled)
    assert len(findings) == len(labelled)
    rate = len(labelled) / timer.seconds
    report(
        "detection on dev.jsonl (rich in triggers)",
        f"{len(labelled):,} provisions in {timer.seconds:.1f} s, {rate:,.0f}/s; loading {loading.seconds:.1f} s",
    )
