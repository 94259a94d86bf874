"""Who answers for what: on any day, after any sequence of reassignments, handovers and reorganisations."""

from __future__ import annotations

import datetime as dt
import random
from itertools import product

import pytest
from sqlalchemy import select

from models.inquiry import Inquiry, InquiryAnswer
from models.legislation import Instrument, InstrumentOwner, Provision
from models.operations.answer_inquiry import accept_answer, approve_answer, submit_answer
from models.operations.apply_organisation_changes import apply_organisation_changes
from models.operations.assign_owner import assign_joint_owners, assign_owner
from models.operations.close_inquiry import close_inquiry, reopen_inquiry
from models.operations.dispatch_inquiry import dispatch_inquiry
from models.operations.draft_inquiry import draft_inquiry
from models.operations.errors import HandoverError, HandoverFault, NoSuchItemError
from models.operations.hand_over import hand_over, settle_handover
from models.operations.import_organisation import DivisionRow, import_organisation
from models.operations.ownership import set_lead
from models.operations.review_items import owner_of, owner_of_item
from models.organisation import Division, heir_on
from models.queries import (
    divisions,
    inquiry_events,
    items_to_answer,
    owners_on,
    progress_by_division,
    visible_instruments,
)
from models.review import AuditEntry, Handover, ReviewItem
from regulations.inquiry import AnswerState, InquiryAction
from regulations.review import Actor, HandoverState, Role, may_decide, may_view
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


def on(day):
    """Noon in Japan of a day in 2026, as (month, day)."""
    return dt.datetime(2026, *day, 3, tzinfo=dt.UTC)


# Owners at a date


def test_the_owners_of_any_day_can_be_told(session):
    first, second, third = (division(session, name) for name in ("甲課", "乙課", "丙課"))
    instrument_id = register(session, ordinance({"1": INSPECTION})).instrument_id
    coordinator = actor(session, Role.COORDINATOR)
    values = {"actor": coordinator, "instrument_id": instrument_id}
    assign_owner(session, division_id=first.id, now=on((4, 1)), **values)
    assign_joint_owners(session, division_ids=[third.id], now=on((4, 10)), **values)
    assign_owner(session, division_id=second.id, now=on((5, 1)), **values)
    assign_joint_owners(session, division_ids=[], now=on((6, 1)), **values)
    assign_owner(session, division_id=None, now=on((7, 1)), **values)

    def owners(month, day):
        rows = owners_on(session, instrument_id=instrument_id, on=dt.date(2026, month, day))
        return [(row.division, row.is_lead) for row in rows]

    assert owners(3, 31) == []
    assert owners(4, 1) == owners(4, 9) == [("甲課", True)]
    assert owners(4, 30) == [("甲課", True), ("丙課", False)]
    assert owners(5, 1) == owners(5, 31) == [("乙課", True), ("丙課", False)]
    assert owners(6, 30) == [("乙課", True)]
    assert owners(7, 1) == []
    (row,) = owners_on(session, instrument_id=instrument_id, on=dt.date(2026, 4, 5))
    assert (row.bureau, row.valid_from, row.valid_to) == ("土木部", dt.date(2026, 4, 1), dt.date(2026, 5, 1))


def test_an_owner_set_right_on_the_same_day_was_never_one(session):
    wrong, right = division(session, "甲課"), division(session, "乙課")
    registered = register(session, ordinance({"1": INSPECTION}))
    for lead in (wrong, right):
        set_lead(
            session, instrument=session.get_one(Instrument, registered.instrument_id), division_id=lead.id, now=NOW
        )
    rows = owners_on(session, instrument_id=registered.instrument_id, on=NOW.date())
    assert [row.division for row in rows] == ["乙課"]
    assert len(session.scalars(select(InstrumentOwner)).all()) == 1


def test_what_was_handed_to_the_division_that_becomes_lead_is_its_own_like_the_rest(session):
    first, second, third = (division(session, name) for name in ("甲課", "乙課", "丙課"))
    registered = register(session, ordinance({"1": INSPECTION, "2": POSTING}), owner=first)
    scan(session)
    item = items(session, registered)["1"]
    hand_over(
        session,
        actor=actor(session, of=first),
        items={item.id: item.row_version},
        to_division_id=second.id,
        reason="乙課の所管です。",
        now=NOW,
    )
    own(session, registered.instrument_id, second)
    assert {row.handed_to_id for row in items(session, registered).values()} == {None}
    own(session, registered.instrument_id, third)
    assert {row.division_id for row in items(session, registered).values()} == {third.id}


