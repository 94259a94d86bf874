"""A division by the name people call it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.organisation import Division


def find_division(session: Session, name: str, *, on: dt.date) -> int | None:
    """Id of the division called `name`, 課室 or 部局/課室; None where there is none or more than one.

    Of several with one name, the one in force on the day counts.
    """
    bureau, _, division = name.rpartition("/")
    wanted = select(Division).where(Division.name == division)
    if bureau:
        wanted = wanted.where(Division.bureau == bureau)
    found = list(session.scalars(wanted))
    in_force = [row for row in found if row.in_force(on)]
    candidates = in_force or found
    return candidates[0].id if len(candidates) == 1 else None
