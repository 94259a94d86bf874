"""Questions on candidates (保留) and the coordinator's answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.legislation import Instrument, Provision, ProvisionVersion
from models.organisation import Division
from models.queries.visibility import items_to_answer, visible_instruments
from models.review import Decision, Message, ReviewItem
from regulations.review import OPEN_STATUSES, Actor

Rows = TypeVar("Rows", bound=tuple[Any, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """One message; `is_answer` says that it is the coordinator's."""

    at: dt.datetime
    who: str
    text: str
    is_answer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """A candidate and the last message on it: who wrote it, when, and what. `division` answers for the candidate."""

    item_id: int
    title: str
    address: str
    category: str
    division: str
    asked_by: str
    asked_at: dt.datetime
    text: str


def thread(session: Session, *, actor: Actor, item_id: int) -> list[MessageRow]:
    """The messages on a candidate, the first one first; empty where the actor may not see it."""
    rows = session.execute(
        select(Message, Account.display_name)
        .join(ReviewItem, ReviewItem.id == Message.review_item_id)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .join(Account, Account.id == Message.account_id)
        .where(Message.review_item_id == item_id, visible_instruments(actor))
        .order_by(Message.id)
    )
    return [MessageRow(at=message.at, who=who, text=message.text, is_answer=message.is_answer) for message, who in rows]


def open_questions(session: Session, *, actor: Actor, limit: int = 50, offset: int = 0) -> list[QuestionRow]:
    """Open candidates whose last message is a question, the one that waits longest first."""
    return _questions(session, actor, is_answer=False, limit=limit, offset=offset)


def open_question_total(session: Session, *, actor: Actor) -> int:
    """How many candidates `open_questions` lists over all its pages."""
    return session.scalar(_last_messages(select(func.count(Message.id)), actor, is_answer=False)) or 0


def answered_questions(session: Session, *, actor: Actor, limit: int = 50, offset: int = 0) -> list[QuestionRow]:
    """Open candidates on which the coordinator has had the last word, so that the division can decide."""
    return _questions(session, actor, is_answer=True, limit=limit, offset=offset)


def _questions(session: Session, actor: Actor, *, is_answer: bool, limit: int, offset: int) -> list[QuestionRow]:
    columns = select(
        ReviewItem.id,
        Instrument.title,
        ProvisionVersion.address,
        func.coalesce(Decision.category, ReviewItem.category),
        Division.name,
        Instrument.owner_as_stated,
        Account.display_name,
        Message.at,
        Message.text,
    )
    page = (
        _last_messages(columns, actor, is_answer=is_answer)
        .join(ProvisionVersion, ProvisionVersion.id == Provision.latest_version_id)
        .join(Account, Account.id == Message.account_id)
        .outerjoin(Decision, Decision.id == ReviewItem.current_decision_id)
        .outerjoin(Division, Division.id == ReviewItem.division_id)
        .order_by(Message.id)
        .limit(limit)
        .offset(offset)
    )
    return [
        QuestionRow(
            item_id=item_id,
            title=title,
            address=address,
            category=category,
            division=division or stated,
            asked_by=who,
            asked_at=at,
            text=text,
        )
        for item_id, title, address, category, division, stated, who, at, text in session.execute(page)
    ]


def _last_messages(statement: Select[Rows], actor: Actor, *, is_answer: bool) -> Select[Rows]:
    last = select(func.max(Message.id)).group_by(Message.review_item_id)
    return (
        statement.select_from(Message)
        .join(ReviewItem, ReviewItem.id == Message.review_item_id)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .where(
            Message.id.in_(last),
            Message.is_answer.is_(is_answer),
            items_to_answer(actor),
            ReviewItem.status.in_([status.value for status in OPEN_STATUSES]),
        )
    )
