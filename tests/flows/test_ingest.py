"""Ingest: every file comes to an outcome, and running it again changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import func, select

from flows import ingest as module
from flows.database import sessions
from flows.files import FileReader
from flows.ingest import INTERNAL_ERROR, ingest, rehearse, summary_markdown
from flows.settings import Settings
from models.base import Base
from models.database import session_scope
from models.legislation import IngestedFile, Instrument, ProvisionVersion, Revision
from models.operations.import_organisation import import_organisation, read_organisation_csv
from models.operations.record_ingest import FileOutcome
from regulations.sources.base import Limits
from tests.flows.texts import AFTER, BEFORE, write
from tests.regulations.test_archives import bundle_of

pytestmark = pytest.mark.usefixtures("orchestrator", "installation")

RUN_TABLES = {"ingest_runs", "ingested_files"}


def _contents() -> Mapping[str, list[tuple[object, ...]]]:
    """Every row of the database but the records of runs."""
    with sessions()() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(table.select())), key=repr)
            for table in Base.metadata.sorted_tables
            if table.name not in RUN_TABLES
        }


def _count(table: type[Base]) -> int:
    with sessions()() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_file_becomes_a_revision_with_its_provisions(tmp_path: Path) -> None:
    summary = ingest([str(write(tmp_path, BEFORE))])
    assert [file.outcome for file in summary.files] == [FileOutcome.CREATED]
    with sessions()() as session:
        assert session.scalars(select(Instrument.title)).all() == ["霞野県遊泳場条例"]
        addresses = session.scalars(select(ProvisionVersion.article).order_by(ProvisionVersion.position)).all()
    assert addresses == ["1", "2", "3", "4"]


def test_the_same_files_again_change_nothing(tmp_path: Path) -> None:
    paths = [str(write(tmp_path, BEFORE))]
    ingest(paths)
    before = _contents()
    summary = ingest(paths)
    assert [file.outcome for file in summary.files] == [FileOutcome.UNCHANGED]
    assert _contents() == before


def test_an_amended_file_becomes_a_second_revision(tmp_path: Path) -> None:
    ingest([str(write(tmp_path, BEFORE))])
    summary = ingest([str(write(tmp_path, AFTER))])
    (file,) = summary.files
    assert (file.outcome, file.carried, file.changed, file.added, file.removed) == (FileOutcome.CHANGED, 3, 1, 1, 0)
    with sessions()() as session:
        sequences = session.execute(select(Revision.sequence, Revision.is_current).order_by(Revision.sequence))
        assert [tuple(row) for row in sequences] == [(1, False), (2, True)]


def test_two_versions_in_one_folder_do_not_take_turns(tmp_path: Path) -> None:
    # A hand-over folder often holds an ordinance before and after; a nightly run must not swing between them.
    write(tmp_path, BEFORE, "1.txt")
    write(tmp_path, AFTER, "2.txt")
    ingest([str(tmp_path)])
    before = _contents()
    ingest([str(tmp_path)])
    assert _contents() == before


def test_a_broken_file_is_quarantined_with_its_reason_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes("<Law><LawBody><LawTitle>途中まで".encode())
    (tmp_path / "b.txt").write_bytes(b"")
    write(tmp_path, BEFORE, "c.txt")
    summary = ingest([str(tmp_path)])
    outcomes = [file.outcome for file in summary.files]
    assert outcomes == [FileOutcome.QUARANTINED, FileOutcome.QUARANTINED, FileOutcome.CREATED]
    assert not summary.failed
    with sessions()() as session:
        recorded = session.scalars(select(IngestedFile).order_by(IngestedFile.id)).all()
    assert [(file.outcome, bool(file.reason_code), bool(file.reason)) for file in recorded] == [
        ("quarantined", True, True),
        ("quarantined", True, True),
        ("created", False, False),
    ]
    assert all(file.reason in summary_markdown(summary) for file in summary.refused)


def test_a_file_over_the_limit_is_quarantined_unread(tmp_path: Path) -> None:
    with session_scope(sessions()) as session:
        run_id = module.start_ingest_run(session, source="", now=module.dt.datetime.now(module.dt.UTC))
    (file,) = module.find_files([write(tmp_path, BEFORE)]).files
    limits = Limits(max_bytes=10)
    with FileReader(limits) as reader:
        result = module.ingest_file(
            sessions(), file, reader=reader, run_id=run_id, now=module.dt.datetime.now(module.dt.UTC), limits=limits
        )
    assert (result.outcome, result.reason_code) == (FileOutcome.QUARANTINED, "too_large")


def test_a_bundle_comes_in_member_by_member_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "例規集.zip"
    files = {
        "a/遊泳場.txt": BEFORE.encode(),
        "b/空.txt": b"",
        "../外.txt": BEFORE.encode(),
        "c/水泳場.txt": BEFORE.replace("遊泳場", "水泳場").encode("cp932"),
    }
    path.write_bytes(bundle_of(files))
    summary = ingest([str(path)])
    assert [(file.name, file.outcome, file.reason_code) for file in summary.files] == [
        ("例規集.zip/a/遊泳場.txt", FileOutcome.CREATED, ""),
        ("例規集.zip/b/空.txt", FileOutcome.QUARANTINED, "empty_file"),
        ("例規集.zip/../外.txt", FileOutcome.QUARANTINED, "unsafe_member"),
        ("例規集.zip/c/水泳場.txt", FileOutcome.CREATED, ""),
    ]
    before = _contents()
    assert ingest([str(path)]).counts == {FileOutcome.UNCHANGED: 2, FileOutcome.QUARANTINED: 2}
    assert _contents() == before


def test_a_correction_is_applied_kept_with_the_revision_and_refused_once_the_file_has_changed(
    tmp_path: Path, installation: Settings
) -> None:
    path = write(tmp_path, BEFORE)
    entry = (
        f"- source_sha256: {hashlib.sha256(path.read_bytes()).hexdigest()}\n  title: 霞野県遊泳場条例\n"
        "  reason: 原本と照合\n  by: 行政経営課\n  date: 2026-11-02\n"
        "  actions: [{action: replace, at: 第四条, before: 毎年一回, after: 毎年二回}]\n"
    )
    ingest([str(path)])
    (installation.corrections / "a.yaml").write_text(entry, encoding="utf-8")
    (file,) = ingest([str(path)]).files
    assert (file.outcome, file.carried, file.changed) == (FileOutcome.CHANGED, 3, 1)
    before = _contents()
    assert ingest([str(path)]).counts == {FileOutcome.UNCHANGED: 1}
    assert _contents() == before
    write(tmp_path, AFTER)
    ingest([str(path)])
    with sessions()() as session:
        told = session.scalars(select(Revision.diagnostics).order_by(Revision.sequence)).all()
    assert [[found["code"] for found in diagnostics] for diagnostics in told] == [
        [], ["corrected"], ["correction_refused"],
    ]  # fmt: skip


def test_a_file_of_corrections_that_cannot_be_read_is_told_and_stops_no_file(
    tmp_path: Path, installation: Settings
) -> None:
    (installation.corrections / "a.yaml").write_text("- titel: 誤り\n", encoding="utf-8")
    summary = ingest([str(write(tmp_path, BEFORE))])
    assert summary.counts == {FileOutcome.CREATED: 1}
    assert summary.failed
    assert "a.yaml: 1件目" in summary.correction_errors[0]


def test_an_error_of_ours_leaves_no_partial_rows_and_stops_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, BEFORE, "a.txt")
    write(tmp_path, BEFORE.replace("遊泳場", "水泳場"), "b.txt")
    record_file, calls = module.record_file, []

    def fail_once(*args: object, **options: object) -> int:
        calls.append(options["name"])
        if len(calls) == 1:  # after the revision has been written, before the transaction ends
            raise RuntimeError("disk full")
        return record_file(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "record_file", fail_once)
    summary = ingest([str(tmp_path)])
    assert [file.reason_code for file in summary.files] == [INTERNAL_ERROR, ""]
    assert summary.failed
    with sessions()() as session:
        assert session.scalars(select(Instrument.title)).all() == ["霞野県水泳場条例"]
    assert _count(Revision) == 1


def test_the_catalogue_gives_an_ordinance_its_division(tmp_path: Path) -> None:
    organisation = "bureau,office,division,valid_from,valid_to,successor\n環境生活部,,自然共生課,2009-04-01,,\n"
    rows, errors = read_organisation_csv(organisation.encode())
    assert not errors
    with session_scope(sessions()) as session:
        import_organisation(session, rows=rows)
    catalog = tmp_path / "catalog.csv"
    catalog.write_text(
        "題名,番号,公布日,所管課\n霞野県遊泳場条例,霞野県条例第10号,2021-03-26,自然共生課\n霞野県にない条例,条例第1号,,自然共生課\n",
        encoding="cp932",
    )
    summary = ingest([str(write(tmp_path, BEFORE))], str(catalog))
    assert summary.catalog is not None
    assert [row.row for row in summary.catalog.unmatched] == [3]
    with sessions()() as session:
        assert session.scalars(select(Instrument)).one().owner.name == "自然共生課"  # type: ignore[union-attr]


def test_a_rehearsal_tells_what_would_happen_and_keeps_none_of_it(tmp_path: Path, installation: Settings) -> None:
    ingest([str(write(tmp_path, BEFORE))])
    before = _contents()
    runs = _count(IngestedFile)
    summary = rehearse([str(write(tmp_path, AFTER))])
    assert [(file.outcome, file.changed) for file in summary.files] == [(FileOutcome.CHANGED, 1)]
    assert (_contents(), _count(IngestedFile)) == (before, runs)
