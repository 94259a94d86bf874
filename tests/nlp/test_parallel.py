from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from nlp.classifier import Classifier
from nlp.parallel import WorkerDiedError, classify_in_processes
from nlp.provision import ProvisionInput

TEXTS = [
    "市長は、職員に、工場に立ち入り、機械設備の状況を検査させることができる。",
    "この条例は、公布の日から施行する。",
    "営業者は、料金表を営業所の見やすい場所に掲示しなければならない。",
    "検査の結果を市長に報告しなければならない。",
    "管理者は、毎月一回以上、設備を点検しなければならない。",
]


def provisions(count: int) -> list[ProvisionInput]:
    return [ProvisionInput(id=str(number), text=TEXTS[number % 5], kind="ordinance") for number in range(count)]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Every worker that is started, and small batches."""
    processes: list[subprocess.Popen[bytes]] = []
    start: Callable[..., subprocess.Popen[bytes]] = subprocess.Popen

    def remembering(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        processes.append(start(*arguments, **options))
        return processes[-1]

    monkeypatch.setattr("nlp.parallel.subprocess.Popen", remembering)
    monkeypatch.setattr("nlp.parallel.BATCH", 3)
    return processes


def test_findings_are_those_of_one_process_in_order_though_workers_die(
    classifier: Classifier, started: list[subprocess.Popen[bytes]]
) -> None:
    seen: list[int] = []

    def progress(done: int) -> None:
        seen.append(done)
        if done == 6:
            for process in started:
                process.kill()

    wanted = provisions(20)
    found = list(classify_in_processes(wanted, processes=2, progress=progress))
    assert found == classifier.classify(wanted)
    assert seen == [3, 6, 9, 12, 15, 18, 20]
    assert 2 < len(started) <= 4
    assert all(process.returncode is not None for process in started)


def test_provisions_are_drawn_as_needed_and_leaving_early_ends_the_workers(
    started: list[subprocess.Popen[bytes]],
) -> None:
    drawn: list[str] = []

    def endless() -> Any:
        for provision in provisions(10_000):
            drawn.append(provision.id)
            yield provision

    findings = classify_in_processes(endless(), processes=1)
    assert next(findings).id == "0"
    findings.close()  # type: ignore[attr-defined]
    assert len(drawn) <= 9
    assert [process.returncode is not None for process in started] == [True]


class Deadly(ProvisionInput):
    """Ends whichever process unpickles it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (3,)


def test_a_provision_that_ends_every_worker_is_named(started: list[subprocess.Popen[bytes]]) -> None:
    with pytest.raises(WorkerDiedError, match="provision deadly"):
        list(classify_in_processes([*provisions(1), Deadly(id="deadly", text="")], processes=1))
    assert all(process.returncode is not None for process in started)


def test_no_provisions_start_no_worker(started: list[subprocess.Popen[bytes]]) -> None:
    assert list(classify_in_processes([], processes=2)) == []
    assert started == []
