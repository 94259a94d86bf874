"""例規を読む: the source's oddities, finding one's place, the declaration, and what detection missed."""

from __future__ import annotations

import re
from dataclasses import asdict, replace

import pytest
from streamlit.testing.v1 import AppTest

from models.database import reading_scope, session_scope
from models.legislation import Revision
from models.operations.errors import AnswerFault
from models.organisation import Division
from models.queries import InstrumentText, instrument_list, instrument_text, queue
from models.review import ReviewItem
from regulations.review import OPEN_STATUSES, Actor
from regulations.structure import Diagnostic, Severity
from review_app import labels_ja as ja
from review_app.app_pages import reading
from review_app.app_pages.reading import diagnostics_html
from review_app.components.law_text_selection import PickedWords, read_picked
from review_app.labels_ja import handling as words
from review_app.labels_ja import lists
from tests import factories
from tests.review_app.pages import open_page, person, run, shown
from tests.review_app.prefecture import FOREIGN, OWN, PARKS, Prefecture, open_parks

GAP = Diagnostic(code="gap", message="第三条の次が第五条です。原本を確かめてください。", ref="第五条")
CORRECTED = Diagnostic(
    code="corrected", message="「掲事」を「掲示」に改めました。", ref="第九条第一項", severity=Severity.INFO
)


def test_notes_and_corrections_are_counted_apart_and_told_with_their_place() -> None:
    html = diagnostics_html((CORRECTED, GAP))
    assert "<summary>読み取り時の注意 1件・訂正 1件</summary>" in html
    assert "<li><b>注意</b>　第五条　第三条の次が第五条です。" in html
    assert html.index("第五条") < html.index("<b>訂正</b>　第九条第一項")


def test_a_source_without_anything_odd_shows_nothing() -> None:
    assert diagnostics_html(()) == ""


def test_a_note_without_an_address_names_the_line_of_the_source_and_its_markup_is_shown() -> None:
    html = diagnostics_html((Diagnostic(code="x", message="<p>が閉じていません。", line=1200),))
    assert "元のファイルの1,200行目　&lt;p&gt;が閉じていません。" in html


def test_the_page_shows_what_was_stored_at_the_ingest(prefecture: Prefecture) -> None:
    actor = person(prefecture, "sato")
    with session_scope(prefecture.sessions) as session:
        revision = session.query(Revision).one()
        revision.diagnostics = [asdict(GAP), asdict(CORRECTED)]
        instrument_id = revision.instrument_id
    with session_scope(prefecture.sessions) as session:
        text = instrument_text(session, actor=actor, instrument_id=instrument_id)
        assert text
        assert text.diagnostics == (GAP, CORRECTED)
    assert GAP.message in shown(open_page("reading", actor, instrument=str(instrument_id)))


# Reading, finding, declaring


@pytest.fixture
def reviewer(prefecture: Prefecture) -> Actor:
    return person(prefecture, "sato")


@pytest.fixture
def text(prefecture: Prefecture, reviewer: Actor) -> InstrumentText:
    with reading_scope(prefecture.sessions) as session:
        row = instrument_list(session, actor=reviewer)[0]
        found = instrument_text(session, actor=reviewer, instrument_id=row.head.instrument_id)
        assert found
        return found


def opened(actor: Actor, text: InstrumentText, **query: str) -> AppTest:
    return open_page("reading", actor, instrument=str(text.head.instrument_id), **query)


def press(page: AppTest, key: str) -> None:
    page.button(key=key).click()
    run(page)


def test_joint_owners_stand_beside_the_lead(prefecture: Prefecture, reviewer: Actor, text: InstrumentText) -> None:
    with session_scope(prefecture.sessions) as session:
        lead, joint = (session.query(Division).filter_by(name=name).one() for name in (OWN, FOREIGN))
        factories.own(session, text.head.instrument_id, lead, joint)
    for actor in (reviewer, person(prefecture, "tanaka")):
        assert f"所管課: {OWN}　共同所管: {FOREIGN}" in shown(opened(actor, text))
        assert f"{OWN}・{FOREIGN}" in shown(open_page("reading", actor))


