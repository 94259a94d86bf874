"""The sample and the demonstration on it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from flows import sample
from flows.cli import app
from flows.database import sessions
from flows.settings import Settings
from models.accounts import Account
from models.database import session_scope
from models.legislation import Instrument
from models.organisation import Division
from regulations.review import Role
from regulations.structure import Kind

NOW = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)


@pytest.mark.usefixtures("orchestrator")
def test_the_demonstration_plays_the_whole_line_and_leaves_the_live_database_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINAOSHI_HOME", str(tmp_path))
    monkeypatch.setenv("MINAOSHI_DATABASE_URL", f"sqlite:///{tmp_path / 'live.db'}")
    done = CliRunner().invoke(app, ["demo"])
    assert done.exit_code == 0, done.output
    assert not (tmp_path / "live.db").exists()

    (workbook,) = (tmp_path / "demo" / "exports").iterdir()
    assert done.stdout.rstrip().endswith(str(workbook))
    sheet = openpyxl.load_workbook(workbook).worksheets[0]
    cells = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    heading = next(number for number, row in enumerate(cells) if "規制区分" in row)
    assert f"見直し工程表（{sum(bool(row) for row in cells[heading + 1 :])} 件）" in done.stdout

    assert "照会「アナログ規制の点検（試行）」: 受理 1課、未回答" in done.stdout
    total = next(line.split() for line in done.stdout.splitlines() if line.startswith("計 "))
    heads = next(line.split() for line in done.stdout.splitlines() if line.startswith("規制区分"))
    counts = dict(zip(heads[1:], map(int, total[1:]), strict=True))
    for status in ("未確認", "再確認", "該当", "非該当", "保留"):
        assert counts[status] > 0, status


def test_the_accounts_are_a_pair_for_each_owner_and_one_for_each_role_above(installation: Settings) -> None:
    with session_scope(sessions()) as session:
        division = Division(bureau="環境生活部", office="", name="自然共生課")
        session.add_all([division, Division(bureau="総務部", office="", name="行政経営課")])
        session.flush()
        session.add(Instrument(natural_key="a", title="a", law_number="", kind=Kind.ORDINANCE, owner_id=division.id))
        created = sample.create_accounts(session, now=NOW)
        again = sample.create_accounts(session, now=NOW)
    assert [(account.division, account.role) for account in created] == [
        ("自然共生課", Role.REVIEWER),
        ("自然共生課", Role.APPROVER),
        ("行政経営課", Role.COORDINATOR),
        ("自然共生課", Role.BUREAU_MANAGER),
        ("", Role.AUDITOR),
        ("", Role.ADMINISTRATOR),
    ]
    assert len({account.password for account in created}) == len(created)
    assert again == ()
    with sessions()() as session:
        assert all(account.must_change_password for account in session.scalars(select(Account)))


def test_the_sample_is_loaded_into_an_empty_database_only(installation: Settings, tmp_path: Path) -> None:
    assert sample.is_wanted(installation, sessions())
    with session_scope(sessions()) as session:
        session.add(Division(bureau="総務部", office="", name="行政経営課"))
    assert not sample.is_wanted(installation, sessions())
    done = CliRunner().invoke(app, ["sample"])
    assert done.exit_code == 0
    assert "minaoshi accounts reset" in done.stdout
    with sessions()() as session:
        assert session.scalars(select(Instrument)).all() == []


def test_a_loading_that_was_broken_off_is_taken_up_again(
    installation: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("flows.ingest.ingest", broken_off)
    with pytest.raises(KeyboardInterrupt):
        sample.load(installation)
    with sessions()() as session:
        assert session.scalars(select(Division)).all() != []
    assert sample.is_wanted(installation, sessions())
