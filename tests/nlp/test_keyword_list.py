from __future__ import annotations

from pathlib import Path

import pytest
from spacy.language import Language

from nlp.classifier import Classifier
from nlp.keyword_list import WEIGHT, KeywordListError, read_keyword_list, rules_of
from nlp.pipeline import pipeline_version
from nlp.provision import ProvisionInput
from nlp.rule_loader import load_rules

HEADER = "規制区分,キーワード,除外語,備考\n"
GOOD = f"{HEADER}目視,たな卸し,,手引による\n書面掲示,看板,立看板;看板業,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_list_is_read_in_the_encodings_of_spreadsheets(encoding: str) -> None:
    first, second = read_keyword_list(GOOD.encode(encoding))
    assert (first.row, first.category, first.word, first.remarks) == (2, "visual_inspection", "たな卸し", "手引による")
    assert second.exceptions == ("立看板", "看板業")


def test_exceptions_and_remarks_may_be_left_out_and_blank_rows_count() -> None:
    (keyword,) = read_keyword_list("規制区分,キーワード\n,\n目視,看板\n".encode())
    assert keyword.row == 3


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("キーワード\n点検\n", "1行目: 列「規制区分」がありません"),
        ("", "1行目: 列「規制区分」「キーワード」がありません"),
        ("規制区分,キーワード,色\n", "1行目: 列「色」は使えません"),
        (f"{HEADER}見回り,点検,,\n", "2行目: 規制区分「見回り」はありません。目視、"),
        (f"{HEADER}目視,,,理由\n", "2行目: キーワードが空です"),
        (f"{HEADER}目視,{'点' * 41},,\n", "2行目: キーワードは40字以内"),
        (f"{HEADER}目視,点検,検査,\n", "2行目: 除外語「検査」にキーワード「点検」が含まれていません"),
        (f"{HEADER}目視,点検,,\n目視,点検,,\n", "3行目: キーワード「点検」は2行目と重複"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_by_row(text: str, problem: str) -> None:
    with pytest.raises(KeywordListError) as refused:
        read_keyword_list(text.encode())
    assert refused.value.problems[0].startswith(problem)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(KeywordListError) as refused:
        read_keyword_list(f"{HEADER}目視,,,x\n色,点検,,\n".encode())
    assert [problem[:2] for problem in refused.value.problems] == ["2行", "3行"]


def test_bytes_of_no_known_encoding_are_refused() -> None:
    with pytest.raises(KeywordListError, match="文字コード"):
        read_keyword_list(b"\xff\xfe\x81")


@pytest.mark.parametrize(
    ("text", "found"),
    [("看板を掲げる", True), ("立看板を掲げる", False), ("看板業を営む", False), ("立看板と看板", True)],
)
def test_a_keyword_within_an_exception_does_not_count(text: str, found: bool) -> None:
    rule = rules_of(read_keyword_list(GOOD.encode()))[1]
    assert bool(rule.find(text)) is found
    assert (rule.id, rule.weight) == ("keyword.3", WEIGHT)


def test_a_keyword_makes_a_sentence_count_and_the_pipeline_another(pipeline: Language, tmp_path: Path) -> None:
    provision = ProvisionInput(id="1", text="倉庫主任は、在庫品のたな卸しをしなければならない。", kind="ordinance")
    (tmp_path / "keywords.csv").write_text(GOOD, encoding="utf-8")
    (before,) = Classifier(pipeline).classify([provision])
    (after,) = Classifier(pipeline, rule_folders=[tmp_path]).classify([provision])
    assert before.scores["visual_inspection"] == 0.0 < after.scores["visual_inspection"]
    assert any(rule.id == "keyword.2" for rule in load_rules(tmp_path)["visual_inspection"])
    version = pipeline_version(rule_folders=(tmp_path,))
    assert version != pipeline_version()
    (tmp_path / "keywords.csv").write_text(f"{GOOD}目視,目で見,,\n", encoding="utf-8")
    assert pipeline_version(rule_folders=(tmp_path,)) != version
    assert any(rule.id == "keyword.4" for rule in load_rules(tmp_path)["visual_inspection"]), "as the folder is now"
