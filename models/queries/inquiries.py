"""Inquiry rounds (照会): the rounds, each division's answer with its figures, and the history of both."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from models.accounts import Account
from models.inquiry import Inquiry, InquiryAnswer, InquiryEvent
from models.legislation import Instrument, Provision
from models.organisation import Division
from models.queries.instruments import is_declared
from models.queries.visibility import divisions_of, is_asked, is_unanswered
from models.review import ReviewItem
from regulations.inquiry import (
    SUBMITTED,
    AnswerState,
    InquiryAction,
    InquiryScope,
    InquiryState,
    Respondent,
    is_late,
    may_see_inquiries,
)
from regulations.review import Actor, ReviewStatus
from regulations.structure import Kind
from regulations.taxonomy import load_taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFigures:
    """What a division answers for within an inquiry.

    candidates = pending + recheck + undecided + applicable + not_applicable; `added` counts those
    among them that a person marked. `instruments` are those of the kinds asked that the division leads,
    `declared` how many of them it has read and declared to hold nothing further.
    """

    candidates: int = 0
    pending: int = 0
    recheck: int = 0
    undecided: int = 0
    applicable: int = 0
    not_applicable: int = 0
    added: int = 0
    instruments: int = 0
    declared: int = 0

    @property
    def open(self) -> int:
        """What must be answered before the division can hand its answer in (保留 may stand)."""
        return self.pending + self.recheck

    def __add__(self, other: AnswerFigures) -> AnswerFigures:
        return AnswerFigures(
            **{field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryRow:
    """One round. Empty `kinds` and `categories` are no limit.

    `by_state` (every state is a key), `late` and `divisions` count the answers that the actor may see.
    """

    inquiry_id: int
    name: str
    guidance: str
    state: InquiryState
    due_date: dt.date
    kinds: tuple[Kind, ...]
    categories: tuple[str, ...]
    row_version: int
    created_at: dt.datetime
    dispatched_at: dt.datetime | None
    closed_at: dt.datetime | None
    by_state: Mapping[AnswerState, int]
    late: int
    divisions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """One division's answer to one round.

    `figures` are those of now, or, where the round is closed, as they were frozen. `returned_reason`
    is why it was sent back (差戻し) or taken back (未回答に戻す), until it is handed in again. Nothing is late in a
    round that is not running.
    """

    answer_id: int
    inquiry_id: int
    inquiry: str
    guidance: str
    due_date: dt.date
    inquiry_state: InquiryState
    division_id: int
    bureau: str
    office: str
    division: str
    state: AnswerState
    row_version: int
    submitted_by: str
    submitted_by_id: int | None
    submitted_at: dt.datetime | None
    is_late: bool
    figures: AnswerFigures
    returned_reason: str
    kinds: tuple[Kind, ...]
    categories: tuple[str, ...]

    @property
    def respondent(self) -> Respondent:
        """For the permission predicates."""
        return Respondent(division_id=self.division_id, bureau=self.bureau, submitted_by=self.submitted_by_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One step; `division` is empty where it is the round's, `who` where nobody took it."""

    at: dt.datetime
    who: str
    action: InquiryAction
    reason: str
    division: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LateArrival:
    """Candidates that came to a division after its answer had been accepted (受理), and wait for an answer."""

    answer_id: int
    inquiry_id: int
    inquiry: str
    division: str
    candidates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingInquiry:
    """An inquiry that a candidate has been handed in to, and where that answer stands."""

    inquiry: str
    state: AnswerState


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenRow:
    """One division's figures as they stood when the round was closed."""

    answer_id: int
    division_id: int
    bureau: str
    office: str
    division: str
    state: AnswerState
    figures: AnswerFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenTotals:
    """The figures of a closed round; `total` is their sum."""

    rows: tuple[FrozenRow, ...]
    total: AnswerFigures


