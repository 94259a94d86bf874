"""Rules given as token patterns (`tokens:` in the rule files), matched on GiNZA's analysis."""

from __future__ import annotations

from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.util import filter_spans

from nlp.rule_loader import load_rules


@Language.factory("token_rules", assigns=["doc._.rule_finds"], requires=["token.lemma", "token.pos"])
def create_token_rules(nlp: Language, name: str) -> TokenRules:
    return TokenRules(nlp)


class TokenRules:
    """Sets `doc._.rule_finds`: (rule id, start, end) with half-open character spans of the doc's text."""

    def __init__(self, nlp: Language) -> None:
        self._matcher = Matcher(nlp.vocab, validate=True)
        for rules in load_rules().values():
            for rule in rules:
                if rule.tokens:
                    self._matcher.add(rule.id, [list(map(dict, pattern)) for pattern in rule.tokens])
        if not Doc.has_extension("rule_finds"):
            Doc.set_extension("rule_finds", default=())

    def __call__(self, doc: Doc) -> Doc:
        by_rule: dict[str, list] = {}  # type: ignore[type-arg]  # spaCy spans are untyped here
        if len(self._matcher):
            for span in self._matcher(doc, as_spans=True):
                by_rule.setdefault(span.label_, []).append(span)
        doc._.rule_finds = tuple(
            (rule, span.start_char, span.end_char)
            for rule, spans in sorted(by_rule.items())
            for span in filter_spans(spans)
        )
        return doc
