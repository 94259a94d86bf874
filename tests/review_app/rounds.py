"""Inquiry rounds in the prefecture of the app's tests, taken through their steps by the real operations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from models import queries
from models.database import reading_scope, session_scope
from models.inquiry import Inquiry, InquiryAnswer
from models.operations.answer_inquiry import accept_answer, approve_answer, return_answer, submit_answer
from models.operations.create_account import create_account
from models.operations.decide import decide
from models.operations.dispatch_inquiry import dispatch_inquiry
from models.operations.draft_inquiry import draft_inquiry
from models.organisation import Division
from models.queries import AnswerRow
from regulations.inquiry import InquiryState
from regulations.review import OPEN_STATUSES, Actor, Applicability, Role
from regulations.taxonomy import LegalBasis
from tests import factories
from tests.review_app.pages import person, run
from tests.review_app.prefecture import FOREIGN, NOW, OWN, Prefecture

TODAY = NOW.date()
NAME, GUIDANCE = "令和8年度アナログ規制の点検", "条文を読み、規制にあたるかどうかを回答してください。"
FOREIGN_TITLE = "霞野県興行場条例"


def stop_the_clock(monkeypatch: pytest.MonkeyPatch, now: dt.datetime = NOW) -> None:
    """What the pages on rounds take for this moment."""
    monkeypatch.setattr("review_app.components.rounds.now", lambda: now)


def open_bar(actor: Actor) -> AppTest:
    """What stands on top of the 受信箱, by itself."""
    page = AppTest.from_function(_bar, kwargs={"actor": actor}, default_timeout=30)
    page.session_state["pages"] = {}
    return run(page)


def _bar(actor: object) -> None:
    from importlib import import_module

    import_module("review_app.components.inquiry_bar").inquiry_bar(actor)


def people_of_the_round(prefecture: Prefecture) -> dict[str, str]:
    """The approver of the other division, a second one of the own, and the manager of its bureau; their passwords."""
    with session_scope(prefecture.sessions) as session:
        ids = {row.division: row.division_id for row in queries.divisions(session, on=NOW.date())}
        return {
            login: create_account(
                session, login_name=login, display_name=name, role=role, division_id=ids[division], now=NOW
            ).password
            for login, name, role, division in (
                ("mori", "森 良子", Role.APPROVER, FOREIGN),
                ("kato", "加藤 進", Role.APPROVER, OWN),
                ("bucho", "小林 部長", Role.BUREAU_MANAGER, OWN),
            )
        }


def foreign_ordinance(prefecture: Prefecture) -> None:
    """An ordinance of the other division with one candidate."""
    with session_scope(prefecture.sessions) as session:
        owner = session.scalars(select(Division).where(Division.name == FOREIGN)).one()
        parsed = factories.ordinance({"1": factories.POSTING}, title=FOREIGN_TITLE, law_number="条例第九十号")
        factories.register(session, parsed, owner=owner)
        factories.scan(session)


def open_round(
    prefecture: Prefecture,
    *,
    days: int = 28,
    divisions: Collection[str] = (OWN, FOREIGN),
    now: dt.datetime = NOW,
    name: str = NAME,
) -> int:
    """A round that has begun `now`, due so many days later; its id."""
    coordinator = person(prefecture, "gyokei")
    with session_scope(prefecture.sessions) as session:
        ids = [row.division_id for row in queries.divisions(session, on=NOW.date()) if row.division in divisions]
        inquiry_id = draft_inquiry(
            session,
            actor=coordinator,
            name=name,
            guidance=GUIDANCE,
            due_date=now.date() + dt.timedelta(days=days),
            kinds=(),
            categories=(),
            division_ids=ids,
            now=now,
        )
        version = session.get_one(Inquiry, inquiry_id).row_version
        dispatch_inquiry(session, actor=coordinator, inquiry_id=inquiry_id, expected_version=version, now=now)
    return inquiry_id


def answer_everything(
    prefecture: Prefecture, login: str, applicability: Applicability = Applicability.APPLICABLE
) -> int:
    """Decide all that waits for that person; how much it was."""
    actor = person(prefecture, login)
    with session_scope(prefecture.sessions) as session:
        rows = queries.queue(session, actor=actor, statuses=OPEN_STATUSES, limit=1_000)
        for row in rows:
            decide(
                session,
                actor=actor,
                item_id=row.item_id,
                expected_version=row.row_version,
                applicability=applicability,
                category=row.category,
                regulation_type=row.regulation_type,
                phase=row.phase,
                basis=LegalBasis.LOCAL_ORDINANCE,
                now=NOW,
            )
    return len(rows)


def answer_of(prefecture: Prefecture, division: str = OWN) -> AnswerRow:
    """The division's answer to the only round, as the coordinator sees it."""
    with reading_scope(prefecture.sessions) as session:
        rows = queries.answers(
            session, actor=person(prefecture, "gyokei"), today=TODAY, inquiry_states=tuple(InquiryState)
        )
    (row,) = [row for row in rows if row.division == division]
    return row


def submit(prefecture: Prefecture, login: str = "sato", division: str = OWN, comment: str = "") -> None:
    _step(prefecture, submit_answer, login, division, comment=comment)


def approve(prefecture: Prefecture, login: str = "suzuki", division: str = OWN) -> None:
    _step(prefecture, approve_answer, login, division)


def accept(prefecture: Prefecture, division: str = OWN) -> None:
    _step(prefecture, accept_answer, "gyokei", division)


def send_back(prefecture: Prefecture, login: str, reason: str, division: str = OWN) -> None:
    _step(prefecture, return_answer, login, division, reason=reason)


def _step(prefecture: Prefecture, operation: Callable[..., object], login: str, division: str, **more: str) -> None:
    actor: Actor = person(prefecture, login)
    with session_scope(prefecture.sessions) as session:
        answer = session.scalars(
            select(InquiryAnswer)
            .join(Division, Division.id == InquiryAnswer.division_id)
            .where(Division.name == division)
        ).one()
        operation(session, actor=actor, answer_id=answer.id, expected_version=answer.row_version, now=NOW, **more)
