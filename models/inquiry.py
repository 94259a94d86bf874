"""Inquiry rounds (照会), each division's answer, and the history of both."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.accounts import Account
from models.base import Base, Json, UtcDateTime, text_enum
from models.organisation import Division
from regulations.inquiry import AnswerState, InquiryAction, InquiryScope, InquiryState
from regulations.structure import Kind


class Inquiry(Base):
    """One round. `kinds` and `categories` limit what is asked (empty: everything).

    `totals` is None until the round is closed; then it holds the figures of each division and of
    all as they stood (`models.queries.inquiries`), and is never computed again.
    """

    __tablename__ = "inquiries"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    guidance: Mapped[str] = mapped_column(Text, default="")
    due_date: Mapped[dt.date]
    kinds: Mapped[list[str]] = mapped_column(Json)
    categories: Mapped[list[str]] = mapped_column(Json)
    state: Mapped[InquiryState] = mapped_column(text_enum(InquiryState), index=True)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    dispatched_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    totals: Mapped[dict[str, Any] | None] = mapped_column(Json)
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}

    answers: Mapped[list[InquiryAnswer]] = relationship(back_populates="inquiry", order_by="InquiryAnswer.division_id")

    @property
    def scope(self) -> InquiryScope:
        return InquiryScope(kinds=frozenset(map(Kind, self.kinds)), categories=frozenset(self.categories))


class InquiryAnswer(Base):
    """What one division owes in one round, and where that stands. Made with the draft, one a division asked."""

    __tablename__ = "inquiry_answers"
    __table_args__ = (UniqueConstraint("inquiry_id", "division_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    inquiry_id: Mapped[int] = mapped_column(ForeignKey("inquiries.id"))
    division_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"), index=True)
    state: Mapped[AnswerState] = mapped_column(text_enum(AnswerState))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}

    inquiry: Mapped[Inquiry] = relationship(back_populates="answers")
    division: Mapped[Division] = relationship()


class InquiryEvent(Base):
    """One step, as everybody concerned can read it: of an answer, or (`answer_id` None) of the round.

    `account_id` is None where nobody took it: a scan has brought candidates.
    """

    __tablename__ = "inquiry_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    inquiry_id: Mapped[int] = mapped_column(ForeignKey("inquiries.id"), index=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("inquiry_answers.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    action: Mapped[InquiryAction] = mapped_column(text_enum(InquiryAction))
    reason: Mapped[str] = mapped_column(Text, default="")

    account: Mapped[Account | None] = relationship()
