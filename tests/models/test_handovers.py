"""所管外: a candidate goes to another division, on to a third, or to the coordinator, and never lies in between."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from models.operations.assign_owner import assign_owner
from models.operations.errors import (
    HandoverError,
    HandoverFault,
    NoSuchItemError,
    StaleItemError,
)
from models.operations.hand_over import hand_over, hand_over_many, settle_handover
from models.operations.undo_group_decision import AlreadyUndoneError, undo_group_decision
from models.queries import (
    handover_total,
    handovers,
    handovers_of_item,
    inbox_counts,
    instrument_text,
    item_detail,
    latest_undoable,
    queue,
)
from models.review import AuditEntry, Handover, ReviewItem
from regulations.review import (
    OPEN_STATUSES,
    Applicability,
    HandoverState,
    NotPermittedError,
    ReviewStatus,
    Role,
    may_decide,
    may_view,
)
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

REASON = "この施設は当課の所管ではありません。"


class World:
    """施設課 leads an ordinance with two candidates; 道路課 and 農地課 lead nothing."""

    def __init__(self, session):
        self.session = session
        self.facilities = division(session)
        self.roads = division(session, "道路課")
        self.farmland = division(session, "農地課", bureau="農林部")
        self.act = register(session, ordinance({"1": PURPOSE, "2": INSPECTION, "3": POSTING}), owner=self.facilities)
        scan(session)
        self.coordinator = actor(session, Role.COORDINATOR, division(session, "行政経営課", bureau="総務部"))
        self.of = {name: actor(session, of=getattr(self, name)) for name in ("facilities", "roads", "farmland")}

    def item(self, article="2"):
        return items(self.session, self.act)[article]

    def hand(self, by, to, *articles, **values):
        chosen = [self.item(article) for article in articles or ("2",)]
        handed = {
            "items": {item.id: item.row_version for item in chosen},
            "to_division_id": to.id if to else None,
            "reason": REASON,
            "now": NOW,
            **values,
        }
        return hand_over(self.session, actor=self.of[by], **handed)

    def settle(self, handover_id, to, note="当課で調整しました。"):
        settle_handover(
            self.session, actor=self.coordinator, handover_id=handover_id, division_id=to.id, note=note, now=NOW
        )

    def states(self):
        return list(
            self.session.scalars(select(Handover.state).order_by(Handover.id).execution_options(populate_existing=True))
        )

    def waiting(self, name):
        return [row.item_id for row in queue(self.session, actor=self.of[name], statuses=OPEN_STATUSES)]


@pytest.fixture
def world(session):
    return World(session)


def test_a_candidate_moves_at_once_and_says_where_it_came_from(world, session):
    item = world.item()
    (handover_id,) = world.hand("facilities", world.roads)
    assert (item.division_id, item.handed_to_id) == (world.roads.id, world.roads.id)
    assert (world.waiting("facilities"), world.waiting("roads")) == ([world.item("3").id], [item.id])
    (row,) = queue(session, actor=world.of["roads"], statuses=OPEN_STATUSES)
    assert (row.handed_from, row.owner, row.row_version) == ("施設課", "道路課", item.row_version)
    (own_row,) = queue(session, actor=world.of["facilities"], statuses=OPEN_STATUSES)
    assert own_row.handed_from == ""
    (shown,) = handovers_of_item(session, actor=world.of["facilities"], item_id=item.id)
    assert (shown.handover_id, shown.from_division, shown.to_division, shown.reason, shown.state, shown.bounces) == (
        handover_id,
        "施設課",
        "道路課",
        REASON,
        HandoverState.OPEN,
        1,
    )
    audited = session.scalars(select(AuditEntry).where(AuditEntry.action == "hand_over")).one()
    assert (audited.target_type, audited.target_id) == ("review_item", str(item.id))


def test_both_divisions_see_the_text_and_only_the_receiving_one_may_answer(world, session):
    world.hand("facilities", world.farmland)
    item = world.item()
    for name, expected in (("facilities", (True, False)), ("farmland", (True, True)), ("roads", (False, False))):
        person = world.of[name]
        detail = item_detail(session, actor=person, item_id=item.id)
        assert (detail is not None) is expected[0]
        shown = instrument_text(session, actor=person, instrument_id=world.act.instrument_id)
        assert (shown is not None) is expected[0]
        if detail is not None:
            assert (may_view(person, detail.owner), may_decide(person, detail.owner)) == expected
    with pytest.raises(NotPermittedError):
        answer(session, world.of["facilities"], item)


def test_an_answer_receives_the_candidate(world, session):
    world.hand("facilities", world.roads)
    answer(session, world.of["roads"], world.item(), Applicability.UNDECIDED)
    assert world.states() == [HandoverState.RECEIVED]
    assert inbox_counts(session, actor=world.of["roads"])[ReviewStatus.UNDECIDED] == 1


def test_what_is_handed_on_is_sent_on_and_counts_as_bouncing(world, session):
    item = world.item()
    world.hand("facilities", world.roads)
    world.hand("roads", world.farmland)
    world.hand("farmland", world.facilities)
    assert world.states() == [HandoverState.SENT_ON, HandoverState.SENT_ON, HandoverState.OPEN]
    assert (item.division_id, item.handed_to_id) == (world.facilities.id, None)  # home again
    way = handovers_of_item(session, actor=world.of["facilities"], item_id=item.id)
    assert [(row.from_division, row.to_division, row.bounces) for row in way] == [
        ("施設課", "道路課", 1),
        ("道路課", "農地課", 2),
        ("農地課", "施設課", 3),
    ]
    (row,) = [row for row in queue(session, actor=world.of["facilities"], statuses=OPEN_STATUSES) if row.handed_from]
    assert (row.item_id, row.handed_from) == (item.id, "農地課")


def test_one_that_was_received_and_is_handed_on_is_sent_on_too(world, session):
    world.hand("facilities", world.roads)
    answer(session, world.of["roads"], world.item(), Applicability.UNDECIDED)
    world.hand("roads", world.farmland)
    assert world.states() == [HandoverState.SENT_ON, HandoverState.OPEN]


def test_whose_it_is_nobody_knows_stays_until_the_coordinator_decides(world, session):
    (handover_id,) = world.hand("facilities", None)
    assert world.item().id in world.waiting("facilities")
    (row,) = handovers(session, actor=world.coordinator, states=[HandoverState.OPEN])
    assert (row.handover_id, row.to_division) == (handover_id, "")
    world.settle(handover_id, world.farmland)
    (row,) = handovers(session, actor=world.coordinator)
    assert (row.state, row.to_division, row.settled_note) == (
        HandoverState.SETTLED,
        "農地課",
        "当課で調整しました。",
    )
    assert world.waiting("farmland") == [world.item().id]


def test_who_did_not_know_and_answers_after_all_has_received_it(world, session):
    world.hand("facilities", None)
    answer(session, world.of["facilities"], world.item())
    assert world.states() == [HandoverState.RECEIVED]


def test_settled_is_settled(world):
    (handover_id,) = world.hand("facilities", world.roads)
    world.settle(handover_id, world.roads)
    with pytest.raises(HandoverError) as refused:
        world.hand("roads", world.farmland)
    assert refused.value.fault is HandoverFault.SETTLED
    with pytest.raises(HandoverError) as refused:
        world.settle(handover_id, world.farmland)
    assert refused.value.fault is HandoverFault.SETTLED


def test_a_settlement_on_the_lead_does_not_bind_the_one_that_leads_next(world, session):
    (handover_id,) = world.hand("facilities", world.roads)
    world.settle(handover_id, world.facilities)
    assign_owner(
        session,
        actor=world.coordinator,
        instrument_id=world.act.instrument_id,
        division_id=world.farmland.id,
        now=NOW,
    )
    world.hand("farmland", world.roads)
    assert world.waiting("roads") == [world.item().id]


def test_only_what_is_under_way_is_settled(world):
    (first,) = world.hand("facilities", world.roads)
    world.hand("roads", world.farmland)
    with pytest.raises(HandoverError) as refused:
        world.settle(first, world.roads)
    assert refused.value.fault is HandoverFault.NOT_OPEN


def test_several_go_in_one_step_or_none_does(world, session):
    handed = world.hand("facilities", world.roads, "2", "3")
    assert len(handed) == 2
    assert world.waiting("facilities") == []
    foreign = register(session, ordinance({"1": POSTING}, title="別の条例"), owner=world.farmland)
    scan(session)
    mixed = [world.item("2"), *items(session, foreign).values()]
    with session.begin_nested() as savepoint:
        with pytest.raises(NotPermittedError):
            world.hand("roads", world.facilities, items={item.id: item.row_version for item in mixed})
        savepoint.rollback()
    assert len(world.waiting("roads")) == 2


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"reason": "　"}, HandoverFault.REASON_REQUIRED),
        ({"to_division_id": 10**6}, HandoverFault.NO_SUCH_DIVISION),
        ({"to_division_id": "ended"}, HandoverFault.NO_SUCH_DIVISION),
        ({"to_division_id": "own"}, HandoverFault.SAME_DIVISION),
    ],
)
def test_a_handover_that_leads_nowhere_is_refused(world, session, values, expected):
    ended = division(session, "旧課", valid_to=NOW.date())
    known = {"ended": ended.id, "own": world.facilities.id}
    values = {name: known.get(value, value) for name, value in values.items()}
    with pytest.raises(HandoverError) as refused:
        world.hand("facilities", world.roads, **values)
    assert refused.value.fault is expected


def test_what_is_answered_is_not_handed_over(world, session):
    answer(session, world.of["facilities"], world.item())
    with pytest.raises(HandoverError) as refused:
        world.hand("facilities", world.roads)
    assert refused.value.fault is HandoverFault.NOT_OPEN


def test_a_candidate_that_changed_meanwhile_is_not_handed_over(world):
    item = world.item()
    with pytest.raises(StaleItemError):
        world.hand("facilities", world.roads, items={item.id: item.row_version + 1})
    with pytest.raises(NoSuchItemError):
        world.hand("facilities", world.roads, items={10**6: 1})


def test_a_joint_owner_may_say_so_too_and_the_lead_stays_the_sender(world, session):
    own(session, world.act.instrument_id, world.facilities, world.roads)
    with pytest.raises(HandoverError) as refused:
        world.hand("roads", world.roads)
    assert refused.value.fault is HandoverFault.SAME_DIVISION
    world.hand("roads", world.farmland)
    (row,) = handovers_of_item(session, actor=world.of["roads"], item_id=world.item().id)
    assert (row.from_division, row.requested_by) == ("施設課", world.of["roads"].display_name)


def test_divisions_see_what_is_from_or_to_them_the_coordinator_all(world, session):
    third = actor(session, of=division(session, "林務課", bureau="農林部"))
    manager = actor(session, Role.BUREAU_MANAGER, world.farmland)
    world.hand("facilities", world.farmland, "2")
    world.hand("facilities", world.roads, "3")
    seen = {
        "facilities": (world.of["facilities"], 2),
        "roads": (world.of["roads"], 1),
        "coordinator": (world.coordinator, 2),
        "manager": (manager, 1),
        "third": (third, 0),
        "administrator": (actor(session, Role.ADMINISTRATOR), 0),
    }
    for person, count in seen.values():
        assert len(handovers(session, actor=person)) == count
        assert handover_total(session, actor=person) == count
    assert handovers_of_item(session, actor=third, item_id=world.item().id) == []


def test_what_bounces_comes_first_and_pages_follow_in_that_order(world, session):
    world.hand("facilities", world.roads, "3")
    world.hand("facilities", world.farmland, "2")
    world.hand("farmland", world.roads, "2")
    under_way = {"actor": world.coordinator, "states": [HandoverState.OPEN]}
    rows = handovers(session, **under_way)
    assert [row.bounces for row in rows] == [2, 1]
    assert [handovers(session, limit=1, offset=offset, **under_way)[0] for offset in (0, 1)] == rows
    assert handover_total(session, **under_way) == 2


def test_lists_take_one_statement_however_long_they_are(world, session):
    world.hand("facilities", world.roads, "2", "3")
    session.expunge_all()
    count = []
    connection = session.connection()

    def listener(*_):
        count.append(1)

    event.listen(connection, "before_cursor_execute", listener)
    try:
        handovers(session, actor=world.coordinator)
        queue(session, actor=world.of["roads"], statuses=OPEN_STATUSES)
    finally:
        event.remove(connection, "before_cursor_execute", listener)
    assert len(count) == 2


def test_nothing_handed_over_is_ever_without_a_division(world, session):
    world.hand("facilities", world.roads, "2")
    world.hand("facilities", None, "3")
    assert session.scalars(select(ReviewItem.id).where(ReviewItem.division_id.is_(None))).all() == []


# Taken back


def together(world, by, to, *articles, now=NOW):
    """Hand several over as one step; its id."""
    chosen = [world.item(article) for article in articles]
    return hand_over_many(
        world.session,
        actor=world.of[by],
        items={item.id: item.row_version for item in chosen},
        to_division_id=to.id if to else None,
        reason=REASON,
        now=now,
    )


def undo(world, by, step):
    return undo_group_decision(world.session, actor=world.of[by], group_decision_id=step, now=NOW)


def test_one_step_brings_all_back_as_they_were(world, session):
    mine = world.waiting("facilities")
    step = together(world, "facilities", world.roads, "2", "3")
    assert (world.waiting("facilities"), world.waiting("roads")) == ([], mine)
    undone = undo(world, "facilities", step)
    assert (undone.is_handover, [item.item_id for item in undone.items], undone.kept) == (True, mine, ())
    assert (world.waiting("facilities"), world.waiting("roads")) == (mine, [])
    assert world.states() == [HandoverState.TAKEN_BACK] * 2
    assert {world.item(article).handed_to_id for article in ("2", "3")} == {None}
    # They never went that way: no bounce is counted, and nobody is told that they came from anywhere.
    assert handovers_of_item(session, actor=world.coordinator, item_id=mine[0]) == []
    assert {row.handed_from for row in queue(session, actor=world.of["facilities"], statuses=OPEN_STATUSES)} == {""}
    world.hand("facilities", world.farmland)
    (request,) = handovers_of_item(session, actor=world.coordinator, item_id=mine[0])
    assert request.bounces == 1
    with pytest.raises(AlreadyUndoneError):
        undo(world, "facilities", step)
    audited = select(AuditEntry.target_type, AuditEntry.detail).where(AuditEntry.action == "take_back_handover")
    assert [(target, detail["before"], detail["after"]) for target, detail in session.execute(audited)] == [
        ("review_item", world.roads.id, world.facilities.id)
    ] * 2


def test_what_the_other_division_has_acted_on_stays_with_it(world):
    first, second = world.waiting("facilities")
    step = together(world, "facilities", world.roads, "2", "3")
    answer(world.session, world.of["roads"], world.item("2"), Applicability.UNDECIDED)
    undone = undo(world, "facilities", step)
    assert ([item.item_id for item in undone.items], undone.kept) == ([second], (first,))
    assert (world.waiting("facilities"), world.waiting("roads")) == ([second], [first])


def acts_by_answering(world):
    answer(world.session, world.of["roads"], world.item())


def acts_by_handing_on(world):
    world.hand("roads", world.farmland)


def acts_by_settling(world):
    handover_id = world.session.scalars(select(Handover.id).order_by(Handover.id.desc())).first()
    world.settle(handover_id, world.roads)


@pytest.mark.parametrize("acts", [acts_by_answering, acts_by_handing_on, acts_by_settling])
def test_where_all_was_acted_on_nothing_is_taken_back(world, acts):
    step = together(world, "facilities", world.roads, "2")
    acts(world)
    before = world.states()
    with pytest.raises(HandoverError) as refused:
        undo(world, "facilities", step)
    assert refused.value.fault is HandoverFault.ACTED_ON
    assert world.states() == before


@pytest.mark.parametrize("named", [True, False])
def test_what_the_coordinator_has_assigned_to_another_division_is_not_taken_back(world, session, named):
    """Handed to 道路課, or to nobody known; then the whole ordinance becomes 道路課's."""
    mine = world.waiting("facilities")
    step = together(world, "facilities", world.roads if named else None, "2", "3")
    assign_owner(
        session,
        actor=world.coordinator,
        instrument_id=world.act.instrument_id,
        division_id=world.roads.id,
        now=NOW,
    )
    # Whose the ordinance is says nothing yet about what nobody was named for: that the coordinator still settles.
    assert world.states() == [HandoverState.RECEIVED if named else HandoverState.OPEN] * 2
    assert latest_undoable(session, actor=world.of["facilities"], now=NOW) is None
    with pytest.raises(HandoverError) as refused:
        undo(world, "facilities", step)
    assert refused.value.fault is HandoverFault.ACTED_ON
    assert (world.waiting("facilities"), world.waiting("roads")) == ([], mine)
    assert {world.item(article).handed_to_id for article in ("2", "3")} == {None}


