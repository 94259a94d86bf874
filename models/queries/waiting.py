"""What waits for a person, in figures beside the menu."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, false, func, select, true
from sqlalchemy.orm import Session

from models.inquiry import Inquiry, InquiryAnswer
from models.queries.visibility import is_handed_in, items_to_answer
from models.review import Handover, Message, ReviewItem
from regulations.inquiry import AnswerState, InquiryState
from regulations.review import OPEN_STATUSES, Actor, HandoverState, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Candidates to answer, answers to approve, and answers to accept; 0 where it is not the actor's to do.

    `to_settle` are candidates that wait for the coordinator: a question, or nobody knows whose they are.
    """

    to_answer: int
    to_approve: int
    to_accept: int
    to_settle: int


def waiting(session: Session, *, actor: Actor) -> Waiting:
    """One statement, for every page shows it. A person's own submission, which another approves, is not counted."""
    is_division = actor.role in {Role.REVIEWER, Role.APPROVER}
    to_answer = (
        select(func.count())
        .select_from(ReviewItem)
        .where(items_to_answer(actor), ReviewItem.status.in_(OPEN_STATUSES), ~is_handed_in())
        if is_division
        else select(func.count()).where(false())
    )
    to_approve = _running(AnswerState.ANSWERED).where(
        InquiryAnswer.division_id == actor.division_id if actor.role is Role.APPROVER else false(),
        InquiryAnswer.submitted_by_id != actor.account_id,
    )
    coordinates = true() if actor.role is Role.COORDINATOR else false()
    to_accept = _running(AnswerState.APPROVED).where(coordinates)
    last = select(func.max(Message.id)).group_by(Message.review_item_id)
    asked = (
        select(func.count(Message.id))
        .join(ReviewItem, ReviewItem.id == Message.review_item_id)
        .where(Message.id.in_(last), ~Message.is_answer, ReviewItem.status.in_(OPEN_STATUSES), coordinates)
    )
    nobodys = select(func.count(Handover.id)).where(
        Handover.state == HandoverState.OPEN, Handover.to_division_id.is_(None), coordinates
    )
    counted = session.execute(
        select(*(count.scalar_subquery() for count in (to_answer, to_approve, to_accept, asked, nobodys)))
    ).one()
    return Waiting(to_answer=counted[0], to_approve=counted[1], to_accept=counted[2], to_settle=counted[3] + counted[4])


def _running(state: AnswerState) -> Select[tuple[int]]:
    """How many answers to running inquiries are in that state."""
    return (
        select(func.count(InquiryAnswer.id))
        .join(Inquiry, Inquiry.id == InquiryAnswer.inquiry_id)
        .where(Inquiry.state == InquiryState.OPEN, InquiryAnswer.state == state)
    )