def inquiry_list(
    session: Session, *, actor: Actor, states: Collection[InquiryState] | None = None, today: dt.date
) -> list[InquiryRow]:
    """The rounds, the last first. Divisions see only those that have been dispatched and ask them."""
    visible = _visible(actor)
    rounds = select(Inquiry).where(_not_draft(actor)).order_by(Inquiry.id.desc())
    if states is not None:
        rounds = rounds.where(Inquiry.state.in_(states))
    if not may_see_inquiries(actor):
        rounds = rounds.where(Inquiry.id.in_(select(InquiryAnswer.inquiry_id).where(visible)))
    inquiries = session.scalars(rounds).all()
    counts: dict[int, dict[AnswerState, int]] = defaultdict(lambda: dict.fromkeys(AnswerState, 0))
    counted = (
        select(InquiryAnswer.inquiry_id, InquiryAnswer.state, func.count())
        .where(InquiryAnswer.inquiry_id.in_([inquiry.id for inquiry in inquiries]), visible)
        .group_by(InquiryAnswer.inquiry_id, InquiryAnswer.state)
    )
    for inquiry_id, state, count in session.execute(counted):
        counts[inquiry_id][state] = count
    return [_inquiry_row(inquiry, counts[inquiry.id], today=today) for inquiry in inquiries]


def _inquiry_row(inquiry: Inquiry, by_state: Mapping[AnswerState, int], *, today: dt.date) -> InquiryRow:
    kinds, categories = _in_order(inquiry.scope)
    owed = [state for state in AnswerState if _is_late(inquiry, state, today)]
    return InquiryRow(
        inquiry_id=inquiry.id,
        name=inquiry.name,
        guidance=inquiry.guidance,
        state=inquiry.state,
        due_date=inquiry.due_date,
        kinds=kinds,
        categories=categories,
        row_version=inquiry.row_version,
        created_at=inquiry.created_at,
        dispatched_at=inquiry.dispatched_at,
        closed_at=inquiry.closed_at,
        by_state=by_state,
        late=sum(by_state[state] for state in owed),
        divisions=sum(by_state.values()),
    )


def _is_late(inquiry: Inquiry, state: AnswerState, today: dt.date) -> bool:
    return inquiry.state is InquiryState.OPEN and is_late(state, due_date=inquiry.due_date, today=today)


def answers(
    session: Session,
    *,
    actor: Actor,
    today: dt.date,
    inquiry_id: int | None = None,
    states: Collection[AnswerState] | None = None,
    inquiry_states: Collection[InquiryState] = (InquiryState.OPEN,),
    limit: int | None = None,
    offset: int = 0,
) -> list[AnswerRow]:
    """The answers that the actor may see: by due date, those that are late first, then in the organisation's order.

    A fixed number of queries, however many rounds they are of.
    """
    owed = and_(
        Inquiry.state == InquiryState.OPEN,
        Inquiry.due_date < today,
        InquiryAnswer.state.not_in([AnswerState.APPROVED, AnswerState.ACCEPTED]),
    )
    page = (
        select(InquiryAnswer, Inquiry, Division, Account.display_name)
        .join(Inquiry, Inquiry.id == InquiryAnswer.inquiry_id)
        .join(Division, Division.id == InquiryAnswer.division_id)
        .outerjoin(Account, Account.id == InquiryAnswer.submitted_by_id)
        .where(*_conditions(actor, inquiry_id, states, inquiry_states))
        .order_by(Inquiry.due_date, Inquiry.id, case((owed, 0), else_=1), Division.id)
        .limit(limit)
        .offset(offset)
    )
    rows = session.execute(page).tuples().all()
    live = {answer.division_id for answer, inquiry, *_ in rows if inquiry.totals is None}
    counted = _Counts(session, division_ids=live)
    reasons = _returned_reasons(session, {answer.id: answer.state for answer, *_ in rows})
    found = []
    for answer, inquiry, division, submitted_by in rows:
        kinds, categories = _in_order(inquiry.scope)
        found.append(
            AnswerRow(
                answer_id=answer.id,
                inquiry_id=inquiry.id,
                inquiry=inquiry.name,
                guidance=inquiry.guidance,
                due_date=inquiry.due_date,
                inquiry_state=inquiry.state,
                division_id=division.id,
                bureau=division.bureau,
                office=division.office,
                division=division.name,
                state=answer.state,
                row_version=answer.row_version,
                submitted_by=submitted_by or "",
                submitted_by_id=answer.submitted_by_id,
                submitted_at=answer.submitted_at,
                is_late=_is_late(inquiry, answer.state, today),
                figures=_frozen_figures(inquiry.totals, answer.id)
                if inquiry.totals is not None
                else counted.figures(division.id, inquiry.scope),
                returned_reason=reasons.get(answer.id, ""),
                kinds=kinds,
                categories=categories,
            )
        )
    return found