def test_the_list_tells_how_many_wait_and_shows_only_these(prefecture: Prefecture, reviewer: Actor) -> None:
    open_parks(prefecture.sessions)
    with session_scope(prefecture.sessions) as session:
        for row in queue(session, actor=reviewer, statuses=OPEN_STATUSES, limit=100):
            if row.title not in PARKS:
                factories.answer(session, reviewer, session.get_one(ReviewItem, row.item_id))
    page = open_page("reading", reviewer)
    (states,) = page.get("button_group")
    words_of_states = [option.content for option in states.proto.options]
    everything = len(opened_titles(page))
    assert words_of_states == [
        f"すべて {everything}",
        "要対応あり 3",
        f"読了の申告なし {everything}",
        "読了の申告あり 0",
    ]
    page.session_state["reading_state"] = lists.WAITING
    assert opened_titles(run(page)) == sorted(PARKS)
    page.text_input(key="reading_search").input("西")
    assert opened_titles(run(page)) == [PARKS[1]]
    page.session_state["reading_state"] = lists.DECLARED
    run(page)
    assert lists.NO_SUCH_INSTRUMENT in shown(page)


def opened_titles(page: AppTest) -> list[str]:
    return [button.label for button in page.button if str(button.key).startswith("open_")]


def test_words_are_found_with_their_places_and_stay_in_the_address(reviewer: Actor, text: InstrumentText) -> None:
    page = opened(reviewer, text)
    page.text_input(key=f"reading_find_{text.head.instrument_id}").input("掲示　点検")
    run(page)
    html = shown(page)
    assert page.query_params["find"] == "掲示　点検"
    places = sum(row.text.count("掲示") + row.text.count("点検") for row in text.rows)
    holding = [row for row in text.rows if "掲示" in row.text or "点検" in row.text]
    assert html.count('<mark class="mi-hit">') == places
    assert words.hits(places, len(holding)) in html
    for row in holding:
        assert f'href="#v{row.version_id}"' in html
        assert f'id="v{row.version_id}"' in html
    again = opened(reviewer, text, find="掲示　点検")
    assert shown(again).count('<mark class="mi-hit">') == places
    page.text_input(key=f"reading_find_{text.head.instrument_id}").input("存在しない言葉")
    run(page)
    assert words.NOT_FOUND_IN_TEXT in shown(page)


