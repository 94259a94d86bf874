"""Rules as data: `rules/*.yaml`, one file a category and `common.yaml` for kinds of provision.

A rule says what it looks for, what a find speaks for or against, and why a reader should believe it;
its positive and negative examples run as tests. Rules are data so that another body's rules, or its
keyword list as CSV, can stand beside ours: in a folder of their own that is given as well. Such a folder
is checked as a whole whenever it is read, its examples included: nobody runs tests over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from nlp.keyword_list import KeywordListError, read_keyword_list, rules_of
from nlp.normalisation import normalise
from nlp.rule_schema import COMMON, Role, Rule, RuleError, Scope
from regulations.taxonomy import load_taxonomy

RULES = Path(__file__).parent / "rules"
_YAML, _CSV = (".yaml", ".yml"), ".csv"  # of keyword lists there is at most one in all folders
_KEYS = {f.name for f in fields(Rule)} - {"category", "pattern", "is_keyword"}


def read_rules(path: Path) -> tuple[Rule, ...]:
    """The rules of one YAML file. Raises RuleError with every problem found."""
    text, document = _document(path)
    given = document.get("define") or {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise RuleError([f"{path.name}: define には、名前と正規表現の組を書いてください。"])
    definitions = {**_shared_definitions(), **given}
    lines = _lines(text)
    rules: list[Rule] = []
    problems: list[str] = []
    for line, row in zip(lines, document["rules"], strict=True):
        name = f"{path.name} {line}行目（規則 {row.get('id', '?') if isinstance(row, dict) else row}）"
        try:
            rule = _rule(document["category"], row, definitions)
        except ValueError as error:
            problems.append(f"{name}: {error}")
            continue
        if any(other.id == rule.id for other in rules):
            problems.append(f"{name}: 同じ id の規則がこのファイルの前の方にあります。id を変えてください。")
        rules.append(rule)
    if problems:
        raise RuleError(problems)
    return tuple(rules)


def _document(path: Path) -> tuple[str, dict[str, Any]]:
    """A file's text and what it says. Raises RuleError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = yaml.safe_load(text)
    except UnicodeDecodeError as error:
        problem = f"{path.name}: UTF-8 ではありません（{error.start + 1} バイト目）。UTF-8 で保存し直してください。"
        raise RuleError([problem]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path.name} {mark.line + 1}行目" if mark else path.name
        problem = f"{place}: YAML として読めません（{getattr(error, 'problem', None) or error}）。"
        raise RuleError([problem]) from error
    if not isinstance(document, dict) or set(document) - {"define"} != {"category", "rules"}:
        raise RuleError([f"{path.name}: 使える項目は category、rules 及び define です。category と rules は必須です。"])
    if document["category"] not in {COMMON, *load_taxonomy()}:
        known = "、".join([*load_taxonomy(), COMMON])
        problem = f"category「{document['category']}」はありません。{known}のいずれかを書いてください。"
        raise RuleError([f"{path.name}: {problem}"])
    if not isinstance(document["rules"], list):
        raise RuleError([f"{path.name}: rules には規則を並べて書いてください。"])
    return text, document


def _lines(text: str) -> list[int]:
    """The line, from 1, that each rule of a file begins in."""
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = document.value if isinstance(document, yaml.MappingNode) else []
    return [node.start_mark.line + 1 for key, rules in pairs if key.value == "rules" for node in rules.value]


@cache
def _shared_definitions() -> Mapping[str, str]:
    """What every file may use: the definitions of `common.yaml`."""
    document = yaml.safe_load((RULES / f"{COMMON}.yaml").read_text(encoding="utf-8"))
    return MappingProxyType(document["define"])


def _rule(category: str, row: Any, definitions: Mapping[str, str]) -> Rule:
    """One rule. Raises ValueError with what is wrong with it (Japanese)."""
    if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not row["id"]:
        raise ValueError("規則には id（文字列）が要ります。")
    if unknown := sorted(str(key) for key in set(row) - _KEYS):
        raise ValueError(f"項目「{'」「'.join(unknown)}」は使えません。")
    if missing := sorted({"description", "role", "examples"} - set(row)):
        raise ValueError(f"項目「{'」「'.join(missing)}」がありません。")
    if bool(row.get("regex")) == bool(row.get("tokens")):
        raise ValueError("regex と tokens のどちらか一方を書いてください。")
    examples = row["examples"] or {}
    if not isinstance(examples, dict) or set(examples) - {"positive", "negative"} or not examples.get("positive"):
        raise ValueError("examples には、positive（一つ以上）と negative の例文を並べてください。")
    _check_values(category, row)
    try:
        # {frequency} stands for a definition of the file: folded as text is, white space is for the reader.
        regex = re.sub(r"\{([a-z_]+)\}", lambda m: f"(?:{definitions[m[1]]})", row.get("regex", ""))
        regex = re.sub(r"\s+", "", regex)
        pattern = re.compile(regex) if regex else None
    except KeyError as error:
        raise ValueError(f"{{{error.args[0]}}} は define にありません。") from error
    except re.error as error:
        raise ValueError(f"regex を読み取れません（{error}）。") from error
    return Rule(
        **{
            **row,
            "category": category,
            "role": Role(row["role"]),
            "scope": Scope(row.get("scope", Scope.SENTENCE)),
            "regex": regex,
            "tokens": tuple(tuple(pattern) for pattern in row.get("tokens", ())),
            "examples": MappingProxyType({key: tuple(value or ()) for key, value in examples.items()}),
            "pattern": pattern,
        }
    )


