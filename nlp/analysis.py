"""One provision read once: folded, cut, searched for triggers and rules, and parsed where a trigger lies."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from nlp.components.modality import Modality
from nlp.normalisation import NormalisedText, normalise
from nlp.pipeline import clauses, parse
from nlp.provision import ProvisionInput
from nlp.rule_loader import load_rules
from nlp.rule_schema import COMMON, Rule, Scope
from nlp.sentences import Sentence, split_sentences, without_asides
from nlp.trigger import Hit, find_triggers

# A paragraph of more than this is a table in disguise; what stands beyond is searched but not parsed.
_MOST_PARSED_SENTENCES = 120
_CACHED_CLAUSES = 4_000


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
    bare: tuple[tuple[str, Sequence[int]], ...]  # each sentence without its asides, and where its characters stood
    finds: Mapping[str, tuple[Find, ...]]
    parsed: list[Parsed] = field(default_factory=list)

    def hits_of(self, category: str) -> list[Hit]:
        return [hit for hit in self.hits if hit.category == category]

    def finds_of(self, category: str) -> tuple[Find, ...]:
        return self.finds.get(category, ())


class Analyser:
    """Analyses provisions a block at a time. Clauses seen before are not parsed again (boilerplate recurs)."""

    def __init__(self, pipeline: Language, *, rule_folders: Sequence[Path] = ()) -> None:
        """`rule_folders` stand beside the project's rules. Raises RuleError."""
        self._pipeline = pipeline
        self.rules = load_rules(*rule_folders)
        self._seen: OrderedDict[str, ParsedClause] = OrderedDict()
        self.parsed_characters = 0

    def analyse(self, provisions: Iterable[ProvisionInput]) -> list[Analysis]:
        """One analysis a provision, in order, with every trigger's sentence parsed."""
        analyses = [read(provision, self.rules) for provision in provisions]
        self.parse((analysis, analysis.hits) for analysis in analyses)
        return analyses

    def parse(self, requests: Iterable[tuple[Analysis, Iterable[Hit]]]) -> None:
        """Add to each analysis the parses of the clauses that its given triggers lie in.

        Of a sentence in several clauses the last is parsed too: there stands what is demanded.
        """
        wanted: list[tuple[Analysis, int, str, tuple[int, ...]]] = []
        for analysis, hits in requests:
            by_sentence: dict[int, list[Hit]] = {}
            for hit in hits:
                by_sentence.setdefault(hit.sentence, []).append(hit)
            for index in sorted(by_sentence)[:_MOST_PARSED_SENTENCES]:
                sentence = analysis.sentences[index]
                pieces = [
                    (clause.text, tuple(sentence.start + position for position in clause.positions))
                    for clause in clauses(*analysis.bare[index])
                ]
                for piece, positions in pieces:
                    touched = any(hit.start <= positions[-1] and positions[0] < hit.end for hit in by_sentence[index])
                    if touched or piece is pieces[-1][0]:
                        wanted.append((analysis, index, piece, positions))
        parsed = self._parse({text for _, _, text, _ in wanted})
        for analysis, index, text, positions in wanted:
            analysis.parsed.append(Parsed(index, positions, parsed[text]))

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


def read(provision: ProvisionInput, rules: Mapping[str, tuple[Rule, ...]] | None = None) -> Analysis:
    """The analysis without parses, by `rules` (None: the project's): what costs microseconds."""
    rules = load_rules() if rules is None else rules
    text = normalise(provision.text)
    sentences = split_sentences(text.text)
    hits = find_triggers(sentences, [rule for each in rules.values() for rule in each if rule.is_keyword])
    analysis = Analysis(
        provision, text, normalise(provision.caption).text, normalise(provision.law).text, sentences, hits, (), {}
    )
    if hits:
        analysis.bare = tuple(without_asides(sentence.text) for sentence in sentences)
        touched = {hit.category for hit in hits} | {COMMON}
        analysis.finds = {
            category: tuple(find for rule in here for find in _apply(rule, analysis))
            for category, here in rules.items()
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
            text = analysis.text.text if rule.phase else "\n".join(bare for bare, _ in analysis.bare)
            return [Find(rule, *(span if rule.phase else (0, 0))) for span in rule.find(text)]
    finds = []
    for index, sentence in enumerate(analysis.sentences):
        text, positions = (sentence.text, range(len(sentence.text))) if rule.phase else analysis.bare[index]
        lead = ""
        if rule.scope is Scope.IN_CONTEXT:
            if sentence.lead is None:
                continue
            lead = analysis.bare[sentence.lead][0]
        for start, end in rule.find(lead + text):
            if end > len(lead):  # the part in the item itself is the evidence
                first, last = positions[max(0, start - len(lead))], positions[end - len(lead) - 1]
                finds.append(Find(rule, sentence.start + first, sentence.start + last + 1, index))
    return finds
