"""Begin an inquiry: from now on every division asked sees it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.inquiry import InquiryAnswer
from models.operations.dates import japan_date
from models.operations.errors import InquiryError, InquiryFault
from models.operations.inquiry_steps import inquiry_after, inquiry_for_step, note_step
from regulations.inquiry import InquiryAction
from regulations.review import Actor


def dispatch_inquiry(
    session: Session, *, actor: Actor, inquiry_id: int, expected_version: int, now: dt.datetime
) -> None:
    """Open a draft. Raises NotPermittedError, NoSuchItemError, StaleItemError.

    InquiryError: it is no draft, its due date lies before today in Japan, or it asks no division.
    """
    inquiry = inquiry_for_step(
        session, actor=actor, inquiry_id=inquiry_id, action="dispatch_inquiry", expected_version=expected_version
    )
    state = inquiry_after(inquiry, InquiryAction.DISPATCH)
    if inquiry.due_date < japan_date(now):
        raise InquiryError(InquiryFault.DUE_DATE_PAST)
    asked = session.scalar(select(func.count(InquiryAnswer.id)).where(InquiryAnswer.inquiry_id == inquiry.id))
    if not asked:
        raise InquiryError(InquiryFault.NO_DIVISION)
    inquiry.state, inquiry.dispatched_at = state, now
    session.flush()
    note_step(
        session,
        actor=actor,
        inquiry=inquiry,
        step=InquiryAction.DISPATCH,
        action="dispatch_inquiry",
        detail={"divisions": asked, "due_date": inquiry.due_date.isoformat()},
        now=now,
    )
