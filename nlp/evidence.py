"""What to quote: not the bare word a rule stops at, but the phrase a lawyer would underline.

A quotation runs from the comma before to the comma or full stop after (検査を行う部門に専任の管理者を置くこと),
as far as it stays short enough to read at a glance; of a longer one the end, where the act is named.
"""

from __future__ import annotations

import re

from nlp.analysis import Analysis, Find
from nlp.normalisation import INDENT
from nlp.provision import Evidence
from nlp.trigger import Hit

LONGEST = 60
_VERB_ENDING = re.compile("[ぁ-ん]{1,14}")
_BREAKS = f"、。\n{INDENT}"
_NO_BEGINNING = f"{_BREAKS})」"


def quote(analysis: Analysis, start: int, end: int) -> Evidence:
    """The words of a half-open span of the normalised text, as they stand in the original."""
    first, last = analysis.text.to_original(start, end)
    return Evidence(first, last, analysis.text.original[first:last])


def span_of_find(analysis: Analysis, find: Find) -> tuple[int, int]:
    """The phrase round a rule's find."""
    text = analysis.text.text
    sentence = analysis.sentences[find.sentence or 0]
    start, end = find.start, find.end
    stop = _phrase_end(text, end, sentence.end)
    if stop - start <= LONGEST:
        end = stop
    elif tail := _VERB_ENDING.match(text, end, sentence.end):
        end = tail.end()
    first = _phrase_start(text, start, sentence.start)
    if end - first <= LONGEST:
        start = first
    start = max(start, end - LONGEST)
    while start < end - 1 and text[start] in _NO_BEGINNING:  # a cut inside an aside
        start += 1
    return start, end


def span_of_trigger(analysis: Analysis, hit: Hit) -> tuple[int, int]:
    """The phrase round a trigger that no rule explains."""
    sentence = analysis.sentences[hit.sentence]
    text = analysis.text.text
    start = max(_phrase_start(text, hit.start, sentence.start), hit.start - LONGEST // 2)
    return start, min(_phrase_end(text, hit.end, sentence.end), start + LONGEST)


def _phrase_start(text: str, start: int, floor: int) -> int:
    """After the nearest break before `start` that stands outside brackets, not before `floor`."""
    depth = 0
    for position in range(start - 1, floor - 1, -1):
        character = text[position]
        depth += (character == ")") - (character == "(")
        if depth < 0 or (depth == 0 and character in _BREAKS):
            return position + 1
    return floor


def _phrase_end(text: str, end: int, ceiling: int) -> int:
    """Before the nearest break from `end` on that stands outside brackets, not beyond `ceiling`."""
    depth = 0
    for position in range(end, ceiling):
        character = text[position]
        depth += (character == "(") - (character == ")")
        if depth < 0 or (depth == 0 and character in _BREAKS):
            return position
    return ceiling
