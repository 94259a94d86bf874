"""Inquiry rounds: from the draft to the frozen totals, and what stands still in between."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import event, select

from models.inquiry import Inquiry, InquiryAnswer, InquiryEvent
from models.operations.add_missed_regulation import add_missed_regulation
from models.operations.answer_inquiry import (
    accept_answer,
    approve_answer,
    return_answer,
    submit_answer,
    withdraw_answer,
)
from models.operations.close_inquiry import close_inquiry, reopen_inquiry
from models.operations.decide_group import decide_many
from models.operations.declare_complete import declare_complete
from models.operations.dispatch_inquiry import dispatch_inquiry
from models.operations.draft_inquiry import discard_draft, draft_inquiry, edit_inquiry
from models.operations.errors import (
    AnswerFault,
    InquiryError,
    InquiryFault,
    InvalidAnswerError,
    NoSuchItemError,
    StaleItemError,
)
from models.operations.hand_over import hand_over
from models.operations.undo_group_decision import undo_group_decision
from models.queries import (
    AnswerFigures,
    answer_total,
    answers,
    frozen_totals,
    inquiry_events,
    inquiry_list,
    instrument_text,
)
from models.review import AuditEntry, Handover, ReviewItem
from regulations.inquiry import AnswerState, InquiryAction, InquiryState
from regulations.review import Applicability, NotPermittedError, Role
from regulations.structure import Kind
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
    ordinance,
    own,
    register,
    scan,
)

TODAY = dt.date(2026, 4, 1)
DUE = dt.date(2026, 5, 29)


class World:
    """施設課 leads an ordinance with three candidates, 道路課 a rule with one, 農地課 of another bureau nothing."""

    def __init__(self, session):
        self.session = session
        self.facilities = division(session)
        self.roads = division(session, "道路課")
        self.farmland = division(session, "農地課", bureau="農林部")
        self.act = register(
            session, ordinance({"1": PURPOSE, "2": INSPECTION, "3": POSTING, "4": VIEWING}), owner=self.facilities
        )
        self.rule = register(
            session,
            ordinance({"1": POSTING}, title="道路規則", law_number="規則第一号", kind=Kind.RULE),
            owner=self.roads,
        )
        scan(session)
        self.coordinator = actor(session, Role.COORDINATOR, division(session, "行政経営課", bureau="総務部"))
        self.reviewer = actor(session, of=self.facilities)
        self.approver = actor(session, Role.APPROVER, self.facilities)
        self.manager = actor(session, Role.BUREAU_MANAGER, self.facilities)

    def draft(self, **values):
        asked = {
            "name": "令和8年度 洗い出し",
            "guidance": "候補に回答してください。",
            "due_date": DUE,
            "kinds": (),
            "categories": (),
            "division_ids": None,
            "now": NOW,
            **values,
        }
        return draft_inquiry(self.session, actor=self.coordinator, **asked)

    def opened(self, **values):
        inquiry_id = self.draft(**values)
        self.step(dispatch_inquiry, inquiry_id)
        return inquiry_id

    def step(self, operation, inquiry_id, **values):
        version = self.session.get_one(Inquiry, inquiry_id).row_version
        operation(
            self.session, actor=self.coordinator, inquiry_id=inquiry_id, expected_version=version, now=NOW, **values
        )

    def answer_of(self, inquiry_id, division):
        return self.session.scalars(
            select(InquiryAnswer)
            .where(InquiryAnswer.inquiry_id == inquiry_id, InquiryAnswer.division_id == division.id)
            .execution_options(populate_existing=True)
        ).one()

    def take(self, operation, by, inquiry_id, division=None, **values):
        row = self.answer_of(inquiry_id, division or self.facilities)
        operation(self.session, actor=by, answer_id=row.id, expected_version=row.row_version, **{"now": NOW, **values})
        return self.answer_of(inquiry_id, division or self.facilities)

    def decide_all(self, registered=None, by=None, applicability=Applicability.APPLICABLE):
        for item in items(self.session, registered or self.act).values():
            answer(self.session, by or self.reviewer, item, applicability, category=item.category)

    def accepted(self, inquiry_id):
        self.decide_all()
        self.take(submit_answer, self.reviewer, inquiry_id)
        self.take(approve_answer, self.approver, inquiry_id)
        return self.take(accept_answer, self.coordinator, inquiry_id)

    def rows(self, by=None, **values):
        return answers(self.session, actor=by or self.coordinator, today=TODAY, **values)


@pytest.fixture
def world(session):
    return World(session)


def fault(refused):
    return refused.value.fault


# What is asked, and of whom


def test_a_draft_asks_every_division_that_answers_for_something_in_scope(world):
    asked = {row.division for row in world.rows(inquiry_id=world.draft(), inquiry_states=[InquiryState.DRAFT])}
    assert asked == {"施設課", "道路課"}


def test_a_draft_asks_who_was_handed_a_candidate_and_not_who_has_ended(world, session):
    item = items(session, world.act)["2"]
    hand_over(
        session,
        actor=world.reviewer,
        items={item.id: item.row_version},
        to_division_id=world.farmland.id,
        reason="農地課の所管です。",
        now=NOW,
    )
    world.roads.valid_to = TODAY
    rows = world.rows(inquiry_id=world.draft(), inquiry_states=[InquiryState.DRAFT])
    assert {row.division for row in rows} == {"施設課", "農地課"}


def test_the_scope_narrows_who_is_asked_and_what_is_counted(world):
    inquiry_id = world.draft(kinds=[Kind.ORDINANCE], categories=["written_posting"])
    (row,) = world.rows(inquiry_id=inquiry_id, inquiry_states=[InquiryState.DRAFT])
    assert (row.division, row.figures.candidates, row.figures.pending, row.figures.instruments) == ("施設課", 1, 1, 1)
    assert (row.kinds, row.categories) == ((Kind.ORDINANCE,), ("written_posting",))


def test_chosen_divisions_are_asked_even_with_nothing_to_answer(world):
    inquiry_id = world.opened(division_ids=[world.farmland.id])
    (row,) = world.rows(inquiry_id=inquiry_id)
    assert (row.division, row.figures) == ("農地課", AnswerFigures())


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"name": "　"}, InquiryFault.NAME_REQUIRED),
        ({"categories": ["目視"]}, AnswerFault.UNKNOWN_CATEGORY),
    ],
)
def test_a_draft_that_cannot_be_is_refused(world, values, error):
    with pytest.raises((InquiryError, InvalidAnswerError)) as refused:
        world.draft(**values)
    assert fault(refused) is error


def test_a_division_that_is_none_or_has_ended_cannot_be_asked(world, session):
    world.farmland.valid_to = TODAY
    session.flush()
    for division_ids in ([world.roads.id, 10**6], [world.farmland.id]):
        with pytest.raises(NoSuchItemError):
            world.draft(division_ids=division_ids)


def test_a_draft_can_be_changed_and_the_version_tells_of_it(world, session):
    inquiry_id = world.draft()
    first = session.get_one(Inquiry, inquiry_id).row_version
    values = {"name": "新しい名前", "guidance": "案内", "due_date": DUE, "now": NOW, "actor": world.coordinator}
    second = edit_inquiry(session, inquiry_id=inquiry_id, expected_version=first, **values)
    third = edit_inquiry(
        session, inquiry_id=inquiry_id, expected_version=second, division_ids=[world.farmland.id], **values
    )
    assert first < second < third
    assert edit_inquiry(session, inquiry_id=inquiry_id, expected_version=third, **values) == third
    fourth = edit_inquiry(session, inquiry_id=inquiry_id, expected_version=third, kinds=[Kind.RULE], **values)
    (row,) = inquiry_list(session, actor=world.coordinator, today=TODAY)
    assert (row.name, row.kinds, row.row_version, row.divisions) == ("新しい名前", (Kind.RULE,), fourth, 1)
    with pytest.raises(StaleItemError) as stale:
        edit_inquiry(session, inquiry_id=inquiry_id, expected_version=third, **values)
    assert stale.value.row_version == fourth


def test_what_has_begun_keeps_its_scope_but_its_due_date_may_move(world, session):
    inquiry_id = world.opened()
    values = {"actor": world.coordinator, "inquiry_id": inquiry_id, "name": "照会", "guidance": "", "now": NOW}
    version = session.get_one(Inquiry, inquiry_id).row_version
    for scope in ({"kinds": [Kind.RULE]}, {"categories": ["written_posting"]}, {"division_ids": [world.roads.id]}):
        with pytest.raises(InquiryError) as refused:
            edit_inquiry(session, expected_version=version, due_date=DUE, **values, **scope)
        assert fault(refused) is InquiryFault.SCOPE_FIXED
    with pytest.raises(InquiryError) as refused:
        edit_inquiry(session, expected_version=version, due_date=TODAY - dt.timedelta(days=1), **values)
    assert fault(refused) is InquiryFault.DUE_DATE_PAST
    session.expire_all()
    later = DUE + dt.timedelta(days=14)
    edit_inquiry(
        session,
        expected_version=version,
        due_date=later,
        kinds=[],
        division_ids=[world.roads.id, world.facilities.id],
        **values,
    )
    assert {row.due_date for row in world.rows()} == {later}
    newest, *_ = inquiry_events(session, actor=world.reviewer, inquiry_id=inquiry_id)
    assert (newest.action, newest.division) == (InquiryAction.EDIT, "")


def test_a_draft_can_be_thrown_away_and_only_a_draft(world, session):
    inquiry_id = world.draft()
    discard_draft(session, actor=world.coordinator, inquiry_id=inquiry_id, now=NOW)
    assert inquiry_list(session, actor=world.coordinator, today=TODAY) == []
    with pytest.raises(NoSuchItemError):
        discard_draft(session, actor=world.coordinator, inquiry_id=inquiry_id, now=NOW)
    opened = world.opened()
    with pytest.raises(InquiryError) as refused:
        discard_draft(session, actor=world.coordinator, inquiry_id=opened, now=NOW)
    assert fault(refused) is InquiryFault.WRONG_STATE


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"due_date": TODAY - dt.timedelta(days=1)}, InquiryFault.DUE_DATE_PAST),
        ({"division_ids": []}, InquiryFault.NO_DIVISION),
    ],
)
def test_what_cannot_be_answered_is_not_dispatched(world, values, expected):
    with pytest.raises(InquiryError) as refused:
        world.opened(**values)
    assert fault(refused) is expected


def test_today_is_the_day_in_japan(world, session):
    """At 16:00 UTC on 1 April it is the 2nd in Japan already, and the due date of the 1st has passed."""
    inquiry_id = world.draft(due_date=TODAY)
    version = session.get_one(Inquiry, inquiry_id).row_version
    with pytest.raises(InquiryError) as refused:
        dispatch_inquiry(
            session,
            actor=world.coordinator,
            inquiry_id=inquiry_id,
            expected_version=version,
            now=dt.datetime(2026, 4, 1, 16, tzinfo=dt.UTC),
        )
    assert fault(refused) is InquiryFault.DUE_DATE_PAST


# The division's answer


def test_an_answer_goes_from_the_division_over_its_head_to_the_coordinator(world, session):
    inquiry_id = world.opened()
    world.decide_all()
    handed_in = world.take(submit_answer, world.reviewer, inquiry_id, comment="すべて確認しました。")
    assert (handed_in.state, handed_in.submitted_by_id) == (AnswerState.ANSWERED, world.reviewer.account_id)
    assert world.take(approve_answer, world.approver, inquiry_id).state is AnswerState.APPROVED
    assert world.take(accept_answer, world.coordinator, inquiry_id).state is AnswerState.ACCEPTED
    history = inquiry_events(session, actor=world.reviewer, answer_id=handed_in.id)
    assert [(row.action, row.who, row.reason) for row in history] == [
        (InquiryAction.ACCEPT, world.coordinator.display_name, ""),
        (InquiryAction.APPROVE, world.approver.display_name, ""),
        (InquiryAction.SUBMIT, world.reviewer.display_name, "すべて確認しました。"),
    ]
    audited = session.scalars(
        select(AuditEntry.action).where(AuditEntry.target_type == "inquiry_answer").order_by(AuditEntry.id)
    ).all()
    assert audited == ["submit_answer", "approve_answer", "accept_answer"]


def test_nothing_is_handed_in_while_a_candidate_in_scope_waits(world, session):
    inquiry_id = world.opened(categories=["visual_inspection", "written_posting"])
    by_article = items(session, world.act)
    answer(session, world.reviewer, by_article["2"])
    with pytest.raises(InquiryError) as refused:
        world.take(submit_answer, world.reviewer, inquiry_id)
    assert (fault(refused), refused.value.count) == (InquiryFault.OPEN_ITEMS, 1)
    session.expire_all()
    answer(session, world.reviewer, by_article["3"], Applicability.UNDECIDED, category="written_posting")
    row = world.take(submit_answer, world.reviewer, inquiry_id)  # 保留 may stand, and 第四条 is not asked
    assert row.state is AnswerState.ANSWERED


def test_what_was_handed_in_stands_still_until_it_is_taken_back(world, session):
    inquiry_id = world.opened(categories=["visual_inspection"])
    by_article = items(session, world.act)
    done = decide_many(
        session,
        actor=world.reviewer,
        items={by_article["2"].id: by_article["2"].row_version},
        applicability=Applicability.APPLICABLE,
        now=NOW,
    )
    world.take(submit_answer, world.reviewer, inquiry_id)
    session.refresh(by_article["2"])
    refusals = (
        lambda: answer(session, world.reviewer, by_article["2"]),
        lambda: undo_group_decision(session, actor=world.reviewer, group_decision_id=done.group_decision_id, now=NOW),
        lambda: add_missed_regulation(
            session,
            actor=world.reviewer,
            version_id=by_article["3"].provision.latest_version_id,
            start=0,
            end=2,
            category="visual_inspection",
            regulation_type=1,
            phase=1,
            basis=LegalBasis.UNCLEAR,
            now=NOW,
        ),
    )
    for attempt in refusals:
        with session.begin_nested() as savepoint:
            with pytest.raises(InvalidAnswerError) as refused:
                attempt()
            assert fault(refused) is AnswerFault.ANSWER_SUBMITTED
            savepoint.rollback()
    answer(session, world.reviewer, by_article["3"], category="written_posting")  # not asked about
    row = world.take(withdraw_answer, world.reviewer, inquiry_id)
    assert (row.state, row.submitted_by_id, row.submitted_at) == (AnswerState.WAITING, None, None)
    answer(session, world.reviewer, by_article["2"])


def test_who_handed_an_answer_in_cannot_approve_it(world):
    inquiry_id = world.opened()
    world.decide_all()
    world.take(submit_answer, world.approver, inquiry_id)
    with pytest.raises(NotPermittedError):
        world.take(approve_answer, world.approver, inquiry_id)
    with pytest.raises(NotPermittedError):
        world.take(return_answer, world.approver, inquiry_id, reason="自分の提出です。")


def test_an_answer_is_sent_back_with_a_reason_that_the_division_reads(world, session):
    inquiry_id = world.opened()
    world.decide_all()
    world.take(submit_answer, world.reviewer, inquiry_id)
    world.take(approve_answer, world.approver, inquiry_id)
    with pytest.raises(InquiryError) as refused:
        world.take(return_answer, world.coordinator, inquiry_id, reason="  ")
    assert fault(refused) is InquiryFault.REASON_REQUIRED
    session.expire_all()
    world.take(return_answer, world.coordinator, inquiry_id, reason="第三条の根拠を確かめてください。")
    (row,) = world.rows(by=world.reviewer, inquiry_id=inquiry_id)
    assert (row.state, row.returned_reason) == (AnswerState.RETURNED, "第三条の根拠を確かめてください。")
    answer(session, world.reviewer, items(session, world.act)["3"], category="written_posting")
    world.take(submit_answer, world.reviewer, inquiry_id)
    (row,) = world.rows(by=world.reviewer, inquiry_id=inquiry_id)
    assert (row.state, row.returned_reason) == (AnswerState.ANSWERED, "")


def test_the_bureau_manager_sends_back_what_the_head_has_approved(world):
    inquiry_id = world.opened()
    world.decide_all()
    world.take(submit_answer, world.reviewer, inquiry_id)
    world.take(approve_answer, world.approver, inquiry_id)
    row = world.take(return_answer, world.manager, inquiry_id, reason="部内で調整します。")
    assert row.state is AnswerState.RETURNED


def test_two_who_approve_at_once_do_not_both(world, session):
    inquiry_id = world.opened()
    world.decide_all()
    seen = world.take(submit_answer, world.reviewer, inquiry_id)
    stale = {"answer_id": seen.id, "expected_version": seen.row_version, "now": NOW}
    approve_answer(session, actor=world.approver, **stale)
    with pytest.raises(StaleItemError) as refused:
        approve_answer(session, actor=world.approver, **stale)
    assert refused.value.row_version == seen.row_version


def test_a_candidate_that_comes_in_later_keeps_an_answer_from_going_on(world, session):
    """A new text asks for another look after the answer was handed in."""
    inquiry_id = world.opened()
    world.decide_all()
    world.take(submit_answer, world.reviewer, inquiry_id)
    changed = {"1": PURPOSE, "2": INSPECTION.replace("月", "年"), "3": POSTING, "4": VIEWING}
    register(session, ordinance(changed))
    for step, by in ((approve_answer, world.approver), (accept_answer, world.coordinator)):
        with pytest.raises(InquiryError) as refused:
            world.take(step, by, inquiry_id)
        expected = InquiryFault.OPEN_ITEMS if step is approve_answer else InquiryFault.WRONG_STATE
        assert fault(refused) is expected
        session.expire_all()
    assert (
        world.take(return_answer, world.approver, inquiry_id, reason="改正されました。").state is AnswerState.RETURNED
    )


# The end of the round


def test_closing_freezes_the_figures_and_what_is_decided_later_leaves_them(world, session):
    inquiry_id = world.opened(division_ids=[world.facilities.id])
    by_article = items(session, world.act)
    answer(session, world.reviewer, by_article["2"])
    answer(session, world.reviewer, by_article["3"], Applicability.NOT_APPLICABLE, category="written_posting")
    answer(session, world.reviewer, by_article["4"], Applicability.UNDECIDED, category="in_person_viewing")
    shown = instrument_text(session, actor=world.reviewer, instrument_id=world.act.instrument_id)
    declare_complete(
        session,
        actor=world.reviewer,
        instrument_id=world.act.instrument_id,
        revision_id=shown.revision_id,
        now=NOW,
    )
    world.take(submit_answer, world.reviewer, inquiry_id)
    world.take(approve_answer, world.approver, inquiry_id)
    world.take(accept_answer, world.coordinator, inquiry_id)
    (before,) = world.rows(inquiry_id=inquiry_id)
    world.step(close_inquiry, inquiry_id)
    expected = AnswerFigures(
        candidates=3, undecided=1, applicable=1, not_applicable=1, instruments=1, declared=1, added=0
    )
    totals = frozen_totals(session, actor=world.coordinator, inquiry_id=inquiry_id)
    assert before.figures == expected
    assert ([row.figures for row in totals.rows], totals.total) == ([expected], expected)
    assert [row.state for row in totals.rows] == [AnswerState.ACCEPTED]
    session.refresh(by_article["4"])
    answer(session, world.reviewer, by_article["4"], category="in_person_viewing")  # the round no longer forbids it
    (after,) = world.rows(inquiry_id=inquiry_id, inquiry_states=[InquiryState.CLOSED])
    assert (after.figures, after.is_late) == (expected, False)
    assert frozen_totals(session, actor=world.coordinator, inquiry_id=inquiry_id) == totals


def test_a_round_with_unfinished_answers_closes_only_when_told_to(world, session):
    inquiry_id = world.opened()
    world.accepted(inquiry_id)
    with pytest.raises(InquiryError) as refused:
        world.step(close_inquiry, inquiry_id)
    assert (fault(refused), refused.value.count) == (InquiryFault.NOT_ALL_ACCEPTED, 1)
    session.expire_all()
    world.step(close_inquiry, inquiry_id, even_unfinished=True)
    totals = frozen_totals(session, actor=world.coordinator, inquiry_id=inquiry_id)
    assert {row.division: row.state for row in totals.rows} == {
        "施設課": AnswerState.ACCEPTED,
        "道路課": AnswerState.WAITING,
    }
    assert totals.total.open == 1
    (own_row,) = frozen_totals(session, actor=world.reviewer, inquiry_id=inquiry_id).rows
    assert own_row.division == "施設課"
    assert frozen_totals(session, actor=actor(session, of=world.farmland), inquiry_id=inquiry_id) is None


def test_a_closed_round_is_taken_up_again_with_a_reason_and_new_figures(world, session):
    inquiry_id = world.opened()
    world.step(close_inquiry, inquiry_id, even_unfinished=True)
    with pytest.raises(InquiryError) as refused:
        world.take(submit_answer, world.reviewer, inquiry_id)
    assert fault(refused) is InquiryFault.WRONG_STATE
    with pytest.raises(InquiryError) as refused:
        world.step(reopen_inquiry, inquiry_id, reason="")
    assert fault(refused) is InquiryFault.REASON_REQUIRED
    session.expire_all()
    world.step(reopen_inquiry, inquiry_id, reason="道路課の回答を待ちます。")
    assert frozen_totals(session, actor=world.coordinator, inquiry_id=inquiry_id) is None
    world.decide_all()
    (row,) = world.rows(inquiry_id=inquiry_id, by=world.reviewer)
    assert row.figures.applicable == 3
    newest, *_ = inquiry_events(session, actor=world.reviewer, inquiry_id=inquiry_id)
    assert (newest.action, newest.reason) == (InquiryAction.REOPEN, "道路課の回答を待ちます。")


# What screens read


def test_a_draft_is_seen_by_the_coordinator_alone_and_a_round_by_whom_it_asks(world, session):
    people = {
        "asked": world.reviewer,
        "manager": world.manager,
        "not asked": actor(session, of=world.farmland),
        "administrator": actor(session, Role.ADMINISTRATOR),
        "auditor": actor(session, Role.AUDITOR),
    }

    def seen(inquiry_id):
        return {
            name
            for name, person in people.items()
            if [row.inquiry_id for row in inquiry_list(session, actor=person, today=TODAY)] == [inquiry_id]
            and answer_total(session, actor=person, inquiry_states=list(InquiryState))
        }

    inquiry_id = world.draft()
    assert seen(inquiry_id) == {"auditor"}
    world.step(dispatch_inquiry, inquiry_id)
    assert seen(inquiry_id) == {"asked", "manager", "auditor"}
    assert [row.division for row in world.rows(by=world.reviewer)] == ["施設課"]
    assert [row.division for row in world.rows(by=world.manager)] == ["施設課", "道路課"]
    assert inquiry_events(session, actor=people["not asked"], inquiry_id=inquiry_id) == []
    (row,) = inquiry_list(session, actor=world.reviewer, today=TODAY)
    assert (row.divisions, row.by_state[AnswerState.WAITING], sum(row.by_state.values())) == (1, 1, 1)


def test_a_division_does_not_read_the_history_of_another(world, session):
    inquiry_id = world.opened()
    world.accepted(inquiry_id)
    world.step(close_inquiry, inquiry_id, even_unfinished=True)
    seen = inquiry_events(session, actor=actor(session, of=world.roads), inquiry_id=inquiry_id)
    assert [row.action for row in seen] == [InquiryAction.CLOSE, InquiryAction.DISPATCH]
    assert session.scalars(select(InquiryEvent)).all()


def test_who_is_late_comes_first_and_is_counted(world, session):
    inquiry_id = world.opened()
    world.decide_all()
    world.take(submit_answer, world.reviewer, inquiry_id)
    world.take(approve_answer, world.approver, inquiry_id)
    for today, late in ((DUE, []), (DUE + dt.timedelta(days=1), ["道路課"])):
        rows = answers(session, actor=world.coordinator, today=today)
        assert [row.division for row in rows if row.is_late] == late
        (listed,) = inquiry_list(session, actor=world.coordinator, today=today)
        assert listed.late == len(late)
    assert [row.division for row in rows] == ["道路課", "施設課"]


def test_answers_are_paged_and_filtered_in_the_same_order(world, session):
    inquiry_id = world.opened(division_ids=[world.facilities.id, world.roads.id, world.farmland.id])
    pages = [world.rows(inquiry_id=inquiry_id, limit=2, offset=offset) for offset in (0, 2)]
    assert [[row.division for row in page] for page in pages] == [["施設課", "道路課"], ["農地課"]]
    assert answer_total(session, actor=world.coordinator, inquiry_id=inquiry_id) == 3
    assert world.rows(inquiry_id=inquiry_id, states=[AnswerState.ACCEPTED]) == []
    assert answer_total(session, actor=world.coordinator, states=[AnswerState.ACCEPTED]) == 0


def test_figures_count_what_was_handed_over_with_who_answers_for_it_and_what_was_added(world, session):
    inquiry_id = world.opened()
    by_article = items(session, world.act)
    hand_over(
        session,
        actor=world.reviewer,
        items={by_article["3"].id: by_article["3"].row_version},
        to_division_id=world.roads.id,
        reason="道路課の所管です。",
        now=NOW,
    )
    add_missed_regulation(
        session,
        actor=world.reviewer,
        version_id=by_article["2"].provision.latest_version_id,
        start=0,
        end=2,
        category="periodic_inspection",
        regulation_type=1,
        phase=1,
        basis=LegalBasis.UNCLEAR,
        now=NOW,
    )
    figures = {row.division: row.figures for row in world.rows(inquiry_id=inquiry_id)}
    assert (figures["施設課"].candidates, figures["施設課"].added, figures["施設課"].applicable) == (3, 1, 1)
    assert (figures["道路課"].candidates, figures["道路課"].pending, figures["道路課"].instruments) == (2, 2, 1)


def test_figures_take_the_same_number_of_statements_however_many_divisions_there_are(world, session):
    def statements():
        count = []
        listener = lambda *_: count.append(1)  # noqa: E731
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", listener)
        try:
            session.expunge_all()
            found = world.rows(inquiry_states=list(InquiryState))
            inquiry_list(session, actor=world.coordinator, today=TODAY)
            inquiry_events(session, actor=world.coordinator)
        finally:
            event.remove(connection, "before_cursor_execute", listener)
        return len(count), len(found)

    inquiry_id = world.opened(division_ids=[world.facilities.id])
    world.decide_all()
    world.take(submit_answer, world.reviewer, inquiry_id)
    world.take(return_answer, world.approver, inquiry_id, reason="もう一度")
    few = statements()
    for number in range(5):
        made = division(session, f"第{number}課")
        register(
            session, ordinance({"1": POSTING}, title=f"第{number}条例", law_number=f"条例第{number}号"), owner=made
        )
    scan(session)
    world.opened()
    closed = world.opened()
    world.step(close_inquiry, closed, even_unfinished=True)
    many = statements()
    assert (few[1], many[1]) == (1, 1 + 2 * 7)
    assert few[0] == many[0] == 7


def test_an_unowned_candidate_and_national_law_are_asked_of_nobody(world, session):
    own(session, world.rule.instrument_id, None)
    inquiry_id = world.opened()
    assert [row.division for row in world.rows(inquiry_id=inquiry_id)] == ["施設課"]
    assert session.scalars(select(ReviewItem.id).where(ReviewItem.division_id.is_(None))).all()
    assert session.scalars(select(Handover)).all() == []
