"""The steps of a division's answer to an inquiry: handed in, taken back, approved, sent back, accepted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy.orm import Session

from models.inquiry import InquiryAnswer
from models.operations.errors import InquiryError, InquiryFault
from models.operations.inquiry_steps import answer_after, answer_for_step, note_step, reason_for
from models.queries.inquiries import figures_now
from regulations.inquiry import (
    AnswerState,
    InquiryAction,
    Respondent,
    may_accept,
    may_approve,
    may_return,
    may_submit,
    may_withdraw,
)
from regulations.review import Actor


def submit_answer(
    session: Session,
    *,
    actor: Actor,
    answer_id: int,
    expected_version: int,
    comment: str = "",
    now: dt.datetime,
) -> None:
    """Hand the division's answer in: from now on its decisions within the scope stand still.

    Raises NotPermittedError, NoSuchItemError, StaleItemError, and InquiryError: OPEN_ITEMS while
    candidates wait for an answer (保留 may stand), WRONG_STATE.
    """
    answer = _step(
        session,
        actor=actor,
        answer_id=answer_id,
        expected_version=expected_version,
        step=InquiryAction.SUBMIT,
        action="submit_answer",
        may_take=lambda respondent: may_submit(actor, respondent),
        reason=comment,
        needs_all_answered=True,
        now=now,
    )
    answer.submitted_by_id, answer.submitted_at = actor.account_id, now
    session.flush()


def withdraw_answer(
    session: Session,
    *,
    actor: Actor,
    answer_id: int,
    expected_version: int,
    comment: str = "",
    now: dt.datetime,
) -> None:
    """Take an answer back that nobody has approved yet. Raises as `submit_answer` does."""
    answer = _step(
        session,
        actor=actor,
        answer_id=answer_id,
        expected_version=expected_version,
        step=InquiryAction.WITHDRAW,
        action="withdraw_answer",
        may_take=lambda respondent: may_withdraw(actor, respondent),
        reason=comment,
        now=now,
    )
    answer.submitted_by_id = answer.submitted_at = None
    session.flush()


def approve_answer(
    session: Session,
    *,
    actor: Actor,
    answer_id: int,
    expected_version: int,
    comment: str = "",
    now: dt.datetime,
) -> None:
    """Approve as head of the division what somebody else has handed in. Raises as `submit_answer` does."""
    _step(
        session,
        actor=actor,
        answer_id=answer_id,
        expected_version=expected_version,
        step=InquiryAction.APPROVE,
        action="approve_answer",
        may_take=lambda respondent: may_approve(actor, respondent),
        reason=comment,
        needs_all_answered=True,
        now=now,
    )


def return_answer(
    session: Session, *, actor: Actor, answer_id: int, expected_version: int, reason: str, now: dt.datetime
) -> None:
    """Send an answer back to the division (差戻し), which can then change it and hands it in anew.

    Raises NotPermittedError, NoSuchItemError, StaleItemError, and InquiryError: REASON_REQUIRED,
    or WRONG_STATE where it is not for this actor to send it back from where it stands.
    """
    _step(
        session,
        actor=actor,
        answer_id=answer_id,
        expected_version=expected_version,
        step=InquiryAction.RETURN,
        action="return_answer",
        may_take=lambda respondent: any(may_return(actor, respondent, state=state) for state in AnswerState),
        may_take_from=lambda respondent, state: may_return(actor, respondent, state=state),
        reason=reason,
        now=now,
    )


def accept_answer(
    session: Session,
    *,
    actor: Actor,
    answer_id: int,
    expected_version: int,
    comment: str = "",
    now: dt.datetime,
) -> None:
    """Accept an approved answer (受理). Raises as `submit_answer` does."""
    _step(
        session,
        actor=actor,
        answer_id=answer_id,
        expected_version=expected_version,
        step=InquiryAction.ACCEPT,
        action="accept_answer",
        may_take=lambda _respondent: may_accept(actor),
        reason=comment,
        needs_all_answered=True,
        now=now,
    )


def _step(
    session: Session,
    *,
    actor: Actor,
    answer_id: int,
    expected_version: int,
    step: InquiryAction,
    action: str,
    may_take: Callable[[Respondent], bool],
    may_take_from: Callable[[Respondent, AnswerState], bool] | None = None,
    reason: str,
    needs_all_answered: bool = False,
    now: dt.datetime,
) -> InquiryAnswer:
    answer, inquiry = answer_for_step(
        session,
        actor=actor,
        answer_id=answer_id,
        expected_version=expected_version,
        action=action,
        may_take=may_take,
    )
    respondent = Respondent(
        division_id=answer.division_id, bureau=answer.division.bureau, submitted_by=answer.submitted_by_id
    )
    before = answer.state
    if may_take_from is not None and not may_take_from(respondent, before):
        raise InquiryError(InquiryFault.WRONG_STATE)
    after = answer_after(answer, step)
    reason = reason_for(step, reason)
    figures = figures_now(session, scope=inquiry.scope, division_ids=[answer.division_id])[answer.division_id]
    if needs_all_answered and figures.open:
        raise InquiryError(InquiryFault.OPEN_ITEMS, count=figures.open)
    answer.state = after
    session.flush()
    note_step(
        session,
        actor=actor,
        inquiry=inquiry,
        answer=answer,
        step=step,
        action=action,
        reason=reason,
        detail={"before": before, "after": after, "candidates": figures.candidates},
        now=now,
    )
    return answer
