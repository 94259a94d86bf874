from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from nlp.classifier import Evidence, Finding, Label, ProvisionInput
from nlp.jsonl import JsonlError, finding_line, read_lines, read_provisions
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


SEPARATORS = "\x85\u2028\u2029"


def test_only_line_feeds_end_a_line_of_a_file(tmp_path: Path) -> None:
    rows = [{"id": str(number), "text": f"一　検査{SEPARATORS}二　点検"} for number in range(2)]
    path = tmp_path / "in.jsonl"
    path.write_bytes("\r\n\r\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode("utf-8-sig"))
    assert [each.text for each in read_provisions(read_lines(path))] == [row["text"] for row in rows]
    path.write_text(f"\n\n{path.read_text(encoding='utf-8-sig')}\n{{", encoding="utf-8")
    with pytest.raises(JsonlError, match="6行目"):
        list(read_provisions(read_lines(path)))


def test_a_finding_is_one_line_to_every_reader() -> None:
    odd = replace(finding(), labels=(replace(finding().labels[0], evidence=(Evidence(0, 5, f"点{SEPARATORS}検"),)),))
    line = finding_line(odd, ProvisionInput(id="a", text=f"点{SEPARATORS}検"))
    assert line.splitlines() == [line]
    assert json.loads(line)["labels"][0]["evidence"][0]["text"] == f"点{SEPARATORS}検"


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
