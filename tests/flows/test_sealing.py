"""What runs every night hands over what is due and puts a seal on the log of operations."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from flows.database import sessions
from flows.divisions import find_division
from flows.rescan import rescan
from flows.settings import Settings
from models.database import session_scope
from models.legislation import Instrument
from models.operations.audit import record
from models.operations.dates import japan_date
from models.organisation import Division
from models.review import AuditEntry, AuditSeal
from nlp.rule_schema import RuleError
from tests.factories import INSPECTION, division, ordinance, register

pytestmark = pytest.mark.usefixtures("orchestrator")


def test_a_rescan_seals_what_was_written_before_it(installation: Settings) -> None:
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    with session_scope(sessions()) as session:
        record(session, actor_id=None, action="import_catalog", target_type="catalog", target_id="*", now=yesterday)
    rescan()
    with session_scope(sessions()) as session:
        seal = session.scalars(select(AuditSeal)).one()
    assert (seal.id, seal.entries) == (1, 1)


def test_the_log_is_sealed_also_on_a_night_that_fails(installation: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule of the installation's own cannot be read: nothing is scanned until it is set right."""
    monkeypatch.setenv("MINAOSHI_RULES", "rules")
    rules = installation.home / "rules"
    rules.mkdir()
    (rules / "keywords.csv").write_text("規制区分,キーワード\n存在しない区分,たな卸し\n", encoding="utf-8")
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    with session_scope(sessions()) as session:
        record(session, actor_id=None, action="import_catalog", target_type="catalog", target_id="*", now=yesterday)
    with pytest.raises(RuleError):
        rescan()
    with session_scope(sessions()) as session:
        assert session.scalars(select(AuditSeal.entries)).one() == 1


def test_a_rescan_hands_over_what_divisions_had_that_have_ended_and_no_more(installation: Settings) -> None:
    today = japan_date(dt.datetime.now(dt.UTC))
    with session_scope(sessions()) as session:
        heir = division(session, "承継課")
        for name, last in (("終わった課", today - dt.timedelta(days=1)), ("終わる課", today + dt.timedelta(days=9))):
            owner = division(session, name, valid_to=last, successor_id=heir.id)
            register(session, ordinance({"1": INSPECTION}, title=f"{name}条例"), owner=owner)
    for _ in range(2):
        rescan()
        with session_scope(sessions()) as session:
            owners = dict(
                session.execute(
                    select(Instrument.title, Division.name).join(Division, Division.id == Instrument.owner_id)
                )
                .tuples()
                .all()
            )
            told = session.scalars(
                select(AuditEntry.detail).where(AuditEntry.action == "apply_organisation_changes")
            ).all()
        assert owners == {"終わった課条例": "承継課", "終わる課条例": "終わる課"}
        assert [entry["instruments_moved"] for entry in told] == [1]


def test_of_two_divisions_with_one_name_the_one_of_the_day_is_meant(installation: Settings) -> None:
    day = dt.date(2027, 4, 1)
    with session_scope(sessions()) as session:
        moved = division(session, "観光課", bureau="観光部", valid_from=day)
        old = division(session, "観光課", bureau="商工部", valid_to=day, successor_id=moved.id)
        found = [find_division(session, "観光課", on=on) for on in (day - dt.timedelta(days=1), day)]
        assert found == [old.id, moved.id]
        assert find_division(session, "観光部/観光課", on=day - dt.timedelta(days=1)) == moved.id
