"""候補の確認: 所管外, the thread with the coordinator, what was handed in, and the way back after a reload."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextArea

from models.database import reading_scope, session_scope
from models.inquiry import InquiryAnswer
from models.operations.answer_inquiry import approve_answer, submit_answer
from models.operations.decide_group import decide_many
from models.operations.dispatch_inquiry import dispatch_inquiry
from models.operations.draft_inquiry import draft_inquiry
from models.operations.errors import AnswerFault
from models.operations.hand_over import hand_over, settle_handover
from models.operations.post_message import post_message
from models.organisation import Division
from models.queries import handovers_of_item, inbox_counts, item_detail, queue, thread
from models.review import ReviewItem
from regulations.inquiry import AnswerState
from regulations.review import OPEN_STATUSES, Actor, Applicability, ReviewStatus
from review_app import labels_ja as ja
from review_app.app_pages.candidate import keys_html
from review_app.components.at_work import at_work_html
from review_app.components.handover_form import NOBODY
from review_app.labels_ja import handling as words
from tests import factories
from tests.review_app.pages import open_page, person, run, shown
from tests.review_app.prefecture import FOREIGN, OWN, Prefecture, open_parks

REASON = "許可の事務は生活衛生課が行っている。"


@pytest.fixture
def reviewer(prefecture: Prefecture) -> Actor:
    return person(prefecture, "sato")


@pytest.fixture
def item_id(prefecture: Prefecture, reviewer: Actor) -> int:
    """The first candidate of the queue."""
    with reading_scope(prefecture.sessions) as session:
        return queue(session, actor=reviewer, statuses=OPEN_STATUSES)[0].item_id


def division_id(prefecture: Prefecture, name: str) -> int:
    with reading_scope(prefecture.sessions) as session:
        return session.scalars(select(Division.id).where(Division.name == name)).one()


def version_of(prefecture: Prefecture, item_id: int) -> int:
    with reading_scope(prefecture.sessions) as session:
        return session.get_one(ReviewItem, item_id).row_version


def detail_of(prefecture: Prefecture, actor: Actor, item_id: int) -> ReviewStatus:
    with reading_scope(prefecture.sessions) as session:
        detail = item_detail(session, actor=actor, item_id=item_id)
        assert detail
        return detail.status


def keys(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button}


def opened(actor: Actor, item_id: int, *presses: str) -> AppTest:
    page = open_page("candidate", actor, candidate=str(item_id))
    for key in presses:
        press(page, key)
    return page


def press(page: AppTest, key: str) -> None:
    page.button(key=key).click()
    run(page)


def field(page: AppTest, label: str) -> TextArea:
    return next(area for area in page.text_area if area.label == label)


def handed(prefecture: Prefecture, actor: Actor, item_id: int, to: str | None, reason: str = REASON) -> int:
    with session_scope(prefecture.sessions) as session:
        return hand_over(
            session,
            actor=actor,
            items={item_id: session.get_one(ReviewItem, item_id).row_version},
            to_division_id=division_id(prefecture, to) if to else None,
            reason=reason,
            now=factories.NOW,
        )[0]


# 所管外


def test_handing_over_needs_a_division_and_a_reason_and_keeps_what_was_typed(reviewer: Actor, item_id: int) -> None:
    page = opened(reviewer, item_id, "hand_over")
    field(page, words.HAND_OVER_REASON).input(REASON)
    press(page, "handover_send")
    assert words.CHOOSE_DIVISION in shown(page)
    assert field(page, words.HAND_OVER_REASON).value == REASON
    page.selectbox(key=f"handover_{item_id}_to").select(NOBODY)
    field(page, words.HAND_OVER_REASON).input(" ")
    press(page, "handover_send")
    assert "所管外とするには理由が必要です。" in shown(page)


def test_a_candidate_handed_over_is_told_where_it_went_and_the_next_one_opens(
    prefecture: Prefecture, reviewer: Actor, item_id: int
) -> None:
    page = opened(reviewer, item_id, "hand_over")
    page.selectbox(key=f"handover_{item_id}_to").select(division_id(prefecture, FOREIGN))
    field(page, words.HAND_OVER_REASON).input(REASON)
    press(page, "handover_send")
    assert re.search(f"第.*条.*（.*）を所管外として{FOREIGN}に渡しました。", shown(page))
    assert page.query_params["candidate"] not in (str(item_id), "done")
    with reading_scope(prefecture.sessions) as session:
        assert item_id not in {row.item_id for row in queue(session, actor=reviewer, statuses=OPEN_STATUSES)}
        theirs = queue(session, actor=person(prefecture, "tanaka"), statuses=OPEN_STATUSES)
        assert [(row.item_id, row.handed_from) for row in theirs] == [(item_id, OWN)]


def test_the_division_that_answers_is_not_offered_and_a_homonym_names_its_bureau(
    prefecture: Prefecture, reviewer: Actor, item_id: int
) -> None:
    with session_scope(prefecture.sessions) as session:
        session.add(Division(bureau="警察本部", office="", name=FOREIGN))
    options = opened(reviewer, item_id, "hand_over").selectbox(key=f"handover_{item_id}_to").options
    assert options[0] == words.NOBODY_KNOWN
    assert OWN not in options
    assert {option for option in options if FOREIGN in option} == {
        f"{FOREIGN}（警察本部）",
        f"{FOREIGN}（環境生活部）",
    }


def test_where_nobody_knows_whose_it_is_the_candidate_stays_and_says_that_the_coordinator_was_asked(
    prefecture: Prefecture, reviewer: Actor, item_id: int
) -> None:
    page = opened(reviewer, item_id, "hand_over")
    page.selectbox(key=f"handover_{item_id}_to").select(NOBODY)
    field(page, words.HAND_OVER_REASON).input(REASON)
    press(page, "handover_send")
    assert "所管の確認を推進部門に頼みました。" in shown(page)
    html = shown(opened(reviewer, item_id))
    assert "推進部門が所管を確かめています（佐藤 花子、" in html
    assert "answer_yes" in keys(opened(reviewer, item_id))


def test_a_candidate_that_came_from_another_division_says_from_whom_and_why(
    prefecture: Prefecture, reviewer: Actor, item_id: int
) -> None:
    handed(prefecture, reviewer, item_id, FOREIGN, f"{REASON}<b>")
    html = shown(opened(person(prefecture, "tanaka"), item_id))
    assert f"{OWN}から所管外として届きました（佐藤 花子、" in html
    assert f"理由: {REASON}&lt;b&gt;" in html
    assert "この候補が課の間を移るのは" not in html


def test_whose_it_was_before_sees_where_it_went_and_cannot_answer_it(
    prefecture: Prefecture, reviewer: Actor, item_id: int
) -> None:
    handed(prefecture, reviewer, item_id, FOREIGN)
    page = opened(reviewer, item_id)
    assert f"所管外として{FOREIGN}に渡しました（佐藤 花子、" in shown(page)
    assert ja.ONLY_OWNER_ANSWERS in shown(page)
    assert not {"answer_yes", "hand_over"} & keys(page)


def test_one_that_bounces_tells_how_often_and_shows_its_way(
    prefecture: Prefecture, reviewer: Actor, item_id: int
) -> None:
    handed(prefecture, reviewer, item_id, FOREIGN)
    handed(prefecture, person(prefecture, "tanaka"), item_id, OWN, "屋外広告物は都市計画課の所管である。")
    html = shown(opened(reviewer, item_id))
    assert f"{FOREIGN}から所管外として届きました（田中 実、" in html
    assert words.bounced(2) in html
    assert f"{OWN} → {FOREIGN}（さらに所管外）" in html


def test_what_the_coordinator_has_settled_cannot_be_handed_on(
    prefecture: Prefecture, reviewer: Actor, item_id: int
) -> None:
    request = handed(prefecture, reviewer, item_id, None)
    with session_scope(prefecture.sessions) as session:
        settle_handover(
            session,
            actor=person(prefecture, "gyokei"),
            handover_id=request,
            division_id=division_id(prefecture, OWN),
            note="条例の所管課が回答する。",
            now=factories.NOW,
        )
    page = opened(reviewer, item_id, "hand_over")
    assert words.settled(OWN) in shown(page)
    assert "条例の所管課が回答する。" in shown(page)
    page.selectbox(key=f"handover_{item_id}_to").select(division_id(prefecture, FOREIGN))
    field(page, words.HAND_OVER_REASON).input(REASON)
    press(page, "handover_send")
    assert "推進部門が所管を決めた候補です。" in shown(page)


def test_an_answer_that_came_in_between_is_told_and_nothing_is_handed_over(
    prefecture: Prefecture, reviewer: Actor, item_id: int
) -> None:
    page = opened(reviewer, item_id, "hand_over")
    with session_scope(prefecture.sessions) as session:
        factories.answer(session, person(prefecture, "suzuki"), session.get_one(ReviewItem, item_id))
    page.selectbox(key=f"handover_{item_id}_to").select(division_id(prefecture, FOREIGN))
    field(page, words.HAND_OVER_REASON).input(REASON)
    press(page, "handover_send")
    assert "鈴木 一郎さんが「該当」と回答しました。" in shown(page)
    with reading_scope(prefecture.sessions) as session:
        assert handovers_of_item(session, actor=reviewer, item_id=item_id) == []


def test_an_answered_candidate_is_not_handed_over(prefecture: Prefecture, reviewer: Actor, item_id: int) -> None:
    with session_scope(prefecture.sessions) as session:
        factories.answer(session, reviewer, session.get_one(ReviewItem, item_id))
    assert opened(reviewer, item_id).button(key="hand_over").disabled


# やりとり


def held(prefecture: Prefecture, reviewer: Actor, item_id: int) -> None:
    with session_scope(prefecture.sessions) as session:
        factories.answer(
            session,
            reviewer,
            session.get_one(ReviewItem, item_id),
            Applicability.UNDECIDED,
            note="別表も読むべきか。",
        )


def replied(prefecture: Prefecture, item_id: int, text: str) -> None:
    with session_scope(prefecture.sessions) as session:
        post_message(session, actor=person(prefecture, "gyokei"), item_id=item_id, text=text, now=factories.NOW)


def test_a_note_on_hold_opens_the_thread_and_more_can_be_asked(
    prefecture: Prefecture, reviewer: Actor, item_id: int
) -> None:
    page = open_page("candidate", reviewer, candidate=str(item_id))
    field(page, ja.NOTE).input("別表も読むべきか。")
    press(page, "answer_later")
    page = opened(reviewer, item_id, "talk")
    assert page.button(key="talk").label == words.thread(1)
    assert "別表も読むべきか。" in shown(page)
    field(page, words.QUESTION).input("様式も含みますか。")
    press(page, "message_send")
    assert words.MESSAGE_SENT in shown(page)
    assert field(page, words.QUESTION).value == ""
    with reading_scope(prefecture.sessions) as session:
        messages = thread(session, actor=reviewer, item_id=item_id)
    assert [(row.text, row.is_answer) for row in messages] == [
        ("別表も読むべきか。", False),
        ("様式も含みますか。", False),
    ]


def test_an_empty_message_is_refused(reviewer: Actor, item_id: int) -> None:
    page = opened(reviewer, item_id, "talk", "message_send")
    assert ja.answer_fault(AnswerFault.TEXT_REQUIRED) in shown(page)


def test_an_answer_that_came_is_shown_until_the_candidate_is_decided(
    prefecture: Prefecture, reviewer: Actor, item_id: int
) -> None:
    held(prefecture, reviewer, item_id)
    assert "mi-answer-came" not in shown(opened(reviewer, item_id))
    replied(prefecture, item_id, "別表も読んでください。\n<b>様式</b>は除きます。")
    html = shown(opened(reviewer, item_id))
    assert "保留の質問に回答が届きました（行政経営課 山本、" in html
    assert "別表も読んでください。<br>&lt;b&gt;様式&lt;/b&gt;は除きます。" in html
    press(opened(reviewer, item_id), "answer_yes")
    assert "mi-answer-came" not in shown(opened(reviewer, item_id))


def test_the_coordinator_replies_on_the_same_page(prefecture: Prefecture, reviewer: Actor, item_id: int) -> None:
    held(prefecture, reviewer, item_id)
    page = opened(person(prefecture, "gyokei"), item_id)
    field(page, words.ANSWER).input("別表も読んでください。")
    press(page, "message_send")
    assert words.REPLY_SENT in shown(page)
    with reading_scope(prefecture.sessions) as session:
        assert thread(session, actor=reviewer, item_id=item_id)[-1].is_answer


def test_the_auditor_reads_the_thread_and_writes_nothing(prefecture: Prefecture, reviewer: Actor, item_id: int) -> None:
    held(prefecture, reviewer, item_id)
    page = opened(person(prefecture, "kansa"), item_id, "talk")
    assert "別表も読むべきか。" in shown(page)
    assert not {"message_send", "hand_over", "answer_yes"} & keys(page)


# 照会


def asked(prefecture: Prefecture, item_id: int) -> int:
    """A running inquiry about the category of the candidate; the id of the own division's answer."""
    coordinator = person(prefecture, "gyokei")
    with session_scope(prefecture.sessions) as session:
        category = session.get_one(ReviewItem, item_id).category
        inquiry_id = draft_inquiry(
            session,
            actor=coordinator,
            name="令和8年度の点検",
            guidance="",
            due_date=dt.date(2099, 3, 31),
            kinds=(),
            categories=(category,),
            division_ids=None,
            now=factories.NOW,
        )
        dispatch_inquiry(session, actor=coordinator, inquiry_id=inquiry_id, expected_version=1, now=factories.NOW)
        answer = select(InquiryAnswer.id).where(
            InquiryAnswer.inquiry_id == inquiry_id, InquiryAnswer.division_id == division_id(prefecture, OWN)
        )
        return session.scalars(answer).one()


