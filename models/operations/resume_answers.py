"""Take answers that were handed in back to 未回答 where candidates have come to their divisions since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, false, func, insert, or_, select
from sqlalchemy.orm import Session

from models.inquiry import Inquiry, InquiryAnswer, InquiryEvent
from models.legislation import Instrument, Provision
from models.operations.audit import record_each
from models.operations.review_items import update_each
from models.queries.visibility import is_asked, is_unanswered
from models.review import ReviewItem
from regulations.inquiry import ANSWER_STEPS, AnswerState, Arrival, InquiryAction, InquiryState
from regulations.labels import label
from regulations.review import ReviewStatus

_HANDED_IN: Collection[AnswerState] = ANSWER_STEPS[InquiryAction.RESUME].keys()


def resume_answers(
    session: Session,
    *,
    arrival: Arrival,
    actor_id: int | None,
    division_ids: Collection[int | None] | None = None,
    moved: ColumnElement[bool] | None = None,
    note: str = "",
    now: dt.datetime,
) -> int:
    """Take back every answer, 承認待ち or 確認待ち, with candidates in it that wait for one; how many there were.

    Called by each operation that brings candidates to divisions, after it has: nothing is handed in while a
    candidate is 未確認 or 再確認, so what is found so has come since. `moved`, a condition on ReviewItem, says
    which have come from another division: of these a 保留 counts as well, for this one has not looked at it.
    `division_ids` limits the search to where something can have come (None: anywhere); `note` is what was
    written with the step. `actor_id` is None where nobody took it. An answer that is 受理 stays as it is
    (`regulations.inquiry`). The answers are locked, so that none is handed in meanwhile (`lock_answers`). A fixed
    number of statements, two where nobody has handed in.
    """
    answers = [answer for answer in lock_answers(session, division_ids) if answer.state in _HANDED_IN]
    came = _came(session, [answer.id for answer in answers], moved=false() if moved is None else moved)
    answers = [answer for answer in answers if answer.id in came]
    if not answers:
        return 0
    before = {answer.id: answer.state for answer in answers}
    after = ANSWER_STEPS[InquiryAction.RESUME]
    changes = {
        answer.id: {"state": after[answer.state], "submitted_by_id": None, "submitted_at": None} for answer in answers
    }
    update_each(session, InquiryAnswer, changes)
    step = {"account_id": actor_id, "at": now, "action": InquiryAction.RESUME}
    events = [
        {
            **step,
            "inquiry_id": answer.inquiry_id,
            "answer_id": answer.id,
            "reason": _reason(came[answer.id].arrival(arrival), came[answer.id].count, note.strip()),
        }
        for answer in answers
    ]
    session.execute(insert(InquiryEvent), events)
    record_each(
        session,
        actor_id=actor_id,
        action="resume_answer",
        target_type="inquiry_answer",
        details={
            answer.id: {
                "before": before[answer.id],
                "after": answer.state,
                "arrival": came[answer.id].arrival(arrival),
                "candidates": came[answer.id].count,
            }
            for answer in answers
        },
        now=now,
    )
    return len(answers)


def lock_answers(session: Session, division_ids: Collection[int | None] | None) -> list[InquiryAnswer]:
    """The answers of divisions (None: of all) to running inquiries, locked until the transaction ends.

    The inquiries first, as every step does, then the answers in the order of their ids, whatever their state: one
    that is just being handed in waits, or is waited for. Two statements. An operation that also checks what its
    own division has handed in takes all the locks it will need at once, or two of them wait for each other.
    """
    asked = (
        InquiryAnswer.division_id.is_not(None)
        if division_ids is None
        else InquiryAnswer.division_id.in_(set(division_ids) - {None})
    )
    concerned = Inquiry.id.in_(select(InquiryAnswer.inquiry_id).where(asked))
    running = select(Inquiry).where(concerned, Inquiry.state == InquiryState.OPEN).order_by(Inquiry.id)
    fresh = {"populate_existing": True}
    inquiries = session.scalars(running.with_for_update(read=True).execution_options(**fresh)).all()
    of_these = InquiryAnswer.inquiry_id.in_([inquiry.id for inquiry in inquiries])
    answers = select(InquiryAnswer).where(asked, of_these).order_by(InquiryAnswer.id)
    return list(session.scalars(answers.with_for_update().execution_options(**fresh)))


@dataclass(frozen=True, slots=True)
class _Came:
    """What waits in one answer: `rechecks` of the `count` candidates are 再確認."""

    count: int
    rechecks: int

    def arrival(self, told: Arrival) -> Arrival:
        """A scan comes after the amendments it looks at, and tells of both: what is asked again, they have brought."""
        return Arrival.AMENDMENT if told is Arrival.SCAN and self.rechecks else told


def _came(session: Session, answer_ids: Collection[int], *, moved: ColumnElement[bool]) -> dict[int, _Came]:
    """What waits for a division within the scope of its answer, by the answer's id; only where something does."""
    if not answer_ids:
        return {}
    is_new = or_(is_unanswered(), and_(moved, ReviewItem.status == ReviewStatus.UNDECIDED.value))
    recheck = case((ReviewItem.status == ReviewStatus.RECHECK.value, 1), else_=0)
    rows = session.execute(
        select(InquiryAnswer.id, func.count(), func.sum(recheck))
        .join(Inquiry, Inquiry.id == InquiryAnswer.inquiry_id)
        .join(ReviewItem, ReviewItem.division_id == InquiryAnswer.division_id)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .where(InquiryAnswer.id.in_(answer_ids), is_asked(Instrument.kind), is_new)
        .group_by(InquiryAnswer.id)
    )
    return {answer_id: _Came(count, rechecks) for answer_id, count, rechecks in rows}


def _reason(arrival: Arrival, count: int, note: str) -> str:
    how = (
        f"照会が終了している間に候補が{count}件加わったため"
        if arrival is Arrival.REOPENING
        else f"{label(arrival)}により要対応の候補が{count}件増えたため"
    )
    told = f"{how}、未回答に戻しました。"
    return f"{told}（{note}）" if note else told
