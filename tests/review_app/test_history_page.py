"""履歴: every operation has its word, and the page shows, narrows and hands out what the person may see."""

from __future__ import annotations

import ast
import csv
import datetime as dt
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from models import queries
from models.database import session_scope
from models.operations.audit import record
from models.operations.seal_audit_log import seal_audit_log
from models.queries import HistoryRow
from models.review import AuditEntry, ReviewItem
from regulations.review import Actor, Applicability, NonApplicableReason, ReviewStatus
from review_app.app_pages.history import address_of, filter_of, history_html, log_cells
from review_app.csv_text import csv_lines
from review_app.labels_ja import history as words
from tests import factories
from tests.conftest import ROOT
from tests.review_app.pages import open_page, person, run, shown
from tests.review_app.prefecture import NOW, Prefecture


def actions_written() -> set[str]:
    """Every action that an operation or a route writes into the log, read from the code."""
    found: set[str] = set()
    for folder in ("models/operations", "flows", "review_app"):
        for path in (ROOT / folder).rglob("*.py"):
            found.update(_actions(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def _actions(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="action", value=value) | ast.Assign(targets=[ast.Name(id="action")], value=value):
                yield from _texts(value)
            case ast.Call(func=ast.Name(id="_audit"), args=[_, _, name, *_]):
                yield from _texts(name)


def _texts(node: ast.AST) -> Iterator[str]:
    return (part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))


def test_every_action_of_the_log_has_its_word() -> None:
    written = actions_written()
    assert {"decide", "propose_model", "sign_in_refused", "export_audit_log", "submit_answer"} <= written
    assert {action for action in written if words.action_word(action) == action} == set()


def test_every_word_belongs_to_an_action_that_there_is() -> None:
    known = {action for actions in words.ACTIONS.values() for action in actions}
    assert known - actions_written() == set()


def row(action: str, detail: Mapping[str, Any] | None = None, **values: Any) -> HistoryRow:
    stated: dict[str, Any] = {
        "entry_id": 1, "at": NOW, "who": "佐藤 花子", "login_name": "sato", "action": action,
        "target_type": "review_item", "target_id": "1", "title": "施設管理条例", "address": "第一条",
        "category": "visual_inspection", "item_id": 1, "division": "", "reason_code": None, "note": "",
        "detail": detail or {},
    }  # fmt: skip
    return HistoryRow(**(stated | values))


PENALTY = NonApplicableReason.PENALTY


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            row("decide", {"before": None, "after": "not_applicable", "reason": "penalty", "decision": 1},
                reason_code=PENALTY, note="過料の規定"),
            "未回答 → 非該当（罰則）「過料の規定」",
        ),
        (row("decide", {"before": None, "after": "undecided"}, note="「窓口」とは"), "未回答 → 保留「『窓口』とは」"),
        (row("decide", {"before": "undecided", "after": "applicable"}), "保留 → 該当"),
        (row("undo_group_decision", {"undone": 2, "after": None}), "未回答に戻した"),
        (row("undo_group_decision", {"items": [1, 2], "kept": [3]}, target_type="group_decision"), "2件"),
        (row("take_back_handover", {"handover": 1, "before": 3, "after": 4}), "施設課 → 道路課"),
        (row("resume_answer", {"before": "approved", "after": "waiting", "arrival": "scan", "candidates": 2},
             target_type="inquiry_answer", note="再スキャンにより"), "確認待ち → 未回答「再スキャンにより」"),
        (row("decide_group", {"items": [1, 2], "applicability": "applicable"}, target_type="group_decision"),
         "2件、該当"),
        (row("edit_roadmap", {"policy": [None, "amend"], "original_year": [2026, 2027], "target_phase": [1, 2]}),
         "要否・方向性: なし → 改正する、見直し時期: 令和8年度 → 令和9年度、到達PHASE: PHASE 1 → PHASE 2"),
        (row("assign_owner", {"before": None, "after": 3}, target_type="instrument"), "未定 → 施設課"),
        (row("assign_joint_owners", {"before": [3], "after": [3, 4]}, target_type="instrument"),
         "施設課 → 施設課・道路課"),
        (row("hand_over", {"handover": 1, "before": 3, "after": None, "reason": "分掌外"}), "施設課 → 未定「分掌外」"),
        (row("return_answer", {"before": "approved", "after": "returned"}, target_type="inquiry_answer", note="再確認"),
         "確認待ち → 差戻し「再確認」"),
        (row("create_account", {"role": "auditor", "division_id": None}, target_type="account"), "監査"),
        (row("change_account", {"role": ["reviewer", "approver"], "is_active": [True, False], "division_id": [3, None],
                                "expires_at": [None, "2027-03-31T15:00:00+00:00"]}, target_type="account"),
         "役割: 担当者 → 承認者、状態: 利用中 → 停止、所属: 施設課 → なし、有効期限: なし → 令和9年3月31日まで"),
        (row("sign_in_refused", {"kind": "locked"}, target_type="account"), "ロック中"),
        (row("register_revision", {"outcome": "changed", "source": "a.xml"}, target_type="instrument"), "改正、a.xml"),
        (row("import_organisation", {"created": 3, "updated": 0}, target_type="organisation"), "追加 3・更新 0"),
        (row("approve_model", {"replaced": None}, target_type="detection_model", target_id="2"), "第2版"),
        (row("something_new", {"x": "y"}, target_type="x"), ""),
    ],
    ids=lambda value: value.action if isinstance(value, HistoryRow) else "",
)  # fmt: skip
def test_what_an_entry_says_reads_as_a_sentence(entry: HistoryRow, said: str) -> None:
    assert words.what_changed(entry, {3: "施設課", 4: "道路課"}) == said


