"""Features of a provision under one category, as names: what the model weighs and the reasons speak of.

Two groups, kept apart by their prefix so that each can be left out in an ablation: `rule:` finds of
rules and `parse:` GiNZA's reading of each trigger (governing predicate, particle, modality, actor).
Character n-grams around the triggers come beside them. Caption, length and position of the trigger were
tried and did not help.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nlp.analysis import Analysis, Find, Parsed, Word
from nlp.components.modality import Modality
from nlp.rule_loader import COMMON, Role
from nlp.trigger import Hit

WINDOW = 30  # characters of context on each side of a trigger
WEIGHT_UNIT = 1.5  # one unit of `rule:weight`, in log-odds of the rule files
_MOST_HITS = 12  # of a category in one provision; a list of forty inspections says no more than twelve
_NUMERALS = re.compile("[0-9一二三四五六七八九十百千〇]+")

_ACTORS = (
    ("official", re.compile("職員|係員|検査員|監督員|吏員|消防署員|主事|監視員")),
    (
        "authority",
        re.compile("大臣|知事|市長|区長|町長|村長|委員会|消防長|署長|長官|都道府県|市町村|行政庁|機関の長|局長|教育長"),
    ),
    ("body", re.compile("機関|協会|法人|センター|組合|連合会")),
    ("obliged", re.compile("者$|事業者|管理者|所有者|設置者|業者|主$")),
)


@dataclass(frozen=True, slots=True)
class Features:
    """`flags` by name (weights 1 unless said otherwise) and counts of `ngrams`."""

    flags: Mapping[str, float]
    ngrams: Mapping[str, int]


def features(analysis: Analysis, category: str) -> Features:
    """Features under one category. Empty where the category has no trigger."""
    hits = analysis.hits_of(category)[:_MOST_HITS]
    if not hits:
        return Features({}, {})
    return Features(_of_rules(analysis, category) | _of_parse(analysis, hits), _ngrams(analysis, hits))


def _of_rules(analysis: Analysis, category: str) -> dict[str, float]:
    flags: dict[str, float] = {}
    finds = (*analysis.finds_of(category), *analysis.finds_of(COMMON))
    excluded = {find.sentence for find in finds if find.rule.role is Role.EXCLUSION and find.sentence is not None}
    clean = False
    for find in finds:
        flags[f"rule:{find.rule.id}"] = 1.0
        clean |= find.rule.role is Role.INDICATION and find.sentence is not None and find.sentence not in excluded
    flags["rule:+"] = float(any(find.rule.role is Role.INDICATION for find in finds))
    flags["rule:+clean"] = float(clean)
    flags["rule:weight"] = max(-6.0, min(6.0, _best_weight(finds))) / WEIGHT_UNIT
    return {name: value for name, value in flags.items() if value}


def _best_weight(finds: Iterable[Find]) -> float:
    """The weights of the rule files, each rule once, for the sentence where most speaks for the category.

    What speaks against another sentence of the paragraph says nothing about this one.
    """
    whole: dict[str, float] = {}
    by_sentence: dict[int, dict[str, float]] = {}
    for find in finds:
        place = whole if find.sentence is None else by_sentence.setdefault(find.sentence, {})
        place[find.rule.id] = find.rule.weight
    return sum(whole.values()) + max((sum(rules.values()) for rules in by_sentence.values()), default=0.0)


def _of_parse(analysis: Analysis, hits: list[Hit]) -> dict[str, float]:
    flags: dict[str, float] = {}
    endings = {  # of each sentence, what its last predicate that is not plain says
        parsed.sentence: word.modality
        for parsed in analysis.parsed
        for word in parsed.clause.words
        if word.modality is not Modality.PLAIN
    }
    for parsed in analysis.parsed:
        words = parsed.clause.words
        here = [hit for hit in hits if hit.sentence == parsed.sentence]
        actor = actor_of(words)
        for word in words if here else ():
            if not any(_overlaps(parsed, word, hit) for hit in here):
                continue
            governor = words[word.governor] if word.governor is not None else None
            modality = governor.modality if governor else Modality.PLAIN
            own = governor is word
            predicate = "itself" if own else governor.lemma if governor else "none"
            flags[f"parse:predicate:{predicate}"] = 1.0
            flags[f"parse:word:{word.lemma}"] = 1.0
            flags[f"parse:word:{word.lemma}:{word.particle}:{predicate}"] = 1.0
            flags[f"parse:modality:{'own' if own else 'other'}:{modality}"] = 1.0
            # A predicate in a row (計画し、実施するものとする) takes its modality from the end of the sentence.
            ending = endings.get(parsed.sentence, Modality.PLAIN)
            flags[f"parse:ending:{'own' if own else predicate}:{ending}"] = 1.0
            flags[f"parse:ending:{ending}"] = 1.0
            flags[f"parse:actor:{actor}:{ending}"] = 1.0
            flags[f"parse:actor:{actor}"] = 1.0
            flags[f"parse:role:{word.dependency}:{word.particle}"] = 1.0
    for rule in {rule for parsed in analysis.parsed for rule, _, _ in parsed.clause.finds}:
        flags[f"parse:rule:{rule}"] = 1.0
    return flags


def _overlaps(parsed: Parsed, word: Word, hit: Hit) -> bool:
    positions = parsed.positions
    return positions[word.start] < hit.end and positions[word.end - 1] >= hit.start


def actor_of(words: tuple[Word, ...]) -> str:
    """Who acts, as a class: the noun before the first は or が that names somebody, else "none"."""
    for index, word in enumerate(words):
        if word.particle not in ("は", "が") or word.pos not in ("NOUN", "PROPN"):
            continue
        name = "".join(previous.lemma for previous in words[max(0, index - 2) : index + 1])
        for actor, pattern in _ACTORS:
            if pattern.search(name):
                return actor
    return "none"


def _ngrams(analysis: Analysis, hits: list[Hit]) -> Counter[str]:
    """Counts of 1–3 character sequences in the windows; overlapping windows are read once. Numbers are one sign."""
    counts: Counter[str] = Counter()
    text, end = analysis.text.text, 0
    for hit in sorted(hits, key=lambda hit: hit.start):
        start = max(end, hit.start - WINDOW, 0)
        end = min(len(text), max(end, hit.end + WINDOW))
        window = _NUMERALS.sub("#", text[start:end])
        for size in (1, 2, 3):
            counts.update(_grams(window, size))
    return counts


def _grams(text: str, size: int) -> list[str]:
    return [text[i : i + size] for i in range(len(text) - size + 1)]