@pytest.mark.parametrize("lead", ["roads", None])
def test_a_request_to_nobody_waits_for_the_coordinator_whoever_leads(world, session, lead):
    world.hand("facilities", None, "2")
    own(session, world.act.instrument_id, getattr(world, lead) if lead else None)
    assert world.states() == [HandoverState.OPEN]


def test_what_was_sent_on_is_under_way_again_as_it_was(world, session):
    """From 施設課 to 道路課, which answers, reopens and sends it on to 農地課, and takes that back."""
    world.hand("facilities", world.roads, "2", "3")
    answer(session, world.of["roads"], world.item("2"), Applicability.UNDECIDED)
    step = together(world, "roads", world.farmland, "2", "3")
    undo(world, "roads", step)
    assert sorted(world.states()) == sorted(
        [HandoverState.RECEIVED, HandoverState.OPEN, *[HandoverState.TAKEN_BACK] * 2]
    )
    assert {world.item(article).handed_to_id for article in ("2", "3")} == {world.roads.id}
    assert len(world.waiting("roads")) == 2


def test_a_request_to_nobody_is_taken_back_too(world):
    mine = world.waiting("facilities")
    step = together(world, "facilities", None, "2", "3")
    undo(world, "facilities", step)
    assert world.states() == [HandoverState.TAKEN_BACK] * 2
    assert world.waiting("facilities") == mine


