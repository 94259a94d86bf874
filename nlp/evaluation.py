"""How good detection is: cross-validation by document, ablations, and the whole table as text.

Folds are made of whole documents (`source`), because paragraphs of one instrument resemble each other
and a split between them would flatter. Everything fitted (weights, calibration) is fitted inside the
training folds. The seeds are fixed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from spacy.language import Language

from nlp.analysis import Analyser, Analysis
from nlp.classifier import decide
from nlp.features import AROUND, CAPTION, LEAD, PHRASE, Features
from nlp.jsonl import read_lines, read_provisions
from nlp.model import DetectionModel
from nlp.pipeline import load_pipeline, pipeline_version
from nlp.provision import Finding
from nlp.sample_gold import sample_lines
from nlp.scoring import (
    NONE,
    Report,
    Score,
    confusion,
    evaluate,
    expected_calibration_error,
    intervals,
    precision_at_recall,
    reading_effort,
)
from nlp.training import DOUBT, THRESHOLD, Example, GoldRow, examples, fit_examples, gold_row, unit_odds
from nlp.trigger import PATTERNS

__all__ = [
    "FOLDS",
    "SEED",
    "Assessment",
    "Labelled",
    "Report",
    "Score",
    "ablations",
    "assess",
    "cross_validate",
    "evaluate",
    "expected_calibration_error",
    "folds",
    "precision_at_recall",
    "reading_effort",
    "report",
]

FOLDS, SEED = 5, 20260401
RESAMPLES = 500


def folds(sources: Sequence[str], *, count: int = FOLDS, seed: int = SEED) -> list[int]:
    """Fold (0 … count-1) of each row; rows of one document are in one fold."""
    documents = sorted(set(sources))
    random.Random(seed).shuffle(documents)  # noqa: S311  no secret, but the same every time
    place = {document: position % count for position, document in enumerate(documents)}
    return [place[source] for source in sources]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows with their analyses, in the same order."""

    rows: Sequence[GoldRow] = ()
    analyses: Sequence[Analysis] = ()


def cross_validate(
    gold: Sequence[GoldRow], analyses: Sequence[Analysis], *, seed: int = SEED, beside: Labelled = Labelled()
) -> list[Finding]:
    """A finding for each row by a model that has seen no row of its document. Analyses in the gold's order.

    All of `beside`, of other documents, is learnt from in every fold.
    """
    taught, fold_of = _taught(gold, analyses, beside, seed)
    findings: dict[int, Finding] = {}
    for fold in range(FOLDS):
        model = _without(taught, fold_of, fold)
        findings |= {index: decide(analyses[index], model) for index in range(len(gold)) if fold_of[index] == fold}
    return [findings[index] for index in range(len(gold))]


def _taught(
    gold: Sequence[GoldRow], analyses: Sequence[Analysis], beside: Labelled, seed: int
) -> tuple[dict[str, list[Example]], list[int]]:
    """What to learn from, and the fold of each row: none (-1) for those beside the gold, which never sit out."""
    taught = examples([*gold, *beside.rows], [*analyses, *beside.analyses])
    return taught, [*folds([row.source for row in gold], seed=seed), *(-1 for _ in beside.rows)]


def _without(taught: Mapping[str, Sequence[Example]], fold_of: Sequence[int], fold: int) -> DetectionModel:
    return fit_examples({category: [e for e in here if fold_of[e.row] != fold] for category, here in taught.items()})


@dataclass(frozen=True, slots=True)
class Ablation:
    """What is left of the figures where something is left out. Threshold as usual."""

    name: str
    micro: Score
    macro_f1: float
    precision_at_recall: float


def ablations(
    gold: Sequence[GoldRow], analyses: Sequence[Analysis], *, seed: int = SEED, beside: Labelled = Labelled()
) -> list[Ablation]:
    """From the trigger alone to everything, then everything without one group of features at a time."""
    taught, fold_of = _taught(gold, analyses, beside, seed)
    rules = {category: _by_rules(analyses, category) for category in PATTERNS}
    net = {
        category: {number: 1.0 for number, each in enumerate(analyses) if each.hits_of(category)}
        for category in PATTERNS
    }

    def trained(doubt: float, keep: Callable[[Features], Features] = lambda features: features) -> _Scores:
        return _cross_validated(taught, fold_of, doubt, keep)

    return [
        _ablation("trigger only", gold, net, 0.5),
        _ablation("rules, their own weights", gold, rules, 0.5),
        _ablation("GiNZA's features alone", gold, trained(1000.0, _only_parse)),
        _ablation("model over words and rules, no GiNZA", gold, trained(-1.0)),
        _ablation("model, GiNZA where in doubt (as shipped)", gold, trained(DOUBT)),
        _ablation("model, GiNZA on every trigger", gold, trained(1000.0)),
        _ablation("as shipped, without rules", gold, trained(DOUBT, _dropping("rule:"))),
        _ablation("as shipped, without character sequences", gold, trained(DOUBT, _only_blocks())),
        _ablation("as shipped, without lead sentence and caption", gold, trained(DOUBT, _only_blocks(AROUND, PHRASE))),
        _ablation("as shipped, without the window", gold, trained(DOUBT, _only_blocks(PHRASE, LEAD, CAPTION))),
        _ablation("as shipped, without the phrase's end", gold, trained(DOUBT, _only_blocks(AROUND, LEAD, CAPTION))),
        _ablation("character sequences alone", gold, trained(-1.0, _dropping("rule:"))),
    ]


