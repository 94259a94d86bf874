"""What waits for the coordinator on top of the 受信箱."""

from __future__ import annotations

import datetime as dt

import pytest

from models import queries
from models.database import reading_scope, session_scope
from models.operations.assign_owner import assign_owner
from models.operations.decide import decide
from models.operations.hand_over import hand_over
from models.queries import HandoverRow, QueueRow
from regulations.inquiry import AnswerState
from regulations.review import Actor, Applicability, HandoverState, ReviewStatus
from regulations.taxonomy import LegalBasis
from review_app.components.coordinator_inbox import sort_handovers
from review_app.labels_ja import inquiries as words
from tests import factories
from tests.review_app import rounds
from tests.review_app.pages import person, run, shown
from tests.review_app.prefecture import FOREIGN, NOW, Prefecture

THIRD = "文化振興課"


@pytest.fixture
def coordinator(prefecture: Prefecture, monkeypatch: pytest.MonkeyPatch) -> Actor:
    rounds.stop_the_clock(monkeypatch)
    return person(prefecture, "gyokei")


def division(prefecture: Prefecture, name: str) -> queries.DivisionChoice:
    with reading_scope(prefecture.sessions) as session:
        return next(row for row in queries.divisions(session, on=NOW.date()) if row.division == name)


def waiting_for(prefecture: Prefecture, login: str) -> list[QueueRow]:
    with reading_scope(prefecture.sessions) as session:
        return queries.queue(session, actor=person(prefecture, login), statuses=[ReviewStatus.PENDING])


def send(prefecture: Prefecture, login: str, row: QueueRow, to: str | None, reason: str) -> int:
    """Say that a candidate is another division's; the handover's id."""
    with session_scope(prefecture.sessions) as session:
        (made,) = hand_over(
            session,
            actor=person(prefecture, login),
            items={row.item_id: row.row_version},
            to_division_id=division(prefecture, to).division_id if to else None,
            reason=reason,
            now=NOW,
        )
    return made


def ask(prefecture: Prefecture, row: QueueRow, question: str) -> None:
    with session_scope(prefecture.sessions) as session:
        decide(
            session,
            actor=person(prefecture, "sato"),
            item_id=row.item_id,
            expected_version=row.row_version,
            applicability=Applicability.UNDECIDED,
            category=row.category,
            regulation_type=1,
            phase=1,
            basis=LegalBasis.LOCAL_ORDINANCE,
            note=question,
            now=NOW,
        )


def test_with_nothing_waiting_it_says_where_to_look(prefecture: Prefecture, coordinator: Actor) -> None:
    with session_scope(prefecture.sessions) as session:
        for row in queries.unowned_instruments(session):
            assign_owner(
                session,
                actor=coordinator,
                instrument_id=row.instrument_id,
                division_id=division(prefecture, THIRD).division_id,
                now=NOW,
            )
    assert words.NOTHING_WAITS_NEXT in shown(rounds.open_bar(coordinator))


def test_an_instrument_nobody_owns_is_counted(prefecture: Prefecture, coordinator: Actor) -> None:
    with session_scope(prefecture.sessions) as session:
        factories.register(session, factories.ordinance({"1": factories.POSTING}, title="霞野県主のない条例"))
        count = len(queries.unowned_instruments(session))
    assert words.unowned(count, more=False) in shown(rounds.open_bar(coordinator))


