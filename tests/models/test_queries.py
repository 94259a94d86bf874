from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from models import queries
from models.operations.edit_roadmap import edit_roadmap
from models.queries.marks import marks, snippet
from models.review import RoadmapItem
from regulations.review import OPEN_STATUSES, Applicability, ReviewStatus, Role
from regulations.roadmap import ReviewPolicy, RoadmapEntry
from regulations.structure import Kind
from tests.factories import (
    INSPECTION,
    NOW,
    POSTING,
    PURPOSE,
    VIEWING,
    actor,
    answer,
    division,
    items,
    ordinance,
    register,
    scan,
)

ALL = tuple(ReviewStatus)


@pytest.fixture
def owner(session):
    return division(session)


@pytest.fixture
def reviewer(session, owner):
    return actor(session, of=owner)


@pytest.fixture
def registered(session, owner):
    articles = {"1": PURPOSE, "2": [INSPECTION, POSTING], "3": VIEWING, "4": INSPECTION.replace("施設", "設備")}
    made = register(session, ordinance(articles), owner=owner)
    scan(session)
    return made


def ids(rows) -> list[int]:
    return [row.item_id for row in rows]


def test_the_queue_follows_the_ordinance(session, reviewer, registered):
    rows = queries.queue(session, actor=reviewer, statuses=OPEN_STATUSES)
    assert [row.address for row in rows] == ["第二条第一項", "第二条第二項", "第三条", "第四条"]
    assert rows[0].caption == "（見出し2）"
    assert rows[0].owner == "施設課"
    assert "目視" in rows[0].snippet


def test_the_queue_comes_in_pages_that_add_up_to_its_total(session, reviewer, registered):
    values = {"actor": reviewer, "statuses": OPEN_STATUSES}
    whole = ids(queries.queue(session, **values))
    paged = [item for offset in (0, 2) for item in ids(queries.queue(session, **values, limit=2, offset=offset))]
    assert paged == whole
    assert queries.queue_total(session, **values) == len(whole) == 4


@pytest.mark.parametrize(
    ("narrowed", "addresses"),
    [
        ({"category": "visual_inspection"}, ["第二条第一項", "第四条"]),
        ({"text": "許可証"}, ["第二条第二項"]),
        ({"text": "第二条 目視"}, ["第二条第一項"]),
        ({"text": "100%"}, []),  # a wildcard of LIKE is a character here
        ({"text": "_"}, []),
        ({"min_probability": 0.95}, []),
        ({"instrument_id": 0}, []),
    ],
)
def test_the_queue_can_be_narrowed(session, reviewer, registered, narrowed, addresses):
    values = {"actor": reviewer, "statuses": OPEN_STATUSES, **narrowed}
    assert [row.address for row in queries.queue(session, **values)] == addresses
    assert queries.queue_total(session, **values) == len(addresses)


def test_from_one_item_the_way_leads_to_the_next_and_back(session, reviewer, registered):
    values = {"actor": reviewer, "statuses": OPEN_STATUSES}
    order = ids(queries.queue(session, **values))
    walked, here = [], None
    while (here := queries.next_item(session, after_item_id=here, **values)) is not None:
        walked.append(here)
    assert walked == order
    assert queries.previous_item(session, before_item_id=order[0], **values) is None
    assert queries.previous_item(session, before_item_id=order[2], **values) == order[1]
    positions = [queries.position_in_queue(session, item_id=item, **values) for item in order]
    assert [(position.index, position.total) for position in positions] == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_after_an_answer_the_next_open_item_is_the_one_behind_it(session, reviewer, registered):
    values = {"actor": reviewer, "statuses": OPEN_STATUSES}
    order = ids(queries.queue(session, **values))
    by_id = {item.id: item for item in items(session, registered).values()}
    answer(session, reviewer, by_id[order[2]])
    assert queries.next_item(session, after_item_id=order[2], **values) == order[3]
    position = queries.position_in_queue(session, item_id=order[2], **values)
    assert (position.index, position.total) == (0, 3)


def test_the_inbox_counts_every_status(session, reviewer, registered):
    found = items(session, registered)
    answer(session, reviewer, found["3"])
    answer(session, reviewer, found["4"], Applicability.UNDECIDED)
    counts = queries.inbox_counts(session, actor=reviewer)
    assert set(counts) == set(ReviewStatus)
    expected = {ReviewStatus.PENDING: 2, ReviewStatus.APPLICABLE: 1, ReviewStatus.UNDECIDED: 1}
    assert {status: count for status, count in counts.items() if count} == expected


