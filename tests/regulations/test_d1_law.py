"""D1-Law pages: each line carries its place in its id, and what it prints is held against that."""

from __future__ import annotations

import datetime as dt

import pytest

from regulations.sources.reading import read_source
from regulations.structure import Article, Division, Kind, ParsedOrdinance, Severity, provisions

HEAD = (
    ("h:zA10:::0::1:", "○霞野町桟橋の管理に関する条例"),
    ("h:zB10:::0::1:", "令和五年十月一日条例第十二号"),
    ("h:dG10:::0::1:", "霞野町桟橋の管理に関する条例"),
)


def place(code: str, article: str, paragraph: str = "0.0", item: str = "0.0.0", deeper: str = "0-0-0-0") -> str:
    return f"h:{code}:::2:{article}-{paragraph}-{item}-{deeper}:1:"


BODY = (
    (place("hL10", "1.0.0.0"), "（目的）"),
    (place("hL20", "1.0.0.0"), "<b>第１条</b>　この条例は、桟橋の管理を定める。"),
    (place("hL10", "8.2.0.0"), "（検査）"),
    (place("hL20", "8.2.0.0"), "<b>第８条の２</b>　町長は、次に掲げる桟橋を検査する。"),
    (place("hL20", "8.2.0.0", item="1.0.0"), "(１)　木造の桟橋"),
    (place("hL20", "8.2.0.0", item="1.0.0", deeper="1-0-0-0"), "ア　杭のあるもの"),
    (place("hL20", "8.2.0.0", item="1.0.0", deeper="2-0-0-0"), "イ　杭のないもの"),
    (place("hL20", "8.2.0.0", item="2.0.0"), "(２)　石造の桟橋"),
    (place("hL20", "8.2.0.0", "2.0"), "２　検査は、目視による。ただし、夜間は、この限りでない。"),
)
END = (
    ("h:sO10:::0::1:", "<b>附　則</b>"),
    ("h:sL20:::2:0.0.0.0-0.0-0.0.0-0-0-0-0:1:", "この条例は、公布の日から施行する。"),
    ("h:kO10:H507901010036:::0::1:", "<b>附　則</b>（令和七年三月三日条例第三十六号）"),
    (place("kL20", "0.0.0.0", "1.0"), "１　この条例は、令和七年四月一日から施行する。"),
    (place("kL20", "0.0.0.0", "2.0"), "２　なお従前の例による。"),
)


def page(*lines: tuple[str, str], wrapper: bool = True, closed: bool = True, encoding: str = "utf-8") -> bytes:
    end = "</div>" if closed else ""
    body = "\n".join(f'<div class="danraku-normal" id="{name}">{text}{end}' for name, text in lines)
    if wrapper:
        body = f'<div class="USER-SET-STYLE">{body}</div>'
    page = f'<html><head><meta charset="{encoding}"></head><body><div>メニュー</div>{body}<p>印刷</p></body></html>'
    return page.encode(encoding)


def read(data: bytes) -> ParsedOrdinance:
    return read_source("H505901010012_j.html", data)


def texts(parsed: ParsedOrdinance) -> list[tuple[str, str, str]]:
    return [(str(provision.ref), provision.caption, provision.text) for provision in provisions(parsed.ordinance)]


EXPECTED = [
    ("第一条", "（目的）", "この条例は、桟橋の管理を定める。"),
    (
        "第八条の二第一項",
        "（検査）",
        "町長は、次に掲げる桟橋を検査する。\n"
        "(１)　木造の桟橋\n　ア　杭のあるもの\n　イ　杭のないもの\n(２)　石造の桟橋",
    ),
    ("第八条の二第二項", "（検査）", "検査は、目視による。ただし、夜間は、この限りでない。"),
    ("附則", "", "この条例は、公布の日から施行する。"),
    ("附則（令和七年三月三日条例第三十六号）第一項", "", "この条例は、令和七年四月一日から施行する。"),
    ("附則（令和七年三月三日条例第三十六号）第二項", "", "なお従前の例による。"),
]


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp"])
@pytest.mark.parametrize("wrapper", [True, False])
def test_a_page_is_read_with_and_without_its_wrapper_in_each_encoding(encoding: str, wrapper: bool) -> None:
    parsed = read(page(*HEAD, *BODY, *END, wrapper=wrapper, encoding=encoding))
    assert parsed.format == "d1_law_html"
    assert texts(parsed) == EXPECTED
    assert parsed.unaccounted == 0
    assert not {d.code for d in parsed.diagnostics} & {"address_mismatch", "unread_text", "empty_body"}


