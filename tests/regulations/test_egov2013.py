"""e-Gov's pages of 2013 and their text: the same law in both, whatever the links did to the lines."""

from __future__ import annotations

import datetime as dt

import pytest

from regulations.sources.reading import read_source
from regulations.structure import Division, Kind, ParsedOrdinance, provisions

LINK = '<A HREF="/cgi-bin/idxrefer.cgi?H_FILE=x" TARGET="inyo">桟橋法</A>\n'
HTML = f"""<HTML><HEAD><META http-equiv="Content-Type" content="text/html; charset=shift_jis">
<STYLE type="text/css"><!-- DIV.item {{ margin-left: 1em; }} --></STYLE><TITLE>桟橋検査規則</TITLE></HEAD>
<BODY>

<B>桟橋検査規則<BR>
（昭和四十二年十二月十九日霞野省令第三十七号）</B><BR><BR>
<DIV ALIGN="right">最終改正：平成二四年五月二三日霞野省令第五五号</DIV><BR>
<BR>　{LINK}（昭和三十三年法律第七十九号）に基づき、桟橋検査規則を次のように定める。<BR>
<BR>
　<A HREF="#1" TARGET="data">第一章　総則（第一条）</A>
<BR>
　<A HREF="#2" TARGET="data">第二章　検査</A>
<BR>
　<A HREF="#5" TARGET="data">附則</A>
<BR>
<P>　　　<B><A NAME="1">第一章　総則</A>
</B>
<P>
<DIV class="arttitle"><A NAME="1">（趣旨）</A>
</DIV><DIV class="item"><B>第一条</B>
<A NAME="1"></A>
　この規則は、{LINK}（以下「法」という。）の<A HREF="x">第二条</A>
の規定により、検査を定める。
</DIV>
<P>　　　<B><A NAME="1">第二章　検査</A>
</B>
<P>
<DIV class="item"><B><A NAME="1">第二条の二</A>
</B>
　検査は、次に掲げる桟橋について行う。
<DIV class="number"><B><A NAME="1">一</A>
</B>
　木造の桟橋<DIV class="para1"><B>イ</B>　杭のあるもの<DIV class="para2"><B>（１）</B>　大型</DIV>
</DIV>
<DIV class="para1"><B>ロ</B>　杭のないもの</DIV>

</DIV>
<DIV class="number"><B><A NAME="1">二</A>
</B>
　石造の桟橋
</DIV>
</DIV>
<DIV class="item"><B><A NAME="1">○２</A>
</B>
　検査の回数は、次の表のとおりとする。
<TABLE BORDER><TR VALIGN="top"><TD>木造</TD><TD>年一回</TD></TR></TABLE>
</DIV>

<BR>　　　<A NAME="5"><B>附　則　抄</B></A>
<BR>
<P><DIV class="arttitle">（施行期日）</DIV>
<DIV class="item"><B>１</B>
　この規則は、公布の日から施行する。
</DIV>
<BR>　　　<A NAME="5"><B>附　則　（平成二四年五月二三日霞野省令第五五号）</B></A>
<BR>
<P>
　この省令は、公布の日から施行する。
</DIV>
<BR><BR><A NAME="7">別記様式第１号　（第２条の２関係）</A>
<BR>
</BODY>
</HTML>
"""
TEXT = """

桟橋検査規則
（昭和四十二年十二月十九日霞野省令第三十七号）最終改正：平成二四年五月二三日霞野省令第五五号
　桟橋法
（昭和三十三年法律第七十九号）に基づき、桟橋検査規則を次のように定める。

　第一章　総則（第一条）

　第二章　検査

　附則

　　　第一章　総則

（趣旨）
第一条

　この規則は、桟橋法
（以下「法」という。）の第二条
の規定により、検査を定める。

　　　第二章　検査

第二条の二

　検査は、次に掲げる桟橋について行う。
一

　木造の桟橋イ　杭のあるもの（１）　大型
ロ　杭のないもの

二

　石造の桟橋


○２

　検査の回数は、次の表のとおりとする。
木造

年一回


　　　附　則　抄
（施行期日）
１
　この規則は、公布の日から施行する。


　　　附　則　（平成二四年五月二三日霞野省令第五五号）

　この省令は、公布の日から施行する。


別記様式第１号　（第２条の２関係）
"""
EXPECTED = [
    ("前文", "", "桟橋法（昭和三十三年法律第七十九号）に基づき、桟橋検査規則を次のように定める。"),
    ("第一条", "（趣旨）", "この規則は、桟橋法（以下「法」という。）の第二条の規定により、検査を定める。"),
    (
        "第二条の二第一項",
        "",
        "検査は、次に掲げる桟橋について行う。\n"
        "一　木造の桟橋\n　イ　杭のあるもの\n　　（１）　大型\n　ロ　杭のないもの\n二　石造の桟橋",
    ),
    ("第二条の二第二項", "", "検査の回数は、次の表のとおりとする。"),
    ("附則第一項", "（施行期日）", "この規則は、公布の日から施行する。"),
    ("附則（平成二四年五月二三日霞野省令第五五号）", "", "この省令は、公布の日から施行する。"),
]
HTML_SOURCE, TEXT_SOURCE = HTML.encode("cp932"), TEXT.encode()


def texts(parsed: ParsedOrdinance) -> list[tuple[str, str, str]]:
    return [(str(p.ref), p.caption, p.text) for p in provisions(parsed.ordinance) if not p.ref.block]


@pytest.mark.parametrize(
    ("data", "name", "table"),
    [(HTML_SOURCE, "egov2013_html", "木造　年一回"), (TEXT_SOURCE, "egov2013_text", "木造\n年一回")],
)
def test_page_and_text_give_the_same_provisions(data: bytes, name: str, table: str) -> None:
    parsed = read_source("a", data)
    assert parsed.format == name
    assert texts(parsed) == EXPECTED
    # The text has lost which cells stood in one row.
    assert [p.text for p in provisions(parsed.ordinance) if p.ref.block] == [table]
    assert parsed.unaccounted == 0
    assert {diagnostic.code for diagnostic in parsed.diagnostics} == {"form_unread"}


@pytest.mark.parametrize("data", [HTML_SOURCE, TEXT_SOURCE])
def test_head_chapters_and_forms_are_read(data: bytes) -> None:
    ordinance = read_source("a", data).ordinance
    assert (ordinance.title, ordinance.law_number, ordinance.kind, ordinance.promulgation_date) == (
        "桟橋検査規則",
        "霞野省令第三十七号",
        Kind.MINISTERIAL,
        dt.date(1967, 12, 19),
    )
    assert [part.title for part in ordinance.main if isinstance(part, Division)] == ["第一章　総則", "第二章　検査"]
    assert [form.title for form in ordinance.forms] == ["別記様式第１号（第２条の２関係）"]
    assert ordinance.supplementary[1].promulgation_date == dt.date(2012, 5, 23)
