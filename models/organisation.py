"""部局 › 局・総室 › 課・室, as dated rows: divisions are renamed, moved and merged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, and_, not_, or_
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Division(Base):
    """課・室 from `valid_from` to `valid_to` (exclusive; None: open); `successor` takes over what it owned.

    Whether it stands on a day is asked by these methods alone, in Python and in SQL alike. "Today" is the day in
    Japan (`models.operations.dates.japan_date`).
    """

    __tablename__ = "divisions"
    __table_args__ = (UniqueConstraint("bureau", "office", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bureau: Mapped[str]
    office: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(index=True)
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("divisions.id"))

    @hybrid_method
    def has_begun(self, on: dt.date) -> bool:
        return self.valid_from is None or self.valid_from <= on

    @has_begun.expression
    @classmethod
    def _has_begun_in_sql(cls, on: dt.date) -> ColumnElement[bool]:
        return or_(cls.valid_from.is_(None), cls.valid_from <= on)

    @hybrid_method
    def has_ended(self, on: dt.date) -> bool:
        return self.valid_to is not None and self.valid_to <= on

    @has_ended.expression
    @classmethod
    def _has_ended_in_sql(cls, on: dt.date) -> ColumnElement[bool]:
        """Never NULL, so that its negation holds for what has no end."""
        return and_(cls.valid_to.is_not(None), cls.valid_to <= on)

    @hybrid_method
    def in_force(self, on: dt.date) -> bool:
        """Whether it stands on a day: `valid_from` <= `on` < `valid_to`."""
        return self.has_begun(on) and not self.has_ended(on)

    @in_force.expression
    @classmethod
    def _in_force_in_sql(cls, on: dt.date) -> ColumnElement[bool]:
        return and_(cls.has_begun(on), not_(cls.has_ended(on)))


def heir_on(division: Division, divisions: Mapping[int, Division], *, on: dt.date) -> Division:
    """The division that answers for it on a day: the last of its successors (a chain that bites its tail is cut).

    A division that has not ended answers itself. So does one whose successor is yet to begin: between the last day
    of the one and the first of the other nobody else could.
    """
    passed = set()
    while division.has_ended(on) and division.successor_id is not None and division.id not in passed:
        heir = divisions[division.successor_id]
        if not heir.has_begun(on):
            break
        passed.add(division.id)
        division = heir
    return division
