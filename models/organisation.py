"""部局 › 局・総室 › 課・室, as dated rows: divisions are renamed, moved and merged."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Division(Base):
    """課・室 from `valid_from` to `valid_to` (exclusive); `successor` took over what it owned."""

    __tablename__ = "divisions"
    __table_args__ = (UniqueConstraint("bureau", "office", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bureau: Mapped[str]
    office: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(index=True)
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("divisions.id"))
