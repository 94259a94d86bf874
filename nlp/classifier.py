"""Provisions in, findings out: category, 類型, PHASE, basis, evidence and reason, with a probability.

A cascade: every unit (a sentence with triggers of a category) is judged on words and rules; GiNZA
parses only the units that this leaves in doubt, and the full model judges those.

Results depend on the provision and the pipeline version only, not on what else is classified or in
which order, so callers may cache them under (`input_hash`, `pipeline_version`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from spacy.language import Language

from nlp.analysis import Analyser, Analysis, Find, read
from nlp.basis import basis_of
from nlp.evidence import quote, span_of_find, span_of_trigger
from nlp.features import WEIGHT_UNIT, Features, Unit, lexical, syntactic, units
from nlp.model import DetectionModel, load_model, logistic
from nlp.phase import phase_of
from nlp.pipeline import load_pipeline
from nlp.provision import Evidence, Finding, Label, ProvisionInput, input_hash
from nlp.reasons import reason_against, reason_for, reason_for_basis
from nlp.rule_schema import Role
from nlp.trigger import PATTERNS, Hit
from nlp.types import type_of

__all__ = ["Classifier", "Evidence", "Finding", "Label", "ProvisionInput", "classify", "input_hash"]

BLOCK = 512  # provisions analysed together: enough for the parser's batches, little memory
NO_TRIGGER = 0.0  # what a provision without any trigger of a category is given: below every model score
_LEAST = 0.0001  # the finest step a score is given in
_NEAR_MISS = 0.05  # from here on any doubt is worth telling
_RULES_PRIOR = -2.0  # without a model a trigger alone is a regulation one time in eight
_MOST_EVIDENCE = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """A unit with its lexical features and what they say (log-odds)."""

    unit: Unit
    features: Features
    odds: float


@dataclass(frozen=True, slots=True)
class Draft:
    """A provision judged without a parse, by category."""

    analysis: Analysis
    judged: Mapping[str, tuple[Judged, ...]]


class Classifier:
    """Classifies provisions with one loaded pipeline. Not safe to share between threads."""

    def __init__(
        self, pipeline: Language, *, model: DetectionModel | None = None, rule_folders: Sequence[Path] = ()
    ) -> None:
        """`model` None means the weights that come with the code; `rule_folders` stand beside its rules.

        Raises RuleError on a folder that cannot be used.
        """
        self._analyser = Analyser(pipeline, rule_folders=rule_folders)
        self._model = model or load_model()

    @property
    def parsed_characters(self) -> int:
        """How many characters the parser has seen so far."""
        return self._analyser.parsed_characters

    def classify(
        self, provisions: Iterable[ProvisionInput], *, progress: Callable[[int], object] | None = None
    ) -> list[Finding]:
        """One finding a provision, in order. `progress` is called with the number done, block by block.

        Odd text (NUL, lone surrogates, endless lists) gives a finding like any other.
        """
        findings: list[Finding] = []
        for block in _blocks(provisions):
            drafts = [_draft(read(provision, self._analyser.rules), self._model) for provision in block]
            if self._model:
                self._analyser.parse((draft.analysis, _doubtful(draft, self._model)) for draft in drafts)
            findings.extend(_decide(draft, self._model) for draft in drafts)
            if progress:
                progress(len(findings))
        return findings


def decide(analysis: Analysis, model: DetectionModel | None) -> Finding:
    """The finding of one analysed and parsed provision under `model` (None: by the rules' own weights)."""
    return _decide(_draft(analysis, model), model)


def _draft(analysis: Analysis, model: DetectionModel | None) -> Draft:
    touched = {hit.category for hit in analysis.hits}
    judged: dict[str, tuple[Judged, ...]] = {}
    for category in (category for category in PATTERNS if category in touched):
        drafted = []
        for unit in units(analysis, category):
            found = lexical(analysis, unit)
            if model and category in model.detectors:
                odds = float(model.detectors[category].lexical.odds(found)[0])
            else:
                odds = _RULES_PRIOR + WEIGHT_UNIT * found.flags.get("rule:weight", 0.0)
            drafted.append(Judged(unit, found, odds))
        judged[category] = tuple(drafted)
    return Draft(analysis, judged)


def _doubtful(draft: Draft, model: DetectionModel) -> list[Hit]:
    """The triggers whose sentences a parse may decide about: nothing to gain where a unit is certain already."""
    return [
        hit
        for drafted in draft.judged.values()
        if max(each.odds for each in drafted) <= model.doubt
        for each in drafted
        if each.odds >= -model.doubt
        for hit in each.unit.hits
    ]


def _decide(draft: Draft, model: DetectionModel | None) -> Finding:
    analysis = draft.analysis
    scores = dict.fromkeys(PATTERNS, NO_TRIGGER)
    labels: list[Label] = []
    regulating: set[int] = set()
    non_reasons: dict[str, str] = {}
    threshold = model.threshold if model else 0.5
    for category, drafted in draft.judged.items():
        judged = _reconsider(analysis, category, drafted, model)
        best = max(judged, key=lambda each: each.odds)
        scores[category] = max(_LEAST, round(_probability(model, category, best.odds), 4))
        if scores[category] >= threshold:
            also = [each for each in judged if _probability(model, category, each.odds) >= threshold]
            regulating |= {each.unit.sentence for each in also}
            labels.append(_label(analysis, model, best, also, scores[category]))
        elif against := reason_against(analysis, category, near=scores[category] >= _NEAR_MISS):
            non_reasons[category] = against
    basis = basis_of(analysis, regulating)
    cited = quote(analysis, *basis.span) if basis.span else None
    return Finding(
        id=analysis.provision.id,
        labels=tuple(labels),
        scores=scores,
        basis=basis.basis,
        basis_evidence=(cited,) if cited else (),
        basis_reason=reason_for_basis(basis.basis, cited.text if cited else "", basis.name),
        non_reasons=non_reasons,
    )


def _reconsider(
    analysis: Analysis, category: str, drafted: tuple[Judged, ...], model: DetectionModel | None
) -> list[Judged]:
    """The units, those in doubt judged anew with their parse."""
    if model is None or category not in model.detectors or max(each.odds for each in drafted) > model.doubt:
        return list(drafted)
    full = model.detectors[category].full
    return [
        Judged(each.unit, each.features, float(full.odds(each.features.plus(syntactic(analysis, each.unit)))[0]))
        if each.odds >= -model.doubt
        else each
        for each in drafted
    ]


def _probability(model: DetectionModel | None, category: str, odds: float) -> float:
    if model and category in model.detectors:
        return model.detectors[category].probability(odds)
    return logistic(odds)


def _label(
    analysis: Analysis, model: DetectionModel | None, best: Judged, also: list[Judged], probability: float
) -> Label:
    category = best.unit.category
    flagged = {each.unit.sentence: each.odds for each in also}
    indications = sorted(
        (
            find
            for find in analysis.finds_of(category)
            if find.rule.role is Role.INDICATION and find.sentence in flagged
        ),
        key=lambda find: (-flagged[find.sentence or 0], -find.rule.weight, find.start, find.rule.id),
    )
    evidence = tuple(quote(analysis, *span) for span in _spans(analysis, best.unit, indications))
    phase, digital = phase_of(analysis, category)
    said = quote(analysis, digital.start, digital.end).text if digital else ""
    return Label(
        category=category,
        type=type_of(analysis, best.unit, best.features, model),
        phase=phase,
        probability=probability,
        evidence=evidence,
        reason=reason_for(category, phase, evidence[0].text, next(iter(indications), None), digital, said),
        rule_ids=tuple(sorted({find.rule.id for find in indications} | ({digital.rule.id} if digital else set()))),
    )


def _spans(analysis: Analysis, best: Unit, indications: list[Find]) -> list[tuple[int, int]]:
    """Spans to show: the strongest finds that do not overlap; failing those, the phrase round the first trigger."""
    chosen: list[tuple[int, int]] = []
    for find in indications:
        start, end = span_of_find(analysis, find)
        if all(end <= other_start or start >= other_end for other_start, other_end in chosen):
            chosen.append((start, end))
        if len(chosen) == _MOST_EVIDENCE:
            break
    return chosen or [span_of_trigger(analysis, best.hits[0])]


def _blocks(provisions: Iterable[ProvisionInput]) -> Iterator[list[ProvisionInput]]:
    remaining = iter(provisions)
    while block := list(islice(remaining, BLOCK)):
        yield block


def classify(provisions: Iterable[ProvisionInput]) -> list[Finding]:
    """Findings of `provisions` with the project's own pipeline, loaded on first use."""
    return Classifier(load_pipeline()).classify(provisions)
