"""How good detection is: cross-validation by document, and the figures of the scoring rules.

Folds are made of whole documents (`source`), because paragraphs of one instrument resemble each other
and a split between them would flatter. The seed is fixed.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nlp.analysis import Analysis
from nlp.classifier import decide
from nlp.features import Features, features
from nlp.provision import Finding
from nlp.training import GoldRow, train
from nlp.trigger import PATTERNS

FOLDS, SEED = 5, 20260401
_BINS = 10


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one category (or of all), and the ratios they give (1.0 where nothing was to be found)."""

    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float:
        found = self.true_positives + self.false_positives
        return self.true_positives / found if found else 1.0

    @property
    def recall(self) -> float:
        wanted = self.true_positives + self.false_negatives
        return self.true_positives / wanted if wanted else 1.0

    @property
    def f1(self) -> float:
        both = 2 * self.true_positives + self.false_positives + self.false_negatives
        return 2 * self.true_positives / both if both else 1.0


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of a set of findings. Accuracies are over the labels found; `ece` is 0 where perfect."""

    categories: Mapping[str, Score]
    micro: Score
    macro_f1: float
    type_accuracy: float
    phase_accuracy: float
    ece: float


def all_features(analyses: Iterable[Analysis]) -> list[Mapping[str, Features]]:
    """Features of each provision under every category."""
    return [{category: features(analysis, category) for category in PATTERNS} for analysis in analyses]


def folds(sources: Sequence[str], *, count: int = FOLDS, seed: int = SEED) -> list[int]:
    """Fold (0 … count-1) of each row; rows of one document are in one fold."""
    documents = sorted(set(sources))
    random.Random(seed).shuffle(documents)  # noqa: S311  no secret, but the same every time
    place = {document: position % count for position, document in enumerate(documents)}
    return [place[source] for source in sources]


def cross_validate(gold: Sequence[GoldRow], analyses: Sequence[Analysis], *, seed: int = SEED) -> list[Finding]:
    """A finding for each row by a model that has seen no row of its document. Analyses in the gold's order."""
    by_row = all_features(analyses)
    fold_of = folds([row.source for row in gold], seed=seed)
    findings: dict[int, Finding] = {}
    for fold in range(FOLDS):
        learnt = [index for index, other in enumerate(fold_of) if other != fold]
        model = train([gold[index] for index in learnt], [by_row[index] for index in learnt])
        for index, other in enumerate(fold_of):
            if other == fold:
                findings[index] = decide(analyses[index], model)
    return [findings[index] for index in range(len(gold))]


def evaluate(gold: Sequence[GoldRow], findings: Sequence[Finding]) -> Report:
    """Score findings against gold, row by row. Optional labels and uncertain rows count as the guideline says."""
    counts = {category: [0, 0, 0] for category in PATTERNS}
    matched = types = phases = 0
    stated: list[tuple[float, bool]] = []
    for row, finding in zip(gold, findings, strict=True):
        guesses = {label.category: label for label in finding.labels}
        for category, count in counts.items():
            wanted, guess = row.label(category), guesses.get(category)
            if wanted and wanted.optional:
                continue
            if guess and (wanted or not row.uncertain):
                stated.append((guess.probability, wanted is not None))
            if wanted and guess:
                count[0] += 1
                matched += 1
                types += guess.type in wanted.types
                phases += guess.phase in wanted.phases
            elif guess and not row.uncertain:
                count[1] += 1
            elif wanted:
                count[2] += 1
    scores = {category: Score(*count) for category, count in counts.items()}
    micro = Score(*(sum(count[position] for count in counts.values()) for position in range(3)))
    return Report(
        categories=scores,
        micro=micro,
        macro_f1=sum(score.f1 for score in scores.values()) / len(scores),
        type_accuracy=types / max(1, matched),
        phase_accuracy=phases / max(1, matched),
        ece=expected_calibration_error(stated),
    )


def expected_calibration_error(stated: Sequence[tuple[float, bool]]) -> float:
    """Mean gap between stated probability and observed share over ten bins, weighted by their size."""
    cells: dict[int, list[tuple[float, bool]]] = {}
    for probability, hit in stated:
        cells.setdefault(min(_BINS - 1, int(probability * _BINS)), []).append((probability, hit))
    gaps = (abs(sum(probability for probability, _ in cell) - sum(hit for _, hit in cell)) for cell in cells.values())
    return sum(gaps) / max(1, len(stated))
