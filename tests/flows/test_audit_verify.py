"""`minaoshi audit verify`: what it says of a log that is whole, unsealed or broken, and how it exits."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from flows.cli import app
from flows.database import sessions
from flows.settings import Settings
from models.database import session_scope
from models.operations.audit import record
from models.operations.seal_audit_log import SETTLED_AFTER, seal_audit_log
from models.review import AuditEntry

FIRST = dt.datetime(2026, 4, 1, 17, tzinfo=dt.UTC)  # 2 April, two in the morning in Japan


def _verify() -> Result:
    return CliRunner().invoke(app, ["audit", "verify"])


@pytest.fixture
def three_nights(installation: Settings) -> None:
    """An entry and a seal on each of three nights, and an entry after them."""
    for night in range(3):
        _log(f"night_{night}", at=FIRST + dt.timedelta(days=night))
        with session_scope(sessions()) as session:
            assert seal_audit_log(session, now=FIRST + dt.timedelta(days=night) + SETTLED_AFTER) == 1
    _log("morning", at=FIRST + dt.timedelta(days=3))


def _log(action: str, *, at: dt.datetime) -> None:
    with session_scope(sessions()) as session:
        record(session, actor_id=None, action=action, target_type="x", target_id=1, now=at)


def test_a_whole_log_is_told_with_its_last_seal(three_nights: None) -> None:
    done = _verify()
    assert done.exit_code == 0, done.output
    assert "令和8年4月4日までに封印した 3 件は、封印したときのままです。" in done.stdout
    assert "まだ封印していない記録: 1 件" in done.stdout


def test_the_first_day_that_does_not_agree_is_named_and_the_command_fails(three_nights: None) -> None:
    with session_scope(sessions()) as session:
        session.execute(update(AuditEntry).where(AuditEntry.action != "night_0").values(target_id="2"))
    done = _verify()
    assert done.exit_code == 1
    assert "令和8年4月2日から令和8年4月3日までに封印した記録が、封印したときと違います。" in done.stderr
    assert "令和8年4月4日" not in done.output


def test_a_log_without_a_seal_is_not_called_whole(installation: Settings) -> None:
    done = _verify()
    assert done.exit_code == 0, done.output
    assert "まだ封印がありません" in done.stdout
    assert "封印したときのまま" not in done.stdout
