"""Rules as data: `rules/*.yaml`, one file a category and `common.yaml` for kinds of provision.

A rule says what it looks for, what a find speaks for or against, and why a reader should believe it;
its positive and negative examples run as tests. Rules are data so that another body's keyword list
can stand beside ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from nlp.normalisation import normalise

RULES = Path(__file__).parent / "rules"
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
    """A rule file that cannot be used: names the file and, where known, the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. Exactly one of `regex` (over normalised text) and `tokens` (spaCy Matcher) is given.

    `weight` is the change in log-odds where no trained model is in use. `type` and `phase` are what a
    find proposes. `reason` completes 「『…』は」 (indication) or stands alone (exclusion).
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

    def find(self, text: str) -> list[tuple[int, int]]:
        """Half-open spans of `text` (normalised) that the expression of a regex rule matches."""
        return [m.span() for m in self.pattern.finditer(text) if m.end() > m.start()] if self.pattern else []


_KEYS = {f.name for f in fields(Rule)} - {"category", "pattern"}


def read_rules(path: Path) -> tuple[Rule, ...]:
    """The rules of one file. Raises RuleError naming the file and the rule."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise RuleError(f"{path.name}: not YAML: {error}") from error
    if not isinstance(document, dict) or set(document) - {"define"} != {"category", "rules"}:
        raise RuleError(f"{path.name}: expected the keys category, rules and, if wanted, define")
    definitions = {name: str(value) for name, value in (document.get("define") or {}).items()}
    rules = tuple(_rule(path, document["category"], row, definitions) for row in document["rules"])
    doubled = {rule.id for rule in rules if sum(other.id == rule.id for other in rules) > 1}
    if doubled:
        raise RuleError(f"{path.name}: id used twice: {', '.join(sorted(doubled))}")
    return rules


def _rule(path: Path, category: str, row: Any, definitions: Mapping[str, str]) -> Rule:
    name = f"{path.name}: rule {row.get('id', '?') if isinstance(row, dict) else row}"
    if not isinstance(row, dict) or not row.get("id"):
        raise RuleError(f"{name}: a rule is a mapping with an id")
    if unknown := sorted(set(row) - _KEYS):
        raise RuleError(f"{name}: unknown key {', '.join(unknown)}")
    if missing := sorted({"description", "role", "examples"} - set(row)):
        raise RuleError(f"{name}: missing {', '.join(missing)}")
    if bool(row.get("regex")) == bool(row.get("tokens")):
        raise RuleError(f"{name}: give either regex or tokens")
    examples = row["examples"] or {}
    if set(examples) - {"positive", "negative"} or not examples.get("positive"):
        raise RuleError(f"{name}: examples are lists named positive (at least one) and negative")
    try:
        # {frequency} stands for a definition of the file: folded as text is, white space is for the reader.
        regex = re.sub(r"\{([a-z_]+)\}", lambda m: f"(?:{definitions[m[1]]})", row.get("regex", ""))
        regex = re.sub(r"\s+", "", regex)
        return Rule(
            **{
                **row,
                "category": category,
                "role": Role(row["role"]),
                "scope": Scope(row.get("scope", Scope.SENTENCE)),
                "regex": regex,
                "tokens": tuple(tuple(pattern) for pattern in row.get("tokens", ())),
                "examples": MappingProxyType({key: tuple(value) for key, value in examples.items()}),
                "pattern": re.compile(regex) if regex else None,
            }
        )
    except KeyError as error:
        raise RuleError(f"{name}: {error.args[0]} is not defined in this file") from error
    except (ValueError, re.error) as error:
        raise RuleError(f"{name}: {error}") from error


@cache
def load_rules(folder: Path = RULES) -> Mapping[str, tuple[Rule, ...]]:
    """All rules by category, `common` among them. Raises RuleError; ids are unique over all files."""
    by_category: dict[str, tuple[Rule, ...]] = {}
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        for rule in read_rules(path):
            if rule.id in seen:
                raise RuleError(f"{path.name}: rule {rule.id}: id already used in {seen[rule.id]}")
            seen[rule.id] = path.name
            by_category[rule.category] = (*by_category.get(rule.category, ()), rule)
    return MappingProxyType(by_category)


def rules_hash(folder: Path = RULES) -> str:
    """Hex digest of the rule files: part of the pipeline's version."""
    digest = sha256()
    for path in sorted(folder.glob("*.yaml")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def matches_example(rule: Rule, example: str) -> bool:
    """Whether a regex rule finds anything in an example sentence (folded first)."""
    return bool(rule.find(normalise(example).text))
