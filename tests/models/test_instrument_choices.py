"""The instruments that a list of candidates can be limited to."""

from __future__ import annotations

import pytest

from models.operations.hand_over import hand_over
from models.queries import instrument_choices
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


class World:
    def __init__(self, session):
        self.session, self.own = session, division(session)
        texts = {"1": PURPOSE, "2": INSPECTION, "3": POSTING}
        self.parks = register(session, ordinance(texts, title="公園条例", law_number="条例第一号"), owner=self.own)
        self.rules = register(session, ordinance({"1": POSTING}, title="公園条例施行規則"), owner=self.own)
        register(session, ordinance({"1": PURPOSE}, title="公園の休日を定める条例"), owner=self.own)  # no candidate
        scan(session)
        self.reviewer = actor(session, of=self.own)

    def titles(self, **asked):
        return [row.title for row in instrument_choices(self.session, **{"actor": self.reviewer, "limit": 9, **asked})]


@pytest.fixture
def world(session):
    return World(session)


def test_words_are_looked_for_in_title_and_number_and_all_must_be_there(world):
    assert world.titles() == ["公園条例", "公園条例施行規則"]
    assert world.titles(text="規則 公園") == ["公園条例施行規則"]
    assert world.titles(text="第一号 公園") == ["公園条例"]
    assert world.titles(text="河川") == []
    assert world.titles(text="%") == []  # what a pattern would mean is a character here
    assert world.titles(limit=1) == ["公園条例"]
    assert world.titles(instrument_id=world.rules.instrument_id) == ["公園条例施行規則"]


def test_each_tells_how_much_of_it_waits(world):
    answer(world.session, world.reviewer, items(world.session, world.parks)["2"])
    (parks, rules) = instrument_choices(world.session, actor=world.reviewer, limit=9)
    assert (parks.candidates, parks.open) == (2, 1)
    assert (rules.candidates, rules.open) == (1, 1)


def test_only_instruments_with_candidates_of_ones_own_are_offered(world):
    other = division(world.session, "農地課", bureau="農林部")
    assert world.titles(actor=actor(world.session, of=other)) == []
    item = items(world.session, world.rules)["1"]
    hand_over(
        world.session,
        actor=world.reviewer,
        items={item.id: item.row_version},
        to_division_id=other.id,
        reason="移管した。",
        now=NOW,
    )
    assert world.titles() == ["公園条例"]
    assert world.titles(actor=actor(world.session, of=other)) == ["公園条例施行規則"]
