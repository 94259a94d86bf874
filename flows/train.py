"""Learning: gold and the departments' decisions in, a model with its figures out.

Both the new model and the one in service are cross-validated on the same rows and the same folds of
whole documents. "The one in service" is refitted in each fold from what it learnt from, without the
fold's documents: its weights as they are have seen the answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from models.queries.detection import DecidedProvision
from nlp.analysis import Analyser, Analysis
from nlp.classifier import decide
from nlp.evaluation import FOLDS, SEED, Report, evaluate, folds
from nlp.jsonl import read_provisions
from nlp.model import DetectionModel
from nlp.provision import Finding
from nlp.training import GoldRow, examples, fit_examples, gold_row
from regulations.taxonomy import load_taxonomy
from regulations.text import normalise_for_identity

_BLOCK = 512


def training_lines(gold: Iterable[str], decided: Iterable[DecidedProvision]) -> list[str]:
    """Lines to learn from: those of the gold file, then a line a decided provision.

    A decided text that the gold has too is left out (the gold was labelled with more care, and the
    same text on both sides of a fold would flatter). An instrument that is in the gold keeps its
    document there, so that it stays in one fold. Raises ValueError or KeyError on a line that is no gold.
    """
    lines = [line.strip() for line in gold if line.strip()]
    rows = [json.loads(line) for line in lines]
    sources = {normalise_for_identity(row["law"]): row["source"] for row in rows}
    texts = {normalise_for_identity(row["text"]) for row in rows}
    added = (
        _line(each, source=sources.get(normalise_for_identity(each.title), each.natural_key))
        for each in decided
        if normalise_for_identity(each.text) not in texts
    )
    return [*lines, *added]


def _line(provision: DecidedProvision, *, source: str) -> str:
    """What people said; categories that nobody has judged are "optional", neither taught nor scored."""
    applicable = [
        {"category": label.category, "types": [label.regulation_type], "phases": [label.phase], "optional": False}
        for label in provision.applicable
    ]
    judged = {label.category for label in provision.applicable} | set(provision.not_applicable)
    unjudged = (set(provision.undecided) if provision.is_complete else set(load_taxonomy())) - judged
    row = {
        "id": f"decision-{provision.version_id}",
        "source": source,
        "kind": provision.kind.value,
        "law": provision.title,
        "law_no": provision.law_number,
        "article": provision.article,
        "paragraph": provision.paragraph,
        "caption": provision.caption,
        "labels": [
            *applicable,
            *({"category": each, "types": [], "phases": [], "optional": True} for each in sorted(unjudged)),
        ],
        "uncertain": False,
        "basis": None,
        "text": provision.text,
    }
    return json.dumps(row, ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Lines read and parsed, in their order."""

    rows: Sequence[GoldRow]
    analyses: Sequence[Analysis]


def read_corpus(lines: Sequence[str], analyser: Analyser, *, advance: Callable[[int], None]) -> Corpus:
    """Parse the lines; `advance` is told how many more are done, block by block. Raises JsonlError, KeyError."""
    provisions = list(read_provisions(lines))
    rows = [gold_row(json.loads(line)) for line in lines if line.strip()]
    analyses: list[Analysis] = []
    for start in range(0, len(provisions), _BLOCK):
        block = analyser.analyse(provisions[start : start + _BLOCK])
        analyses += block
        advance(len(block))
    return Corpus(rows=rows, analyses=analyses)


def fit(corpus: Corpus) -> DetectionModel:
    """The model learnt from all of it."""
    return fit_examples(examples(corpus.rows, corpus.analyses))


def compare(new: Corpus, before: Corpus) -> dict[str, Any]:
    """Figures of learning from `new` and from `before`, both cross-validated on the rows of `new`.

    In the shape that `models.operations.propose_model` keeps: "new" and "in_service" with their
    reports, and what was measured on.
    """
    return {
        "folds": FOLDS,
        "seed": SEED,
        "rows": len(new.rows),
        "rows_in_service": len(before.rows),
        "new": as_figures(_cross_validate(new, learnt=new)),
        "in_service": as_figures(_cross_validate(new, learnt=before)),
    }


def _cross_validate(held_out: Corpus, *, learnt: Corpus) -> Report:
    fold_of = dict(zip(*_places(held_out), strict=True))
    taught = examples(learnt.rows, learnt.analyses)
    findings: dict[int, Finding] = {}
    for fold in range(FOLDS):
        model = fit_examples(
            {category: [each for each in here if fold_of.get(each.source) != fold] for category, here in taught.items()}
        )
        for place, row in enumerate(held_out.rows):
            if fold_of[row.source] == fold:
                findings[place] = decide(held_out.analyses[place], model)
    return evaluate(held_out.rows, [findings[place] for place in range(len(held_out.rows))])


def _places(corpus: Corpus) -> tuple[list[str], list[int]]:
    sources = [row.source for row in corpus.rows]
    return sources, folds(sources)


def as_figures(report: Report) -> dict[str, Any]:
    """A report as JSON: "categories" and "micro" with counts, precision, recall and F1, then the overall figures."""
    scores = {**report.categories, "micro": report.micro}
    ratios = {
        name: {**asdict(score), "precision": score.precision, "recall": score.recall, "f1": score.f1}
        for name, score in scores.items()
    }
    micro = ratios.pop("micro")
    return {"categories": ratios, "micro": micro, "overall": dict(report.figures())}
