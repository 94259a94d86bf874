"""A division has read an instrument and declares that it holds no further regulation."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from models.operations.declare_complete import declare_complete, withdraw_declaration
from models.operations.errors import AnswerFault, InvalidAnswerError, NoSuchItemError
from models.operations.hand_over import hand_over
from models.queries import ReadingState, instrument_list, instrument_text, instrument_total
from models.review import AuditEntry, ReadingDeclaration
from regulations.review import Applicability, NotPermittedError
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
    own,
    register,
    scan,
)

TEXTS = {"1": PURPOSE, "2": INSPECTION, "3": POSTING}


class World:
    def __init__(self, session):
        self.session = session
        self.own, self.joint = division(session), division(session, "道路課")
        self.act = register(session, ordinance(TEXTS), owner=self.own)
        own(session, self.act.instrument_id, self.own, self.joint)
        scan(session)
        self.reviewer, self.partner = actor(session, of=self.own), actor(session, of=self.joint)
        self.stranger = actor(session, of=division(session, "農地課", bureau="農林部"))

    def shown(self):
        return instrument_text(self.session, actor=self.reviewer, instrument_id=self.act.instrument_id)

    def declare(self, by=None, revision_id=None, now=NOW):
        return declare_complete(
            self.session,
            actor=by or self.reviewer,
            instrument_id=self.act.instrument_id,
            revision_id=revision_id or self.shown().revision_id,
            now=now,
        )

    def withdraw(self, by=None):
        withdraw_declaration(self.session, actor=by or self.reviewer, instrument_id=self.act.instrument_id, now=NOW)

    def is_declared(self):
        (row,) = instrument_list(self.session, actor=self.reviewer)
        assert row.is_declared is (self.shown().declaration is not None)
        return row.is_declared


@pytest.fixture
def world(session):
    made = World(session)
    for item in items(session, made.act).values():
        answer(session, made.reviewer, item, Applicability.NOT_APPLICABLE, category=item.category)
    return made


def test_who_declared_and_when_is_shown_and_can_be_taken_back(world, session):
    assert not world.is_declared()
    world.declare()
    assert world.is_declared()
    shown = world.shown().declaration
    assert (shown.who, shown.division, shown.declared_at) == (world.reviewer.display_name, "施設課", NOW)
    world.withdraw()
    assert not world.is_declared()
    with pytest.raises(NoSuchItemError):
        world.withdraw()
    actions = select(AuditEntry.action).where(AuditEntry.target_type == "instrument").order_by(AuditEntry.id)
    assert session.scalars(actions).all()[-2:] == ["declare_complete", "withdraw_declaration"]


def test_declared_twice_is_declared_once(world, session):
    assert world.declare() == world.declare()
    assert session.scalar(select(func.count(ReadingDeclaration.id))) == 1


@pytest.mark.parametrize("state", ["pending", "recheck"])
def test_open_candidates_come_first(session, state):
    world = World(session)
    first, second = items(session, world.act).values()
    answer(session, world.reviewer, first, category=first.category)
    if state == "recheck":
        answer(session, world.reviewer, second, category=second.category)
        register(session, ordinance({**TEXTS, "3": POSTING.replace("見やすい", "公衆の見やすい")}))
    with pytest.raises(InvalidAnswerError) as refused:
        world.declare()
    assert refused.value.fault is AnswerFault.OPEN_ITEMS_LEFT
    assert not world.is_declared()


def test_保留_and_what_was_handed_over_do_not_stand_in_the_way(session):
    world = World(session)
    first, second = items(session, world.act).values()
    answer(session, world.reviewer, first, Applicability.UNDECIDED, category=first.category, note="確認中")
    hand_over(
        session,
        actor=world.reviewer,
        items={second.id: second.row_version},
        to_division_id=world.stranger.division_id,
        reason="農地課の所管です。",
        now=NOW,
    )
    world.declare()
    assert world.is_declared()


def test_it_holds_for_the_text_that_was_read_and_not_for_the_next(world, session):
    read = world.shown().revision_id
    world.declare()
    register(session, ordinance({**TEXTS, "4": PURPOSE}))
    assert not world.is_declared()
    with pytest.raises(InvalidAnswerError) as refused:
        world.declare(revision_id=read)
    assert refused.value.fault is AnswerFault.TEXT_NOT_IN_FORCE
    world.declare()
    assert world.is_declared()


def test_a_joint_owner_declares_and_takes_back_too(world):
    world.declare(world.partner, now=NOW + dt.timedelta(hours=1))
    assert world.shown().declaration.division == "道路課"
    world.declare(now=NOW + dt.timedelta(hours=2))
    assert world.shown().declaration.division == "施設課"
    world.withdraw(world.partner)
    assert not world.is_declared()


def test_a_stranger_declares_nothing(world):
    for attempt in (lambda: world.declare(world.stranger), lambda: world.withdraw(world.stranger)):
        with pytest.raises(NotPermittedError):
            attempt()
    with pytest.raises(NoSuchItemError):
        declare_complete(world.session, actor=world.reviewer, instrument_id=10**6, revision_id=1, now=NOW)


def test_the_list_of_instruments_is_limited_to_what_is_still_to_be_done(session):
    world = World(session)
    register(session, ordinance({"1": PURPOSE}, title="休日を定める条例"), owner=world.own)

    def titles(state):
        found = instrument_list(session, actor=world.reviewer, state=state)
        assert len(found) == instrument_total(session, actor=world.reviewer, state=state)
        return {row.head.title for row in found}

    act, idle = "施設管理条例", "休日を定める条例"
    assert titles(None) == titles(ReadingState.UNDECLARED) == {act, idle}
    assert titles(ReadingState.WAITING) == {act}
    assert titles(ReadingState.DECLARED) == set()
    for item in items(session, world.act).values():
        answer(session, world.reviewer, item)
    world.declare()
    assert titles(ReadingState.WAITING) == set()
    assert titles(ReadingState.UNDECLARED) == {idle}
    assert titles(ReadingState.DECLARED) == {act}
    world.withdraw()
    assert titles(ReadingState.DECLARED) == set()