def test_divisions_past_the_due_date_are_counted(
    prefecture: Prefecture, coordinator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds.open_round(prefecture, days=1)
    assert words.LATE_MARK not in shown(rounds.open_bar(coordinator))
    rounds.stop_the_clock(monkeypatch, NOW + dt.timedelta(days=2))
    assert words.late_in(rounds.NAME, 2) in shown(rounds.open_bar(coordinator))


def test_an_approved_answer_is_accepted_here(prefecture: Prefecture, coordinator: Actor) -> None:
    rounds.open_round(prefecture)
    rounds.answer_everything(prefecture, "sato")
    rounds.submit(prefecture)
    assert words.TO_ACCEPT not in shown(rounds.open_bar(coordinator))
    rounds.approve(prefecture)
    page = rounds.open_bar(coordinator)
    assert words.section(words.TO_ACCEPT, 1) in shown(page)
    page.button(key=f"accept_{rounds.answer_of(prefecture).answer_id}").click()
    run(page)
    assert words.accepted("都市計画課") in shown(page)
    assert words.TO_ACCEPT not in shown(page)
    assert rounds.answer_of(prefecture).state is AnswerState.ACCEPTED


def test_a_question_is_answered_here_and_goes(prefecture: Prefecture, coordinator: Actor) -> None:
    row = waiting_for(prefecture, "sato")[0]
    ask(prefecture, row, "電子掲示も含みますか。")
    page = rounds.open_bar(coordinator)
    assert words.section(words.QUESTIONS, 1) in shown(page)
    assert "電子掲示も含みますか。" in shown(page)
    page.button(key=f"question_{row.item_id}_send").click()
    run(page)
    assert words.EMPTY_ANSWER in shown(page)
    page.text_area(key=f"question_{row.item_id}_{NOW:%Y%m%d%H%M%S}").set_value("含みます。該当としてください。")
    page.button(key=f"question_{row.item_id}_send").click()
    run(page)
    assert words.question_answered(row.address) in shown(page)
    assert words.QUESTIONS not in shown(page)
    with reading_scope(prefecture.sessions) as session:
        thread = queries.thread(session, actor=person(prefecture, "sato"), item_id=row.item_id)
    assert [(message.is_answer, message.text) for message in thread] == [
        (False, "電子掲示も含みますか。"),
        (True, "含みます。該当としてください。"),
    ]


def test_what_bounces_comes_first_and_is_settled_with_a_note(prefecture: Prefecture, coordinator: Actor) -> None:
    unknown, bouncing, plain = waiting_for(prefecture, "sato")[:3]
    send(prefecture, "sato", unknown, None, "どの課か分かりません。")
    send(prefecture, "sato", plain, THIRD, "文化施設の規定です。")
    send(prefecture, "sato", bouncing, FOREIGN, "営業許可の掲示です。")
    again = next(row for row in waiting_for(prefecture, "tanaka") if row.item_id == bouncing.item_id)
    handover = send(prefecture, "tanaka", again, THIRD, "当課の許可ではありません。")
    page = rounds.open_bar(coordinator)
    assert words.section(words.HANDOVERS, 2) in shown(page)
    assert words.bounces(2) in shown(page)
    assert "文化施設の規定です。" not in shown(page)  # folded until it is opened
    page.session_state["on_the_way"] = True
    html = shown(run(page))
    order = [
        html.index(text) for text in ("当課の許可ではありません。", "どの課か分かりません。", "文化施設の規定です。")
    ]
    assert order == sorted(order)
    assert f"{words.SENT_AND_WAITING} 1件" in [expander.label for expander in page.expander]

    key = f"handover_{handover}"
    assert not page.selectbox  # a hundred divisions are not drawn for rows nobody settles
    page.session_state[f"{key}_open"] = True
    run(page)
    page.button(key=f"{key}_settle").click()
    run(page)
    assert words.NO_DIVISION_CHOSEN in shown(page)
    page.selectbox(key=f"{key}_to").set_value(division(prefecture, FOREIGN))
    page.text_area(key=f"{key}_note").set_value("営業許可の所管課が答えます。")
    page.button(key=f"{key}_settle").click()
    run(page)
    assert words.settled(bouncing.address, FOREIGN) in shown(page)
    assert bouncing.item_id in {row.item_id for row in waiting_for(prefecture, "tanaka")}
    with reading_scope(prefecture.sessions) as session:
        last = queries.handovers_of_item(session, actor=coordinator, item_id=bouncing.item_id)[-1]
    assert (last.state, last.settled_note) == (HandoverState.SETTLED, "営業許可の所管課が答えます。")


def handover(number: int, *, to: str, bounces: int = 1) -> HandoverRow:
    return HandoverRow(
        handover_id=number,
        item_id=number,
        title="",
        address="",
        category="visual_inspection",
        from_division=FOREIGN,
        to_division=to,
        reason="",
        requested_by="",
        requested_at=NOW,
        state=HandoverState.OPEN,
        bounces=bounces,
        settled_note="",
    )


def test_only_what_bounces_or_has_no_target_is_the_coordinators_to_decide() -> None:
    rows = [handover(1, to=THIRD, bounces=3), handover(2, to=THIRD), handover(3, to="")]
    to_settle, on_the_way = sort_handovers(rows)
    assert [row.handover_id for row in to_settle] == [1, 3]
    assert [row.handover_id for row in on_the_way] == [2]
