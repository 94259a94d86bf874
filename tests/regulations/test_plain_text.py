"""Plain text: kanji and arabic style, Markdown and Lawtext, and what is no article."""

from __future__ import annotations

import datetime as dt

import pytest

from regulations.sources.reading import read_source
from regulations.structure import Article, Division, Kind, ParsedOrdinance, provisions

VERTICAL = """○あおば県火薬庫検査規則

昭和五八年三月二二日
規則第三〇号
改正　平成元年四月一日規則第五号

目次
　第一章　総則（第一条・第二条）
　第二章　検査（第三条―第五条）
　附則

　第一章　総則
　（趣旨）
第一条　この規則は、火薬庫の検査について必要な事項を定める。
（昭六〇規則五九・一部改正）
　（定義）
第二条　この規則において「火薬庫」とは、次に掲げるものをいう。
一　地上の火薬庫
　イ　土造のもの
　ロ　石造のもの
　　（１）　大型
　　（２）　小型
一の二　地中の火薬庫
２　知事は、必要があると認めるときは、職員に立ち入らせることができる。ただし、夜間は、
　この限りでない。
　第二章　検査
第三条及び第四条　削除
　（定期の検査）
第四条の二の三　所有者は、毎年一回検査をしなければならない。（平二規則三・追加）

　　　附　則
１　この規則は、公布の日から施行する。
　（経過措置）
２　なお従前の例による。
　　　附　則（平成元年規則第五号）抄
　（施行期日）
第一条　この規則は、平成元年五月一日から施行する。
別表第一（第四条の二の三関係）
　一　甲種　年一回
　二　乙種　年二回
様式第一号（第五条関係）
"""


def read(text: str) -> ParsedOrdinance:
    return read_source("rule.txt", text.encode())


def texts(text: str) -> list[tuple[str, str, str]]:
    return [(str(p.ref), p.caption, p.text) for p in provisions(read(text).ordinance)]


def test_a_vertical_text_is_read_whole() -> None:
    assert texts(VERTICAL) == [
        ("第一条第一項", "（趣旨）", "この規則は、火薬庫の検査について必要な事項を定める。"),
        (
            "第二条第一項",
            "（定義）",
            "この規則において「火薬庫」とは、次に掲げるものをいう。\n"
            "一　地上の火薬庫\n　イ　土造のもの\n　ロ　石造のもの\n"
            "　　（１）　大型\n　　（２）　小型\n一の二　地中の火薬庫",
        ),
        (
            "第二条第二項",
            "（定義）",
            "知事は、必要があると認めるときは、職員に立ち入らせることができる。ただし、夜間は、この限りでない。",
        ),
        ("第三条及び第四条", "", "削除"),
        ("第四条の二の三第一項", "（定期の検査）", "所有者は、毎年一回検査をしなければならない。"),
        ("附則第一項", "", "この規則は、公布の日から施行する。"),
        ("附則第二項", "（経過措置）", "なお従前の例による。"),
        ("附則（平成元年規則第五号）第一条第一項", "（施行期日）", "この規則は、平成元年五月一日から施行する。"),
        ("別表第一", "（第四条の二の三関係）", "一　甲種　年一回\n二　乙種　年二回"),
    ]


def test_the_head_of_a_text_is_read_and_the_contents_give_no_articles() -> None:
    ordinance = read(VERTICAL).ordinance
    assert (ordinance.title, ordinance.law_number, ordinance.kind) == (
        "あおば県火薬庫検査規則",
        "規則第三〇号",
        Kind.RULE,
    )
    assert ordinance.promulgation_date == dt.date(1983, 3, 22)
    assert [part.title for part in ordinance.main if isinstance(part, Division)] == ["第一章　総則", "第二章　検査"]
    assert [form.title for form in ordinance.forms] == ["様式第一号（第五条関係）"]


def test_notes_become_the_history_of_their_article() -> None:
    chapters = [part for part in read(VERTICAL).ordinance.main if isinstance(part, Division)]
    notes = {
        article.number: [note.raw for note in article.amendments]
        for chapter in chapters
        for article in chapter.children
        if isinstance(article, Article) and article.amendments
    }
    assert notes == {"1": ["（昭六〇規則五九・一部改正）"], "4-2-3": ["（平二規則三・追加）"]}


HORIZONTAL = """あおば県倉庫検査要綱
(平成2年3月1日訓令甲第7号)

第1条(趣旨)
この要綱は、倉庫の検査について定める。
第2条（検査）　所長は、次に掲げる倉庫を検査する。
(1) 木造のもの
　ア　平屋のもの
　イ　二階建てのもの
(2)　その他のもの
２　検査は、目視により
行う。
"""


