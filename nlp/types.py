"""類型 of a label: the trained model's view, bent by what the rules found; without a model the rules alone."""

from __future__ import annotations

import math

from nlp.analysis import Analysis
from nlp.features import Features, Unit
from nlp.model import DetectionModel
from nlp.rule_schema import Role
from regulations.taxonomy import load_taxonomy

_HINT = 4.0  # a hint is about the type alone; an indication's type is only what is usual with it
_RULES_SAY = 1.5  # how far, in log-odds, unanimous rules move the model

# 常駐・専任: 常勤・常駐 is presence (1, 3), 専任・専ら is dedication (2, 4), and presence where both are named.
# The model is left to tell things from people.
_PRESENT, _DEDICATED = frozenset({1, 3}), frozenset({2, 4})


def type_of(analysis: Analysis, unit: Unit, features: Features, model: DetectionModel | None) -> int:
    """類型 (a number of the taxonomy's for this category) of the unit that says most, by its lexical features."""
    category = unit.category
    possible = _possible(analysis, category)
    votes = _votes(analysis, category)
    total = sum(votes.values())
    scores = {number: _RULES_SAY * votes.get(number, 0.0) / total if total else 0.0 for number in possible}
    if model and category in model.types:
        trained = model.types[category]
        for number, probability in zip(trained.classes, trained.probabilities(features), strict=True):
            if number in scores:
                scores[number] += math.log(max(float(probability), 1e-9))
    return max(sorted(scores), key=lambda number: scores[number])


def _possible(analysis: Analysis, category: str) -> list[int]:
    numbers = list(load_taxonomy()[category].types)
    if category != "full_time_presence":
        return numbers
    found = {
        find.rule.type
        for find in analysis.finds_of(category)
        if find.rule.role is Role.INDICATION and find.rule.type is not None
    }
    if not found:
        return numbers
    return [number for number in numbers if number in (_PRESENT if found & _PRESENT else _DEDICATED)]


def _votes(analysis: Analysis, category: str) -> dict[int, float]:
    votes: dict[int, float] = {}
    for rule in {find.rule.id: find.rule for find in analysis.finds_of(category)}.values():
        if rule.type is not None:
            weight = _HINT if rule.role is Role.HINT else rule.weight
            votes[rule.type] = votes.get(rule.type, 0.0) + weight
    return votes
