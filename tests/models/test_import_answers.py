"""The round trip: written, filled in with another program, checked, imported; and all that goes wrong on the way."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from dataclasses import dataclass

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import queries
from models.answer_workbook import answer_workbook
from models.exports import roadmap_workbook
from models.inquiry import Inquiry, InquiryAnswer
from models.operations.edit_roadmap import edit_roadmap
from models.operations.errors import AnswerFault, StaleItemError
from models.operations.hand_over import hand_over
from models.operations.import_answers import (
    LONGEST_NOTE,
    AnswerImport,
    ConflictKind,
    SheetError,
    SheetFault,
    import_answers,
    read_answer_workbook,
)
from models.operations.register_revision import RegisteredRevision
from models.organisation import Division
from models.queries import AnswerSheetRow
from models.review import AuditEntry, Decision, Message, ReviewItem, RoadmapItem
from regulations.inquiry import AnswerState, InquiryState
from regulations.review import Actor, Applicability, NonApplicableReason, NotPermittedError, ReviewStatus, Role
from regulations.roadmap import DelayReason, ReviewPolicy, RoadmapEntry, RoadmapFault, RoadmapProgress
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
from tests.workbooks import FIRST, FilledIn

BOTH = "管理者は、設備を目視により点検し、その結果を見やすい場所に掲示しなければならない。"


@dataclass(frozen=True, kw_only=True)
class Matter:
    """A division with five candidates in four articles (the fourth has two), and another division with one."""

    session: Session
    mine: Division
    other: Division
    by: Actor
    registered: RegisteredRevision

    def export(self, *, by: Actor | None = None) -> bytes:
        rows = queries.answer_rows(self.session, actor=by or self.by)
        return answer_workbook(rows, title="回答", for_whom="施設課", made_at=NOW)

    def filled_in(self) -> FilledIn:
        return FilledIn(self.export())

    def run(self, data: bytes, *, dry_run: bool = False, only_valid: bool = False, by: Actor | None = None):
        lines, found = read_answer_workbook(data)
        return import_answers(
            self.session,
            actor=by or self.by,
            lines=lines,
            found=found,
            dry_run=dry_run,
            only_valid=only_valid,
            now=NOW,
        )

    def rows(self) -> list[AnswerSheetRow]:
        return queries.answer_rows(self.session, actor=self.by)

    def decisions(self) -> int:
        return self.session.scalar(select(func.count(Decision.id))) or 0

    def item(self, article: str) -> ReviewItem:
        return items(self.session, self.registered)[article]


@pytest.fixture
def matter(session) -> Matter:
    mine, other = division(session), division(session, "道路課")
    registered = register(session, ordinance({"1": INSPECTION, "2": POSTING, "3": VIEWING, "4": BOTH}), owner=mine)
    elsewhere = ordinance({"1": INSPECTION}, title="道路管理条例", law_number="条例第九号")
    register(session, elsewhere, owner=other)
    scan(session)
    return Matter(session=session, mine=mine, other=other, by=actor(session, of=mine), registered=registered)


def told(found: AnswerImport) -> list[tuple[int, str, object]]:
    """Row, column and fault of each error."""
    return [(error.row, error.column, error.fault) for error in found.errors]


# The way it should go


def test_what_is_filled_in_is_told_first_and_then_saved(matter):
    sheet = matter.filled_in()
    sheet.fill(FIRST, 該非="該当", 規制根拠="国の法令等", 類型="2 調査")
    sheet.fill(FIRST + 1, 該非="非該当", 理由="罰則")
    sheet.fill(FIRST + 2, 該非="保留", メモ="台帳は電子でもよいですか。")
    checked = matter.run(sheet.saved(), dry_run=True)
    assert (len(checked.changes), checked.unchanged, checked.blank) == (3, 0, 2)
    assert (checked.conflicts, checked.errors, checked.is_written) == ((), (), False)
    assert matter.decisions() == 0
    first = checked.changes[0]
    assert (first.sheet, first.row, first.title, first.address) == ("回答", FIRST, "施設管理条例", "第一条")
    assert [(cell.column, cell.before, cell.after) for cell in first.cells] == [
        ("該非", "", "該当"),
        ("類型", "1 検査・点検・監査", "2 調査"),
        ("規制根拠", "県の条例等", "国の法令等"),
    ]

    done = matter.run(sheet.saved())
    assert done.is_written
    assert done.changes == checked.changes
    by_article = [row.status for row in matter.rows()]
    assert by_article[:3] == [ReviewStatus.APPLICABLE, ReviewStatus.NOT_APPLICABLE, ReviewStatus.UNDECIDED]
    row = matter.rows()[0]
    assert (row.basis.value, row.regulation_type, row.answer.who) == ("national_law", 2, "施設課 花子")
    assert matter.rows()[1].answer.reason_code is NonApplicableReason.PENALTY
    assert matter.session.scalars(select(Message.text)).all() == ["台帳は電子でもよいですか。"]
    logged = matter.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert logged[-4:] == ["decide", "decide", "decide", "import_answers"]


def test_the_same_file_again_changes_nothing(matter):
    sheet = matter.filled_in().fill(FIRST, 該非="該当").fill(FIRST + 2, 該非="保留", メモ="質問")
    matter.run(sheet.saved())
    count = matter.decisions(), matter.session.scalar(select(func.count(AuditEntry.id)))
    again = matter.run(sheet.saved())
    assert (again.changes, again.conflicts, again.errors, again.unchanged) == ((), (), (), 2)
    assert not again.is_written
    assert (matter.decisions(), matter.session.scalar(select(func.count(AuditEntry.id)))) == count


def test_an_untouched_file_changes_nothing_even_where_others_have_answered_since(matter):
    answer(matter.session, matter.by, matter.item("1"))
    data = matter.export()
    answer(matter.session, matter.by, matter.item("1"), Applicability.NOT_APPLICABLE)
    answer(matter.session, matter.by, matter.item("2"))
    found = matter.run(data)
    assert (found.changes, found.conflicts, found.errors) == ((), (), ())


def test_an_answer_is_corrected_by_a_new_one(matter):
    answer(matter.session, matter.by, matter.item("1"), note="年次点検")
    found = matter.run(matter.filled_in().fill(FIRST, 該非="非該当", 理由="定義").saved())
    assert [(cell.column, cell.before, cell.after) for cell in found.changes[0].cells] == [
        ("該非", "該当", "非該当"),
        ("理由", "", "定義"),
    ]
    assert matter.rows()[0].answer.note == "年次点検"


def test_a_recheck_is_answered_on_the_text_in_force(matter):
    answer(matter.session, matter.by, matter.item("1"), Applicability.NOT_APPLICABLE)
    changed = ordinance({"1": INSPECTION.replace("月に一度", "年に一度"), "2": POSTING, "3": VIEWING, "4": BOTH})
    register(matter.session, changed, source_name="b.xml")
    scan(matter.session)
    sheet = matter.filled_in()
    assert (sheet.value(FIRST, "状態"), sheet.value(FIRST, "該非")) == ("再確認", None)
    matter.run(sheet.fill(FIRST, 該非="非該当", 理由="定義").saved())
    assert matter.rows()[0].status is ReviewStatus.NOT_APPLICABLE


def test_the_plan_of_what_is_applicable_comes_with_it(matter):
    sheet = matter.filled_in().fill(
        FIRST,
        該非="該当",
        実施状況="実施予定",
        備考="様式を改める。",
        **{
            "見直しの要否・方向性": "改正する",
            "見直し後のPHASE（到達点）": "3",
            "見直し時期（当初）": "R8",
            "見直し時期（変更後）": "令和９年度",
            "遅延理由": "システム開発",
        },
    )
    done = matter.run(sheet.saved())
    assert done.is_written
    row = matter.rows()[0]
    assert row.entry == RoadmapEntry(
        policy=ReviewPolicy.AMEND,
        target_phase=3,
        original_year=2026,
        revised_year=2027,
        delay_reason=DelayReason.SYSTEM,
        progress=RoadmapProgress.PLANNED,
        note="様式を改める。",
    )
    assert ("見直し後のPHASE（到達点）", "", "3 判断の精緻化、自動化・無人化") in [
        (cell.column, cell.before, cell.after) for cell in done.changes[0].cells
    ]
    # and later the plan alone, with what was written back out
    sheet = matter.filled_in().fill(FIRST, 実施状況="実施")
    later = matter.run(sheet.saved())
    assert [(cell.column, cell.before, cell.after) for cell in later.changes[0].cells] == [
        ("実施状況", "実施予定", "実施")
    ]
    assert matter.decisions() == 1
    assert matter.run(sheet.saved()).changes == ()


# However it was saved


def test_words_are_read_in_any_width_with_any_spaces(matter):
    sheet = matter.filled_in().fill(
        FIRST, 該非=" 非 該当　", 理由="準用･読替", 規制区分="定期検査･点検", 類型="２ 自主検査", 現在のPHASE=1
    )
    done = matter.run(sheet.saved())
    assert done.errors == ()
    row = matter.rows()[0]
    assert (row.answer.reason_code, row.category) == (NonApplicableReason.MUTATIS_MUTANDIS, "periodic_inspection")
    assert (row.regulation_type, row.phase) == (2, 1)


def test_columns_may_be_moved_rows_deleted_sorted_and_headed(matter):
    sheet = matter.filled_in().fill(FIRST, 該非="該当").fill(FIRST + 2, 該非="非該当", 理由="禁止")
    values = [list(line) for line in sheet.sheet.iter_rows(min_row=3, values_only=True)]
    head, *body = [[*reversed(line)] for line in values]
    moved = Workbook()
    moved.active.title = "まとめ"
    for line in ([], ["課の控え"], head, body[2], body[0]):
        moved.active.append(line)
    out = io.BytesIO()
    moved.save(out)
    done = matter.run(out.getvalue())
    assert [(change.sheet, change.row) for change in done.changes] == [("まとめ", 4), ("まとめ", 5)]
    statuses = [row.status for row in matter.rows()]
    assert (statuses[0], statuses[2]) == (ReviewStatus.APPLICABLE, ReviewStatus.NOT_APPLICABLE)


def test_rows_of_several_sheets_count_together_and_other_sheets_are_passed_over(matter):
    sheet = matter.filled_in().fill(FIRST, 該非="該当")
    second = sheet.book.copy_worksheet(sheet.sheet)
    second.title = "続き"
    second.cell(FIRST + 1, sheet.place("該非"), "該当")
    sheet.book.create_sheet("担当者の控え").append(["該非について課長と相談"])
    done = matter.run(sheet.saved())
    assert [(change.sheet, change.row) for change in done.changes] == [("回答", FIRST), ("続き", FIRST + 1)]
    assert done.errors == ()


def test_what_changes_neither_text_nor_answer_does_not_void_a_sheet_in_circulation(matter):
    sheet = matter.filled_in().fill(FIRST, 該非="該当")
    version = matter.item("1").row_version
    scan(matter.session, pipeline_version="rules-2")
    handed(matter, matter.by, matter.other)
    handed(matter, actor(matter.session, of=matter.other), matter.mine)
    assert matter.item("1").row_version != version
    assert matter.run(sheet.saved()).is_written


def handed(matter, by, to):
    item = matter.item("1")
    hand_over(
        matter.session, actor=by, items={item.id: item.row_version}, to_division_id=to.id, reason="所管外", now=NOW
    )


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here")
def test_saved_by_libreoffice_it_reads_the_same(matter, tmp_path):
    filled = (
        matter.filled_in().fill(FIRST, 該非="該当", メモ="一行目\n二行目").fill(FIRST + 1, 該非="非該当", 理由="罰則")
    )
    (tmp_path / "sheet.xlsx").write_bytes(filled.saved())
    profile, kind = f"-env:UserInstallation=file://{tmp_path}/profile", "xlsx:Calc MS Excel 2007 XML"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", tmp_path / "out", tmp_path / "sheet.xlsx"],
        check=True,
        capture_output=True,
        timeout=120,
    )
    done = matter.run((tmp_path / "out" / "sheet.xlsx").read_bytes())
    assert (done.errors, done.conflicts, len(done.changes), done.blank) == ((), (), 2, 3)
    assert matter.rows()[0].answer.note == "一行目\n二行目"


# Errors


@pytest.mark.parametrize(
    ("cells", "column", "fault"),
    [
        ({"該非": "たぶん該当"}, "該非", SheetFault.UNKNOWN_VALUE),
        ({"該非": "非該当"}, "理由", AnswerFault.REASON_REQUIRED),
        ({"該非": "非該当", "理由": "気のせい"}, "理由", SheetFault.UNKNOWN_VALUE),
        ({"該非": "非該当", "理由": "その他"}, "メモ", AnswerFault.REASON_TEXT_REQUIRED),
        ({"該非": "該当", "理由": "罰則"}, "理由", AnswerFault.REASON_NOT_ALLOWED),
        ({"該非": "該当", "規制区分": "目測"}, "規制区分", SheetFault.UNKNOWN_VALUE),
        ({"該非": "該当", "規制区分": "FD等記録媒体"}, "規制区分", SheetFault.UNKNOWN_VALUE),
        ({"該非": "該当", "規制区分": None}, "規制区分", SheetFault.EMPTY),
        ({"該非": "該当", "類型": "1 公的証明書等の掲示"}, "類型", SheetFault.NOT_IN_CATEGORY),
        ({"該非": "該当", "現在のPHASE": "4"}, "現在のPHASE", SheetFault.NOT_IN_CATEGORY),
        ({"該非": "該当", "規制根拠": "法律"}, "規制根拠", SheetFault.UNKNOWN_VALUE),
        ({"該非": "該当", "メモ": "長" * (LONGEST_NOTE + 1)}, "メモ", SheetFault.NOTE_TOO_LONG),
        ({"メモ": "まだ"}, "該非", SheetFault.ANSWER_MISSING),
        ({"該非": "該当", "見直し時期（当初）": "来年"}, "見直し時期（当初）", SheetFault.UNKNOWN_VALUE),
        (
            {"該非": "該当", "見直しの要否・方向性": "見直さない"},
            "備考",
            RoadmapFault.RETAIN_NEEDS_REASON,
        ),
        (
            {"該非": "該当", "現在のPHASE": "3", "見直し後のPHASE（到達点）": "1"},
            "見直し後のPHASE（到達点）",
            RoadmapFault.TARGET_BELOW_CURRENT,
        ),
        (
            {"該非": "非該当", "理由": "罰則", "実施状況": "実施"},
            "実施状況",
            SheetFault.PLAN_NOT_APPLICABLE,
        ),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column_and_nothing_is_written(matter, cells, column, fault):
    found = matter.run(matter.filled_in().fill(FIRST + 1, 該非="該当").fill(FIRST, **cells).saved())
    assert told(found) == [(FIRST, column, fault)]
    assert not found.is_written
    assert matter.decisions() == 0


def test_a_category_corrected_without_its_type_names_both_cells(matter):
    found = matter.run(matter.filled_in().fill(FIRST, 該非="該当", 規制区分="対面講習").saved())
    assert [(column, fault) for _, column, fault in told(found)] == [
        ("類型", SheetFault.NOT_IN_CATEGORY),
        ("現在のPHASE", SheetFault.NOT_IN_CATEGORY),
    ]


def test_who_chooses_to_import_the_rest_leaves_the_errors_out(matter):
    sheet = matter.filled_in().fill(FIRST, 該非="非該当").fill(FIRST + 1, 該非="該当")
    done = matter.run(sheet.saved(), only_valid=True)
    assert (done.is_written, len(done.changes), len(done.errors)) == (True, 1, 1)
    assert [row.status for row in matter.rows()][:2] == [ReviewStatus.PENDING, ReviewStatus.APPLICABLE]


def test_another_divisions_row_is_an_error(matter):
    coordinator = actor(matter.session, Role.COORDINATOR)
    sheet = FilledIn(matter.export(by=coordinator))
    foreign = sheet.row_of("例規名", "道路管理条例")
    found = matter.run(sheet.fill(foreign, 該非="該当").saved())
    assert told(found) == [(foreign, "", SheetFault.NOT_YOURS)]


def test_an_untouched_row_of_another_division_is_an_error_too(matter):
    """Otherwise a whole sheet of another division would pass for one in which nothing was filled in."""
    data = matter.export(by=actor(matter.session, of=matter.other))
    assert told(matter.run(data)) == [(FIRST, "", SheetFault.NOT_YOURS)]


def test_a_candidate_that_was_handed_over_since_is_no_longer_ours(matter):
    sheet = matter.filled_in().fill(FIRST, 該非="該当")
    handed(matter, matter.by, matter.other)
    assert told(matter.run(sheet.saved())) == [(FIRST, "", SheetFault.NOT_YOURS)]


def test_a_joint_owner_answers_by_workbook_as_well(matter):
    own(matter.session, matter.registered.instrument_id, matter.mine, matter.other)
    joint = actor(matter.session, of=matter.other)
    sheet = FilledIn(matter.export(by=joint))
    row = sheet.row_of("例規名", "施設管理条例")
    assert matter.run(sheet.fill(row, 該非="該当").saved(), by=joint).is_written


@pytest.mark.parametrize("role", [Role.BUREAU_MANAGER, Role.COORDINATOR, Role.ADMINISTRATOR, Role.AUDITOR])
def test_only_a_division_imports(matter, role):
    data = matter.filled_in().fill(FIRST, 該非="該当").saved()
    with pytest.raises(NotPermittedError):
        matter.run(data, by=actor(matter.session, role, of=matter.mine))
    assert matter.decisions() == 0


def test_a_row_that_was_made_by_hand_says_for_no_candidate(matter):
    sheet = matter.filled_in()
    last = sheet.sheet.max_row + 1
    found = matter.run(sheet.fill(last, 例規名="別の条例", 該非="該当").saved())
    assert told(found) == [(last, "", SheetFault.NO_KEY)]


def test_columns_sorted_by_themselves_are_noticed(matter):
    sheet = matter.filled_in().fill(FIRST, 該非="該当")
    for heading in ("番号", "例規名", "条項"):
        first, second = sheet.value(FIRST, heading), sheet.value(FIRST + 1, heading)
        sheet.fill(FIRST, **{heading: second}).fill(FIRST + 1, **{heading: first})
    assert told(matter.run(sheet.saved())) == [(FIRST, "", SheetFault.MIXED_UP), (FIRST + 1, "", SheetFault.MIXED_UP)]


def test_one_candidate_answered_in_two_ways_is_an_error_and_in_one_way_is_not(matter):
    sheet = matter.filled_in().fill(FIRST, 該非="該当")
    second = sheet.book.copy_worksheet(sheet.sheet)
    second.title = "続き"
    assert matter.run(sheet.saved(), dry_run=True).errors == ()
    second.cell(FIRST, sheet.place("該非"), "保留")
    found = matter.run(sheet.saved(), dry_run=True)
    assert found.errors == (SheetError(sheet="続き", row=FIRST, fault=SheetFault.TWICE, value=f"回答!{FIRST}"),)


def test_two_candidates_of_a_provision_cannot_become_one_regulation_twice(matter):
    """As `decide` has it, and told before anything is written: the second row hangs on the first."""
    sheet = matter.filled_in()
    first = FIRST + 3
    assert sheet.value(first, "条項") == sheet.value(first + 1, "条項") == "第四条"
    category, kind, phase = (sheet.value(first, heading) for heading in ("規制区分", "類型", "現在のPHASE"))
    sheet.fill(first, 該非="該当")
    sheet.fill(first + 1, 該非="該当", 規制区分=category, 類型=kind, 現在のPHASE=phase)
    found = matter.run(sheet.saved(), dry_run=True)
    assert told(found) == [(first + 1, "規制区分", AnswerFault.CATEGORY_TAKEN)]
    done = matter.run(sheet.saved(), only_valid=True)
    assert len(done.changes) == 1


@pytest.fixture
def twins(matter) -> tuple[FilledIn, int]:
    """A sheet written after both candidates of the fourth article were found 該当, and the row of the first."""
    for row in matter.rows():
        if row.address == "第四条":
            answer(matter.session, matter.by, matter.session.get_one(ReviewItem, row.item_id))
    sheet = matter.filled_in()
    first = sheet.row_of("条項", "第四条")
    assert sheet.value(first + 1, "条項") == "第四条"
    return sheet, first


KIND = ("規制区分", "類型", "現在のPHASE")


def test_two_candidates_of_a_provision_change_their_categories_for_each_others(matter, twins):
    sheet, row = twins
    first, second = ({heading: sheet.value(place, heading) for heading in KIND} for place in (row, row + 1))
    done = matter.run(sheet.fill(row, **second).fill(row + 1, **first).saved())
    assert done.errors == ()
    assert [cell.after for change in done.changes for cell in change.cells if cell.column == "規制区分"] == [
        second["規制区分"],
        first["規制区分"],
    ]
    assert done.is_written


def test_a_category_is_not_free_where_the_row_that_gives_it_up_is_left_out(matter, twins):
    sheet, row = twins
    second = {heading: sheet.value(row + 1, heading) for heading in KIND}
    # The second's correction has no type, so that it keeps its category, which the first asks for.
    found = matter.run(sheet.fill(row, **second).fill(row + 1, 規制区分="対面講習", 類型=None).saved(), only_valid=True)
    assert (row, "規制区分", AnswerFault.CATEGORY_TAKEN) in told(found)
    assert not found.is_written


def test_what_is_handed_in_to_a_running_inquiry_stands_still(matter):
    inquiry = Inquiry(
        name="点検",
        due_date=NOW.date(),
        kinds=[],
        categories=["visual_inspection"],
        state=InquiryState.OPEN,
        created_by_id=matter.by.account_id,
        created_at=NOW,
    )
    handed_in = InquiryAnswer(inquiry=inquiry, division_id=matter.mine.id, state=AnswerState.ANSWERED)
    matter.session.add_all([inquiry, handed_in])
    matter.session.flush()
    found = matter.run(matter.filled_in().fill(FIRST, 該非="該当").fill(FIRST + 1, 該非="該当").saved())
    assert told(found) == [(FIRST, "", AnswerFault.ANSWER_SUBMITTED)]


# Conflicts


def test_a_row_answered_by_a_colleague_since_is_a_conflict_that_says_who_and_what(matter):
    sheet = matter.filled_in().fill(FIRST, 該非="該当").fill(FIRST + 1, 該非="該当")
    colleague = actor(matter.session, Role.APPROVER, of=matter.mine)
    answer(matter.session, colleague, matter.item("1"), Applicability.NOT_APPLICABLE)
    found = matter.run(sheet.saved())
    (conflict,) = found.conflicts
    assert (conflict.row, conflict.kind) == (FIRST, ConflictKind.ANSWERED)
    assert conflict.now == "非該当（定義）　施設課 花子　令和8年4月1日"
    assert [(cell.column, cell.before, cell.after) for cell in conflict.cells] == [
        ("該非", "非該当", "該当"),
        ("理由", "定義", ""),
    ]
    assert not found.is_written
    assert matter.run(sheet.saved(), only_valid=True).is_written
    assert [row.status for row in matter.rows()][:2] == [ReviewStatus.NOT_APPLICABLE, ReviewStatus.APPLICABLE]


def test_a_colleague_who_has_answered_the_same_is_no_conflict(matter):
    sheet = matter.filled_in().fill(FIRST, 該非="該当")
    answer(matter.session, matter.by, matter.item("1"))
    found = matter.run(sheet.saved())
    assert (found.conflicts, found.unchanged) == ((), 1)


def test_a_text_that_was_amended_since_is_a_conflict(matter):
    sheet = matter.filled_in().fill(FIRST, 該非="該当").fill(FIRST + 2, 該非="該当")
    changed = ordinance({"1": INSPECTION.replace("月に一度", "年に一度"), "2": POSTING, "4": BOTH})
    register(matter.session, changed, source_name="b.xml")
    scan(matter.session)
    found = matter.run(sheet.saved())
    assert [(conflict.row, conflict.kind) for conflict in found.conflicts] == [
        (FIRST, ConflictKind.TEXT_CHANGED),
        (FIRST + 2, ConflictKind.WITHDRAWN),
    ]


def test_a_plan_that_was_changed_since_is_a_conflict(matter):
    item = matter.item("1")
    answer(matter.session, matter.by, item)
    sheet = matter.filled_in().fill(FIRST, 実施状況="実施")
    plan = matter.session.get_one(RoadmapItem, item.id)
    entry = RoadmapEntry(progress=RoadmapProgress.CONSIDERING)
    edit_roadmap(
        matter.session, actor=matter.by, item_id=item.id, expected_version=plan.row_version, entry=entry, now=NOW
    )
    found = matter.run(sheet.saved())
    assert [conflict.kind for conflict in found.conflicts] == [ConflictKind.PLAN_CHANGED]


def test_a_plan_for_what_a_colleague_has_refused_since_is_a_conflict(matter):
    answer(matter.session, matter.by, matter.item("1"))
    answer(matter.session, matter.by, matter.item("2"))
    sheet = matter.filled_in().fill(FIRST, 実施状況="実施").fill(FIRST + 1, 実施状況="実施")
    answer(matter.session, matter.by, matter.item("1"), Applicability.NOT_APPLICABLE)
    changed = {"1": INSPECTION, "2": POSTING.replace("事業者", "営業者"), "3": VIEWING, "4": BOTH}
    register(matter.session, ordinance(changed), source_name="b.xml")
    scan(matter.session)
    found = matter.run(sheet.saved())
    assert [(conflict.row, conflict.kind) for conflict in found.conflicts] == [
        (FIRST, ConflictKind.ANSWERED),
        (FIRST + 1, ConflictKind.TEXT_CHANGED),
    ]
    assert found.errors == ()


def test_a_plan_is_saved_though_a_colleague_has_given_the_same_answer_meanwhile(matter):
    sheet = matter.filled_in().fill(FIRST, 該非="該当", 実施状況="実施")
    answer(matter.session, matter.by, matter.item("1"))
    done = matter.run(sheet.saved())
    assert (done.is_written, done.conflicts) == (True, ())
    assert matter.rows()[0].entry == RoadmapEntry(progress=RoadmapProgress.DONE)
    assert matter.decisions() == 1


def test_whoever_is_faster_between_check_and_save_voids_the_whole_import(matter, monkeypatch):
    """On a database with row locks another transaction may come in between: `decide` then refuses."""
    sheet = matter.filled_in().fill(FIRST, 該非="該当").fill(FIRST + 1, 該非="該当")
    stale = matter.rows()
    answer(matter.session, matter.by, matter.item("2"), Applicability.UNDECIDED)
    monkeypatch.setattr("models.operations.import_answers.answer_rows", lambda *_, **__: stale)
    with pytest.raises(StaleItemError), matter.session.begin_nested():
        matter.run(sheet.saved())
    assert matter.decisions() == 1


# Files that are none


def refused(data: bytes) -> SheetFault:
    lines, (error,) = read_answer_workbook(data)
    assert lines == ()
    assert (error.sheet, error.row) == ("", 0)
    return error.fault


def saved(*sheets: list[list[object]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"xl/{number}.xml", b"\0" * (60 * 2**20))
    return out.getvalue()


OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (OLE2 + b"\0" * 512 + "Workbook".encode("utf-16-le"), SheetFault.OLD_EXCEL),
        (OLE2 + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le"), SheetFault.PASSWORD),
        ("管理番号,該非\n1,該当\n".encode("cp932"), SheetFault.NOT_EXCEL),
        (b"", SheetFault.NOT_EXCEL),
        (b"PK\x03\x04 no archive", SheetFault.BROKEN),
        (b"PK" + b"\0" * (20 * 2**20), SheetFault.TOO_LARGE),
        (saved([["例規名", "所管課"]]), SheetFault.NO_ANSWER_SHEET),
        (saved([]), SheetFault.NO_ANSWER_SHEET),
        (roadmap_workbook([], title="見直し工程表", made_at=NOW), SheetFault.NO_ANSWER_SHEET),
    ],
)
def test_a_file_of_another_kind_is_refused_as_a_whole(data, fault):
    assert refused(data) is fault


def test_a_file_that_unpacks_to_hundreds_of_megabytes_is_not_unpacked():
    assert refused(bomb()) is SheetFault.TOO_LARGE


def test_a_document_of_another_program_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refused(out.getvalue()) is SheetFault.BROKEN


def test_a_sheet_without_its_key_columns_names_them(matter):
    sheet = matter.filled_in()
    sheet.sheet.delete_cols(sheet.place("管理番号"))
    sheet.sheet.delete_cols(sheet.place("理由"))
    lines, errors = read_answer_workbook(sheet.saved())
    assert lines == ()
    assert errors == (SheetError(sheet="回答", row=3, fault=SheetFault.MISSING_COLUMNS, value="理由」「管理番号"),)
    found = matter.run(sheet.saved(), only_valid=True)
    assert (found.errors, found.is_written) == (errors, False)


def test_without_the_columns_of_the_plan_answers_are_still_read(matter):
    sheet = matter.filled_in().fill(FIRST, 該非="該当")
    sheet.sheet.delete_cols(sheet.place("見直しの要否・方向性"), 7)
    assert matter.run(sheet.saved()).is_written


def test_a_fault_of_one_sheet_holds_up_the_others_too(matter):
    sheet = matter.filled_in().fill(FIRST, 該非="該当")
    sheet.book.create_sheet("壊れた課").append(["規制区分", "該非"])
    assert not matter.run(sheet.saved()).is_written
    assert matter.run(sheet.saved(), only_valid=True).is_written


@pytest.mark.parametrize("key", ["x", "-1", "99999999999999999999", "0", "１２x"])
def test_a_key_that_was_overwritten_is_nobodys(matter, key):
    found = matter.run(matter.filled_in().fill(FIRST, 管理番号=key, 該非="該当").saved())
    assert told(found) == [(FIRST, "", SheetFault.NOT_YOURS)]


def test_a_check_that_was_deleted_is_noticed(matter):
    found = matter.run(matter.filled_in().fill(FIRST, 行の照合=None, 該非="該当").saved())
    assert told(found) == [(FIRST, "", SheetFault.MIXED_UP)]


def test_a_text_with_control_characters_survives_the_round_trip(session):
    mine = division(session)
    registered = register(session, ordinance({"1": f"\x01{INSPECTION}"}, title="施設\x02条例"), owner=mine)
    scan(session)
    matter = Matter(session=session, mine=mine, other=mine, by=actor(session, of=mine), registered=registered)
    assert matter.run(matter.filled_in().fill(FIRST, 該非="該当").saved()).is_written


def test_a_sheet_formatted_to_its_end_is_read_in_its_used_part(matter):
    sheet = matter.filled_in().fill(FIRST, 該非="該当")
    sheet.sheet.cell(60_000, 90, " ")
    assert matter.run(sheet.saved()).is_written
