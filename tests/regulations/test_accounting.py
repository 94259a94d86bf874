"""Nothing lost: what the accounting finds, and what it must not be deceived by."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.accounting import TOLERATED, account
from regulations.rendering import render
from regulations.sources.reading import read_source
from regulations.structure import Article, ParsedOrdinance
from tests.regulations import test_plain_text

BODY = test_plain_text.VERTICAL
PARSED = read_source("a", BODY.encode())


def without_article(parsed: ParsedOrdinance, number: str) -> ParsedOrdinance:
    def kept(children: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(
            replace(child, children=kept(child.children)) if hasattr(child, "children") else child  # type: ignore[type-var]
            for child in children
            if not (isinstance(child, Article) and child.number == number)
        )

    return replace(parsed, ordinance=replace(parsed.ordinance, main=kept(parsed.ordinance.main)))  # type: ignore[arg-type]


def test_the_rendering_of_a_tree_has_its_text_in_order() -> None:
    lines = render(PARSED.ordinance).text.split("\n")
    assert lines[:4] == ["あおば県火薬庫検査規則", "昭和五八年三月二二日", "規則第三〇号", "第一章　総則"]
    assert lines[4:8] == [
        "（趣旨）",
        "第一条",
        "この規則は、火薬庫の検査について必要な事項を定める。",
        "（昭六〇規則五九・一部改正）",
    ]
    assert lines[-1] == "様式第一号（第五条関係）"


def test_a_text_that_is_read_whole_leaves_nothing() -> None:
    assert account(PARSED, BODY).lost == 0
    assert PARSED.unaccounted == 0
    # The 目次 and the number lines are not in the tree, and are named as such.
    assert {"目次", "第一章　総則（第一条・第二条）", "規則第三〇号"} <= set(PARSED.furniture)


def test_a_lost_article_is_counted_and_its_place_told() -> None:
    found = account(without_article(PARSED, "4-2-3"), BODY)
    lost = "（定期の検査）第四条の二の三所有者は、毎年一回検査をしなければならない。（平二規則三・追加）"
    assert found.lost == len(lost)
    diagnostic = found.diagnostic()
    assert diagnostic
    assert diagnostic.code == "unread_text"
    assert diagnostic.ref == "第三条及び第四条"
    assert "定期" in diagnostic.message


def test_furniture_that_is_not_named_is_lost() -> None:
    found = account(replace(PARSED, furniture=()), BODY)
    assert found.lost > len("目次")
    assert found.first_lost


def test_a_share_below_the_tolerated_is_a_figure_and_no_diagnostic() -> None:
    found = account(PARSED, BODY + "※")
    assert 0 < found.share < TOLERATED
    assert found.diagnostic() is None


def test_text_that_stands_elsewhere_in_the_tree_is_not_lost() -> None:
    head, middle, end = BODY.partition("別表第一")
    form = "様式第一号（第五条関係）\n"
    moved = head + form + middle + end.replace(form, "")
    assert account(PARSED, moved).lost == 0


def test_a_character_of_the_tree_answers_for_one_of_the_source_only() -> None:
    sentence = "所有者は、毎年一回検査をしなければならない。"
    assert account(PARSED, BODY.replace(sentence, sentence * 3)).lost == 2 * len(sentence)


@given(st.integers(0, len(BODY)), st.text("検査桟橋年一回、。（）", min_size=1, max_size=40))
def test_whatever_is_put_into_a_source_is_missing_from_the_tree(at: int, words: str) -> None:
    assert account(PARSED, BODY[:at] + words + BODY[at:]).lost == len(words)


def test_a_source_of_which_nothing_was_read_costs_no_more_than_its_length() -> None:
    # The suite's timeout would tell of a search that is quadratic.
    assert account(PARSED, "倉庫を点検する。 " * 100_000).share > 0.9


@pytest.mark.parametrize("body", ["", " \n"])
def test_an_empty_body_has_no_share(body: str) -> None:
    assert account(PARSED, body).share == 0.0
