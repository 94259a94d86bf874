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
        ({"colour": "red"}, "項目「colour」は使えません"),
        ({"description": None}, "項目「description」がありません"),
        ({"regex": None}, "regex と tokens のどちらか一方"),
        ({"tokens": "[[{LEMMA: 点検}]]"}, "regex と tokens のどちらか一方"),
        ({"regex": "'点検('"}, "regex を読み取れません"),
        ({"regex": "'{act}する'"}, "{act} は define にありません"),
        ({"role": "nonsense"}, "role「nonsense」は使えません。indication、"),
        ({"weight": "heavy"}, "weight「heavy」は数ではありません"),
        ({"type": "9"}, "type「9」は、この規制区分にありません"),
        ({"regex": "3"}, "文字列で"),
        ({"examples": "{negative: [点検]}"}, "examples には"),
        ({"examples": "点検"}, "examples には"),
    ],
)
def test_a_rule_that_cannot_be_used_is_rejected_by_file_line_and_id(
    tmp_path: Path, changes: dict[str, str | None], problem: str
) -> None:
    with pytest.raises(RuleError) as refused:
        read_rules(write(tmp_path, **changes))
    (said,) = refused.value.problems
    assert said.startswith("x.yaml 3行目（規則 x.one）: ")
    assert problem in said


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rules:\n  - [", "x.yaml 3行目: YAML として読めません"),
        ("[]", "x.yaml: 使える項目は"),
        ("category: colour\nrules: []", "x.yaml: category「colour」はありません"),
        ("category: common\nrules: 3", "x.yaml: rules には規則を並べて"),
        ("category: common\nrules: []\ndefine: [a]", "x.yaml: define には"),
        ("category: common\nrules: [検査]", "x.yaml 2行目（規則 検査）: 規則には id"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"{text}\n", encoding="utf-8")
    with pytest.raises(RuleError) as refused:
        read_rules(path)
    assert refused.value.problems[0].startswith(problem)


def test_all_that_is_wrong_with_a_folder_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, examples="{positive: [検査], negative: [点検簿]}")
    (tmp_path / "a.yml").write_bytes("点検".encode("cp932"))
    (tmp_path / "b.yaml").write_text(
        "category: common\nrules:\n  - {id: b.one, description: d, role: exclusion, tokens: [[{LEMMA: 点検}]], "
        "examples: {positive: [点検]}}\n",
        encoding="utf-8",
    )
    (tmp_path / "k.CSV").write_text("規制区分,キーワード\n目視,\n", encoding="utf-8")
    (tmp_path / "l.csv").write_text("規制区分,キーワード\n", encoding="utf-8")
    (tmp_path / "README.md").write_text("覚え書", encoding="utf-8")
    with pytest.raises(RuleError) as refused:
        load_rules(tmp_path)
    beginnings = (
        "a.yml: UTF-8 ではありません",
        "b.yaml（規則 b.one）: tokens の規則は",
        "x.yaml（規則 x.one）: positive の例文「検査」に当たりません",
        "x.yaml（規則 x.one）: negative の例文「点検簿」に当たってしまいます",
        "k.CSV 2行目: キーワードが空です",
        "l.csv: キーワード表は一つだけ置けます（k.CSV があります）",
    )
    assert len(refused.value.problems) == len(beginnings)
    for said, beginning in zip(refused.value.problems, beginnings, strict=True):
        assert said.startswith(beginning)


@pytest.mark.parametrize("name", ["empty", "nowhere"])
def test_a_folder_without_rules_is_a_mistake(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(RuleError, match="規則（YAML）もキーワード表（CSV）もありません"):
        load_rules(tmp_path / name)


def test_a_good_rule_is_read_with_its_defaults(tmp_path: Path) -> None:
    (rule,) = read_rules(write(tmp_path))
    assert (rule.category, rule.scope, rule.type) == ("visual_inspection", "sentence", None)
    assert rule.find("設備を点検する") == [(3, 5)]


def test_an_id_may_be_used_once_over_all_files(tmp_path: Path) -> None:
    other = tmp_path / "a.yaml"
    other.write_text(write(tmp_path).read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(RuleError, match=r"x\.yaml（規則 x\.one）: 同じ id の規則が a\.yaml にあります"):
        load_rules(tmp_path)
