"""Where a candidate's evidence stands in a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A half-open span of a text's characters, and the category it is evidence for."""

    start: int
    end: int
    text: str
    category: str


def marks(text: str, evidence: Iterable[Mapping[str, Any]], *, category: str) -> tuple[Mark, ...]:
    """The evidence that `text` really holds.

    A text set anew (other width, other spaces) keeps its hash while offsets move, so a span whose
    words are elsewhere is looked up, and one whose words are gone is dropped.
    """
    found = []
    for span in evidence:
        words, start = str(span["text"]), int(span["start"])
        if text[start : start + len(words)] != words:
            start = text.find(words)
        if words and start >= 0:
            found.append(Mark(start=start, end=start + len(words), text=words, category=category))
    return tuple(sorted(found, key=lambda mark: (mark.start, mark.end)))


def snippet(text: str, found: tuple[Mark, ...], *, length: int = 70) -> str:
    """The words around the first evidence, in one line, for a list."""
    start = max(0, found[0].start - length // 3) if found else 0
    cut = text[start : start + length].replace("\n", " ")
    return f"{'…' if start else ''}{cut}{'…' if start + length < len(text) else ''}"