def answer_all(prefecture: Prefecture, reviewer: Actor) -> None:
    with session_scope(prefecture.sessions) as session:
        for row in queue(session, actor=reviewer, statuses=OPEN_STATUSES):
            factories.answer(session, reviewer, session.get_one(ReviewItem, row.item_id))


def test_the_due_date_of_a_running_inquiry_stands_on_top(prefecture: Prefecture, reviewer: Actor, item_id: int) -> None:
    assert "期限" not in shown(opened(reviewer, item_id))
    asked(prefecture, item_id)
    assert "期限 西暦2099年3月31日" in shown(opened(reviewer, item_id)).replace("令和81年", "西暦2099年")


@pytest.mark.parametrize(
    ("state", "what_to_do"),
    [
        (AnswerState.ANSWERED, "受信箱で回答を取り下げてください。"),
        (AnswerState.APPROVED, "推進部門に差戻しを依頼してください。"),
    ],
)
def test_where_the_answer_was_handed_in_the_buttons_give_way_to_why_and_what_to_do(
    prefecture: Prefecture, reviewer: Actor, item_id: int, state: AnswerState, what_to_do: str
) -> None:
    answer_id = asked(prefecture, item_id)
    answer_all(prefecture, reviewer)
    with session_scope(prefecture.sessions) as session:
        version = session.get_one(InquiryAnswer, answer_id).row_version
        submit_answer(session, actor=reviewer, answer_id=answer_id, expected_version=version, now=factories.NOW)
    if state is AnswerState.APPROVED:
        with session_scope(prefecture.sessions) as session:
            version = session.get_one(InquiryAnswer, answer_id).row_version
            approver = person(prefecture, "suzuki")
            approve_answer(session, actor=approver, answer_id=answer_id, expected_version=version, now=factories.NOW)
    page = opened(reviewer, item_id)
    assert words.submitted_already("令和8年度の点検", state) in shown(page)
    assert what_to_do in shown(page)
    assert not {"answer_yes", "answer_no", "answer_later", "hand_over", "group"} & keys(page)


