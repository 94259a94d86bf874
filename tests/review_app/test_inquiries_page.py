"""照会の管理 and what an inquiry puts on top of a division's 受信箱."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from streamlit.testing.v1 import AppTest

from models import queries
from models.database import reading_scope, session_scope
from models.inquiry import Inquiry
from models.operations.close_inquiry import close_inquiry
from models.operations.errors import HandoverFault, InquiryFault
from models.queries import AnswerFigures, AnswerRow, InquiryRow
from regulations.inquiry import AnswerState, InquiryState
from regulations.review import Actor, ReviewStatus, Role
from regulations.structure import Kind
from review_app.app_pages.inquiries import filters, in_order, unfinished
from review_app.components.inquiry_bar import due_html
from review_app.components.inquiry_table import answers_csv
from review_app.components.rounds import due_words, figures_html
from review_app.labels_ja import inquiries as words
from review_app.navigation import APPROVAL, INQUIRIES, pages_for
from tests.review_app import rounds
from tests.review_app.pages import open_page, person, run, shown
from tests.review_app.prefecture import FOREIGN, NOW, OWN, Prefecture
from tests.review_app.rounds import NAME, TODAY


@pytest.fixture
def coordinator(prefecture: Prefecture, monkeypatch: pytest.MonkeyPatch) -> Actor:
    rounds.stop_the_clock(monkeypatch)
    rounds.foreign_ordinance(prefecture)
    return person(prefecture, "gyokei")


def inquiry(prefecture: Prefecture) -> InquiryRow:
    with reading_scope(prefecture.sessions) as session:
        (row,) = queries.inquiry_list(session, actor=person(prefecture, "gyokei"), today=TODAY)
    return row


def figures_of_both(prefecture: Prefecture) -> tuple[int, int]:
    """How many candidates the two divisions have, and how many of them wait."""
    with reading_scope(prefecture.sessions) as session:
        counts = [queries.inbox_counts(session, actor=person(prefecture, login)) for login in ("sato", "tanaka")]
    statuses = set(ReviewStatus) - {ReviewStatus.WITHDRAWN}
    candidates = sum(by_status[status] for by_status in counts for status in statuses)
    waiting = (ReviewStatus.PENDING, ReviewStatus.RECHECK)
    return candidates, sum(by_status[status] for by_status in counts for status in waiting)


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click()
    return run(page)


def test_without_a_round_the_page_says_what_to_do(prefecture: Prefecture, coordinator: Actor) -> None:
    page = open_page("inquiries", coordinator)
    assert words.NO_INQUIRIES_NEXT in shown(page)
    page = press(page, "new_inquiry")
    assert words.asks(2, *figures_of_both(prefecture)) in shown(page)
    auditor = open_page("inquiries", person(prefecture, "kansa"))
    assert words.NO_INQUIRIES_AUDIT in shown(auditor)
    assert not [button for button in auditor.button if button.key == "new_inquiry"]


def test_a_round_is_drafted_with_a_preview_and_begun(prefecture: Prefecture, coordinator: Actor) -> None:
    page = open_page("inquiries", coordinator, inquiry="new")
    assert words.asks(2, *figures_of_both(prefecture)) in shown(page)
    page.text_input(key="inquiry_new_name").set_value(NAME)
    page.date_input(key="inquiry_new_due").set_value(dt.date(2026, 4, 30))
    page = press(page, "save_draft")
    row = inquiry(prefecture)
    assert (row.name, row.state, row.due_date) == (NAME, InquiryState.DRAFT, dt.date(2026, 4, 30))
    assert words.saved_draft(NAME) in shown(page)

    page = press(page, "dispatch")
    assert words.dispatched(2) in shown(page)
    row = inquiry(prefecture)
    assert (row.state, row.divisions) == (InquiryState.OPEN, 2)
    assert "期限 令和8年4月30日（あと24日）" in shown(page)


def test_the_preview_follows_the_scope_and_what_it_shows_is_what_is_asked(
    prefecture: Prefecture, coordinator: Actor
) -> None:
    page = open_page("inquiries", coordinator, inquiry="new")
    page.text_input(key="inquiry_new_name").set_value(NAME)
    page.button_group(key="inquiry_new_kinds").set_value([Kind.GUIDELINES])
    run(page)
    assert words.asks(0, 0, 0) in shown(page)
    assert words.NOBODY_ASKED in shown(page)
    page.radio(key="inquiry_new_every").set_value(False)
    run(page)
    with reading_scope(prefecture.sessions) as session:
        other = next(row.division_id for row in queries.divisions(session, on=NOW.date()) if row.division == FOREIGN)
    page.multiselect(key="inquiry_new_divisions").set_value([other])
    page.button_group(key="inquiry_new_kinds").set_value([Kind.ORDINANCE])
    run(page)
    assert words.asks(1, 1, 1) in shown(page)
    page = press(page, "dispatch")
    row = inquiry(prefecture)
    assert (row.kinds, row.divisions) == ((Kind.ORDINANCE,), 1)
    assert FOREIGN in shown(page) or FOREIGN in {button.label for button in page.button}


@pytest.mark.parametrize(
    ("name", "due", "sentence"),
    [
        ("", dt.date(2026, 4, 30), words.inquiry_fault(InquiryFault.NAME_REQUIRED)),
        (NAME, dt.date(2026, 4, 5), words.inquiry_fault(InquiryFault.DUE_DATE_PAST)),
        (NAME, None, words.NO_DUE_DATE),
    ],
)
def test_a_round_that_cannot_begin_says_why_and_keeps_what_was_typed(
    prefecture: Prefecture, coordinator: Actor, name: str, due: dt.date | None, sentence: str
) -> None:
    page = open_page("inquiries", coordinator, inquiry="new")
    page.text_input(key="inquiry_new_name").set_value(name)
    page.date_input(key="inquiry_new_due").set_value(due)
    page = press(page, "dispatch")
    assert sentence in shown(page)
    assert page.text_input(key="inquiry_new_name").value == name
    with reading_scope(prefecture.sessions) as session:
        assert queries.inquiry_list(session, actor=coordinator, today=TODAY) == []


def test_a_draft_is_changed_and_thrown_away(prefecture: Prefecture, coordinator: Actor) -> None:
    page = open_page("inquiries", coordinator, inquiry="new")
    page.text_input(key="inquiry_new_name").set_value(NAME)
    page = press(page, "save_draft")
    row = inquiry(prefecture)
    key = f"inquiry_{row.inquiry_id}_{row.row_version}"
    assert page.radio(key=f"{key}_every").value is True
    page.radio(key=f"{key}_every").set_value(False)
    run(page)
    assert len(page.multiselect(key=f"{key}_divisions").value) == 2
    page.multiselect(key=f"{key}_divisions").set_value(page.multiselect(key=f"{key}_divisions").value[:1])
    page = press(page, "save_draft")
    assert inquiry(prefecture).divisions == 1
    page = press(page, "discard")
    assert words.discarded(NAME) in shown(page)
    assert words.NO_INQUIRIES in shown(page)


def test_late_divisions_stand_first_and_are_named(
    prefecture: Prefecture, coordinator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    inquiry_id = rounds.open_round(prefecture, days=3)
    rounds.people_of_the_round(prefecture)
    rounds.answer_everything(prefecture, "tanaka")
    rounds.submit(prefecture, "tanaka", FOREIGN)
    rounds.approve(prefecture, "mori", FOREIGN)
    rounds.stop_the_clock(monkeypatch, NOW + dt.timedelta(days=5))
    page = open_page("inquiries", coordinator, inquiry=str(inquiry_id))
    opened = [button.label for button in page.button if (button.key or "").startswith("round_open_answer")]
    assert opened == [OWN, FOREIGN]
    assert "期限 令和8年4月9日（2日過ぎています）" in shown(page)
    assert words.late_count(1) in shown(page)
    page.button_group(key=f"answers_{inquiry_id}").set_value("差戻し")
    assert words.NO_SUCH_DIVISION_HERE in shown(run(page))
    # the bar of the division that is late says so, in words
    bar = shown(rounds.open_bar(person(prefecture, "sato")))
    assert words.late_notice(2, AnswerState.WAITING) in bar
    assert words.LATE_MARK not in shown(rounds.open_bar(person(prefecture, "tanaka")))


def test_an_answer_is_accepted_or_sent_back_with_a_reason(prefecture: Prefecture, coordinator: Actor) -> None:
    inquiry_id = rounds.open_round(prefecture)
    rounds.people_of_the_round(prefecture)
    rounds.answer_everything(prefecture, "tanaka")
    rounds.submit(prefecture, "tanaka", FOREIGN)
    rounds.approve(prefecture, "mori", FOREIGN)
    answer = rounds.answer_of(prefecture, FOREIGN)
    page = open_page("inquiries", coordinator, inquiry=str(inquiry_id))
    page = press(page, f"return_{answer.answer_id}")
    assert words.inquiry_fault(InquiryFault.REASON_REQUIRED) in shown(page)
    assert rounds.answer_of(prefecture, FOREIGN).state is AnswerState.APPROVED
    page.text_area(key=f"return_reason_{answer.answer_id}_{answer.row_version}").set_value("第三条を確かめてください。")
    page = press(page, f"return_{answer.answer_id}")
    assert words.returned(FOREIGN) in shown(page)
    returned = rounds.answer_of(prefecture, FOREIGN)
    assert (returned.state, returned.returned_reason) == (AnswerState.RETURNED, "第三条を確かめてください。")
    # the division reads why, and hands it in again
    inbox = rounds.open_bar(person(prefecture, "tanaka"))
    assert words.returned_because("第三条を確かめてください。") in shown(inbox)
    inbox = press(inbox, f"submit_{answer.answer_id}")
    assert words.SUBMITTED in shown(inbox)
    rounds.approve(prefecture, "mori", FOREIGN)
    page = press(run(page), f"accept_{answer.answer_id}")
    assert words.accepted(FOREIGN) in shown(page)
    assert rounds.answer_of(prefecture, FOREIGN).state is AnswerState.ACCEPTED


def test_what_somebody_else_did_meanwhile_is_told(prefecture: Prefecture, coordinator: Actor) -> None:
    inquiry_id = rounds.open_round(prefecture)
    rounds.people_of_the_round(prefecture)
    rounds.answer_everything(prefecture, "tanaka")
    rounds.submit(prefecture, "tanaka", FOREIGN)
    rounds.approve(prefecture, "mori", FOREIGN)
    answer = rounds.answer_of(prefecture, FOREIGN)
    page = open_page("inquiries", coordinator, inquiry=str(inquiry_id))
    rounds.accept(prefecture, FOREIGN)
    page = press(page, f"accept_{answer.answer_id}")
    assert words.CHANGED_MEANWHILE in shown(page)


def test_closing_names_the_unfinished_and_freezes_the_totals(prefecture: Prefecture, coordinator: Actor) -> None:
    inquiry_id = rounds.open_round(prefecture)
    rounds.answer_everything(prefecture, "tanaka")
    page = open_page("inquiries", coordinator, inquiry=str(inquiry_id))
    assert words.close_question(2, 2) in shown(page)
    assert f"<li>{OWN} " in shown(page)
    assert words.left_over(rounds.answer_of(prefecture).figures.open) in shown(page)
    before = [rounds.answer_of(prefecture, name).figures for name in (FOREIGN, OWN)]
    page = press(page, "close")
    assert words.CLOSED in shown(page)
    rounds.answer_everything(prefecture, "sato")  # what comes after changes nothing
    run(page)
    with reading_scope(prefecture.sessions) as session:
        frozen = queries.frozen_totals(session, actor=coordinator, inquiry_id=inquiry_id)
    assert frozen
    assert [row.figures for row in frozen.rows] == before
    total = sum(before, AnswerFigures())
    foot = shown(page).partition("<tfoot>")[2].partition("</tfoot>")[0]
    assert f"<td class=mi-num>{total.candidates}</td><td class=mi-num>{total.pending}</td>" in foot

    page = press(page, "reopen")
    assert words.inquiry_fault(InquiryFault.REASON_REQUIRED) in shown(page)
    row = inquiry(prefecture)
    page.text_area(key=f"reopen_reason_{inquiry_id}_{row.row_version}").set_value("再確認が必要なため")
    page = press(page, "reopen")
    assert words.REOPENED in shown(page)
    assert inquiry(prefecture).state is InquiryState.OPEN
    assert "再確認が必要なため" in shown(page)


def test_the_due_date_can_be_put_off_while_it_runs(prefecture: Prefecture, coordinator: Actor) -> None:
    inquiry_id = rounds.open_round(prefecture)
    row = inquiry(prefecture)
    page = open_page("inquiries", coordinator, inquiry=str(inquiry_id))
    key = f"inquiry_{inquiry_id}_{row.row_version}"
    page.date_input(key=f"{key}_due").set_value(dt.date(2026, 5, 29))
    page = press(page, "save_changes")
    assert words.saved(NAME) in shown(page)
    assert inquiry(prefecture).due_date == dt.date(2026, 5, 29)
    assert "照会を変更" in shown(page)


def test_an_auditor_reads_and_is_offered_nothing(prefecture: Prefecture, coordinator: Actor) -> None:
    inquiry_id = rounds.open_round(prefecture)
    page = open_page("inquiries", person(prefecture, "kansa"), inquiry=str(inquiry_id))
    assert NAME in shown(page)
    steps = {button.key for button in page.button}
    assert not steps & {"close", "save_changes", "reopen"}
    assert not [key for key in steps if key and key.startswith(("accept_", "return_"))]


def test_an_auditor_reads_a_draft_too(prefecture: Prefecture, coordinator: Actor) -> None:
    page = open_page("inquiries", coordinator, inquiry="new")
    page.text_input(key="inquiry_new_name").set_value(NAME)
    press(page, "save_draft")
    auditor = person(prefecture, "kansa")
    page = press(open_page("inquiries", auditor), f"round_open_{inquiry(prefecture).inquiry_id}")
    assert f"<h1>{NAME}</h1>" in shown(page)
    assert "作成中" in shown(page)
    assert "save_draft" not in {button.key for button in page.button}


def test_a_round_that_is_not_there_says_so(prefecture: Prefecture, coordinator: Actor) -> None:
    assert words.NO_SUCH_INQUIRY in shown(open_page("inquiries", coordinator, inquiry="999"))


def test_the_table_goes_out_as_csv_with_its_total(prefecture: Prefecture, coordinator: Actor) -> None:
    inquiry_id = rounds.open_round(prefecture)
    with session_scope(prefecture.sessions) as session:
        version = session.get_one(Inquiry, inquiry_id).row_version
        close_inquiry(
            session, actor=coordinator, inquiry_id=inquiry_id, expected_version=version, even_unfinished=True, now=NOW
        )
        frozen = queries.frozen_totals(session, actor=coordinator, inquiry_id=inquiry_id)
    assert frozen
    table = list(csv.reader(io.StringIO(answers_csv(frozen.rows).decode("utf-8-sig"))))
    assert table[0] == list(words.DIVISION_COLUMNS)
    assert [row[2] for row in table[1:]] == [FOREIGN, OWN, ""]
    assert table[-1][0] == words.TOTAL
    assert int(table[-1][4]) == sum(int(row[4]) for row in table[1:-1]) == frozen.total.candidates


# The bar on top of a division's 受信箱


def test_the_bar_says_what_is_asked_and_hands_the_answer_in(prefecture: Prefecture, coordinator: Actor) -> None:
    rounds.open_round(prefecture, days=1)
    answer = rounds.answer_of(prefecture)
    sato = person(prefecture, "sato")
    page = rounds.open_bar(sato)
    assert NAME in shown(page)
    assert rounds.GUIDANCE in shown(page)
    assert "期限 令和8年4月7日（あと1日）" in shown(page)
    assert words.still_open(answer.figures.open) in shown(page)
    page = press(page, f"submit_{answer.answer_id}")  # a client that presses what is not offered
    assert words.inquiry_fault(InquiryFault.OPEN_ITEMS, answer.figures.open) in shown(page)

    count = rounds.answer_everything(prefecture, "sato")
    page = rounds.open_bar(sato)
    assert words.submit_how_many(AnswerFigures(candidates=count, applicable=count)) in shown(page)
    page.text_area(key=f"submit_comment_{answer.answer_id}_{answer.row_version}").set_value("別表は来年改正します。")
    page = press(page, f"submit_{answer.answer_id}")
    assert words.SUBMITTED in shown(page)
    assert words.STATE_NOTES[AnswerState.ANSWERED] in shown(page)
    assert "別表は来年改正します。" in shown(page)
    page = press(page, f"withdraw_{answer.answer_id}")
    assert words.WITHDRAWN in shown(page)
    assert rounds.answer_of(prefecture).state is AnswerState.WAITING


def test_who_is_not_asked_sees_no_bar(prefecture: Prefecture, coordinator: Actor) -> None:
    rounds.open_round(prefecture, divisions=(OWN,))
    assert NAME not in shown(rounds.open_bar(person(prefecture, "tanaka")))
    assert NAME not in shown(rounds.open_bar(person(prefecture, "kansa")))


def test_the_nearest_due_date_that_is_still_owed_is_told(prefecture: Prefecture, coordinator: Actor) -> None:
    sato = person(prefecture, "sato")

    def due() -> str:
        with reading_scope(prefecture.sessions) as session:
            return due_html(session, actor=sato)

    assert due() == ""
    rounds.open_round(prefecture, divisions=(OWN,))
    assert "期限 令和8年5月4日（あと28日）" in due()
    rounds.answer_everything(prefecture, "sato")
    rounds.submit(prefecture)
    assert due() == ""
    with reading_scope(prefecture.sessions) as session:
        assert due_html(session, actor=coordinator) == ""


# Words and order


@pytest.mark.parametrize(
    ("days", "told", "kind"),
    [(12, "あと12日", "mi-due"), (3, "あと3日", "mi-due-near"), (0, "きょうまで", "mi-due-near"),
     (-3, "3日過ぎています", "mi-due-late")],
)  # fmt: skip
def test_a_due_date_says_how_far_away_it_is(days: int, told: str, kind: str) -> None:
    html = due_words(TODAY + dt.timedelta(days=days), on=TODAY)
    assert f"（{told}）" in html
    assert f'class="{kind}"' in html


def test_what_is_handed_in_late_waits_for_its_approver() -> None:
    assert words.late_notice(2, AnswerState.RETURNED).endswith("期限を2日過ぎています。至急、回答を提出してください。")
    assert words.late_notice(2, AnswerState.ANSWERED).endswith("承認者は、至急、承認してください。")


@pytest.mark.parametrize("fault", InquiryFault)
def test_an_inquiry_fault_says_what_to_do(fault: InquiryFault) -> None:
    assert words.inquiry_fault(fault, 3).endswith("ください。")


@pytest.mark.parametrize("fault", HandoverFault)
def test_a_handover_fault_says_what_to_do(fault: HandoverFault) -> None:
    assert words.handover_fault(fault).endswith("ください。")


def test_the_pages_are_for_who_has_something_to_do_there() -> None:
    assert {role for role in Role if INQUIRIES in pages_for(role)} == {Role.COORDINATOR, Role.AUDITOR}
    assert {role for role in Role if APPROVAL in pages_for(role)} == {Role.APPROVER, Role.BUREAU_MANAGER}


def answer_row(division_id: int, state: AnswerState, *, is_late: bool = False, pending: int = 0) -> AnswerRow:
    return AnswerRow(
        answer_id=division_id,
        inquiry_id=1,
        inquiry=NAME,
        guidance="",
        due_date=TODAY,
        inquiry_state=InquiryState.OPEN,
        division_id=division_id,
        bureau="総務部",
        office="",
        division=f"{division_id}課",
        state=state,
        row_version=1,
        submitted_by="",
        submitted_by_id=None,
        submitted_at=None,
        is_late=is_late,
        figures=AnswerFigures(candidates=pending, pending=pending),
        returned_reason="",
        kinds=(),
        categories=(),
    )


ANSWERS = [
    answer_row(1, AnswerState.ACCEPTED),
    answer_row(2, AnswerState.WAITING),
    answer_row(3, AnswerState.APPROVED),
    answer_row(4, AnswerState.ANSWERED, is_late=True),
    answer_row(5, AnswerState.RETURNED, is_late=True),
    answer_row(6, AnswerState.ACCEPTED, pending=1),
]


def test_the_late_come_first_and_then_what_waits_for_the_coordinator() -> None:
    assert [row.division_id for row in in_order(ANSWERS)] == [5, 4, 3, 2, 1, 6]


def test_the_list_is_limited_to_the_late_or_to_one_state() -> None:
    groups = filters(ANSWERS)
    assert {name: len(rows) for name, rows in groups.items()} == {
        words.ALL_STATES: 6, words.LATE: 2, "未回答": 1, "承認待ち": 1, "確認待ち": 1, "受理": 2, "差戻し": 1,
    }  # fmt: skip
    assert filters([]).keys() == groups.keys()


def test_an_accepted_answer_with_new_candidates_is_unfinished() -> None:
    assert [row.division_id for row in unfinished(ANSWERS)] == [2, 3, 4, 5, 6]


def test_figures_stand_under_their_names() -> None:
    html = figures_html(AnswerFigures(candidates=1_200, pending=3, recheck=2, instruments=12, declared=4))
    assert "<span>候補</span> <b>1,200</b>" in html
    assert "<span>残り</span> <b>5</b>" in html
    assert "<b>4／12本</b>" in html
