"""Folding of text for comparison. What is shown to a reviewer is never folded."""

from __future__ import annotations

import re
import unicodedata

from regulations.numerals import NUMBER, parse_number

_NUMBERED = re.compile(rf"第(?:{NUMBER})(?:編|章|節|款|目|条|項|号|表)(?:の{NUMBER})*")
_NUMERAL = re.compile(NUMBER)
_BRACKETS = str.maketrans("（）〔〕［］", "()()[]")


def normalise_for_identity(text: str) -> str:
    """Fold what changes when the same words are typeset anew, and nothing else.

    Width (NFKC), white space, bracket shapes, and the numerals of citations (第十条 = 第10条), so
    that a move from vertical to horizontal style asks no decision again.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    folded = re.sub(r"\s+", "", folded)
    return _NUMBERED.sub(lambda citation: _NUMERAL.sub(_arabic, citation[0]), folded)


def _arabic(numeral: re.Match[str]) -> str:
    try:
        return str(parse_number(numeral[0]))
    except ValueError:  # 百百: not a number in any notation, so it stays as it is
        return numeral[0]