def test_an_item_comes_with_its_article_and_neighbours(session, reviewer, registered):
    item = items(session, registered)["3"]
    detail = queries.item_detail(session, actor=reviewer, item_id=item.id)
    assert (detail.address, detail.text, detail.in_force) == ("第三条", VIEWING, True)
    assert [part.row.address for part in detail.article] == ["第三条"]
    assert [row.address for row in detail.previous] == ["第二条第一項", "第二条第二項"]
    assert [row.address for row in detail.following] == ["第四条"]
    assert [detail.text[mark.start : mark.end] for mark in detail.evidence] == ["閲覧"]
    assert detail.previous[0].marks[0].category == "visual_inspection"
    assert detail.candidate.is_current
    assert (detail.instrument.division, detail.instrument.bureau) == ("施設課", "土木部")
    assert (detail.decision, detail.history, detail.before) == (None, (), None)


def test_the_articles_of_several_supplementary_parts_are_kept_apart(session, owner, reviewer):
    parts = {"": POSTING, "令和三年条例第一号": VIEWING}
    registered = register(session, ordinance({"1": PURPOSE}, supplementary=parts), owner=owner)
    scan(session)
    (row, _) = queries.queue(session, actor=reviewer, statuses=ALL)
    detail = queries.item_detail(session, actor=reviewer, item_id=row.item_id)
    assert [part.row.label for part in detail.article] == ["附則"]
    assert [neighbour.label for neighbour in detail.following] == ["附則（令和三年条例第一号）"]
    assert registered.added == 3


def test_a_changed_text_is_shown_beside_the_one_decided_on(session, reviewer, registered):
    item = items(session, registered)["3"]
    answer(session, reviewer, item)
    amended = VIEWING.replace("閲覧", "縦覧又は閲覧")
    register(session, ordinance({"1": PURPOSE, "2": [INSPECTION, POSTING], "3": amended}))
    detail = queries.item_detail(session, actor=reviewer, item_id=item.id)
    assert detail.status is ReviewStatus.RECHECK
    assert (detail.before.text, detail.text) == (VIEWING, amended)
    assert detail.history[0].is_on_current_text is False
    assert detail.candidate.is_current is False


def test_a_provision_that_is_gone_is_shown_as_it_last_was(session, reviewer, registered):
    item = items(session, registered)["3"]
    answer(session, reviewer, item)
    register(session, ordinance({"1": PURPOSE}))
    detail = queries.item_detail(session, actor=reviewer, item_id=item.id)
    assert (detail.in_force, detail.status, detail.text) == (False, ReviewStatus.RECHECK, VIEWING)


def test_the_history_names_who_answered_what_the_last_first(session, owner, reviewer, registered):
    item = items(session, registered)["2"]
    answer(session, reviewer, item, Applicability.UNDECIDED, note="確認中")
    answer(session, actor(session, Role.APPROVER, owner), item)
    detail = queries.item_detail(session, actor=reviewer, item_id=item.id)
    assert [row.applicability for row in detail.history] == [Applicability.APPLICABLE, Applicability.UNDECIDED]
    assert detail.history[1].note == "確認中"
    assert detail.decision == detail.history[0]


def test_similar_cases_are_decided_ones_that_the_person_may_see(session, reviewer, registered):
    found = items(session, registered)
    foreign = division(session, "農地課", bureau="農林部")
    register(session, ordinance({"1": INSPECTION}, title="農地条例"), owner=foreign)
    scan(session)
    elsewhere = next(row for row in queries.queue(session, actor=actor(session, of=foreign), statuses=ALL))
    detail = queries.item_detail(session, actor=reviewer, item_id=found["4"].id)
    assert detail.similar == ()
    inspection = [row for row in queries.queue(session, actor=reviewer, statuses=ALL) if row.address == "第二条第一項"]
    answer(session, reviewer, _item(session, inspection[0].item_id), Applicability.NOT_APPLICABLE)
    answer(session, actor(session, of=foreign), _item(session, elsewhere.item_id))
    (case,) = queries.item_detail(session, actor=reviewer, item_id=found["4"].id).similar
    assert (case.address, case.applicability) == ("第二条第一項", Applicability.NOT_APPLICABLE)
    assert 0.8 < case.similarity < 1
    coordinator = actor(session, Role.COORDINATOR)
    seen = queries.item_detail(session, actor=coordinator, item_id=found["4"].id).similar
    assert {case.title for case in seen} == {"施設管理条例", "農地条例"}


def _item(session, item_id):
    from models.review import ReviewItem

    return session.get(ReviewItem, item_id, populate_existing=True)


