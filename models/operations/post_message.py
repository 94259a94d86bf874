"""Write in the thread of a candidate: the division asks, the coordinator answers."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from models.operations.audit import record
from models.operations.errors import AnswerFault, InvalidAnswerError, NoSuchItemError
from models.operations.review_items import owner_of_item
from models.review import Message, ReviewItem
from regulations.review import Actor, NotPermittedError, Role, may_ask


def post_message(session: Session, *, actor: Actor, item_id: int, text: str, now: dt.datetime) -> int:
    """Append a message, and nothing else: the candidate stands where it stood. Returns the message's id.

    Raises NoSuchItemError, NotPermittedError, and InvalidAnswerError for a message without words.
    """
    item = session.get(ReviewItem, item_id)
    if item is None:
        raise NoSuchItemError(f"review item {item_id}")
    owner = owner_of_item(session, item=item)
    if not may_ask(actor, owner):
        raise NotPermittedError(actor, "post_message", owner)
    text = text.strip()
    if not text:
        raise InvalidAnswerError(AnswerFault.TEXT_REQUIRED)
    message = Message(
        review_item_id=item.id,
        account_id=actor.account_id,
        at=now,
        is_answer=actor.role is Role.COORDINATOR,
        text=text,
    )
    session.add(message)
    session.flush()
    record(
        session,
        actor_id=actor.account_id,
        action="post_message",
        target_type="review_item",
        target_id=item.id,
        detail={"message": message.id},
        now=now,
    )
    return message.id
