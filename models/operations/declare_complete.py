"""Declare that an instrument, having been read, holds no further regulation; or take that back."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.legislation import Instrument, Revision
from models.operations.audit import record
from models.operations.errors import AnswerFault, InvalidAnswerError, NoSuchItemError
from models.operations.review_items import owner_of
from models.queries.instruments import unanswered_total
from models.review import ReadingDeclaration
from regulations.review import Actor, NotPermittedError, may_declare_complete


def declare_complete(session: Session, *, actor: Actor, instrument_id: int, revision_id: int, now: dt.datetime) -> int:
    """Declare the text that was read complete; returns the declaration's id. The same again changes nothing.

    `revision_id` is the revision as shown (`InstrumentText.revision_id`). Raises NoSuchItemError,
    NotPermittedError, and InvalidAnswerError: TEXT_NOT_IN_FORCE where another has come in since,
    OPEN_ITEMS_LEFT while candidates in it wait for an answer of the division (保留 may stand).
    """
    instrument = _instrument(session, actor=actor, instrument_id=instrument_id, action="declare_complete")
    current = session.scalar(select(Revision.id).where(Revision.instrument_id == instrument.id, Revision.is_current))
    if current is None or current != revision_id:
        raise InvalidAnswerError(AnswerFault.TEXT_NOT_IN_FORCE)
    if unanswered_total(session, actor=actor, instrument_id=instrument.id):
        raise InvalidAnswerError(AnswerFault.OPEN_ITEMS_LEFT)
    if actor.division_id is None:  # `may_declare_complete` has seen to it
        raise NotPermittedError(actor, "declare_complete")
    standing = session.scalar(
        select(ReadingDeclaration.id).where(
            ReadingDeclaration.revision_id == revision_id,
            ReadingDeclaration.division_id == actor.division_id,
            ReadingDeclaration.withdrawn_at.is_(None),
        )
    )
    if standing is not None:
        return standing
    declaration = ReadingDeclaration(
        instrument_id=instrument.id,
        revision_id=revision_id,
        division_id=actor.division_id,
        account_id=actor.account_id,
        declared_at=now,
    )
    session.add(declaration)
    session.flush()
    record(
        session,
        actor_id=actor.account_id,
        action="declare_complete",
        target_type="instrument",
        target_id=instrument.id,
        detail={"revision": revision_id, "declaration": declaration.id},
        now=now,
    )
    return declaration.id


def withdraw_declaration(session: Session, *, actor: Actor, instrument_id: int, now: dt.datetime) -> None:
    """Take back what any of its divisions has declared of the text in force.

    Raises NotPermittedError, and NoSuchItemError where there is no instrument or no such declaration.
    """
    instrument = _instrument(session, actor=actor, instrument_id=instrument_id, action="withdraw_declaration")
    standing = session.scalars(
        select(ReadingDeclaration)
        .join(Revision, Revision.id == ReadingDeclaration.revision_id)
        .where(
            ReadingDeclaration.instrument_id == instrument.id,
            ReadingDeclaration.withdrawn_at.is_(None),
            Revision.is_current,
        )
    ).all()
    if not standing:
        raise NoSuchItemError(f"declaration of instrument {instrument_id}")
    for declaration in standing:
        declaration.withdrawn_at = now
    session.flush()
    record(
        session,
        actor_id=actor.account_id,
        action="withdraw_declaration",
        target_type="instrument",
        target_id=instrument.id,
        detail={"declarations": [declaration.id for declaration in standing]},
        now=now,
    )


def _instrument(session: Session, *, actor: Actor, instrument_id: int, action: str) -> Instrument:
    owner = owner_of(session, instrument_id=instrument_id)
    if not may_declare_complete(actor, owner):
        raise NotPermittedError(actor, action, owner)
    # Locked: a new revision, or a second click, waits.
    return session.get_one(Instrument, instrument_id, with_for_update=True, populate_existing=True)
