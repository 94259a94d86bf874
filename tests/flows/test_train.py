"""Learning on the command line: proposed by one person, approved by another, used by the next scan, taken back."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from flows import scan as scanning
from flows.cli import app
from flows.database import sessions
from flows.detector import detector_in_service
from flows.ingest import ingest
from flows.scan import scan, scan_versions
from flows.settings import Settings
from flows.train import training_lines
from models.database import session_scope
from models.detection import DetectionModel, KnownFinding, ModelState
from models.legislation import ProvisionVersion
from models.operations.create_account import create_account
from models.operations.record_scan import count_unscanned, start_scan_run
from models.queries.detection import DecidedProvision, LabelledCategory
from models.review import Candidate
from nlp.jsonl import read_provisions
from nlp.pipeline import pipeline_version
from nlp.provision import Finding
from nlp.training import gold_row
from regulations.review import Role
from regulations.structure import Kind
from regulations.taxonomy import LegalBasis, load_taxonomy
from tests.flows.texts import BEFORE, HEAD, write

NOW = dt.datetime(2026, 4, 1, 9, 0, tzinfo=dt.UTC)
THINGS = ("橋", "井戸", "足場", "看板", "水門", "街灯", "遊具", "擁壁", "浮桟橋", "索道")


def gold_lines() -> list[str]:
    """Ten documents of our own, each with a visual inspection and a provision that only names one."""

    def line(number: int, part: str, text: str, *, is_regulation: bool) -> str:
        label = {"category": "visual_inspection", "types": [1], "phases": [1], "evidence": [], "optional": False}
        row = {
            "id": f"{number}-{part}",
            "source": f"doc/{number}",
            "kind": "ordinance",
            "law": f"{THINGS[number]}条例",
            "law_no": "",
            "article": "1",
            "paragraph": "1",
            "caption": "",
            "labels": [label] if is_regulation else [],
            "uncertain": False,
            "basis": None,
            "text": text,
        }
        return json.dumps(row, ensure_ascii=False)

    lines = []
    for number, thing in enumerate(THINGS):
        lines.append(line(number, "a", f"管理者は、{thing}を目視により点検しなければならない。", is_regulation=True))
        lines.append(line(number, "b", f"目視により点検した{thing}の記録は、五年間保存する。", is_regulation=False))
    return lines


def decided(text: str, *, version_id: int = 1, title: str = "霞野県遊泳場条例", **values: object) -> DecidedProvision:
    fields = {
        "version_id": version_id,
        "natural_key": f"{title}|条例第10号|2021",
        "title": title,
        "law_number": "条例第十号",
        "kind": Kind.ORDINANCE,
        "article": "2",
        "paragraph": "1",
        "caption": "",
        "text": text,
        "applicable": (),
        "not_applicable": (),
        "undecided": (),
        "is_complete": False,
        **values,
    }
    return DecidedProvision(**fields)  # type: ignore[arg-type]


def test_a_decision_teaches_what_was_judged_and_nothing_of_the_rest() -> None:
    label = LabelledCategory(category="visual_inspection", regulation_type=2, phase=1)
    row = decided("設備を見る。", applicable=(label,), not_applicable=("written_posting",))
    (line,) = training_lines([], [row])
    learnt = gold_row(json.loads(line))
    found = learnt.label("visual_inspection")
    assert found is not None
    assert (found.types, found.phases, found.optional) == ((2,), (1,), False)
    assert learnt.label("written_posting") is None, "refused: an example of what is none"
    unjudged = {each.category for each in learnt.labels if each.optional}
    assert unjudged == set(load_taxonomy()) - {"visual_inspection", "written_posting"}
    assert next(iter(read_provisions([line]))).text == "設備を見る。"


def test_a_provision_read_as_a_whole_teaches_every_category_but_the_undecided() -> None:
    (line,) = training_lines([], [decided("設備を見る。", is_complete=True, undecided=("on_site_audit",))])
    assert [(each.category, each.optional) for each in gold_row(json.loads(line)).labels] == [("on_site_audit", True)]


def test_the_gold_comes_first_and_an_instrument_stays_in_its_document() -> None:
    gold = gold_lines()
    same_text = decided("管理者は、橋を目視により点検しなければならない。 ", version_id=1)
    same_law = decided("橋を見る。", version_id=2, title="橋条例")
    lines = training_lines(gold, [same_text, same_law])
    assert lines[: len(gold)] == gold
    assert [json.loads(line)["source"] for line in lines[len(gold) :]] == ["doc/0"]


@pytest.fixture
def people(installation: Settings) -> None:
    with session_scope(sessions()) as session:
        for login_name, role in (("suishin", Role.COORDINATOR), ("kanri", Role.ADMINISTRATOR), ("kansa", Role.AUDITOR)):
            create_account(session, login_name=login_name, display_name=login_name, role=role, now=NOW)


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.output


@pytest.mark.usefixtures("orchestrator", "people")
def test_a_trained_model_is_proposed_approved_by_another_used_and_taken_back(
    installation: Settings, tmp_path: Path
) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text("\n".join(gold_lines()), encoding="utf-8")
    ingest([str(write(installation.inbox, BEFORE))])
    scan()
    shipped = pipeline_version()

    assert run("train", str(gold), "--as", "kansa")[0] == 1
    status, said = run("train", str(gold), "--as", "suishin", "--no-sample")
    assert status == 0, said
    with sessions()() as session:
        model = session.scalars(select(DetectionModel)).one()
        assert model.state is ModelState.PROPOSED
        assert model.figures["rows"] == len(gold_lines())
        assert model.figures["new"]["categories"] == model.figures["in_service"]["categories"], "no decision yet"
        assert detector_in_service(session).version == shipped

    number = str(model.id)
    status, said = run("models", "approve", number, "--as", "suishin")
    assert (status, "提案した人と別" in said) == (1, True)
    assert run("models", "approve", number, "--as", "nobody")[0] == 2
    assert run("models", "approve", number, "--as", "kanri")[0] == 0
    assert "使用中" in run("models", "list", "--as", "suishin")[1]
    with sessions()() as session:
        detector = detector_in_service(session)
        assert detector.version != shipped
        assert count_unscanned(session, pipeline_version=detector.version) == 4
    assert scan().provisions == 4
    with sessions()() as session:
        assert detector.version in set(session.scalars(select(Candidate.pipeline_version)))

    assert run("models", "rollback", "--as", "kanri")[0] == 0
    assert scan().provisions == 4
    with sessions()() as session:
        assert detector_in_service(session).version == shipped
    assert run("models", "rollback", "--as", "kanri")[0] == 1


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("line", ["{", '{"id": "1", "text": "検査する。"}', '{"text": "検査する。"}'])
def test_a_line_that_cannot_be_learnt_from_is_named(tmp_path: Path, line: str) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(line, encoding="utf-8")
    status, said = run("train", str(gold), "--as", "suishin")
    assert status == 1
    assert "gold.jsonl" in said


class Counting:
    """Stands in for the pipeline where only what is asked of it matters."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, provisions: object) -> list[Finding]:
        texts = list(provisions)  # type: ignore[call-overload]
        self.asked += [each.text for each in texts]
        return [
            Finding(id=each.id, labels=(), scores={}, basis=LegalBasis.UNCLEAR, basis_evidence=()) for each in texts
        ]


