from __future__ import annotations

import json

import pytest

from nlp.classifier import Evidence, Finding, Label, ProvisionInput
from nlp.jsonl import JsonlError, finding_line, read_provisions
from regulations.taxonomy import LegalBasis

LINE = json.dumps({"id": "a", "text": "点検する。", "law": "甲条例", "kind": "ordinance", "labels": []})


def test_unknown_fields_and_blank_lines_are_passed_over() -> None:
    assert list(read_provisions(["\n", LINE, "  "])) == [
        ProvisionInput(id="a", text="点検する。", law="甲条例", kind="ordinance")
    ]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["{"], "1行目: JSONとして読めません"),
        (["[]"], "1行目: JSONオブジェクト"),
        (["", '{"id": "a"}'], "2行目: 必須の項目「text」がありません"),
        (['{"id": "a", "text": 3}'], "1行目: 項目「text」は文字列"),
        (['{"id": "", "text": ""}'], "1行目: 項目「id」が空です"),
        ([LINE, LINE], "2行目: id「a」は1行目と重複"),
    ],
)
def test_a_bad_line_is_named_with_its_number(lines: list[str], message: str) -> None:
    with pytest.raises(JsonlError, match=message):
        list(read_provisions(lines))


def finding(basis: LegalBasis = LegalBasis.LOCAL_ORDINANCE) -> Finding:
    label = Label(
        category="visual_inspection",
        type=1,
        phase=1,
        probability=0.9,
        evidence=(Evidence(0, 2, "点検"),),
        reason="理由",
        rule_ids=("visual.by_eye",),
    )
    return Finding(id="a", labels=(label,), scores={"visual_inspection": 0.9}, basis=basis, basis_evidence=())


def test_a_line_has_exactly_the_fields_of_the_contract() -> None:
    row = json.loads(finding_line(finding(), ProvisionInput(id="a", text="点検する。", kind="ordinance")))
    assert row == {
        "id": "a",
        "labels": [
            {
                "category": "visual_inspection",
                "type": 1,
                "phase": 1,
                "probability": 0.9,
                "evidence": [{"start": 0, "end": 2, "text": "点検"}],
                "reason": "理由",
            }
        ],
        "scores": {"visual_inspection": 0.9},
        "basis": "local",
    }


@pytest.mark.parametrize(
    ("kind", "basis", "written"),
    [
        ("act", LegalBasis.NATIONAL_LAW, "national"),
        ("ministerial", LegalBasis.NATIONAL_LAW, "national"),
        ("ordinance", LegalBasis.NATIONAL_LAW, "law"),
        ("rule", LegalBasis.LOCAL_ORDINANCE, "local"),
        ("rule", LegalBasis.UNCLEAR, "unclear"),
    ],
)
def test_basis_is_written_by_kind_of_instrument(kind: str, basis: LegalBasis, written: str) -> None:
    line = finding_line(finding(basis), ProvisionInput(id="a", text="", kind=kind))
    assert json.loads(line)["basis"] == written


def test_a_lone_surrogate_in_an_id_can_still_be_written() -> None:
    odd = Finding(id="\ud800", labels=(), scores={}, basis=LegalBasis.UNCLEAR, basis_evidence=())
    line = finding_line(odd, ProvisionInput(id="\ud800", text=""))
    assert json.loads(line.encode().decode())["id"] == "\ud800"
