"""Trained models: two people, no worse figures, one in service, and a way back."""

from __future__ import annotations

import gzip

import pytest
from sqlalchemy import select

from models.detection import DetectionModel, ModelState
from models.operations.draw_elusion_sample import MissedRegulation, answer_elusion_row, draw_elusion_sample
from models.operations.errors import NoSuchItemError
from models.operations.known_findings import StoredFinding, forget_findings, known_findings, remember_findings
from models.operations.propose_model import (
    ModelFault,
    ModelRefusedError,
    approve_model,
    propose_model,
    roll_back_model,
    worse_categories,
)
from models.operations.record_scan import start_scan_run
from models.queries import decided_provisions, detection_models, elusion_tasks, model_in_service
from models.review import AuditEntry
from regulations.review import Applicability, NotPermittedError, Role
from regulations.taxonomy import LegalBasis
from tests.factories import (
    INSPECTION,
    NOW,
    POSTING,
    PURPOSE,
    VIEWING,
    actor,
    answer,
    division,
    items,
    label,
    ordinance,
    register,
    scan,
)

BOTH = "管理者は、施設を目視により点検し、その結果を掲示しなければならない。"


def figures(new=0.9, before=0.9, **others):
    def report(f1, more):
        return {"categories": {"visual_inspection": {"f1": f1}} | {name: {"f1": value} for name, value in more.items()}}

    return {"new": report(new, others), "in_service": report(before, dict.fromkeys(others, 0.5))}


@pytest.fixture
def people(session):
    return actor(session, Role.COORDINATOR), actor(session, Role.ADMINISTRATOR)


def proposed(session, by, *, weights=b"weights", compared_with=None, **values):
    return propose_model(
        session,
        actor=by,
        weights=weights,
        training_data="一行目\n二行目".encode(),
        figures=figures(**values),
        compared_with=compared_with,
        pipeline_version="rules-1",
        now=NOW,
    )


def test_without_an_approved_model_the_shipped_weights_are_in_service(session, people):
    proposed(session, people[0])
    assert model_in_service(session) is None


def test_a_second_person_puts_a_model_into_service_with_its_weights_and_data(session, people):
    model_id = proposed(session, people[0])
    approve_model(session, actor=people[1], model_id=model_id, now=NOW)
    found = model_in_service(session)
    assert (found.model_id, found.weights, found.training_data.decode()) == (model_id, b"weights", "一行目\n二行目")
    (row,) = detection_models(session, actor=people[0])
    assert (row.state, row.proposed_by_id) == (ModelState.IN_SERVICE, people[0].account_id)
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.target_type == "detection_model"))
    assert sorted(actions) == ["approve_model", "propose_model"]


def test_nobody_approves_what_they_proposed_themselves(session, people):
    model_id = proposed(session, people[0])
    with pytest.raises(NotPermittedError):
        approve_model(session, actor=people[0], model_id=model_id, now=NOW)


@pytest.mark.parametrize("worse", [{"new": 0.89}, {"written_posting": 0.49}])
def test_a_model_that_is_worse_in_any_category_is_refused(session, people, worse):
    model_id = proposed(session, people[0], **worse)
    with pytest.raises(ModelRefusedError) as refused:
        approve_model(session, actor=people[1], model_id=model_id, now=NOW)
    assert refused.value.fault is ModelFault.WORSE
    assert len(refused.value.categories) == 1


def test_a_category_that_the_new_model_does_not_know_counts_as_worse():
    measured = figures()
    measured["in_service"]["categories"]["written_posting"] = {"f1": 0.2}
    assert worse_categories(measured) == ("written_posting",)


def test_a_model_measured_against_an_earlier_one_is_refused(session, people):
    first, second = proposed(session, people[0]), proposed(session, people[0])
    approve_model(session, actor=people[1], model_id=first, now=NOW)
    with pytest.raises(ModelRefusedError) as refused:
        approve_model(session, actor=people[1], model_id=second, now=NOW)
    assert refused.value.fault is ModelFault.COMPARED_WITH_ANOTHER


def test_a_model_is_approved_once_and_must_exist(session, people):
    model_id = proposed(session, people[0])
    approve_model(session, actor=people[1], model_id=model_id, now=NOW)
    with pytest.raises(ModelRefusedError) as refused:
        approve_model(session, actor=people[1], model_id=model_id, now=NOW)
    assert refused.value.fault is ModelFault.NOT_PROPOSED
    with pytest.raises(NoSuchItemError):
        approve_model(session, actor=people[1], model_id=model_id + 1, now=NOW)


