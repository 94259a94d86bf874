"""Extracts of an 例規集: articles first, then all 号 in one run; what is lost is said and nothing is guessed."""

from __future__ import annotations

import datetime as dt

import pytest

from regulations.sources.base import UnreadableSource
from regulations.sources.reading import read_source
from regulations.structure import Kind, ParsedOrdinance, provisions

ARTICLES = (
    "<p>(目的) 第1条 この要綱 は、桟橋 (浮桟橋を含む。以下「桟橋」という。) の点検について定める。</p>",
    "<p>(条例第3条 (占用) の点検) 第2条 係員は、 次に掲げる 桟橋を点検する。 ただし、廃止したものを除く。</p>",
    '<p class="jorei-article">第2条の2 係員は、点検の結果を記録する。</p>',
    '<p class="jorei-article">第3条及び第4条 削除</p>',
    '<p class="jorei-supplementary">(適用) 第5条 附則第3項の桟橋については、別に定める。</p>',
)
ITEMS = (
    '<p class="jorei-item">(1) 木造の桟橋</p>',
    '<p class="jorei-item">(1)の2 竹造の桟橋</p>',
    '<p class="jorei-item">(2) 石造の桟橋</p>',
    '<p class="jorei-item">(1) 点検の日</p>',
    '<p class="jorei-item">(2) 点検した者</p>',
)


def fragment(*lines: str, head: str = "○霞野市桟橋点検要綱<br> ") -> bytes:
    body = "\n".join(lines)
    return f'<div class="jorei-header">{head}</div>\n<div class="jorei-body">\n{body}\n</div>'.encode()


def read(*lines: str, name: str = "file") -> ParsedOrdinance:
    return read_source(name, fragment(*lines))


def texts(parsed: ParsedOrdinance) -> list[tuple[str, str, str]]:
    return [(str(p.ref), p.caption, p.text) for p in provisions(parsed.ordinance)]


def codes(parsed: ParsedOrdinance) -> list[str]:
    return [diagnostic.code for diagnostic in parsed.diagnostics]


def test_articles_are_read_with_their_captions_whatever_their_class() -> None:
    parsed = read(*ARTICLES)
    assert texts(parsed) == [
        ("第一条", "(目的)", "この要綱 は、桟橋 (浮桟橋を含む。以下「桟橋」という。) の点検について定める。"),
        (
            "第二条",
            "(条例第3条 (占用) の点検)",
            "係員は、 次に掲げる 桟橋を点検する。 ただし、廃止したものを除く。",
        ),
        ("第二条の二", "", "係員は、点検の結果を記録する。"),
        ("第三条及び第四条", "", "削除"),
        ("第五条", "(適用)", "附則第3項の桟橋については、別に定める。"),
    ]
    assert codes(parsed) == ["extract_only", "no_number"]


def test_items_behind_all_articles_are_kept_in_lists_and_given_to_no_article() -> None:
    parsed = read(*ARTICLES, *ITEMS)
    assert texts(parsed)[:5] == texts(read(*ARTICLES))
    assert texts(parsed)[5:] == [
        ("条の分からない号の並び1", "", "(1)　木造の桟橋\n(1)の2　竹造の桟橋\n(2)　石造の桟橋"),
        ("条の分からない号の並び2", "", "(1)　点検の日\n(2)　点検した者"),
    ]
    assert parsed.unaccounted == 0
    told = next(d.message for d in parsed.diagnostics if d.code == "items_without_article")
    assert "2組" in told


def test_items_that_an_extract_left_in_place_stay_with_their_article() -> None:
    parsed = read(*ARTICLES[:2], *ITEMS[:2], *ARTICLES[2:], *ITEMS[3:])
    assert [text.count("\n") for _, _, text in texts(parsed)] == [0, 2, 0, 0, 2]
    assert "items_without_article" not in codes(parsed)


def test_articles_that_begin_anew_are_of_an_annex_that_lost_its_heading() -> None:
    parsed = read(
        *ARTICLES,
        "<p>(施行期日) 第1条 この要綱は、公布の日から施行する。</p>",
        "<p>(経過措置) 第4条 別に定める。</p>",
        "<p>(施行期日) 第1条 公布の日から施行する。</p>",
    )
    assert [address for address, _, _ in texts(parsed)][5:] == [
        "附則第一条",
        "附則第四条",
        "附則第一条",
    ]
    assert len(parsed.ordinance.supplementary) == 2
    told = next(d.message for d in parsed.diagnostics if d.code == "supplementary_heading_lost")
    assert "2か所" in told
    assert "第五条の次の第1条" in told
    assert "duplicate_article" not in codes(parsed)


def test_the_head_is_taken_where_it_is_there() -> None:
    head = "○霞野市桟橋点検要綱<br>平成17年8月19日告示第955号"
    ordinance = read_source("x/z600RG00000037.html", fragment(*ARTICLES, head=head)).ordinance
    assert (ordinance.title, ordinance.kind, ordinance.promulgation_date, ordinance.source_id) == (
        "霞野市桟橋点検要綱",
        Kind.PUBLIC_NOTICE,
        dt.date(2005, 8, 19),
        "z600RG00000037",
    )


@pytest.mark.parametrize("lines", [(), ("<p>○霞野市桟橋点検要綱</p>",)])
def test_a_title_without_a_body_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(UnreadableSource) as refused:
        read(*lines)
    assert refused.value.code == "no_body"


def test_a_line_of_no_known_form_and_a_table_are_kept() -> None:
    parsed = read(ARTICLES[0], "<table><tr><td>木造</td><td>年一回</td></tr></table>", "<p>様式は別に定める。</p>")
    assert [text for _, _, text in texts(parsed)][1:] == ["木造　年一回", "様式は別に定める。"]
    assert parsed.unaccounted == 0
