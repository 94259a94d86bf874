"""Progress of a long step on the terminal: count, share and rate."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self, TextIO


class Meter:
    """Counts what is done and shows it: one line rewritten on a terminal, a line now and then elsewhere.

    Flows run in the worker too, where the same lines go to the log. `total` 0 means unknown.
    """

    def __init__(self, label: str, *, total: int, unit: str, stream: TextIO, every: float | None = None) -> None:
        self._label, self._total, self._unit, self._stream = label, total, unit, stream
        self._live = stream.isatty()
        self._every = every if every is not None else (0.2 if self._live else 10.0)
        self._started = self._shown = time.monotonic()
        self.done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._show()
        if self._live:
            self._stream.write("\n")

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def rate(self) -> float:
        """Units a second since the start."""
        return self.done / max(self.seconds, 1e-9)

    def advance(self, count: int = 1) -> None:
        self.done += count
        if time.monotonic() - self._shown >= self._every:
            self._show()

    def advance_to(self, done: int) -> None:
        self.advance(done - self.done)

    def _show(self) -> None:
        self._shown = time.monotonic()
        of_total = f" / {self._total:,}" if self._total else ""
        line = f"{self._label} {self.done:,}{of_total} {self._unit}（毎秒 {self.rate:,.0f} {self._unit}）"
        self._stream.write(f"\r{line}\x1b[K" if self._live else f"{line}\n")
        self._stream.flush()
