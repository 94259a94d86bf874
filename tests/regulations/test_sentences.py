"""Where sentences end, and which is 本文, ただし書, 前段 or 後段."""

from __future__ import annotations

import pytest

from regulations.sources.sentences import sentences_of, split_sentences
from regulations.structure import SentenceFunction

MAIN, PROVISO = SentenceFunction.MAIN_CLAUSE, SentenceFunction.PROVISO
FIRST, SECOND = SentenceFunction.FIRST_SENTENCE, SentenceFunction.SECOND_SENTENCE


@pytest.mark.parametrize(
    ("text", "functions"),
    [
        ("検査する。", [None]),
        ("検査する。ただし、夜間を除く。", [MAIN, PROVISO]),
        ("検査する。この場合において、記録する。", [FIRST, SECOND]),
        # 前段, 後段 and a proviso to the 後段: only what is certain is said
        ("検査する。この場合において、記録する。ただし、夜間を除く。", [None, MAIN, PROVISO]),
        ("検査する。記録する。報告する。", [None, None, None]),
        # the 。 within brackets ends nothing
        ("検査（目視によるものに限る。以下同じ。）をする。", [None]),
    ],
)
def test_the_function_of_each_sentence(text: str, functions: list[SentenceFunction | None]) -> None:
    sentences = sentences_of(text)
    assert [sentence.function for sentence in sentences] == functions
    assert "".join(sentence.text for sentence in sentences) == text


def test_an_end_mark_behind_an_open_bracket_ends_nothing() -> None:
    assert split_sentences("検査する。（夜間を除く。") == ["検査する。", "（夜間を除く。"]