# The way back, keys, and the words of the page


def test_after_a_reload_the_last_answer_for_several_can_still_be_taken_back(
    prefecture: Prefecture, reviewer: Actor, item_id: int
) -> None:
    open_parks(prefecture.sessions)
    with session_scope(prefecture.sessions) as session:
        rows = queue(session, actor=reviewer, statuses=OPEN_STATUSES, text="公園")
        decide_many(
            session,
            actor=reviewer,
            items={row.item_id: row.row_version for row in rows},
            applicability=Applicability.APPLICABLE,
            now=dt.datetime.now(dt.UTC),
        )
    page = opened(reviewer, item_id)
    assert page.button(key="undo_group").label.startswith("前のまとめて回答（3件、")
    press(page, "undo_group")
    assert ja.group_undone(3, 0) in shown(page)
    with reading_scope(prefecture.sessions) as session:
        assert inbox_counts(session, actor=reviewer)[ReviewStatus.APPLICABLE] == 0
    assert "undo_group" not in keys(opened(reviewer, item_id))


def test_every_key_that_a_button_listens_to_is_in_the_list_of_keys(
    prefecture: Prefecture, reviewer: Actor, item_id: int
) -> None:
    open_parks(prefecture.sessions)
    with reading_scope(prefecture.sessions) as session:
        park = queue(session, actor=reviewer, statuses=OPEN_STATUSES, text="公園")[0].item_id
    page = opened(reviewer, park)
    listened = {button.proto.shortcut for button in page.button if button.proto.shortcut}
    press(page, "answer_later")
    listened |= {button.proto.shortcut for button in page.button if button.proto.shortcut}
    listed = {key.lower().replace("esc", "escape") for key, _ in words.KEY_LIST}
    assert {"1", "2", "3", "4", "g", "j", "k", "m", "z"} <= listened <= listed
    for key, what in words.KEY_LIST:
        assert f"<kbd>{key}</kbd></td><td>{what}" in keys_html()


