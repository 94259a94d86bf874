"""`may_view` in SQL: the one condition that every query on instruments, candidates and decisions carries."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, select, true

from models.legislation import Instrument
from models.organisation import Division
from regulations.review import Actor, Role


def visible_instruments(actor: Actor) -> ColumnElement[bool]:
    """The instruments whose candidates the actor may see; nothing where no rule grants it.

    The same answer as `regulations.review.may_view`, which a test holds it against.
    """
    match actor.role:
        case Role.COORDINATOR | Role.AUDITOR:
            return true()
        case Role.BUREAU_MANAGER if actor.bureau is not None:
            return Instrument.owner_id.in_(select(Division.id).where(Division.bureau == actor.bureau))
        case Role.REVIEWER | Role.APPROVER if actor.division_id is not None:
            return Instrument.owner_id == actor.division_id
    return false()
