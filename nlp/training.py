"""Fitting the models to labelled provisions: logistic regression over flags and n-grams, two a category.

What is taught is not the provision but its trigger sentences: those that the labelled evidence lies in
are right, the others of a labelled provision wrong with little weight (evidence is seldom complete).
Labels that the annotators did not agree on are left out. Nothing of the texts is kept but character
sequences of at most three signs.
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from spacy.language import Language

from nlp.analysis import Analyser, Analysis
from nlp.features import Features, lexical, syntactic, units
from nlp.jsonl import read_provisions
from nlp.model import DetectionModel, Detector, LinearModel, weigh
from nlp.trigger import PATTERNS

THRESHOLD = 0.4  # of calibrated probabilities; about where F1 is flat. One a category was tried and gained nothing
DOUBT = 3.5  # log-odds within which a unit is parsed (probability 0.03–0.97)
REGULARISATION = 3.0
LEAST_UNITS = 2  # a feature seen once teaches nothing
_ELSEWHERE = 0.1  # weight of a unit of a labelled provision that holds none of the evidence
_INNER_FOLDS, _SEED = 4, 3


@dataclass(frozen=True, slots=True)
class GoldLabel:
    """A gold label: 類型 and PHASEs that count as right. `optional` ones are neither taught nor scored.

    `evidence` quotes the text; without any, every trigger sentence counts as evidence in part.
    """

    category: str
    types: tuple[int, ...]
    phases: tuple[int, ...]
    optional: bool
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldRow:
    """The labels of one provision. `source` names its document; `uncertain` rows give no false positives."""

    id: str
    source: str
    labels: tuple[GoldLabel, ...]
    uncertain: bool
    basis: tuple[str, ...]

    def label(self, category: str) -> GoldLabel | None:
        return next((label for label in self.labels if label.category == category), None)


@dataclass(frozen=True, slots=True)
class Example:
    """A unit to learn from: its provision's `label` (None: not of the category), and how far it is the reason."""

    row: int
    source: str
    label: GoldLabel | None
    share: float
    lexical: Features
    full: Features


def gold_row(row: Mapping[str, Any]) -> GoldRow:
    """One line of a gold file (see the labelling guideline). Raises KeyError on a missing field."""
    labels = tuple(
        GoldLabel(
            label["category"],
            tuple(label["types"]),
            tuple(label["phases"]),
            label["optional"],
            tuple(label.get("evidence") or ()),
        )
        for label in row["labels"]
    )
    basis = tuple(row["basis"] or ())
    return GoldRow(str(row["id"]), str(row["source"]), labels, bool(row["uncertain"]), basis)


def train_from_gold(lines: Sequence[str], pipeline: Language) -> DetectionModel:
    """Fit to the lines of a gold file (JSON Lines: a provision and its labels each)."""
    provisions = list(read_provisions(lines))
    rows = [gold_row(json.loads(line)) for line in lines if line.strip()]
    return train(rows, Analyser(pipeline).analyse(provisions))


def train(rows: Sequence[GoldRow], analyses: Sequence[Analysis]) -> DetectionModel:
    """Fit to labelled rows and their analyses, in the same order. Deterministic."""
    return fit_examples(examples(rows, analyses))


def examples(rows: Sequence[GoldRow], analyses: Sequence[Analysis]) -> dict[str, list[Example]]:
    """By category, the units that teach something; `row` counts from 0 in the order given."""
    found: dict[str, list[Example]] = {category: [] for category in PATTERNS}
    for number, (row, analysis) in enumerate(zip(rows, analyses, strict=True)):
        for category, into in found.items():
            label = row.label(category)
            if label.optional if label else row.uncertain:
                continue
            here = units(analysis, category)
            spans = _evidence_spans(analysis, label)
            shares = [float(any(_meets(analysis, unit.sentence, span) for span in spans)) for unit in here]
            if label and here and not any(shares):
                shares = [1 / len(here)] * len(here)
            for unit, share in zip(here, shares, strict=True):
                plain = lexical(analysis, unit)
                into.append(Example(number, row.source, label, share, plain, plain.plus(syntactic(analysis, unit))))
    return found


def _evidence_spans(analysis: Analysis, label: GoldLabel | None) -> list[tuple[int, int]]:
    text = analysis.text.original
    quotes = label.evidence if label else ()
    return [(at, at + len(quote)) for quote in quotes if quote and (at := text.find(quote)) >= 0]