def test_where_nobody_leads_a_joint_owner_takes_back_to_nobody(world, session):
    own(session, world.act.instrument_id, None, world.farmland)
    step = together(world, "farmland", world.roads, "2")
    undo(world, "farmland", step)
    assert (world.item().division_id, world.item().handed_to_id) == (None, None)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("of", ["facilities", "roads", "farmland"])
def test_only_who_could_have_handed_them_over_takes_them_back(world, session, role, of):
    step = together(world, "facilities", world.roads, "2")
    person = actor(session, role, getattr(world, of))
    may = of == "facilities" and role in {Role.REVIEWER, Role.APPROVER}
    if may:
        assert undo_group_decision(session, actor=person, group_decision_id=step, now=NOW).items
        return
    with pytest.raises(NotPermittedError):
        undo_group_decision(session, actor=person, group_decision_id=step, now=NOW)


def test_the_last_step_is_offered_for_undoing_until_it_is_acted_on(world, session):
    by = world.of["facilities"]
    step = together(world, "facilities", world.roads, "2", "3")
    offered = latest_undoable(session, actor=by, now=NOW)
    assert (offered.group_decision_id, offered.items, offered.is_handover) == (step, 2, True)
    answer(session, world.of["roads"], world.item("2"))
    assert latest_undoable(session, actor=by, now=NOW).items == 1
    answer(session, world.of["roads"], world.item("3"))
    assert latest_undoable(session, actor=by, now=NOW) is None
