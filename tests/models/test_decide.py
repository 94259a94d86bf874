from __future__ import annotations

import pytest
from sqlalchemy import func, select

from models.operations.add_missed_regulation import add_missed_regulation
from models.operations.assign_owner import assign_owner
from models.operations.edit_roadmap import edit_roadmap
from models.operations.errors import (
    AnswerFault,
    InvalidAnswerError,
    InvalidRoadmapError,
    NoSuchItemError,
    StaleItemError,
)
from models.review import AuditEntry, Candidate, Decision, ReviewItem, RoadmapItem
from regulations.review import Applicability, NonApplicableReason, ReviewStatus, Role
from regulations.roadmap import ReviewPolicy, RoadmapEntry, RoadmapFault, RoadmapProgress
from regulations.taxonomy import LegalBasis
from tests.factories import (
    INSPECTION,
    NOW,
    POSTING,
    PURPOSE,
    actor,
    answer,
    division,
    items,
    ordinance,
    register,
    scan,
)


@pytest.fixture
def owner(session):
    return division(session)


@pytest.fixture
def reviewer(session, owner):
    return actor(session, of=owner)


@pytest.fixture
def registered(session, owner):
    made = register(session, ordinance({"1": PURPOSE, "2": INSPECTION, "3": POSTING}), owner=owner)
    scan(session)
    return made


@pytest.fixture
def item(session, registered) -> ReviewItem:
    return items(session, registered)["2"]


def actions(session, item_id: int) -> list[str]:
    statement = select(AuditEntry.action).where(
        AuditEntry.target_type == "review_item", AuditEntry.target_id == str(item_id)
    )
    return list(session.scalars(statement.order_by(AuditEntry.id)))


def test_an_answer_is_saved_on_the_text_in_force_and_audited(session, reviewer, item):
    decision = session.get(Decision, answer(session, reviewer, item, note="  現地で確認済み  "))
    assert (decision.account_id, decision.decided_at, decision.note) == (reviewer.account_id, NOW, "現地で確認済み")
    assert decision.text_hash == item.current_text_hash
    assert item.status is ReviewStatus.APPLICABLE
    assert actions(session, item.id) == ["decide"]


def test_every_earlier_answer_stays(session, reviewer, item):
    answer(session, reviewer, item, Applicability.UNDECIDED, note="確認中")
    answer(session, reviewer, item, Applicability.NOT_APPLICABLE)
    answer(session, reviewer, item)
    history = session.scalars(
        select(Decision.applicability).where(Decision.review_item_id == item.id).order_by(Decision.id)
    )
    assert list(history) == [Applicability.UNDECIDED, Applicability.NOT_APPLICABLE, Applicability.APPLICABLE]
    assert actions(session, item.id) == ["decide"] * 3


def test_the_second_of_two_who_answer_at_once_learns_of_the_first(session, owner, reviewer, item):
    opened = item.row_version
    answer(session, reviewer, item)
    with pytest.raises(StaleItemError) as stale:
        answer(
            session,
            actor(session, Role.APPROVER, owner),
            item,
            Applicability.NOT_APPLICABLE,
            expected_version=opened,
        )
    assert stale.value.row_version == item.row_version > opened
    assert session.scalar(select(func.count(Decision.id))) == 1


def test_category_type_phase_and_basis_may_be_corrected(session, reviewer, item):
    values = {"category": "on_site_audit", "regulation_type": 3, "phase": 2, "basis": LegalBasis.NATIONAL_LAW}
    decision = session.get(Decision, answer(session, reviewer, item, **values))
    assert {name: getattr(decision, name) for name in values} == values
    assert item.category == "visual_inspection"  # what the machine proposed stays what it was


