"""Damage guided by coverage: `python -m tests.fuzz.guided --seconds 600 --folder ../shared/data`.

Needs atheris, which is no dependency of the project: install it into an environment of your own. It keeps what
reaches new code of the readers and damages that further, in bytes and in the ways of `tests.fuzz.readers`; a later
run goes on from there. A file may be read or refused; anything else, and anything over 5 seconds, ends the run.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Annotated

import typer

try:
    import atheris
except ImportError:
    sys.exit("atheris is not installed here: pip install atheris, in an environment of your own")

from tests.conftest import ROOT

with atheris.instrument_imports(include=["regulations"], exclude=["regulations.structure"]):
    from tests.fuzz import readers

KEPT = ROOT / "build" / "fuzz"
_LONGEST = 8_000  # characters of a seed: what is small is read, and damaged, often


def mutated(data: bytes, size: int, seed: int) -> bytes:
    """A little damage, half of the time to the text and half of the time to the bytes."""
    rng = random.Random(seed)
    if rng.random() < 0.5:
        return bytes(atheris.Mutate(data, size))
    text = data.decode("utf-8", "replace") or " "
    return rng.choice(readers.DAMAGES)(rng, text).encode("utf-8", "replace")[:size]


def seeds_of(folder: Path | None) -> list[bytes]:
    """Our own samples, and the beginning and a piece of each file below `folder`."""
    rng = random.Random(1)
    found = []
    for text in readers.texts_of(folder):
        start = rng.randrange(len(text) + 1)
        found += [text[:_LONGEST].encode(), (text[: _LONGEST // 4] + text[start : start + _LONGEST]).encode()]
    return found


def main(
    seconds: int = 600,
    folder: Path | None = None,
    runs: int = -1,
    seed: int = 1,
    keep: Annotated[Path, typer.Option(help="for what was found, and for a file that fails (failed-…)")] = KEPT,
) -> None:
    """Read damaged files for --seconds, or --runs times, until one fails."""
    corpus = keep.resolve() / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds_of(folder)):
        (corpus / f"{number:05}").write_bytes(data)
    options = {"max_total_time": seconds, "runs": runs, "seed": seed, "timeout": 5, "rss_limit_mb": 2048}
    options |= {"max_len": 4 * _LONGEST, "len_control": 0, "artifact_prefix": f"{keep.resolve()}/failed-"}
    atheris.Setup(
        [sys.argv[0], *(f"-{name}={value}" for name, value in options.items()), str(corpus)],
        lambda data: readers.outcome_of(data) and None,
        custom_mutator=mutated,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    typer.run(main)
