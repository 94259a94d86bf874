"""工程表: what is listed, and the way from a row to its candidate."""

from __future__ import annotations

import datetime as dt

import pytest
from streamlit.testing.v1 import AppTest

from models import queries
from models.database import reading_scope, session_scope
from models.operations.edit_roadmap import edit_roadmap
from models.review import RoadmapItem
from regulations.review import Actor
from regulations.roadmap import ReviewPolicy, RoadmapEntry
from review_app import labels_ja as ja
from review_app.components.roadmap_table import column_config, entries, frame
from review_app.labels_ja import lists
from tests.review_app import rounds
from tests.review_app.pages import open_page, person, run, shown
from tests.review_app.prefecture import OWN, Prefecture, move_everything
from tests.review_app.rows import roadmap_row


@pytest.fixture
def reviewer(prefecture: Prefecture) -> Actor:
    return person(prefecture, "sato")


def table(page: AppTest) -> list[int]:
    """The numbers of the rows listed."""
    return [int(number) for number in page.data_editor[0].value["number"]]


def write(page: AppTest, row: int, note: str) -> None:
    """Type a note into a row of the table, counted from 0."""
    page.session_state[page.data_editor[0].key] = {"edited_rows": {row: {"note": note}}}
    run(page)


def save(page: AppTest) -> None:
    next(button for button in page.button if button.label == ja.SAVE).click()
    run(page)


def plan(prefecture: Prefecture, by: Actor, row: queries.RoadmapRow) -> None:
    with session_scope(prefecture.sessions) as session:
        edit_roadmap(
            session,
            actor=by,
            item_id=row.item_id,
            expected_version=row.row_version,
            entry=RoadmapEntry(policy=ReviewPolicy.AMEND, target_phase=3, original_year=2027),
            now=dt.datetime.now(dt.UTC),
        )


def plans(prefecture: Prefecture, by: Actor) -> list[queries.RoadmapRow]:
    with reading_scope(prefecture.sessions) as session:
        return queries.roadmap_rows(session, actor=by)


def choose(page: AppTest, name: str) -> None:
    page.session_state["roadmap_listed"] = name
    run(page)


def test_what_lacks_a_plan_is_listed_by_itself_under_the_numbers_it_has_in_the_export(
    prefecture: Prefecture, reviewer: Actor
) -> None:
    total = rounds.answer_everything(prefecture, "sato")
    with session_scope(prefecture.sessions) as session:
        second = queries.roadmap_rows(session, actor=reviewer)[1]
        edit_roadmap(
            session,
            actor=reviewer,
            item_id=second.item_id,
            expected_version=session.get_one(RoadmapItem, second.item_id).row_version,
            entry=RoadmapEntry(policy=ReviewPolicy.AMEND, target_phase=3, original_year=2027),
            now=dt.datetime.now(dt.UTC),
        )
    page = open_page("roadmap", reviewer)
    (listed,) = page.get("button_group")
    assert [option.content for option in listed.proto.options] == [
        f"すべて {total}",
        f"未入力 {total - 1}",
        "入力済み 1",
    ]
    assert table(page) == list(range(1, total + 1))
    choose(page, lists.UNPLANNED)
    assert table(page) == [1, *range(3, total + 1)]
    choose(page, lists.PLANNED)
    assert table(page) == [2]


def test_what_somebody_else_saved_first_is_told_and_what_was_typed_stays_where_the_row_is_no_longer_listed(
    prefecture: Prefecture, reviewer: Actor
) -> None:
    rounds.answer_everything(prefecture, "sato")
    page = open_page("roadmap", reviewer)
    choose(page, lists.UNPLANNED)
    write(page, 1, "規則で確かめる")
    second = plans(prefecture, reviewer)[1]
    plan(prefecture, person(prefecture, "suzuki"), second)
    save(page)
    assert ja.roadmap_changed_by_other(second.number) in shown(page)
    assert second.number not in table(page)
    run(page)
    assert ja.unsaved(1, 4) in shown(page)  # against what the other has saved
    choose(page, lists.ALL_PLANS)
    assert page.data_editor[0].value["note"][1] == "規則で確かめる"
    save(page)
    assert ja.roadmap_saved(1) in shown(page)
    assert plans(prefecture, reviewer)[1].note == "規則で確かめる"


def test_the_last_row_without_a_plan_can_be_saved_once_somebody_else_has_planned_it(
    prefecture: Prefecture, reviewer: Actor
) -> None:
    rounds.answer_everything(prefecture, "sato")
    first, *others = plans(prefecture, reviewer)
    for row in others:
        plan(prefecture, reviewer, row)
    page = open_page("roadmap", reviewer)
    choose(page, lists.UNPLANNED)
    write(page, 0, "規則で確かめる")
    plan(prefecture, person(prefecture, "suzuki"), first)
    save(page)
    assert lists.ALL_PLANNED in shown(page)
    assert ja.roadmap_changed_by_other(first.number) in shown(page)
    save(page)
    assert ja.roadmap_saved(1) in shown(page)
    assert plans(prefecture, reviewer)[0].note == "規則で確かめる"


def test_a_row_that_has_become_another_divisions_is_told_and_let_go(prefecture: Prefecture, reviewer: Actor) -> None:
    rounds.answer_everything(prefecture, "sato")
    page = open_page("roadmap", reviewer)
    write(page, 0, "規則で確かめる")
    move_everything(prefecture)
    save(page)
    assert ja.roadmap_row_moved(1) in shown(page)
    assert ja.ROADMAP_EMPTY in shown(page)
    run(page)
    assert ja.unsaved(1, 1) not in shown(page)


def test_once_all_is_planned_the_list_of_the_rest_says_so(prefecture: Prefecture, reviewer: Actor) -> None:
    rounds.answer_everything(prefecture, "sato")
    with session_scope(prefecture.sessions) as session:
        for row in queries.roadmap_rows(session, actor=reviewer):
            edit_roadmap(
                session,
                actor=reviewer,
                item_id=row.item_id,
                expected_version=row.row_version,
                entry=RoadmapEntry(policy=ReviewPolicy.AMEND, target_phase=3, original_year=2027),
                now=dt.datetime.now(dt.UTC),
            )
    page = open_page("roadmap", reviewer)
    choose(page, lists.UNPLANNED)
    assert lists.ALL_PLANNED in shown(page)


def test_who_sees_several_divisions_reads_whose_each_row_is(prefecture: Prefecture) -> None:
    rounds.answer_everything(prefecture, "sato")
    page = open_page("roadmap", person(prefecture, "gyokei"))
    shown_table = page.data_editor[0].value
    assert set(shown_table["division"]) == {OWN}
    with reading_scope(prefecture.sessions) as session:
        bureau = queries.roadmap_rows(session, actor=person(prefecture, "gyokei"))[0].bureau
    assert any(f"{bureau}　{OWN}" in box.options for box in page.selectbox)


def test_a_row_leads_to_its_candidate_and_is_read_back_as_it_was() -> None:
    rows = [roadmap_row(1), roadmap_row(2)]
    shown_table = frame(rows, {})
    assert list(shown_table["address"]) == [f"/candidate?candidate={n}#第{n}条第一項" for n in (1, 2)]
    assert "division" not in shown_table
    assert list(frame(rows, {}, with_division=True)["division"]) == ["都市計画課"] * 2
    assert set(shown_table) <= set(column_config())
    assert [entry.policy for entry in entries(shown_table)] == [None, None]