_Scores = Mapping[str, Mapping[int, float]]  # category -> row -> probability


def _dropping(prefix: str) -> Callable[[Features], Features]:
    return lambda features: Features(
        {name: value for name, value in features.flags.items() if not name.startswith(prefix)}, features.ngrams
    )


def _only_blocks(*blocks: str) -> Callable[[Features], Features]:
    return lambda features: Features(features.flags, {block: features.ngrams[block] for block in blocks})


def _only_parse(features: Features) -> Features:
    parsed = {name: value for name, value in features.flags.items() if name.startswith("parse:")}
    return Features({"trigger": 1.0} | parsed)


def _by_rules(analyses: Sequence[Analysis], category: str) -> dict[int, float]:
    return {number: decide(each, None).scores[category] for number, each in enumerate(analyses)}


def _cross_validated(
    taught: Mapping[str, Sequence[Example]],
    fold_of: Sequence[int],
    doubt: float,
    keep: Callable[[Features], Features],
) -> _Scores:
    kept = {
        category: [replace(each, lexical=keep(each.lexical), full=keep(each.full)) for each in here]
        for category, here in taught.items()
    }
    found: dict[str, dict[int, float]] = {category: {} for category in kept}
    for fold in range(FOLDS):
        learnt = {category: [e for e in here if fold_of[e.row] != fold] for category, here in kept.items()}
        model = fit_examples(learnt, doubt=doubt, with_types=False)
        for category, detector in model.detectors.items():
            for each in kept[category]:
                if fold_of[each.row] == fold:
                    probability = detector.probability(unit_odds(detector, each, doubt))
                    found[category][each.row] = max(probability, found[category].get(each.row, 0.0))
    return found