def test_a_horizontal_text_with_captions_after_the_number_is_read() -> None:
    assert texts(HORIZONTAL) == [
        ("第一条第一項", "(趣旨)", "この要綱は、倉庫の検査について定める。"),
        (
            "第二条第一項",
            "（検査）",
            "所長は、次に掲げる倉庫を検査する。\n"
            "(1)　木造のもの\n　ア　平屋のもの\n　イ　二階建てのもの\n(2)　その他のもの",
        ),
        ("第二条第二項", "（検査）", "検査は、目視により行う。"),
    ]
    assert read(HORIZONTAL).ordinance.kind is Kind.INSTRUCTION


def test_markdown_headings_are_read_as_the_lines_they_mark() -> None:
    text = (
        "# 試験条例\n\n令和元年十月一日条例第四号\n\n## 第一章 総則\n\n(目的)\n### 第一条\n"
        "この条例は、検査を定める。\n\n"
        "#### 2 検査は、**毎年**行う。\n##### 一 甲\n- 二 乙\n\n"
        "| 区分 | 回数 |\n|---|---|\n| 甲 | 一回 |\n\n"
        "#### 附則\n公布の日から施行する。\n\n"
        "---\n\n## このファイルについて\n出典：例規集\n"
    )
    assert texts(text) == [
        ("第一条第一項", "(目的)", "この条例は、検査を定める。"),
        ("第一条第二項", "(目的)", "検査は、毎年行う。\n一　甲\n二　乙"),
        ("第一条第二項の表", "(目的)", "区分　回数\n甲　一回"),
        ("附則第一項", "", "公布の日から施行する。"),
    ]


def test_lawtext_is_read() -> None:
    text = (
        '[LawType="Rule"]\n試験規則\n（令和七年規則第二号）\n\n:enact-statement:条例に基づき、次のように定める。\n\n'
        "  （検査）\n"
        "第一条　次に掲げる。\n  一　甲\n    イ　乙\n\n      附　則\n\n:anonym-paragraph:公布の日から施行する。\n\n"
        "# 別表（第一条関係）\n\n  * - 甲\n    - 一回\n  * - 乙\n    - 二回\n"
    )
    assert texts(text) == [
        ("前文", "", "条例に基づき、次のように定める。"),
        ("第一条第一項", "（検査）", "次に掲げる。\n一　甲\n　イ　乙"),
        ("附則第一項", "", "公布の日から施行する。"),
        ("別表", "（第一条関係）", "甲　一回\n乙　二回"),
    ]


@pytest.mark.parametrize("remark", ["備考　中学生以下は、無料とする。", "注　中学生以下は、無料とする。"])
def test_a_remark_below_the_rows_of_an_appended_table_is_a_line_of_its_own(remark: str) -> None:
    text = "試験条例\n令和元年十月一日条例第四号\n第一条　検査する。\n"
    text += f"別表（第一条関係）\n区分\t金額\n一般\t百円\n{remark}\n"
    assert texts(text)[-1] == ("別表", "（第一条関係）", f"区分\t金額\n一般\t百円\n{remark}")


def test_a_preamble_stands_before_the_contents() -> None:
    text = "試験条例\n令和元年十月一日条例第四号\n県民は、安全を願う。\nここに条例を制定する。\n"
    text += "目次\n第一章　総則（第一条）\n附則\n第一章　総則\n第一条　検査する。\n"
    assert [(ref, body) for ref, _, body in texts(text)] == [
        ("前文第一項", "県民は、安全を願う。"),
        ("前文第二項", "ここに条例を制定する。"),
        ("第一条第一項", "検査する。"),
    ]


def test_an_instrument_without_articles_is_made_of_paragraphs() -> None:
    text = (
        "道路の指定\n昭和五十年四月一日告示第十五号\n次の道路を指定する。\n１　幅員四メートル未満の道\n２　袋地の道\n"
    )
    text += "附　則\nこの告示は、公布の日から施行する。\n"
    assert [(ref, body) for ref, _, body in texts(text)] == [
        ("第一項", "次の道路を指定する。\n１　幅員四メートル未満の道\n２　袋地の道"),
        ("附則第一項", "この告示は、公布の日から施行する。"),
    ]


def test_a_citation_at_the_head_of_a_wrapped_line_opens_no_article() -> None:
    text = "試験条例\n条例第一号\n第一条　検査は、\n第三条の規定により行い、\n第五条第二項の規定を準用する。\n"
    assert [(ref, body) for ref, _, body in texts(text)] == [
        ("第一条第一項", "検査は、第三条の規定により行い、第五条第二項の規定を準用する。")
    ]