def answer_total(
    session: Session,
    *,
    actor: Actor,
    inquiry_id: int | None = None,
    states: Collection[AnswerState] | None = None,
    inquiry_states: Collection[InquiryState] = (InquiryState.OPEN,),
) -> int:
    """How many answers `answers` lists over all its pages."""
    count = (
        select(func.count(InquiryAnswer.id))
        .join(Inquiry, Inquiry.id == InquiryAnswer.inquiry_id)
        .where(*_conditions(actor, inquiry_id, states, inquiry_states))
    )
    return session.scalar(count) or 0


def late_arrivals(session: Session, *, actor: Actor) -> list[LateArrival]:
    """The accepted answers of running inquiries to which candidates have come since, in the order of divisions.

    They stay accepted until the coordinator sends them back. One statement.
    """
    rows = session.execute(
        select(InquiryAnswer.id, Inquiry.id, Inquiry.name, Division.name, func.count())
        .join(Inquiry, Inquiry.id == InquiryAnswer.inquiry_id)
        .join(Division, Division.id == InquiryAnswer.division_id)
        .join(ReviewItem, ReviewItem.division_id == InquiryAnswer.division_id)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .where(is_asked(Instrument.kind), InquiryAnswer.state == AnswerState.ACCEPTED, is_unanswered(), _visible(actor))
        .group_by(InquiryAnswer.id, Inquiry.id, Division.id)
        .order_by(Inquiry.due_date, Inquiry.id, Division.id)
    )
    return [
        LateArrival(answer_id=answer_id, inquiry_id=inquiry_id, inquiry=name, division=division, candidates=count)
        for answer_id, inquiry_id, name, division, count in rows
    ]


def standing_inquiry(session: Session, *, item_id: int) -> StandingInquiry | None:
    """The inquiry for which a candidate stands still (`is_handed_in`); None where it does not. One statement.

    The candidate's own division only, whoever asks. Of several inquiries the first.
    """
    row = session.execute(
        select(Inquiry.name, InquiryAnswer.state)
        .select_from(ReviewItem)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .join(InquiryAnswer, InquiryAnswer.division_id == ReviewItem.division_id)
        .join(Inquiry, Inquiry.id == InquiryAnswer.inquiry_id)
        .where(ReviewItem.id == item_id, is_asked(Instrument.kind), InquiryAnswer.state.in_(SUBMITTED))
        .order_by(Inquiry.id)
        .limit(1)
    ).one_or_none()
    return StandingInquiry(inquiry=row[0], state=row[1]) if row else None


def inquiry_events(
    session: Session,
    *,
    actor: Actor,
    inquiry_id: int | None = None,
    answer_id: int | None = None,
    limit: int | None = None,
) -> list[EventRow]:
    """Steps of a round and of the answers to it that the actor may see, or of one answer; the last first."""
    asked = select(InquiryAnswer.inquiry_id).where(_visible(actor))
    of_round = InquiryEvent.answer_id.is_(None)
    statement = (
        select(InquiryEvent, Account.display_name, Division.name)
        .join(Inquiry, Inquiry.id == InquiryEvent.inquiry_id)
        .outerjoin(Account, Account.id == InquiryEvent.account_id)
        .outerjoin(InquiryAnswer, InquiryAnswer.id == InquiryEvent.answer_id)
        .outerjoin(Division, Division.id == InquiryAnswer.division_id)
        .where(
            _not_draft(actor),
            true() if may_see_inquiries(actor) else Inquiry.id.in_(asked),
            or_(of_round, _visible(actor)),
        )
        .order_by(InquiryEvent.id.desc())
        .limit(limit)
    )
    if inquiry_id is not None:
        statement = statement.where(InquiryEvent.inquiry_id == inquiry_id)
    if answer_id is not None:
        statement = statement.where(InquiryEvent.answer_id == answer_id)
    return [
        EventRow(at=event.at, who=who or "", action=event.action, reason=event.reason, division=division or "")
        for event, who, division in session.execute(statement)
    ]


