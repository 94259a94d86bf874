"""The whole line on the sample in one go: ingest, scan, review, amendment, re-scan, export.

People decide in this system, so a demonstration without any needs players: scripted reviewers answer
a few candidates of each division through the same operations as the screens. They never touch the
live database: the demonstration has a home of its own, made anew each time.
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
from models.operations.decide import decide
from models.operations.edit_roadmap import edit_roadmap
from models.operations.sign_in import actor_of
from models.queries import item_detail, queue, roadmap_rows
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
    answered = play_reviewers(factory)
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
        rescan=again,
        statuses=statuses,
        roadmap=roadmap,
        workbook=workbook,
    )


def play_reviewers(factory: sessionmaker[Session]) -> int:
    """Every division's 担当者 answers its candidates but the last and plans what is 該当; the number of answers."""
    with reading_scope(factory) as session:
        accounts = session.scalars(select(Account).where(Account.role == Role.REVIEWER).order_by(Account.id))
        actors = [actor_of(account) for account in accounts]
    answered = 0
    for actor in actors:
        with session_scope(factory) as session:
            answered += _answer(session, actor)
            _plan(session, actor)
    return answered


def _answer(session: Session, actor: Actor) -> int:
    now = dt.datetime.now(dt.UTC)
    # The last one is left, so that the summary shows what is not answered yet as well.
    pending = queue(session, actor=actor, statuses={ReviewStatus.PENDING}, limit=MOST_CANDIDATES)[:-1]
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
