"""Take answers that were handed in back to 未回答 where candidates have come to their divisions since."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, false, func, insert, or_, select, true
from sqlalchemy.orm import Session

from models.inquiry import Inquiry, InquiryAnswer, InquiryEvent
from models.legislation import Instrument, Provision
from models.operations.audit import record_each
from models.operations.review_items import update_each
from models.review import ReviewItem
from regulations.inquiry import ANSWER_STEPS, AnswerState, Arrival, InquiryAction, InquiryState
from regulations.labels import label
from regulations.review import ReviewStatus
from regulations.structure import Kind

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
    (`regulations.inquiry`). A fixed number of statements, two where nobody has handed in.
    """
    asked = select(InquiryAnswer.id, InquiryAnswer.division_id, Inquiry).join(
        Inquiry, Inquiry.id == InquiryAnswer.inquiry_id
    )
    handed_in = asked.where(
        Inquiry.state == InquiryState.OPEN,
        InquiryAnswer.state.in_(_HANDED_IN),
        true() if division_ids is None else InquiryAnswer.division_id.in_(set(division_ids) - {None}),
    )
    rows = session.execute(handed_in.order_by(InquiryAnswer.id)).tuples().all()
    if not rows:
        return 0
    came = _came(session, {division_id for _, division_id, _ in rows}, moved=false() if moved is None else moved)
    counted = {
        answer_id: count
        for answer_id, division_id, inquiry in rows
        if (count := sum(n for (kind, category), n in came[division_id].items()
                         if inquiry.scope.covers(kind=kind, category=category)))
    }  # fmt: skip
    return _take_back(session, counted, arrival=arrival, actor_id=actor_id, note=note.strip(), now=now)


def _came(
    session: Session, division_ids: Collection[int], *, moved: ColumnElement[bool]
) -> dict[int, Counter[tuple[Kind, str]]]:
    """What waits for an answer of each division, by what a scope can tell apart."""
    waits = ReviewItem.status.in_([ReviewStatus.PENDING.value, ReviewStatus.RECHECK.value])
    is_new = or_(waits, and_(moved, ReviewItem.status == ReviewStatus.UNDECIDED.value))
    rows = session.execute(
        select(ReviewItem.division_id, Instrument.kind, ReviewItem.category, func.count())
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .where(ReviewItem.division_id.in_(division_ids), is_new)
        .group_by(ReviewItem.division_id, Instrument.kind, ReviewItem.category)
    )
    found: dict[int, Counter[tuple[Kind, str]]] = defaultdict(Counter)
    for division_id, kind, category, count in rows:
        found[division_id or 0][kind, category] = count
    return found


def _take_back(
    session: Session,
    counted: dict[int, int],
    *,
    arrival: Arrival,
    actor_id: int | None,
    note: str,
    now: dt.datetime,
) -> int:
    """Lock them, the inquiries first as every step does, and take back those that still are handed in."""
    if not counted:
        return 0
    of_these = select(InquiryAnswer.inquiry_id).where(InquiryAnswer.id.in_(counted))
    running = select(Inquiry).where(Inquiry.id.in_(of_these), Inquiry.state == InquiryState.OPEN).order_by(Inquiry.id)
    fresh = {"populate_existing": True}
    inquiries = session.scalars(running.with_for_update(read=True).execution_options(**fresh)).all()
    answers = session.scalars(
        select(InquiryAnswer)
        .where(
            InquiryAnswer.id.in_(counted),
            InquiryAnswer.inquiry_id.in_([inquiry.id for inquiry in inquiries]),
            InquiryAnswer.state.in_(_HANDED_IN),
        )
        .order_by(InquiryAnswer.id)
        .with_for_update()
        .execution_options(**fresh)
    ).all()
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
            "reason": _reason(arrival, counted[answer.id], note),
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
                "arrival": arrival,
                "candidates": counted[answer.id],
            }
            for answer in answers
        },
        now=now,
    )
    return len(answers)


def _reason(arrival: Arrival, count: int, note: str) -> str:
    told = f"{label(arrival)}により要対応の候補が{count}件増えたため、未回答に戻しました。"
    return f"{told}（{note}）" if note else told