def frozen_totals(session: Session, *, actor: Actor, inquiry_id: int) -> FrozenTotals | None:
    """The figures of a closed round; None while it runs. A division sees its own, and their sum."""
    totals = session.scalar(select(Inquiry.totals).where(Inquiry.id == inquiry_id, _not_draft(actor)))
    if totals is None:
        return None
    seen = set(session.scalars(select(InquiryAnswer.id).where(InquiryAnswer.inquiry_id == inquiry_id, _visible(actor))))
    rows = tuple(_frozen_row(row) for row in totals["divisions"] if row["answer_id"] in seen)
    if not rows and not may_see_inquiries(actor):
        return None
    return FrozenTotals(rows=rows, total=sum((row.figures for row in rows), AnswerFigures()))


def figures_now(session: Session, *, scope: InquiryScope, division_ids: Collection[int]) -> dict[int, AnswerFigures]:
    """The figures of divisions within a scope as they stand, by division: three queries, however many divisions."""
    counted = _Counts(session, division_ids=division_ids)
    return {division_id: counted.figures(division_id, scope) for division_id in division_ids}


def totals_of(session: Session, *, inquiry: Inquiry) -> dict[str, Any]:
    """What `Inquiry.totals` holds once the round is closed: {"divisions": [...], "total": {...}}, as JSON."""
    rows = session.execute(
        select(InquiryAnswer, Division)
        .join(Division, Division.id == InquiryAnswer.division_id)
        .where(InquiryAnswer.inquiry_id == inquiry.id)
        .order_by(Division.id)
    ).all()
    figures = figures_now(session, scope=inquiry.scope, division_ids=[division.id for _, division in rows])
    return {
        "divisions": [
            {
                "answer_id": answer.id,
                "division_id": division.id,
                "bureau": division.bureau,
                "office": division.office,
                "division": division.name,
                "state": answer.state.value,
                "figures": asdict(figures[division.id]),
            }
            for answer, division in rows
        ],
        "total": asdict(sum(figures.values(), AnswerFigures())),
    }


def _frozen_row(stored: Mapping[str, Any]) -> FrozenRow:
    return FrozenRow(
        answer_id=stored["answer_id"],
        division_id=stored["division_id"],
        bureau=stored["bureau"],
        office=stored["office"],
        division=stored["division"],
        state=AnswerState(stored["state"]),
        figures=AnswerFigures(**stored["figures"]),
    )


def _frozen_figures(totals: Mapping[str, Any], answer_id: int) -> AnswerFigures:
    rows = (_frozen_row(row) for row in totals["divisions"])
    return next((row.figures for row in rows if row.answer_id == answer_id), AnswerFigures())


