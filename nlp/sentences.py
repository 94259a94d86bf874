"""Sentences and items of a provision, by brackets and layout (the parser's own sentences are not trusted).

`doc.sents` splits two provisions of five elsewhere than at 。, some in mid-clause, so the cut is made
here: at line ends, at item numbers and at 。 outside brackets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from nlp.normalisation import INDENT

_NUMERAL = "[〇一二三四五六七八九十百]+(?:の[一二三四五六七八九十]+)*"
_LABEL = rf"(?:\((?:[0-9]+|[一二三四五六七八九十]+|[ァ-ヴa-z])\)|{_NUMERAL}|[0-9]+|[ァ-ヴ]|[a-z])"
# At a line's head a label in brackets needs no separator; the others do, or 一般に would be item 一.
_ITEM_HEAD = re.compile(
    rf"(?P<indent>{INDENT}*)(?:-?)(?:{_LABEL}{INDENT}|\([0-9一二三四五六七八九十]{{1,3}}\)|[ア-ン](?=[^ァ-ヴー、]))"
)
_GLUED_ITEM = re.compile(rf"(?<=。)(?={_NUMERAL}{INDENT})")  # some sources run the first item on after the lead
_ASIDE = re.compile(r"\([^()]*\)")
_OPENING, _CLOSING = "(「『〔[{【〈《", ")」』〕]}】〉》"


@dataclass(frozen=True, slots=True)
class Sentence:
    """Half-open span of the normalised text; `lead` is the index of the sentence an item hangs on."""

    start: int
    end: int
    text: str
    depth: int = 0
    lead: int | None = None

    @property
    def is_item(self) -> bool:
        return self.depth > 0


def without_asides(text: str) -> tuple[str, tuple[int, ...]]:
    """`text` without its bracketed asides, nested ones too, and where each character left stood in `text`.

    Asides (「以下「法」という。」) hold definitions and exceptions; their full stops and verbs are not the sentence's.
    """
    kept = list(range(len(text)))
    bare = text
    while asides := [match.span() for match in _ASIDE.finditer(bare)]:
        pieces = pairwise([0, *(edge for aside in asides for edge in aside), len(bare)])
        outside = [piece for number, piece in enumerate(pieces) if number % 2 == 0]
        kept = [position for start, end in outside for position in kept[start:end]]
        bare = "".join(bare[start:end] for start, end in outside)
    return bare, tuple(kept)


def split_sentences(text: str) -> tuple[Sentence, ...]:
    """Cut normalised text. Joined back they give every character but white space at the cuts."""
    found: list[Sentence] = []
    leads: dict[int, int] = {}  # depth -> last sentence there, which deeper ones hang on
    for line_start, line_end in _lines(text):
        head = _ITEM_HEAD.match(text, line_start, line_end)
        depth = 1 + len(head["indent"]) if head else 0
        above = [level for level in leads if level < depth]
        lead = leads[max(above)] if above else None
        for start, end in _split_at_full_stops(text, line_start, line_end):
            found.append(Sentence(start, end, text[start:end], depth, lead))
        if found:
            leads = {level: index for level, index in leads.items() if level < depth} | {depth: len(found) - 1}
    return tuple(found)


def _lines(text: str) -> list[tuple[int, int]]:
    line_ends = {match.end() for match in re.finditer("\n", text)}
    glued = {match.start() for match in _GLUED_ITEM.finditer(text)}
    return list(pairwise(sorted({0, len(text)} | line_ends | glued)))


def _split_at_full_stops(text: str, start: int, end: int) -> list[tuple[int, int]]:
    cuts, depth = [start], 0
    for position in range(start, end):
        character = text[position]
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)  # an unmatched bracket must not swallow the rest
        elif character == "。" and depth == 0:
            cuts.append(position + 1)
    cuts.append(end)
    pieces = []
    for first, last in pairwise(cuts):
        while first < last and text[first].isspace() and text[first] != INDENT:
            first += 1
        while last > first and text[last - 1].isspace():
            last -= 1
        if last > first:
            pieces.append((first, last))
    return pieces
