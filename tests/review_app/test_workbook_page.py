"""Excelで回答: what may be taken out, and what comes of the file that is brought back."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import openpyxl
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from models import queries
from models.answer_workbook import answer_workbook
from models.database import reading_scope, session_scope
from models.operations.accounts import change_password, sign_in
from models.operations.errors import AnswerFault
from models.operations.import_answers import (
    AnswerConflict,
    AnswerImport,
    CellChange,
    ConflictKind,
    SheetError,
    SheetFault,
)
from models.organisation import Division
from models.review import AuditEntry, Decision, ReviewItem
from regulations.review import OPEN_STATUSES, Actor, Applicability
from regulations.roadmap import RoadmapFault
from review_app import routes
from review_app.gate import COOKIE, SignInGate
from review_app.labels_ja import workbooks as words
from tests import factories
from tests.review_app.pages import open_page, person, run, shown
from tests.review_app.prefecture import FOREIGN, NOW, OWN, Prefecture
from tests.workbooks import FIRST, FilledIn

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PASSWORD = "Susuki-no-hara-2026"


@pytest.fixture
def reviewer(prefecture: Prefecture) -> Actor:
    return person(prefecture, "sato")


@pytest.fixture
def sheet(prefecture: Prefecture, reviewer: Actor) -> FilledIn:
    with reading_scope(prefecture.sessions) as session:
        rows = queries.answer_rows(session, actor=reviewer)
    return FilledIn(answer_workbook(rows, title="回答", for_whom=OWN, made_at=NOW))


def brought(actor: Actor, data: bytes, name: str = "回答.xlsx") -> AppTest:
    """The page after a file was chosen."""
    page = open_page("workbook", actor)
    page.file_uploader[0].upload(name, data, XLSX)
    return run(page)


def decisions(prefecture: Prefecture) -> int:
    with reading_scope(prefecture.sessions) as session:
        return session.scalar(select(func.count(Decision.id))) or 0


def test_a_division_takes_out_its_own_as_many_as_its_inbox_counts(prefecture: Prefecture, reviewer: Actor) -> None:
    with reading_scope(prefecture.sessions) as session:
        counted = queries.inbox_counts(session, actor=reviewer)
    waiting = sum(counted[status] for status in OPEN_STATUSES)
    html = shown(open_page("workbook", reviewer))
    assert words.download_open(waiting) in html
    assert f"/download/answers.xlsx?scope=open&division={reviewer.division_id}" in html


@pytest.mark.parametrize("login", ["gyokei", "kansa"])
def test_who_answers_for_no_division_takes_out_any_of_them_and_brings_none_back(
    prefecture: Prefecture, login: str
) -> None:
    page = open_page("workbook", person(prefecture, login))
    assert 'href="/download/answers.xlsx?scope=all"' in shown(page)
    assert words.ONLY_DIVISIONS_IMPORT in shown(page)
    assert not page.file_uploader
    page.selectbox(key="workbook_division").select_index(
        next(place for place, name in enumerate(page.selectbox(key="workbook_division").options) if OWN in name)
    )
    run(page)
    assert f"division={person(prefecture, 'sato').division_id}" in shown(page)


def test_a_division_without_candidates_is_told_so(prefecture: Prefecture) -> None:
    assert words.NOTHING_TO_ANSWER in shown(open_page("workbook", person(prefecture, "tanaka")))


def test_a_file_is_checked_shown_and_then_imported(prefecture: Prefecture, reviewer: Actor, sheet: FilledIn) -> None:
    title, address = str(sheet.value(FIRST, "例規名")), str(sheet.value(FIRST, "条項"))
    page = brought(reviewer, sheet.fill(FIRST, 該非="該当").saved())
    assert words.CHECKED_ONLY in shown(page)
    assert f"<td>{title}　{address}</td><td>該非: （空） → 該当</td>" in shown(page)
    assert decisions(prefecture) == 0

    page.button(key="workbook_import").click()
    run(page)
    assert "1行を取り込みました。" in shown(page)
    assert not page.button
    assert decisions(prefecture) == 1
    assert page.file_uploader[0].value is None


def test_errors_are_listed_by_row_and_the_rest_can_be_imported(
    prefecture: Prefecture, reviewer: Actor, sheet: FilledIn
) -> None:
    page = brought(reviewer, sheet.fill(FIRST, 該非="非該当").fill(FIRST + 1, 該非="該当").saved())
    assert words.PROBLEMS_FIRST in shown(page)
    sentence = "「回答」4行目「理由」: 「非該当」とするには理由が必要です。一覧から選んでください。"
    assert f"<li>{sentence}</li>" in shown(page)
    assert page.button(key="workbook_import").label == "エラーのない1行だけ取り込む"
    assert decisions(prefecture) == 0

    page.button(key="workbook_import").click()
    run(page)
    assert "1行を取り込みました。エラーのある1行は取り込んでいません。" in shown(page)
    assert sentence in shown(page)  # so that it can be mended
    assert decisions(prefecture) == 1


def test_with_nothing_but_errors_there_is_nothing_to_press(reviewer: Actor, sheet: FilledIn) -> None:
    page = brought(reviewer, sheet.fill(FIRST, 該非="非該当").saved())
    assert words.NOTHING_LEFT in shown(page)
    assert not page.button


def test_an_untouched_file_has_nothing_to_import(reviewer: Actor, sheet: FilledIn) -> None:
    page = brought(reviewer, sheet.saved())
    assert words.NOTHING_NEW in shown(page)
    assert not page.button


def test_a_conflict_says_what_stands_now(prefecture: Prefecture, reviewer: Actor, sheet: FilledIn) -> None:
    data = sheet.fill(FIRST, 該非="該当").saved()
    with session_scope(prefecture.sessions) as session:
        item = session.get_one(ReviewItem, int(str(sheet.value(FIRST, "管理番号"))))
        factories.answer(session, reviewer, item, Applicability.NOT_APPLICABLE)
    html = shown(brought(reviewer, data))
    assert "書き出した後に回答されました。今は「非該当（定義）　佐藤 花子　令和8年4月1日」です。" in html
    assert "該非: 該当" in html


def test_what_changes_between_the_check_and_the_click_is_not_written_over(
    prefecture: Prefecture, reviewer: Actor, sheet: FilledIn
) -> None:
    page = brought(reviewer, sheet.fill(FIRST, 該非="該当").fill(FIRST + 1, 該非="該当").saved())
    with session_scope(prefecture.sessions) as session:
        item = session.get_one(ReviewItem, int(str(sheet.value(FIRST, "管理番号"))))
        factories.answer(session, reviewer, item, Applicability.NOT_APPLICABLE)
    page.button(key="workbook_import").click()
    run(page)
    assert words.FASTER in shown(page)
    assert "今は「非該当（定義）" in shown(page)
    assert decisions(prefecture) == 1


def test_a_second_click_imports_nothing_more(
    prefecture: Prefecture, reviewer: Actor, sheet: FilledIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = brought(reviewer, sheet.fill(FIRST, 該非="該当").saved())
    page.button(key="workbook_import").click()
    page.session_state["workbook_round"] = 1  # as the first click has left it, while the second is under way
    run(page)
    assert decisions(prefecture) == 0
    assert words.FASTER not in shown(page)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("番号,該非\n1,該当".encode("cp932"), "Excel（xlsx）のファイルではありません。"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "古いExcelの形式（xls）です。"),
        (b"PK\x03\x04", "ファイルが壊れていて読めません。"),
    ],
)
def test_a_file_of_another_kind_says_what_to_do(reviewer: Actor, data: bytes, sentence: str) -> None:
    html = shown(brought(reviewer, data))
    assert f"<li>{sentence}" in html
    assert words.UNCHANGED not in html


# Sentences


@pytest.mark.parametrize("fault", SheetFault)
def test_every_fault_says_where_it_is_and_what_to_do(fault: SheetFault) -> None:
    is_file = fault in {
        *(SheetFault.TOO_LARGE, SheetFault.TOO_MANY_ROWS, SheetFault.OLD_EXCEL, SheetFault.PASSWORD),
        *(SheetFault.NOT_EXCEL, SheetFault.BROKEN, SheetFault.NO_ANSWER_SHEET),
    }
    place = {} if is_file else {"sheet": "回答", "row": 12, "column": "類型"}
    sentence = words.sentence(SheetError(fault=fault, value="回答!3", **place))
    assert sentence.startswith("「回答」12行目「類型」: ") is not is_file
    assert "ください" in sentence


IMPORTABLE = [
    *(AnswerFault.REASON_REQUIRED, AnswerFault.REASON_TEXT_REQUIRED, AnswerFault.REASON_NOT_ALLOWED),
    *(AnswerFault.CATEGORY_TAKEN, AnswerFault.ANSWER_SUBMITTED),
    *RoadmapFault,
]


@pytest.mark.parametrize("fault", IMPORTABLE)
def test_what_breaks_a_rule_is_said_in_the_words_of_the_sheet(fault: AnswerFault | RoadmapFault) -> None:
    sentence = words.sentence(SheetError(sheet="回答", row=12, column="備考", fault=fault))
    assert sentence.startswith("「回答」12行目「備考」: ")
    assert sentence.count("行目") == 1
    assert sentence.endswith("ください。")


@pytest.mark.parametrize("kind", ConflictKind)
def test_every_conflict_says_what_has_happened(kind: ConflictKind) -> None:
    found = AnswerConflict(
        sheet="回答",
        row=4,
        item_id=1,
        title="条例",
        address="第一条",
        kind=kind,
        cells=(CellChange(column="実施状況", before="検討中", after="実施"),),
        now="該当　佐藤 花子　令和8年4月1日",
    )
    assert ("実施状況: 検討中" in words.conflict(found)) is (kind is ConflictKind.PLAN_CHANGED)
    assert words.wanted(found) == "実施状況: 実施"


def test_the_result_counts_rows_not_errors() -> None:
    errors = tuple(SheetError(sheet="回答", row=4, column=name, fault=SheetFault.EMPTY) for name in ("類型", "理由"))
    found = AnswerImport(changes=(), unchanged=0, blank=0, conflicts=(), errors=errors, is_written=True)
    assert words.imported(found) == "0行を取り込みました。エラーのある1行は取り込んでいません。"


# The download


@pytest.fixture
def enter(prefecture: Prefecture) -> Callable[[str], TestClient]:
    """The route behind the gate, without Streamlit around it; a client that a person has signed in with."""
    app = Starlette(
        routes=[Route("/download/answers.xlsx", routes.download_answers)], middleware=[Middleware(SignInGate)]
    )

    def entering(login: str) -> TestClient:
        now = dt.datetime.now(dt.UTC)
        with session_scope(prefecture.sessions) as session:
            current = prefecture.passwords[login]
            change_password(session, actor=person(prefecture, login), current=current, new=PASSWORD, now=now)
        with session_scope(prefecture.sessions) as session:
            token = sign_in(session, login_name=login, password=PASSWORD, now=now)
        return TestClient(app, base_url="http://minaoshi.test", cookies={COOKIE: token})

    return entering


def division_id(prefecture: Prefecture, name: str) -> int:
    with reading_scope(prefecture.sessions) as session:
        return session.scalars(select(Division.id).where(Division.name == name)).one()


def addresses(content: bytes) -> int:
    sheet = openpyxl.load_workbook(io.BytesIO(content))["回答"]
    return sum(1 for row in sheet.iter_rows(min_row=FIRST, max_col=1, values_only=True) if row[0])


def test_the_workbook_holds_what_the_inbox_counts_and_the_log_says_who_took_it(
    enter: Callable[[str], TestClient], prefecture: Prefecture, reviewer: Actor
) -> None:
    with session_scope(prefecture.sessions) as session:
        rows = queries.answer_rows(session, actor=reviewer)
        factories.answer(session, reviewer, session.get_one(ReviewItem, rows[0].item_id))
    client = enter("sato")
    taken = client.get("/download/answers.xlsx")
    assert taken.status_code == 200
    assert "attachment" in taken.headers["content-disposition"]
    assert addresses(taken.content) == len(rows)
    waiting = client.get(f"/download/answers.xlsx?scope=open&division={reviewer.division_id}")
    assert addresses(waiting.content) == len(rows) - 1
    with reading_scope(prefecture.sessions) as session:
        logged = session.scalars(select(AuditEntry).where(AuditEntry.action == "export_answers")).all()
    assert [(entry.target_id, entry.detail["rows"]) for entry in logged] == [
        (str(reviewer.division_id), len(rows)),
        (str(reviewer.division_id), len(rows) - 1),
    ]


@pytest.mark.parametrize("query", ["division={foreign}", "division=999999", "division=x", "scope=some", "division=-1"])
def test_a_foreign_or_unknown_division_is_not_found(
    enter: Callable[[str], TestClient], prefecture: Prefecture, query: str
) -> None:
    client = enter("sato")
    answer = client.get(f"/download/answers.xlsx?{query.format(foreign=division_id(prefecture, FOREIGN))}")
    assert answer.status_code == 404
    assert "回答用のExcel" in answer.text


@pytest.mark.parametrize(("login", "status"), [("gyokei", 200), ("kansa", 200), ("admin", 403)])
def test_all_divisions_are_for_those_who_see_all(
    enter: Callable[[str], TestClient], prefecture: Prefecture, reviewer: Actor, login: str, status: int
) -> None:
    client = enter(login)
    answer = client.get("/download/answers.xlsx")
    assert answer.status_code == status
    if status == 200:
        with reading_scope(prefecture.sessions) as session:
            total = len(queries.answer_rows(session, actor=person(prefecture, login)))
        assert addresses(answer.content) == total
        of_one = client.get(f"/download/answers.xlsx?division={reviewer.division_id}")
        assert addresses(of_one.content) <= total
