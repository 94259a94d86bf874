"""Each fault has its sentence, each role its pages, each table its order."""

from __future__ import annotations

import pytest

from models.operations.accounts import PasswordFault, SignInError, SignInFault
from models.operations.create_account import AccountFault
from models.operations.errors import AnswerFault
from models.queries import AccountState, ProgressRow, Waiting
from regulations.review import Role
from regulations.roadmap import DelayReason, ReviewPolicy, RoadmapEntry, RoadmapFault, RoadmapProgress, faults
from review_app import labels_ja as ja
from review_app.app_pages.progress import by_backlog, idle_divisions, total_row
from review_app.components.masthead import waiting_beside
from review_app.components.roadmap_table import entries, frame
from review_app.components.tables import TableRow, table_html
from review_app.labels_ja import administration
from review_app.navigation import (
    ADMINISTRATION,
    ALL_PAGES,
    HISTORY,
    IMPORTS,
    MANUAL,
    MISSED,
    MODELS,
    PROGRESS,
    menu_for,
    pages_for,
)
from review_app.session_state import PACE_BEFORE_ANY_ANSWER, Work
from tests.review_app.rows import roadmap_row

MOST_INLINE = 7
"""Pages of five characters and a figure that fit 1366 px beside product, その他, 操作手引き and the name."""


@pytest.mark.parametrize("fault", AnswerFault)
def test_an_answer_fault_says_what_to_do(fault: AnswerFault) -> None:
    assert ja.answer_fault(fault).endswith("ください。")


@pytest.mark.parametrize("fault", RoadmapFault)
def test_a_roadmap_fault_names_row_and_field(fault: RoadmapFault) -> None:
    sentence = ja.roadmap_fault(fault, row=3)
    assert sentence.startswith("3行目「")
    assert sentence.endswith("ください。")


@pytest.mark.parametrize("fault", PasswordFault)
def test_a_password_fault_says_what_to_do(fault: PasswordFault) -> None:
    assert ja.password_fault(fault).endswith("ください。")


@pytest.mark.parametrize("fault", SignInFault)
def test_a_refused_sign_in_says_what_to_do(fault: SignInFault) -> None:
    assert ja.sign_in_fault(SignInError(fault)).endswith("ください。")


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_page_to_start_from(role: Role) -> None:
    assert pages_for(role)


def test_progress_of_all_divisions_imports_and_detection_are_not_for_divisions() -> None:
    for role in (Role.REVIEWER, Role.APPROVER, Role.BUREAU_MANAGER):
        assert not {PROGRESS, IMPORTS, MISSED, MODELS} & set(pages_for(role))
    assert pages_for(Role.ADMINISTRATOR) == (ADMINISTRATION, IMPORTS, HISTORY, MODELS, MANUAL)


@pytest.mark.parametrize("role", Role)
def test_the_menu_of_a_role_leads_to_each_of_its_pages_once(role: Role) -> None:
    offered = [page for page in ALL_PAGES if role in page.roles]
    assert sorted(page.name for page in pages_for(role)) == sorted(page.name for page in offered)
    menu = menu_for(role)
    assert len(menu.inline) <= MOST_INLINE
    assert MANUAL in pages_for(role)
    assert MANUAL not in (*menu.inline, *menu.rest)


def test_the_figures_beside_the_menu_stand_beside_pages_that_there_are() -> None:
    figures = waiting_beside(Waiting(to_answer=0, to_approve=2, to_accept=3, to_settle=1))
    assert set(figures) <= {page.name for page in ALL_PAGES}
    assert [figures[page] for page in ("inbox", "approval", "inquiries")] == [1, 2, 3]


@pytest.mark.parametrize("fault", AccountFault)
def test_an_account_that_cannot_be_says_what_to_do(fault: AccountFault) -> None:
    assert administration.account_fault(fault, "sato").endswith("ください。")


@pytest.mark.parametrize("state", AccountState)
def test_every_state_of_an_account_has_its_word(state: AccountState) -> None:
    assert administration.ACCOUNT_STATES[state]


def progress(division: str, *, candidates: int = 0, decided: int = 0, division_id: int | None = 1) -> ProgressRow:
    return ProgressRow(
        division_id=division_id, bureau="総務部", office="", division=division, candidates=candidates, decided=decided
    )


def test_the_backlog_begins_with_what_nobody_owns_and_leaves_out_who_has_nothing() -> None:
    rows = [
        progress("済んだ課", candidates=4, decided=4),
        progress("候補のない課"),
        progress("少し残る課", candidates=10, decided=9),
        progress("手つかずの課", candidates=3),
        progress("手つかずで多い課", candidates=30),
        progress("", candidates=2, division_id=None),
    ]
    order = [row.division for row in by_backlog(rows)]
    assert order == ["", "手つかずで多い課", "手つかずの課", "少し残る課", "済んだ課"]
    assert [row.division for row in idle_divisions(rows)] == ["候補のない課"]


def test_totals_are_computed_from_the_rows() -> None:
    total = total_row([progress("一課", candidates=3, decided=1), progress("二課", candidates=1, decided=1)])
    assert total.cells[4:7] == (4, 2, "50%")


def test_a_table_escapes_its_words_and_sets_figures_right() -> None:
    html = table_html(["名", "数", "率"], [TableRow(cells=("<b>", 1234, "-"))])
    assert "<td>&lt;b&gt;</td>" in html
    assert "<td class=mi-num>1,234</td>" in html
    assert "<td class=mi-num>-</td>" in html


def test_what_is_typed_into_the_grid_is_the_entry_that_is_saved() -> None:
    plan = RoadmapEntry(
        policy=ReviewPolicy.AMEND,
        target_phase=2,
        original_year=2026,
        revised_year=2027,
        delay_reason=DelayReason.SYSTEM,
        progress=RoadmapProgress.PLANNED,
        note="様式を改める。",
    )
    rows = [roadmap_row(1), roadmap_row(2)]
    assert entries(frame(rows, {2: plan})) == [RoadmapEntry(), plan]


def test_a_cleared_cell_of_the_grid_is_nothing() -> None:
    grid = frame([roadmap_row(1)], {1: RoadmapEntry(policy=ReviewPolicy.RETAIN, note="理由")})
    grid.loc[0, ["policy", "note", "progress"]] = None
    assert entries(grid) == [RoadmapEntry()]


def test_the_grid_offers_years_and_phases_that_the_rules_accept() -> None:
    grid = frame([roadmap_row(1)], {1: RoadmapEntry(target_phase=3, original_year=2040)})
    assert grid.loc[0, "original_year"] == "令和22年度"
    assert grid.loc[0, "target_phase"] == "●●● 3"
    assert faults(entries(grid)[0], current_phase=1) == ()


def test_the_pace_is_the_sessions_own_after_some_answers_without_its_pauses() -> None:
    work = Work(answered_at=[0, 10, 20])
    assert work.seconds_each() == PACE_BEFORE_ANY_ANSWER
    work.answered_at = [0, 10, 22, 30, 4000, 4011]
    assert work.seconds_each() == 10.5
