"""GiNZA as this project runs it: without entities, on one core's arithmetic, a clause at a time.

Measured on provisions of 40–300 characters: NumpyOps without BLIS, `ner` left out and batches of 64
give the same parses three times as fast as the defaults at a third of the memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import NumpyOps, set_current_ops

from nlp.components import governing_predicate, modality, token_rules  # noqa: F401  registers the factories
from nlp.rule_loader import rules_hash

ARTIFACTS = Path(__file__).parent / "artifacts"
BATCH_SIZE = 64
# The bunsetu recogniser's time grows with a high power of a list's length (「検査、検査、…」: 15 s for
# 1,199 characters), and the tokenizer rejects more than 49,149 bytes. No call sees more than this.
LONGEST_CLAUSE = 240

# Raise when a change of the code changes results; rules, weights and the model count by themselves.
CODE_VERSION = 3


@cache
def load_pipeline() -> Language:
    """The pipeline, loaded once a process (about 1.5 s, 0.5 GB)."""
    set_current_ops(NumpyOps(use_blis=False))
    pipeline = spacy.load("ja_ginza", exclude=["ner"])
    # A call is one clause, so the parser must not find sentences in it.
    pipeline.add_pipe("disable_sentencizer", before="parser")
    pipeline.add_pipe("governing_predicate")
    pipeline.add_pipe("modality")
    pipeline.add_pipe("token_rules")
    return pipeline


def pipeline_version(weights: bytes | None = None, *, rule_folders: Sequence[Path] = ()) -> str:
    """What results depend on besides the provision: code, rules, weights and language model.

    `weights` are those in service (`nlp.model.to_bytes`), None the ones that come with the code; `rule_folders`
    are read beside the project's rules, as they are at the time of the call.
    """
    digest = sha256(rules_hash(*rule_folders).encode())
    for data in [path.read_bytes() for path in sorted(ARTIFACTS.glob("*.npz"))] if weights is None else [weights]:
        digest.update(data)
    return f"{CODE_VERSION}+{digest.hexdigest()[:12]}+ginza{version('ja_ginza')}"


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of a sentence as the parser sees it: character i of `text` is `positions[i]` of the sentence."""

    text: str
    positions: tuple[int, ...]


def clauses(bare: str, positions: Sequence[int]) -> tuple[Clause, ...]:
    """What the parser is to see of a sentence without its asides: pieces of at most LONGEST_CLAUSE characters.

    Character i of `bare` is `positions[i]` of the sentence.
    """
    pieces: list[Clause] = []
    start = 0
    while start < len(bare):
        end = len(bare)
        if end - start > LONGEST_CLAUSE:
            comma = bare.rfind("、", start, start + LONGEST_CLAUSE)
            end = comma + 1 if comma > start else start + LONGEST_CLAUSE
        pieces.append(Clause(bare[start:end], tuple(positions[start:end])))
        start = end
    return tuple(pieces)


def parse(pipeline: Language, texts: Sequence[str]) -> Iterator[Doc]:
    """Docs of clauses, in order. Texts must come from `clauses` (bounded, folded)."""
    yield from pipeline.pipe(texts, batch_size=BATCH_SIZE)
