"""Questions on candidates, and the coordinator's answers."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.operations.errors import AnswerFault, InvalidAnswerError, NoSuchItemError
from models.operations.hand_over import hand_over
from models.operations.post_message import post_message
from models.queries import answered_questions, open_question_total, open_questions, thread
from models.review import AuditEntry, Message
from regulations.review import Applicability, NotPermittedError, Role
from tests.factories import INSPECTION, NOW, POSTING, actor, answer, division, items, ordinance, register, scan

QUESTION = "県が設置した施設だけが対象ですか。"


class World:
    def __init__(self, session):
        self.session = session
        self.own = division(session)
        self.foreign = division(session, "農地課", bureau="農林部")
        self.act = register(session, ordinance({"1": INSPECTION, "2": POSTING}), owner=self.own)
        scan(session)
        self.reviewer = actor(session, of=self.own)
        self.coordinator = actor(session, Role.COORDINATOR)
        self.stranger = actor(session, of=self.foreign)

    def item(self, article="1"):
        return items(self.session, self.act)[article]

    def ask(self, article="1", note=QUESTION):
        item = self.item(article)
        answer(self.session, self.reviewer, item, Applicability.UNDECIDED, category=item.category, note=note)
        return item.id

    def say(self, by, item_id, text):
        return post_message(self.session, actor=by, item_id=item_id, text=text, now=NOW)


@pytest.fixture
def world(session):
    return World(session)


def test_a_question_waits_for_the_coordinator_and_the_answer_for_the_division(world, session):
    item_id = world.ask()
    (question,) = open_questions(session, actor=world.coordinator)
    assert (question.item_id, question.division, question.asked_by, question.text) == (
        item_id,
        "施設課",
        world.reviewer.display_name,
        QUESTION,
    )
    assert open_question_total(session, actor=world.coordinator) == 1
    assert answered_questions(session, actor=world.reviewer) == []
    world.say(world.coordinator, item_id, "　民間の施設も対象です。　")
    assert open_questions(session, actor=world.coordinator) == []
    (answered,) = answered_questions(session, actor=world.reviewer)
    assert (answered.item_id, answered.text) == (item_id, "民間の施設も対象です。")
    world.say(world.reviewer, item_id, "国が設置した施設もですか。")
    assert open_question_total(session, actor=world.coordinator) == 1
    assert [(row.text, row.is_answer) for row in thread(session, actor=world.reviewer, item_id=item_id)] == [
        (QUESTION, False),
        ("民間の施設も対象です。", True),
        ("国が設置した施設もですか。", False),
    ]


def test_a_decision_ends_the_question(world, session):
    item_id = world.ask()
    world.say(world.coordinator, item_id, "対象です。")
    answer(session, world.reviewer, world.item())
    assert answered_questions(session, actor=world.reviewer) == []
    assert len(thread(session, actor=world.reviewer, item_id=item_id)) == 2


def test_a_question_outlives_a_change_of_the_text(world, session):
    world.ask()
    register(session, ordinance({"1": INSPECTION.replace("月", "年"), "2": POSTING}))
    assert open_question_total(session, actor=world.coordinator) == 1


def test_保留_without_a_note_is_no_question(world, session):
    world.ask(note=" ")
    assert session.scalars(select(Message)).all() == []
    assert open_questions(session, actor=world.coordinator) == []


def test_the_longest_waiting_comes_first_in_pages(world, session):
    asked = [world.ask("2"), world.ask("1")]
    assert [row.item_id for row in open_questions(session, actor=world.coordinator)] == asked
    pages = [open_questions(session, actor=world.coordinator, limit=1, offset=offset) for offset in (0, 1)]
    assert [row.item_id for page in pages for row in page] == asked


def test_a_question_goes_with_the_candidate_to_the_division_that_answers_for_it(world, session):
    item_id = world.ask()
    world.say(world.coordinator, item_id, "農地課に確かめてください。")
    hand_over(
        session,
        actor=world.reviewer,
        items={item_id: world.item().row_version},
        to_division_id=world.foreign.id,
        reason="農地課の所管です。",
        now=NOW,
    )
    assert [row.division for row in answered_questions(session, actor=world.stranger)] == ["農地課"]
    assert answered_questions(session, actor=world.reviewer) == []
    assert len(thread(session, actor=world.reviewer, item_id=item_id)) == 2  # who handed it over still reads
    with pytest.raises(NotPermittedError):
        world.say(world.reviewer, item_id, "どうなりましたか。")


def test_a_stranger_neither_reads_nor_writes(world, session):
    item_id = world.ask()
    assert thread(session, actor=world.stranger, item_id=item_id) == []
    assert open_questions(session, actor=world.stranger) == []
    with pytest.raises(NotPermittedError):
        world.say(world.stranger, item_id, "わかりました。")


def test_a_message_needs_words_and_a_candidate(world, session):
    item_id = world.ask()
    with pytest.raises(InvalidAnswerError) as refused:
        world.say(world.coordinator, item_id, "　\n")
    assert refused.value.fault is AnswerFault.TEXT_REQUIRED
    with pytest.raises(NoSuchItemError):
        world.say(world.coordinator, 10**6, "？")


def test_a_message_changes_nothing_but_the_thread(world, session):
    item_id = world.ask()
    version = world.item().row_version
    message_id = world.say(world.coordinator, item_id, "対象です。")
    assert world.item().row_version == version
    audited = session.scalars(select(AuditEntry).where(AuditEntry.action == "post_message")).one()
    assert (audited.target_id, audited.detail) == (str(item_id), {"message": message_id})
