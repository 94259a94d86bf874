"""Sentences of a provision: where they end, and which is 本文, ただし書, 前段 or 後段."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from regulations.structure import Sentence, SentenceFunction

_PROVISO = re.compile(r"ただし|但し")
_OPEN, _CLOSE = "（(「『〔［[", "）)」』〕］]"
_BREAK = re.compile(rf"[。{re.escape(_OPEN + _CLOSE)}]")


def split_sentences(text: str) -> list[str]:
    """`text` cut after each 。 that stands outside brackets; the pieces joined give `text` back."""
    if text.find("。") in {-1, len(text) - 1}:  # most lines are one sentence
        return [text] if text.strip() else []
    pieces: list[str] = []
    depth = start = 0
    for match in _BREAK.finditer(text):
        mark = match[0]
        if mark in _OPEN:
            depth += 1
        elif mark in _CLOSE:
            depth = max(depth - 1, 0)
        elif depth == 0:
            pieces.append(text[start : match.end()])
            start = match.end()
    if text[start:].strip():
        pieces.append(text[start:])
    return [piece for piece in pieces if piece]


def with_functions(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Sentences with their function filled in where the source does not say it.

    ただし after a sentence makes a proviso, and the one before it the main clause; two sentences without
    it are 前段 and 後段. One sentence, others of three or more, and columns have no function.
    """
    if len(sentences) < 2 or any(sentence.function for sentence in sentences):
        return list(sentences)
    functions: list[SentenceFunction | None] = [None] * len(sentences)
    for index in range(1, len(sentences)):
        if _PROVISO.match(sentences[index].text.lstrip()):
            functions[index] = SentenceFunction.PROVISO
            functions[index - 1] = functions[index - 1] or SentenceFunction.MAIN_CLAUSE
    if functions == [None, None]:
        functions = [SentenceFunction.FIRST_SENTENCE, SentenceFunction.SECOND_SENTENCE]
    return [replace(sentence, function=function) for sentence, function in zip(sentences, functions, strict=True)]


def sentences_of(text: str) -> tuple[Sentence, ...]:
    """Sentences of running text, without functions only where they cannot be told."""
    return tuple(with_functions([Sentence(columns=(piece,)) for piece in split_sentences(text)]))
