from __future__ import annotations

import pytest

from regulations.review import (
    Actor,
    Applicability,
    NotPermittedError,
    Owner,
    ReviewStatus,
    Role,
    derive_status,
    may_assign_owner,
    may_decide,
    may_import,
    may_manage_accounts,
    may_see_all_progress,
    may_view,
)

NEW, OLD = "hash of the text in force", "hash of an earlier text"


@pytest.mark.parametrize(
    ("applicability", "decided", "current", "is_detected", "expected"),
    [
        # nobody has answered
        (None, None, NEW, True, ReviewStatus.PENDING),
        # a newer pipeline no longer finds it
        (None, None, NEW, False, ReviewStatus.WITHDRAWN),
        # the provision is gone before anybody answered
        (None, None, None, True, ReviewStatus.WITHDRAWN),
        # answered on the text in force, found by the pipeline or not
        (Applicability.APPLICABLE, NEW, NEW, True, ReviewStatus.APPLICABLE),
        (Applicability.APPLICABLE, NEW, NEW, False, ReviewStatus.APPLICABLE),
        (Applicability.NOT_APPLICABLE, NEW, NEW, False, ReviewStatus.NOT_APPLICABLE),
        (Applicability.UNDECIDED, NEW, NEW, True, ReviewStatus.UNDECIDED),
        # the text has changed since
        (Applicability.APPLICABLE, OLD, NEW, True, ReviewStatus.RECHECK),
        (Applicability.APPLICABLE, OLD, NEW, False, ReviewStatus.RECHECK),
        (Applicability.NOT_APPLICABLE, OLD, NEW, True, ReviewStatus.RECHECK),
        (Applicability.UNDECIDED, OLD, NEW, True, ReviewStatus.RECHECK),
        # refused before, and no longer found in the new text: nothing to ask
        (Applicability.NOT_APPLICABLE, OLD, NEW, False, ReviewStatus.WITHDRAWN),
        # the provision is gone: the roadmap has to be tidied up, the rest went with the text
        (Applicability.APPLICABLE, OLD, None, True, ReviewStatus.RECHECK),
        (Applicability.NOT_APPLICABLE, OLD, None, True, ReviewStatus.WITHDRAWN),
        (Applicability.UNDECIDED, OLD, None, True, ReviewStatus.WITHDRAWN),
    ],
)
def test_the_status_follows_from_decision_and_text(applicability, decided, current, is_detected, expected):
    status = derive_status(
        applicability=applicability, decided_text_hash=decided, current_text_hash=current, is_detected=is_detected
    )
    assert status is expected


OWN = Owner(division_id=1, bureau="土木部")
NEIGHBOUR = Owner(division_id=2, bureau="土木部")
FOREIGN = Owner(division_id=3, bureau="農林部")
UNKNOWN = Owner()

# Who sees an instrument of the own division, of another in the bureau, of another bureau, of nobody.
SEES = {
    Role.REVIEWER: (True, False, False, False),
    Role.APPROVER: (True, False, False, False),
    Role.BUREAU_MANAGER: (True, True, False, False),
    Role.COORDINATOR: (True, True, True, True),
    Role.ADMINISTRATOR: (False, False, False, False),
    Role.AUDITOR: (True, True, True, True),
}
DECIDES = {role: (role in {Role.REVIEWER, Role.APPROVER}, False, False, False) for role in Role}


def person(role: Role, *, division_id: int | None = 1, bureau: str | None = "土木部") -> Actor:
    return Actor(account_id=1, display_name="花子", role=role, division_id=division_id, bureau=bureau)


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_and_decides_what_the_table_grants_and_nothing_else(role):
    owners = (OWN, NEIGHBOUR, FOREIGN, UNKNOWN)
    assert tuple(may_view(person(role), owner) for owner in owners) == SEES[role]
    assert tuple(may_decide(person(role), owner) for owner in owners) == DECIDES[role]


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.APPROVER, Role.BUREAU_MANAGER])
def test_a_person_without_division_is_not_taken_for_the_owner_of_what_nobody_owns(role):
    assert not may_view(person(role, division_id=None, bureau=None), UNKNOWN)


@pytest.mark.parametrize(
    ("predicate", "granted"),
    [
        (may_see_all_progress, {Role.COORDINATOR, Role.AUDITOR}),
        (may_assign_owner, {Role.COORDINATOR}),
        (may_import, {Role.COORDINATOR, Role.ADMINISTRATOR}),
        (may_manage_accounts, {Role.ADMINISTRATOR}),
    ],
)
def test_what_belongs_to_a_role_is_denied_to_all_others(predicate, granted):
    assert {role for role in Role if predicate(person(role))} == granted


def test_a_refusal_says_for_the_log_who_what_and_whose():
    error = NotPermittedError(person(Role.AUDITOR), "decide", OWN)
    assert (error.actor.role, error.action, error.owner) == (Role.AUDITOR, "decide", OWN)
    assert "auditor 1 may not decide" in str(error)
