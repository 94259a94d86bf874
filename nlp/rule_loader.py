"""Rules as data: `rules/*.yaml`, one file a category and `common.yaml` for kinds of provision.

A rule says what it looks for, what a find speaks for or against, and why a reader should believe it;
its positive and negative examples run as tests. Rules are data so that another body's rules, or its
keyword list as CSV, can stand beside ours: in a folder of their own that is given as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from nlp.keyword_list import read_keyword_list, rules_of
from nlp.normalisation import normalise
from nlp.rule_schema import COMMON, Role, Rule, RuleError, Scope

RULES = Path(__file__).parent / "rules"
KEYWORDS = "*.csv"  # in a folder of rules: a keyword list, at most one in all folders
_KEYS = {f.name for f in fields(Rule)} - {"category", "pattern", "is_keyword"}


def read_rules(path: Path) -> tuple[Rule, ...]:
    """The rules of one file. Raises RuleError naming the file and the rule."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise RuleError(f"{path.name}: not YAML: {error}") from error
    if not isinstance(document, dict) or set(document) - {"define"} != {"category", "rules"}:
        raise RuleError(f"{path.name}: expected the keys category, rules and, if wanted, define")
    definitions = {**_shared_definitions(), **(document.get("define") or {})}
    rules = tuple(_rule(path, document["category"], row, definitions) for row in document["rules"])
    doubled = {rule.id for rule in rules if sum(other.id == rule.id for other in rules) > 1}
    if doubled:
        raise RuleError(f"{path.name}: id used twice: {', '.join(sorted(doubled))}")
    return rules


@cache
def _shared_definitions() -> Mapping[str, str]:
    """What every file may use: the definitions of `common.yaml`."""
    document = yaml.safe_load((RULES / f"{COMMON}.yaml").read_text(encoding="utf-8"))
    return MappingProxyType(document["define"])


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
def load_rules(*folders: Path) -> Mapping[str, tuple[Rule, ...]]:
    """All rules by category, `common` among them, of the project's folder and further ones.

    Raises RuleError (ids are unique over all files) or KeywordListError.
    """
    by_category: dict[str, tuple[Rule, ...]] = {}
    seen: dict[str, str] = {}
    for path in _files(folders):
        if path.suffix == ".csv":
            rules = rules_of(read_keyword_list(path.read_bytes()), source=path.name)
        else:
            rules = read_rules(path)
        for rule in rules:
            if rule.id in seen:
                raise RuleError(f"{path.name}: rule {rule.id}: id already used in {seen[rule.id]}")
            seen[rule.id] = path.name
            by_category[rule.category] = (*by_category.get(rule.category, ()), rule)
    return MappingProxyType(by_category)


def _files(folders: Sequence[Path]) -> list[Path]:
    return [path for folder in (RULES, *folders) for kind in ("*.yaml", KEYWORDS) for path in sorted(folder.glob(kind))]


def rules_hash(*folders: Path) -> str:
    """Hex digest of the rule files: part of the pipeline's version."""
    digest = sha256()
    for path in _files(folders):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def matches_example(rule: Rule, example: str) -> bool:
    """Whether a regex rule finds anything in an example sentence (folded first)."""
    return bool(rule.find(normalise(example).text))
