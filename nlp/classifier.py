"""Provisions in, findings out: category, 類型, PHASE, basis, evidence and reason, with a probability.

Results depend on the provision and the pipeline version only, not on what else is classified or in
which order, so callers may cache them under (`input_hash`, `pipeline_version`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from spacy.language import Language

from nlp.analysis import Analyser, Analysis, Find
from nlp.basis import basis_of
from nlp.features import WEIGHT_UNIT, Features, features
from nlp.model import DetectionModel, load_model
from nlp.phase import phase_of
from nlp.pipeline import load_pipeline
from nlp.provision import Evidence, Finding, Label, ProvisionInput, input_hash
from nlp.reasons import reason_against, reason_for
from nlp.rule_loader import Role
from nlp.trigger import PATTERNS
from nlp.types import type_of

__all__ = ["Classifier", "Evidence", "Finding", "Label", "ProvisionInput", "classify", "input_hash"]

BLOCK = 512  # provisions analysed together: enough for the parser's batches, little memory
NO_TRIGGER = 0.0  # what a provision without any trigger of a category is given: below every model score
_LEAST = 0.0001  # the finest step a score is given in
_NEAR_MISS = 0.05  # from here on any doubt is worth telling
_MOST_EVIDENCE = 3
_LONGEST_EVIDENCE = 60
_VERB_ENDING = re.compile("[ぁ-ん]{1,14}")


class Classifier:
    """Classifies provisions with one loaded pipeline. Not safe to share between threads."""

    def __init__(self, pipeline: Language, *, model: DetectionModel | None = None) -> None:
        self._analyser = Analyser(pipeline)
        self._model = model or load_model()

    def classify(
        self, provisions: Iterable[ProvisionInput], *, progress: Callable[[int], object] | None = None
    ) -> list[Finding]:
        """One finding a provision, in order. `progress` is called with the number done, block by block.

        Odd text (NUL, lone surrogates, endless lists) gives a finding like any other.
        """
        findings: list[Finding] = []
        for block in _blocks(provisions):
            findings.extend(decide(analysis, self._model) for analysis in self._analyser.analyse(block))
            if progress:
                progress(len(findings))
        return findings


def decide(analysis: Analysis, model: DetectionModel | None) -> Finding:
    """The finding of one analysed provision under `model` (None: by the rules' own weights)."""
    scores = dict.fromkeys(PATTERNS, NO_TRIGGER)
    labels: list[Label] = []
    non_reasons: dict[str, str] = {}
    threshold = model.threshold if model else 0.5
    touched = {hit.category for hit in analysis.hits}
    for category in (category for category in PATTERNS if category in touched):
        found = features(analysis, category)
        scores[category] = max(_LEAST, round(_probability(model, category, found), 4))
        if scores[category] >= threshold:
            labels.append(_label(analysis, model, category, found, scores[category]))
        elif against := reason_against(analysis, category, near=scores[category] >= _NEAR_MISS):
            non_reasons[category] = against
    basis = basis_of(analysis)
    return Finding(
        id=analysis.provision.id,
        labels=tuple(labels),
        scores=scores,
        basis=basis.basis,
        basis_evidence=(_evidence(analysis, *basis.span),) if basis.span else (),
        non_reasons=non_reasons,
    )


def _probability(model: DetectionModel | None, category: str, found: Features) -> float:
    if model and category in model.detectors:
        return float(model.detectors[category].probabilities(found)[1])
    # Without a model the rules' own weights are log-odds, from a trigger's prior of about one in eight.
    return 1 / (1 + math.exp(2.0 - WEIGHT_UNIT * found.flags.get("rule:weight", 0.0)))


def _label(
    analysis: Analysis, model: DetectionModel | None, category: str, found: Features, probability: float
) -> Label:
    indications = sorted(
        (find for find in analysis.finds_of(category) if find.rule.role is Role.INDICATION),
        key=lambda find: (-find.rule.weight, find.start, find.rule.id),
    )
    evidence = tuple(_evidence(analysis, *span) for span in _spans(analysis, category, indications))
    phase, digital = phase_of(analysis, category)
    said = _evidence(analysis, digital.start, digital.end).text if digital else ""
    return Label(
        category=category,
        type=type_of(analysis, category, found, model),
        phase=phase,
        probability=probability,
        evidence=evidence,
        reason=reason_for(category, phase, evidence[0].text, next(iter(indications), None), digital, said),
        rule_ids=tuple(sorted({find.rule.id for find in indications} | ({digital.rule.id} if digital else set()))),
    )


def _spans(analysis: Analysis, category: str, indications: list[Find]) -> list[tuple[int, int]]:
    """Spans to show: the strongest finds that do not overlap; failing those, the phrase round the first trigger."""
    chosen: list[tuple[int, int]] = []
    for find in indications:
        # A rule stops at the act; a quotation reads to the end of the verb (検査させることができる).
        tail = _VERB_ENDING.match(analysis.text.text, find.end)
        end = tail.end() if tail else find.end
        start = max(find.start, end - _LONGEST_EVIDENCE)  # of a long match its end, where the act is named
        if all(end <= other_start or start >= other_end for other_start, other_end in chosen):
            chosen.append((start, end))
        if len(chosen) == _MOST_EVIDENCE:
            break
    if chosen:
        return chosen
    hit = analysis.hits_of(category)[0]
    sentence = analysis.sentences[hit.sentence]
    text = analysis.text.text
    start = max(text.rfind("、", sentence.start, hit.start) + 1, sentence.start, hit.start - _LONGEST_EVIDENCE // 2)
    comma = text.find("、", hit.end, sentence.end)
    return [(start, min(comma if comma > 0 else sentence.end, start + _LONGEST_EVIDENCE))]


def _evidence(analysis: Analysis, start: int, end: int) -> Evidence:
    first, last = analysis.text.to_original(start, end)
    return Evidence(first, last, analysis.text.original[first:last])


def _blocks(provisions: Iterable[ProvisionInput]) -> Iterator[list[ProvisionInput]]:
    remaining = iter(provisions)
    while block := list(islice(remaining, BLOCK)):
        yield block


def classify(provisions: Iterable[ProvisionInput]) -> list[Finding]:
    """Findings of `provisions` with the project's own pipeline, loaded on first use."""
    return Classifier(load_pipeline()).classify(provisions)