@pytest.mark.parametrize(
    ("applicability", "values", "fault"),
    [
        (Applicability.NOT_APPLICABLE, {"reason_code": None}, AnswerFault.REASON_REQUIRED),
        (
            Applicability.NOT_APPLICABLE,
            {"reason_code": NonApplicableReason.OTHER, "note": "　"},
            AnswerFault.REASON_TEXT_REQUIRED,
        ),
        (Applicability.APPLICABLE, {"reason_code": NonApplicableReason.PENALTY}, AnswerFault.REASON_NOT_ALLOWED),
        (Applicability.APPLICABLE, {"category": "目視"}, AnswerFault.UNKNOWN_CATEGORY),
        (Applicability.APPLICABLE, {"regulation_type": 4}, AnswerFault.UNKNOWN_TYPE),
        (Applicability.APPLICABLE, {"phase": 0}, AnswerFault.UNKNOWN_PHASE),
    ],
)
def test_an_answer_that_breaks_a_rule_is_refused_and_nothing_is_written(
    session, reviewer, item, applicability, values, fault
):
    with pytest.raises(InvalidAnswerError) as refused:
        answer(session, reviewer, item, applicability, **values)
    assert refused.value.fault is fault
    assert session.scalar(select(func.count(Decision.id))) == 0
    assert item.status is ReviewStatus.PENDING


def test_a_corrected_category_must_not_put_one_regulation_into_the_roadmap_twice(session, owner, reviewer):
    registered = register(session, ordinance({"1": "台帳を目視で点検し、閲覧に供する。"}), owner=owner)
    scan(session)
    both = session.scalars(select(ReviewItem).order_by(ReviewItem.category)).all()
    assert len(both) == 2
    answer(session, reviewer, both[0])
    with pytest.raises(InvalidAnswerError) as refused:
        answer(session, reviewer, both[1], category=both[0].category)
    assert refused.value.fault is AnswerFault.CATEGORY_TAKEN
    assert registered.added == 1


def test_an_item_that_does_not_exist_is_said_to_be_missing(session, reviewer, item):
    session.expunge(item)
    item.id = 999_999
    with pytest.raises(NoSuchItemError):
        answer(session, reviewer, item)


def test_a_first_applicable_opens_a_row_of_the_roadmap_which_later_answers_keep(session, reviewer, item):
    answer(session, reviewer, item)
    plan = session.get(RoadmapItem, item.id)
    assert plan.progress is RoadmapProgress.UNDETERMINED
    edit_roadmap(
        session,
        actor=reviewer,
        item_id=item.id,
        expected_version=plan.row_version,
        entry=RoadmapEntry(policy=ReviewPolicy.AMEND, target_phase=2, original_year=2027),
        now=NOW,
    )
    answer(session, reviewer, item, Applicability.NOT_APPLICABLE)
    answer(session, reviewer, item)
    assert session.get(RoadmapItem, item.id).original_year == 2027


@pytest.fixture
def planned(session, reviewer, item) -> RoadmapItem:
    answer(session, reviewer, item)
    return session.get(RoadmapItem, item.id)


def edit(session, by, planned, entry, *, version=None):
    return edit_roadmap(
        session,
        actor=by,
        item_id=planned.review_item_id,
        expected_version=version or planned.row_version,
        entry=entry,
        now=NOW,
    )


def test_a_plan_is_saved_and_the_audit_log_says_what_changed(session, reviewer, planned):
    edit(session, reviewer, planned, RoadmapEntry(policy=ReviewPolicy.RETAIN, note="人命に関わるため。"))
    assert (planned.policy, planned.note) == (ReviewPolicy.RETAIN, "人命に関わるため。")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "edit_roadmap")).one()
    assert entry.detail == {"policy": [None, "retain"], "note": ["", "人命に関わるため。"]}


def test_the_same_plan_again_changes_nothing(session, reviewer, planned):
    entry = RoadmapEntry(policy=ReviewPolicy.CLARIFY)
    version = edit(session, reviewer, planned, entry)
    assert edit(session, reviewer, planned, entry, version=version) == version
    assert actions(session, planned.review_item_id).count("edit_roadmap") == 1


def test_a_plan_edited_by_two_at_once_is_not_overwritten(session, reviewer, planned):
    opened = planned.row_version
    edit(session, reviewer, planned, RoadmapEntry(policy=ReviewPolicy.AMEND))
    with pytest.raises(StaleItemError) as stale:
        edit(session, reviewer, planned, RoadmapEntry(policy=ReviewPolicy.REPEAL), version=opened)
    assert stale.value.row_version == planned.row_version
    assert planned.policy is ReviewPolicy.AMEND