def test_upper_case_tags_that_are_never_closed_make_no_difference() -> None:
    data = page(*HEAD, *BODY, *END, wrapper=False, closed=False)
    shouted = data.replace(b"<div", b"<DIV").replace(b"<p>\xe5\x8d\xb0\xe5\x88\xb7</p>", b"")
    assert texts(read(shouted)) == EXPECTED


def test_the_head_is_read_and_kept_out_of_the_body() -> None:
    parsed = read(page(*HEAD, *BODY))
    ordinance = parsed.ordinance
    assert (ordinance.title, ordinance.law_number, ordinance.kind) == (
        "霞野町桟橋の管理に関する条例",
        "条例第十二号",
        Kind.ORDINANCE,
    )
    assert (ordinance.promulgation_date, ordinance.source_id) == (dt.date(2023, 10, 1), "H505901010012")
    assert [part.number for part in ordinance.main if isinstance(part, Article)] == ["1", "8-2"]
    assert "霞野町桟橋の管理に関する条例" in parsed.furniture


def test_a_supplementary_provision_has_its_number_and_date() -> None:
    first, second = read(page(*HEAD, *BODY, *END)).ordinance.supplementary
    assert (first.amend_law_number, first.promulgation_date) == ("", None)
    assert (second.amend_law_number, second.promulgation_date) == (
        "令和七年三月三日条例第三十六号",
        dt.date(2025, 3, 3),
    )


def test_a_title_and_a_date_without_a_body_are_an_error() -> None:
    found = {diagnostic.code: diagnostic for diagnostic in read(page(*HEAD)).diagnostics}
    assert found["empty_body"].severity is Severity.ERROR


@pytest.mark.parametrize(
    ("line", "ref"),
    [
        # the id says 第五条, the page prints 第六条
        ((place("hL20", "5.0.0.0"), "<b>第６条</b>　桟橋を閉じる。"), "第五条"),
        # a branch number that was dropped in print
        ((place("hL20", "8.3.0.0"), "<b>第８条</b>　桟橋を閉じる。"), "第八条の三"),
        ((place("hL20", "8.2.0.0", "3.0"), "４　検査を記録する。"), "第八条の二"),
        ((place("hL20", "8.2.0.0", "2.0", "1.0.0"), "(３)　鉄の桟橋"), "第八条の二"),
    ],
)
def test_a_number_that_the_id_contradicts_is_told(line: tuple[str, str], ref: str) -> None:
    found = [d for d in read(page(*HEAD, *BODY, line)).diagnostics if d.code == "address_mismatch"]
    assert [diagnostic.ref for diagnostic in found] == [ref]


def test_an_old_paragraph_without_a_number_has_that_of_its_id() -> None:
    line = (place("hL20", "8.2.0.0", "3.0"), "検査の結果は、公表する。")
    assert texts(read(page(*HEAD, *BODY, line)))[-1][::2] == ("第八条の二第三項", "検査の結果は、公表する。")


def test_an_article_number_without_a_space_behind_it_opens_its_article() -> None:
    line = (place("hL20", "9.0.0.0"), "<b>第９条</b>町長は、桟橋を閉じることができる。")
    assert texts(read(page(*HEAD, *BODY, line)))[-1][::2] == ("第九条", "町長は、桟橋を閉じることができる。")


def test_a_caption_may_touch_its_sentence_where_the_id_says_that_the_article_begins() -> None:
    parsed = read(page((place("hL20", "7.0.0"), "第７条（点検）等しく点検する。ただし、夜間を除く。")))
    assert texts(parsed)[0] == ("第七条", "（点検）", "等しく点検する。ただし、夜間を除く。")


def test_a_table_between_lines_stands_with_its_paragraph() -> None:
    more = page(
        *HEAD,
        *BODY,
        (place("hL20", "8.2.0.0", "3.0"), "３　次の表による。<table><tr><td>木造</td><td>年一回</td></tr></table>"),
    )
    assert texts(read(more))[-2:] == [
        ("第八条の二第三項", "（検査）", "次の表による。"),
        ("第八条の二第三項の表", "（検査）", "木造　年一回"),
    ]
    assert read(more).unaccounted == 0


def test_contents_and_chapters_are_told_apart() -> None:
    contents = tuple(
        (f"h:mA{n}:::0::1:", text)
        for n, text in enumerate(("目次", "第１章　総則（第１条）", "第２章　検査（第８条の２）", "附則"), 10)
    )
    first, second = ("h:hA10:::1::1:", "第１章　総則"), ("h:hA10:::1::1:", "第２章　検査")
    parsed = read(page(*HEAD, *contents, first, *BODY[:2], second, *BODY[2:], *END))
    assert texts(parsed) == EXPECTED
    assert [part.title for part in parsed.ordinance.main if isinstance(part, Division)] == [
        "第１章　総則",
        "第２章　検査",
    ]
