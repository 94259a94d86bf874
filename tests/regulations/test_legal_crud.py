"""LegalCrud pages: a marked head, and a body of plain blocks."""

from __future__ import annotations

import datetime as dt

import pytest

from regulations.sources.base import UnreadableSource
from regulations.sources.reading import read_source
from regulations.structure import Kind, ParsedOrdinance, provisions

BODY = (
    "<p>霞野町桟橋点検要綱</p><h3>第１章　総則</h3>"
    "<p>（趣旨）</p><p>第１条　この要綱は、桟橋の点検について定める。</p>"
    "<div>（点検）</div><div>第２条　係員は、次の桟橋を点検する。<br>（１）　木造の桟橋<br>　ア　杭のあるもの</div>"
    "<ul><li>（２）　石造の桟橋</li></ul>"
    "<p>２　点検は、次の表による。</p>"
    "<table><tr><th>区分</th><th>回数</th></tr><tr><td>木造</td><td>年一回</td></tr></table>"
    "<p>附　則</p><p>この告示は、公布の日から施行する。</p><p>附　則（平成30年4月1日告示第8号）</p><p>施行する。</p>"
)


def page(body: str, date: str = "平成17年8月19日告示第955号") -> bytes:
    return (
        '<html><head><meta charset="utf-8"></head><body><div class="taikei">第３編　産業</div>'
        f'<div class="mainTitle">○霞野町桟橋点検要綱</div><div class="date">{date}</div>'
        f'<div class="contentWrap">{body}</div><div>前のページへ</div></body></html>'
    ).encode()


def read(data: bytes) -> ParsedOrdinance:
    return read_source("act/110000955.html", data)


def test_the_head_is_one_line_and_the_kind_comes_from_its_number() -> None:
    ordinance = read(page(BODY)).ordinance
    assert (ordinance.title, ordinance.law_number, ordinance.kind, ordinance.promulgation_date) == (
        "霞野町桟橋点検要綱",
        "告示第955号",
        Kind.PUBLIC_NOTICE,
        dt.date(2005, 8, 19),
    )
    assert ordinance.source_id == "110000955"


@pytest.mark.parametrize(
    ("date", "number", "kind"),
    [
        ("令和元年6月1日制定", "", Kind.GUIDELINES),
        ("令和元年6月1日", "", Kind.GUIDELINES),
        ("令和元年6月1日町長決裁第3号", "町長決裁第3号", Kind.UNKNOWN),
    ],
)
def test_only_what_holds_a_number_is_one(date: str, number: str, kind: Kind) -> None:
    ordinance = read(page(BODY, date)).ordinance
    assert (ordinance.law_number, ordinance.kind) == (number, kind)
    assert ordinance.promulgation_date == dt.date(2019, 6, 1)


def test_plain_blocks_become_articles_items_tables_and_supplementary_provisions() -> None:
    parsed = read(page(BODY))
    assert [(str(p.ref), p.caption, p.text) for p in provisions(parsed.ordinance)] == [
        ("第一条", "（趣旨）", "この要綱は、桟橋の点検について定める。"),
        (
            "第二条第一項",
            "（点検）",
            "係員は、次の桟橋を点検する。\n（１）　木造の桟橋\n　ア　杭のあるもの\n（２）　石造の桟橋",
        ),
        ("第二条第二項", "（点検）", "点検は、次の表による。"),
        ("第二条第二項の表", "（点検）", "区分　回数\n木造　年一回"),
        ("附則", "", "この告示は、公布の日から施行する。"),
        ("附則（平成30年4月1日告示第8号）", "", "施行する。"),
    ]


def test_nothing_of_the_content_is_lost_and_the_page_around_it_is_not_counted() -> None:
    parsed = read(page(BODY))
    assert parsed.unaccounted == 0
    assert not {d.code for d in parsed.diagnostics} & {"unread_text", "empty_body", "no_number"}


def test_an_empty_content_is_refused() -> None:
    with pytest.raises(UnreadableSource) as refused:
        read(page(" "))
    assert refused.value.code == "no_body"