# Reorganisation


class Round:
    """甲課 leads an ordinance; 乙課 owns it jointly and holds a candidate of 丙課's; both are asked in an inquiry."""

    def __init__(self, session):
        self.session = session
        self.first, self.second, self.third = (division(session, name) for name in ("甲課", "乙課", "丙課"))
        self.act = register(session, ordinance({"1": INSPECTION}), owner=self.first)
        own(session, self.act.instrument_id, self.first, self.second)
        self.other = register(session, ordinance({"1": POSTING}, title="丙条例"), owner=self.third)
        scan(session)
        item = items(session, self.other)["1"]
        hand_over(
            session,
            actor=actor(session, of=self.third),
            items={item.id: item.row_version},
            to_division_id=self.second.id,
            reason="乙課の所管です。",
            now=NOW,
        )
        self.coordinator = actor(session, Role.COORDINATOR)
        self.inquiry_id = draft_inquiry(
            session,
            actor=self.coordinator,
            name="照会",
            guidance="",
            due_date=dt.date(2026, 6, 30),
            kinds=(),
            categories=(),
            division_ids=[self.first.id, self.second.id],
            now=NOW,
        )
        dispatch_inquiry(session, actor=self.coordinator, inquiry_id=self.inquiry_id, expected_version=1, now=NOW)

    def answered(self, of, *steps):
        by = {submit_answer: actor(self.session, of=of), approve_answer: actor(self.session, Role.APPROVER, of)}
        for registered in (self.act, self.other):
            for item in items(self.session, registered).values():
                if item.division_id == of.id:
                    answer(self.session, by[submit_answer], item, category=item.category)
        for step in steps:
            row = self.answers()[of.id]
            step(
                self.session,
                actor=by.get(step, self.coordinator),
                answer_id=row.id,
                expected_version=row.row_version,
                now=NOW,
            )

    def answers(self):
        rows = select(InquiryAnswer).execution_options(populate_existing=True)
        return {row.division_id: row for row in self.session.scalars(rows)}

    def ends(self, *divisions, heir, bureau="土木部", last=dt.date(2026, 4, 1), begins=None, now=NOW):
        """These end on 1 April, unless another day is told; returns the heir."""
        import_organisation(
            self.session,
            rows=[
                *(
                    DivisionRow(bureau="土木部", division=division.name, valid_to=last, successor=heir)
                    for division in divisions
                ),
                DivisionRow(bureau=bureau, division=heir, valid_from=begins, row=9),
            ],
            now=now,
        )
        self.session.expire_all()
        return self.session.scalars(select(Division).where(Division.name == heir)).one()


def test_a_renamed_division_keeps_all_it_owns_holds_and_owes(session):
    world = Round(session)
    world.answered(world.second, submit_answer)
    before = world.answers()[world.second.id]
    heir = world.ends(world.second, heir="新乙課")
    assert owner_of(session, instrument_id=world.act.instrument_id).joint == {heir.id}
    item = items(session, world.other)["1"]
    assert (item.division_id, item.handed_to_id) == (heir.id, heir.id)
    assert session.scalars(select(Handover.to_division_id)).one() == heir.id
    moved = world.answers()
    assert (moved.keys(), moved[heir.id].id, moved[heir.id].state) == (
        {world.first.id, heir.id},
        before.id,
        AnswerState.ANSWERED,
    )
    (submitted,) = inquiry_events(session, actor=actor(session, of=heir), answer_id=before.id)
    assert (submitted.action, submitted.division) == (InquiryAction.SUBMIT, "新乙課")


def test_what_was_handed_over_is_received_by_the_heir(session):
    world = Round(session)
    heir = world.ends(world.second, heir="新乙課")
    answer(session, actor(session, of=heir), items(session, world.other)["1"], category="written_posting")
    assert session.scalars(select(Handover.state)).one() is HandoverState.RECEIVED


def test_a_division_moved_to_another_bureau_is_seen_by_that_bureaus_manager(session):
    world = Round(session)
    heir = world.ends(world.first, heir="甲課新", bureau="農林部")
    manager = actor(session, Role.BUREAU_MANAGER, heir)
    instrument = select(Instrument.title).where(visible_instruments(manager))
    assert session.scalars(instrument).all() == ["施設管理条例"]
    assert world.answers().keys() == {heir.id, world.second.id}


