"""履歴: the log as those who watch over it see it, and each division's own part of it."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete, event, select

from models import queries
from models.operations.assign_owner import assign_owner
from models.operations.audit import record
from models.operations.edit_roadmap import edit_roadmap
from models.operations.post_message import post_message
from models.operations.seal_audit_log import SETTLED_AFTER, seal_audit_log
from models.review import AuditEntry, AuditSeal, ReviewItem, RoadmapItem
from regulations.review import (
    Applicability,
    NonApplicableReason,
    NotPermittedError,
    Role,
    may_see_audit_log,
)
from regulations.roadmap import ReviewPolicy, RoadmapEntry
from tests.factories import INSPECTION, NOW, POSTING, actor, answer, division, items, ordinance, own, register, scan

DAY = dt.timedelta(days=1)


@pytest.fixture
def own_division(session):
    return division(session)


@pytest.fixture
def foreign(session):
    return division(session, "農地課", bureau="農林部")


@pytest.fixture
def registered(session, own_division):
    made = register(session, ordinance({"1": INSPECTION, "2": POSTING}), owner=own_division)
    scan(session)
    return made


@pytest.fixture
def reviewer(session, own_division):
    return actor(session, of=own_division)


@pytest.fixture
def auditor(session):
    return actor(session, Role.AUDITOR)


def actions(session, by, **narrowed) -> list[str]:
    rows = queries.history(session, actor=by, **narrowed)
    assert queries.history_total(session, actor=by, **narrowed) == len(rows)
    return [row.action for row in rows]


def test_a_decision_is_told_with_what_it_was_about_and_why(session, registered, reviewer, auditor):
    item = items(session, registered)["1"]
    answer(session, reviewer, item, Applicability.NOT_APPLICABLE, note="定義の規定です。")
    for by in (reviewer, auditor):
        row = queries.history(session, actor=by)[0]
        assert (row.who, row.action, row.title, row.address) == (
            reviewer.display_name,
            "decide",
            "施設管理条例",
            "第一条",
        )
        assert (row.item_id, row.category, row.reason_code, row.note) == (
            item.id,
            "visual_inspection",
            NonApplicableReason.DEFINITION,
            "定義の規定です。",
        )
        assert (row.detail["before"], row.detail["after"]) == (None, "not_applicable")


def test_a_message_is_told_with_its_text(session, registered, reviewer):
    item = items(session, registered)["1"]
    post_message(session, actor=reviewer, item_id=item.id, text="所管を確かめたい。", now=NOW)
    assert queries.history(session, actor=reviewer)[0].note == "所管を確かめたい。"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("place", ["own", "same bureau", "foreign"])
def test_everybody_sees_what_is_theirs_and_only_the_watching_roles_see_all(
    session, registered, own_division, foreign, reviewer, role, place
):
    answer(session, reviewer, items(session, registered)["1"])
    record(session, actor_id=None, action="sign_in_refused", target_type="account", target_id="", now=NOW)
    seat = {"own": own_division, "same bureau": division(session, "道路課"), "foreign": foreign}[place]
    person = actor(session, role, seat)
    seen = {row.action for row in queries.history(session, actor=person)}
    if may_see_audit_log(person):
        assert {"decide", "register_revision", "sign_in_refused"} <= seen
    elif place == "own" or (place == "same bureau" and role is Role.BUREAU_MANAGER):
        assert seen == {"decide", "register_revision"}
    else:
        assert seen == set()


def test_a_division_loses_sight_of_what_it_no_longer_owns(session, registered, foreign, reviewer):
    answer(session, reviewer, items(session, registered)["1"])
    assert actions(session, reviewer) == ["decide", "register_revision"]
    own(session, registered.instrument_id, foreign)
    assert actions(session, reviewer) == []
    assert actions(session, actor(session, of=foreign)) == ["decide", "register_revision"]


def test_only_the_watching_roles_take_the_log_out(session, registered, own_division):
    for role in Role:
        person = actor(session, role, own_division)
        if may_see_audit_log(person):
            entries = [row.entry_id for row in queries.audit_log(session, actor=person)]
            assert entries == sorted(session.scalars(select(AuditEntry.id)))
        else:
            with pytest.raises(NotPermittedError):
                next(queries.audit_log(session, actor=person))


def test_the_log_is_read_in_portions_without_loss(session, auditor):
    for number in range(7):
        record(session, actor_id=None, action=f"a{number}", target_type="x", target_id=number, now=NOW)
    assert [row.action for row in queries.audit_log(session, actor=auditor, portion=3)] == [f"a{n}" for n in range(7)]


def test_days_are_those_of_the_office(session, auditor):
    midnight = dt.datetime(2026, 4, 1, 15, 0, tzinfo=dt.UTC)  # 2026-04-02 00:00 in Japan
    for name, at in (("before", midnight - dt.timedelta(seconds=1)), ("after", midnight)):
        record(session, actor_id=None, action=name, target_type="x", target_id="", now=at)
    first, second = dt.date(2026, 4, 1), dt.date(2026, 4, 2)
    assert actions(session, auditor, until=first) == ["before"]
    assert actions(session, auditor, since=second) == ["after"]
    assert actions(session, auditor, since=first, until=second) == ["after", "before"]
    assert actions(session, auditor, since=second + DAY) == []


def test_the_log_is_searched_by_person_action_and_target(session, registered, foreign, reviewer, auditor):
    other = register(session, ordinance({"1": INSPECTION}, title="農地条例", law_number="条例第五号"), owner=foreign)
    scan(session)
    farmer = actor(session, of=foreign)
    answer(session, reviewer, items(session, registered)["1"])
    answer(session, farmer, items(session, other)["1"])
    assert actions(session, auditor, person="農地課") == ["decide"]
    assert actions(session, auditor, person="農地課 花子", actions={"sign_in"}) == []
    assert actions(session, auditor, actions={"register_revision"}) == ["register_revision"] * 2
    assert actions(session, auditor, text="農地") == ["decide", "register_revision"]
    assert actions(session, auditor, text="第五号", actions={"decide"}) == ["decide"]
    assert actions(session, auditor, text="農地 施設") == []
    assert actions(session, auditor, text="%") == []
    assert actions(session, auditor, actions=()) == []


def test_the_history_is_paged_from_the_last_entry_on(session, auditor):
    for number in range(5):
        record(session, actor_id=None, action=f"a{number}", target_type="x", target_id="", now=NOW)
    pages = [queries.history(session, actor=auditor, limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [[row.action for row in page] for page in pages] == [["a4", "a3"], ["a2", "a1"], ["a0"]]


def test_a_target_that_is_gone_or_has_no_number_is_no_obstacle(session, auditor):
    for target_type, target_id in (("review_item", 99), ("inquiry", 99), ("account", ""), ("organisation", "*")):
        record(session, actor_id=None, action="a", target_type=target_type, target_id=target_id, now=NOW)
    assert [row.title for row in queries.history(session, actor=auditor)] == [""] * 4


def test_a_page_takes_the_same_statements_however_many_entries_it_shows(session, registered, reviewer, auditor):
    item = items(session, registered)["1"]

    def statements(by) -> int:
        counted = []
        listening = (session.connection(), "before_cursor_execute", lambda *details: counted.append(details))
        event.listen(*listening)
        queries.history(session, actor=by)
        event.remove(*listening)
        return len(counted)

    answer(session, reviewer, item)
    few = {by.role: statements(by) for by in (reviewer, auditor)}
    coordinator = actor(session, Role.COORDINATOR)
    for number in range(12):
        made = register(session, ordinance({"1": INSPECTION}, title=f"条例{number}", law_number=f"条例第{number}号"))
        assign_owner(
            session, actor=coordinator, instrument_id=made.instrument_id, division_id=reviewer.division_id, now=NOW
        )
    scan(session)
    for waiting in session.scalars(select(ReviewItem).where(ReviewItem.applicability.is_(None))):
        answer(session, reviewer, waiting)
        plan = session.get_one(RoadmapItem, waiting.id)
        edit_roadmap(
            session,
            actor=reviewer,
            item_id=waiting.id,
            expected_version=plan.row_version,
            entry=RoadmapEntry(policy=ReviewPolicy.AMEND),
            now=NOW,
        )
    assert {by.role: statements(by) for by in (reviewer, auditor)} == few


LATER = NOW + SETTLED_AFTER + dt.timedelta(seconds=1)


def logged(session, *actions: str, at: dt.datetime = NOW) -> None:
    for action in actions:
        record(
            session, actor_id=None, action=action, target_type="x", target_id=1, detail={"語": action, "n": 1}, now=at
        )


@pytest.fixture
def sealed(session):
    """Two seals, over three entries and over one."""
    logged(session, "a", "b", "c")
    assert seal_audit_log(session, now=LATER) == 3
    logged(session, "d", at=LATER)
    assert seal_audit_log(session, now=LATER + SETTLED_AFTER) == 1


def test_a_sealed_log_that_nobody_touched_agrees(session, sealed, auditor):
    logged(session, "e", at=LATER + SETTLED_AFTER)
    found = queries.audit_check(session, actor=auditor)
    assert (found.sealed, found.unsealed, found.is_broken) == (4, 1, False)
    assert (found.sealed_at, len(found.digest)) == (LATER + SETTLED_AFTER, 64)


def test_what_is_sealed_is_not_sealed_again_and_what_may_yet_change_waits(session, sealed):
    now = LATER + SETTLED_AFTER
    assert seal_audit_log(session, now=now) == 0
    logged(session, "young", at=now)
    assert seal_audit_log(session, now=now) == 0
    assert seal_audit_log(session, now=now + SETTLED_AFTER) == 1


@pytest.mark.parametrize(
    ("touch", "seal"),
    [
        (lambda rows: setattr(rows["b"], "action", "x"), 1),
        (lambda rows: setattr(rows["a"], "detail", {"語": "別"}), 1),
        (lambda rows: setattr(rows["c"], "at", NOW + DAY), 1),
        (lambda rows: setattr(rows["d"], "target_id", "2"), 2),
    ],
)
def test_an_entry_that_was_changed_breaks_its_seal(session, sealed, auditor, touch, seal):
    touch({row.action: row for row in session.scalars(select(AuditEntry))})
    session.flush()
    found = queries.audit_check(session, actor=auditor)
    assert found.is_broken
    assert (found.broken_from, found.broken_to) == ((None, LATER), (LATER, LATER + SETTLED_AFTER))[seal - 1]


@pytest.mark.parametrize("which", ["a", "c", "d"])
def test_an_entry_that_was_removed_breaks_its_seal(session, sealed, auditor, which):
    session.execute(delete(AuditEntry).where(AuditEntry.action == which))
    assert queries.audit_check(session, actor=auditor).is_broken


def test_an_entry_that_was_put_in_breaks_its_seal(session, sealed, auditor):
    first = session.scalars(select(AuditEntry).where(AuditEntry.action == "a")).one()
    session.execute(delete(AuditEntry).where(AuditEntry.action == "b"))
    session.add(
        AuditEntry(id=first.id + 1, at=NOW, action="b", target_type="x", target_id="1", detail={"語": "偽", "n": 1})
    )
    session.flush()
    assert queries.audit_check(session, actor=auditor).is_broken


def test_a_seal_that_was_removed_or_made_anew_is_noticed(session, sealed, auditor):
    first = session.get_one(AuditSeal, 1)
    first.digest = "0" * 64
    session.flush()
    assert queries.audit_check(session, actor=auditor).is_broken
    session.delete(first)
    session.flush()
    assert queries.audit_check(session, actor=auditor).is_broken


def test_an_empty_log_has_nothing_to_seal_and_nothing_broken(session, auditor):
    assert seal_audit_log(session, now=NOW) == 0
    found = queries.audit_check(session, actor=auditor)
    assert (found.sealed, found.unsealed, found.sealed_at, found.is_broken) == (0, 0, None, False)


def test_only_the_watching_roles_check_the_log(session, own_division):
    for role in Role:
        person = actor(session, role, own_division)
        if may_see_audit_log(person):
            assert not queries.audit_check(session, actor=person).is_broken
        else:
            with pytest.raises(NotPermittedError):
                queries.audit_check(session, actor=person)
