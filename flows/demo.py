"""The whole line on the sample in one go: ingest, scan, inquiry, review, amendment, re-scan, export.

People decide in this system, so a demonstration without any needs players: a scripted coordinator asks
the divisions, scripted reviewers answer their candidates, and one division's answer goes its way to
the end, all through the same operations as the screens. They never touch the live database: the
demonstration has a home of its own, made anew each time.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import MutableMapping
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from flows.database import sessions
from flows.export_roadmap import default_name, write_roadmap
from flows.sample import LoadedSample, amended_files, load
from flows.settings import Settings, load_settings
from models.accounts import Account
from models.database import reading_scope, session_scope, upgrade
from models.inquiry import Inquiry, InquiryAnswer
from models.operations.answer_inquiry import accept_answer, approve_answer, submit_answer
from models.operations.decide import decide
from models.operations.dispatch_inquiry import dispatch_inquiry
from models.operations.draft_inquiry import draft_inquiry
from models.operations.edit_roadmap import edit_roadmap
from models.operations.sign_in import actor_of
from models.queries import InquiryRow, inquiry_list, item_detail, queue, roadmap_rows
from models.review import ReviewItem
from regulations.review import Actor, Applicability, NonApplicableReason, ReviewStatus, Role
from regulations.roadmap import ReviewPolicy, RoadmapEntry, RoadmapProgress
from regulations.taxonomy import LegalBasis

if TYPE_CHECKING:
    from flows.rescan import RescanSummary

ANSWERS = (
    Applicability.APPLICABLE,
    Applicability.APPLICABLE,
    Applicability.NOT_APPLICABLE,
    Applicability.APPLICABLE,
    Applicability.UNDECIDED,
    Applicability.APPLICABLE,
)
"""What the scripted reviewer of a division answers to its candidates, in turn."""

MOST_CANDIDATES = 1000  # of one division of the sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """What a run made: `statuses` counts items by category and status, after the re-scan."""

    sample: LoadedSample
    answered: int
    inquiry: InquiryRow
    rescan: RescanSummary
    statuses: dict[str, dict[ReviewStatus, int]]
    roadmap: int
    workbook: Path


def fresh_home(settings: Settings, environ: MutableMapping[str, str]) -> Settings:
    """Point `environ` at an empty home below the installation's, and bring its database into being."""
    home = settings.home / "demo"
    shutil.rmtree(home, ignore_errors=True)
    environ["MINAOSHI_HOME"] = str(home)
    environ.pop("MINAOSHI_DATABASE_URL", None)
    own = load_settings(environ)
    own.make_folders()
    upgrade(own.database_url)
    return own


def run(settings: Settings) -> Demonstration:
    """Play the line in the home of `settings`, which must be empty."""
    from flows.rescan import rescan

    sample = load(settings)
    factory = sessions()
    inquiry_id = play_coordinator(factory)
    answered = play_reviewers(factory)
    inquiry = play_first_answer(factory, inquiry_id=inquiry_id)
    for path in amended_files():
        shutil.copy(path, settings.inbox)
    again = rescan()
    now = dt.datetime.now(dt.UTC)
    workbook = settings.exports / default_name("xlsx", now=now)
    with session_scope(factory) as session:
        roadmap = write_roadmap(session, target=workbook, format="xlsx", now=now)
        statuses = count_statuses(session)
    return Demonstration(
        sample=sample,
        answered=answered,
        inquiry=inquiry,
        rescan=again,
        statuses=statuses,
        roadmap=roadmap,
        workbook=workbook,
    )


def play_coordinator(factory: sessionmaker[Session]) -> int:
    """推進担当 asks all divisions that own an ordinance; the inquiry's id."""
    now = dt.datetime.now(dt.UTC)
    (coordinator,) = _actors(factory, Role.COORDINATOR)
    with session_scope(factory) as session:
        inquiry_id = draft_inquiry(
            session,
            actor=coordinator,
            name="アナログ規制の点検（試行）",
            guidance="候補を確認し、該当するものは工程表にも入力してください。",
            due_date=now.date() + dt.timedelta(days=30),
            kinds=(),
            categories=(),
            division_ids=None,
            now=now,
        )
        version = session.get_one(Inquiry, inquiry_id).row_version
        dispatch_inquiry(session, actor=coordinator, inquiry_id=inquiry_id, expected_version=version, now=now)
    return inquiry_id


