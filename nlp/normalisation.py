"""Folding of law text for matching, with a map back to the characters a reader sees.

Rules and parser see one notation (NFKC width, no stray white space); evidence is always shown in the
original. Spans are half-open in both texts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

INDENT = "\u3000"  # kept: it separates an item's number from its text, and indents deeper items

# Half-width voiced kana (ｶﾞ) and decomposed kana are two characters that fold into one.
_MARKS = "\u3099\u309a\uff9e\uff9f"
# What folds into itself, which is nearly all of a law: taken over run by run.
_PLAIN = re.compile("[ぁ-ゖァ-ヺー一-龠々〇、。「」\n\u3000]+" rf"(?![{_MARKS}])")
_LONGEST_LABEL = 12
_LABEL = re.compile(rf"{INDENT}*(?:[(]?(?:[0-9]{{1,3}}|[一二三四五六七八九十]{{1,4}}|[ァ-ヴa-z])[)]?)")
_ASCII_WORD = re.compile(r"[0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """`text` folded from `original`; character i of `text` came from original[starts[i]:ends[i]]."""

    original: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Half-open span of `original` that the half-open span of `text` came from."""
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else len(self.original)
            return at, at
        return self.starts[start], self.ends[end - 1]


@lru_cache(maxsize=65_536)
def _fold(cluster: str) -> str:
    if cluster in ("\n", INDENT):
        return cluster
    folded = unicodedata.normalize("NFKC", cluster)
    if not cluster.isspace():  # ¯ unfolds into a space and a mark; white space that nobody wrote is none
        folded = "".join(folded.split())
    # Controls (NUL), lone surrogates and private characters would reach the tokenizer, which rejects some.
    return "".join(
        "\ufffd" if unicodedata.category(c) in ("Cs", "Co") else c
        for c in folded
        if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf")
    )


def normalise(text: str) -> NormalisedText:
    """Fold width and notation, drop white space inside lines; line ends and U+3000 stay.

    After an item's number white space of any kind becomes U+3000, between two ASCII words one space. Never raises.
    """
    unified = text.replace("\r", "\n")
    if (plain := _PLAIN.match(unified)) and plain.end() == len(unified):
        return NormalisedText(text, unified, range(len(text)), range(1, len(text) + 1))
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    while position < len(unified):
        if plain := _PLAIN.match(unified, position):
            characters.extend(plain[0])
            starts.extend(range(position, plain.end()))
            position = plain.end()
            ends.extend(range(position - len(plain[0]) + 1, position + 1))
            continue
        end = position + 1
        while end < len(unified) and unified[end] in _MARKS:
            end += 1
        following = unified[end : end + 1]
        for character in _fold(unified[position:end]):
            if character.isspace() and character not in ("\n", INDENT):
                if characters and _is_word(characters[-1]) and _is_word(following):
                    character = " "
                elif _ends_label(characters):
                    character = INDENT
                else:
                    continue
            characters.append(character)
            starts.append(position)
            ends.append(end)
        position = end
    return NormalisedText(text, "".join(characters), starts, ends)


def _ends_label(characters: list[str]) -> bool:
    """Whether the line so far is an item's number, which white space separates from its text."""
    tail = "".join(characters[-_LONGEST_LABEL:])
    return _LABEL.fullmatch(tail.rsplit("\n", 1)[-1]) is not None


def _is_word(character: str) -> bool:
    return _ASCII_WORD.fullmatch(character) is not None