def _ablation(name: str, gold: Sequence[GoldRow], found: _Scores, threshold: float = THRESHOLD) -> Ablation:
    scores = [{category: found[category].get(number, 0.0) for category in PATTERNS} for number in range(len(gold))]
    counts = {category: [0, 0, 0] for category in PATTERNS}
    for row, by_category in zip(gold, scores, strict=True):
        for category, count in counts.items():
            label = row.label(category)
            if label.optional if label else row.uncertain:
                continue
            given = by_category[category] >= threshold
            count[0] += given and label is not None
            count[1] += given and label is None
            count[2] += not given and label is not None
    by = [Score(*count) for count in counts.values()]
    micro = Score(*(sum(count[position] for count in counts.values()) for position in range(3)))
    return Ablation(name, micro, sum(score.f1 for score in by) / len(by), precision_at_recall(gold, scores))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Everything `report` prints. `findings` are those of the cross-validation, in the gold's order.

    `sample` is the report on the shipped sample, where that was learnt from beside the gold.
    """

    pipeline_version: str
    gold: tuple[GoldRow, ...]
    findings: tuple[Finding, ...]
    report: Report
    intervals: Mapping[str, tuple[float, float]]
    ablations: tuple[Ablation, ...]
    sample: Report | None = None

    def as_dict(self) -> dict[str, Any]:
        """The same, ready for JSON, without the findings."""
        return {
            "pipeline_version": self.pipeline_version,
            "provisions": len(self.gold),
            "figures": self.report.figures(),
            "sample": self.sample.figures() if self.sample else None,
            "intervals": {name: list(interval) for name, interval in self.intervals.items()},
            "confusion": [[*pair, count] for pair, count in sorted(confusion(self.gold, self.findings).items())],
            "ablations": [
                {
                    "name": each.name,
                    "precision": each.micro.precision,
                    "recall": each.micro.recall,
                    "micro_f1": each.micro.f1,
                    "macro_f1": each.macro_f1,
                    "precision_at_recall": each.precision_at_recall,
                }
                for each in self.ablations
            ],
        }

    def as_text(self) -> str:
        """Markdown tables."""
        documents = len({row.source for row in self.gold})
        parts = [
            f"{len(self.gold)} provisions of {documents} documents, {FOLDS}-fold cross-validation by document, "
            f"pipeline {self.pipeline_version}. In brackets 95 % bootstrap intervals by document.",
            self._categories(),
            self._overall(),
            _confusion_table(self.gold, self.findings),
        ]
        if self.ablations:
            rows = (
                f"| {each.name} | {each.micro.precision:.3f} | {each.micro.recall:.3f} | {each.micro.f1:.3f} "
                f"| {each.macro_f1:.3f} | {each.precision_at_recall:.3f} |"
                for each in self.ablations
            )
            head = "| ablation | precision | recall | micro F1 | macro F1 | precision at recall 0.97 |"
            parts.append("\n".join([head, "|---|---|---|---|---|---|", *rows]))
        if self.sample:
            parts.append(_sample_table(self.sample))
        return "\n\n".join(parts) + "\n"

    def _stated(self, name: str) -> str:
        low, high = self.intervals.get(name, (float("nan"), float("nan")))
        return f"{self.report.figures()[name]:.3f} ({low:.3f}–{high:.3f})"

    def _categories(self) -> str:
        rows = (
            "| "
            + " | ".join([category, *(self._stated(f"{category}_{name}") for name in ("precision", "recall", "f1"))])
            + f" | {score.true_positives} / {score.false_positives} / {score.false_negatives} |"
            for category, score in self.report.categories.items()
        )
        head = "| category | precision | recall | F1 | right / wrong / missed |"
        return "\n".join([head, "|---|---|---|---|---|", *rows])

    def _overall(self) -> str:
        names = [name for name in self.report.figures() if not name.startswith(tuple(PATTERNS))]
        return "\n".join(["| figure | |", "|---|---|", *(f"| {name} | {self._stated(name)} |" for name in names)])


def _sample_table(sample: Report) -> str:
    rows = (
        f"| {name} | {score.precision:.3f} | {score.recall:.3f} | {score.f1:.3f} "
        f"| {score.true_positives} / {score.false_positives} / {score.false_negatives} |"
        for name, score in [*sample.categories.items(), ("all", sample.micro)]
    )
    figures = sample.figures()
    others = ", ".join(
        f"{name} {figures[name]:.3f}" for name in ("type_accuracy", "phase_accuracy", "late_phase_recall")
    )
    head = "| shipped sample | precision | recall | F1 | right / wrong / missed |"
    return "\n".join([head, "|---|---|---|---|---|", *rows]) + f"\n\nOf the shipped sample: {others}."


def _confusion_table(gold: Sequence[GoldRow], findings: Sequence[Finding]) -> str:
    counts, names = confusion(gold, findings), [*PATTERNS, NONE]
    rows = (
        f"| {wanted} | "
        + " | ".join(str(counts[wanted, given]) if (wanted, given) != (NONE, NONE) else "" for given in names)
        + " |"
        for wanted in names
    )
    return "\n".join([f"| gold \\ given | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|", *rows])


def assess(
    gold_path: Path,
    *,
    pipeline: Language | None = None,
    seed: int = SEED,
    resamples: int = RESAMPLES,
    with_ablations: bool = True,
    with_sample: bool = False,
    rule_folders: Sequence[Path] = (),
) -> Assessment:
    """Cross-validate on a gold file (JSON Lines), with further rules if given.

    `with_sample`: as the shipped weights are made, from the sample of the project as well. The gold is then judged
    with all of the sample learnt, and the sample, fold by fold, with all of the gold. Raises JsonlError, RuleError,
    or KeyError on a line without labels.
    """
    lines = read_lines(gold_path)
    provisions = list(read_provisions(lines))  # names the line that is none
    gold = [gold_row(json.loads(line)) for line in lines if line.strip()]
    analyser = Analyser(pipeline or load_pipeline(), rule_folders=rule_folders)
    analyses = analyser.analyse(provisions)
    beside = _sample(analyser) if with_sample else Labelled()
    findings = cross_validate(gold, analyses, seed=seed, beside=beside)
    of_sample = cross_validate(beside.rows, beside.analyses, seed=seed, beside=Labelled(gold, analyses))
    return Assessment(
        pipeline_version=pipeline_version(rule_folders=rule_folders),
        gold=tuple(gold),
        findings=tuple(findings),
        report=evaluate(gold, findings),
        intervals=intervals(gold, findings, resamples=resamples, seed=seed) if resamples else {},
        ablations=tuple(ablations(gold, analyses, seed=seed, beside=beside)) if with_ablations else (),
        sample=evaluate(beside.rows, of_sample) if with_sample else None,
    )


def _sample(analyser: Analyser) -> Labelled:
    lines = sample_lines()
    return Labelled([gold_row(json.loads(line)) for line in lines], analyser.analyse(read_provisions(lines)))


def report(
    gold_path: Path,
    *,
    pipeline: Language | None = None,
    with_ablations: bool = True,
    with_sample: bool = False,
    rule_folders: Sequence[Path] = (),
) -> str:
    """The whole table as Markdown."""
    return assess(
        gold_path,
        pipeline=pipeline,
        with_ablations=with_ablations,
        with_sample=with_sample,
        rule_folders=rule_folders,
    ).as_text()
