from __future__ import annotations

import datetime as dt
from itertools import product

import pytest

from regulations.inquiry import (
    ANSWER_STEPS,
    INQUIRY_STEPS,
    NEEDS_REASON,
    SUBMITTED,
    AnswerState,
    InquiryAction,
    InquiryScope,
    InquiryState,
    Respondent,
    is_late,
    may_accept,
    may_approve,
    may_manage_inquiries,
    may_return,
    may_see_answer,
    may_see_inquiries,
    may_submit,
    may_withdraw,
)
from regulations.review import Actor, Role
from regulations.structure import Kind

DUE = dt.date(2026, 5, 29)
OWN = Respondent(division_id=1, bureau="土木部", submitted_by=99)
SAME_BUREAU = Respondent(division_id=2, bureau="土木部", submitted_by=99)
FOREIGN = Respondent(division_id=3, bureau="農林部", submitted_by=99)
EVERYONE = [(role, respondent) for role in Role for respondent in (OWN, SAME_BUREAU, FOREIGN)]


def person(role: Role) -> Actor:
    """Everybody has a division, so that it is the role that decides."""
    return Actor(account_id=7, display_name="花子", role=role, division_id=1, bureau="土木部")


def granted(predicate) -> set[tuple[Role, int]]:
    return {(role, respondent.division_id) for role, respondent in EVERYONE if predicate(person(role), respondent)}


def test_a_division_hands_in_and_takes_back_its_own_answer_only():
    own = {(Role.REVIEWER, 1), (Role.APPROVER, 1)}
    assert granted(may_submit) == granted(may_withdraw) == own


def test_only_the_head_approves_and_never_what_he_has_handed_in_himself():
    assert granted(may_approve) == {(Role.APPROVER, 1)}
    himself = Respondent(division_id=1, bureau="土木部", submitted_by=7)
    assert not may_approve(person(Role.APPROVER), himself)
    assert not may_return(person(Role.APPROVER), himself, state=AnswerState.ANSWERED)


def test_an_answer_is_seen_by_its_division_its_bureau_and_those_who_see_all():
    everywhere = {(role, number) for role in (Role.COORDINATOR, Role.AUDITOR) for number in (1, 2, 3)}
    own = {(Role.REVIEWER, 1), (Role.APPROVER, 1)}
    assert granted(may_see_answer) == everywhere | own | {(Role.BUREAU_MANAGER, 1), (Role.BUREAU_MANAGER, 2)}


def test_who_sends_back_depends_on_how_far_the_answer_is():
    found = {(state, role) for state, role in product(AnswerState, Role) if may_return(person(role), OWN, state=state)}
    assert found == {
        (AnswerState.ANSWERED, Role.APPROVER),
        (AnswerState.ANSWERED, Role.BUREAU_MANAGER),
        (AnswerState.APPROVED, Role.BUREAU_MANAGER),
        (AnswerState.APPROVED, Role.COORDINATOR),
        (AnswerState.ACCEPTED, Role.COORDINATOR),
    }
    assert not may_return(person(Role.BUREAU_MANAGER), FOREIGN, state=AnswerState.ANSWERED)
    assert may_return(person(Role.COORDINATOR), FOREIGN, state=AnswerState.APPROVED)


def test_the_coordinator_manages_the_auditor_looks_on():
    assert {role for role in Role if may_manage_inquiries(person(role))} == {Role.COORDINATOR}
    assert {role for role in Role if may_accept(person(role))} == {Role.COORDINATOR}
    assert {role for role in Role if may_see_inquiries(person(role))} == {Role.COORDINATOR, Role.AUDITOR}


def test_a_person_without_division_is_no_division():
    nobody = Actor(account_id=7, display_name="花子", role=Role.APPROVER)
    assert not any(predicate(nobody, OWN) for predicate in (may_submit, may_withdraw, may_approve, may_see_answer))
    manager = Actor(account_id=7, display_name="花子", role=Role.BUREAU_MANAGER)
    assert not may_see_answer(manager, OWN)


@pytest.mark.parametrize("state", AnswerState)
@pytest.mark.parametrize(("day", "is_past"), [(-1, False), (0, False), (1, True)])
def test_the_due_date_itself_is_in_time_and_what_the_head_has_approved_is_never_late(state, day, is_past):
    owed = state not in {AnswerState.APPROVED, AnswerState.ACCEPTED}
    assert is_late(state, due_date=DUE, today=DUE + dt.timedelta(days=day)) is (is_past and owed)


def test_every_state_of_an_answer_leads_to_acceptance_and_back():
    steps = {(before, after) for ways in ANSWER_STEPS.values() for before, after in ways.items()}
    for start in AnswerState:
        reached = {start}
        while more := {after for before, after in steps if before in reached} - reached:
            reached |= more
        assert {AnswerState.ACCEPTED, AnswerState.RETURNED} <= reached


def test_what_stands_still_can_only_be_taken_or_sent_back_or_go_on():
    assert set(ANSWER_STEPS[InquiryAction.SUBMIT]) == set(AnswerState) - SUBMITTED
    assert set(ANSWER_STEPS[InquiryAction.RETURN]) == SUBMITTED
    assert set(ANSWER_STEPS[InquiryAction.SUBMIT].values()) <= SUBMITTED


def test_every_action_is_a_step_of_one_or_the_other():
    assert set(ANSWER_STEPS) | set(INQUIRY_STEPS) == set(InquiryAction)
    assert not set(ANSWER_STEPS) & set(INQUIRY_STEPS)
    assert set(NEEDS_REASON) == {InquiryAction.RETURN, InquiryAction.REOPEN}
    assert InquiryState.CLOSED not in INQUIRY_STEPS[InquiryAction.EDIT]


@pytest.mark.parametrize(
    ("kinds", "categories", "is_covered"),
    [
        ((), (), True),
        ((Kind.RULE,), (), True),
        ((Kind.ORDINANCE,), (), False),
        ((), ("written_posting",), True),
        ((), ("visual_inspection",), False),
        ((Kind.RULE, Kind.ORDINANCE), ("written_posting", "visual_inspection"), True),
        ((Kind.ORDINANCE,), ("written_posting",), False),
    ],
)
def test_a_scope_covers_what_both_limits_let_through(kinds, categories, is_covered):
    scope = InquiryScope(kinds=frozenset(kinds), categories=frozenset(categories))
    assert scope.covers(kind=Kind.RULE, category="written_posting") is is_covered
