from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.citations import Section
from regulations.comparison import (
    ComparedProvision,
    DiffKind,
    PairKind,
    match_provisions,
    similarity,
    word_diff,
)

INSPECT = "管理者は、月に一度、施設を目視により点検しなければならない。"
INSPECT_NEW = "管理者は、月に一度、施設を目視その他の方法により点検しなければならない。"
REPORT = "事業者は、毎年度、事業の実績を知事に報告するものとする。"
POST = "許可証は、事業所の見やすい場所に掲示しなければならない。"
DELETED = "削除"


def text_of(*rows: tuple[str, str], section: Section = Section.MAIN, label: str = "") -> list[ComparedProvision]:
    """Provisions out of (article, text)."""
    return [
        ComparedProvision(
            key=key, section=section, label=label, article=article, paragraph="1", text=text, text_hash=text
        )
        for key, (article, text) in enumerate(rows)
    ]


def outcome(before, after):
    """Comparison as (before article -> after article, kind), added and removed articles."""
    result = match_provisions(before, after)
    pairs = [(pair.before.article, pair.after.article, pair.kind.value) for pair in result.pairs]
    return pairs, [row.article for row in result.added], [row.article for row in result.removed]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # nothing changed
        (
            [("1", INSPECT), ("2", POST)],
            [("1", INSPECT), ("2", POST)],
            ([("1", "1", "same"), ("2", "2", "same")], [], []),
        ),
        # an article inserted in front: the others are renumbered
        (
            [("1", INSPECT), ("2", POST)],
            [("1", REPORT), ("2", INSPECT), ("3", POST)],
            ([("1", "2", "renumbered"), ("2", "3", "renumbered")], ["1"], []),
        ),
        # an article taken out: those behind it move up
        ([("1", REPORT), ("2", INSPECT)], [("1", INSPECT)], ([("2", "1", "renumbered")], [], ["1"])),
        # words changed in place
        ([("1", INSPECT)], [("1", INSPECT_NEW)], ([("1", "1", "changed")], [], [])),
        # renumbered and amended at once: the words say which it is, not the place
        (
            [("1", INSPECT), ("2", POST)],
            [("1", REPORT), ("2", INSPECT_NEW), ("3", POST)],
            ([("1", "2", "changed"), ("2", "3", "renumbered")], ["1"], []),
        ),
        # replaced by something else altogether at the same place: still asked as changed
        (
            [("1", INSPECT), ("2", POST)],
            [("1", DELETED), ("2", POST)],
            ([("1", "1", "changed"), ("2", "2", "same")], [], []),
        ),
        # a branch article is an article of its own
        (
            [("10", INSPECT), ("11", POST)],
            [("10", INSPECT), ("10-2", REPORT), ("11", POST)],
            ([("10", "10", "same"), ("11", "11", "same")], ["10-2"], []),
        ),
        # moved behind others
        (
            [("1", INSPECT), ("2", POST), ("3", REPORT)],
            [("1", POST), ("2", REPORT), ("3", INSPECT)],
            ([("2", "1", "renumbered"), ("3", "2", "renumbered"), ("1", "3", "renumbered")], [], []),
        ),
        # of several equal texts each keeps its place between its neighbours
        (
            [("1", INSPECT), ("2", DELETED), ("3", POST), ("4", DELETED), ("5", REPORT)],
            [("1", INSPECT), ("2", POST), ("3", DELETED), ("4", REPORT)],
            (
                [("1", "1", "same"), ("3", "2", "renumbered"), ("4", "3", "renumbered"), ("5", "4", "renumbered")],
                [],
                ["2"],
            ),
        ),
    ],
)
def test_each_provision_finds_what_became_of_it(before, after, expected):
    assert outcome(text_of(*before), text_of(*after)) == expected


def test_a_provision_of_one_supplementary_part_is_not_taken_for_that_of_another():
    commencement = ("", "この条例は、公布の日から施行する。")
    first = text_of(commencement, section=Section.SUPPLEMENTARY, label="附則")
    new = text_of(commencement, section=Section.SUPPLEMENTARY, label="附則（令和五年条例第一号）")
    result = match_provisions(first, [*new, *first])
    assert [(pair.before.label, pair.after.label) for pair in result.pairs] == [("附則", "附則")]
    assert [row.label for row in result.added] == ["附則（令和五年条例第一号）"]


def test_unrelated_clauses_with_the_same_stock_phrases_are_not_similar():
    assert similarity(INSPECT, INSPECT_NEW) > 0.8
    assert similarity(REPORT, POST) < 0.5


def test_a_large_text_rewritten_throughout_is_compared_in_its_neighbourhood_only(monkeypatch):
    """2,000 provisions, each amended: all against all would be four million comparisons."""
    calls = []
    monkeypatch.setattr(
        "regulations.comparison.similarity", lambda one, other: calls.append(1) or similarity(one, other)
    )
    chance = random.Random(1)
    texts = ["".join(chance.choices("点検調査測定報告許可届出施設設備事業知事県民", k=40)) for _ in range(2000)]
    before = text_of(*((str(number), text) for number, text in enumerate(texts)))
    after = text_of(*((str(number), f"{text}改") for number, text in enumerate(texts)))
    result = match_provisions(before, after)
    assert all(pair.before.article == pair.after.article for pair in result.pairs)
    assert len(result.pairs) == 2000
    assert len(calls) <= 2000 * 81


provisions_of_any_kind = st.lists(
    st.tuples(st.integers(1, 6).map(str), st.sampled_from([INSPECT, INSPECT_NEW, REPORT, POST, DELETED])), max_size=8
)


@given(provisions_of_any_kind, provisions_of_any_kind)
def test_every_provision_is_accounted_for_exactly_once(before, after):
    earlier, later = text_of(*before), text_of(*after)
    result = match_provisions(earlier, later)
    assert sorted([*(pair.before.key for pair in result.pairs), *(row.key for row in result.removed)]) == list(
        range(len(earlier))
    )
    assert sorted([*(pair.after.key for pair in result.pairs), *(row.key for row in result.added)]) == list(
        range(len(later))
    )
    for pair in result.pairs:
        assert (pair.kind is PairKind.CHANGED) == (pair.before.text_hash != pair.after.text_hash)


@given(provisions_of_any_kind)
def test_a_text_compared_with_itself_is_the_same(rows):
    result = match_provisions(text_of(*rows), text_of(*rows))
    assert {pair.kind for pair in result.pairs} <= {PairKind.SAME}
    assert (result.added, result.removed) == ((), ())


def test_a_difference_shows_the_words_that_changed():
    before, after = "月に一度、施設を目視により点検する。", "年に二度、施設を遠隔監視により点検する。"
    assert [(part.kind.value, part.text) for part in word_diff(before, after)] == [
        ("deleted", "月"),
        ("inserted", "年"),
        ("same", "に"),
        ("deleted", "一度"),
        ("inserted", "二度"),
        ("same", "、施設を"),
        ("deleted", "目視"),
        ("inserted", "遠隔監視"),
        ("same", "により点検する。"),
    ]


@given(st.text("点検をする。目視\nアイ12a　", max_size=40), st.text("点検をする。目視\nアイ12a　", max_size=40))
def test_a_difference_rebuilds_both_texts(before, after):
    parts = word_diff(before, after)
    assert "".join(part.text for part in parts if part.kind is not DiffKind.INSERTED) == before
    assert "".join(part.text for part in parts if part.kind is not DiffKind.DELETED) == after