STATES = [
    ((submit_answer, approve_answer, accept_answer), (submit_answer, approve_answer, accept_answer), "accepted"),
    ((submit_answer, approve_answer), (submit_answer,), "answered"),
    ((submit_answer, approve_answer, accept_answer), (), "waiting"),
    ((), (submit_answer,), "waiting"),
]


@pytest.mark.parametrize(("first", "second", "expected"), STATES)
def test_a_merger_makes_one_answer_that_stands_where_the_one_behind_stood(session, first, second, expected):
    world = Round(session)
    world.answered(world.first, *first)
    world.answered(world.second, *second)
    history = len(inquiry_events(session, actor=world.coordinator))
    heir = world.ends(world.first, world.second, heir="統合課")
    (merged,) = world.answers().values()
    assert (merged.division_id, merged.state) == (heir.id, AnswerState(expected))
    assert (merged.submitted_by_id is None) is (expected == "waiting")
    assert len(inquiry_events(session, actor=world.coordinator)) == history  # nothing of it is lost
    assert {item.division_id for item in session.scalars(select(ReviewItem))} == {heir.id}
    lead = owner_of(session, instrument_id=world.act.instrument_id)
    assert (lead.division_id, lead.joint) == (heir.id, frozenset())


def test_an_absorbed_division_joins_the_answer_of_the_one_that_takes_it_in(session):
    world = Round(session)
    world.answered(world.first, submit_answer)
    heir = world.ends(world.second, heir="甲課")
    (merged,) = world.answers().values()
    assert (heir.id, merged.division_id, merged.state) == (world.first.id, world.first.id, AnswerState.WAITING)


def test_a_round_closed_before_the_reorganisation_asks_the_heir_when_taken_up_again(session):
    world = Round(session)
    values = {"actor": world.coordinator, "inquiry_id": world.inquiry_id, "now": NOW}
    close_inquiry(session, expected_version=2, even_unfinished=True, **values)
    heir = world.ends(world.second, heir="新乙課")
    assert world.answers().keys() == {world.first.id, world.second.id}  # as it was, with its figures
    reopen_inquiry(session, expected_version=3, reason="追加があります。", **values)
    assert world.answers().keys() == {world.first.id, heir.id}


def test_what_was_handed_to_a_division_that_the_lead_takes_in_is_home_again(session):
    world = Round(session)
    heir = world.ends(world.second, heir="丙課")
    item = items(session, world.other)["1"]
    assert (item.division_id, item.handed_to_id) == (heir.id, None)


# A day to come

NEXT_YEAR = dt.date(2027, 4, 1)
LAST_MOMENT = dt.datetime(2027, 3, 31, 14, 59, tzinfo=dt.UTC)  # 23:59 in Japan
MIDNIGHT = dt.datetime(2027, 3, 31, 15, 0, tzinfo=dt.UTC)


def applied(session):
    """What the audit log tells of hand-overs to successors."""
    session.expire_all()
    action = "apply_organisation_changes"
    return session.scalars(select(AuditEntry.detail).where(AuditEntry.action == action).order_by(AuditEntry.id)).all()


def where_everything_is(world):
    world.session.expire_all()
    owner = owner_of(world.session, instrument_id=world.act.instrument_id)
    handed = items(world.session, world.other)["1"].division_id
    asked = world.session.scalar(select(Handover.to_division_id))
    return owner.division_id, owner.joint, handed, asked, world.answers().keys()


def test_a_day_is_told_alike_in_python_and_in_sql(session):
    days = [None, *(dt.date(2026, 4, day) for day in (1, 2, 3))]
    for number, (begins, ends) in enumerate(product(days, days)):
        division(session, f"第{number}課", valid_from=begins, valid_to=ends)
    rows = session.scalars(select(Division)).all()
    for day in (dt.date(2026, 4, day) for day in range(1, 5)):
        for name in ("has_begun", "has_ended", "in_force"):
            in_sql = set(session.scalars(select(Division.id).where(getattr(Division, name)(day))))
            assert in_sql == {row.id for row in rows if getattr(row, name)(day)}
            others = set(session.scalars(select(Division.id).where(~getattr(Division, name)(day))))
            assert others == {row.id for row in rows} - in_sql
    april = {row.name for row in rows if row.in_force(dt.date(2026, 4, 2))}
    assert april == {row.name for row in rows if row.valid_from in days[:3] and row.valid_to in (None, days[3])}


