"""Fitting the models to labelled provisions: logistic regression over flags and n-grams, one a category.

Labels that the annotators did not agree on are left out. Nothing of the texts is kept but character
sequences of at most three signs.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from spacy.language import Language

from nlp.analysis import Analyser
from nlp.features import Features, features
from nlp.jsonl import read_provisions
from nlp.model import DetectionModel, LinearModel, weigh
from nlp.trigger import PATTERNS

THRESHOLD = 0.45  # about where F1 is flat in cross-validation; one for all categories
REGULARISATION = 3.0
LEAST_DOCUMENTS = 2  # a feature seen once teaches nothing


@dataclass(frozen=True, slots=True)
class GoldLabel:
    """A gold label: 類型 and PHASEs that count as right. `optional` ones are neither taught nor scored."""

    category: str
    types: tuple[int, ...]
    phases: tuple[int, ...]
    optional: bool


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


def gold_row(row: Mapping[str, Any]) -> GoldRow:
    """One line of a gold file (see the labelling guideline). Raises KeyError on a missing field."""
    labels = tuple(
        GoldLabel(label["category"], tuple(label["types"]), tuple(label["phases"]), label["optional"])
        for label in row["labels"]
    )
    basis = tuple(row["basis"] or ())
    return GoldRow(str(row["id"]), str(row["source"]), labels, bool(row["uncertain"]), basis)


def train_from_gold(lines: Sequence[str], pipeline: Language) -> DetectionModel:
    """Fit to the lines of a gold file (JSON Lines: a provision and its labels each)."""
    provisions = list(read_provisions(lines))
    analyses = Analyser(pipeline).analyse(provisions)
    rows = [gold_row(json.loads(line)) for line in lines if line.strip()]
    return train(rows, [{category: features(each, category) for category in PATTERNS} for each in analyses])


def train(rows: Sequence[GoldRow], by_row: Sequence[Mapping[str, Features]]) -> DetectionModel:
    """Fit detectors and 類型 models. `by_row[i]` maps categories to the features of `rows[i]`."""
    detectors: dict[str, LinearModel] = {}
    types: dict[str, LinearModel] = {}
    for category in sorted({category for row in by_row for category in row}):
        here = [(row, by[category]) for row, by in zip(rows, by_row, strict=True) if by[category].ngrams]
        taught = [(row.label(category) is not None, each) for row, each in here if _teaches(row, category)]
        if len({positive for positive, _ in taught}) == 2:
            detectors[category] = fit([int(positive) for positive, _ in taught], [each for _, each in taught])
        typed = [(label.types[0], each) for row, each in here if (label := row.label(category)) is not None]
        if len({number for number, _ in typed}) > 1:
            types[category] = fit([number for number, _ in typed], [each for _, each in typed])
    return DetectionModel(detectors, types, THRESHOLD)


def _teaches(row: GoldRow, category: str) -> bool:
    label = row.label(category)
    return not label.optional if label else not row.uncertain


def fit(targets: Sequence[int], examples: Sequence[Features]) -> LinearModel:
    """One model over the classes found in `targets`; deterministic."""
    frequent = _frequent(name for each in examples for name in each.flags)
    documents = _frequent(name for each in examples for name in each.ngrams)
    idf = {gram: math.log((1 + len(examples)) / (1 + count)) + 1 for gram, count in sorted(documents.items())}
    vectors = DictVectorizer()
    matrix = vectors.fit_transform(
        [
            {name: value for name, value in weigh(each, idf).items() if name in frequent or name.startswith("char:")}
            for each in examples
        ]
    )
    regression = LogisticRegression(C=REGULARISATION, max_iter=2000, tol=1e-6).fit(matrix, np.array(targets))
    return LinearModel(
        classes=tuple(int(value) for value in regression.classes_),
        weights=dict(zip(vectors.feature_names_, regression.coef_.T, strict=True)),
        idf=idf,
        bias=np.asarray(regression.intercept_, dtype=np.float64),
    )


def _frequent(names: Iterable[str]) -> dict[str, int]:
    return {name: count for name, count in Counter(names).items() if count >= LEAST_DOCUMENTS}