def test_old_paragraphs_without_numbers_are_counted() -> None:
    text = "試験条例\n条例第一号\n第一条　検査をする。\n　検査は、毎年行う。\n第二条　報告する。\n"
    assert [ref for ref, _, _ in texts(text)] == ["第一条第一項", "第一条第二項", "第二条第一項"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp932", "euc_jp", "iso2022_jp"])
def test_the_encoding_makes_no_difference(encoding: str) -> None:
    assert read_source("rule.txt", VERTICAL.encode(encoding)).ordinance == read(VERTICAL).ordinance


def test_a_kanji_number_without_a_first_item_opens_the_next_paragraph() -> None:
    body = (
        "規程\n第一条　職員は、宿直する。\n二　宿直の者は、庁舎を巡視する。\n三　次に掲げる事項を記録する。\n"
        "一　日時\n二　場所\n附則\n一　この規程は、公布の日から施行する。\n"
    )
    assert texts(body) == [
        ("第一条第一項", "", "職員は、宿直する。"),
        ("第一条第二項", "", "宿直の者は、庁舎を巡視する。"),
        ("第一条第三項", "", "次に掲げる事項を記録する。\n一　日時\n二　場所"),
        ("附則第一項", "", "この規程は、公布の日から施行する。"),
    ]


def test_a_list_of_chapters_without_its_heading_is_contents_when_the_chapters_come_up_again() -> None:
    text = "試験条例\n令和元年十月一日条例第四号\n第一章　総則（第一条）\n第二章　検査\n附則\n"
    text += "第一章　総則\n第一条　定める。\n第二章　検査\n第二条　検査する。\n"
    parsed = read(text)
    assert texts(text) == [("第一条第一項", "", "定める。"), ("第二条第一項", "", "検査する。")]
    assert [part.title for part in parsed.ordinance.main if isinstance(part, Division)] == [
        "第一章　総則",
        "第二章　検査",
    ]
    assert parsed.unaccounted == 0


def test_old_numbers_in_circles_are_paragraphs_however_they_are_typed() -> None:
    text = "試験条例\n条例第一号\n第一条　検査する。\n②　次に掲げる物を除く。\n一　船\n○３　報告する。\n"
    assert [(ref, body) for ref, _, body in texts(text)] == [
        ("第一条第一項", "検査する。"),
        ("第一条第二項", "次に掲げる物を除く。\n一　船"),
        ("第一条第三項", "報告する。"),
    ]


def test_a_bracketed_line_that_is_no_caption_is_kept_as_a_note() -> None:
    text = "試験条例\n条例第一号\n第一条　検査する。\n附則\nこの条例は、規則で定める日から施行する。\n"
    text += "（令和三年規則第六号で、同年五月一日から施行）\n附則（令和四年条例第二号）\n施行する。\n"
    parsed = read(text)
    first, _ = parsed.ordinance.supplementary
    assert [note.raw for note in first.amendments] == ["（令和三年規則第六号で、同年五月一日から施行）"]
    assert parsed.unaccounted == 0


def test_a_colophon_and_the_list_of_amendments_are_set_aside_and_named() -> None:
    text = "# 試験条例\n\n令和元年十月一日条例第四号\n改正\n令和二年四月一日条例第五号\n\n### 第一条\n検査する。\n"
    parsed = read(f"{text}\n---\n\n出典：例規集\n")
    assert {"改正", "令和二年四月一日条例第五号"} <= set(parsed.furniture)
    assert "出典：例規集" in parsed.furniture[-1]
    assert (parsed.ordinance.law_number, parsed.unaccounted) == ("条例第四号", 0)


def test_roman_numbers_of_any_width_are_a_level_of_their_own_and_the_letter_i_stays_a_letter() -> None:
    body = "第一条　次による。\n一　甲\nイ　乙\n（１）　丙\n（ｉ）　丁\n（ｉｉ）　戊\n（ｉｉｉ）　己\n（２）　庚\n"
    letters = "第二条　次による。\n" + "".join(f"({letter}) 辛\n" for letter in "abcdefghij")
    (_, _, first), (_, _, second) = texts(f"試験条例\n条例第一号\n{body}{letters}")
    assert first == (
        "次による。\n一　甲\n　イ　乙\n　　（１）　丙\n"
        "　　　（ｉ）　丁\n　　　（ｉｉ）　戊\n　　　（ｉｉｉ）　己\n　　（２）　庚"
    )
    assert second.split("\n")[1:] == [f"({letter})　辛" for letter in "abcdefghij"]