def test_the_successor_stands_for_a_division_from_the_day_on_that_the_one_has_ended_and_the_other_begun(session):
    last = division(session, "丙課", valid_from=dt.date(2026, 7, 1))
    middle = division(
        session, "乙課", valid_from=dt.date(2026, 5, 1), valid_to=dt.date(2026, 6, 1), successor_id=last.id
    )
    first = division(session, "甲課", valid_to=dt.date(2026, 4, 1), successor_id=middle.id)
    known = {row.id: row for row in (first, middle, last)}
    days = [(3, 31), (4, 1), (4, 30), (5, 1), (6, 30), (7, 1)]
    heirs = [heir_on(first, known, on=dt.date(2026, *day)).name for day in days]
    assert heirs == ["甲課", "甲課", "甲課", "乙課", "乙課", "丙課"]
    assert heir_on(middle, known, on=dt.date(2026, 4, 1)) is middle


def test_what_is_loaded_in_march_takes_effect_on_the_first_of_april_in_japan(session):
    world = Round(session)
    before = where_everything_is(world)
    heir = world.ends(world.first, world.second, heir="統合課", last=NEXT_YEAR, begins=NEXT_YEAR)
    assert where_everything_is(world) == before
    assert apply_organisation_changes(session, now=LAST_MOMENT) == 0
    assert (where_everything_is(world), applied(session)) == (before, [])
    # One instrument led, the same owned jointly, one candidate, its request, and two answers that become one.
    assert apply_organisation_changes(session, now=MIDNIGHT) == 6
    assert where_everything_is(world) == (heir.id, frozenset(), heir.id, heir.id, {heir.id})
    names = {
        day: [row.division for row in owners_on(session, instrument_id=world.act.instrument_id, on=day)]
        for day in (dt.date(2027, 3, 31), NEXT_YEAR)
    }
    assert names == {dt.date(2027, 3, 31): ["甲課", "乙課"], NEXT_YEAR: ["統合課"]}


def test_the_hand_over_is_made_once_and_told_once(session):
    world = Round(session)
    world.ends(world.second, heir="新乙課", last=NEXT_YEAR, begins=NEXT_YEAR)
    assert apply_organisation_changes(session, now=MIDNIGHT) == 4
    after = where_everything_is(world)
    for later in (MIDNIGHT, MIDNIGHT + dt.timedelta(days=1)):
        assert apply_organisation_changes(session, now=later) == 0
    assert where_everything_is(world) == after
    (told,) = applied(session)
    assert told == {
        "instruments_moved": 0,
        "joint_moved": 1,
        "candidates_moved": 1,
        "handovers_moved": 1,
        "answers_moved": 1,
    }


def test_a_nightly_run_that_was_missed_is_made_up_for(session):
    world = Round(session)
    heir = world.ends(world.first, heir="新甲課", last=NEXT_YEAR, begins=NEXT_YEAR)
    assert apply_organisation_changes(session, now=MIDNIGHT + dt.timedelta(days=3)) == 2
    assert where_everything_is(world)[0] == heir.id


def test_a_file_loaded_again_on_the_day_hands_over_too(session):
    world = Round(session)
    values = {"heir": "新甲課", "last": NEXT_YEAR, "begins": NEXT_YEAR}
    world.ends(world.first, **values)
    heir = world.ends(world.first, **values, now=MIDNIGHT)
    assert where_everything_is(world)[0] == heir.id
    imports = select(AuditEntry.id).where(AuditEntry.action == "import_organisation")
    assert len(session.scalars(imports).all()) == 1  # nothing in it was new


def test_an_end_that_is_put_off_hands_nothing_over(session):
    world = Round(session)
    before = where_everything_is(world)
    world.ends(world.first, heir="新甲課", last=NEXT_YEAR, begins=NEXT_YEAR)
    world.ends(world.first, heir="新甲課", last=dt.date(2028, 4, 1), begins=dt.date(2028, 4, 1))
    assert apply_organisation_changes(session, now=MIDNIGHT) == 0
    assert where_everything_is(world) == before


def test_between_the_last_day_of_one_and_the_first_of_the_other_it_stays(session):
    """A file that names 31 March as the end, and means that day still."""
    world = Round(session)
    before = where_everything_is(world)
    heir = world.ends(world.first, heir="新甲課", last=dt.date(2027, 3, 31), begins=NEXT_YEAR)
    assert apply_organisation_changes(session, now=LAST_MOMENT) == 0
    assert where_everything_is(world) == before
    assert apply_organisation_changes(session, now=MIDNIGHT) == 2
    assert where_everything_is(world)[0] == heir.id


