"""Boilerplate is recognised through other names and numbers, and nothing that turns a clause round is masked."""

from __future__ import annotations

import pytest

from regulations.similarity import KEY_VERSION, group_key, likeness, masked, place_in

INSPECTION = "知事は、施設の管理者に対し、毎年一回以上、第十条に規定する設備を目視により点検させなければならない。"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        # another head
        ("市長は、施設の管理者に対し、毎年一回以上、第十条に規定する設備を目視により点検させなければならない。", ""),
        # other numbers, in another notation
        ("知事は、施設の管理者に対し、毎年２回以上、第12条に規定する設備を目視により点検させなければならない。", ""),
        # the body by its name, which the title tells
        (
            "霞野市長は、施設の管理者に対し、毎年一回以上、第十条に規定する設備を目視により点検させなければならない。",
            "霞野市遊泳場条例",
        ),
        # other punctuation
        ("知事は施設の管理者に対し、毎年一回以上第十条に規定する設備を目視により点検させなければならない。", ""),
    ],
)
def test_the_same_words_with_other_names_and_numbers_share_a_key(text: str, title: str) -> None:
    assert group_key(text, title=title) == group_key(INSPECTION)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("させなければならない", "させることができる"),
        ("目視により", "電磁的方法により"),
        ("点検", "清掃"),
        ("施設の管理者", "施設の所有者"),
    ],
)
def test_one_other_word_is_another_group(before: str, after: str) -> None:
    assert group_key(INSPECTION.replace(before, after)) != group_key(INSPECTION)


def test_the_own_title_and_that_of_the_ordinance_it_belongs_to_are_masked() -> None:
    first = masked("霞野県遊泳場条例の規定による検査の結果を記録しなければならない。", title="霞野県遊泳場条例施行規則")
    second = masked("霞野県温泉条例の規定による検査の結果を記録しなければならない。", title="霞野県温泉条例施行規則")
    assert first == second


@pytest.mark.parametrize(
    ("title", "place"),
    [
        ("霞野県桟橋条例", "霞野県"),
        ("京都府公園条例", "京都府"),
        ("京都市公園条例", "京都市"),
        ("町田市市税条例", "町田市"),
        ("霞野県町村合併条例", "霞野県"),
        # 道 and 府 within the name of a village
        ("音威子府村条例", "音威子府村"),
        ("港区区民会館条例", "港区"),
        # words that end in the same characters
        ("公共下水道条例", ""),
        ("水道条例", ""),
        ("道路占用条例", ""),
        ("都市公園条例", ""),
        ("国際都市整備条例", ""),
        ("農村公園条例", ""),
        ("河川区域管理条例", ""),
        ("臨港地区条例", ""),
        ("地方卸売市場条例", ""),
        ("市県民税条例", ""),
        ("市町村合併条例", ""),
        ("", ""),
    ],
)
def test_a_place_is_told_from_a_word_that_ends_as_places_do(title: str, place: str) -> None:
    assert place_in(title) == place


def test_the_subject_of_a_title_is_not_masked() -> None:
    text = "{}の使用者は、その排水設備を毎年一回点検し、結果を記録しなければならない。"
    titles = ("公共下水道", "水道", "農業集落排水")
    assert len({group_key(text.format(word), title=f"{word}使用条例") for word in titles}) == len(titles)


def test_a_law_number_in_brackets_and_the_old_spelling_make_no_difference() -> None:
    old = "建築基準法(昭和二十五年法律第二百一号)の適用に当つては、職員が現地において確認するものとする。"
    new = "建築基準法の適用に当っては、職員が現地において確認するものとする。"
    assert group_key(old) == group_key(new)


def test_a_clause_too_short_to_speak_for_itself_is_together_only_with_its_very_words() -> None:
    assert group_key("第一条　削除") == group_key("第１条　削除")
    assert group_key("第一条　削除") != group_key("第二条　削除")


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "（" * 3000, "一" * 5000])
def test_a_key_is_short_ascii_whatever_the_text(text: str) -> None:
    key = group_key(text, title=text)
    assert key.startswith(f"{KEY_VERSION}:")
    assert key.isascii()
    assert len(key) <= 40


def test_likeness_is_one_only_for_equal_texts_and_zero_below_the_least() -> None:
    shape = masked(INSPECTION)
    near = masked(INSPECTION.replace("施設の管理者", "施設等の管理者"))
    assert likeness(shape, shape) == 1.0
    assert 0.9 < likeness(shape, near) < 1.0
    assert likeness(shape, masked("委員は、再任されることができる。"), least=0.9) == 0.0
