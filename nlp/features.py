"""Features of a trigger sentence under one category, as names: what the model weighs and the reasons speak of.

The sentence (or item) that holds a trigger is the unit of judgement; a provision is as likely a
regulation as its likeliest unit. Two groups of flags are kept apart by their prefix so that each can be
left out in an ablation: `rule:` finds of rules and `parse:` GiNZA's reading of each trigger (governing
predicate, particle, modality, actor). Beside them come character sequences, a block each for what stands
around the triggers, at the end of the phrase a trigger lies in (…を受けないとき、), at the end of the lead sentence an
item hangs on, and in the caption.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nlp.analysis import Analysis, Find, Parsed, Word
from nlp.components.modality import Modality
from nlp.rule_schema import COMMON, Role
from nlp.trigger import Hit

WINDOW = 30  # characters of context on each side of a trigger
LEAD_TAIL = 40  # of a lead sentence its end says what is demanded of the items
PHRASE_TAIL = 8  # of what runs from a trigger to the next comma its end tells a condition from a demand
WEIGHT_UNIT = 1.5  # one unit of `rule:weight`, in log-odds of the rule files
AROUND, PHRASE, LEAD, CAPTION = "around", "phrase", "lead", "caption"
_PHRASE_END = "$"  # the last comma or full stop, and nothing in mid-phrase
_MOST_HITS = 12  # of a category in one sentence; a list of forty inspections says no more than twelve
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
class Unit:
    """A sentence with the triggers of one category."""

    category: str
    sentence: int
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Features:
    """`flags` by name (weights 1 unless said otherwise) and, by block, counts of `ngrams`."""

    flags: Mapping[str, float]
    ngrams: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def plus(self, flags: Mapping[str, float]) -> Features:
        """These features and further flags."""
        return Features({**self.flags, **flags}, self.ngrams)


def units(analysis: Analysis, category: str) -> list[Unit]:
    """The sentences with a trigger of the category, in reading order."""
    by_sentence: dict[int, list[Hit]] = {}
    for hit in analysis.hits_of(category):
        by_sentence.setdefault(hit.sentence, []).append(hit)
    return [Unit(category, sentence, tuple(hits[:_MOST_HITS])) for sentence, hits in by_sentence.items()]


def lexical(analysis: Analysis, unit: Unit) -> Features:
    """What can be told without a parse."""
    lead = analysis.sentences[unit.sentence].lead
    around, phrase = _near(analysis, unit)
    blocks = {
        AROUND: around,
        PHRASE: phrase,
        LEAD: _grams(analysis.bare[lead][0][-LEAD_TAIL:], (2, 3)) if lead is not None else {},
        CAPTION: _grams(analysis.caption.strip("()"), (2, 3)),
    }
    return Features(_of_rules(analysis, unit), blocks)


def _of_rules(analysis: Analysis, unit: Unit) -> dict[str, float]:
    found: dict[str, Find] = {}
    for find in (*analysis.finds_of(unit.category), *analysis.finds_of(COMMON)):
        if find.sentence is None or find.sentence == unit.sentence:
            found.setdefault(find.rule.id, find)
    indicated = any(find.rule.role is Role.INDICATION and not find.rule.is_keyword for find in found.values())
    excluded = any(find.rule.role is Role.EXCLUSION and find.sentence is not None for find in found.values())
    flags = dict.fromkeys((f"rule:{rule}" for rule in found), 1.0)
    flags["rule:+"] = float(indicated)
    flags["rule:+clean"] = float(indicated and not excluded)
    flags["rule:weight"] = max(-6.0, min(6.0, sum(find.rule.weight for find in found.values()))) / WEIGHT_UNIT
    return {name: value for name, value in flags.items() if value}


def syntactic(analysis: Analysis, unit: Unit) -> dict[str, float]:
    """GiNZA's reading of the unit's triggers; empty where the sentence has not been parsed."""
    flags: dict[str, float] = {}
    clauses = [parsed for parsed in analysis.parsed if parsed.sentence == unit.sentence]
    # A predicate in a row (計画し、実施するものとする) takes its modality from the end of the sentence.
    modalities = (word.modality for parsed in clauses for word in parsed.clause.words)
    ending = Modality.PLAIN
    for modality in modalities:
        ending = ending if modality is Modality.PLAIN else modality
    for parsed in clauses:
        words = parsed.clause.words
        actor = actor_of(words)
        for word in words:
            if not any(_overlaps(parsed, word, hit) for hit in unit.hits):
                continue
            governor = words[word.governor] if word.governor is not None else None
            own = governor is word
            predicate = "itself" if own else governor.lemma if governor else "none"
            modality = governor.modality if governor else Modality.PLAIN
            for name in (
                f"predicate:{predicate}",
                f"word:{word.lemma}",
                f"word:{word.lemma}:{word.particle}:{predicate}",
                f"modality:{'own' if own else 'other'}:{modality}",
                f"ending:{'own' if own else predicate}:{ending}",
                f"ending:{ending}",
                f"actor:{actor}:{ending}",
                f"actor:{actor}",
                f"role:{word.dependency}:{word.particle}",
            ):
                flags[f"parse:{name}"] = 1.0
        for rule, _, _ in parsed.clause.finds:
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


def _near(analysis: Analysis, unit: Unit) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """1–3 character sequences in windows round the triggers, and 2–3 of the ends of the phrases these begin.

    Asides are left out but for triggers inside one.
    """
    sentence = analysis.sentences[unit.sentence]
    bare, positions = analysis.bare[unit.sentence]
    places = {position: index for index, position in enumerate(positions)}
    counts: Counter[str] = Counter()
    endings: Counter[str] = Counter()
    read = {bare: 0, sentence.text: 0}  # overlapping windows are read once
    ended: set[tuple[str, int]] = set()  # and so are phrases
    for hit in unit.hits:
        at = hit.start - sentence.start
        text, start = (bare, places[at]) if at in places else (sentence.text, at)
        first = max(read[text], start - WINDOW, 0)
        last = min(len(text), max(read[text], start + hit.end - hit.start + WINDOW))
        read[text] = last
        counts.update(_grams(text[first:last], (1, 2, 3)))
        comma = text.find("、", start + hit.end - hit.start)
        end = len(text) if comma < 0 else comma + 1
        if (text, end) not in ended:
            ended.add((text, end))
            endings.update(_grams(text[max(start, end - PHRASE_TAIL) : end] + _PHRASE_END, (2, 3)))
    return counts, endings


def _grams(text: str, sizes: Iterable[int]) -> Counter[str]:
    """Counts of character sequences; numbers are one sign."""
    folded = _NUMERALS.sub("#", text)
    return Counter(folded[i : i + size] for size in sizes for i in range(len(folded) - size + 1))