def _check_values(category: str, row: Mapping[str, Any]) -> None:
    for key, known in (("role", Role), ("scope", Scope)):
        if key in row and row[key] not in list(known):
            raise ValueError(f"{key}「{row[key]}」は使えません。{'、'.join(known)}のいずれかを書いてください。")
    if any(not isinstance(row.get(key, ""), str) for key in ("description", "regex", "reason", "source")):
        raise ValueError("description、regex、reason 及び source は文字列で書いてください。")
    if not isinstance(row.get("weight", 0.0), int | float):
        raise ValueError(f"weight「{row['weight']}」は数ではありません。")
    taxonomy = load_taxonomy().get(category)
    for key, known_numbers in (
        ("type", taxonomy.types if taxonomy else ()),
        ("phase", taxonomy.phases if taxonomy else (1, 2, 3)),
    ):
        if row.get(key) is not None and row[key] not in known_numbers:
            raise ValueError(f"{key}「{row[key]}」は、この規制区分にありません。")


def load_rules(*folders: Path) -> Mapping[str, tuple[Rule, ...]]:
    """All rules by category, `common` among them, of the project's folder and further ones as they are now.

    Raises RuleError with every problem of every file; ids are unique over all files.
    """
    return _load(folders, rules_hash(*folders) if folders else "")


@cache
def _load(folders: tuple[Path, ...], content: str) -> Mapping[str, tuple[Rule, ...]]:
    """`load_rules`, once for each `content` of the folders."""
    by_category: dict[str, tuple[Rule, ...]] = {}
    seen: dict[str, str] = {}
    problems: list[str] = []
    lists: list[str] = []
    for folder in (RULES, *folders):
        files = _files(folder)
        if not files:
            problems.append(
                f"{folder}: 規則（YAML）もキーワード表（CSV）もありません。フォルダの場所と拡張子を確かめてください。"
            )
        for path in files:
            if path.suffix.lower() == _CSV:
                lists.append(path.name)
                if len(lists) > 1:
                    problems.append(f"{path.name}: キーワード表は一つだけ置けます（{lists[0]} があります）。")
                    continue
            try:
                rules = _read(path)
            except RuleError as error:
                problems += error.problems
                continue
            for rule in rules:
                if rule.id in seen:
                    problems.append(f"{path.name}（規則 {rule.id}）: 同じ id の規則が {seen[rule.id]} にあります。")
                elif folder != RULES:
                    problems += (f"{path.name}（規則 {rule.id}）: {wrong}" for wrong in _wrong_examples(rule))
                seen[rule.id] = path.name
                by_category[rule.category] = (*by_category.get(rule.category, ()), rule)
    if problems:
        raise RuleError(problems)
    return MappingProxyType(by_category)


def _read(path: Path) -> tuple[Rule, ...]:
    try:
        if path.suffix.lower() != _CSV:
            return read_rules(path)
        return rules_of(read_keyword_list(path.read_bytes()), source=path.name)
    except OSError as error:
        raise RuleError([f"{path.name}: 開けません（{error.strerror}）。"]) from error
    except KeywordListError as error:
        raise RuleError([f"{path.name} {problem}" for problem in error.problems]) from error


def _wrong_examples(rule: Rule) -> Iterator[str]:
    if rule.tokens:  # they hang on GiNZA's words, which the project's tests know and a reader of the file does not
        yield "tokens の規則は、このフォルダでは使えません。regex で書いてください。"
    elif not rule.is_keyword:
        for kind, wanted in (("positive", True), ("negative", False)):
            for example in rule.examples.get(kind, ()):
                if matches_example(rule, example) is not wanted:
                    fault = "当たりません" if wanted else "当たってしまいます"
                    yield f"{kind} の例文「{example}」に{fault}。regex か例文を直してください。"


def _files(folder: Path) -> list[Path]:
    """The files of a folder that hold rules, YAML first."""
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(
        (path for path in found if path.suffix.lower() in (*_YAML, _CSV) and not path.name.startswith(".")),
        key=lambda path: (path.suffix.lower() == _CSV, path.name),
    )


def rules_hash(*folders: Path) -> str:
    """Hex digest of the rule files: part of the pipeline's version."""
    digest = sha256()
    for path in (path for folder in (RULES, *folders) for path in _files(folder)):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def matches_example(rule: Rule, example: str) -> bool:
    """Whether a regex rule finds anything in an example sentence (folded first)."""
    return bool(rule.find(normalise(example).text))
