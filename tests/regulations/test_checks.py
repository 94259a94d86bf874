"""What the finished tree tells about a faulty source."""

from __future__ import annotations

import pytest

from regulations.sources.reading import read_source
from regulations.structure import Diagnostic, Severity

HEAD = "試験条例\n令和元年十月一日条例第四号\n"
BODY = "第一条　知事は、倉庫の状況を検査し、その結果を毎年一回、県民に公表しなければならない。\n"


def diagnostics(text: str) -> dict[str, Diagnostic]:
    return {diagnostic.code: diagnostic for diagnostic in read_source("a", text.encode()).diagnostics}


def test_a_sound_text_has_none() -> None:
    assert diagnostics(f"{HEAD}{BODY}第二条　必要な事項は、規則で定める。\n") == {}


@pytest.mark.parametrize(
    ("text", "code", "ref"),
    [
        (f"{HEAD}{BODY}第二条　甲\n第二条　乙\n", "duplicate_article", "第二条"),
        (f"{HEAD}{BODY}第三条の二　甲\n第三条　乙\n", "article_order", "第三条"),
        (f"{HEAD}{BODY}第五条　甲\n", "missing_article", "第五条"),
        (f"{HEAD}{BODY}一　甲\n二　乙\n一　丙\n", "item_restart", "第一条"),
        (f"{HEAD}{BODY}様式第一号\n", "form_unread", "様式第一号"),
        (f"試験条例\n{BODY}", "no_number", ""),
        (BODY, "no_title", ""),
        (f"{HEAD}第一条　検査する。\n", "short_body", ""),
        (f"{HEAD}附則\nこの条例は、公布の日から施行する。\n", "empty_body", ""),
    ],
)
def test_a_fault_is_named_with_its_place(text: str, code: str, ref: str) -> None:
    assert diagnostics(text)[code].ref == ref


def test_a_body_that_was_not_read_is_an_error_and_not_a_clean_ordinance() -> None:
    text = f"{HEAD}附則\nこの条例は、公布の日から施行する。\n"
    assert diagnostics(text)["empty_body"].severity is Severity.ERROR


def test_a_deleted_range_leaves_no_gap() -> None:
    text = f"{HEAD}{BODY}第二条から第四条まで　削除\n第五条　必要な事項は、規則で定める。\n"
    assert diagnostics(text) == {}


def test_gaps_in_an_extract_of_a_supplementary_provision_mean_nothing() -> None:
    text = f"{HEAD}{BODY}附　則（令和三年条例第五号）抄\n第一条　施行する。\n第九条　なお従前の例による。\n"
    assert diagnostics(text) == {}