def test_a_row_leads_to_its_candidate_and_escapes_what_people_wrote() -> None:
    html = history_html([row("decide", {"before": None, "after": "applicable"}, note="<b>", title="<i>条例")], {})
    assert '<a href="/candidate?candidate=1" target="_self">第一条</a>' in html
    assert "<b>" not in html
    assert "&lt;i&gt;条例" in html


def test_who_is_nobody_is_the_server() -> None:
    assert f"<td>{words.SERVER}</td>" in history_html([row("import_catalog", who="", item_id=None)], {})


def test_a_filter_survives_the_way_through_an_address() -> None:
    narrowed = queries.HistoryFilter(
        since=dt.date(2026, 4, 1), until=None, person="佐藤", actions=words.actions_of(words.ROUNDS), text="条例 &"
    )
    assert filter_of(dict(parse_qsl(address_of(narrowed)))) == narrowed
    assert filter_of({}) == queries.HistoryFilter(since=None, until=None, person=None, actions=None, text=None)
    with pytest.raises(ValueError, match="昨日"):
        filter_of({"since": "昨日"})


def test_no_cell_of_the_file_is_a_formula() -> None:
    cells = log_cells(replace(row("decide"), title="=1+1", detail={"a": "条"}), {})
    data = b"".join(csv_lines(words.CSV_COLUMNS, [cells]))
    assert data.startswith("\ufeff番号".encode())
    (read,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert read["対象"] == "'=1+1"
    assert read["日時"] == "2026-04-06T09:30:00+09:00"
    assert json.loads(read["詳細"]) == {"a": "条"}


@pytest.fixture
def reviewer(prefecture: Prefecture) -> Actor:
    return person(prefecture, "sato")


@pytest.fixture
def answered(prefecture: Prefecture, reviewer: Actor) -> None:
    """Two answers of the own division, and a sign-in that nobody but the watching roles may see."""
    with session_scope(prefecture.sessions) as session:
        for waiting, applicability in zip(
            queries.queue(session, actor=reviewer, statuses=[ReviewStatus.PENDING], limit=2),
            (Applicability.APPLICABLE, Applicability.NOT_APPLICABLE),
            strict=True,
        ):
            item = session.get_one(ReviewItem, waiting.item_id)
            factories.answer(session, reviewer, item, applicability)
        record(session, actor_id=None, action="sign_in_refused", target_type="account", target_id="", now=NOW)


@pytest.mark.usefixtures("answered")
def test_a_division_sees_its_answers_and_no_sign_ins(reviewer: Actor) -> None:
    html = shown(open_page("history", reviewer))
    assert "未回答 → 該当" in html
    assert "未回答 → 非該当（定義）" in html
    assert "サインイン" not in html
    assert "audit.csv" not in html


@pytest.mark.usefixtures("answered")
def test_the_auditor_sees_all_and_narrows_it_by_kind_and_person(prefecture: Prefecture) -> None:
    page = open_page("history", person(prefecture, "kansa"))
    assert "サインインの失敗" in shown(page)
    page.selectbox(key="kind").select(words.ANSWERS)
    page.text_input(key="person").set_value("佐藤")
    run(page)
    html = shown(page)
    assert "サインインの失敗" not in html
    assert html.count("<td>佐藤 花子</td>") == 2
    assert "audit.csv?person=" in html


def test_a_period_that_ends_before_it_begins_is_refused_in_words(reviewer: Actor) -> None:
    page = _dated(open_page("history", reviewer), since=dt.date(2026, 5, 2), until=dt.date(2026, 5, 1))
    assert words.PERIOD_REVERSED in shown(page)


def test_an_empty_history_says_what_will_be_there_and_a_narrow_one_how_to_widen_it(reviewer: Actor) -> None:
    page = _dated(open_page("history", reviewer), since=dt.date(2030, 1, 1))
    assert words.NO_MATCH in shown(page)


def _dated(page: AppTest, **days: dt.date) -> AppTest:
    for key, day in days.items():
        page.date_input(key=key).set_value(day)
    return run(page)


@pytest.mark.usefixtures("answered")
def test_the_log_is_held_against_its_seal_on_demand(prefecture: Prefecture) -> None:
    page = open_page("history", person(prefecture, "kansa"))
    page.button(key="check_log").click()
    run(page)
    assert words.NOT_SEALED_YET in shown(page)
    with session_scope(prefecture.sessions) as session:
        sealed = seal_audit_log(session, now=NOW + dt.timedelta(days=1))
    page.button(key="check_log").click()
    run(page)
    assert f"封印した{sealed}件は、封印したときのままです。" in shown(page)
    with session_scope(prefecture.sessions) as session:
        session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in_refused")).one().action = "sign_in"
    page.button(key="check_log").click()
    run(page)
    assert "令和8年4月7日 09:30までに封印した記録が、封印したときと違います。" in shown(page)


def test_a_division_has_no_log_to_check(reviewer: Actor) -> None:
    assert not [button for button in open_page("history", reviewer).button if button.key == "check_log"]
