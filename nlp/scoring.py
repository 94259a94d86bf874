"""The figures of the scoring rules: findings against gold labels.

Labels that the annotators did not agree on are neither right nor wrong, and uncertain rows give no false
finds. Ratios are 1.0 where there was nothing to be found.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlp.provision import Finding
from nlp.training import GoldRow
from nlp.trigger import PATTERNS
from regulations.taxonomy import LegalBasis

NONE = "none"
RECALL = 0.97  # at which precision is stated
_BINS = 10
_BASIS = {LegalBasis.NATIONAL_LAW: "law", LegalBasis.LOCAL_ORDINANCE: "local", LegalBasis.UNCLEAR: "unclear"}


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one category (or of all), and the ratios they give."""

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
    """Figures of a set of findings. 類型 and PHASE accuracy are over the labels found; `ece` is 0 where perfect.

    `basis_accuracy` is over local provisions with a regulation, `late_phase_recall` the share of the labels at
    PHASE 2 or 3 that are found there. `effort_95` and `effort_100` are the shares of the provisions to be read,
    the likeliest first, until so much of the true ones is found.
    """

    categories: Mapping[str, Score]
    micro: Score
    macro_f1: float
    type_accuracy: float
    phase_accuracy: float
    ece: float
    basis_accuracy: float
    precision_at_recall: float
    late_phase_recall: float
    effort_95: float
    effort_100: float

    def figures(self) -> dict[str, float]:
        """All ratios by name, ready for JSON."""
        by_category = {
            f"{category}_{name}": getattr(score, name)
            for category, score in self.categories.items()
            for name in ("precision", "recall", "f1")
        }
        names = (
            *("macro_f1", "precision_at_recall", "type_accuracy", "phase_accuracy", "late_phase_recall"),
            *("basis_accuracy", "ece", "effort_95", "effort_100"),
        )
        micro = {f"micro_{name}": getattr(self.micro, name) for name in ("precision", "recall", "f1")}
        return micro | {name: getattr(self, name) for name in names} | by_category


def evaluate(gold: Sequence[GoldRow], findings: Sequence[Finding]) -> Report:
    """Score findings against gold, row by row."""
    counts = {category: [0, 0, 0] for category in PATTERNS}
    matched = types = phases = late = late_found = based = bases = 0
    stated: list[tuple[float, bool]] = []
    for row, finding in zip(gold, findings, strict=True):
        guesses = {label.category: label for label in finding.labels}
        for category, count in counts.items():
            wanted, guess = row.label(category), guesses.get(category)
            if wanted and wanted.optional:
                continue
            if guess and (wanted or not row.uncertain):
                stated.append((guess.probability, wanted is not None))
            if wanted and 1 not in wanted.phases:
                late += 1
                late_found += guess is not None and guess.phase in wanted.phases
            if wanted and guess:
                count[0] += 1
                matched += 1
                types += guess.type in wanted.types
                phases += guess.phase in wanted.phases
            elif guess and not row.uncertain:
                count[1] += 1
            elif wanted:
                count[2] += 1
        if set(row.basis) & {"law", "local"} and not all(label.optional for label in row.labels):
            based += 1
            bases += _BASIS[finding.basis] in row.basis
    scores = {category: Score(*count) for category, count in counts.items()}
    return Report(
        categories=scores,
        micro=Score(*(sum(count[position] for count in counts.values()) for position in range(3))),
        macro_f1=sum(score.f1 for score in scores.values()) / len(scores),
        type_accuracy=types / max(1, matched),
        phase_accuracy=phases / max(1, matched),
        ece=expected_calibration_error(stated),
        basis_accuracy=bases / based if based else 1.0,
        precision_at_recall=precision_at_recall(gold, [finding.scores for finding in findings]),
        late_phase_recall=late_found / late if late else 1.0,
        effort_95=reading_effort(gold, findings, 0.95),
        effort_100=reading_effort(gold, findings, 1.0),
    )


def expected_calibration_error(stated: Sequence[tuple[float, bool]]) -> float:
    """Mean gap between stated probability and observed share over ten bins, weighted by their size."""
    cells: dict[int, list[tuple[float, bool]]] = {}
    for probability, hit in stated:
        cells.setdefault(min(_BINS - 1, int(probability * _BINS)), []).append((probability, hit))
    gaps = (abs(sum(probability for probability, _ in cell) - sum(hit for _, hit in cell)) for cell in cells.values())
    return sum(gaps) / max(1, len(stated))


def precision_at_recall(
    gold: Sequence[GoldRow], scores: Sequence[Mapping[str, float]], recall: float = RECALL
) -> float:
    """Precision over all labels at the highest threshold that finds `recall` of them."""
    ranked = []
    for row, by_category in zip(gold, scores, strict=True):
        for category in PATTERNS:
            label = row.label(category)
            if label.optional if label else row.uncertain:
                continue
            ranked.append((-by_category.get(category, 0.0), label is not None))
    ranked.sort()  # within a tie the true ones come last: a tie must not flatter
    goal, found = recall * sum(true for _, true in ranked), 0
    for position, (_, true) in enumerate(ranked, 1):
        found += true
        if found >= goal - 1e-9:
            return found / position
    return 1.0


def reading_effort(gold: Sequence[GoldRow], findings: Sequence[Finding], share: float) -> float:
    """Share of the provisions that a person reads, the likeliest first, until `share` of the true ones are found."""
    ranked = sorted(
        (-max(finding.scores.values(), default=0.0), bool(row.labels))
        for row, finding in zip(gold, findings, strict=True)
        if not row.uncertain and not (row.labels and all(label.optional for label in row.labels))
    )
    goal, found = share * sum(true for _, true in ranked), 0
    for position, (_, true) in enumerate(ranked, 1):
        found += true
        if found >= goal - 1e-9:
            return position / len(ranked)
    return 1.0


def intervals(
    gold: Sequence[GoldRow], findings: Sequence[Finding], *, resamples: int, seed: int
) -> dict[str, tuple[float, float]]:
    """95 % bootstrap interval of every figure, whole documents drawn with replacement."""
    by_document: dict[str, list[int]] = {}
    for number, row in enumerate(gold):
        by_document.setdefault(row.source, []).append(number)
    documents, dice = list(by_document.values()), random.Random(seed)  # noqa: S311  no secret
    drawn: dict[str, list[float]] = {}
    for _ in range(resamples):
        rows = [number for document in dice.choices(documents, k=len(documents)) for number in document]
        for name, value in evaluate([gold[row] for row in rows], [findings[row] for row in rows]).figures().items():
            drawn.setdefault(name, []).append(value)
    return {name: (_quantile(values, 0.025), _quantile(values, 0.975)) for name, values in drawn.items()}


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, round(share * (len(values) - 1)))]


def confusion(gold: Sequence[GoldRow], findings: Sequence[Finding]) -> Counter[tuple[str, str]]:
    """How often (gold category, given category), with "none" for a label missed or given for nothing.

    A missed label and a wrong one of the same provision count as one confusion.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for row, finding in zip(gold, findings, strict=True):
        wanted = {label.category for label in row.labels if not label.optional}
        passed = {label.category for label in row.labels if label.optional}
        given = {label.category for label in finding.labels} - passed
        counts.update((category, category) for category in wanted & given)
        missed, wrong = wanted - given, set() if row.uncertain else given - wanted
        counts.update((category, other) for category in missed for other in wrong or {NONE})
        if not missed:
            counts.update((NONE, other) for other in wrong)
    return counts
