"""Which changes of typesetting leave a provision the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.text import normalise_for_identity


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # a move from vertical to horizontal style
        ("第十条の二第三項の規定", "第10条の２第3項の規定"),
        # width and shape of brackets
        ("知事（以下「県」という。）", "知事(以下「県」という。)"),
        # white space and line breaks
        ("検査を　行う。\n一　甲", "検査を行う。一甲"),
    ],
)
def test_the_same_words_typeset_anew_are_the_same(before: str, after: str) -> None:
    assert normalise_for_identity(before) == normalise_for_identity(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # another article is cited
        ("第十条の規定", "第十条の二の規定"),
        # a frequency that is no citation changes
        ("毎年一回検査する。", "毎年二回検査する。"),
    ],
)
def test_other_words_are_another_provision(before: str, after: str) -> None:
    assert normalise_for_identity(before) != normalise_for_identity(after)


@given(st.text(alphabet="第一二十百条項の知事は検査　 \n（）()A１ａ。"))
def test_folding_twice_changes_nothing_more_and_never_fails(text: str) -> None:
    folded = normalise_for_identity(text)
    assert normalise_for_identity(folded) == folded