def _meets(analysis: Analysis, sentence: int, span: tuple[int, int]) -> bool:
    start, end = analysis.text.to_original(analysis.sentences[sentence].start, analysis.sentences[sentence].end)
    return start < span[1] and span[0] < end


def fit_examples(
    by_category: Mapping[str, Sequence[Example]], *, doubt: float = DOUBT, with_types: bool = True
) -> DetectionModel:
    """Detectors (calibrated on inner folds of whole documents) and 類型 models."""
    detectors: dict[str, Detector] = {}
    types: dict[str, LinearModel] = {}
    for category, here in by_category.items():
        if len({each.label is None for each in here}) == 2:
            detectors[category] = _calibrated(here, doubt)
        typed = [each for each in here if each.label and each.share]
        if with_types and len({each.label.types[0] for each in typed if each.label}) > 1:
            targets = [each.label.types[0] for each in typed if each.label]
            types[category] = fit(targets, [each.lexical for each in typed], [each.share for each in typed])
    return DetectionModel(detectors, types, THRESHOLD, doubt)


def _calibrated(here: Sequence[Example], doubt: float) -> Detector:
    """A detector, with the line through what such detectors said of documents that they had not seen."""
    documents = sorted({each.source for each in here})
    random.Random(_SEED).shuffle(documents)  # noqa: S311  no secret, but the same every time
    fold = {document: number % _INNER_FOLDS for number, document in enumerate(documents)}
    odds: dict[int, float] = {}
    for number in range(_INNER_FOLDS):
        learnt = [each for each in here if fold[each.source] != number]
        if len({each.label is None for each in learnt}) < 2:
            continue
        detector = _detector(learnt)
        for each in here:
            if fold[each.source] == number:
                odds[each.row] = max(unit_odds(detector, each, doubt), odds.get(each.row, -math.inf))
    detector = _detector(here)
    truth = {each.row: each.label is not None for each in here}
    if len({truth[row] for row in odds}) < 2:
        return detector
    line = LogisticRegression().fit([[value] for value in odds.values()], [truth[row] for row in odds])
    return Detector(detector.lexical, detector.full, float(line.coef_[0, 0]), float(line.intercept_[0]))


def unit_odds(detector: Detector, example: Example, doubt: float) -> float:
    """Log-odds of a unit: those without a parse, or where they leave a doubt those with it."""
    plain = float(detector.lexical.odds(example.lexical)[0])
    return plain if abs(plain) > doubt else float(detector.full.odds(example.full)[0])


def _detector(here: Sequence[Example]) -> Detector:
    targets, weights = [], []
    for each in here:
        targets.append(int(each.label is not None and each.share > 0))
        weights.append(each.share or _ELSEWHERE if each.label else 1.0)
    return Detector(
        fit(targets, [each.lexical for each in here], weights), fit(targets, [each.full for each in here], weights)
    )


def fit(targets: Sequence[int], features: Sequence[Features], weights: Sequence[float] | None = None) -> LinearModel:
    """One model over the classes found in `targets`; deterministic."""
    documents = _frequent(
        f"{block}:{gram}" for each in features for block, grams in each.ngrams.items() for gram in grams
    )
    idf = {gram: math.log((1 + len(features)) / (1 + count)) + 1 for gram, count in sorted(documents.items())}
    flags = _frequent(name for each in features for name in each.flags)
    vectors = DictVectorizer()
    matrix = vectors.fit_transform(
        {name: value for name, value in weigh(each, idf).items() if name in idf or name in flags} for each in features
    )
    regression = LogisticRegression(C=REGULARISATION, max_iter=2000, tol=1e-5)
    regression.fit(matrix, np.array(targets), sample_weight=weights)
    return LinearModel(
        classes=tuple(int(value) for value in regression.classes_),
        rows={name: row for row, name in enumerate(vectors.feature_names_)},
        weights=np.ascontiguousarray(regression.coef_.T, dtype=np.float64),
        idf=idf,
        bias=np.asarray(regression.intercept_, dtype=np.float64),
    )


def _frequent(names: Iterable[str]) -> dict[str, int]:
    return {name: count for name, count in Counter(names).items() if count >= LEAST_UNITS}
