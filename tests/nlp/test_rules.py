from __future__ import annotations

from pathlib import Path

import pytest
from spacy.language import Language

from nlp.rule_loader import Rule, RuleError, load_rules, matches_example, read_rules
from regulations.taxonomy import load_taxonomy

RULES = [rule for rules in load_rules().values() for rule in rules]


def examples(kind: str) -> list[object]:
    return [
        pytest.param(rule, example, id=f"{rule.id}:{example[:20]}")
        for rule in RULES
        if rule.pattern
        for example in rule.examples.get(kind, ())
    ]


@pytest.mark.parametrize(("rule", "example"), examples("positive"))
def test_a_rule_finds_its_positive_examples(rule: Rule, example: str) -> None:
    assert matches_example(rule, example)


@pytest.mark.parametrize(("rule", "example"), examples("negative"))
def test_a_rule_passes_over_its_negative_examples(rule: Rule, example: str) -> None:
    assert not matches_example(rule, example)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.tokens], ids=lambda rule: rule.id)
def test_a_token_rule_finds_its_positive_examples_only(pipeline: Language, rule: Rule) -> None:
    for kind, wanted in (("positive", True), ("negative", False)):
        for example in rule.examples.get(kind, ()):
            assert (rule.id in {found for found, _, _ in pipeline(example)._.rule_finds}) is wanted, example


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_proposes_only_what_the_taxonomy_knows(rule: Rule) -> None:
    if rule.category == "common":
        assert rule.type is None
        return
    category = load_taxonomy()[rule.category]
    assert rule.type is None or rule.type in category.types
    assert rule.phase is None or rule.phase in category.phases


def test_every_category_in_force_has_indications() -> None:
    for category in load_taxonomy().values():
        if category.enabled:
            assert any(rule.role == "indication" for rule in load_rules()[category.id])


GOOD = {
    "id": "x.one",
    "description": "d",
    "role": "indication",
    "regex": "点検",
    "examples": "{positive: [点検]}",
}


def write(folder: Path, **changes: str | None) -> Path:
    row = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    body = "\n".join(f"    {key}: {value}" for key, value in row.items()).replace("    ", "  - ", 1)
    path = folder / "x.yaml"
    path.write_text(f"category: visual_inspection\nrules:\n{body}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"colour": "red"}, "unknown key colour"),
        ({"description": None}, "missing description"),
        ({"regex": None}, "either regex or tokens"),
        ({"tokens": "[[{LEMMA: 点検}]]"}, "either regex or tokens"),
        ({"regex": "'点検('"}, "missing \\)"),
        ({"regex": "'{act}する'"}, "act is not defined"),
        ({"role": "nonsense"}, "nonsense"),
        ({"examples": "{negative: [点検]}"}, "examples are lists"),
    ],
)
def test_a_rule_that_cannot_be_used_is_rejected_by_file_and_id(
    tmp_path: Path, changes: dict[str, str | None], problem: str
) -> None:
    with pytest.raises(RuleError, match=rf"x\.yaml: rule x\.one: .*{problem}"):
        read_rules(write(tmp_path, **changes))


def test_a_good_rule_is_read_with_its_defaults(tmp_path: Path) -> None:
    (rule,) = read_rules(write(tmp_path))
    assert (rule.category, rule.scope, rule.type) == ("visual_inspection", "sentence", None)
    assert rule.find("設備を点検する") == [(3, 5)]


def test_an_id_may_be_used_once_over_all_files(tmp_path: Path) -> None:
    other = tmp_path / "a.yaml"
    other.write_text(write(tmp_path).read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(RuleError, match=r"x\.yaml: rule x\.one: id already used in a\.yaml"):
        load_rules(tmp_path)
