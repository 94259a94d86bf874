"""The workbook that a division fills in: what it shows, what is locked, which lists it offers."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.datavalidation import DataValidation
from sqlalchemy import event

from models import queries
from models.answer_workbook import answer_workbook, cells
from models.operations.edit_roadmap import edit_roadmap
from models.queries import AnswerSheetRow, DueInquiry, GivenAnswer, Mark
from models.review import RoadmapItem
from regulations.answer_sheet import DECISION_FIELDS, KEY_FIELDS, PLAN_FIELDS, load_answer_form
from regulations.labels import label
from regulations.review import OPEN_STATUSES, Applicability, NonApplicableReason, ReviewStatus, Role
from regulations.roadmap import ReviewPolicy, RoadmapEntry, RoadmapProgress
from regulations.taxonomy import LegalBasis, categories
from tests.factories import (
    INSPECTION,
    NOW,
    POSTING,
    VIEWING,
    actor,
    answer,
    division,
    items,
    ordinance,
    own,
    register,
    scan,
)

AT = INSPECTION.index("目視")
ROW = AnswerSheetRow(
    number=1,
    item_id=7,
    provision_id=3,
    text_hash="f" * 64,
    row_version=1,
    division="施設課",
    title="施設管理条例",
    address="第二条第一項",
    caption="（点検）",
    text=INSPECTION,
    evidence=(Mark(start=AT, end=AT + 2, text="目視", category="visual_inspection"),),
    status=ReviewStatus.PENDING,
    proposal="義務の規定です。",
    category="visual_inspection",
    regulation_type=1,
    phase=1,
    basis=LegalBasis.LOCAL_ORDINANCE,
    decision_id=None,
    answer=None,
    entry=None,
    plan_version=None,
)
ANSWERED = replace(
    ROW,
    number=2,
    item_id=8,
    status=ReviewStatus.NOT_APPLICABLE,
    decision_id=5,
    answer=GivenAnswer(
        applicability=Applicability.NOT_APPLICABLE,
        reason_code=NonApplicableReason.DEFINITION,
        note="用語の定義",
        who="施設課 花子",
        decided_at=NOW,
    ),
)
SHOWN = {
    "番号": 1,
    "例規名": "施設管理条例",
    "条項": "第二条第一項",
    "見出し": "（点検）",
    "条文": INSPECTION,
    "状態": "未確認",
    "候補とした理由": "義務の規定です。",
    "該非": None,
    "理由": None,
    "メモ": None,
    "規制区分": "目視",
    "類型": "1 検査・点検・監査",
    "現在のPHASE": "1 目視・実地監査規制",
    "規制根拠": "県の条例等",
    "見直しの要否・方向性": None,
    "見直し後のPHASE（到達点）": None,
    "見直し時期（当初）": None,
    "見直し時期（変更後）": None,
    "遅延理由": None,
    "実施状況": None,
    "備考": None,
    "これまでの回答": None,
    "所管課": "施設課",
}
HIDDEN = {column.label for column in load_answer_form().columns if column.hidden}


def opened(rows, **values):
    data = answer_workbook(rows, title="回答（施設課）", for_whom="施設課", made_at=NOW, **values)
    return load_workbook(io.BytesIO(data), rich_text=False)


def table(rows) -> list[dict[str, object]]:
    sheet = opened(rows)["回答"]
    headings = [cell.value for cell in sheet[3]]
    lines = [dict(zip(headings, (cell.value for cell in line), strict=True)) for line in sheet.iter_rows(min_row=4)]
    return [{heading: value for heading, value in line.items() if heading not in HIDDEN} for line in lines]


def test_a_row_shows_the_candidate_in_words_and_leaves_the_answer_open():
    (line,) = table([ROW])
    assert line == SHOWN


def test_what_is_answered_stands_in_the_row_with_who_answered():
    (line,) = table([ANSWERED])
    assert (line["該非"], line["理由"], line["メモ"]) == ("非該当", "定義", "用語の定義")
    assert line["これまでの回答"] == "非該当（定義）　施設課 花子　令和8年4月1日"


def test_a_recheck_asks_for_an_answer_anew_and_shows_the_one_before():
    (line,) = table([replace(ANSWERED, status=ReviewStatus.RECHECK)])
    assert (line["該非"], line["理由"]) == (None, None)
    assert str(line["これまでの回答"]).startswith("非該当（定義）")


def test_every_column_is_known_and_every_answer_and_plan_field_has_one():
    form = load_answer_form()
    fields = [column.field for column in form.columns]
    assert set(cells(ROW)) | set(PLAN_FIELDS) == set(fields)
    assert {column.field for column in form.columns if not column.locked} == {*DECISION_FIELDS, *PLAN_FIELDS}
    assert {column.field for column in form.columns if column.hidden} == set(KEY_FIELDS)
    assert all(column.guide for column in form.columns if not column.hidden)


def test_only_the_answer_and_the_plan_can_be_written_and_the_keys_are_out_of_sight():
    sheet = opened([ROW])["回答"]
    headings = {cell.value: cell.column_letter for cell in sheet[3]}
    open_ones = {heading for heading, letter in headings.items() if not sheet[f"{letter}4"].protection.locked}
    form = load_answer_form()
    assert open_ones == {column.label for column in form.columns if not column.locked}
    assert sheet.protection.sheet
    assert not sheet.protection.autoFilter  # False: not forbidden
    assert not sheet.protection.formatColumns
    ranges = [(size.min, size.max) for size in sheet.column_dimensions.values() if size.hidden]
    hidden = {cell.value for cell in sheet[3] if any(first <= cell.column <= last for first, last in ranges)}
    assert hidden == HIDDEN


def lists(sheet) -> dict[str, DataValidation]:
    headings = {cell.column_letter: cell.value for cell in sheet[3]}
    found = {}
    for rule in sheet.data_validations.dataValidation:
        letter = "".join(character for character in str(rule.sqref).split(":")[0] if character.isalpha())
        found[str(headings[letter])] = rule
    return found


def test_the_lists_hold_the_words_of_the_policy():
    book = opened([ROW])
    choices = book["選択肢"]
    assert choices.sheet_state == "hidden"
    offered = {
        column[0].value: [cell.value for cell in column[1:] if cell.value is not None]
        for column in choices.iter_cols(max_col=9)
    }
    assert offered["APPLICABILITY"] == ["該当", "非該当", "保留"]
    assert offered["REASON_CODE"] == [label(reason) for reason in NonApplicableReason]
    assert offered["CATEGORY"] == [category.label for category in categories()]
    assert "令和8年度" in offered["ORIGINAL_YEAR"]
    assert set(lists(book["回答"])) == {
        "該非", "理由", "規制区分", "類型", "現在のPHASE", "規制根拠",
        "見直しの要否・方向性", "見直し後のPHASE（到達点）", "見直し時期（当初）", "見直し時期（変更後）",
        "遅延理由", "実施状況",
    }  # fmt: skip


def test_the_list_of_types_is_that_of_the_rows_category():
    book = opened([ROW])
    rule = lists(book["回答"])["類型"]
    assert "MATCH($K4,TYPE_OF,0)" in rule.formula1
    assert book["回答"]["K3"].value == "規制区分"
    first = book.defined_names["TYPE_FIRST"].attr_text.rpartition("!")[2].replace("$", "")
    place = book["選択肢"][first].column + 3  # the fourth category: 常駐・専任
    column = [book["選択肢"].cell(row, place).value for row in range(1, 7)]
    assert column[:2] == ["常駐・専任", 4]
    assert column[5] == "4 主として人への対応のための専任"


def test_a_category_that_was_switched_off_stays_choosable_where_a_row_has_it():
    book = opened([replace(ROW, category="recording_media")])
    column = next(column for column in book["選択肢"].iter_cols(values_only=True) if column[0] == "CATEGORY")
    assert column[len(categories()) + 1] == "FD等記録媒体"


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1+1", "-1", "@SUM(A1)"])
def test_no_text_becomes_a_formula(text):
    row = replace(ANSWERED, text=text, evidence=(), title=text, answer=replace(ANSWERED.answer, note=text))
    sheet = opened([row])["回答"]
    kinds = [cell.data_type for cell in sheet[4] if cell.value == text]
    assert kinds == ["s", "s", "s"]


def test_the_text_is_whole_with_its_evidence_in_bold():
    data = answer_workbook([ROW], title="回答", for_whom="施設課", made_at=NOW)
    sheet = load_workbook(io.BytesIO(data), rich_text=True)["回答"]
    pieces = sheet["E4"].value
    assert str(pieces) == INSPECTION
    assert [piece.text for piece in pieces if getattr(piece, "font", None) and piece.font.b] == [
        mark.text for mark in ROW.evidence
    ]
    assert sheet["E4"].alignment.wrap_text


def test_a_long_text_gets_a_high_row_and_one_longer_than_a_cell_is_cut_visibly():
    sheet = opened([ROW, replace(ROW, text="点" * 300, evidence=()), replace(ROW, text="表" * 40_000)])["回答"]
    heights = [sheet.row_dimensions[row].height for row in (4, 5, 6)]
    assert heights[0] < heights[1] < heights[2] <= 409
    assert len(sheet["E6"].value) == 32_767
    assert sheet["E6"].value.endswith("…")


def test_a_missing_reason_turns_red_while_it_is_filled_in():
    sheet = opened([ROW])["回答"]
    formulas = [rule.formula[0] for area in sheet.conditional_formatting for rule in area.rules]
    assert any('$H4="非該当",$I4=""' in formula for formula in formulas)
    assert (sheet["H3"].value, sheet["I3"].value) == ("該非", "理由")


def test_the_guide_says_for_whom_until_when_and_of_which_secrecy():
    due = DueInquiry(name="令和8年度の点検", due_date=dt.date(2026, 5, 29))
    book = opened([ROW, ANSWERED], due=[due])
    assert book.sheetnames == ["手引き", "回答", "選択肢"]
    words = [str(value) for line in book["手引き"].iter_rows(values_only=True) for value in line if value]
    assert words[:2] == ["回答（施設課）", "機密性2　令和8年4月1日現在"]
    assert {"施設課", "2件", "令和8年度の点検　令和8年5月29日まで"} <= set(words)
    form = load_answer_form()
    assert {column.label for column in form.columns if not column.hidden} <= set(words)
    assert all(any(sentence in word for word in words) for sentence in form.guidance)
    for name in ("手引き", "回答"):
        assert book[name].oddHeader.right.text == "機密性2"


def test_the_sheet_is_frozen_filtered_and_repeats_its_heading():
    sheet = opened([ROW, ANSWERED])["回答"]
    assert sheet.freeze_panes == "D4"
    assert sheet.auto_filter.ref.startswith("A3:")
    assert sheet.print_title_rows == "$3:$3"


def test_without_candidates_it_is_still_a_workbook():
    assert table([]) == []


# The rows


@pytest.fixture
def matter(session):
    """A division's instrument with three candidates, of which one is answered, and another division's with one."""
    mine, other = division(session), division(session, "道路課")
    registered = register(session, ordinance({"1": INSPECTION, "2": POSTING, "3": VIEWING}), owner=mine)
    foreign = register(
        session, ordinance({"1": INSPECTION}, title="道路管理条例", law_number="条例第九号"), owner=other
    )
    scan(session)
    reviewer = actor(session, of=mine)
    answer(session, reviewer, items(session, registered)["1"], note="年次点検")
    return mine, other, reviewer, registered, foreign


def test_the_rows_are_what_the_inbox_counts(session, matter):
    _, _, reviewer, _, _ = matter
    counted = queries.inbox_counts(session, actor=reviewer)
    rows = queries.answer_rows(session, actor=reviewer)
    assert len(rows) == sum(counted.values()) == 3
    assert [row.number for row in rows] == [1, 2, 3]
    counts = queries.answer_counts(session, actor=reviewer)
    assert counts == {ReviewStatus.PENDING: 2, ReviewStatus.APPLICABLE: 1}
    waiting = queries.answer_rows(session, actor=reviewer, statuses=OPEN_STATUSES)
    assert [row.address for row in waiting] == [
        row.address for row in queries.queue(session, actor=reviewer, statuses=OPEN_STATUSES)
    ]


def test_the_coordinator_gets_one_divisions_rows_as_it_gets_them_itself_and_all_of_all(session, matter):
    mine, other, reviewer, _, foreign = matter
    own(session, foreign.instrument_id, other, mine)  # jointly, so that my division answers for it as well
    coordinator = actor(session, Role.COORDINATOR)

    def ids(by, **values):
        return [row.item_id for row in queries.answer_rows(session, actor=by, **values)]

    assert ids(coordinator, division_id=mine.id) == ids(reviewer)
    assert len(ids(reviewer)) == 4
    assert len(ids(coordinator, division_id=other.id)) == 1
    assert len(ids(coordinator)) == 4
    assert ids(reviewer, division_id=other.id) == ids(coordinator, division_id=other.id)  # what both answer for
    assert ids(actor(session, Role.ADMINISTRATOR)) == []


def test_a_row_carries_its_answer_and_its_plan(session, matter):
    _, _, reviewer, registered, _ = matter
    item = items(session, registered)["1"]
    entry = RoadmapEntry(policy=ReviewPolicy.AMEND, target_phase=2, progress=RoadmapProgress.PLANNED)
    version = session.get_one(RoadmapItem, item.id).row_version
    edit_roadmap(session, actor=reviewer, item_id=item.id, expected_version=version, entry=entry, now=NOW)
    row = queries.answer_rows(session, actor=reviewer)[0]
    assert row.answer == GivenAnswer(
        applicability=Applicability.APPLICABLE, reason_code=None, note="年次点検", who="施設課 花子", decided_at=NOW
    )
    assert row.entry == entry
    assert row.plan_version == session.get_one(RoadmapItem, item.id).row_version


def test_the_number_of_statements_does_not_grow_with_the_rows(session, matter):
    _, _, reviewer, _, _ = matter
    statements = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *values: statements.append(values[2]))
    session.expunge_all()
    queries.answer_rows(session, actor=reviewer)
    assert len(statements) == 1