def test_a_plan_that_breaks_rules_names_them_all(session, reviewer, planned):
    with pytest.raises(InvalidRoadmapError) as refused:
        edit(session, reviewer, planned, RoadmapEntry(policy=ReviewPolicy.RETAIN, original_year=2098))
    assert set(refused.value.faults) == {RoadmapFault.RETAIN_NEEDS_REASON, RoadmapFault.YEAR_OUT_OF_RANGE}


def test_what_is_not_applicable_has_no_plan_to_edit(session, reviewer, item, planned):
    answer(session, reviewer, item, Applicability.NOT_APPLICABLE)
    with pytest.raises(NoSuchItemError):
        edit(session, reviewer, planned, RoadmapEntry())


def missed(session, by, version_id, **values):
    stated = {
        "start": 0,
        "end": 4,
        "category": "periodic_inspection",
        "regulation_type": 2,
        "phase": 1,
        "basis": LegalBasis.LOCAL_ORDINANCE,
        "note": "月に一度とある。",
        "now": NOW,
        **values,
    }
    return add_missed_regulation(session, actor=by, version_id=version_id, **stated)


@pytest.fixture
def version_id(item) -> int:
    return item.provision.latest_version_id


def test_a_missed_regulation_becomes_an_applicable_item_of_its_own(session, reviewer, version_id):
    item = session.get(ReviewItem, missed(session, reviewer, version_id))
    assert (item.is_manual, item.status) == (True, ReviewStatus.APPLICABLE)
    candidate = session.get(Candidate, item.current_candidate_id)
    assert (candidate.pipeline_version, candidate.probability, candidate.scan_run_id) == ("manual", 1.0, None)
    assert candidate.evidence == [{"start": 0, "end": 4, "text": INSPECTION[:4]}]
    assert session.get(RoadmapItem, item.id) is not None
    assert actions(session, item.id) == ["add_missed_regulation", "decide"]


def test_a_missed_regulation_added_twice_is_one_item_with_one_candidate(session, reviewer, version_id):
    first = missed(session, reviewer, version_id)
    assert missed(session, reviewer, version_id) == first
    manual = select(func.count(Candidate.id)).where(Candidate.pipeline_version == "manual")
    assert session.scalar(manual) == 1


def test_no_scan_withdraws_or_repoints_what_a_person_added(session, reviewer, version_id):
    item_id = missed(session, reviewer, version_id)
    by_hand = session.get(ReviewItem, item_id).current_candidate_id
    scan(session, pipeline_version="rules-2", words={"点検": "periodic_inspection"})
    item = session.get(ReviewItem, item_id, populate_existing=True)
    assert (item.is_detected, item.current_candidate_id) == (True, by_hand)
    scan(session, pipeline_version="rules-3", words={})
    assert session.get(ReviewItem, item_id, populate_existing=True).status is ReviewStatus.APPLICABLE


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (5, 2), (0, 10_000)])
def test_words_outside_the_text_cannot_be_marked(session, reviewer, version_id, start, end):
    with pytest.raises(InvalidAnswerError) as refused:
        missed(session, reviewer, version_id, start=start, end=end)
    assert refused.value.fault is AnswerFault.SPAN_OUTSIDE_TEXT


def test_a_text_no_longer_in_force_cannot_be_marked(session, reviewer, version_id):
    register(session, ordinance({"1": PURPOSE}))
    with pytest.raises(InvalidAnswerError) as refused:
        missed(session, reviewer, version_id)
    assert refused.value.fault is AnswerFault.TEXT_NOT_IN_FORCE


def test_the_coordinator_says_who_answers_for_an_instrument(session, registered, reviewer, item):
    heir = division(session, "道路課")
    coordinator = actor(session, Role.COORDINATOR)
    assign_owner(session, actor=coordinator, instrument_id=registered.instrument_id, division_id=heir.id, now=NOW)
    answer(session, actor(session, of=heir), item)
    assign_owner(session, actor=coordinator, instrument_id=registered.instrument_id, division_id=heir.id, now=NOW)
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "assign_owner")).all()
    assert [entry.detail["after"] for entry in entries] == [heir.id]  # the second call changed nothing


def test_an_owner_must_exist(session, registered):
    with pytest.raises(NoSuchItemError):
        assign_owner(
            session,
            actor=actor(session, Role.COORDINATOR),
            instrument_id=registered.instrument_id,
            division_id=999_999,
            now=NOW,
        )
