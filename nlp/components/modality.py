"""Duty, power, prohibition or permission of each predicate, read off the lemmas that follow it.

Endings match on lemmas: 点検させなければならない is 点検 する せる ば なる ない whatever the old or new kana.
"""

from __future__ import annotations

import re
from enum import StrEnum

from spacy.language import Language
from spacy.tokens import Doc, Token


class Modality(StrEnum):
    """What a predicate's ending says about the one who acts."""

    DUTY = "duty"  # なければならない, ものとする, 基準としての「こと。」
    POWER = "power"  # させることができる
    PERMISSION = "permission"  # ことができる, 妨げない, 足りる
    PROHIBITION = "prohibition"  # してはならない
    EXEMPTION = "exemption"  # ことを要しない, この限りでない
    PLAIN = "plain"


_CONTENT = ("NOUN", "PROPN", "VERB", "ADJ", "NUM", "ADV", "PRON")
_TAIL_LENGTH = 12
_ENDINGS = (
    (Modality.EXEMPTION, re.compile(r"要する ない|要す ない|要する ぬ|限り で ない")),
    (Modality.PROHIBITION, re.compile(r"て は (?:なる|いける) ない|(?:こと|の) が できる ない|こと を 得る ない")),
    (
        Modality.DUTY,
        re.compile(r"なる ない|もの と する|べき|べし|ざる を 得|こと と する|よう (?:に )?する|こと 。|努める|こと$"),
    ),
    (Modality.POWER, re.compile(r"せる .{0,6}こと が できる|させる .{0,6}こと が できる")),
    (Modality.PERMISSION, re.compile(r"こと が できる|妨げる ない|足りる|差し支える ない")),
)
# 成る (なる) and 出来る come out of the dictionary in kanji; one spelling serves the expressions above.
_SPELLING = {
    "成る": "なる",
    "出来る": "できる",
    "為る": "する",
    "無い": "ない",
    "事": "こと",
    "物": "もの",
    "させる": "せる",
}


@Language.factory("modality", assigns=["token._.modality", "doc._.modality"], requires=["token.lemma", "token.pos"])
def create_modality(nlp: Language, name: str) -> ModalityComponent:
    return ModalityComponent()


class ModalityComponent:
    """Sets `token._.modality` on predicates and `doc._.modality` for the last one that is not plain."""

    def __init__(self) -> None:
        if not Token.has_extension("modality"):
            Token.set_extension("modality", default=Modality.PLAIN)
        if not Doc.has_extension("modality"):
            Doc.set_extension("modality", default=Modality.PLAIN)

    def __call__(self, doc: Doc) -> Doc:
        lemmas = [_SPELLING.get(token.lemma_, token.lemma_) for token in doc]
        for token in doc:
            if token.pos_ not in ("VERB", "ADJ"):
                continue
            found = modality_of(_tail(doc, token, lemmas))
            if found is not Modality.PLAIN:
                doc._.modality = found
                token._.modality = found
        return doc


def modality_of(tail: str) -> Modality:
    """Modality of a predicate from the lemmas after it, joined by single spaces."""
    return next((modality for modality, ending in _ENDINGS if ending.search(tail)), Modality.PLAIN)


def _tail(doc: Doc, token: Token, lemmas: list[str]) -> str:
    """The lemmas after a predicate up to the next word with a meaning of its own."""
    end = token.i + 1
    while end < min(len(doc), token.i + _TAIL_LENGTH):
        following = doc[end]
        grammatical = lemmas[end] in ("こと", "もの", "できる", "なる", "ない", "する", "要する", "よう", "限り")
        if following.text == "、" or (following.pos_ in _CONTENT and not grammatical):
            break
        end += 1
    return " ".join(lemmas[token.i + 1 : end])
