"""Time and memory of a step, printed by `make bench`."""

from __future__ import annotations

import os
import platform
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager

import typer


class Timer:
    """`seconds` on the clock, and of the processor: what others on the machine do does not count in these."""

    seconds = 0.0
    processor = 0.0


@contextmanager
def timed() -> Iterator[Timer]:
    timer, started, used = Timer(), time.perf_counter(), time.process_time()
    yield timer
    timer.seconds, timer.processor = time.perf_counter() - started, time.process_time() - used


def peak_memory() -> float:
    """Most memory that this process has ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(what: str, figure: str) -> None:
    typer.echo(f"\n{what}: {figure}; peak memory of the process so far {peak_memory():,.0f} MB")


def machine() -> str:
    return f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}"