def test_an_instrument_is_read_in_full_with_what_was_found(session, reviewer, registered):
    text = queries.instrument_text(session, actor=reviewer, instrument_id=registered.instrument_id)
    assert [row.address for row in text.rows] == [
        "第一条",
        "第二条第一項",
        "第二条第二項",
        "第三条",
        "第四条",
    ]
    assert [len(row.items) for row in text.rows] == [0, 1, 1, 1, 1]
    assert text.rows[1].items[0].status is ReviewStatus.PENDING


def test_the_list_of_instruments_is_searched_and_counted(session, owner, reviewer, registered):
    register(session, ordinance({"1": PURPOSE}, title="公園規則", kind=Kind.RULE), owner=owner)
    rows = queries.instrument_list(session, actor=reviewer)
    assert [(row.head.title, row.provisions, row.candidates, row.open) for row in rows] == [
        ("公園規則", 1, 0, 0),
        ("施設管理条例", 5, 4, 4),
    ]
    assert [row.head.title for row in queries.instrument_list(session, actor=reviewer, text="公園")] == ["公園規則"]
    assert [row.head.title for row in queries.instrument_list(session, actor=reviewer, kind=Kind.RULE)] == ["公園規則"]
    assert queries.instrument_total(session, actor=reviewer) == 2


def test_progress_counts_each_division_and_adds_up_to_the_totals(session, owner, reviewer, registered):
    found = items(session, registered)
    answer(session, reviewer, found["3"])
    answer(session, reviewer, found["4"], Applicability.NOT_APPLICABLE)
    plan = session.get(RoadmapItem, found["3"].id)
    edit_roadmap(
        session,
        actor=reviewer,
        item_id=found["3"].id,
        expected_version=plan.row_version,
        entry=RoadmapEntry(policy=ReviewPolicy.AMEND),
        now=NOW,
    )
    register(session, ordinance({"1": INSPECTION}, title="点検要綱", kind=Kind.GUIDELINES))
    scan(session)
    idle = division(session, "農地課", bureau="農林部")
    coordinator = actor(session, Role.COORDINATOR)
    rows = {row.division_id: row for row in queries.progress_by_division(session, actor=coordinator, on=NOW.date())}
    own = rows[owner.id]
    assert (own.instruments, own.candidates, own.decided, own.applicable, own.not_applicable) == (1, 4, 2, 1, 1)
    assert (own.pending, own.undecided, own.recheck, own.roadmap, own.roadmap_done) == (2, 0, 0, 1, 1)
    assert (rows[idle.id].instruments, rows[idle.id].candidates) == (0, 0)
    assert (rows[None].instruments, rows[None].candidates) == (1, 1)
    assert [row.division_id for row in queries.progress_by_division(session, actor=reviewer, on=NOW.date())] == [
        owner.id
    ]

    totals = queries.headline_totals(session)
    assert (totals.instruments, totals.provisions, totals.candidates, totals.decided) == (1, 5, 4, 2)
    assert (totals.outside_instruments, totals.outside_candidates) == (1, 1)  # 要綱 stays outside the headline
    assert totals.by_category == {"in_person_viewing": 1}
    assert totals.by_phase == {1: 1}


def test_the_roadmap_holds_what_was_found_applicable_as_decided(session, reviewer, registered):
    found = items(session, registered)
    answer(session, reviewer, found["4"], phase=2)
    answer(session, reviewer, found["3"], category="written_posting", regulation_type=2)
    rows = queries.roadmap_rows(session, actor=reviewer)
    assert [(row.number, row.address, row.category, row.current_phase) for row in rows] == [
        (1, "第三条", "written_posting", 1),
        (2, "第四条", "visual_inspection", 2),
    ]
    assert queries.roadmap_total(session, actor=reviewer) == 2
    (second,) = queries.roadmap_rows(session, actor=reviewer, limit=1, offset=1)
    assert second.number == 2
    planned = RoadmapEntry(policy=ReviewPolicy.AMEND, target_phase=3, original_year=2027)
    first = rows[0]
    edit_roadmap(
        session, actor=reviewer, item_id=first.item_id, expected_version=first.row_version, entry=planned, now=NOW
    )
    assert [row.number for row in queries.roadmap_rows(session, actor=reviewer, is_planned=True)] == [1]
    assert [row.number for row in queries.roadmap_rows(session, actor=reviewer, is_planned=False, limit=1)] == [2]
    assert [queries.roadmap_total(session, actor=reviewer, is_planned=is_it) for is_it in (True, False)] == [1, 1]
    answer(session, reviewer, found["4"], Applicability.NOT_APPLICABLE)
    assert [row.address for row in queries.roadmap_rows(session, actor=reviewer)] == ["第三条"]


