"""A small prefecture in a home of its own, filled by the real operations from the project's own sample texts."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from models.accounts import Account
from models.base import make_engine
from models.database import default_url, session_factory, session_scope, upgrade
from models.legislation import Instrument
from models.operations.assign_groups import assign_groups
from models.operations.assign_owner import assign_owner
from models.operations.create_account import create_account
from models.operations.import_catalog import import_catalog, read_catalog
from models.operations.import_organisation import import_organisation, read_organisation_csv
from models.operations.record_ingest import FileOutcome, finish_ingest_run, record_file, start_ingest_run
from models.operations.record_scan import (
    FindingRecord,
    LabelRecord,
    ScanInput,
    finish_scan_run,
    record_findings,
    start_scan_run,
    unscanned_versions,
)
from models.operations.register_revision import register_revision
from models.operations.sign_in import actor_of
from models.organisation import Division
from models.queries import divisions
from nlp.classifier import Classifier, Finding, ProvisionInput
from nlp.pipeline import load_pipeline, pipeline_version
from regulations.review import Role
from regulations.sources.reading import read_source
from tests import factories

DATA = Path(__file__).parents[2] / "regulations" / "data"
SAMPLES = DATA / "sample_ordinances"
FILES = ("101_okugai_kokokubutsu.xml", "210_morido_saisoku.html", "202_dobutsu_aigo.html", "109_fugu_toriatsukai.xml")
OWN, FOREIGN = "都市計画課", "生活衛生課"
PARKS = ("霞野県東公園条例", "霞野県西公園条例", "霞野県北公園条例")
PARK_RULE = "管理者は、利用の心得を公園の見やすい場所に掲示しなければならない。"
NOW = dt.datetime(2026, 4, 6, 0, 30, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefecture:
    """Where it is, and the one-time password of each of its accounts by login name."""

    home: Path
    url: str
    passwords: dict[str, str]

    @property
    def sessions(self) -> sessionmaker[Session]:
        return session_factory(make_engine(self.url))


def found_prefecture(home: Path, *, files: Iterable[str] = FILES) -> Prefecture:
    """Organisation, ordinances, catalogue, candidates and accounts, as an installation has them on its first day."""
    url = default_url(home)
    upgrade(url)
    sessions = session_factory(make_engine(url))
    with session_scope(sessions) as session:
        rows, _ = read_organisation_csv((DATA / "sample_organisation.csv").read_bytes())
        import_organisation(session, rows=rows, now=NOW)
    ingest(sessions, [SAMPLES / name for name in files])
    with session_scope(sessions) as session:
        catalog, _ = read_catalog((SAMPLES / "catalog.csv").read_bytes())
        import_catalog(session, rows=catalog, now=NOW)
    scan(sessions)
    with session_scope(sessions) as session:
        ids = {row.division: row.division_id for row in divisions(session, on=NOW.date())}
        passwords = {
            login: create_account(
                session, login_name=login, display_name=name, role=role, division_id=ids.get(division), now=NOW
            ).password
            for login, name, role, division in (
                ("sato", "佐藤 花子", Role.REVIEWER, OWN),
                ("suzuki", "鈴木 一郎", Role.APPROVER, OWN),
                ("tanaka", "田中 実", Role.REVIEWER, FOREIGN),
                ("gyokei", "行政経営課 山本", Role.COORDINATOR, "行政経営課"),
                ("admin", "情報 太郎", Role.ADMINISTRATOR, ""),
                ("kansa", "監査 次郎", Role.AUDITOR, ""),
            )
        }
    sessions.kw["bind"].dispose()  # closes the last connection, so that the file is whole and can be copied
    return Prefecture(home=home, url=url, passwords=passwords)


def open_parks(sessions: sessionmaker[Session]) -> None:
    """Three ordinances of the own division in which a candidate has the same words."""
    with session_scope(sessions) as session:
        owner = session.scalars(select(Division).where(Division.name == OWN)).one()
        for number, title in enumerate(PARKS, 1):
            parsed = factories.ordinance({"1": PARK_RULE}, title=title, law_number=f"条例第{number}号")
            factories.register(session, parsed, owner=owner)
        factories.scan(session)
        assign_groups(session)


def move_everything(prefecture: Prefecture) -> None:
    """The coordinator gives all that the own division leads to the other one."""
    with session_scope(prefecture.sessions) as session:
        coordinator = actor_of(session.scalars(select(Account).where(Account.login_name == "gyokei")).one())
        own, foreign = (session.scalars(select(Division).where(Division.name == name)).one() for name in (OWN, FOREIGN))
        for instrument_id in session.scalars(select(Instrument.id).where(Instrument.owner_id == own.id)).all():
            assign_owner(session, actor=coordinator, instrument_id=instrument_id, division_id=foreign.id, now=NOW)


def ingest(sessions: sessionmaker[Session], files: Iterable[Path]) -> None:
    with session_scope(sessions) as session:
        run_id = start_ingest_run(session, source="見本の例規集", now=NOW)
        for file in files:
            data = file.read_bytes()
            source_hash = hashlib.sha256(data).hexdigest()
            parsed = read_source(file.name, data)
            revision = register_revision(
                session, parsed=parsed, source_name=file.name, source_hash=source_hash, now=NOW
            )
            record_file(
                session,
                run_id=run_id,
                name=file.name,
                source_hash=source_hash,
                outcome=FileOutcome(revision.outcome.value),
                revision_id=revision.revision_id,
            )
        record_file(
            session,
            run_id=run_id,
            name="999_broken.xml",
            source_hash="0" * 64,
            outcome=FileOutcome.QUARANTINED,
            reason_code="broken_xml",
            reason="XMLとして読めません。ファイルが途中で切れていないか確かめてください。",
        )
        finish_ingest_run(session, run_id=run_id, now=NOW + dt.timedelta(seconds=20))


def scan(sessions: sessionmaker[Session]) -> None:
    """Detection by the real pipeline over what it has not looked at."""
    version = pipeline_version()
    with session_scope(sessions) as session:
        found = unscanned_versions(session, pipeline_version=version, limit=10_000)
    classified = _classifier().classify([_input(provision) for provision in found])
    with session_scope(sessions) as session:
        run_id = start_scan_run(session, pipeline_version=version, now=NOW)
        record_findings(
            session,
            scan_run_id=run_id,
            pipeline_version=version,
            findings=[_record(finding) for finding in classified],
            now=NOW,
        )
        finish_scan_run(session, scan_run_id=run_id, now=NOW)


@cache
def _classifier() -> Classifier:
    return Classifier(load_pipeline())


def _input(provision: ScanInput) -> ProvisionInput:
    return ProvisionInput(
        id=str(provision.version_id),
        law=provision.title,
        law_no=provision.law_number,
        kind=provision.kind.value,
        article=provision.article,
        paragraph=provision.paragraph,
        caption=provision.caption,
        text=provision.text,
    )


def _record(finding: Finding) -> FindingRecord:
    return FindingRecord(
        version_id=int(finding.id),
        basis=finding.basis,
        labels=tuple(
            LabelRecord(
                category=label.category,
                regulation_type=label.type,
                phase=label.phase,
                probability=label.probability,
                evidence=tuple((span.start, span.end, span.text) for span in label.evidence),
                reason=label.reason,
                rule_ids=label.rule_ids,
            )
            for label in finding.labels
        ),
    )
