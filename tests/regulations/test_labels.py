"""What a line opens with, judged by the line alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.sources.labels import (
    Style,
    appended_head,
    article_head,
    close_up_label,
    division_level,
    follows,
    is_amendment_note,
    item_label,
    kana_number,
    split_trailing_note,
    supplementary_head,
    touching_head,
)
from regulations.structure import DivisionLevel


@pytest.mark.parametrize(
    ("line", "style", "printed", "number", "rest"),
    [
        ("一　甲", Style.KANJI, "一", "1", "甲"),
        # branch numbers, outside and inside the brackets
        ("一の二　甲", Style.KANJI, "一の二", "1-2", "甲"),
        ("（２の３）　甲", Style.PAREN_ARABIC, "（２の３）", "2-3", "甲"),
        ("(1)の2　甲", Style.PAREN_ARABIC, "(1)の2", "1-2", "甲"),
        # no white space after brackets
        ("(10)甲", Style.PAREN_ARABIC, "(10)", "10", "甲"),
        # one character for a number in brackets, or in a circle
        ("⑴　甲", Style.PAREN_ARABIC, "⑴", "1", "甲"),
        ("②　甲", Style.CIRCLED, "②", "2", "甲"),
        # the kana stays, since its place depends on the alphabet
        ("イ　甲", Style.KATAKANA, "イ", "イ", "甲"),
        ("（ア）　甲", Style.PAREN_KATAKANA, "（ア）", "ア", "甲"),
        ("ａ　甲", Style.LATIN, "ａ", "1", "甲"),
        ("（ⅱ）　甲", Style.PAREN_ROMAN, "（ⅱ）", "2", "甲"),
        # a 項 in full-width digits, and with a full stop
        ("２　甲", Style.ARABIC, "２", "2", "甲"),
        ("3．　甲", Style.ARABIC, "3", "3", "甲"),
    ],
)
def test_a_number_at_the_head_of_a_line_is_read(line: str, style: Style, printed: str, number: str, rest: str) -> None:
    label = item_label(line)
    assert label is not None
    assert (label.style, label.printed, label.number, label.rest) == (style, printed, number, rest)


@pytest.mark.parametrize(
    "line",
    [
        # words that begin with a numeral or a kana
        "一部を改正する。",
        "二以上の市町村にわたるもの",
        "アスベストを含むもの",
        # a decimal number
        "2.5メートル以上",
        # not a number in any notation
        "百千　甲",
        "第一条　甲",
        "",
    ],
)
def test_a_line_without_a_number_has_no_label(line: str) -> None:
    assert item_label(line) is None


@pytest.mark.parametrize(
    ("kana", "previous", "number"),
    [
        # the first kana tells the alphabet
        ("ア", "", "1"),
        ("イ", "", "1"),
        # later ones take the alphabet in which they continue
        ("イ", "ア", "2"),
        ("ロ", "イ", "2"),
        ("ウ", "イ", "3"),
    ],
)
def test_a_kana_is_counted_in_the_alphabet_of_its_list(kana: str, previous: str, number: str) -> None:
    assert kana_number(kana, previous=previous) == number


@pytest.mark.parametrize(
    ("line", "number", "caption", "rest"),
    [
        ("第一条　この条例は、", "1", "", "この条例は、"),
        ("第10条の2　知事は、", "10-2", "", "知事は、"),
        # the caption after the number
        ("第三条（立入検査）　知事は、", "3", "（立入検査）", "知事は、"),
        ("第三条（立入検査）", "3", "（立入検査）", ""),
        ("第三条及び第四条　削除", "3:4", "", "削除"),
        ("第五条　削除", "5", "", "削除"),
    ],
)
def test_an_article_is_opened(line: str, number: str, caption: str, rest: str) -> None:
    head = article_head(line)
    assert head is not None
    assert (head.number, head.caption, head.rest) == (number, caption, rest)


@pytest.mark.parametrize(
    "line",
    [
        # citations at the head of a wrapped line
        "第三条の規定により",
        "第三条第一項の検査",
        "第三条、第四条及び第五条",
        "第五条（同条を準用する場合を含む。）の検査",
        # an ordinance, not an article
        "第三条例",
    ],
)
def test_a_citation_opens_no_article(line: str) -> None:
    assert article_head(line) is None
    assert touching_head(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "第五条（手数料）手数料は、別表による。",
        "第五条（開館時間）まちづくりセンターの開館時間は、次のとおりとする。",
        "第五条（設置）第一公園を置く。",
        # not to be told from the above but by the number before
        "第五条（手数料）等により算定した額とする。",
        "第五条（適用除外）以外の規定は、適用しない。",
    ],
)
def test_a_caption_that_touches_its_sentence_is_of_an_article_only_where_the_number_is_the_next(line: str) -> None:
    assert article_head(line) is None
    assert [article_head(line, last=last) is not None for last in ("4", "4-2", "3:4", "", "3", "5", "6")] == [
        *(True, True, True),
        *(False, False, False, False),
    ]


@pytest.mark.parametrize(
    ("number", "last", "is_next"),
    [
        ("1", "", True),
        ("2", "", False),
        ("5", "4", True),
        ("5", "4-2", True),
        ("5", "4-2-3", True),
        ("4-2", "4", True),
        ("4-3", "4-2", True),
        ("4-2-2", "4-2", True),
        ("5", "3:4", True),
        ("4", "4", False),
        ("4-2", "4-2", False),
        ("4-2", "4-3", False),
        ("6", "4", False),
        ("4-2", "3", False),
    ],
)
def test_an_article_follows_the_one_before_or_a_branch_of_it(number: str, last: str, is_next: bool) -> None:
    assert follows(number, last) is is_next


@pytest.mark.parametrize(
    ("line", "printed", "number", "rest"),
    [
        ("１．甲", "１．", "1", "甲"),
        ("12.甲", "12.", "12", "甲"),
        ("一、甲", "一、", "1", "甲"),
        ("イ、甲", "イ、", "イ", "甲"),
    ],
)
def test_a_number_may_touch_the_words_after_it(line: str, printed: str, number: str, rest: str) -> None:
    label = close_up_label(line)
    assert label is not None
    assert (label.printed, label.number, label.rest) == (printed, number, rest)


@pytest.mark.parametrize("line", ["２．５メートル以上", "2.5メートル以上", "１甲", "二、三の者"])
def test_a_decimal_number_or_a_count_has_no_label(line: str) -> None:
    assert close_up_label(line) is None


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("第一章　総則", DivisionLevel.CHAPTER),
        ("第二節の三　検査", DivisionLevel.SECTION),
        ("第一編", DivisionLevel.PART),
        # a sentence that cites a chapter
        ("第二章の規定は、適用しない。", None),
        ("第二章及び第三章の規定", None),
    ],
)
def test_a_heading_of_a_division_is_told_from_a_citation(line: str, level: DivisionLevel | None) -> None:
    assert division_level(line) is level


@pytest.mark.parametrize(
    ("line", "law_number"),
    [
        ("附　則", ""),
        ("付則", ""),
        ("附　則（令和三年条例第五号）抄", "令和三年条例第五号"),
        ("附則第二項の規定", None),
    ],
)
def test_a_supplementary_provision_is_opened_with_its_number(line: str, law_number: str | None) -> None:
    assert supplementary_head(line) == law_number


@pytest.mark.parametrize(
    ("line", "head"),
    [
        ("別表第一（第四条関係）", ("table", "別表第一", "（第四条関係）")),
        ("別表", ("table", "別表", "")),
        ("様式第一号（第五条関係）", ("form", "様式第一号", "（第五条関係）")),
        ("別記第２号様式", ("form", "別記第２号様式", "")),
        # sentences that mention them
        ("別表に掲げる施設の管理者は、検査をしなければならない。", None),
        ("様式による届出書", None),
    ],
)
def test_an_appended_table_or_form_is_opened(line: str, head: tuple[str, str, str] | None) -> None:
    assert appended_head(line) == head


@pytest.mark.parametrize(
    "line",
    [
        "（昭六〇条例五九・一部改正）",
        "(令5条例29・一部改正)",
        "一部改正〔令和二年規則二〇号〕",
        "（平一一規則三・追加、平一五規則九・旧第三条繰下）",
        "（一部改正…13年37号）",
        "(全部改正〔平成20年規則3号〕)",
    ],
)
def test_a_note_on_the_history_is_told_from_the_text(line: str) -> None:
    assert is_amendment_note(line)


@pytest.mark.parametrize(
    "line",
    [
        # a caption of a 附則
        "（あおば県手数料条例の一部改正）",
        "（平成二年条例第三号の一部改正）",
        "（変更の届出）",
        "この条例は、令和二年条例第三号を改正する。",
    ],
)
def test_a_caption_or_sentence_is_no_note(line: str) -> None:
    assert not is_amendment_note(line)


def test_a_note_at_the_end_of_a_sentence_comes_off() -> None:
    assert split_trailing_note("検査をする。（平二規則三・追加）") == ("検査をする。", "（平二規則三・追加）")
    assert split_trailing_note("検査（改造したものを含む。）") == ("検査（改造したものを含む。）", "")


@given(st.text(alphabet="第一二十百千条章項号の（）()１2イア　\n別表様式附則改正・〔〕。", max_size=40))
def test_no_line_makes_a_judgement_fail(line: str) -> None:
    for judge in (
        *(item_label, close_up_label, article_head, touching_head, division_level),
        *(supplementary_head, appended_head, is_amendment_note),
    ):
        judge(line)
    text, note = split_trailing_note(line)
    assert not note or (line.startswith(text) and line.endswith(note))