def play_reviewers(factory: sessionmaker[Session]) -> int:
    """Every division's 担当者 answers its candidates and plans what is 該当; the number of answers.

    The first division answers all of them, the others leave their last, so that the summary shows
    what is not answered yet as well.
    """
    answered = 0
    for place, actor in enumerate(_actors(factory, Role.REVIEWER)):
        with session_scope(factory) as session:
            answered += _answer(session, actor, but_last=place > 0)
            _plan(session, actor)
    return answered


def play_first_answer(factory: sessionmaker[Session], *, inquiry_id: int) -> InquiryRow:
    """The first division's answer: handed in by 担当者, approved by 課長, accepted by 推進担当."""
    reviewer, approver, coordinator = (
        _actors(factory, role)[0] for role in (Role.REVIEWER, Role.APPROVER, Role.COORDINATOR)
    )
    for actor, step in ((reviewer, submit_answer), (approver, approve_answer), (coordinator, accept_answer)):
        now = dt.datetime.now(dt.UTC)
        with session_scope(factory) as session:
            answer = session.scalars(
                select(InquiryAnswer).where(
                    InquiryAnswer.inquiry_id == inquiry_id, InquiryAnswer.division_id == reviewer.division_id
                )
            ).one()
            step(session, actor=actor, answer_id=answer.id, expected_version=answer.row_version, now=now)
    with reading_scope(factory) as session:
        (row,) = inquiry_list(session, actor=coordinator, today=dt.datetime.now(dt.UTC).date())
    return row


def _actors(factory: sessionmaker[Session], role: Role) -> list[Actor]:
    with reading_scope(factory) as session:
        accounts = session.scalars(select(Account).where(Account.role == role).order_by(Account.id))
        return [actor_of(account) for account in accounts]


def _answer(session: Session, actor: Actor, *, but_last: bool) -> int:
    now = dt.datetime.now(dt.UTC)
    pending = queue(session, actor=actor, statuses={ReviewStatus.PENDING}, limit=MOST_CANDIDATES)
    pending = pending[:-1] if but_last else pending
    for row, applicability in zip(pending, cycle(ANSWERS), strict=False):
        detail = item_detail(session, actor=actor, item_id=row.item_id)
        if detail is None or detail.candidate is None:
            continue
        refused = applicability is Applicability.NOT_APPLICABLE
        decide(
            session,
            actor=actor,
            item_id=row.item_id,
            expected_version=detail.row_version,
            applicability=applicability,
            reason_code=NonApplicableReason.OTHER if refused else None,
            category=row.category,
            regulation_type=row.regulation_type,
            phase=row.phase,
            basis=detail.candidate.basis,
            note="試行用の自動回答です。",
            now=now,
        )
    return len(pending)


def _plan(session: Session, actor: Actor) -> None:
    now = dt.datetime.now(dt.UTC)
    for row in roadmap_rows(session, actor=actor):
        is_national = row.basis is LegalBasis.NATIONAL_LAW
        entry = RoadmapEntry(
            policy=ReviewPolicy.AWAIT_NATIONAL if is_national else ReviewPolicy.AMEND,
            target_phase=min(row.current_phase + 1, 3),
            original_year=now.year + 1,
            progress=RoadmapProgress.CONSIDERING if is_national else RoadmapProgress.PLANNED,
            note="試行用の自動入力です。",
        )
        edit_roadmap(session, actor=actor, item_id=row.item_id, expected_version=row.row_version, entry=entry, now=now)


def count_statuses(session: Session) -> dict[str, dict[ReviewStatus, int]]:
    """Items by category and status."""
    counts: dict[str, dict[ReviewStatus, int]] = {}
    rows = session.execute(
        select(ReviewItem.category, ReviewItem.status.label("derived"), func.count()).group_by(
            ReviewItem.category, "derived"
        )
    )
    for category, status, count in rows:
        counts.setdefault(category, {})[ReviewStatus(status)] = count
    return counts
