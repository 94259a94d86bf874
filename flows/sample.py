"""The fictional prefecture that ships with the project: organisation, ordinances, catalogue and accounts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from flows.database import sessions
from flows.settings import Settings
from models.accounts import Account
from models.database import session_scope
from models.legislation import Instrument
from models.operations.create_account import create_account
from models.operations.import_organisation import import_organisation, read_organisation_csv
from models.organisation import Division
from regulations.review import Role
from regulations.taxonomy import DATA

if TYPE_CHECKING:
    from flows.ingest import IngestSummary
    from flows.scan import ScanSummary

ORDINANCES = DATA / "sample_ordinances"
AMENDED = ORDINANCES / "amended"
CATALOG = ORDINANCES / "catalog.csv"
SUFFIXES = frozenset({".xml", ".html", ".txt"})  # the folder holds a README as well
ORGANISATION = DATA / "sample_organisation.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleAccount:
    """An account with its one-time password, to be shown once. `division` is empty for the coordinator's kind."""

    division: str
    role: Role
    login_name: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSample:
    ingest: IngestSummary
    scan: ScanSummary
    accounts: tuple[SampleAccount, ...]


def ordinance_files() -> list[str]:
    """Paths of the sample's ordinances, their amended versions left out."""
    return [str(path) for path in _texts(ORDINANCES)]


def amended_files() -> list[Path]:
    """Later versions of some of them, for a second scan."""
    return _texts(AMENDED)


def _texts(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES]


def is_wanted(settings: Settings, factory: sessionmaker[Session]) -> bool:
    """Whether the database is empty, or a loading of the sample was broken off in it."""
    if _marker(settings).exists():
        return True
    with factory() as session:
        return not any(session.scalar(select(func.count(table.id))) for table in (Account, Instrument, Division))


def load(settings: Settings) -> LoadedSample:
    """Load the sample. Each step may run twice; a marker in the home has a broken-off loading taken up again."""
    from flows.ingest import ingest
    from flows.scan import scan

    _marker(settings).touch()
    factory = sessions()
    rows, errors = read_organisation_csv(ORGANISATION.read_bytes())
    if errors:
        raise ValueError(f"{ORGANISATION.name}: {errors}")
    with session_scope(factory) as session:
        import_organisation(session, rows=rows)
    ingested = ingest(ordinance_files(), str(CATALOG))
    scanned = scan()
    with session_scope(factory) as session:
        accounts = create_accounts(session, now=dt.datetime.now(dt.UTC))
    _marker(settings).unlink()
    return LoadedSample(ingest=ingested, scan=scanned, accounts=accounts)


def create_accounts(session: Session, *, now: dt.datetime) -> tuple[SampleAccount, ...]:
    """担当者 and 課長 of every division that owns an ordinance, and one for each of the roles above them.

    Those that exist already are left alone and not returned.
    """
    owners = session.scalars(
        select(Division).where(Division.id.in_(select(Instrument.owner_id))).order_by(Division.id)
    ).all()
    coordinating = session.scalar(select(Division).where(Division.name == "行政経営課"))
    wanted: list[tuple[str, str, Role, Division | None]] = []
    for number, division in enumerate(owners, 1):
        wanted.append((f"tanto{number:02}", f"{division.name} 担当", Role.REVIEWER, division))
        wanted.append((f"kacho{number:02}", f"{division.name} 課長", Role.APPROVER, division))
    wanted.append(("suishin", "行政経営課 推進担当", Role.COORDINATOR, coordinating))
    if owners:
        wanted.append(("bucho", f"{owners[0].bureau}長", Role.BUREAU_MANAGER, owners[0]))
    wanted.append(("kansa", "監査担当", Role.AUDITOR, None))
    wanted.append(("kanri", "システム管理者", Role.ADMINISTRATOR, None))
    taken = set(session.scalars(select(Account.login_name)))
    created = []
    for login_name, display_name, role, owner in wanted:
        if login_name in taken:
            continue
        issued = create_account(
            session,
            login_name=login_name,
            display_name=display_name,
            role=role,
            division_id=owner.id if owner else None,
            now=now,
        )
        created.append(
            SampleAccount(
                division=owner.name if owner else "", role=role, login_name=login_name, password=issued.password
            )
        )
    return tuple(created)


def _marker(settings: Settings) -> Path:
    return settings.home / "sample-loading"
