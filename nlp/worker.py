"""The other end of `nlp.parallel`: batches of provisions in on standard input, findings out on standard output."""

from __future__ import annotations

import os
import pickle  # our own frames between our own processes
import sys
from contextlib import suppress

from nlp.classifier import Classifier
from nlp.model import from_bytes
from nlp.pipeline import load_pipeline


def main() -> None:
    """Serve until the input ends."""
    source, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints must not end up among the answers
    weights, rule_folders = pickle.load(source)  # noqa: S301  written by our own parent
    model = from_bytes(weights) if weights is not None else None
    classifier = Classifier(load_pipeline(), model=model, rule_folders=rule_folders)
    with suppress(EOFError):
        while True:
            batch = pickle.load(source)  # noqa: S301
            try:
                answer: object = classifier.classify(batch)
            except Exception as error:  # noqa: BLE001  the caller decides; this process lives on
                answer = error
            pickle.dump(answer, answers)
            answers.flush()


if __name__ == "__main__":
    main()