def test_until_its_day_a_division_that_will_end_is_one_like_any_other(session):
    world = Round(session)
    heir = world.ends(world.second, heir="新乙課", last=NEXT_YEAR, begins=NEXT_YEAR)
    item = items(session, world.act)["1"]
    values = {"actor": actor(session, of=world.first), "items": {item.id: item.row_version}, "reason": "乙課です。"}
    with pytest.raises(HandoverError) as refused:
        hand_over(session, to_division_id=heir.id, now=LAST_MOMENT, **values)
    assert refused.value.fault is HandoverFault.NO_SUCH_DIVISION
    hand_over(session, to_division_id=world.second.id, now=LAST_MOMENT, **values)
    assert item.division_id == world.second.id
    listed = [row.division for row in divisions(session, on=dt.date(2027, 3, 31))]
    assert listed == ["甲課", "乙課", "丙課"]
    assert [row.division for row in progress_by_division(session, actor=world.coordinator, on=NOW.date())] == listed
    apply_organisation_changes(session, now=MIDNIGHT)
    listed = [row.division for row in divisions(session, on=NEXT_YEAR)]
    assert listed == ["甲課", "丙課", "新乙課"]
    assert [row.division for row in progress_by_division(session, actor=world.coordinator, on=NEXT_YEAR)] == listed


def draft(world, asked, now=NOW):
    """The divisions that a new draft asks."""
    inquiry_id = draft_inquiry(
        world.session,
        actor=world.coordinator,
        name="年度末の照会",
        guidance="",
        due_date=dt.date(2027, 4, 30),
        kinds=(),
        categories=(),
        division_ids=asked,
        now=now,
    )
    world.session.expire_all()
    return {answer.division_id for answer in world.session.get_one(Inquiry, inquiry_id).answers}


def test_a_round_asks_who_will_end_and_then_the_heir(session):
    world = Round(session)
    heir = world.ends(world.second, heir="新乙課", last=NEXT_YEAR, begins=NEXT_YEAR)
    assert draft(world, None, now=LAST_MOMENT) == {world.first.id, world.second.id, world.third.id}
    assert draft(world, [world.second.id], now=LAST_MOMENT) == {world.second.id}
    apply_organisation_changes(session, now=MIDNIGHT)
    session.expire_all()
    asked = session.scalars(select(InquiryAnswer.division_id)).all()
    assert sorted(asked) == sorted([world.first.id, heir.id, world.first.id, heir.id, world.third.id, heir.id])
    assert draft(world, None, now=MIDNIGHT) == {world.first.id, heir.id, world.third.id}
    with pytest.raises(NoSuchItemError):
        draft(world, [world.second.id], now=MIDNIGHT)


def test_only_the_coordinators_choice_gives_a_division_something_before_its_day(session):
    world = Round(session)
    new = division(session, "新設課", valid_from=NEXT_YEAR)
    assert new.name not in [row.division for row in divisions(session, on=NOW.date())]
    shown = {row.division: row.begins for row in divisions(session, on=NOW.date(), to_come=True)}
    assert (shown["新設課"], shown["甲課"]) == (NEXT_YEAR, None)
    values = {"actor": world.coordinator, "instrument_id": world.act.instrument_id, "division_id": new.id}
    assign_owner(session, **values, now=NOW)
    assert where_everything_is(world)[0] == new.id
    assert draft(world, None) == {new.id, world.second.id, world.third.id}
    progress = progress_by_division(session, actor=world.coordinator, on=NOW.date())
    assert "新設課" in [row.division for row in progress]
    assert apply_organisation_changes(session, now=NOW) == 0


# Any sequence of all of these