class _Counts:
    """Items and instruments of divisions by what a scope can tell apart, so that any number of rounds share them."""

    def __init__(self, session: Session, *, division_ids: Collection[int]) -> None:
        self._items: dict[int, list[tuple[Kind, str, ReviewStatus, int, int]]] = defaultdict(list)
        self._instruments: dict[int, list[tuple[Kind, int, int]]] = defaultdict(list)
        if not division_ids:
            return
        added = func.sum(case((ReviewItem.is_manual, 1), else_=0))
        items = (
            select(
                ReviewItem.division_id,
                Instrument.kind,
                ReviewItem.category,
                ReviewItem.status.label("derived"),
                func.count(),
                added,
            )
            .join(Provision, Provision.id == ReviewItem.provision_id)
            .join(Instrument, Instrument.id == Provision.instrument_id)
            .where(ReviewItem.division_id.in_(division_ids), ReviewItem.status != ReviewStatus.WITHDRAWN.value)
            .group_by(ReviewItem.division_id, Instrument.kind, ReviewItem.category, "derived")
        )
        for division_id, kind, category, status, count, by_hand in session.execute(items):
            self._items[division_id].append((kind, category, ReviewStatus(status), count, by_hand))
        declared = func.sum(case((is_declared(Instrument.id), 1), else_=0))
        instruments = (
            select(Instrument.owner_id, Instrument.kind, func.count(), declared)
            .where(Instrument.owner_id.in_(division_ids))
            .group_by(Instrument.owner_id, Instrument.kind)
        )
        for owner_id, kind, count, read in session.execute(instruments):
            self._instruments[owner_id or 0].append((kind, count, read))

    def figures(self, division_id: int, scope: InquiryScope) -> AnswerFigures:
        by_status: dict[str, int] = defaultdict(int)
        added = instruments = declared = 0
        for kind, category, status, count, by_hand in self._items[division_id]:
            if scope.covers(kind=kind, category=category):
                by_status[status.value] += count
                added += by_hand
        for kind, count, read in self._instruments[division_id]:
            if not scope.kinds or kind in scope.kinds:
                instruments += count
                declared += read
        return AnswerFigures(
            candidates=sum(by_status.values()),
            added=added,
            instruments=instruments,
            declared=declared,
            **by_status,
        )


def _conditions(
    actor: Actor,
    inquiry_id: int | None,
    states: Collection[AnswerState] | None,
    inquiry_states: Collection[InquiryState],
) -> list[ColumnElement[bool]]:
    conditions = [_visible(actor), _not_draft(actor), Inquiry.state.in_(inquiry_states)]
    if inquiry_id is not None:
        conditions.append(InquiryAnswer.inquiry_id == inquiry_id)
    if states is not None:
        conditions.append(InquiryAnswer.state.in_(states))
    return conditions


def _visible(actor: Actor) -> ColumnElement[bool]:
    """`regulations.inquiry.may_see_answer` in SQL."""
    divisions = divisions_of(actor)
    return true() if divisions is None else InquiryAnswer.division_id.in_(divisions)


def _not_draft(actor: Actor) -> ColumnElement[bool]:
    return true() if may_see_inquiries(actor) else Inquiry.state != InquiryState.DRAFT


_BACK = (InquiryAction.RETURN, InquiryAction.RESUME, InquiryAction.WITHDRAW)


def _returned_reasons(session: Session, states: Mapping[int, AnswerState]) -> dict[int, str]:
    """Why each of these, by its state, was last sent or taken back; a division that does so itself needs no reason."""
    owed = {answer_id: state for answer_id, state in states.items() if state not in SUBMITTED}
    if not owed:
        return {}
    events = session.execute(
        select(InquiryEvent.answer_id, InquiryEvent.action, InquiryEvent.reason)
        .where(InquiryEvent.answer_id.in_(owed), InquiryEvent.action.in_(_BACK))
        .order_by(InquiryEvent.id)
    )
    found: dict[int, str] = {}
    for answer_id, action, reason in events:
        if answer_id is not None and (action is InquiryAction.RETURN) is (owed[answer_id] is AnswerState.RETURNED):
            found[answer_id] = reason if action is not InquiryAction.WITHDRAW else ""
    return {answer_id: reason for answer_id, reason in found.items() if reason}


def _in_order(scope: InquiryScope) -> tuple[tuple[Kind, ...], tuple[str, ...]]:
    return (
        tuple(kind for kind in Kind if kind in scope.kinds),
        tuple(_known_first(scope.categories)),
    )


def _known_first(categories: Iterable[str]) -> list[str]:
    """In the taxonomy's order; what it no longer knows comes last."""
    order = list(load_taxonomy())
    return sorted(categories, key=lambda name: (order.index(name) if name in order else len(order), name))
