"""Detection over several processes: results in order, bounded memory, a dead worker replaced.

Workers are programs of their own (`python -m nlp.worker`) that share nothing but two pipes. So they see
one arithmetic thread each from their first import on, and nothing of the caller's main module, threads or
connections, be it a command, a test or a Prefect task.
"""

from __future__ import annotations

import os
import pickle  # our own frames between our own processes
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from typing import Any

from nlp.provision import Finding, ProvisionInput

BATCH = 256  # provisions a message: a second's work
_AHEAD = 2  # batches a worker that wait or are done but not yet taken
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class WorkerDiedError(RuntimeError):
    """A provision ends the process that classifies it, also a fresh one. The message has its id."""


class _ClosedError(RuntimeError):
    """The caller has lost interest."""


def classify_in_processes(
    provisions: Iterable[ProvisionInput],
    *,
    processes: int = 2,
    progress: Callable[[int], object] | None = None,
    weights: bytes | None = None,
    rule_folders: Sequence[Path] = (),
) -> Iterator[Finding]:
    """One finding a provision, in order; `progress` is called with the number done, batch by batch.

    `provisions` are drawn as they are needed, so that neither they nor the findings need fit into memory.
    `weights` and `rule_folders` are as in `nlp.pipeline.pipeline_version`. A worker that dies (memory ran out,
    somebody ended it) is replaced and its batch done again; raises WorkerDiedError where one provision is to
    blame. Leaving the iterator early ends the workers.
    """
    settings = (weights, tuple(rule_folders))
    closed = Event()
    idle: SimpleQueue[_Worker] = SimpleQueue()
    workers = [_Worker(settings, closed) for _ in range(processes)]
    for worker in workers:
        idle.put(worker)

    def work(batch: list[ProvisionInput]) -> list[Finding]:
        worker = idle.get()
        try:
            return worker.classify(batch)
        finally:
            idle.put(worker)

    threads = ThreadPoolExecutor(processes, thread_name_prefix="detection")
    remaining, done = iter(provisions), 0
    pending: deque[Future[list[Finding]]] = deque()
    try:
        while True:
            while len(pending) < processes * _AHEAD and (batch := list(islice(remaining, BATCH))):
                pending.append(threads.submit(work, batch))
            if not pending:
                return
            findings = pending.popleft().result()
            done += len(findings)
            if progress:
                progress(done)
            yield from findings
    finally:
        closed.set()
        for future in pending:
            future.cancel()
        for worker in workers:
            worker.end()
        threads.shutdown()


class _Worker:
    """A process, started when first needed and started anew when it has died."""

    def __init__(self, settings: Any, closed: Event) -> None:
        self._settings, self._closed = settings, closed
        self._process: subprocess.Popen[bytes] | None = None

    def classify(self, batch: list[ProvisionInput]) -> list[Finding]:
        """Findings of a batch; what keeps on killing the process is narrowed down to one provision."""
        for _ in range(2):
            try:
                return self._ask(batch)
            except (EOFError, OSError):
                self.end()
                if self._closed.is_set():
                    raise _ClosedError from None
        if len(batch) == 1:
            raise WorkerDiedError(f"provision {batch[0].id} ended the process that classified it")
        middle = len(batch) // 2
        return [*self.classify(batch[:middle]), *self.classify(batch[middle:])]

    def _ask(self, batch: list[ProvisionInput]) -> list[Finding]:
        if self._process is None:
            self._process = self._start()
        requests, answers = self._process.stdin, self._process.stdout
        if requests is None or answers is None:
            raise EOFError
        pickle.dump(batch, requests)
        requests.flush()
        answer: list[Finding] | Exception = pickle.load(answers)  # noqa: S301  our own process
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "nlp.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        if process.stdin:
            pickle.dump(self._settings, process.stdin)
        return process

    def end(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        if process:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    try:
                        pipe.close()
                    except OSError:  # what was left to write cannot be written any more
                        continue
