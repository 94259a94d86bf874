"""Which predicate governs a word, and through which particle.

検査しなければならない and 検査の結果を報告しなければならない hold the same word; what is demanded differs.
"""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc, Token

_PREDICATES = ("VERB", "ADJ")
_LONGEST_CLIMB = 30  # a guard: heads form a tree, but a tree can be deep


@Language.factory(
    "governing_predicate",
    assigns=["token._.governor", "token._.particle"],
    requires=["token.pos", "token.dep", "token.head", "token.lemma"],
)
def create_governing_predicate(nlp: Language, name: str) -> GoverningPredicate:
    return GoverningPredicate()


class GoverningPredicate:
    """Sets `token._.governor` (index of the predicate, or None) and `token._.particle` (lemma, "" if none)."""

    def __init__(self) -> None:
        for attribute, default in (("governor", None), ("particle", "")):
            if not Token.has_extension(attribute):
                Token.set_extension(attribute, default=default)

    def __call__(self, doc: Doc) -> Doc:
        for token in doc:
            token._.governor = _governor(token)
            token._.particle = next((child.lemma_ for child in token.rights if child.dep_ == "case"), "")
        return doc


def _governor(token: Token) -> int | None:
    """The token itself where it is a predicate (検査する), else the first predicate above it."""
    for _ in range(_LONGEST_CLIMB):
        if token.pos_ in _PREDICATES:
            return int(token.i)
        if token.head.i == token.i:
            return None
        token = token.head
    return None
