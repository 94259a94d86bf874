from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp.normalisation import normalise


@pytest.mark.parametrize(
    ("original", "folded"),
    [
        # width: digits, letters and brackets become half-width
        ("（第１号）", "(第1号)"),
        # half-width voiced kana are two characters that fold into one
        ("ｶﾞｽ設備", "ガス設備"),
        # stray spaces that some exports put round citations
        ("市長は、 前条 の規定により ( 様式第1号 ) を", "市長は、前条の規定により(様式第1号)を"),
        # the space after an item's number is what tells an item, so it stays
        ("一　点検すること。", "一　点検すること。"),
        # between two Latin words a space means something
        ("Super Reiki", "Super Reiki"),
        # no character that the tokenizer rejects
        ("点\x00検\ud800", "点検\ufffd"),
        ("\ufeff点検", "点検"),
    ],
)
def test_folding_gives_one_notation(original: str, folded: str) -> None:
    assert normalise(original).text == folded


def test_a_span_maps_back_to_the_characters_it_came_from() -> None:
    text = normalise("市長は、 ｶﾞｽ 設備を（点検）する。")
    start = text.text.index("ガス設備")
    first, last = text.to_original(start, start + len("ガス設備"))
    assert text.original[first:last] == "ｶﾞｽ 設備"


def test_an_empty_span_maps_to_an_empty_span_even_at_the_end() -> None:
    text = normalise("点検")
    assert text.to_original(2, 2) == (2, 2)


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_every_character_maps_into_the_original_and_in_order(original: str) -> None:
    text = normalise(original)
    assert len(text.text) == len(text.starts) == len(text.ends)
    assert all(0 <= start < end <= len(original) for start, end in zip(text.starts, text.ends, strict=True))
    assert list(text.starts) == sorted(text.starts)


@given(st.text(max_size=60))
@example("0¯0")
def test_folding_what_is_folded_changes_nothing(original: str) -> None:
    once = normalise(original).text
    assert normalise(once).text == once
