"""承認: what waits for the head of the division, and what an answer holds."""

from __future__ import annotations

import datetime as dt

import pytest
from streamlit.testing.v1 import AppTest

from models.database import reading_scope, session_scope
from models.operations.decide import decide
from models.queries import queue
from models.queries.asked import AskedItem, approvers, asked_items, asked_total
from regulations.inquiry import AnswerState, Respondent
from regulations.review import Actor, Applicability, NonApplicableReason, ReviewStatus
from regulations.taxonomy import LegalBasis
from review_app.components.answer_review import decision_html
from review_app.labels_ja import inquiries as words
from tests.review_app import rounds
from tests.review_app.pages import open_page, person, run, shown
from tests.review_app.prefecture import FOREIGN, NOW, OWN, Prefecture


@pytest.fixture
def suzuki(prefecture: Prefecture, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """The approver of a division that has answered everything, 非該当 but for one; the round runs."""
    rounds.stop_the_clock(monkeypatch)
    rounds.foreign_ordinance(prefecture)
    rounds.people_of_the_round(prefecture)
    rounds.open_round(prefecture)
    sato = person(prefecture, "sato")
    with session_scope(prefecture.sessions) as session:
        first = queue(session, actor=sato, statuses=[ReviewStatus.PENDING], limit=1)[0]
        decide(
            session,
            actor=sato,
            item_id=first.item_id,
            expected_version=first.row_version,
            applicability=Applicability.NOT_APPLICABLE,
            reason_code=NonApplicableReason.PENALTY,
            category=first.category,
            regulation_type=1,
            phase=1,
            basis=LegalBasis.LOCAL_ORDINANCE,
            note="罰則の規定である。",
            now=NOW,
        )
    rounds.answer_everything(prefecture, "sato")
    return person(prefecture, "suzuki")


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click()
    return run(page)


def keys(page: AppTest) -> set[str]:
    return {button.key or "" for button in page.button}


def test_with_nothing_to_approve_the_page_says_what_will_come(prefecture: Prefecture, suzuki: Actor) -> None:
    page = open_page("approval", suzuki)
    assert words.NOTHING_TO_APPROVE_NEXT in shown(page)
    assert "未回答" in shown(page)  # the running answer is listed all the same


def test_the_approver_sees_every_decision_and_approves(prefecture: Prefecture, suzuki: Actor) -> None:
    rounds.submit(prefecture, comment="別表は来年改正します。")
    answer = rounds.answer_of(prefecture)
    page = open_page("approval", suzuki)
    assert words.approve_how_many(answer.figures) in shown(page)
    assert "<b>非該当（罰則）</b>　罰則の規定である。" in shown(page)
    assert "掲示" in shown(page).partition('<div class="mi-snippet">')[2].partition("</div>")[0]
    assert "別表は来年改正します。" in shown(page)
    assert shown(page).count('<p class="mi-queue-line"><b>') == answer.figures.candidates
    page.button_group(key=f"decisions_{answer.answer_id}").set_value("非該当")
    run(page)
    assert shown(page).count('<p class="mi-queue-line"><b>') == 1
    page = press(page, f"approve_{answer.answer_id}")
    assert words.approved(OWN) in shown(page)
    assert words.NOTHING_TO_APPROVE in shown(page)
    assert rounds.answer_of(prefecture).state is AnswerState.APPROVED


def test_a_return_needs_a_reason_and_stays_visible(prefecture: Prefecture, suzuki: Actor) -> None:
    rounds.submit(prefecture)
    answer = rounds.answer_of(prefecture)
    page = open_page("approval", suzuki, answer=str(answer.answer_id))
    page.text_area(key=f"return_reason_{answer.answer_id}_{answer.row_version}").set_value(
        "罰則の理由を書いてください。"
    )
    page = press(page, f"return_{answer.answer_id}")
    assert words.returned(OWN) in shown(page)
    assert "差戻し: 罰則の理由を書いてください。" in shown(page)
    assert "<b>回答を差戻し</b>" in shown(page)
    assert rounds.answer_of(prefecture).state is AnswerState.RETURNED


def test_nobody_approves_what_they_handed_in_and_the_page_says_who_can(prefecture: Prefecture, suzuki: Actor) -> None:
    rounds.submit(prefecture, "suzuki")
    answer = rounds.answer_of(prefecture)
    page = open_page("approval", suzuki)
    assert words.own_answer(["加藤 進"]) in shown(page)
    assert f"approve_{answer.answer_id}" not in keys(page)
    other = open_page("approval", person(prefecture, "kato"))
    other = press(other, f"approve_{answer.answer_id}")
    assert rounds.answer_of(prefecture).state is AnswerState.APPROVED


def test_a_bureau_manager_reads_and_returns_but_does_not_approve(prefecture: Prefecture, suzuki: Actor) -> None:
    rounds.submit(prefecture)
    rounds.approve(prefecture)
    answer = rounds.answer_of(prefecture)
    manager = person(prefecture, "bucho")
    page = open_page("approval", manager)
    assert words.MANAGER_READS in shown(page)
    page = press(page, f"round_open_answer_{answer.answer_id}")
    assert f"approve_{answer.answer_id}" not in keys(page)
    page.text_area(key=f"return_reason_{answer.answer_id}_{answer.row_version}").set_value("保留を減らしてください。")
    page = press(page, f"return_{answer.answer_id}")
    assert rounds.answer_of(prefecture).returned_reason == "保留を減らしてください。"


def test_another_divisions_answer_cannot_be_opened(prefecture: Prefecture, suzuki: Actor) -> None:
    rounds.answer_everything(prefecture, "tanaka")
    rounds.submit(prefecture, "tanaka", FOREIGN)
    foreign = rounds.answer_of(prefecture, FOREIGN)
    page = open_page("approval", suzuki, answer=str(foreign.answer_id))
    assert FOREIGN not in shown(page)
    with reading_scope(prefecture.sessions) as session:
        assert asked_items(session, actor=suzuki, answer_id=foreign.answer_id) == []
        assert asked_total(session, actor=suzuki, answer_id=foreign.answer_id) == 0
        assert asked_items(session, actor=suzuki, answer_id=999) == []


def test_the_decisions_are_those_that_the_figures_count(prefecture: Prefecture, suzuki: Actor) -> None:
    answer = rounds.answer_of(prefecture)
    with reading_scope(prefecture.sessions) as session:
        everything = asked_items(session, actor=suzuki, answer_id=answer.answer_id, limit=500)
        refused = asked_total(session, actor=suzuki, answer_id=answer.answer_id, statuses=[ReviewStatus.NOT_APPLICABLE])
        paged = [
            item.item_id
            for offset in range(0, len(everything), 3)
            for item in asked_items(session, actor=suzuki, answer_id=answer.answer_id, limit=3, offset=offset)
        ]
    assert len(everything) == answer.figures.candidates
    assert refused == answer.figures.not_applicable == 1
    assert paged == [item.item_id for item in everything]


def test_those_who_can_approve_are_named_without_who_handed_it_in(prefecture: Prefecture, suzuki: Actor) -> None:
    assert suzuki.division_id is not None
    nobody = Respondent(division_id=suzuki.division_id, bureau="")
    own = Respondent(division_id=suzuki.division_id, bureau="", submitted_by=suzuki.account_id)
    with reading_scope(prefecture.sessions) as session:
        assert approvers(session, respondent=nobody, now=NOW) == ["鈴木 一郎", "加藤 進"]
        assert approvers(session, respondent=own, now=NOW) == ["加藤 進"]
    assert words.own_answer([]).endswith("依頼してください。")


def item(**values: object) -> AskedItem:
    answered: dict[str, object] = {
        "item_id": 1,
        "status": ReviewStatus.NOT_APPLICABLE,
        "category": "visual_inspection",
        "title": "施設管理条例",
        "address": "第三条第一項",
        "caption": "",
        "applicability": Applicability.NOT_APPLICABLE,
        "reason_code": NonApplicableReason.DEFINITION,
        "regulation_type": 1,
        "phase": 2,
        "basis": LegalBasis.NATIONAL_LAW,
        "note": "<定義>",
        "who": "佐藤 花子",
        "decided_at": dt.datetime(2026, 4, 6, tzinfo=dt.UTC),
        "snippet": "…目視により点検し…",
        **values,
    }
    return AskedItem(**answered)


def test_a_decision_is_told_with_its_reason_and_who_made_it() -> None:
    html = decision_html(item())
    assert html == "<b>非該当（定義）</b>　&lt;定義&gt;<br><small>佐藤 花子　令和8年4月6日 09:00</small>"
    assert decision_html(item(status=ReviewStatus.RECHECK)).startswith("前の回答: <b>非該当（定義）</b>")
    assert decision_html(item(applicability=None)) == words.NOT_ANSWERED
    applicable = item(status=ReviewStatus.APPLICABLE, applicability=Applicability.APPLICABLE, reason_code=None, note="")
    assert decision_html(applicable).startswith(
        "<b>該当</b>　類型 1 検査・点検・監査　PHASE ●●○ 2　根拠 国の法令等<br>"
    )
