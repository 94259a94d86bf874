"""What an inquiry asks of a division, candidate by candidate, and who can approve the answer."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from models.accounts import Account
from models.inquiry import Inquiry
from models.operations.hand_over import hand_over
from models.queries.asked import approvers, asked_items, asked_total
from regulations.inquiry import InquiryState, Respondent
from regulations.review import Actor, Applicability, NonApplicableReason, ReviewStatus, Role
from regulations.structure import Kind
from tests.factories import NOW, actor, answer, division, items
from tests.models.test_inquiries import World


@pytest.fixture
def world(session: Session) -> World:
    return World(session)


def asked(world: World, inquiry_id: int, by: Actor | None = None, **values: object) -> list[str]:
    """The addresses of what the first division is asked."""
    rows = asked_items(
        world.session,
        actor=by or world.reviewer,
        answer_id=world.answer_of(inquiry_id, world.facilities).id,
        **values,
    )
    return [row.address for row in rows]


def test_the_candidates_are_those_that_the_figures_count(world: World) -> None:
    inquiry_id = world.opened()
    (figures,) = [row.figures for row in world.rows() if row.division_id == world.facilities.id]
    answer_id = world.answer_of(inquiry_id, world.facilities).id
    assert asked(world, inquiry_id) == ["第二条", "第三条", "第四条"]
    assert asked_total(world.session, actor=world.reviewer, answer_id=answer_id) == figures.candidates == 3
    assert asked(world, inquiry_id, limit=2, offset=1) == ["第三条", "第四条"]


def test_a_decision_is_told_with_its_reason_and_who_made_it(world: World) -> None:
    inquiry_id = world.opened()
    second = items(world.session, world.act)["2"]
    refused = {"category": "written_posting", "reason_code": NonApplicableReason.OTHER, "note": "県の施設ではない。"}
    answer(world.session, world.reviewer, second, Applicability.NOT_APPLICABLE, **refused)
    rows = asked_items(
        world.session,
        actor=world.approver,
        answer_id=world.answer_of(inquiry_id, world.facilities).id,
        statuses=[ReviewStatus.NOT_APPLICABLE],
    )
    (row,) = rows
    assert (row.item_id, row.status, row.category) == (second.id, ReviewStatus.NOT_APPLICABLE, "written_posting")
    assert (row.applicability, row.reason_code) == (Applicability.NOT_APPLICABLE, NonApplicableReason.OTHER)
    assert (row.note, row.who, row.decided_at) == ("県の施設ではない。", world.reviewer.display_name, NOW)
    assert "目視" in row.snippet


def test_the_scope_limits_what_is_asked(world: World) -> None:
    assert asked(world, world.opened(categories=["written_posting"])) == ["第三条"]
    by_kind = world.opened(kinds=[Kind.RULE], division_ids=[world.facilities.id, world.roads.id])
    assert asked(world, by_kind) == []


def test_what_was_handed_over_is_asked_of_who_has_it_now(world: World) -> None:
    inquiry_id = world.opened()
    item = items(world.session, world.act)["3"]
    hand_over(
        world.session,
        actor=world.reviewer,
        items={item.id: item.row_version},
        to_division_id=world.roads.id,
        reason="道路の事務である。",
        now=NOW,
    )
    assert asked(world, inquiry_id) == ["第二条", "第四条"]
    roads = asked_items(
        world.session,
        actor=actor(world.session, of=world.roads),
        answer_id=world.answer_of(inquiry_id, world.roads).id,
    )
    assert item.id in {row.item_id for row in roads}


def test_nobody_else_sees_them_and_a_draft_only_who_prepares_it(world: World) -> None:
    session = world.session
    inquiry_id = world.opened()
    auditor, administrator = actor(session, Role.AUDITOR), actor(session, Role.ADMINISTRATOR)
    stranger = actor(session, Role.BUREAU_MANAGER, world.farmland)
    neighbour = actor(session, of=world.roads)
    for may_see in (world.reviewer, world.approver, world.manager, world.coordinator, auditor):
        assert len(asked(world, inquiry_id, may_see)) == 3
    for may_not in (administrator, stranger, neighbour):
        assert asked(world, inquiry_id, may_not) == []
        answer_id = world.answer_of(inquiry_id, world.facilities).id
        assert asked_total(session, actor=may_not, answer_id=answer_id) == 0
    session.get_one(Inquiry, inquiry_id).state = InquiryState.DRAFT
    session.flush()
    assert asked(world, inquiry_id) == []
    assert len(asked(world, inquiry_id, world.coordinator)) == 3
    assert asked_items(session, actor=world.coordinator, answer_id=0) == []


def test_a_page_costs_two_statements_however_long_it_is(world: World) -> None:
    inquiry_id = world.opened()
    world.decide_all()
    answer_id = world.answer_of(inquiry_id, world.facilities).id
    statements: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    bind = world.session.connection()
    event.listen(bind, "before_cursor_execute", note)
    try:
        for limit in (1, 3):
            statements.clear()
            assert len(asked_items(world.session, actor=world.reviewer, answer_id=answer_id, limit=limit)) == limit
            assert len(statements) == 2
    finally:
        event.remove(bind, "before_cursor_execute", note)


def test_who_can_approve_leaves_out_who_handed_it_in_and_who_cannot_sign_in(world: World) -> None:
    session = world.session
    respondent = Respondent(division_id=world.facilities.id, bureau="土木部")

    def approver(login: str, **values: object) -> Account:
        account = Account(
            login_name=login, display_name=login, role=Role.APPROVER, division_id=world.facilities.id, **values
        )
        session.add(account)
        session.flush()
        return account

    approver("停止", is_active=False)
    approver("期限切れ", expires_at=NOW - dt.timedelta(days=1))
    second = approver("次長", expires_at=NOW + dt.timedelta(days=1))
    actor(session, Role.APPROVER, division(session, "別の課"))
    head = world.approver.display_name
    assert approvers(session, respondent=respondent, now=NOW) == [head, "次長"]
    own = Respondent(division_id=world.facilities.id, bureau="土木部", submitted_by=second.id)
    assert approvers(session, respondent=own, now=NOW) == [head]
