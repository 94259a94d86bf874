"""What may not be answered now is in nobody's queue: lists, counts and the operations agree."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest
from sqlalchemy import select

from models import queries
from models.inquiry import Inquiry, InquiryAnswer
from models.operations.decide_group import NotOneGroupError, decide_group
from models.operations.errors import AnswerFault, InvalidAnswerError
from models.operations.review_items import submitted_among
from models.queries.visibility import is_handed_in
from models.review import ReviewItem
from regulations.inquiry import AnswerState, InquiryState
from regulations.review import OPEN_STATUSES, Applicability, NonApplicableReason, ReviewStatus, Role
from regulations.structure import Kind
from tests.factories import (
    INSPECTION,
    NOW,
    POSTING,
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

TODAY = NOW.date()
ALL = frozenset(ReviewStatus) - {ReviewStatus.WITHDRAWN}


def inquiry(session, *, by, state=InquiryState.OPEN, kinds=(), categories=(), **answers):
    """A round with the answers of divisions in a state each."""
    made = Inquiry(
        name="点検",
        guidance="",
        due_date=TODAY + dt.timedelta(days=7),
        kinds=[kind.value for kind in kinds],
        categories=list(categories),
        state=state,
        created_by_id=by.account_id,
        created_at=NOW,
    )
    session.add(made)
    session.flush()
    session.add_all(
        InquiryAnswer(inquiry_id=made.id, division_id=int(of.removeprefix("of_")), state=stands)
        for of, stands in answers.items()
    )
    session.flush()
    return made


class Shared:
    """施設課 leads an ordinance that 道路課 owns too; of its candidates one is on hold, one answered, one open."""

    def __init__(self, session, *, state=AnswerState.ANSWERED):
        self.session = session
        self.lead, self.joint = division(session), division(session, "道路課")
        self.registered = register(session, ordinance({"1": INSPECTION, "2": POSTING, "3": VIEWING}))
        own(session, self.registered.instrument_id, self.lead, self.joint)
        scan(session)
        self.of = {"lead": actor(session, of=self.lead), "joint": actor(session, of=self.joint)}
        self.coordinator = actor(session, Role.COORDINATOR)
        answer(session, self.of["lead"], self.item("1"), Applicability.UNDECIDED)
        answer(session, self.of["lead"], self.item("2"))
        self.inquiry = inquiry(session, by=self.coordinator, **{f"of_{self.lead.id}": state})

    def item(self, article):
        return items(self.session, self.registered)[article]

    def listed(self, by, statuses):
        rows = queries.queue(self.session, actor=by, statuses=statuses)
        assert len(rows) == queries.queue_total(self.session, actor=by, statuses=statuses)
        return {row.item_id: row.stands_still for row in rows}


@pytest.fixture
def shared(session):
    return Shared(session)


@pytest.mark.parametrize("who", ["lead", "joint"])
def test_nothing_of_what_was_handed_in_waits_for_lead_or_joint_owner(shared, session, who):
    by = shared.of[who]
    assert shared.listed(by, OPEN_STATUSES) == {}
    assert queries.next_item(session, actor=by, after_item_id=None, statuses=OPEN_STATUSES) is None
    counts = queries.inbox_counts(session, actor=by)
    assert {status for status, count in counts.items() if count} == {ReviewStatus.APPLICABLE}
    assert queries.waiting(session, actor=by).to_answer == 0
    with pytest.raises(InvalidAnswerError) as refused:
        answer(session, by, shared.item("1"))
    assert refused.value.fault is AnswerFault.ANSWER_SUBMITTED


@pytest.mark.parametrize("who", ["lead", "joint"])
def test_it_is_seen_among_all_with_the_word_that_it_was_handed_in(shared, session, who):
    by = shared.of[who]
    on_hold, answered, pending = (shared.item(article).id for article in ("1", "2", "3"))
    assert shared.listed(by, ALL) == {on_hold: True, answered: False, pending: True}
    counted = queries.inbox_counts(session, actor=by)
    total = sum(counted[status] for status in ALL) + queries.handed_in_total(session, actor=by)
    assert total == queries.queue_total(session, actor=by, statuses=ALL) == 3


def test_what_is_sent_back_waits_again(shared, session):
    session.scalars(select(InquiryAnswer)).one().state = AnswerState.RETURNED
    session.flush()
    for by in shared.of.values():
        assert set(shared.listed(by, OPEN_STATUSES)) == {shared.item("1").id, shared.item("3").id}
        assert queries.waiting(session, actor=by).to_answer == 2
        assert queries.handed_in_total(session, actor=by) == 0


def test_those_who_watch_see_everything_as_it_stands(shared, session):
    for by in (shared.coordinator, actor(session, Role.BUREAU_MANAGER, shared.lead)):
        assert shared.listed(by, OPEN_STATUSES) == {shared.item("1").id: False, shared.item("3").id: False}
        assert queries.inbox_counts(session, actor=by)[ReviewStatus.UNDECIDED] == 1
        assert queries.handed_in_total(session, actor=by) == 0


@pytest.mark.parametrize(("who", "waiting"), [("lead", 0), ("joint", 0), ("coordinator", 2)])
def test_the_lists_of_instruments_promise_no_more_than_the_queue_shows(shared, session, who, waiting):
    by = shared.coordinator if who == "coordinator" else shared.of[who]
    assert len(shared.listed(by, OPEN_STATUSES)) == waiting
    (choice,) = queries.instrument_choices(session, actor=by, limit=9)
    (row,) = queries.instrument_list(session, actor=by)
    assert (choice.candidates, choice.open) == (row.candidates, row.open) == (3, waiting)
    to_read = queries.instrument_list(session, actor=by, state=queries.ReadingState.WAITING)
    assert len(to_read) == queries.instrument_total(session, actor=by, state=queries.ReadingState.WAITING)
    assert bool(to_read) == bool(waiting)


def test_the_one_inquiry_is_named_to_which_the_candidate_belongs(shared, session):
    """One on rules only and one on another category have been handed in too, before it."""
    session.scalars(select(InquiryAnswer)).one().state = AnswerState.RETURNED
    of = f"of_{shared.lead.id}"
    inquiry(session, by=shared.coordinator, kinds=[Kind.RULE], **{of: AnswerState.ANSWERED})
    inquiry(session, by=shared.coordinator, categories=["on_site_audit"], **{of: AnswerState.ANSWERED})
    item_id = shared.item("3").id
    assert queries.standing_inquiry(session, item_id=item_id) is None
    inquiry(session, by=shared.coordinator, kinds=[Kind.ORDINANCE], **{of: AnswerState.APPROVED}).name = "条例の点検"
    told = queries.standing_inquiry(session, item_id=item_id)
    assert (told.inquiry, told.state) == ("条例の点検", AnswerState.APPROVED)


def test_a_joint_owner_s_own_answer_does_not_still_what_the_lead_answers_for(session):
    shared = Shared(session, state=AnswerState.WAITING)
    inquiry(session, by=shared.coordinator, **{f"of_{shared.joint.id}": AnswerState.ANSWERED})
    assert len(shared.listed(shared.of["joint"], OPEN_STATUSES)) == 2


def test_what_was_handed_in_is_no_part_of_a_common_answer(shared, session):
    """The same words elsewhere, where the joint owner leads, are answered without it."""
    from models.operations.assign_groups import assign_groups

    register(session, ordinance({"3": VIEWING}, title="道路条例", law_number="条例第九号"), owner=shared.joint)
    scan(session)
    assign_groups(session)
    (subject,) = session.scalars(select(ReviewItem).where(ReviewItem.division_id == shared.joint.id)).all()
    by = shared.of["joint"]
    similar = queries.similar_items(session, actor=by, item_id=subject.id)
    assert {row.item_id: row.is_open for row in similar} == {subject.id: True, shared.item("3").id: False}
    with pytest.raises(NotOneGroupError):
        decide_group(
            session,
            actor=by,
            item_id=subject.id,
            items={row.item_id: row.row_version for row in similar},
            applicability=Applicability.NOT_APPLICABLE,
            reason_code=NonApplicableReason.DEFINITION,
            category=subject.category,
            regulation_type=1,
            phase=1,
            now=NOW,
        )


def test_the_condition_in_sql_says_what_the_operations_do(session):
    """Over every state, several scopes, and two kinds of instruments; `check_not_submitted` is the law."""
    lead, other = division(session), division(session, "道路課")
    register(session, ordinance({"1": INSPECTION, "2": POSTING}), owner=lead)
    register(session, ordinance({"1": POSTING}, title="規則", law_number="規則第一号", kind=Kind.RULE), owner=lead)
    register(session, ordinance({"1": POSTING}, title="別の条例", law_number="条例第九号"), owner=other)
    scan(session)
    by = actor(session, Role.COORDINATOR)
    every = session.scalars(select(ReviewItem).order_by(ReviewItem.id)).all()
    scopes = [(), (Kind.RULE,), (Kind.RULE, Kind.ORDINANCE)], [(), ("written_posting",), ("on_site_audit",)]
    found = set()
    for state, answered, kinds, categories in product(InquiryState, AnswerState, *scopes):
        savepoint = session.begin_nested()
        inquiry(session, by=by, state=state, kinds=kinds, categories=categories, **{f"of_{lead.id}": answered})
        in_sql = set(session.scalars(select(ReviewItem.id).where(is_handed_in())))
        assert in_sql == submitted_among(session, items=every)
        standing = {item.id: queries.standing_inquiry(session, item_id=item.id) for item in every}
        assert {item_id: told.state for item_id, told in standing.items() if told} == dict.fromkeys(in_sql, answered)
        found.add(frozenset(in_sql))
        savepoint.rollback()
        session.expire_all()
    assert len(found) == 4  # nothing, all of 施設課's, and what a limit on kind or on category leaves
