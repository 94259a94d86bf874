"""Progress (進捗): counts of each division, and the totals that the policy covers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.legislation import Instrument, Provision
from models.organisation import Division
from models.queries.visibility import items_to_answer, visible_instruments
from models.review import Decision, ReviewItem, RoadmapItem
from regulations.review import Actor, Applicability, ReviewStatus, may_see_all_progress
from regulations.structure import POLICY_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressRow:
    """Counts of one division; that without id stands for the instruments whose owner is not known.

    candidates = applicable + not_applicable + undecided + recheck + pending. `decided` is 該当 and
    非該当. `roadmap_done` counts the plans with a policy (要否) among `roadmap`, those applicable.
    """

    division_id: int | None
    bureau: str
    office: str
    division: str
    instruments: int = 0
    candidates: int = 0
    decided: int = 0
    applicable: int = 0
    not_applicable: int = 0
    undecided: int = 0
    recheck: int = 0
    pending: int = 0
    roadmap: int = 0
    roadmap_done: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadlineTotals:
    """The figures of 条例・規則・告示・訓令・規程; national law and 要綱・要領 are counted apart.

    `by_category` and `by_phase` count what is decided 該当.
    """

    instruments: int
    provisions: int
    candidates: int
    decided: int
    by_status: Mapping[ReviewStatus, int]
    by_category: Mapping[str, int]
    by_phase: Mapping[int, int]
    outside_instruments: int
    outside_candidates: int


def progress_by_division(session: Session, *, actor: Actor, on: dt.date) -> list[ProgressRow]:
    """Rows of the divisions the actor may see, in the organisation's order, the ownerless last.

    A division that is not in force on the day is listed only where it owns something.
    """
    owned = dict(
        session.execute(
            select(Instrument.owner_id, func.count()).where(visible_instruments(actor)).group_by(Instrument.owner_id)
        )
        .tuples()
        .all()
    )
    statuses: dict[int | None, dict[ReviewStatus, int]] = defaultdict(dict)
    counts = (
        select(ReviewItem.division_id, ReviewItem.status.label("derived"), func.count())
        .where(items_to_answer(actor))
        .group_by(ReviewItem.division_id, "derived")
    )
    for owner_id, status, count in session.execute(counts):
        statuses[owner_id][ReviewStatus(status)] = count
    plans = {
        owner_id: (listed, done)
        for owner_id, listed, done in session.execute(
            select(ReviewItem.division_id, func.count(), func.count(RoadmapItem.policy))
            .select_from(RoadmapItem)
            .join(ReviewItem, ReviewItem.id == RoadmapItem.review_item_id)
            .where(items_to_answer(actor), ReviewItem.applicability == Applicability.APPLICABLE)
            .group_by(ReviewItem.division_id)
        )
    }
    holders = {*owned, *statuses}
    divisions = session.execute(
        select(Division.id, Division.bureau, Division.office, Division.name)
        .where(or_(Division.in_force(on), Division.id.in_(holders - {None})))
        .order_by(Division.id)
    ).tuples()
    named: list[tuple[int | None, str, str, str]] = [
        row for row in divisions if row[0] in holders or _is_in_scope(actor, division_id=row[0], bureau=row[1])
    ]
    if may_see_all_progress(actor) and None in holders:
        named.append((None, "", "", ""))
    return [
        _progress_row(row, instruments=owned.get(row[0], 0), statuses=statuses[row[0]], plans=plans.get(row[0], (0, 0)))
        for row in named
    ]


def _is_in_scope(actor: Actor, *, division_id: int, bureau: str) -> bool:
    return may_see_all_progress(actor) or actor.division_id == division_id or actor.bureau == bureau


def _progress_row(
    division: tuple[int | None, str, str, str],
    *,
    instruments: int,
    statuses: Mapping[ReviewStatus, int],
    plans: tuple[int, int],
) -> ProgressRow:
    division_id, bureau, office, name = division
    applicable = statuses.get(ReviewStatus.APPLICABLE, 0)
    not_applicable = statuses.get(ReviewStatus.NOT_APPLICABLE, 0)
    return ProgressRow(
        division_id=division_id,
        bureau=bureau,
        office=office,
        division=name,
        instruments=instruments,
        candidates=sum(count for status, count in statuses.items() if status is not ReviewStatus.WITHDRAWN),
        decided=applicable + not_applicable,
        applicable=applicable,
        not_applicable=not_applicable,
        undecided=statuses.get(ReviewStatus.UNDECIDED, 0),
        recheck=statuses.get(ReviewStatus.RECHECK, 0),
        pending=statuses.get(ReviewStatus.PENDING, 0),
        roadmap=plans[0],
        roadmap_done=plans[1],
    )


def headline_totals(session: Session) -> HeadlineTotals:
    """The totals over all divisions, for whoever `may_see_all_progress`."""
    covered = Instrument.kind.in_(list(POLICY_KINDS))
    in_policy, outside = (
        session.scalar(select(func.count(Instrument.id)).where(condition)) or 0 for condition in (covered, ~covered)
    )
    provisions = session.scalar(
        select(func.count(Provision.id))
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .where(covered, Provision.current_text_hash.is_not(None))
    )
    by_status = dict.fromkeys(ReviewStatus, 0)
    outside_candidates = 0
    counts = (
        select(covered.label("covered"), ReviewItem.status.label("derived"), func.count())
        .select_from(ReviewItem)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .group_by("covered", "derived")
    )
    for is_covered, status, count in session.execute(counts):
        if is_covered:
            by_status[ReviewStatus(status)] += count
        elif ReviewStatus(status) is not ReviewStatus.WITHDRAWN:
            outside_candidates += count
    by_category: dict[str, int] = defaultdict(int)
    by_phase: dict[int, int] = defaultdict(int)
    applicable = (
        select(Decision.category, Decision.phase, func.count())
        .select_from(ReviewItem)
        .join(Decision, Decision.id == ReviewItem.current_decision_id)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .where(covered, ReviewItem.status == ReviewStatus.APPLICABLE.value)
        .group_by(Decision.category, Decision.phase)
    )
    for category, phase, count in session.execute(applicable):
        by_category[category] += count
        by_phase[phase] += count
    return HeadlineTotals(
        instruments=in_policy,
        provisions=provisions or 0,
        candidates=sum(count for status, count in by_status.items() if status is not ReviewStatus.WITHDRAWN),
        decided=by_status[ReviewStatus.APPLICABLE] + by_status[ReviewStatus.NOT_APPLICABLE],
        by_status=by_status,
        by_category=dict(by_category),
        by_phase=dict(by_phase),
        outside_instruments=outside,
        outside_candidates=outside_candidates,
    )
