"""What a reader sees, without Streamlit."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from models.queries import Mark
from regulations.comparison import DiffPart
from regulations.taxonomy import load_taxonomy
from review_app import presenters
from review_app.presenters import law_text

VISUAL, POSTING = "visual_inspection", "written_posting"


def mark(start: int, end: int, category: str) -> Mark:
    return Mark(start=start, end=end, text="", category=category)


def shown(html: str) -> str:
    """The words of the HTML without its chips."""
    return re.sub(r"<[^>]+>", "", re.sub(r'<span class="mi-chip[^>]*>.</span>', "", html))


def marked(html: str, category: str) -> str:
    """The words that stand under marks of the category."""
    words, depth = [], []
    for token in re.findall(r"<[^>]+>|[^<]+", re.sub(r'<span class="mi-chip[^>]*>.</span>', "", html)):
        if token.startswith("<mark"):
            depth.append(f"mi-cat-{category}" in token)
        elif token == "</mark>":
            depth.pop()
        elif not token.startswith("<") and any(depth):
            words.append(token)
    return "".join(words)


def test_evidence_is_marked_and_the_text_stays_the_same() -> None:
    text = "職員は、施設を目視により点検しなければならない。"
    html = law_text(text, [mark(7, 14, VISUAL)])
    assert shown(html) == text
    assert marked(html, VISUAL) == "目視により点検"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((0, 6), (3, 9)),  # crossing
        ((0, 9), (3, 6)),  # one inside the other
        ((3, 6), (0, 9)),  # the inner one given first
        ((2, 5), (2, 5)),  # the same words in two categories
        ((0, 3), (3, 6)),  # touching
    ],
)
def test_overlapping_evidence_keeps_both_categories(first: tuple[int, int], second: tuple[int, int]) -> None:
    text = "点検の結果を掲示する"
    marks = [
        mark(first[0], first[1], VISUAL),
        mark(second[0], second[1], POSTING),
    ]
    html = law_text(text, marks)
    assert shown(html) == text
    assert marked(html, VISUAL) == text[slice(*first)]
    assert marked(html, POSTING) == text[slice(*second)]


def test_evidence_over_a_line_break_is_marked_on_both_lines() -> None:
    text = "次の事項を掲示する。\n一　名称\n二　所在地"
    html = law_text(text, [mark(5, 15, POSTING)])
    assert marked(html, POSTING) == "掲示する。一　名称"
    assert html.count('class="mi-line') == 3


def test_evidence_outside_the_text_is_cut_and_an_empty_one_dropped() -> None:
    html = law_text("掲示", [mark(-3, 99, POSTING), mark(1, 1, VISUAL)])
    assert marked(html, POSTING) == "掲示"
    assert VISUAL not in html


def test_markup_in_a_text_is_shown_and_never_run() -> None:
    html = law_text('<script>alert("x")</script>&amp;', [mark(3, 12, VISUAL)])
    assert "<script" not in html
    assert shown(html) == "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;amp;"


def test_each_evidence_begins_with_the_character_of_its_category() -> None:
    html = law_text("目視で見て、掲示する", [mark(0, 2, VISUAL), mark(6, 8, POSTING)])
    assert re.findall(r"mi-chip-short[^>]*>(.)<", html) == ["目", "掲"]


def test_a_digital_means_in_the_text_is_marked_as_such() -> None:
    assert '<span class="mi-digital">インターネット</span>' in law_text("インターネットの利用により公表する。")


def test_items_are_indented_by_their_level_and_sentences_are_not() -> None:
    html = law_text("次の各号とする。\n一　図面\n　イ　平面図\n長い文の後に　空白がある。")
    assert re.findall(r"mi-depth(\d)", html) == ["0", "1", "2", "0"]


@pytest.mark.parametrize("category", load_taxonomy())
def test_a_chip_says_its_category_in_words_or_with_its_character(category: str) -> None:
    known = load_taxonomy()[category]
    assert f">{known.label}<" in presenters.chip(category)
    assert f">{known.mark}<" in presenters.chip(category, short=True)
    assert known.label in presenters.chip(category, short=True)


@pytest.mark.parametrize(
    ("date", "words"),
    [
        (dt.date(2026, 3, 31), "令和8年3月31日"),
        (dt.date(2019, 5, 1), "令和元年5月1日"),
        (dt.date(2019, 4, 30), "平成31年4月30日"),
        (dt.date(1989, 1, 7), "昭和64年1月7日"),
        (None, ""),
    ],
)
def test_dates_are_written_in_eras(date: dt.date | None, words: str) -> None:
    assert presenters.japanese_date(date) == words


def test_a_moment_is_told_at_the_clock_of_the_office() -> None:
    assert presenters.japanese_time(dt.datetime(2026, 3, 31, 15, 5, tzinfo=dt.UTC)) == "令和8年4月1日 00:05"


def test_a_fiscal_year_is_named_after_the_era_it_ends_its_calendar_year_in() -> None:
    assert [presenters.fiscal_year(year) for year in (2018, 2019, 2026)] == ["平成30年度", "令和元年度", "令和8年度"]
    assert presenters.fiscal_year(None) == ""


@pytest.mark.parametrize(("probability", "band"), [(1.0, "高"), (0.8, "高"), (0.79, "中"), (0.5, "中"), (0.49, "低")])
def test_probability_is_a_word_with_its_number_on_hover(probability: float, band: str) -> None:
    html = presenters.probability_html(probability)
    assert f"<b>{band}</b>" in html
    assert f'title="{probability:.0%}"' in html


def test_phases_are_three_steps() -> None:
    assert [presenters.phase_steps(phase) for phase in (1, 2, 3)] == ["●○○", "●●○", "●●●"]


@pytest.mark.parametrize(("part", "whole", "words"), [(0, 0, "-"), (1, 3, "33%"), (2, 2, "100%"), (199, 200, "99%")])
def test_a_rate_of_nothing_is_a_dash_and_none_is_rounded_up_to_complete(part: int, whole: int, words: str) -> None:
    assert presenters.rate(part, whole) == words


@pytest.mark.parametrize(
    ("count", "seconds", "words"),
    [
        (36, 30, "要対応36件・約18分"),
        (1, 5, "要対応1件・約1分"),
        (120, 30, "要対応120件・約1時間"),
        (1500, 30, "要対応1,500件・約12時間30分"),
        (0, 30, "要対応はありません"),
    ],
)
def test_what_is_left_is_told_in_cases_and_time(count: int, seconds: float, words: str) -> None:
    assert presenters.remaining(count, seconds) == words


def test_a_difference_stands_struck_out_before_and_underlined_after() -> None:
    parts = [
        DiffPart(kind="same", text="閲覧に"),
        DiffPart(kind="deleted", text="供する"),
        DiffPart(kind="inserted", text="<供し>、"),
    ]
    assert presenters.diff_html(parts) == ("閲覧に<del>供する</del>", "閲覧に<ins>&lt;供し&gt;、</ins>")


def test_a_label_is_never_read_as_markdown() -> None:
    assert presenters.plain_label("第一条（*見出し*）") == r"第一条（\*見出し\*）"
    assert presenters.plain_label(":red[x](y)") == r"\:red\[x\]\(y\)"


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("掲示しなければ", "掲示しなければ"),
        ("掲示し なければ", "掲示しなければ"),  # a space that came with the copying
        ("次の事項を\n掲示", "次の事項を掲示"),  # a break of the screen's
        ("ならない。一 名称", "ならない。\n一　名称"),  # over a line of the text
        ("閲覧", None),
        ("  ", None),
    ],
)
def test_quoted_words_are_found_whatever_white_space_came_along(quote: str, found: str | None) -> None:
    text = "次の事項を掲示しなければならない。\n一　名称\n二　所在地"
    span = presenters.locate_quote(text, quote)
    assert (text[slice(*span)] if span else None) == found


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("掲示", ["掲示", "掲示"]),
        ("掲示　書面", ["掲示", "書面", "掲示"]),  # each word for itself
        ("１０", ["10"]),  # width is passed over
        ("qr", ["ＱＲ"]),  # and case
        ("㈱", ["㈱"]),  # one character that would become three stays one, or the places would shift
        ("点検", []),
        (" ", []),
    ],
)
def test_words_looked_for_are_found_in_order_whatever_their_width(wanted: str, found: list[str]) -> None:
    text = "掲示は、㈱の書面10枚のＱＲを掲示する。"
    assert [text[slice(*span)] for span in presenters.find_words(text, wanted)] == found


def test_hits_are_marked_inside_and_across_evidence_and_the_text_stays_the_same() -> None:
    text = "見やすい場所に掲示しなければならない。"
    html = law_text(text, [mark(7, 9, POSTING)], [(5, 8), (12, 14)])
    assert shown(html) == text
    assert "".join(re.findall(r'<mark class="mi-hit">([^<]+)</mark>', html)) == text[5:8] + text[12:14]
    assert marked(html, POSTING) == "掲示"
