"""One provision read once: folded, cut, searched for triggers and rules, and parsed where a trigger lies."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from spacy.language import Language
from spacy.tokens import Doc

from nlp.components.modality import Modality
from nlp.normalisation import NormalisedText, normalise
from nlp.pipeline import clauses, parse
from nlp.provision import ProvisionInput
from nlp.rule_loader import COMMON, Rule, Scope, load_rules
from nlp.sentences import Sentence, split_sentences
from nlp.trigger import Hit, find_triggers

# A paragraph of more than this is a table in disguise; what stands beyond is searched but not parsed.
_MOST_PARSED_SENTENCES = 120
_CACHED_CLAUSES = 20_000


@dataclass(frozen=True, slots=True)
class Word:
    """One token of a parsed clause; half-open span in the clause, `governor` indexes the clause's words."""

    start: int
    end: int
    lemma: str
    pos: str
    governor: int | None
    particle: str
    dependency: str
    modality: Modality


@dataclass(frozen=True, slots=True)
class ParsedClause:
    """What is kept of a parse. `finds` are (token rule id, start, end)."""

    words: tuple[Word, ...]
    finds: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Find:
    """A rule's find. Spans in the normalised text; (0, 0) where it lies in caption or title."""

    rule: Rule
    start: int
    end: int
    sentence: int | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed clause placed in its provision: word spans are `positions[i]` of the normalised text."""

    sentence: int
    positions: tuple[int, ...]
    clause: ParsedClause


@dataclass(slots=True)
class Analysis:
    """Everything the decisions look at."""

    provision: ProvisionInput
    text: NormalisedText
    caption: str
    title: str
    sentences: tuple[Sentence, ...]
    hits: tuple[Hit, ...]
    finds: Mapping[str, tuple[Find, ...]]
    parsed: list[Parsed] = field(default_factory=list)

    def hits_of(self, category: str) -> list[Hit]:
        return [hit for hit in self.hits if hit.category == category]

    def finds_of(self, category: str) -> tuple[Find, ...]:
        return self.finds.get(category, ())


class Analyser:
    """Analyses provisions a block at a time. Clauses seen before are not parsed again (boilerplate recurs)."""

    def __init__(self, pipeline: Language) -> None:
        self._pipeline = pipeline
        self._seen: OrderedDict[str, ParsedClause] = OrderedDict()
        self.parsed_characters = 0
        self.parsed_provisions = 0

    def analyse(self, provisions: Sequence[ProvisionInput]) -> list[Analysis]:
        """One analysis a provision, in order."""
        analyses = [read(provision) for provision in provisions]
        wanted: list[tuple[Analysis, int, str, tuple[int, ...]]] = []
        for analysis in analyses:
            triggered = sorted({hit.sentence for hit in analysis.hits})[:_MOST_PARSED_SENTENCES]
            self.parsed_provisions += bool(triggered)
            for index in triggered:
                sentence = analysis.sentences[index]
                for clause in clauses(sentence.text):
                    wanted.append((analysis, index, clause.text, tuple(sentence.start + p for p in clause.positions)))
        parsed = self._parse({text for _, _, text, _ in wanted})
        for analysis, index, text, positions in wanted:
            analysis.parsed.append(Parsed(index, positions, parsed[text]))
        return analyses

    def _parse(self, texts: Iterable[str]) -> dict[str, ParsedClause]:
        ready = {text: self._seen[text] for text in texts if text in self._seen}
        # By length, so that a batch holds clauses of a kind, and the same whatever order provisions come in.
        fresh = sorted((text for text in texts if text not in ready), key=lambda text: (len(text), text))
        for text, doc in zip(fresh, parse(self._pipeline, fresh), strict=True):
            ready[text] = self._seen[text] = _keep(doc)
            self.parsed_characters += len(text)
        while len(self._seen) > _CACHED_CLAUSES:
            self._seen.popitem(last=False)
        return ready


def _keep(doc: Doc) -> ParsedClause:
    words = tuple(
        Word(
            token.idx,
            token.idx + len(token.text),
            token.lemma_,
            token.pos_,
            token._.governor,
            token._.particle,
            token.dep_,
            token._.modality,
        )
        for token in doc
    )
    return ParsedClause(words, doc._.rule_finds)


def read(provision: ProvisionInput) -> Analysis:
    """The analysis without parses: what costs microseconds."""
    text = normalise(provision.text)
    sentences = split_sentences(text.text)
    hits = find_triggers(sentences)
    analysis = Analysis(
        provision, text, normalise(provision.caption).text, normalise(provision.law).text, sentences, hits, {}
    )
    if hits:
        touched = {hit.category for hit in hits} | {COMMON}
        analysis.finds = {
            category: tuple(find for rule in rules for find in _apply(rule, analysis))
            for category, rules in load_rules().items()
            if category in touched
        }
    return analysis


def _apply(rule: Rule, analysis: Analysis) -> list[Find]:
    match rule.scope:
        case Scope.CAPTION:
            return [Find(rule, 0, 0) for _ in rule.find(analysis.caption)[:1]]
        case Scope.TITLE:
            return [Find(rule, 0, 0) for _ in rule.find(analysis.title)[:1]]
        case Scope.PROVISION:
            return [Find(rule, start, end) for start, end in rule.find(analysis.text.text)]
    finds = []
    for index, sentence in enumerate(analysis.sentences):
        lead = ""
        if rule.scope is Scope.IN_CONTEXT:
            if sentence.lead is None:
                continue
            lead = analysis.sentences[sentence.lead].text
        for start, end in rule.find(lead + sentence.text):
            if end > len(lead):  # the part in the item itself is the evidence
                begin = sentence.start + max(0, start - len(lead))
                finds.append(Find(rule, begin, sentence.start + end - len(lead), index))
    return finds
