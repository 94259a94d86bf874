"""What the steps of inquiries share: finding one for writing, moving it on, and its history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.inquiry import Inquiry, InquiryAnswer, InquiryEvent
from models.operations.audit import record
from models.operations.errors import InquiryError, InquiryFault, NoSuchItemError, StaleItemError
from models.organisation import Division
from regulations.inquiry import (
    ANSWER_STEPS,
    INQUIRY_STEPS,
    NEEDS_REASON,
    AnswerState,
    InquiryAction,
    InquiryState,
    Respondent,
    may_manage_inquiries,
)
from regulations.review import Actor, NotPermittedError, Owner


def inquiry_for_step(
    session: Session, *, actor: Actor, inquiry_id: int, action: str, expected_version: int | None = None
) -> Inquiry:
    """The inquiry, locked until the transaction ends. Raises NotPermittedError, NoSuchItemError, StaleItemError."""
    if not may_manage_inquiries(actor):
        raise NotPermittedError(actor, action)
    inquiry = session.get(Inquiry, inquiry_id, with_for_update=True, populate_existing=True)
    if inquiry is None:
        raise NoSuchItemError(f"inquiry {inquiry_id}")
    if expected_version is not None and inquiry.row_version != expected_version:
        raise StaleItemError(inquiry.id, inquiry.row_version)
    return inquiry


def answer_for_step(
    session: Session,
    *,
    actor: Actor,
    answer_id: int,
    expected_version: int,
    action: str,
    may_take: Callable[[Respondent], bool],
) -> tuple[InquiryAnswer, Inquiry]:
    """A division's answer, locked, and its inquiry, which nobody closes meanwhile.

    Raises NoSuchItemError, NotPermittedError, StaleItemError, and InquiryError where the inquiry is not running.
    """
    inquiry_id = session.scalar(select(InquiryAnswer.inquiry_id).where(InquiryAnswer.id == answer_id))
    if inquiry_id is None:
        raise NoSuchItemError(f"inquiry answer {answer_id}")
    inquiry = session.scalars(
        select(Inquiry)
        .where(Inquiry.id == inquiry_id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).one()
    answer = session.get_one(InquiryAnswer, answer_id, with_for_update=True, populate_existing=True)
    division = session.get_one(Division, answer.division_id)
    respondent = Respondent(division_id=division.id, bureau=division.bureau, submitted_by=answer.submitted_by_id)
    if not may_take(respondent):
        raise NotPermittedError(actor, action, Owner(division_id=division.id, bureau=division.bureau))
    if answer.row_version != expected_version:
        raise StaleItemError(answer.id, answer.row_version)
    if inquiry.state is not InquiryState.OPEN:
        raise InquiryError(InquiryFault.WRONG_STATE)
    return answer, inquiry


def reason_for(step: InquiryAction, reason: str) -> str:
    """The reason as it is kept. Raises InquiryError where the step needs one and there is none."""
    reason = reason.strip()
    if not reason and step in NEEDS_REASON:
        raise InquiryError(InquiryFault.REASON_REQUIRED)
    return reason


def inquiry_after(inquiry: Inquiry, step: InquiryAction) -> InquiryState:
    """Where the step leads. Raises InquiryError where it is none from where the inquiry stands."""
    state = INQUIRY_STEPS[step].get(inquiry.state)
    if state is None:
        raise InquiryError(InquiryFault.WRONG_STATE)
    return state


def answer_after(answer: InquiryAnswer, step: InquiryAction) -> AnswerState:
    """Where the step leads. Raises InquiryError where it is none from where the answer stands."""
    state = ANSWER_STEPS[step].get(answer.state)
    if state is None:
        raise InquiryError(InquiryFault.WRONG_STATE)
    return state


def note_step(
    session: Session,
    *,
    actor: Actor,
    inquiry: Inquiry,
    step: InquiryAction,
    action: str,
    answer: InquiryAnswer | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
    now: dt.datetime,
) -> None:
    """One line of the history that everybody concerned reads (`step`), and one of the audit log (`action`)."""
    session.add(
        InquiryEvent(
            inquiry_id=inquiry.id,
            answer_id=answer.id if answer else None,
            account_id=actor.account_id,
            at=now,
            action=step,
            reason=reason,
        )
    )
    record(
        session,
        actor_id=actor.account_id,
        action=action,
        target_type="inquiry_answer" if answer else "inquiry",
        target_id=answer.id if answer else inquiry.id,
        detail=detail,
        now=now,
    )
