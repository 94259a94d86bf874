from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.definitions import definitions, is_national, names_used


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "この規則は、建築基準法（昭和二十五年法律第二百一号。以下「法」という。）の施行について定める。",
            {"法": "建築基準法（昭和二十五年法律第二百一号）"},
        ),
        # half-width brackets, arabic numerals, white space of a web page
        (
            "この条例は、 みなと県公園条例 (平成3年みなと県条例第12号。以下「条例」という。) による。",
            {"条例": "みなと県公園条例（平成3年みなと県条例第12号）"},
        ),
        ("水道法施行令（以下「令」という。）第五条", {"令": "水道法施行令"}),
        ("消防法（以下この条において「法」という。）第四条", {"法": "消防法"}),
        # two laws in one sentence, and one whose name joins words
        (
            "景観法（平成十六年法律第百十号。以下「法」という。）及び施設の設置及び管理に関する条例（以下「設置条例」という。）",
            {"法": "景観法（平成十六年法律第百十号）", "設置条例": "施設の設置及び管理に関する条例"},
        ),
        (
            "地方自治法及び河川法（昭和三十九年法律第百六十七号。以下「法」という。）",
            {"法": "河川法（昭和三十九年法律第百六十七号）"},
        ),
        (
            "この条例は、高齢者、障害者等の移動等の円滑化の促進に関する法律（平成十八年法律第九十一号。以下「法」という。）による。",
            {"法": "高齢者、障害者等の移動等の円滑化の促進に関する法律（平成十八年法律第九十一号）"},
        ),
        # things are no legislation; an instrument as it was amended is no other instrument
        ("利用者の便に供する施設（以下「施設」という。）", {}),
        ("第一条の規定による改正後の水道法（以下「新法」という。）", {}),
        ("", {}),
    ],
)
def test_short_names_of_legislation_are_collected(text: str, found: dict[str, str]) -> None:
    assert definitions([text]) == found


def test_the_first_definition_stands() -> None:
    texts = ["水道法（以下「法」という。）", "消防法（以下「法」という。）"]
    assert definitions(texts) == {"法": "水道法"}


@pytest.mark.parametrize(
    ("name", "national"),
    [
        ("建築基準法（昭和二十五年法律第二百一号）", True),
        ("景観法施行規則（平成十六年国土交通省令第百号）", True),
        ("水道法施行令", True),
        ("みなと県公園条例（平成三年みなと県条例第十二号）", False),
        ("みなと県建築基準法施行細則（昭和四十年みなと県規則第十六号）", False),
        ("みなと県公園条例施行規則", False),
    ],
)
def test_a_full_name_tells_whose_law_it_is(name: str, national: bool) -> None:
    assert is_national(name) is national


def test_only_names_before_a_number_are_used() -> None:
    known = {"法": "水道法", "令": "水道法施行令", "条例": "みなと県給水条例"}
    assert names_used("法第三条及び令の定めるところにより", known) == {"法": "水道法"}


@given(st.lists(st.text("法令条例（）以下「」という。、及び第一号昭和二年\n", max_size=80), max_size=4))
def test_any_text_gives_names_without_brackets_of_their_own(texts: list[str]) -> None:
    for name in definitions(texts).values():
        assert "「" not in name
        assert name
