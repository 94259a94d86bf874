from __future__ import annotations

import csv
import io
from dataclasses import fields, replace

import pytest
from openpyxl import load_workbook

from models.exports import roadmap_csv, roadmap_workbook
from models.queries import RoadmapRow
from regulations.review import ReviewStatus
from regulations.roadmap import DelayReason, ReviewPolicy, RoadmapProgress, load_columns
from regulations.structure import Kind
from regulations.taxonomy import LegalBasis
from tests.factories import INSPECTION, NOW

ROW = RoadmapRow(
    number=1,
    bureau="土木部",
    division="施設課",
    title="施設管理条例",
    law_number="条例第十二号",
    kind=Kind.ORDINANCE,
    address="第二条第一項",
    caption="（点検）",
    text=INSPECTION,
    category="visual_inspection",
    basis=LegalBasis.LOCAL_ORDINANCE,
    regulation_type=1,
    current_phase=1,
    policy=ReviewPolicy.AMEND,
    target_phase=3,
    original_year=2026,
    revised_year=2027,
    delay_reason=DelayReason.SYSTEM,
    progress=RoadmapProgress.PLANNED,
    note="",
    item_id=7,
    row_version=1,
    status=ReviewStatus.APPLICABLE,
)
SHOWN = {
    "番号": 1,
    "部局": "土木部",
    "所管課": "施設課",
    "例規名": "施設管理条例",
    "例規番号": "条例第十二号",
    "種別": "条例",
    "条項": "第二条第一項",
    "見出し": "（点検）",
    "条文": INSPECTION,
    "規制区分": "目視",
    "規制根拠": "県の条例等",
    "類型": "1 検査・点検・監査",
    "現在のPHASE": "1 目視・実地監査規制",
    "見直しの要否・方向性": "改正する",
    "見直し後のPHASE（到達点）": "3 判断の精緻化、自動化・無人化",
    "見直し時期（当初）": "令和8年度",
    "見直し時期（変更後）": "令和9年度",
    "遅延理由": "システム開発",
    "実施状況": "実施予定",
    "備考": None,
}
EMPTY = replace(
    ROW, policy=None, target_phase=None, original_year=None, revised_year=None, delay_reason=None, division="道路課"
)
FORMULAS = ['=HYPERLINK("http://x")', "+1+1", "-1", "@SUM(A1)"]


def opened(rows):
    data = roadmap_workbook(rows, title="見直し工程表", made_at=NOW)
    return load_workbook(io.BytesIO(data))


def table(rows) -> list[dict[str, object]]:
    sheet = opened(rows)["工程表"]
    headings = [cell.value for cell in sheet[3]]
    return [dict(zip(headings, (cell.value for cell in line), strict=True)) for line in sheet.iter_rows(min_row=4)]


def test_the_workbook_shows_every_column_in_words():
    assert list(SHOWN) == [column.label for column in load_columns()]
    (line,) = table([ROW])
    assert line == SHOWN


def test_what_is_not_planned_yet_is_an_empty_cell():
    (line,) = table([EMPTY])
    for heading in ("見直しの要否・方向性", "見直し後のPHASE（到達点）", "見直し時期（当初）", "遅延理由"):
        assert line[heading] is None


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula(text):
    cell = next(cell for cell in opened([replace(ROW, note=text)])["工程表"][4] if cell.value == text)
    assert cell.data_type == "s"
    (_, line) = csv.reader(io.StringIO(roadmap_csv([replace(ROW, note=text)]).decode("utf-8-sig")))
    assert line[-1] == f"'{text}"


def test_a_text_longer_than_a_cell_is_cut_visibly():
    (line,) = table([replace(ROW, text="表" * 40_000)])
    assert len(line["条文"]) == 32_767
    assert line["条文"].endswith("…")


def test_the_sheet_is_ready_for_reading_and_printing():
    sheet = opened([ROW, EMPTY])["工程表"]
    assert sheet["A1"].value == "見直し工程表"
    assert sheet["A2"].value == "機密性2　令和8年4月1日現在"
    assert sheet.freeze_panes == "B4"
    assert sheet.auto_filter.ref == "A3:T5"
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 8)
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.oddHeader.right.text == "機密性2"
    assert sheet["A3"].font.bold
    assert sheet["I4"].alignment.wrap_text


def test_the_totals_are_counted_from_the_rows():
    rows = [ROW, replace(ROW, category="written_posting", current_phase=2), EMPTY]
    values = [[cell.value for cell in line] for line in opened(rows)["集計"].iter_rows(min_row=3, max_col=5)]
    by_name = {line[0]: line[1:] for line in values if line[0] and line[0] != "計"}
    assert by_name["目視"] == [2, 0, 0, 2]
    assert by_name["書面掲示"] == [0, 1, 0, 1]
    assert by_name["往訪閲覧縦覧"] == [0, 0, 0, 0]
    assert by_name["土木部　施設課"][:3] == [2, 0, 2]
    assert by_name["土木部　道路課"][:3] == [0, 1, 1]
    sums = [line[1:] for line in values if line[0] == "計"]
    assert sums == [[2, 1, 0, 3], [2, 1, 3, None]]


def test_an_empty_roadmap_is_still_a_workbook_with_its_headings():
    book = opened([])
    assert [cell.value for cell in book["工程表"][3]] == list(SHOWN)
    assert roadmap_csv([]).decode("utf-8-sig").count("\r\n") == 1


def test_the_csv_is_what_the_workbook_shows_in_an_encoding_that_excel_reads():
    data = roadmap_csv([ROW, EMPTY])
    assert data.startswith(b"\xef\xbb\xbf")
    headings, first, _ = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    assert dict(zip(headings, first, strict=True)) == {name: str(value or "") for name, value in SHOWN.items()}


def test_every_row_field_shown_is_one_that_the_row_has():
    assert {column.field for column in load_columns()} < {field.name for field in fields(RoadmapRow)}