class Wandering:
    """A prefecture that is reorganised at random; each step is one that people really take."""

    def __init__(self, session, seed):
        self.session, self.choose = session, random.Random(seed)
        self.names = 0
        self.made = [division(session, f"第{number}課", bureau=f"{number % 2}部") for number in range(4)]
        texts = {"1": INSPECTION, "2": POSTING, "3": VIEWING}
        self.instruments = [
            register(session, ordinance(texts, title=f"{title}条例"), owner=self.made[number]).instrument_id
            for number, title in enumerate(("甲", "乙", "丙"))
        ]
        scan(session)
        self.coordinator = actor(session, Role.COORDINATOR)

    def in_force(self):
        return self.session.scalars(select(Division).where(Division.valid_to.is_(None)).order_by(Division.id)).all()

    def step(self):
        self.choose.choice((self.reassign, self.share, self.hand, self.hand, self.settle, self.reorganise))()
        self.session.expire_all()

    def reassign(self):
        lead = self.choose.choice([None, *self.in_force()])
        instrument_id = self.choose.choice(self.instruments)
        assign_owner(
            self.session,
            actor=self.coordinator,
            instrument_id=instrument_id,
            division_id=lead.id if lead else None,
            now=NOW,
        )

    def share(self):
        joint = [division.id for division in self.in_force() if self.choose.random() < 0.4]
        instrument_id = self.choose.choice(self.instruments)
        assign_joint_owners(
            self.session, actor=self.coordinator, instrument_id=instrument_id, division_ids=joint, now=NOW
        )

    def hand(self):
        item = self.choose.choice(self.session.scalars(select(ReviewItem).order_by(ReviewItem.id)).all())
        person = self.choose.choice([actor(self.session, of=division) for division in self.in_force()])
        if not may_decide(person, self.owner(item)):
            return
        to = self.choose.choice([None, *self.in_force()])
        try:
            hand_over(
                self.session,
                actor=person,
                items={item.id: item.row_version},
                to_division_id=to.id if to else None,
                reason="所管外です。",
                now=NOW,
            )
        except HandoverError:
            self.session.expire_all()

    def settle(self):
        waiting = self.session.scalars(select(Handover.id).where(Handover.state == HandoverState.OPEN)).all()
        if waiting:
            settle_handover(
                self.session,
                actor=self.coordinator,
                handover_id=self.choose.choice(waiting),
                division_id=self.choose.choice(self.in_force()).id,
                note="",
                now=NOW,
            )

    def reorganise(self):
        self.names += 1
        ended = self.choose.choice(self.in_force())
        others = [division for division in self.in_force() if division is not ended]
        heir = self.choose.choice([*others, None])
        heir_row = DivisionRow(bureau="0部", division=f"新{self.names}課", row=2)
        if heir is not None:
            heir_row = DivisionRow(bureau=heir.bureau, division=heir.name, row=2)
        row = DivisionRow(
            bureau=ended.bureau,
            division=ended.name,
            valid_to=dt.date(2026, 4, 1),
            successor=heir_row.division,
            row=1,
        )
        import_organisation(self.session, rows=[row, heir_row], now=NOW)

    def owner(self, item):
        return owner_of_item(self.session, item=item)

    def people(self):
        rows = self.session.scalars(select(Division).order_by(Division.id)).all()
        for row in rows:
            for role in (Role.REVIEWER, Role.BUREAU_MANAGER):
                yield Actor(account_id=0, display_name="", role=role, division_id=row.id, bureau=row.bureau)

    def check(self):
        found = self.session.scalars(select(ReviewItem).order_by(ReviewItem.id)).all()
        ended = set(self.session.scalars(select(Division.id).where(Division.valid_to.is_not(None))))
        leads = dict(
            self.session.execute(
                select(Provision.id, Instrument.owner_id).join(Instrument, Instrument.id == Provision.instrument_id)
            )
            .tuples()
            .all()
        )
        owners = {}
        for item in found:
            lead = leads[item.provision_id]
            assert item.division_id == (item.handed_to_id or lead)
            assert item.handed_to_id is None or item.handed_to_id != lead
            assert item.division_id not in ended
            owners[item.id] = self.owner(item)
            assert owners[item.id].division_id == item.division_id
        for instrument_id in self.instruments:
            today = owners_on(self.session, instrument_id=instrument_id, on=NOW.date())
            lead_id = self.session.get_one(Instrument, instrument_id).owner_id
            named = self.session.get_one(Division, lead_id).name if lead_id else None
            assert [row.division for row in today if row.is_lead] == ([named] if named else [])
            assert len({row.division for row in today}) == len(today)
        for person in self.people():
            to_answer = set(self.session.scalars(select(ReviewItem.id).where(items_to_answer(person))))
            if person.role is Role.REVIEWER:
                assert to_answer == {item_id for item_id, owner in owners.items() if may_decide(person, owner)}
            shown = set(self.session.scalars(select(Instrument.id).where(visible_instruments(person))))
            for instrument_id in self.instruments:
                of_it = [
                    owners[item.id]
                    for item in found
                    if item.provision.instrument_id == instrument_id and item.handed_to_id is not None
                ]
                of_it.append(owner_of(self.session, instrument_id=instrument_id))
                assert (instrument_id in shown) is any(may_view(person, owner) for owner in of_it)


@pytest.mark.parametrize("seed", range(6))
def test_everything_has_one_division_that_answers_and_the_lists_agree_with_the_predicates(session, seed):
    world = Wandering(session, seed)
    for _ in range(12):
        world.step()
        world.check()
