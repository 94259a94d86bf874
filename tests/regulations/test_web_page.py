"""Pages without marks of their own, as bodies and divisions made them in the nineties and since."""

from __future__ import annotations

import pytest

from regulations.sources.base import UnreadableSource
from regulations.sources.reading import read_source
from regulations.structure import Kind, ParsedOrdinance, provisions

# Upper-case tags that are never closed, text in a table that only places it, a table within a cell, links around.
PAGE = """<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=x-sjis"><TITLE>例規集</TITLE></HEAD>
<BODY BGCOLOR="#FFFFFF"><P><A HREF="top.html">例規集トップ</A> | <A HREF="kyoiku.html">霞野県図書館条例</A>
<TABLE WIDTH=600><TR><TD><FONT SIZE=2>メニュー</FONT><TD>
<CENTER><H2>霞野県桟橋条例</H2></CENTER>
<P ALIGN=RIGHT>平成十年三月二十七日<BR>霞野県条例第七号</P>
<P>霞野県桟橋条例をここに公布する。
<P>　霞野県知事　　甲野　太郎
<P>　　　霞野県桟橋条例
<P>目次<BR>　第一章　総則（第一条・第二条）<BR>　附則
<P>　　　第一章　総則
<P>（設置）<BR>第一条　桟橋を置く。
<P>（使用料）<BR>第二条　使用料は、別表のとおりとする。<BR>２　次に掲げる者からは、使用料を<BR>徴収しない。<BR>　一　国
<BR>　二　県
<P>　　　附　則
<P>この条例は、平成十年四月一日から施行する。
<P>別表（第二条関係）
<TABLE BORDER=1><TR><TD>区分<TD>使用料<TR><TD>小型<TD><TABLE><TR><TD>夏<TD>百円<TR><TD>冬<TD>五十円</TABLE></TABLE>
</TABLE><HR><P>お問い合わせ　土木部港湾課<BR><A HREF="index.html">[ 前の画面へ ]</A><BR>Copyright 1998 霞野県
</BODY></HTML>"""


def read(html: str, encoding: str = "utf-8") -> ParsedOrdinance:
    return read_source("a.html", html.encode(encoding))


def texts(parsed: ParsedOrdinance) -> list[tuple[str, str, str]]:
    return [(str(each.ref), each.caption, each.text) for each in provisions(parsed.ordinance)]


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp", "utf-8"])
def test_a_page_without_marks_is_read_whole(encoding: str) -> None:
    parsed = read(PAGE, encoding)
    ordinance = parsed.ordinance
    assert (parsed.format, parsed.unaccounted) == ("web_page_html", 0)
    assert (ordinance.title, ordinance.law_number, ordinance.kind) == (
        "霞野県桟橋条例",
        "霞野県条例第七号",
        Kind.ORDINANCE,
    )
    assert texts(parsed) == [
        ("第一条", "（設置）", "桟橋を置く。"),
        ("第二条第一項", "（使用料）", "使用料は、別表のとおりとする。"),
        ("第二条第二項", "（使用料）", "次に掲げる者からは、使用料を徴収しない。\n一　国\n二　県"),
        ("附則", "", "この条例は、平成十年四月一日から施行する。"),
        ("別表", "（第二条関係）", "区分　使用料\n小型　夏　百円　冬　五十円"),
    ]


def test_what_stands_around_the_text_is_furniture_by_name() -> None:
    furniture = "\n".join(read(PAGE).furniture)
    for words in ("例規集トップ", "霞野県図書館条例", "メニュー", "甲野", "港湾課", "前の画面へ", "Copyright"):
        assert words in furniture


def test_lines_of_preformatted_text_are_lines() -> None:
    text = "霞野県桟橋規則\n平成十五年四月一日\n霞野県規則第五号\n第一条　桟橋を点検する。\n２　点検は、目視による。\n"
    assert texts(read(f"<html><body><pre>\n{text}</pre></body></html>")) == [
        ("第一条第一項", "", "桟橋を点検する。"),
        ("第一条第二項", "", "点検は、目視による。"),
    ]


def test_a_table_that_names_articles_stays_a_table() -> None:
    rows = "<tr><td>条</td><td>期間</td></tr><tr><td>第一条</td><td>一年</td></tr>"
    page = f"<h1>霞野県桟橋規則</h1><p>霞野県規則第五号</p><p>第一条　次の表による。</p><table>{rows}</table>"
    assert texts(read(page))[1] == ("第一条の表", "", "条　期間\n第一条　一年")


@pytest.mark.parametrize(
    "page",
    [
        # a list of articles without their text
        "<h1>霞野県桟橋条例</h1><p>霞野県条例第七号</p><p><a href=1>第1条</a></p><p><a href=2>第2条</a></p>",
        # a page that only quotes an article
        "<h1>桟橋の利用案内</h1><p>根拠は次のとおりです。</p><p>第１条　桟橋を置く。</p>",
    ],
)
def test_a_page_that_is_no_ordinance_is_refused(page: str) -> None:
    with pytest.raises(UnreadableSource) as refused:
        read(page)
    assert refused.value.code == "not_legislation"


def test_lines_directly_in_the_body_are_told_from_the_links_beside_them() -> None:
    lines = "霞野県桟橋規則<br>霞野県規則第五号<br>第一条　桟橋を点検する。<br>附則<br>公布の日から施行する。<br>"
    parsed = read(
        f"<body><a href=1>第一条</a><a href=2>附則</a><br>{lines}<a href=3>前へ</a> | <a href=4>次へ</a></body>"
    )
    assert texts(parsed) == [("第一条", "", "桟橋を点検する。"), ("附則", "", "公布の日から施行する。")]
    assert parsed.furniture[:3] == ("第一条附則", "前へ | 次へ", "霞野県桟橋規則")
