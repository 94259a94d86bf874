from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from sqlalchemy import func, select

from models.legislation import IngestedFile, IngestRun, Instrument, Revision
from models.operations.import_catalog import CatalogRow, import_catalog, read_catalog
from models.operations.import_organisation import DivisionRow, import_organisation, read_organisation_csv
from models.operations.record_ingest import FileOutcome, finish_ingest_run, record_file, start_ingest_run
from models.organisation import Division
from models.queries import ingest_files, ingest_runs, unowned_instruments
from models.review import AuditEntry
from regulations.structure import Kind
from tests.factories import INSPECTION, NOW, division, ordinance, register

ORGANISATION = """bureau,office,division,valid_from,valid_to,successor
総務部,,管財課,2005-04-01,2020-03-31,財産活用課
総務部,,財産活用課,2020-04-01,,
土木部,道路総室,道路維持課,平成17年4月1日,,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_an_organisation_is_read_in_the_encodings_that_excel_writes(encoding):
    rows, errors = read_organisation_csv(ORGANISATION.encode(encoding))
    assert errors == []
    assert rows[0] == DivisionRow(
        bureau="総務部",
        division="管財課",
        valid_from=dt.date(2005, 4, 1),
        valid_to=dt.date(2020, 3, 31),
        successor="財産活用課",
        row=2,
    )
    assert (rows[2].office, rows[2].valid_from) == ("道路総室", dt.date(2005, 4, 1))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("部局,課・室\n総務部,\n", ["2行目「課・室」"]),
        ("部局,課・室,適用開始日\n総務部,人事課,来年\n,財政課,\n", ["2行目「適用開始日」: 「来年」", "3行目「部局」"]),
        ("部局,課・室,適用開始日\n総務部,人事課,2026-02-30\n", ["「2026-02-30」は読めません"]),
        ("部局,課・室,適用開始日,適用終了日\n総務部,人事課,2026-04-01,2025-03-31\n", ["2行目「適用終了日」"]),
        ("bureau,name\n総務部,人事課\n", ["1行目: 見出しに「課」"]),
        ('部局,課・室\n総務部,"人事課\n', ["1行目: CSV"]),
        ("", ["1行目"]),
    ],
)
def test_what_cannot_be_read_is_named_by_row_and_column(text, named):
    _, errors = read_organisation_csv(text.encode())
    assert len(errors) == len(named)
    assert all(part in error for part, error in zip(named, errors, strict=True))


def test_bytes_in_no_known_encoding_are_refused_in_words():
    rows, (error,) = read_organisation_csv(b"\xff\xfe\x00\x81")
    assert rows == []
    assert "文字コード" in error


def rows_of(text: str) -> list[DivisionRow]:
    rows, errors = read_organisation_csv(text.encode())
    assert not errors
    return rows


def test_an_organisation_imported_twice_is_the_same(session):
    report = import_organisation(session, rows=rows_of(ORGANISATION), now=NOW)
    assert [change.row for change in report.created] == [2, 3, 4]
    old = session.scalars(select(Division).where(Division.name == "管財課")).one()
    heir = session.scalars(select(Division).where(Division.name == "財産活用課")).one()
    assert old.successor_id == heir.id
    again = import_organisation(session, rows=rows_of(ORGANISATION), now=NOW)
    assert (again.created, again.updated, again.unchanged, again.errors) == ((), (), 3, ())
    assert session.scalar(select(func.count(AuditEntry.id))) == 1


def test_a_dry_run_lists_what_would_happen_and_writes_nothing(session):
    report = import_organisation(session, rows=rows_of(ORGANISATION), now=NOW, dry_run=True)
    assert [change.what for change in report.created] == [
        "総務部　管財課",
        "総務部　財産活用課",
        "土木部　道路総室　道路維持課",
    ]
    assert session.scalar(select(func.count(Division.id))) == 0
    import_organisation(session, rows=rows_of(ORGANISATION), now=NOW)
    ended = rows_of(ORGANISATION.replace("平成17年4月1日,,", "平成17年4月1日,2026-03-31,"))
    (change,) = import_organisation(session, rows=ended, now=NOW, dry_run=True).updated
    assert (change.row, change.what) == (4, "土木部　道路総室　道路維持課: 適用終了日")
    assert session.scalars(select(Division).where(Division.name == "道路維持課")).one().valid_to is None


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("令和9年4月1日", "（令和9年4月1日に新道路維持課へ引き継ぎます）"),
        ("2027-03-31", "（令和9年4月1日に新道路維持課へ引き継ぎます）"),  # nobody but the old one is there that day
        ("2026-04-01", "（令和9年4月1日に新道路維持課へ引き継ぎます）"),
    ],
)
def test_a_dry_run_says_when_a_change_takes_effect(session, day, told):
    import_organisation(session, rows=rows_of(ORGANISATION), now=NOW)
    changed = ORGANISATION.replace("平成17年4月1日,,", f"平成17年4月1日,{day},新道路維持課")
    rows = rows_of(changed + "土木部,道路総室,新道路維持課,令和9年4月1日,,\n")
    report = import_organisation(session, rows=rows, now=NOW, dry_run=True)
    (update,), (new,) = report.updated, report.created
    assert update.what == f"土木部　道路総室　道路維持課: 適用終了日、承継先{told}"
    assert new.what == "土木部　道路総室　新道路維持課（令和9年4月1日に始まります）"


def test_a_dry_run_says_that_what_has_ended_goes_over_at_once(session):
    import_organisation(session, rows=rows_of(ORGANISATION), now=NOW)
    rows = rows_of(ORGANISATION.replace("平成17年4月1日,,", "平成17年4月1日,2026-04-01,財産活用課"))
    (update,) = import_organisation(session, rows=rows, now=NOW, dry_run=True).updated
    assert update.what == "土木部　道路総室　道路維持課: 適用終了日、承継先（すぐに総務部財産活用課へ引き継ぎます）"


def test_what_an_ended_division_owned_goes_to_its_successor(session):
    import_organisation(session, rows=rows_of(ORGANISATION.replace("2020-03-31,財産活用課", ",")), now=NOW)
    old = session.scalars(select(Division).where(Division.name == "管財課")).one()
    registered = register(session, ordinance({"1": INSPECTION}), owner=old)
    import_organisation(session, rows=rows_of(ORGANISATION), now=NOW)
    heir = session.scalars(select(Division).where(Division.name == "財産活用課")).one()
    assert session.get(Instrument, registered.instrument_id, populate_existing=True).owner_id == heir.id


def test_rows_that_contradict_each_other_or_name_nobody_are_listed(session):
    text = ORGANISATION + "土木部,道路総室,道路維持課,,,\n農林部,,農地課,,2026-03-31,無い課\n"
    report = import_organisation(session, rows=rows_of(text), now=NOW)
    assert [error[:3] for error in report.errors] == ["5行目", "6行目"]
    assert "4行目にもあります" in report.errors[0]
    assert report.errors[1] == "6行目「承継先」: 「無い課」: この名称の課は組織にありません。"


def test_a_chain_of_successors_that_bites_its_tail_does_not_hang(session):
    text = "部局,課・室,適用終了日,承継先\n総務部,甲課,2026-03-31,乙課\n総務部,乙課,2026-03-31,甲課\n"
    import_organisation(session, rows=rows_of(text), now=NOW)
    first = session.scalars(select(Division).where(Division.name == "甲課")).one()
    register(session, ordinance({"1": INSPECTION}), owner=first)
    import_organisation(session, rows=rows_of(text.replace("2026-03-31", "2026-04-01")), now=NOW)


CATALOG = "題名,番号,公布日,所管課\n施設管理条例,平成13年3月30日条例第12号,2001-03-30,土木部　施設課\n"


def workbook(rows: list[list[object]], *, title: str = "目録") -> bytes:
    """An XLSX file with an empty sheet before the one that counts."""
    book = openpyxl.Workbook()
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


FULL = [
    ["霞野県例規目録", None],
    ["種別", "例規\n名称", "番 号", "公布年月日", "施行日", "担当課"],
    ["条例", "施設管理条例", "条例第12号", dt.date(2001, 3, 30), "平成13年4月1日", "施設課"],
    [None, None, None, None, None, None],
    ["規則（知事）", "施設管理規則", 7, None, None, None],
]


def test_a_workbook_is_read_as_a_csv_file_is_with_a_title_above_its_headings():
    rows, errors = read_catalog(workbook(FULL))
    assert errors == []
    first, second = rows
    assert first == CatalogRow(
        title="施設管理条例",
        law_number="条例第12号",
        promulgation_date=dt.date(2001, 3, 30),
        enforcement_date=dt.date(2001, 4, 1),
        owner="施設課",
        kind=Kind.ORDINANCE,
        row=3,
    )
    assert (second.kind, second.law_number, second.row) == (Kind.RULE, "7", 5)


def test_errors_of_a_workbook_name_its_rows():
    rows, errors = read_catalog(
        workbook([*FULL, ["通達", "甲要綱", "", "来年", "", ""], ["条例", "", "", "", "", ""], ["条例", "", "1"]])
    )
    assert len(rows) == 2
    assert [error[:3] for error in errors] == ["6行目", "6行目", "7行目", "8行目"]
    assert all(part in error for part, error in zip(("公布日", "種別", "題名", "題名"), errors, strict=True))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04 damaged", "壊れて"),
        (workbook([["題名", "番号"]]), "所管課"),
        (workbook([]), "見出し"),
    ],
)
def test_a_workbook_that_cannot_be_used_is_refused_in_words(data, said):
    rows, (error,) = read_catalog(data)
    assert rows == []
    assert said in error


def owner_of(session, registered) -> str | None:
    instrument = session.get(Instrument, registered.instrument_id, populate_existing=True)
    return instrument.owner.name if instrument.owner else None


@pytest.fixture
def facilities(session) -> Division:
    return division(session)


@pytest.mark.parametrize(
    "line",
    [
        "施設管理条例,平成13年3月30日条例第12号,,施設課",
        "施設管理条例,平成十三年条例第十二号,,土木部施設課",
        "施設管理条例,条例第１２号,平成13年3月30日,土木部 › 施設課",
        "○施設管理条例,霞野県条例第12号,2001/3/30,施設課",
        "施設管理条例,,,施設課",
    ],
)
def test_a_catalogue_finds_the_instrument_however_its_number_is_written(session, facilities, line):
    registered = register(session, ordinance({"1": INSPECTION}))
    rows, errors = read_catalog(f"題名,番号,公布日,所管課\n{line}\n".encode())
    assert errors == []
    report = import_catalog(session, rows=rows, now=NOW)
    assert (report.matched, report.unmatched, report.unknown_divisions) == (1, (), ())
    assert owner_of(session, registered) == "施設課"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("道路管理条例,条例第12号,2001-03-30,施設課", "取り込まれていません"),
        ("施設管理条例,条例第13号,2001-03-30,施設課", "取り込まれていません"),
        ("施設管理条例,条例第12号,2011-03-30,施設課", "取り込まれていません"),
    ],
)
def test_what_the_catalogue_names_and_nobody_has_is_listed_by_row(session, facilities, line, reason):
    registered = register(session, ordinance({"1": INSPECTION}))
    rows, _ = read_catalog(f"題名,番号,公布日,所管課\n{line}\n".encode())
    report = import_catalog(session, rows=rows, now=NOW)
    ((row, what),) = [(change.row, change.what) for change in report.unmatched]
    assert row == 2
    assert reason in what
    assert owner_of(session, registered) is None


def test_two_instruments_of_one_title_are_told_apart_by_number_or_not_at_all(session, facilities):
    register(session, ordinance({"1": INSPECTION}))
    second = register(session, ordinance({"1": INSPECTION}, law_number="条例第三号"))
    rows = [
        CatalogRow(title="施設管理条例", owner="施設課", row=2),
        CatalogRow(title="施設管理条例", law_number="条例第3号", owner="施設課", row=3),
    ]
    report = import_catalog(session, rows=rows, now=NOW)
    assert [change.row for change in report.unmatched] == [2]
    assert owner_of(session, second) == "施設課"


def test_a_division_to_come_gets_nothing_from_the_catalogue_before_its_day(session, facilities):
    register(session, ordinance({"1": INSPECTION}))
    division(session, "新施設課", valid_from=dt.date(2027, 4, 1))
    rows = [CatalogRow(title="施設管理条例", owner="新施設課", row=2)]
    (unknown,) = import_catalog(session, rows=rows, now=NOW).unknown_divisions
    assert unknown.what.startswith("2行目「所管課」: 「新施設課」は令和9年4月1日に始まる課です。")
    assert session.scalars(select(Instrument.owner_id)).one() is None
    assert import_catalog(session, rows=rows, now=NOW.replace(year=2027)).unknown_divisions == ()
    assert session.scalars(select(Instrument.owner_id)).one() is not None


def test_one_that_moves_to_another_bureau_under_its_name_is_the_one_of_the_day(session, facilities):
    register(session, ordinance({"1": INSPECTION}))
    moved = division(session, facilities.name, bureau="観光部", valid_from=dt.date(2027, 4, 1))
    facilities.valid_to, facilities.successor_id = dt.date(2027, 4, 1), moved.id
    rows = [CatalogRow(title="施設管理条例", owner=facilities.name, row=2)]
    for now, owner in ((NOW, facilities), (NOW.replace(year=2027), moved)):
        assert import_catalog(session, rows=rows, now=now).unknown_divisions == ()
        session.scalars(select(Instrument)).one().owner_as_stated = ""
        assert session.scalars(select(Instrument.owner_id)).one() == owner.id


def test_an_ended_division_in_the_catalogue_stands_for_its_successor(session, facilities):
    division(session, "管理課", valid_to=dt.date(2020, 3, 31), successor_id=facilities.id)
    registered = register(session, ordinance({"1": INSPECTION}))
    import_catalog(session, rows=[CatalogRow(title="施設管理条例", owner="管理課")], now=NOW)
    assert owner_of(session, registered) == "施設課"


def test_an_unknown_owner_is_kept_as_stated_and_listed(session, facilities):
    registered = register(session, ordinance({"1": INSPECTION}))
    rows = [CatalogRow(title="施設管理条例", owner="無い課", row=2)]
    report = import_catalog(session, rows=rows, now=NOW)
    assert "「無い課」" in report.unknown_divisions[0].what
    (row,) = unowned_instruments(session)
    assert (row.instrument_id, row.owner_as_stated) == (registered.instrument_id, "無い課")


def test_a_name_that_two_divisions_share_needs_its_bureau(session):
    division(session, "総務課")
    division(session, "総務課", bureau="農林部")
    registered = register(session, ordinance({"1": INSPECTION}))
    rows = [CatalogRow(title="施設管理条例", owner="総務課")]
    assert import_catalog(session, rows=rows, now=NOW).unknown_divisions
    import_catalog(session, rows=[CatalogRow(title="施設管理条例", owner="農林部総務課")], now=NOW)
    assert owner_of(session, registered) == "総務課"


def test_a_catalogue_imported_twice_or_rehearsed_writes_nothing_more(session, facilities):
    register(session, ordinance({"1": INSPECTION}))
    rows, _ = read_catalog(CATALOG.encode("cp932"))
    rehearsed = import_catalog(session, rows=rows, now=NOW, dry_run=True)
    assert len(rehearsed.updated) == 1
    assert len(unowned_instruments(session)) == 1
    import_catalog(session, rows=rows, now=NOW)
    again = import_catalog(session, rows=rows, now=NOW)
    assert (again.matched, again.updated) == (1, ())
    audited = session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.action == "import_catalog"))
    assert audited == 1


def test_kind_and_enforcement_date_are_taken_where_the_text_does_not_tell_them(session, facilities):
    registered = register(session, ordinance({"1": INSPECTION}, law_number="第十二号", kind=Kind.UNKNOWN))
    row = CatalogRow(title="施設管理条例", kind=Kind.RULE, enforcement_date=dt.date(2001, 4, 1), row=2)
    rehearsed = import_catalog(session, rows=[row], now=NOW, dry_run=True)
    assert [change.what for change in rehearsed.updated] == ["施設管理条例: 種別 規則、施行日 平成13年4月1日"]
    assert session.get_one(Instrument, registered.instrument_id).kind is Kind.UNKNOWN
    import_catalog(session, rows=[row], now=NOW)
    assert session.get_one(Instrument, registered.instrument_id).kind is Kind.RULE
    assert session.get_one(Revision, registered.revision_id).enforcement_date == dt.date(2001, 4, 1)
    assert import_catalog(session, rows=[row], now=NOW).updated == ()
    # An amended text that still does not tell its kind does not take it away again.
    again = ordinance({"1": INSPECTION, "2": INSPECTION}, law_number="第十二号", kind=Kind.UNKNOWN)
    register(session, again)
    assert session.get_one(Instrument, registered.instrument_id).kind is Kind.RULE


def test_the_text_is_believed_where_the_catalogue_says_otherwise(session, facilities):
    registered = register(session, ordinance({"1": INSPECTION}))
    rows = [
        CatalogRow(title="施設管理条例", owner="施設課", kind=Kind.RULE, row=2),
        CatalogRow(title="施設管理条例", owner="別の課", row=3),
    ]
    report = import_catalog(session, rows=rows, now=NOW)
    assert [change.row for change in report.conflicts] == [2, 3]
    assert all(word in report.conflicts[0].what for word in ("種別", "規則", "条例"))
    assert "2行目" in report.conflicts[1].what
    assert session.get_one(Instrument, registered.instrument_id).kind is Kind.ORDINANCE
    assert owner_of(session, registered) == "施設課"


def test_local_instruments_without_a_line_are_listed_and_laws_are_not(session, facilities):
    register(session, ordinance({"1": INSPECTION}))
    register(session, ordinance({"1": INSPECTION}, law_number="条例第三号", title="道路管理条例"))
    register(session, ordinance({"1": INSPECTION}, law_number="法律第三号", title="道路法", kind=Kind.ACT))
    report = import_catalog(session, rows=[CatalogRow(title="施設管理条例", row=2)], now=NOW)
    assert report.unlisted == ("道路管理条例（条例第三号）",)


def test_a_run_of_ingest_tells_what_became_of_each_file(session):
    run = start_ingest_run(session, source="例規集", now=NOW)
    registered = register(session, ordinance({"1": INSPECTION}))
    record_file(
        session,
        run_id=run,
        name="a.xml",
        source_hash="0" * 64,
        outcome=registered.outcome,
        revision_id=registered.revision_id,
    )
    record_file(
        session,
        run_id=run,
        name="b.xml",
        source_hash="1" * 64,
        outcome=FileOutcome.QUARANTINED,
        reason_code="malformed_xml",
        reason="3行目でタグが閉じていません。",
    )
    finish_ingest_run(session, run_id=run, now=NOW)
    (row,) = ingest_runs(session)
    assert (row.created, row.changed, row.unchanged, row.quarantined, row.finished_at) == (1, 0, 0, 1, NOW)
    (file,) = ingest_files(session)
    assert (file.name, file.reason_code, file.reason) == ("b.xml", "malformed_xml", "3行目でタグが閉じていません。")
    assert [row.name for row in ingest_files(session, outcome=None)] == ["b.xml", "a.xml"]
    assert session.scalar(select(func.count(IngestedFile.id))) == 2
    assert session.get(IngestRun, run).source == "例規集"


def test_no_file_is_quarantined_without_a_reason(session):
    run = start_ingest_run(session, source="例規集", now=NOW)
    with pytest.raises(ValueError, match=r"b\.xml"):
        record_file(session, run_id=run, name="b.xml", source_hash="", outcome=FileOutcome.QUARANTINED)
