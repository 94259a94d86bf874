from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("市長は、点検する。ただし、休日は除く。", ["市長は、点検する。", "ただし、休日は除く。"]),
        # a full stop inside brackets ends nothing
        ("施設(倉庫を含む。以下同じ。)を点検する。", ["施設(倉庫を含む。以下同じ。)を点検する。"]),
        ("「点検する。」と読み替える。", ["「点検する。」と読み替える。"]),
        # an unmatched bracket swallows no more than its line
        ("(施設を点検する。\n次の行。", ["(施設を点検する。", "次の行。"]),
        # a stray closing bracket does not count below zero
        ("施設)を点検する。次の文。", ["施設)を点検する。", "次の文。"]),
        # some sources run the first item on after its lead
        ("次のとおりとする。一　点検すること。", ["次のとおりとする。", "一　点検すること。"]),
        ("", []),
        ("\n\n", []),
    ],
)
def test_sentences_end_at_full_stops_outside_brackets_and_at_lines(text: str, sentences: list[str]) -> None:
    assert [sentence.text for sentence in split_sentences(text)] == sentences


def test_items_hang_on_their_lead_and_deeper_items_on_the_item_above() -> None:
    lead, first, deeper, second = split_sentences("次の措置を講ずること。\n一　点検\n　イ　配管の点検\n二　(1)の記録")
    assert [sentence.depth for sentence in (lead, first, deeper, second)] == [0, 1, 2, 1]
    assert [sentence.lead for sentence in (lead, first, deeper, second)] == [None, 0, 1, 0]


def test_a_word_that_begins_with_a_numeral_is_no_item() -> None:
    (sentence,) = split_sentences("一般に供する施設を点検する。")
    assert not sentence.is_item


@given(st.text("点検。(「」)一　\nア", max_size=60))
def test_spans_are_in_order_and_hold_the_text(text: str) -> None:
    end = 0
    for sentence in split_sentences(text):
        assert end <= sentence.start < sentence.end
        assert text[sentence.start : sentence.end] == sentence.text
        end = sentence.end
