from __future__ import annotations

from sqlalchemy import func, select

from models.operations.record_scan import (
    FindingRecord,
    count_unscanned,
    finish_scan_run,
    record_findings,
    start_scan_run,
    unscanned_versions,
)
from models.review import Candidate, Decision, ReviewItem, ScanRun
from regulations.review import Applicability, ReviewStatus
from regulations.taxonomy import LegalBasis
from tests.factories import (
    INSPECTION,
    NOW,
    PIPELINE,
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


def counts(session) -> list[int | None]:
    return [session.scalar(select(func.count(table.id))) for table in (ReviewItem, Candidate, Decision)]


def test_what_is_found_becomes_a_pending_item_with_its_candidate(session):
    registered = register(session, ordinance({"1": PURPOSE, "2": INSPECTION}))
    recorded = scan(session)
    assert (recorded.versions, recorded.items, recorded.candidates) == (2, 1, 1)
    item = items(session, registered)["2"]
    assert item.status is ReviewStatus.PENDING
    candidate = session.get(Candidate, item.current_candidate_id)
    start = INSPECTION.index("目視")
    assert candidate.evidence == [{"start": start, "end": start + 2, "text": "目視"}]
    assert (candidate.category, candidate.basis) == ("visual_inspection", LegalBasis.LOCAL_ORDINANCE)


def test_a_scan_comes_back_to_nothing_that_its_pipeline_has_seen(session):
    register(session, ordinance({"1": PURPOSE, "2": INSPECTION}))
    assert count_unscanned(session, pipeline_version=PIPELINE) == 2
    scan(session)
    assert count_unscanned(session, pipeline_version=PIPELINE) == 0
    assert scan(session).versions == 0
    assert count_unscanned(session, pipeline_version="rules-2") == 2


def test_unscanned_provisions_come_in_pages(session):
    register(session, ordinance({str(number): f"{number}回点検する。" for number in range(1, 6)}))
    seen, last = [], 0
    while page := unscanned_versions(session, pipeline_version=PIPELINE, limit=2, after_id=last):
        seen += [row.article for row in page]
        last = page[-1].version_id
    assert seen == ["1", "2", "3", "4", "5"]


def test_only_the_text_in_force_is_scanned(session):
    register(session, ordinance({"1": INSPECTION}))
    register(session, ordinance({"1": POSTING}))
    (row,) = unscanned_versions(session, pipeline_version=PIPELINE, limit=10)
    assert row.text == POSTING


def test_the_same_findings_again_change_nothing(session):
    register(session, ordinance({"1": INSPECTION, "2": POSTING}))
    run = start_scan_run(session, pipeline_version=PIPELINE, now=NOW)
    findings = [
        FindingRecord(
            version_id=row.version_id,
            labels=(label("visual_inspection", (0, 2, row.text[:2])),),
            basis=LegalBasis.UNCLEAR,
        )
        for row in unscanned_versions(session, pipeline_version=PIPELINE, limit=10)
    ]
    values = {"scan_run_id": run, "pipeline_version": PIPELINE, "findings": findings, "now": NOW}
    record_findings(session, **values)
    before = counts(session)
    again = record_findings(session, **values)
    assert (again.candidates, again.items, again.withdrawn) == (0, 0, 0)
    assert counts(session) == before


def test_the_same_words_read_otherwise_add_a_candidate_and_keep_the_one_of_before(session):
    registered = register(session, ordinance({"1": INSPECTION}))
    run = start_scan_run(session, pipeline_version=PIPELINE, now=NOW)
    (row,) = unscanned_versions(session, pipeline_version=PIPELINE, limit=10)

    def record(basis):
        finding = FindingRecord(version_id=row.version_id, labels=(label("visual_inspection"),), basis=basis)
        recorded = record_findings(
            session, scan_run_id=run, pipeline_version=PIPELINE, findings=[finding, finding], now=NOW
        )
        candidate = items(session, registered)["1"].current_candidate
        return recorded.candidates, candidate.id, candidate.basis, candidate.pipeline_version

    law, own = LegalBasis.NATIONAL_LAW, LegalBasis.LOCAL_ORDINANCE
    _, first, *said = record(law)
    assert said == [law, PIPELINE]
    made, second, *said = record(own)
    assert (made, said) == (1, [own, f"{PIPELINE}/2"])
    assert second != first
    assert session.get(Candidate, first).basis is law
    assert record(law)[:2] == (0, first)
    assert record(own)[:2] == (0, second)
    assert record(LegalBasis.UNCLEAR)[3] == f"{PIPELINE}/3"


def test_a_newer_pipeline_adds_its_candidate_and_keeps_the_older_one(session):
    registered = register(session, ordinance({"1": INSPECTION}))
    scan(session)
    item = items(session, registered)["1"]
    first, version = item.current_candidate_id, item.row_version
    scan(session, pipeline_version="rules-2")
    item = items(session, registered)["1"]
    assert item.current_candidate_id != first
    assert session.get(Candidate, first) is not None
    assert item.row_version == version  # nobody's open answer is stale because of it


def test_what_a_newer_pipeline_no_longer_finds_is_withdrawn_unless_somebody_decided(session):
    owner = division(session)
    registered = register(session, ordinance({"1": INSPECTION, "2": POSTING}), owner=owner)
    scan(session)
    answer(session, actor(session, of=owner), items(session, registered)["2"])
    recorded = scan(session, pipeline_version="rules-2", words={})
    found = items(session, registered)
    assert recorded.withdrawn == 2
    assert found["1"].status is ReviewStatus.WITHDRAWN
    assert found["2"].status is ReviewStatus.APPLICABLE
    scan(session, pipeline_version="rules-3")
    assert items(session, registered)["1"].status is ReviewStatus.PENDING


def test_a_scan_never_touches_a_decision(session):
    owner = division(session)
    registered = register(session, ordinance({"1": INSPECTION}), owner=owner)
    scan(session)
    answer(session, actor(session, of=owner), items(session, registered)["1"], Applicability.NOT_APPLICABLE)
    (before,) = session.execute(select(Decision.__table__)).all()
    scan(session, pipeline_version="rules-2")
    assert session.execute(select(Decision.__table__)).all() == [before]
    assert items(session, registered)["1"].status is ReviewStatus.NOT_APPLICABLE


def test_one_provision_may_fall_into_several_categories(session):
    register(session, ordinance({"1": "台帳を目視で点検し、閲覧に供し、その旨を掲示する。"}))
    assert scan(session).items == 3


def test_of_two_findings_in_one_category_the_more_probable_is_kept(session):
    registered = register(session, ordinance({"1": INSPECTION}))
    run = start_scan_run(session, pipeline_version=PIPELINE, now=NOW)
    (row,) = unscanned_versions(session, pipeline_version=PIPELINE, limit=10)
    labels = (label("visual_inspection", probability=0.9), label("visual_inspection", probability=0.4))
    finding = FindingRecord(version_id=row.version_id, labels=labels, basis=LegalBasis.UNCLEAR)
    record_findings(session, scan_run_id=run, pipeline_version=PIPELINE, findings=[finding], now=NOW)
    item = items(session, registered)["1"]
    assert session.get(Candidate, item.current_candidate_id).probability == 0.9


def test_a_finding_on_a_text_no_longer_in_force_is_passed_over(session):
    register(session, ordinance({"1": INSPECTION}))
    run = start_scan_run(session, pipeline_version=PIPELINE, now=NOW)
    (row,) = unscanned_versions(session, pipeline_version=PIPELINE, limit=10)
    register(session, ordinance({"1": VIEWING}))
    finding = FindingRecord(version_id=row.version_id, labels=(label("visual_inspection"),), basis=LegalBasis.UNCLEAR)
    recorded = record_findings(session, scan_run_id=run, pipeline_version=PIPELINE, findings=[finding], now=NOW)
    assert (recorded.versions, recorded.items) == (0, 0)


def test_a_run_keeps_its_counts_and_its_end(session):
    register(session, ordinance({"1": PURPOSE, "2": INSPECTION}))
    scan(session)
    run = session.scalars(select(ScanRun)).one()
    assert (run.provisions, run.candidates, run.finished_at) == (2, 1, None)
    finish_scan_run(session, scan_run_id=run.id, now=NOW)
    assert run.finished_at == NOW