def _scan(classify: Counting, version: str = "p1", **values: int) -> None:
    with session_scope(sessions()) as session:
        run_id = start_scan_run(session, pipeline_version=version, now=NOW)
    scan_versions(sessions(), classify, scan_run_id=run_id, version=version, advance=lambda _: None, **values)
    with sessions()() as session:
        assert count_unscanned(session, pipeline_version=version) == 0


@pytest.mark.usefixtures("orchestrator")
def test_an_input_is_classified_once_for_each_pipeline_version_wherever_it_recurs(
    installation: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "".join(f"第{number}条　管理者は、設備を{number % 3}回点検する。\n" for number in range(1, 12))
    ingest([str(write(installation.inbox, HEAD + "\n" + body))])
    first = Counting()
    _scan(first, chunk=2)
    assert len(first.asked) == len(set(first.asked)) == 3

    other = HEAD.replace("第十号", "第十一号") + "\n" + body + "第12条　管理者は、設備を毎日清掃する。\n"
    ingest([str(write(installation.inbox, other, "other.txt"))])
    second = Counting()
    monkeypatch.setattr(scanning, "SLICE", 5)
    _scan(second, chunk=2)
    assert second.asked == ["管理者は、設備を毎日清掃する。"], "the rest is known from the instrument before"

    third = Counting()
    _scan(third, version="p2")
    assert len(third.asked) == 4
    with sessions()() as session:
        assert len(session.scalars(select(KnownFinding)).all()) == 8


@pytest.mark.usefixtures("orchestrator")
def test_a_scan_gives_every_provision_in_force_the_key_of_its_group(installation: Settings) -> None:
    ingest([str(write(installation.inbox, BEFORE))])
    scan()
    with sessions()() as session:
        assert None not in session.scalars(select(ProvisionVersion.group_key)).all()


@pytest.mark.usefixtures("orchestrator", "people")
def test_what_was_not_flagged_is_drawn_and_reported(installation: Settings) -> None:
    assert run("elusion", "draw", "--as", "suishin")[0] == 1, "nothing is scanned yet"
    ingest([str(write(installation.inbox, BEFORE))])
    scan()
    assert run("elusion", "draw", "--as", "kanri")[0] == 1
    status, said = run("elusion", "draw", "--as", "suishin", "--size", "5", "--seed", "3")
    assert (status, "この条例は、遊泳場の安全を確保することを目的とする。" in said) == (0, True)
    status, said = run("elusion", "report", "--as", "suishin")
    assert (status, "0.00%–100.00%" in said) == (0, True)
