"""End an inquiry and freeze its figures, or take it up again."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.inquiry import InquiryAnswer
from models.operations.apply_organisation_changes import pass_on_answers
from models.operations.dates import japan_date
from models.operations.errors import InquiryError, InquiryFault
from models.operations.inquiry_steps import inquiry_after, inquiry_for_step, note_step, reason_for
from models.operations.resume_answers import resume_answers
from models.queries.inquiries import AnswerFigures, totals_of
from regulations.inquiry import AnswerState, Arrival, InquiryAction
from regulations.review import Actor


def close_inquiry(
    session: Session,
    *,
    actor: Actor,
    inquiry_id: int,
    expected_version: int,
    even_unfinished: bool = False,
    now: dt.datetime,
) -> None:
    """Close the round; its figures are kept as they stand now, whatever is decided later.

    Raises NotPermittedError, NoSuchItemError, StaleItemError, and InquiryError: WRONG_STATE, or
    NOT_ALL_ACCEPTED with the number of answers that are not accepted, or that candidates have come
    to since; `even_unfinished` closes all the same.
    """
    inquiry = inquiry_for_step(
        session, actor=actor, inquiry_id=inquiry_id, action="close_inquiry", expected_version=expected_version
    )
    state = inquiry_after(inquiry, InquiryAction.CLOSE)
    # Locked, so that no answer takes a step between the figures and the end of this transaction.
    session.scalars(
        select(InquiryAnswer)
        .where(InquiryAnswer.inquiry_id == inquiry.id)
        .order_by(InquiryAnswer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    totals = totals_of(session, inquiry=inquiry)
    unfinished = sum(
        row["state"] != AnswerState.ACCEPTED.value or AnswerFigures(**row["figures"]).open > 0
        for row in totals["divisions"]
    )
    if unfinished and not even_unfinished:
        raise InquiryError(InquiryFault.NOT_ALL_ACCEPTED, count=unfinished)
    inquiry.state, inquiry.totals, inquiry.closed_at = state, totals, now
    session.flush()
    note_step(
        session,
        actor=actor,
        inquiry=inquiry,
        step=InquiryAction.CLOSE,
        action="close_inquiry",
        detail={"unfinished": unfinished, "total": totals["total"]},
        now=now,
    )


def reopen_inquiry(
    session: Session, *, actor: Actor, inquiry_id: int, expected_version: int, reason: str, now: dt.datetime
) -> None:
    """Take a closed round up again; its figures move on, and those of before stay in the audit log only.

    Where a division has ended since, its heir owes the answer; where candidates have come to one that had handed
    in, it owes it anew.
    Raises NotPermittedError, NoSuchItemError, StaleItemError, and InquiryError: WRONG_STATE, REASON_REQUIRED.
    """
    inquiry = inquiry_for_step(
        session, actor=actor, inquiry_id=inquiry_id, action="reopen_inquiry", expected_version=expected_version
    )
    state = inquiry_after(inquiry, InquiryAction.REOPEN)
    reason = reason_for(InquiryAction.REOPEN, reason)
    inquiry.state = state
    inquiry.totals = inquiry.closed_at = None
    session.flush()
    pass_on_answers(session, on=japan_date(now))
    resume_answers(session, arrival=Arrival.REOPENING, actor_id=actor.account_id, now=now)
    note_step(
        session,
        actor=actor,
        inquiry=inquiry,
        step=InquiryAction.REOPEN,
        action="reopen_inquiry",
        reason=reason,
        now=now,
    )
