"""An installation's own rules and keyword list, with real GiNZA: every command that detects takes them into account."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows import detector as detecting
from flows.cli import app
from flows.database import sessions
from flows.detector import DetectorInService, detector_in_service
from flows.ingest import ingest
from flows.scan import scan
from flows.settings import Settings, load_settings
from nlp.pipeline import pipeline_version
from nlp.provision import ProvisionInput
from nlp.rule_schema import RuleError
from tests.flows.texts import BEFORE, write

KEYWORDS = "規制区分,キーワード,除外語,備考\n目視,たな卸し,,手引による\n"
STOCKTAKING = ProvisionInput(id="1", text="倉庫主任は、在庫品のたな卸しをしなければならない。", kind="ordinance")


@pytest.fixture
def keywords(installation: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A keyword list in the folder that the setting names, relative to the home."""
    monkeypatch.setenv("MINAOSHI_RULES", "rules")
    path = installation.home / "rules" / "keywords.csv"
    path.parent.mkdir()
    path.write_text(KEYWORDS, encoding="utf-8")
    return path


def _detector(*rule_folders: Path) -> DetectorInService:
    with sessions()() as session:
        return detector_in_service(session, rule_folders=rule_folders)


def test_a_relative_folder_lies_in_the_home(tmp_path: Path) -> None:
    home = {"MINAOSHI_HOME": str(tmp_path)}
    assert load_settings({**home, "MINAOSHI_RULES": "rules"}).rule_folders == (tmp_path / "rules",)
    assert load_settings({**home, "MINAOSHI_RULES": "/etc/rules"}).rule_folders == (Path("/etc/rules"),)
    assert load_settings({**home, "MINAOSHI_RULES": ""}).rule_folders == load_settings(home).rule_folders == ()


def test_worker_processes_know_the_keywords_as_this_process_does(
    keywords: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = _detector(keywords.parent)
    assert detector.version == pipeline_version(rule_folders=(keywords.parent,)) != _detector().version
    (before,) = _detector().classify([STOCKTAKING])
    (here,) = detector.classify([STOCKTAKING])
    monkeypatch.setattr(detecting, "ALONE", 0)
    (there,) = detector.classify([STOCKTAKING])
    assert before.scores["visual_inspection"] == 0.0 < here.scores["visual_inspection"]
    assert there == here


@pytest.mark.usefixtures("orchestrator")
def test_every_provision_is_scanned_again_when_the_keywords_change(keywords: Path, tmp_path: Path) -> None:
    ingest([str(write(tmp_path, BEFORE))])
    assert scan().provisions == 4
    assert scan().provisions == 0
    keywords.write_text(f"{KEYWORDS}目視,目で見,,\n", encoding="utf-8")
    assert scan().provisions == 4


def test_what_is_wrong_is_told_by_file_and_row_before_anything_is_done(
    keywords: Path, tmp_path: Path, installation: Settings
) -> None:
    keywords.write_text(f"{KEYWORDS}見回り,点検,,\n", encoding="utf-8")
    (keywords.parent / "own.yaml").write_text("category: common\nrules:\n  - id: own.one\n", encoding="utf-8")
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps({"id": "1", "text": STOCKTAKING.text}), encoding="utf-8")
    write(installation.inbox, BEFORE)
    for words in (
        ["scan"],
        ["rescan"],
        ["sample"],
        ["classify", gold, tmp_path / "out.jsonl"],
        ["train", gold, "--as", "nobody"],
        ["evaluate", gold, "--no-ablations", "--no-sample"],
    ):
        done = CliRunner().invoke(app, [str(word) for word in words])
        assert done.exit_code == 2, words
        assert "own.yaml 3行目（規則 own.one）: 項目「description」「examples」「role」がありません" in done.stderr
        assert "keywords.csv 3行目: 規制区分「見回り」はありません" in done.stderr
    assert not (tmp_path / "out.jsonl").exists()
    with pytest.raises(RuleError, match=r"keywords\.csv 3行目"):
        _detector(keywords.parent)


def test_classify_uses_the_keywords(keywords: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps({"id": "1", "text": STOCKTAKING.text}), encoding="utf-8")
    done = CliRunner().invoke(app, ["classify", str(source), str(target)])
    assert done.exit_code == 0, done.output
    assert json.loads(target.read_text(encoding="utf-8"))["scores"]["visual_inspection"] > 0.0
