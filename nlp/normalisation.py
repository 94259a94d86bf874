"""Folding of law text for matching, with a map back to the characters a reader sees.

Rules and parser see one notation (NFKC width, no stray white space); evidence is always shown in the
original. Spans are half-open in both texts.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

INDENT = "\u3000"  # kept: it separates an item's number from its text, and indents deeper items

# Half-width voiced kana (ｶﾞ) and decomposed kana are two characters that fold into one.
_CLUSTER = re.compile(r"[\s\S][\u3099\u309a\uff9e\uff9f]*")
_ASCII_WORD = re.compile(r"[0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """`text` folded from `original`; character i of `text` came from original[starts[i]:ends[i]]."""

    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

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
    # Controls (NUL), lone surrogates and private characters would reach the tokenizer, which rejects some.
    return "".join(
        "\ufffd" if unicodedata.category(c) in ("Cs", "Co") else c
        for c in folded
        if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf")
    )


def normalise(text: str) -> NormalisedText:
    """Fold width and notation, drop white space inside lines; line ends and U+3000 stay.

    White space between two ASCII words stays as one space. Never raises.
    """
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for cluster in _CLUSTER.finditer(text.replace("\r", "\n")):
        for character in _fold(cluster[0]):
            if character.isspace() and character not in ("\n", INDENT):
                following = text[cluster.end() : cluster.end() + 1]
                if not (characters and _is_word(characters[-1]) and _is_word(following)):
                    continue
                character = " "
            characters.append(character)
            starts.append(cluster.start())
            ends.append(cluster.end())
    return NormalisedText(text, "".join(characters), tuple(starts), tuple(ends))


def _is_word(character: str) -> bool:
    return _ASCII_WORD.fullmatch(character) is not None
