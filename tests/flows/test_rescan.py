"""The line from a file to a re-scan, with real GiNZA: what people decided stands wherever the text stands."""

from __future__ import annotations

import datetime as dt
import shutil

import pytest
from sqlalchemy import select

from flows import sample
from flows.database import sessions
from flows.ingest import ingest
from flows.rescan import rescan
from flows.scan import scan
from flows.settings import Settings
from models.accounts import Account
from models.database import session_scope
from models.legislation import Instrument, Provision, ProvisionVersion
from models.operations.create_account import create_account
from models.operations.decide import decide
from models.operations.ownership import set_lead
from models.operations.sign_in import actor_of
from models.organisation import Division
from models.review import Candidate, Decision, ReviewItem
from regulations.review import Applicability, ReviewStatus, Role
from regulations.taxonomy import LegalBasis
from tests.flows.texts import AFTER, BEFORE, DEFINED, DEFINED_ANEW, write

pytestmark = pytest.mark.usefixtures("orchestrator")


def _answer_everything() -> dict[int, int]:
    """One division owns every instrument and its reviewer finds every candidate applicable; decision by item."""
    now = dt.datetime.now(dt.UTC)
    with session_scope(sessions()) as session:
        division = Division(bureau="環境生活部", office="", name="試験課")
        session.add(division)
        session.flush()
        for instrument in session.scalars(select(Instrument)):
            set_lead(session, instrument=instrument, division_id=division.id, now=now)
        issued = create_account(
            session, login_name="r1", display_name="試験 太郎", role=Role.REVIEWER, division_id=division.id, now=now
        )
        actor = actor_of(session.get_one(Account, issued.account_id))
        return {
            item.id: decide(
                session,
                actor=actor,
                item_id=item.id,
                expected_version=item.row_version,
                applicability=Applicability.APPLICABLE,
                category=item.category,
                regulation_type=item.current_candidate.regulation_type,
                phase=item.current_candidate.phase,
                basis=item.current_candidate.basis,
                now=now,
            )
            for item in session.scalars(select(ReviewItem).where(ReviewItem.is_detected))
            if item.current_candidate
        }


def _statuses() -> dict[tuple[str, str], ReviewStatus]:
    """Status by article now in force and category."""
    with sessions()() as session:
        rows = session.execute(
            select(ProvisionVersion.article, ReviewItem)
            .join(Provision, Provision.id == ReviewItem.provision_id)
            .join(ProvisionVersion, ProvisionVersion.id == Provision.latest_version_id)
        )
        return {(article, item.category): item.status for article, item in rows}


def test_only_what_reads_differently_is_asked_again(installation: Settings) -> None:
    write(installation.inbox, BEFORE)
    first = rescan()
    assert first.scan.provisions == 4
    found = _statuses()
    for expected in (("2", "visual_inspection"), ("3", "written_posting"), ("4", "periodic_inspection")):
        assert found[expected] is ReviewStatus.PENDING
    assert not any(article == "1" for article, _ in found), "a statement of purpose is no regulation"
    decisions = _answer_everything()

    write(installation.inbox, AFTER)
    second = rescan()
    assert second.scan.provisions == 2, "only the new and the changed provision are looked at"
    after = _statuses()
    assert after["3", "visual_inspection"] is ReviewStatus.APPLICABLE, "renumbered only"
    assert after["4", "written_posting"] is ReviewStatus.APPLICABLE, "renumbered only"
    assert after["5", "periodic_inspection"] is ReviewStatus.RECHECK
    with sessions()() as session:
        latest = {
            item.id: item.current_decision_id for item in session.scalars(select(ReviewItem)) if item.id in decisions
        }
        assert latest == decisions, "no decision was touched"
        assert set(session.scalars(select(Decision.id))) == set(decisions.values())


def test_an_amendment_of_a_definition_alone_renews_the_basis_of_what_cites_it(installation: Settings) -> None:
    def proposals() -> list[tuple[str, LegalBasis]]:
        with sessions()() as session:
            items = session.scalars(select(ReviewItem).where(ReviewItem.is_detected).order_by(ReviewItem.category))
            return [(item.category, item.current_candidate.basis) for item in items if item.current_candidate]

    write(installation.inbox, DEFINED)
    assert rescan().scan.provisions == 3
    own, law = LegalBasis.LOCAL_ORDINANCE, LegalBasis.NATIONAL_LAW
    assert proposals() == [("visual_inspection", own), ("written_posting", own)]
    decisions = _answer_everything()

    write(installation.inbox, DEFINED_ANEW)
    again = rescan()
    assert (again.ingest.files[0].changed, again.scan.provisions, again.scan.candidates) == (1, 2, 1)
    assert proposals() == [("visual_inspection", law), ("written_posting", own)]
    assert set(_statuses().values()) == {ReviewStatus.APPLICABLE}, "nobody is asked again: the words are the same"
    with sessions()() as session:
        assert set(session.scalars(select(Decision.basis))) == {own}
        assert len(session.scalars(select(Candidate)).all()) == 3
        assert len(decisions) == 2

    write(installation.inbox, DEFINED)
    back = rescan()
    assert (back.scan.provisions, back.scan.candidates) == (2, 0), "both readings are known"
    assert proposals() == [("visual_inspection", own), ("written_posting", own)]


def test_a_second_rescan_finds_nothing_to_do(installation: Settings) -> None:
    write(installation.inbox, BEFORE)
    rescan()
    with sessions()() as session:
        before = session.execute(select(Candidate.id, Candidate.probability)).all()
    again = rescan()
    assert (again.ingest.files[0].outcome, again.scan.provisions, again.scan.candidates) == ("unchanged", 0, 0)
    with sessions()() as session:
        assert session.execute(select(Candidate.id, Candidate.probability)).all() == before


def test_the_sample_amended_brings_back_the_changed_provisions_and_no_others(installation: Settings) -> None:
    amended = sample.amended_files()
    originals = [sample.ORDINANCES / path.name for path in amended]
    ingest([str(path) for path in originals])
    scan()
    decisions = _answer_everything()
    assert decisions
    with sessions()() as session:
        decided_on = {item.id: item.decided_text_hash for item in session.scalars(select(ReviewItem))}

    for path in amended:
        shutil.copy(path, installation.inbox)
    summary = rescan()
    assert sum(file.changed for file in summary.ingest.files) > 0
    with sessions()() as session:
        current = {row.id: row.current_text_hash for row in session.scalars(select(Provision))}
        items = [item for item in session.scalars(select(ReviewItem)) if item.id in decisions]
        asked_again = {item.id for item in items if item.status is ReviewStatus.RECHECK}
        stand = {item.id for item in items if item.status is ReviewStatus.APPLICABLE}
        changed = {item.id for item in items if current[item.provision_id] != decided_on[item.id]}
        places = session.execute(select(ProvisionVersion.provision_id, ProvisionVersion.article)).tuples()
        articles: dict[int, set[str]] = {}
        for provision_id, article in places:
            articles.setdefault(provision_id, set()).add(article)
        renumbered = {item.id for item in items if len(articles[item.provision_id]) > 1}
        assert {item.id: item.current_decision_id for item in items} == decisions
    assert asked_again == changed
    assert stand == decisions.keys() - changed
    assert asked_again, "the sample changes a provision that was decided on"
    assert stand & renumbered, "the sample renumbers provisions that were decided on"