def test_the_audit_log_of_an_item_can_be_read(session, reviewer, registered):
    item = items(session, registered)["3"]
    answer(session, reviewer, item)
    (row,) = queries.audit_trail(session, target=("review_item", item.id))
    assert (row.who, row.action, row.at) == ("施設課 花子", "decide", NOW)


def test_divisions_to_choose_from_are_those_in_force(session, owner):
    division(session, "旧課", valid_to=NOW.date())
    begun = division(session, "新課", valid_from=NOW.date())
    new = division(session, "来年の課", valid_from=NOW.date().replace(year=2027), valid_to=dt.date(2030, 4, 1))
    assert [row.division for row in queries.divisions(session, on=NOW.date())] == ["施設課", begun.name]
    to_come = queries.divisions(session, on=NOW.date(), to_come=True)
    assert [(row.division, row.begins) for row in to_come] == [
        ("施設課", None),
        (begun.name, None),
        (new.name, new.valid_from),
    ]
    assert [row.division for row in queries.divisions(session, on=dt.date(2030, 3, 31))][-1] == new.name
    assert [row.division for row in queries.divisions(session, on=dt.date(2030, 4, 1))][-1] == begun.name
    assert [row.division for row in queries.divisions(session, on=NOW.date().replace(year=2020))] == ["施設課", "旧課"]


@contextmanager
def counted(session) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(connection, cursor, statement, *rest):
        statements.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(session.get_bind(), "before_cursor_execute", note)


def test_no_query_asks_the_database_once_a_row(session, owner, reviewer):
    """The same number of statements for two ordinances and for twenty."""

    def asked() -> dict[str, int]:
        session.expunge_all()
        row = queries.queue(session, actor=reviewer, statuses=ALL)[1]
        calls = {
            "inbox_counts": lambda: queries.inbox_counts(session, actor=reviewer),
            "queue": lambda: queries.queue(session, actor=reviewer, statuses=ALL),
            "position": lambda: queries.position_in_queue(session, actor=reviewer, item_id=row.item_id, statuses=ALL),
            "next": lambda: queries.next_item(session, actor=reviewer, after_item_id=row.item_id, statuses=ALL),
            "item_detail": lambda: queries.item_detail(session, actor=reviewer, item_id=row.item_id),
            "list": lambda: queries.instrument_list(session, actor=reviewer),
            "text": lambda: queries.instrument_text(session, actor=reviewer, instrument_id=row.instrument_id),
            "roadmap": lambda: queries.roadmap_rows(session, actor=reviewer),
            "progress": lambda: queries.progress_by_division(session, actor=reviewer, on=NOW.date()),
            "totals": lambda: queries.headline_totals(session),
        }
        numbers = {}
        for name, call in calls.items():
            session.expunge_all()
            with counted(session) as statements:
                call()
            numbers[name] = len(statements)
        return numbers

    def grow(first: int, last: int) -> None:
        for number in range(first, last):
            articles = {str(place): f"{number}の{place}。{INSPECTION}" for place in range(1, 4)}
            register(session, ordinance(articles, title=f"条例{number}"), owner=session.merge(owner))
        scan(session)
        for row in queries.queue(session, actor=reviewer, statuses=OPEN_STATUSES, limit=100)[::2]:
            answer(session, reviewer, _item(session, row.item_id))

    grow(0, 2)
    few = asked()
    grow(2, 20)
    assert asked() == few
    assert max(few.values()) <= 6


def test_evidence_is_found_again_in_a_text_set_anew_and_dropped_where_its_words_are_gone():
    evidence = [{"start": 4, "end": 6, "text": "目視"}, {"start": 9, "end": 11, "text": "閲覧"}]
    found = marks("　施設を　目視で点検する。", evidence, category="visual_inspection")
    assert [(mark.start, mark.end, mark.text) for mark in found] == [(5, 7, "目視")]


def test_a_snippet_shows_the_words_around_the_evidence_in_one_line():
    text = "あ" * 100 + "\n目視" + "い" * 100
    found = marks(text, [{"start": 101, "end": 103, "text": "目視"}], category="visual_inspection")
    cut = snippet(text, found)
    assert cut.startswith("…")
    assert cut.endswith("…")
    assert "目視" in cut
    assert "\n" not in cut
    assert snippet("短い文。", ()) == "短い文。"