def test_the_contents_lead_to_every_article_also_on_other_pages(
    reviewer: Actor, text: InstrumentText, monkeypatch: pytest.MonkeyPatch
) -> None:
    html = shown(opened(reviewer, text))
    targets = re.findall(r'<li><a href="#(a\d+)"', html)
    assert len(targets) == len({(row.section, row.label, row.article) for row in text.rows})
    assert all(f'<h3 id="{target}">' in html for target in targets)
    monkeypatch.setattr(reading, "TEXT_SIZE", 5)
    first = shown(opened(reviewer, text))
    last = text.rows[-1]
    address = f"?instrument={text.head.instrument_id}&amp;part={(len(text.rows) - 1) // 5 + 1}#a"
    assert address in first
    assert f'id="v{last.version_id}"' not in first
    second = opened(reviewer, text, part=str((len(text.rows) - 1) // 5 + 1))
    assert f'id="v{last.version_id}"' in shown(second)
    press(second, f"reading_page_{text.head.instrument_id}_back")
    assert second.query_params["part"] == str((len(text.rows) - 1) // 5)


@pytest.mark.parametrize("part", ["0", "-3", "²", "999", "x"])
def test_a_page_that_is_not_there_shows_one_that_is(reviewer: Actor, text: InstrumentText, part: str) -> None:
    assert "mi-article" in shown(opened(reviewer, text, part=part))


def test_declaring_waits_for_the_candidates_and_says_how_many(reviewer: Actor, text: InstrumentText) -> None:
    page = opened(reviewer, text)
    waiting = sum(len(row.items) for row in text.rows)
    assert words.declare_after(waiting) in shown(page)
    assert page.button(key="declare_complete").disabled


def answer_all(prefecture: Prefecture, reviewer: Actor) -> None:
    with session_scope(prefecture.sessions) as session:
        for row in queue(session, actor=reviewer, statuses=OPEN_STATUSES):
            factories.answer(session, reviewer, session.get_one(ReviewItem, row.item_id))


def test_a_reader_declares_that_nothing_is_left_and_takes_it_back(
    prefecture: Prefecture, reviewer: Actor, text: InstrumentText
) -> None:
    answer_all(prefecture, reviewer)
    page = opened(reviewer, text)
    press(page, "declare_complete")
    assert words.DECLARED_NOW in shown(page)
    assert "佐藤 花子さんが「ほかの規制はない」と申告しました（" in shown(page)
    assert words.DECLARED in shown(open_page("reading", reviewer))
    auditor = opened(person(prefecture, "kansa"), text)
    assert "佐藤 花子さんが" in shown(auditor)
    assert "withdraw_declaration" not in {button.key for button in auditor.button}
    stale = opened(person(prefecture, "suzuki"), text)
    press(page, "withdraw_declaration")
    assert words.DECLARATION_WITHDRAWN in shown(page)
    press(stale, "withdraw_declaration")  # taken back by a colleague meanwhile
    assert words.DECLARATION_WITHDRAWN in shown(stale)
    with reading_scope(prefecture.sessions) as session:
        found = instrument_text(session, actor=reviewer, instrument_id=text.head.instrument_id)
        assert found
        assert found.declaration is None


def test_a_candidate_that_came_in_between_refuses_the_declaration_with_what_to_do(
    prefecture: Prefecture, reviewer: Actor, text: InstrumentText
) -> None:
    answer_all(prefecture, reviewer)
    page = opened(reviewer, text)
    with session_scope(prefecture.sessions) as session:
        factories.scan(session, pipeline_version="rules-2", words={"目的": "visual_inspection"})
    press(page, "declare_complete")
    assert ja.answer_fault(AnswerFault.OPEN_ITEMS_LEFT) in shown(page)


# Adding what was missed


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("1|12|掲示する", PickedWords(version_id=12, words="掲示する")),
        ("7|12|甲|乙", PickedWords(version_id=12, words="甲|乙")),  # the words may hold the sign between them
        ("1|12|  ", None),
        ("1|x|掲示", None),
        ("1|²|掲示", None),
        ("1|99999999999|掲示", None),
        ("掲示", None),
        ("", None),
    ],
)
def test_what_the_script_sends_is_read_and_anything_else_is_nothing(sent: str, read: PickedWords | None) -> None:
    assert read_picked(sent) == read


def test_picked_words_fill_the_quote_and_the_provision(reviewer: Actor, text: InstrumentText) -> None:
    row = text.rows[3]
    page = opened(reviewer, text)
    press(page, "missed_begin")
    page.text_input(key="picked_words").input(f"1|{row.version_id}|{''.join(row.text[2:12].split())}")
    run(page)
    assert page.text_area(key=f"kept_quote_{text.head.instrument_id}").value == row.text[2:12].strip()
    assert page.selectbox(key="missed_place").value == row.version_id
    page.text_input(key="picked_words").input(f"2|{text.rows[0].version_id}|この条文にない言葉")
    run(page)
    assert page.selectbox(key="missed_place").value == row.version_id


def test_pasted_words_find_their_provision_and_unknown_ones_are_told(reviewer: Actor, text: InstrumentText) -> None:
    row = next(row for row in text.rows if sum(row.text in other.text for other in text.rows) == 1)
    page = opened(reviewer, text)
    press(page, "missed_begin")
    quote = page.text_area(key=f"kept_quote_{text.head.instrument_id}")
    quote.input(f" {row.text[:10]}\n{row.text[10:]}")
    run(page)
    assert page.selectbox(key="missed_place").value == row.version_id
    page.text_area(key=f"kept_quote_{text.head.instrument_id}").input("この条文にない言葉")
    run(page)
    assert ja.QUOTE_NOT_FOUND in shown(page)


def test_a_provision_chosen_by_its_address_is_added_as_a_whole(
    prefecture: Prefecture, reviewer: Actor, text: InstrumentText
) -> None:
    row = next(row for row in text.rows if not row.items)
    page = opened(reviewer, text)
    press(page, "missed_begin")
    assert page.selectbox(key="missed_place").value is None
    assert "missed_add" not in {button.key for button in page.button}
    page.selectbox(key="missed_place").select(row.version_id)
    run(page)
    press(page, "missed_add")
    assert ja.added(row.address, "目視") in shown(page)
    with reading_scope(prefecture.sessions) as session:
        found = instrument_text(session, actor=reviewer, instrument_id=text.head.instrument_id)
        assert found
        added = next(other for other in found.rows if other.version_id == row.version_id)
    assert [(item.category, item.is_manual) for item in added.items] == [("visual_inspection", True)]
    assert [(mark.start, mark.end) for mark in added.marks] == [(0, len(row.text))]
    assert "missed_begin" in {button.key for button in page.button}


def test_who_may_not_answer_adds_and_declares_nothing(prefecture: Prefecture, text: InstrumentText) -> None:
    page = opened(person(prefecture, "gyokei"), text)
    assert not {"missed_begin", "declare_complete"} & {button.key for button in page.button}


def test_markup_in_a_caption_is_shown_in_the_contents_and_never_run(text: InstrumentText) -> None:
    evil = replace(text, rows=(replace(text.rows[0], caption="<script>x</script>"), *text.rows[1:]))
    assert "<script" not in reading.contents_html(evil)
