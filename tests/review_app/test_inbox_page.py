"""受信箱: the list as its address asks for it, and several candidates at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from streamlit.testing.v1 import AppTest

from models.database import reading_scope, session_scope
from models.operations.hand_over import hand_over
from models.operations.post_message import post_message
from models.organisation import Division
from models.queries import handovers_of_item, inbox_counts, item_detail, queue
from models.review import ReviewItem
from regulations.labels import label
from regulations.review import OPEN_STATUSES, Actor, Applicability, ReviewStatus
from review_app import labels_ja as ja
from review_app.app_pages import inbox
from review_app.components import bulk_answer, instrument_filter
from review_app.labels_ja import handling as words
from review_app.labels_ja import lists
from tests import factories
from tests.review_app.pages import person, run, shown
from tests.review_app.prefecture import FOREIGN, OWN, PARKS, Prefecture, open_parks


@pytest.fixture
def reviewer(prefecture: Prefecture) -> Actor:
    return person(prefecture, "sato")


@pytest.fixture
def parks(prefecture: Prefecture, reviewer: Actor) -> list[int]:
    """Three more candidates, one in each of three ordinances."""
    open_parks(prefecture.sessions)
    with reading_scope(prefecture.sessions) as session:
        return [row.item_id for row in queue(session, actor=reviewer, statuses=OPEN_STATUSES, text="公園")]


def opened(actor: Actor, **query: str) -> AppTest:
    """The page with the links it has in the app."""
    page = AppTest.from_function(_script, kwargs={"actor": actor}, default_timeout=30)
    for key, value in query.items():
        page.query_params[key] = value
    return run(page)


def _script(actor: object) -> None:
    import streamlit as st

    from review_app.app_pages import inbox
    from review_app.navigation import ALL_PAGES
    from review_app.session_state import keep_pages

    pages = {page.name: st.Page(lambda: None, title=page.label, url_path=page.name) for page in ALL_PAGES}
    st.navigation(list(pages.values()), position="hidden")
    keep_pages(pages)
    inbox.show(actor)


def press(page: AppTest, key: str) -> None:
    page.button(key=key).click()
    run(page)


def listed(page: AppTest) -> list[int]:
    """The candidates of the list, by the boxes in front of them."""
    return [int(str(box.key).removeprefix("choose_")) for box in page.checkbox]


def links(page: AppTest) -> dict[str, str]:
    return {link.proto.label: link.proto.query_string for link in page.get("page_link")}


def statuses(prefecture: Prefecture, actor: Actor, item_ids: list[int]) -> list[ReviewStatus]:
    with reading_scope(prefecture.sessions) as session:
        details = [item_detail(session, actor=actor, item_id=item_id) for item_id in item_ids]
        return [detail.status for detail in details if detail]


# The address


def test_a_link_or_a_reload_lists_what_the_address_asks_for(
    prefecture: Prefecture, reviewer: Actor, parks: list[int]
) -> None:
    page = opened(reviewer, words="公園", sure="80", category="written_posting")
    assert listed(page) == parks
    assert page.text_input(key="filter_text").value == "公園"
    assert page.selectbox(key="filter_probability").value == 0.8
    assert listed(opened(reviewer, category="visual_inspection", words="公園")) == []
    with reading_scope(prefecture.sessions) as session:
        row = queue(session, actor=reviewer, statuses=OPEN_STATUSES, text=PARKS[1])[0]
    page = opened(reviewer, of=str(row.instrument_id))
    assert listed(page) == [row.item_id]
    assert instrument_button(page) == PARKS[1]


def test_an_instrument_is_found_by_words_among_all_there_are(
    reviewer: Actor, parks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instrument_filter, "SHOWN", 2)
    page = opened(reviewer)
    assert instrument_button(page) == words.ALL_INSTRUMENTS
    assert not offered(page)  # nothing is asked before somebody wants to choose
    page.session_state["instrument_filter"] = True
    run(page)
    assert len(offered(page)) == 2
    assert lists.MORE_INSTRUMENTS in shown(page)
    page.text_input(key="instrument_filter_words").input("西 公園")
    run(page)
    assert offered(page) == [f"{PARKS[1]}（要対応 1件）"]
    assert lists.MORE_INSTRUMENTS not in shown(page)
    page.text_input(key="instrument_filter_words").input("霞野県 なし")
    run(page)
    assert lists.NO_INSTRUMENT_FOUND in shown(page)
    page.text_input(key="instrument_filter_words").input("条例第2号")
    run(page)
    next(button for button in page.button if button.label.startswith(PARKS[1])).click()
    run(page)
    assert listed(page) == [parks[1]]
    assert list(page.query_params) == ["of"]
    assert instrument_button(page) == PARKS[1]
    assert not offered(page)  # chosen, and closed
    assert lists.matching(1) in shown(page)
    page.session_state["instrument_filter"] = True
    run(page)
    press(page, "instrument_any")
    assert not page.query_params
    assert set(parks) < set(listed(page))


def instrument_button(page: AppTest) -> str:
    """What the filter by instrument says."""
    (found,) = [block for block in page.get("popover") if block.proto.popover.id.endswith("-instrument_filter")]
    return str(found.proto.popover.label)


def offered(page: AppTest) -> list[str]:
    return [button.label for button in page.button if str(button.key).removeprefix("instrument_").isdecimal()]


def test_each_state_is_told_with_its_number_which_an_answer_changes(
    prefecture: Prefecture, reviewer: Actor, parks: list[int]
) -> None:
    page = opened(reviewer, words="公園", status="pending")
    with reading_scope(prefecture.sessions) as session:
        counted = inbox_counts(session, actor=reviewer)
    assert state_words(page) == state_words_of(counted)
    press(page, "choose_page")
    press(page, "bulk_answer")
    press(page, "bulk_yes")
    with reading_scope(prefecture.sessions) as session:
        after = inbox_counts(session, actor=reviewer)
    assert after[ReviewStatus.APPLICABLE] == counted[ReviewStatus.APPLICABLE] + 3
    assert state_words(page) == state_words_of(after)
    assert listed(page) == []  # 未確認 is still what is listed
    assert page.query_params["status"] == "pending"


def state_words(page: AppTest) -> list[str]:
    (found,) = page.get("button_group")
    return [option.content for option in found.proto.options]


def state_words_of(counted: Mapping[ReviewStatus, int]) -> list[str]:
    numbers = {label(status): counted[status] for status in ReviewStatus}
    waiting = numbers["再確認"] + numbers["未確認"] + numbers["保留"]
    numbers |= {"要対応": waiting, "すべて": waiting + numbers["該当"] + numbers["非該当"]}
    return [f"{name} {numbers[name]}" for name in ("要対応", "再確認", "未確認", "保留", "該当", "非該当", "すべて")]


@pytest.mark.parametrize(
    "query",
    [
        {"status": "nonsense"},
        {"category": "nonsense"},
        {"of": "999999"},  # no instrument of ours
        {"of": "²"},
        {"sure": "33"},
        {"page": "0"},
        {"page": "99"},
        {"page": "-1"},
    ],
)
def test_an_address_that_means_nothing_lists_what_is_listed_at_first(reviewer: Actor, query: dict[str, str]) -> None:
    assert listed(opened(reviewer, **query)) == listed(opened(reviewer))


def test_what_is_chosen_stands_in_the_address_and_nothing_else(reviewer: Actor, parks: list[int]) -> None:
    page = opened(reviewer)
    assert not page.query_params
    page.selectbox(key="filter_category").select("written_posting")
    run(page)
    page.text_input(key="filter_text").input("公園")
    run(page)
    assert dict(page.query_params) == {"category": "written_posting", "words": "公園"}
    assert links(page)["第一条（見出し1）"].startswith(f"candidate={parks[-1]}&category=written_posting&words=")
    press(page, "clear_filter")
    assert not page.query_params
    assert set(parks) < set(listed(page))


def test_the_page_of_the_list_is_in_the_address_and_a_filter_returns_to_the_first(
    reviewer: Actor, parks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "SIZE", 2)
    page = opened(reviewer)
    first = listed(page)
    press(page, "inbox_page_on")
    assert dict(page.query_params) == {"page": "2"}
    second = listed(page)
    assert not set(first) & set(second)
    assert listed(opened(reviewer, page="2")) == second
    page.text_input(key="filter_text").input("公園")
    run(page)
    assert dict(page.query_params) == {"words": "公園"}
    assert listed(page) == parks[:2]


# Several at once


def test_every_row_that_an_answer_touches_is_shown_before_it_and_one_left_out_stays(
    prefecture: Prefecture, reviewer: Actor, parks: list[int]
) -> None:
    page = opened(reviewer, words="公園")
    press(page, "choose_page")
    assert words.chosen(3) in shown(page)
    press(page, "bulk_answer")
    assert [box.label.split("　")[0] for box in page.checkbox] == list(PARKS)
    assert words.answer_preview(3) in shown(page)
    page.checkbox(key=f"bulk_{parks[1]}").uncheck()
    run(page)
    assert words.answer_preview(2) in shown(page)
    press(page, "bulk_yes")
    assert "選んだ候補2件を「該当」としました。" in shown(page)
    assert statuses(prefecture, reviewer, parks) == [
        ReviewStatus.APPLICABLE,
        ReviewStatus.PENDING,
        ReviewStatus.APPLICABLE,
    ]
    assert listed(page) == [parks[1]]  # still ticked, for what comes next
    assert page.checkbox(key=f"choose_{parks[1]}").value


def test_one_step_takes_it_back_also_after_a_reload(prefecture: Prefecture, reviewer: Actor, parks: list[int]) -> None:
    page = opened(reviewer, words="公園")
    press(page, "choose_page")
    press(page, "bulk_answer")
    press(page, "bulk_no")
    press(page, "reason_prohibition")
    assert statuses(prefecture, reviewer, parks) == [ReviewStatus.NOT_APPLICABLE] * 3
    reloaded = opened(reviewer, words="公園")
    assert reloaded.button(key="undo_group").label.startswith("前のまとめて回答（3件、")
    press(reloaded, "undo_group")
    assert ja.group_undone(3, 0) in shown(reloaded)
    assert statuses(prefecture, reviewer, parks) == [ReviewStatus.PENDING] * 3
    press(page, "undo_group")  # the page that was open all the while
    assert ja.GROUP_UNDONE_ALREADY in shown(page)


def test_a_refused_answer_saves_nothing_and_keeps_what_was_chosen(
    prefecture: Prefecture, reviewer: Actor, parks: list[int]
) -> None:
    page = opened(reviewer, words="公園")
    press(page, "choose_page")
    press(page, "bulk_answer")
    press(page, "bulk_no")
    press(page, "reason_other")
    assert "メモに理由を入力してください" in shown(page)
    assert words.answer_preview(3) in shown(page)
    assert statuses(prefecture, reviewer, parks) == [ReviewStatus.PENDING] * 3


def test_what_somebody_answered_meanwhile_is_named_and_left_out_and_nothing_is_saved(
    prefecture: Prefecture, reviewer: Actor, parks: list[int]
) -> None:
    page = opened(reviewer, words="公園")
    press(page, "choose_page")
    press(page, "bulk_answer")
    with session_scope(prefecture.sessions) as session:
        factories.answer(
            session, person(prefecture, "suzuki"), session.get_one(ReviewItem, parks[1]), Applicability.UNDECIDED
        )
    press(page, "bulk_yes")
    assert words.bulk_changed(f"{PARKS[1]}　第一条") in shown(page)
    assert statuses(prefecture, reviewer, parks) == [
        ReviewStatus.PENDING,
        ReviewStatus.UNDECIDED,
        ReviewStatus.PENDING,
    ]
    press(page, "bulk_yes")
    assert "選んだ候補2件を「該当」としました。" in shown(page)


def test_all_that_a_filter_lists_can_be_ticked_up_to_a_limit_that_is_told(
    reviewer: Actor, parks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "SIZE", 1)
    page = opened(reviewer, words="公園")
    assert page.button(key="choose_filter").label == "この条件の3件をすべて選ぶ"
    press(page, "choose_filter")
    assert words.chosen(3) in shown(page)
    monkeypatch.setattr(inbox, "LIMIT", 2)
    monkeypatch.setattr(bulk_answer, "LIMIT", 2)
    page = opened(reviewer, words="公園")
    assert page.button(key="choose_filter").label == "この条件の先頭2件を選ぶ（全3件）"
    press(page, "choose_filter")
    assert words.chosen(2) in shown(page)
    press(page, "inbox_page_on")
    press(page, "inbox_page_on")
    page.checkbox(key=f"choose_{parks[2]}").check()
    run(page)
    assert words.too_many(2) in shown(page)
    assert not page.checkbox(key=f"choose_{parks[2]}").value


def test_what_is_answered_already_cannot_be_ticked(prefecture: Prefecture, reviewer: Actor, parks: list[int]) -> None:
    with session_scope(prefecture.sessions) as session:
        factories.answer(session, reviewer, session.get_one(ReviewItem, parks[0]))
    page = opened(reviewer, words="公園", status="all")
    assert PARKS[0] in shown(page)
    assert listed(page) == parks[1:]


def test_several_are_handed_over_at_once_with_a_reason(
    prefecture: Prefecture, reviewer: Actor, parks: list[int]
) -> None:
    with reading_scope(prefecture.sessions) as session:
        to = session.query(Division.id).filter_by(name=FOREIGN).scalar()
    page = opened(reviewer, words="公園")
    press(page, "choose_page")
    press(page, "bulk_hand_over")
    assert words.hand_over_preview(3) in shown(page)
    page.selectbox(key="bulk_handover_to").select(to)
    press(page, "bulk_send")
    assert "所管外とするには理由が必要です。" in shown(page)
    next(area for area in page.text_area if area.label == words.HAND_OVER_REASON).input("公園の管理は移管した。")
    press(page, "bulk_send")
    assert f"選んだ候補3件を所管外として{FOREIGN}に渡しました。" in shown(page)
    with reading_scope(prefecture.sessions) as session:
        for item_id in parks:
            way = handovers_of_item(session, actor=reviewer, item_id=item_id)
            assert [(row.from_division, row.to_division, row.reason) for row in way] == [
                (OWN, FOREIGN, "公園の管理は移管した。")
            ]
    theirs = opened(person(prefecture, "tanaka"))
    assert set(parks) <= set(listed(theirs))
    assert shown(theirs).count(words.handed_from(OWN)) == 3


# What stands on top


def test_an_answer_that_came_stands_on_top_with_the_way_to_its_candidate(
    prefecture: Prefecture, reviewer: Actor, parks: list[int]
) -> None:
    with session_scope(prefecture.sessions) as session:
        item = session.get_one(ReviewItem, parks[0])
        factories.answer(session, reviewer, item, Applicability.UNDECIDED, note="掲示板も含みますか。")
    assert not opened(reviewer).expander
    with session_scope(prefecture.sessions) as session:
        coordinator = person(prefecture, "gyokei")
        post_message(session, actor=coordinator, item_id=parks[0], text="含みます。<b>", now=dt.datetime.now(dt.UTC))
    page = opened(reviewer)
    html = shown(page)
    assert [told.label for told in page.expander] == [lists.answers_came(1, more=False)]
    assert "含みます。&lt;b&gt;" in html
    assert links(page)[f"{PARKS[0]}　第一条"] == f"candidate={parks[0]}"


def test_whoever_does_not_answer_has_no_boxes_and_sees_the_same_list(
    prefecture: Prefecture, reviewer: Actor, parks: list[int]
) -> None:
    for login in ("gyokei", "kansa"):
        page = opened(person(prefecture, login), words="公園")
        assert [label for label in links(page) if label.startswith("第一条")]
        assert not page.checkbox
        assert "choose_page" not in {button.key for button in page.button}
        assert shown(page).count(f'<p class="mi-queue-line">{OWN}</p>') == 3  # whose they are


def test_what_was_handed_away_is_neither_listed_nor_counted(
    prefecture: Prefecture, reviewer: Actor, parks: list[int]
) -> None:
    with session_scope(prefecture.sessions) as session:
        before = inbox_counts(session, actor=reviewer)[ReviewStatus.PENDING]
        hand_over(
            session,
            actor=reviewer,
            items={parks[0]: session.get_one(ReviewItem, parks[0]).row_version},
            to_division_id=session.query(Division.id).filter_by(name=FOREIGN).scalar(),
            reason="公園の管理は移管した。",
            now=factories.NOW,
        )
    page = opened(reviewer, words="公園")
    assert listed(page) == parks[1:]
    assert f"{label(ReviewStatus.PENDING)} {before - 1}" in state_words(page)
