"""What a rule is: how it looks for something, what a find speaks for or against, and why a reader should believe it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

COMMON = "common"  # rules of this pseudo-category are tried for every category


class Role(StrEnum):
    """What a find means."""

    INDICATION = "indication"  # speaks for the category, and is shown as evidence
    EXCLUSION = "exclusion"  # speaks against it
    HINT = "hint"  # says something about type or PHASE only


class Scope(StrEnum):
    """Which text a rule is tried on."""

    SENTENCE = "sentence"  # one sentence or item
    IN_CONTEXT = "in_context"  # an item together with the lead sentence it hangs on
    PROVISION = "provision"  # the whole paragraph
    CAPTION = "caption"
    TITLE = "title"


class RuleError(ValueError):
    """Rules that cannot be used. `problems` are Japanese sentences, each naming its file and, where known, its line."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. Exactly one of `regex` (over normalised text) and `tokens` (spaCy Matcher) is given.

    `weight` is the change in log-odds where no trained model is in use. `type` and `phase` are what a
    find proposes. `reason` completes 「『…』は」 (indication) or stands alone (exclusion). The words of an
    `is_keyword` rule, which comes from a keyword list, are triggers too.
    """

    id: str
    description: str
    role: Role
    category: str
    regex: str = ""
    tokens: tuple[tuple[Mapping[str, Any], ...], ...] = ()
    scope: Scope = Scope.SENTENCE
    weight: float = 0.0
    type: int | None = None
    phase: int | None = None
    reason: str = ""
    source: str = ""
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pattern: re.Pattern[str] | None = None
    is_keyword: bool = False

    def find(self, text: str) -> list[tuple[int, int]]:
        """Half-open spans of `text` (normalised) that the expression of a regex rule matches."""
        return [m.span() for m in self.pattern.finditer(text) if m.end() > m.start()] if self.pattern else []
