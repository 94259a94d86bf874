"""One decision for similar provisions, and the way back."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from models.legislation import ProvisionVersion
from models.operations.assign_groups import assign_groups
from models.operations.decide_group import (
    NotOneGroupError,
    decide_group,
    decide_many,
)
from models.operations.errors import AnswerFault, InvalidAnswerError, NoSuchItemError, StaleItemError
from models.operations.undo_group_decision import AlreadyUndoneError, undo_group_decision
from models.queries import item_detail, latest_undoable, similar_items
from models.review import AuditEntry, Decision, GroupDecision, ReviewItem
from regulations.review import Applicability, NonApplicableReason, NotPermittedError, ReviewStatus
from regulations.taxonomy import LegalBasis
from tests.factories import INSPECTION, NOW, PURPOSE, actor, answer, division, items, ordinance, register, scan

SAME = INSPECTION.replace("月に一度", "月に二度")
NEAR = INSPECTION.replace("管理者は", "管理者等は")
NOT_ALIKE = "事業者は、製造した製品の外観を目視によって一つずつ確認した後でなければ、これを出荷してはならない。"


@pytest.fixture
def group(session):
    """Three instruments of one division and one of another: the same clause twice, a near one, the same elsewhere."""
    own, foreign = division(session), division(session, "農地課", bureau="農林部")
    texts = {"甲条例": INSPECTION, "乙条例": SAME, "丙条例": NEAR, "丁条例": NOT_ALIKE}
    found = {}
    for title, text in texts.items():
        registered = register(session, ordinance({"1": PURPOSE, "2": text}, title=title), owner=own)
        found[title] = registered
    found["戊条例"] = register(session, ordinance({"2": INSPECTION}, title="戊条例"), owner=foreign)
    scan(session)
    while assign_groups(session, limit=3):
        pass
    return {title: items(session, registered)["2"] for title, registered in found.items()} | {
        "reviewer": actor(session, of=own),
        "stranger": actor(session, of=foreign),
    }


def decided(session, group, *titles, by=None, subject="甲条例", **values):
    answered = {
        "items": {group[title].id: group[title].row_version for title in titles},
        "applicability": Applicability.APPLICABLE,
        "category": "visual_inspection",
        "regulation_type": 1,
        "phase": 1,
        "now": NOW,
        **values,
    }
    return decide_group(session, actor=by or group["reviewer"], item_id=group[subject].id, **answered)


def statuses(session, group):
    session.expire_all()
    return {title: item.status for title, item in group.items() if isinstance(item, ReviewItem)}


def test_every_provision_in_force_gets_a_key_once(session, group):
    missing = select(func.count(ProvisionVersion.id)).where(ProvisionVersion.group_key.is_(None))
    assert session.scalar(missing) == 0
    assert assign_groups(session) == 0


def test_a_key_of_an_earlier_way_of_masking_is_made_anew(session, group):
    version = session.get(ProvisionVersion, group["甲条例"].provision.latest_version_id)
    key, version.group_key = version.group_key, "s0:old"
    session.flush()
    assert assign_groups(session) == 1
    session.refresh(version)
    assert version.group_key == key


def test_similar_items_come_with_the_subject_first_then_the_same_then_the_near_ones(session, group):
    shown = similar_items(session, actor=group["reviewer"], item_id=group["甲条例"].id)
    assert [(row.title, row.is_subject) for row in shown] == [("甲条例", True), ("乙条例", False), ("丙条例", False)]
    assert [row.likeness == 1.0 for row in shown] == [True, True, False]
    assert not similar_items(session, actor=group["stranger"], item_id=group["甲条例"].id)


def test_one_step_decides_what_was_chosen_and_returns_every_row_touched(session, group):
    done = decided(session, group, "甲条例", "乙条例")
    assert {row.item_id for row in done.items} == {group["甲条例"].id, group["乙条例"].id}
    after = statuses(session, group)
    assert {title for title, status in after.items() if status is ReviewStatus.APPLICABLE} == {"甲条例", "乙条例"}
    for row in done.items:
        assert session.get(ReviewItem, row.item_id).row_version == row.row_version
        assert session.get(Decision, row.decision_id).group_decision_id == done.group_decision_id


def test_a_basis_that_is_not_given_stays_each_item_s_own(session, group):
    done = decided(session, group, "甲条例", "乙条例")
    assert {session.get(Decision, row.decision_id).basis for row in done.items} == {LegalBasis.LOCAL_ORDINANCE}
    undo_group_decision(session, actor=group["reviewer"], group_decision_id=done.group_decision_id, now=NOW)
    done = decided(session, group, "甲条例", basis=LegalBasis.NATIONAL_LAW)
    assert session.get(Decision, done.items[0].decision_id).basis is LegalBasis.NATIONAL_LAW


@pytest.mark.parametrize("title", ["丁条例", "戊条例"])
def test_nothing_is_decided_that_was_not_shown_with_the_subject(session, group, title):
    with pytest.raises(NotOneGroupError) as refused:
        decided(session, group, "甲条例", title)
    assert refused.value.item_ids == (group[title].id,)
    assert set(statuses(session, group).values()) == {ReviewStatus.PENDING}


def test_what_is_answered_already_is_not_answered_over(session, group):
    answer(session, group["reviewer"], group["乙条例"], Applicability.NOT_APPLICABLE)
    with pytest.raises(NotOneGroupError):
        decided(session, group, "甲条例", "乙条例")


def test_a_step_on_rows_seen_before_somebody_else_saved_is_refused(session, group):
    stale = {group["甲条例"].id: group["甲条例"].row_version, group["乙条例"].id: group["乙条例"].row_version + 1}
    with pytest.raises(StaleItemError):
        decided(session, group, items=stale)


def test_another_division_can_neither_decide_nor_undo(session, group):
    with pytest.raises(NotPermittedError):
        decided(session, group, "甲条例", by=group["stranger"])
    done = decided(session, group, "甲条例")
    with pytest.raises(NotPermittedError):
        undo_group_decision(session, actor=group["stranger"], group_decision_id=done.group_decision_id, now=NOW)


def test_an_undone_step_leaves_its_answers_in_the_history_and_the_items_as_they_were(session, group):
    held = answer(session, group["reviewer"], group["乙条例"], Applicability.UNDECIDED)
    session.refresh(group["乙条例"])
    done = decided(
        session,
        group,
        *("甲条例", "乙条例"),
        applicability=Applicability.NOT_APPLICABLE,
        reason_code=NonApplicableReason.DEFINITION,
    )
    undone = undo_group_decision(session, actor=group["reviewer"], group_decision_id=done.group_decision_id, now=NOW)
    assert {row.item_id: row.decision_id for row in undone.items} == {
        group["甲条例"].id: None,
        group["乙条例"].id: held,
    }
    after = statuses(session, group)
    assert (after["甲条例"], after["乙条例"]) == (ReviewStatus.PENDING, ReviewStatus.UNDECIDED)
    detail = item_detail(session, actor=group["reviewer"], item_id=group["乙条例"].id)
    assert detail.decision.decision_id == held
    assert [row.is_undone for row in detail.history] == [True, False]
    of_item = (AuditEntry.target_type == "review_item", AuditEntry.target_id == str(group["甲条例"].id))
    audited = session.scalars(select(AuditEntry.action).where(*of_item).order_by(AuditEntry.id))
    assert list(audited) == ["decide", "undo_group_decision"]
    with pytest.raises(AlreadyUndoneError):
        undo_group_decision(session, actor=group["reviewer"], group_decision_id=done.group_decision_id, now=NOW)


def test_what_somebody_has_answered_since_survives_the_undoing(session, group):
    done = decided(session, group, "甲条例", "乙条例")
    session.refresh(group["乙条例"])
    later = answer(session, group["reviewer"], group["乙条例"], Applicability.NOT_APPLICABLE)
    undone = undo_group_decision(session, actor=group["reviewer"], group_decision_id=done.group_decision_id, now=NOW)
    assert undone.kept == (group["乙条例"].id,)
    session.expire_all()
    assert group["乙条例"].current_decision_id == later


def test_an_answer_of_an_undone_step_does_not_come_back_with_the_next_one(session, group):
    first = decided(session, group, "甲条例")
    undo_group_decision(session, actor=group["reviewer"], group_decision_id=first.group_decision_id, now=NOW)
    session.refresh(group["甲条例"])
    second = decided(session, group, "甲条例")
    undone = undo_group_decision(session, actor=group["reviewer"], group_decision_id=second.group_decision_id, now=NOW)
    assert undone.items[0].decision_id is None


# Any items that were selected, in one step


def many(session, group, *titles, by=None, **values):
    answered = {
        "items": {group[title].id: group[title].row_version for title in titles},
        "applicability": Applicability.NOT_APPLICABLE,
        "reason_code": NonApplicableReason.PENALTY,
        "now": NOW,
        **values,
    }
    return decide_many(session, actor=by or group["reviewer"], **answered)


def test_unlike_items_get_one_answer_and_keep_what_each_was_taken_for(session, group):
    corrected = answer(
        session,
        group["reviewer"],
        group["丁条例"],
        Applicability.UNDECIDED,
        category="periodic_inspection",
        regulation_type=2,
        phase=2,
        basis=LegalBasis.NATIONAL_LAW,
    )
    session.refresh(group["丁条例"])
    done = many(session, group, "甲条例", "丁条例", note="罰則の規定です。")
    assert len(done.items) == 2
    given = {
        row.review_item_id: (row.category, row.regulation_type, row.phase, row.basis, row.note)
        for row in session.scalars(select(Decision).where(Decision.group_decision_id == done.group_decision_id))
    }
    assert given == {
        group["甲条例"].id: ("visual_inspection", 1, 1, LegalBasis.LOCAL_ORDINANCE, "罰則の規定です。"),
        group["丁条例"].id: ("periodic_inspection", 2, 2, LegalBasis.NATIONAL_LAW, "罰則の規定です。"),
    }
    step = session.get_one(GroupDecision, done.group_decision_id)
    assert (step.group_key, step.category) == ("", "")
    undone = undo_group_decision(session, actor=group["reviewer"], group_decision_id=step.id, now=NOW)
    assert {row.item_id: row.decision_id for row in undone.items} == {
        group["甲条例"].id: None,
        group["丁条例"].id: corrected,
    }


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"items": {}}, NotOneGroupError),
        ({"reason_code": None}, InvalidAnswerError),
        ({"reason_code": NonApplicableReason.OTHER}, InvalidAnswerError),
        ({"items": {10**6: 1}}, NoSuchItemError),
    ],
)
def test_many_are_refused_as_one_would_be(session, group, values, error):
    with pytest.raises(error):
        many(session, group, "甲条例", **values)


def test_many_are_answered_together_or_not_at_all(session, group):
    answer(session, group["reviewer"], group["乙条例"])
    session.refresh(group["乙条例"])
    with pytest.raises(NotOneGroupError) as closed:
        many(session, group, "甲条例", "乙条例")
    assert closed.value.item_ids == (group["乙条例"].id,)
    with pytest.raises(NotPermittedError):
        many(session, group, "甲条例", "戊条例")
    with session.begin_nested() as savepoint:
        stale = {group["甲条例"].id: group["甲条例"].row_version, group["丙条例"].id: group["丙条例"].row_version + 1}
        with pytest.raises(StaleItemError):
            many(session, group, items=stale)
        savepoint.rollback()
    after = statuses(session, group)
    assert [after[title] for title in ("甲条例", "丙条例", "戊条例")] == [ReviewStatus.PENDING] * 3


def test_該当_in_a_category_that_is_taken_stops_the_whole_step(session, group):
    taken = ReviewItem(
        provision_id=group["甲条例"].provision_id,
        category="periodic_inspection",
        division_id=group["甲条例"].division_id,
        current_text_hash=group["甲条例"].current_text_hash,
        current_candidate_id=group["甲条例"].current_candidate_id,
    )
    session.add(taken)
    session.flush()
    answer(session, group["reviewer"], taken, category="visual_inspection")
    with pytest.raises(InvalidAnswerError) as refused:
        many(session, group, "甲条例", applicability=Applicability.APPLICABLE, reason_code=None)
    assert refused.value.fault is AnswerFault.CATEGORY_TAKEN


def test_the_last_own_step_of_the_day_is_offered_for_undoing(session, group):
    reviewer, day = group["reviewer"], dt.timedelta(hours=24)

    def offered(by=reviewer, now=NOW):
        step = latest_undoable(session, actor=by, now=now)
        return (step.group_decision_id, step.items) if step else None

    assert offered() is None
    first = many(session, group, "甲条例", "乙条例")
    second = many(session, group, "丙条例", now=NOW + dt.timedelta(minutes=1))
    assert offered() == (second.group_decision_id, 1)
    assert offered(by=group["stranger"]) is None
    undo_group_decision(session, actor=reviewer, group_decision_id=second.group_decision_id, now=NOW)
    assert offered() == (first.group_decision_id, 2)
    assert offered(now=NOW + day - dt.timedelta(seconds=1)) == (first.group_decision_id, 2)
    assert offered(now=NOW + day) is None
    for title in ("甲条例", "乙条例"):
        session.refresh(group[title])
        answer(session, reviewer, group[title])
        assert offered() == ((first.group_decision_id, 1) if title == "甲条例" else None)
