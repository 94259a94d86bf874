"""Makers of test data: divisions, people, ordinances, findings. Real operations throughout."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.legislation import Instrument, ProvisionVersion, Revision
from models.operations.decide import decide
from models.operations.ownership import set_joint, set_lead
from models.operations.record_scan import (
    FindingRecord,
    LabelRecord,
    RecordedFindings,
    record_findings,
    start_scan_run,
    unscanned_versions,
)
from models.operations.register_revision import RegisteredRevision, register_revision
from models.organisation import Division
from models.review import ReviewItem
from regulations.review import Actor, Applicability, NonApplicableReason, Role
from regulations.structure import (
    Article,
    Kind,
    Ordinance,
    Paragraph,
    ParsedOrdinance,
    Sentence,
    SupplementaryProvision,
)
from regulations.taxonomy import LegalBasis

NOW = dt.datetime(2026, 4, 1, 9, 0, tzinfo=dt.UTC)
PIPELINE = "rules-1"

INSPECTION = "管理者は、月に一度、施設を目視により点検しなければならない。"
POSTING = "事業者は、許可証を事業所の見やすい場所に掲示しなければならない。"
VIEWING = "知事は、台帳を備え置き、県民の閲覧に供しなければならない。"
PURPOSE = "この条例は、施設の安全を確保することを目的とする。"
NUMBERS = {"施設管理条例": "条例第十二号"}
WORDS = {"目視": "visual_inspection", "掲示": "written_posting", "閲覧": "in_person_viewing"}
"""What the stand-in for detection looks for: word and category."""


def division(session: Session, name: str = "施設課", *, bureau: str = "土木部", **values: Any) -> Division:
    made = Division(bureau=bureau, office="", name=name, **values)
    session.add(made)
    session.flush()
    return made


def actor(session: Session, role: Role = Role.REVIEWER, of: Division | None = None) -> Actor:
    """A person with an account; its login name is made of role and division."""
    login_name = f"{role.value}-{of.id if of else 'none'}"
    account = session.scalar(select(Account).where(Account.login_name == login_name))
    if account is None:
        account = Account(login_name=login_name, display_name=f"{of.name if of else '県'} 花子", role=role, division=of)
        session.add(account)
        session.flush()
    return Actor(
        account_id=account.id,
        display_name=account.display_name,
        role=role,
        division_id=of.id if of else None,
        bureau=of.bureau if of else None,
    )


def ordinance(
    articles: Mapping[str, Sequence[str] | str],
    *,
    title: str = "施設管理条例",
    law_number: str | None = None,
    promulgated: dt.date | None = dt.date(2001, 3, 30),
    kind: Kind = Kind.ORDINANCE,
    supplementary: Mapping[str, str] | None = None,
    **values: Any,
) -> ParsedOrdinance:
    """An ordinance out of article number -> its paragraphs; `supplementary`: amending number -> text of its 附則.

    Each title has a number of its own, where none is given.
    """
    return ParsedOrdinance(
        ordinance=Ordinance(
            title=title,
            law_number=NUMBERS.get(title, f"条例第{crc32(title.encode())}号") if law_number is None else law_number,
            kind=kind,
            promulgation_date=promulgated,
            main=tuple(_article(number, texts) for number, texts in articles.items()),
            supplementary=tuple(
                SupplementaryProvision(amend_law_number=number, children=(_paragraph("1", text),))
                for number, text in (supplementary or {}).items()
            ),
            **values,
        ),
        format="test",
    )


def _article(number: str, texts: Sequence[str] | str) -> Article:
    paragraphs = [texts] if isinstance(texts, str) else texts
    return Article(
        number=number,
        title="",
        caption=f"（見出し{number}）",
        paragraphs=tuple(_paragraph(str(place), text) for place, text in enumerate(paragraphs, 1)),
    )


def _paragraph(number: str, text: str) -> Paragraph:
    return Paragraph(number=number, sentences=(Sentence(columns=(text,)),))


def register(
    session: Session, parsed: ParsedOrdinance, *, source_name: str = "a.xml", owner: Division | None = None
) -> RegisteredRevision:
    registered = register_revision(session, parsed=parsed, source_name=source_name, source_hash="0" * 64, now=NOW)
    if owner is not None:
        own(session, registered.instrument_id, owner)
    return registered


def own(session: Session, instrument_id: int, lead: Division | None, *joint: Division) -> None:
    """Make a division the lead of an instrument, and others its joint owners."""
    instrument = session.get_one(Instrument, instrument_id)
    set_lead(session, instrument=instrument, division_id=lead.id if lead else None, now=NOW)
    set_joint(session, instrument=instrument, division_ids=[division.id for division in joint], now=NOW)


def scan(
    session: Session, *, pipeline_version: str = PIPELINE, words: Mapping[str, str] | None = None
) -> RecordedFindings:
    """Record what a word list finds in everything not yet looked at by that version."""
    run = start_scan_run(session, pipeline_version=pipeline_version, now=NOW)
    inputs = unscanned_versions(session, pipeline_version=pipeline_version, limit=10_000)
    findings = [
        FindingRecord(
            version_id=row.version_id,
            basis=LegalBasis.LOCAL_ORDINANCE,
            labels=tuple(
                label(category, (start, start + len(word), word))
                for word, category in (WORDS if words is None else words).items()
                if (start := row.text.find(word)) >= 0
            ),
        )
        for row in inputs
    ]
    return record_findings(session, scan_run_id=run, pipeline_version=pipeline_version, findings=findings, now=NOW)


def label(category: str, *evidence: tuple[int, int, str], probability: float = 0.9) -> LabelRecord:
    return LabelRecord(
        category=category,
        regulation_type=1,
        phase=1,
        probability=probability,
        evidence=evidence,
        reason="義務の規定です。",
        rule_ids=("test",),
    )


def items(session: Session, registered: RegisteredRevision) -> dict[str, ReviewItem]:
    """Review items of an instrument by the article their provision has, or last had."""
    rows = session.execute(
        select(ProvisionVersion.article, ReviewItem)
        .join(Revision, Revision.id == ProvisionVersion.revision_id)
        .join(ReviewItem, ReviewItem.provision_id == ProvisionVersion.provision_id)
        .where(Revision.instrument_id == registered.instrument_id)
        .order_by(ProvisionVersion.id)
        .execution_options(populate_existing=True)
    )
    by_item = {item.id: (article, item) for article, item in rows}
    return dict(by_item.values())


def answer(
    session: Session,
    by: Actor,
    item: ReviewItem,
    applicability: Applicability = Applicability.APPLICABLE,
    **values: Any,
) -> int:
    """Decide an item as it stands."""
    refused = applicability is Applicability.NOT_APPLICABLE
    answered: dict[str, Any] = {
        "expected_version": item.row_version,
        "reason_code": NonApplicableReason.DEFINITION if refused else None,
        "category": item.category,
        "regulation_type": 1,
        "phase": 1,
        "basis": LegalBasis.LOCAL_ORDINANCE,
        "now": NOW,
        **values,
    }
    return decide(session, actor=by, item_id=item.id, applicability=applicability, **answered)