def test_rolling_back_goes_step_by_step_to_the_shipped_weights(session, people):
    first = proposed(session, people[0])
    approve_model(session, actor=people[1], model_id=first, now=NOW)
    second = proposed(session, people[0], weights=b"newer", compared_with=first)
    approve_model(session, actor=people[1], model_id=second, now=NOW)
    assert session.get(DetectionModel, first).state is ModelState.RETIRED
    assert roll_back_model(session, actor=people[1], now=NOW) == first
    assert model_in_service(session).weights == b"weights"
    assert roll_back_model(session, actor=people[1], now=NOW) is None
    assert model_in_service(session) is None
    with pytest.raises(ModelRefusedError) as refused:
        roll_back_model(session, actor=people[1], now=NOW)
    assert refused.value.fault is ModelFault.NONE_IN_SERVICE


def test_the_same_data_has_the_same_hash_and_the_same_bytes(session, people):
    rows = [session.get(DetectionModel, proposed(session, people[0])) for _ in range(2)]
    assert rows[0].data_hash == rows[1].data_hash
    assert rows[0].training_data == rows[1].training_data
    assert gzip.decompress(rows[0].training_data).decode() == "一行目\n二行目"


def test_decisions_become_rows_to_learn_from(session):
    own = division(session)
    registered = register(session, ordinance({"1": INSPECTION, "2": POSTING, "3": VIEWING, "4": BOTH}), owner=own)
    scan(session)
    by, found = actor(session, of=own), items(session, registered)
    answer(session, by, found["1"], regulation_type=2)
    answer(session, by, found["2"], Applicability.NOT_APPLICABLE)
    answer(session, by, found["3"], Applicability.UNDECIDED)
    one = found["4"]  # of its two
    answer(session, by, one, category="periodic_inspection")
    rows = {row.article: row for row in decided_provisions(session)}
    assert rows.keys() == {"1", "2", "4"}
    (learnt,) = rows["1"].applicable
    assert (learnt.category, learnt.regulation_type, learnt.phase) == ("visual_inspection", 2, 1)
    assert (rows["2"].applicable, rows["2"].not_applicable) == ((), ("written_posting",))
    assert [each.category for each in rows["4"].applicable] == ["periodic_inspection"]
    assert rows["4"].not_applicable == (one.category,), "corrected, so it is not what was proposed"
    assert len(rows["4"].undecided) == 1
    assert not any(row.is_complete for row in rows.values())
    assert rows["1"].text == INSPECTION
    assert rows["1"].title == "施設管理条例"


def test_only_the_latest_answer_on_the_text_in_force_is_learnt_from(session):
    own = division(session)
    registered = register(session, ordinance({"1": INSPECTION, "2": POSTING}), owner=own)
    scan(session)
    by, found = actor(session, of=own), items(session, registered)
    answer(session, by, found["1"])
    answer(session, by, found["1"], Applicability.NOT_APPLICABLE)
    answer(session, by, found["2"])
    register(session, ordinance({"1": INSPECTION, "2": POSTING.replace("許可証", "許可証及び料金表")}))
    (row,) = decided_provisions(session)
    assert (row.article, row.not_applicable) == ("1", ("visual_inspection",))


def test_a_provision_read_in_a_sample_is_learnt_from_as_a_whole(session):
    own = division(session)
    register(session, ordinance({"1": PURPOSE, "2": INSPECTION.replace("目視により", "")}), owner=own)
    scan(session)
    by = actor(session, Role.COORDINATOR)
    draw_elusion_sample(session, actor=by, size=2, seed=1, now=NOW)
    for task in elusion_tasks(session, actor=by):
        missed = MissedRegulation(
            start=0, end=2, category="periodic_inspection", regulation_type=1, phase=1, basis=LegalBasis.UNCLEAR
        )
        found = [missed] if "点検" in task.text else []
        answer_elusion_row(session, actor=by, row_id=task.row_id, missed=found, now=NOW)
    rows = {row.article: row for row in decided_provisions(session)}
    assert all(row.is_complete and not row.applicable for row in rows.values())
    assert (rows["1"].undecided, rows["2"].undecided) == ((), ("periodic_inspection",))


def test_findings_are_remembered_under_version_and_input_and_only_the_last_versions_are_kept(session):
    finding = StoredFinding(labels=(label("visual_inspection", (0, 2, "目視")),), basis=LegalBasis.NATIONAL_LAW)
    nothing = StoredFinding(labels=(), basis=LegalBasis.UNCLEAR)
    for version in ("a", "b", "c"):
        start_scan_run(session, pipeline_version=version, now=NOW)
        for _ in range(2):  # the second time changes nothing
            remember_findings(session, pipeline_version=version, findings={"1": finding, "2": nothing})
    wanted = {"pipeline_version": "c", "input_hashes": ["1", "2", "3"]}
    assert known_findings(session, **wanted) == {"1": finding, "2": nothing}
    assert forget_findings(session) == 2
    assert known_findings(session, pipeline_version="a", input_hashes=["1"]) == {}
    assert known_findings(session, pipeline_version="b", input_hashes=["1"]) == {"1": finding}