def test_a_reload_walks_the_same_queue_as_the_list_it_was_opened_from(prefecture: Prefecture, reviewer: Actor) -> None:
    open_parks(prefecture.sessions)
    with reading_scope(prefecture.sessions) as session:
        parks = [row.item_id for row in queue(session, actor=reviewer, statuses=OPEN_STATUSES, text="公園")]
    page = open_page("candidate", reviewer, candidate=str(parks[0]), words="公園")
    visited = [parks[0]]
    for _ in parks[1:]:
        next(button for button in page.button if button.label == ja.NEXT).click()
        run(page)
        visited.append(int(page.query_params["candidate"]))
    assert visited == parks
    assert next(button for button in page.button if button.label == ja.NEXT).disabled


def test_an_address_that_names_no_candidate_of_ours_is_told_so(reviewer: Actor) -> None:
    for strange in ("0", "999999", "1; DROP", "9" * 40, "²"):
        assert ja.NO_SUCH_CANDIDATE in shown(open_page("candidate", reviewer, candidate=strange))


def test_what_the_script_is_told_is_its_own_words_and_whose_notes_it_keeps(reviewer: Actor) -> None:
    html = at_work_html(reviewer)
    found = re.search(r"window\.minaoshi = (\{.*?\});</script>", html)
    assert found
    told = json.loads(found[1])
    assert told["account"] == reviewer.account_id
    assert told["words"]["Open"] == "選択肢を開く"
    for pattern, replaced in told["patterns"].items():
        assert re.compile(pattern).groups >= replaced.count("$")
