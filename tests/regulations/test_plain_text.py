"""Plain text: kanji and arabic style, Markdown and Lawtext, and what is no article."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from regulations.sources.base import UnreadableSource
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
        ("第一条", "（趣旨）", "この規則は、火薬庫の検査について必要な事項を定める。"),
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
        ("第四条の二の三", "（定期の検査）", "所有者は、毎年一回検査をしなければならない。"),
        ("附則第一項", "", "この規則は、公布の日から施行する。"),
        ("附則第二項", "（経過措置）", "なお従前の例による。"),
        ("附則（平成元年規則第五号）第一条", "（施行期日）", "この規則は、平成元年五月一日から施行する。"),
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
        ("第一条", "(趣旨)", "この要綱は、倉庫の検査について定める。"),
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
        ("附則", "", "公布の日から施行する。"),
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
        ("第一条", "（検査）", "次に掲げる。\n一　甲\n　イ　乙"),
        ("附則", "", "公布の日から施行する。"),
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
        ("第一条", "検査する。"),
    ]


def test_an_instrument_without_articles_is_made_of_paragraphs() -> None:
    text = (
        "道路の指定\n昭和五十年四月一日告示第十五号\n次の道路を指定する。\n１　幅員四メートル未満の道\n２　袋地の道\n"
    )
    text += "附　則\nこの告示は、公布の日から施行する。\n"
    assert [(ref, body) for ref, _, body in texts(text)] == [
        ("本則", "次の道路を指定する。\n１　幅員四メートル未満の道\n２　袋地の道"),
        ("附則", "この告示は、公布の日から施行する。"),
    ]


def test_a_citation_at_the_head_of_a_wrapped_line_opens_no_article() -> None:
    text = "試験条例\n条例第一号\n第一条　検査は、\n第三条の規定により行い、\n第五条第二項の規定を準用する。\n"
    assert [(ref, body) for ref, _, body in texts(text)] == [
        ("第一条", "検査は、第三条の規定により行い、第五条第二項の規定を準用する。")
    ]


def test_old_paragraphs_without_numbers_are_counted() -> None:
    text = "試験条例\n条例第一号\n第一条　検査をする。\n　検査は、毎年行う。\n第二条　報告する。\n"
    assert [ref for ref, _, _ in texts(text)] == ["第一条第一項", "第一条第二項", "第二条"]


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
    assert texts(text) == [("第一条", "", "定める。"), ("第二条", "", "検査する。")]
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


POINTS = """霞野県防災訓練補助金交付要綱
（平成３０年４月１日　３０危管第１２号）

第１　趣旨
　知事は、予算の範囲内で補助金を交付する。
第２　対象
　補助金の対象は、次のとおりとする。
　１　防災訓練
　（１）図上訓練
　２　資機材の購入
第３　申請
　１　申請者は、申請書を提出しなければならない。
　２　知事は、現地を調査する。
第３の２　補助金の額は、別表による。
（検査）
第４　知事は、職員に、書類を目視で検査させる。
附則
この要綱は、平成３０年４月１日から施行する。
別表（第３の２関係）
第１　訓練
"""


def test_rows_set_apart_by_tabs_are_a_table() -> None:
    text = "試験条例\n条例第一号\n第一条\t帳簿は、次の表による。\n\t帳簿\t年限\n\t学校日誌\t五年\n"
    text += "２\t次に掲げる。\n(1)\t杭\n(2)\t床板\n"
    assert [(ref, body) for ref, _, body in texts(text)] == [
        ("第一条第一項", "帳簿は、次の表による。"),
        ("第一条第一項の表", "帳簿　年限\n学校日誌　五年"),
        ("第一条第二項", "次に掲げる。\n(1)　杭\n(2)　床板"),
    ]
    # One line alone is a sentence with a tab in it.
    assert texts("試験条例\n条例第一号\n第一条　知事は、\n毎年\t点検する。\n")[0][2] == "知事は、毎年\t点検する。"


def test_points_stand_in_the_place_of_articles() -> None:
    """第１, as 要綱 are numbered; its words are the caption, in brackets of ours, where the text follows."""
    parsed = read(POINTS)
    assert texts(POINTS) == [
        ("第一", "（趣旨）", "知事は、予算の範囲内で補助金を交付する。"),
        ("第二", "（対象）", "補助金の対象は、次のとおりとする。\n１　防災訓練\n　（１）　図上訓練\n２　資機材の購入"),
        ("第三第一項", "（申請）", "申請者は、申請書を提出しなければならない。"),
        ("第三第二項", "（申請）", "知事は、現地を調査する。"),
        ("第三の二", "", "補助金の額は、別表による。"),
        ("第四", "（検査）", "知事は、職員に、書類を目視で検査させる。"),
        ("附則", "", "この要綱は、平成３０年４月１日から施行する。"),
        ("別表", "（第３の２関係）", "第１　訓練"),
    ]
    assert parsed.ordinance.promulgation_date == dt.date(2018, 4, 1)
    assert [article.number for article in parsed.ordinance.main if isinstance(article, Article)][:2] == ["第1", "第2"]
    assert {found.code for found in parsed.diagnostics} == {"no_number"}
    assert parsed.unaccounted == 0


def test_points_without_text_of_their_own_keep_their_words_as_text() -> None:
    text = (
        "公害防止基準\n昭和四十五年四月一日\n告示第二百号\n次のとおり定める。\n第一　ばい煙の基準\n第二　騒音の基準\n"
    )
    assert texts(text)[1:] == [("第一", "", "ばい煙の基準"), ("第二", "", "騒音の基準")]


def test_points_in_a_text_with_articles_are_none() -> None:
    text = "試験条例\n条例第一号\n第一条　次のとおり定める。\n第１　点検\n第２　報告\n"
    assert [ref for ref, _, _ in texts(text)] == ["第一条"]


def test_numbered_lines_of_another_trade_are_no_legislation() -> None:
    with pytest.raises(UnreadableSource) as refused:
        read("桟橋の話\n第１　はじめに\n桟橋はよい。\n第２　おわりに\nまた来ます。\n")
    assert refused.value.code == "not_legislation"


@pytest.mark.parametrize(
    "head",
    [
        # the 公布文 first, as gazettes print it
        "試験条例をここに公布する。\n平成十年三月二十七日\n霞野県知事　　甲　野　太　郎\n霞野県条例第七号\n試験条例\n",
        # between the number and the title printed again
        "試験条例\n平成十年三月二十七日\n霞野県条例第七号\n試験条例を公布する。\n霞野県知事　甲野太郎\n試験条例\n",
    ],
)
def test_the_proclamation_is_no_preamble(head: str) -> None:
    parsed = read(head + "（設置）\n第一条　美術館を置く。\n")
    assert (parsed.ordinance.title, parsed.ordinance.law_number) == ("試験条例", "霞野県条例第七号")
    assert [str(found.ref) for found in provisions(parsed.ordinance)] == ["第一条"]
    assert parsed.unaccounted == 0


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("第１条（目的）この条例は、公園を定める。", ("第一条", "（目的）", "この条例は、公園を定める。")),
        ("第１条（目的）　この条例は、公園を定める。", ("第一条", "（目的）", "この条例は、公園を定める。")),
        # what is in the brackets belongs to the citation
        ("第１条（同条を準用する場合を含む。）知事の権限とする。", None),
        ("第１条（目的）の規定は、公園に適用する。", None),
        ("第１条（目的）中「公園」を「広場」に改める。", None),
    ],
)
def test_a_caption_may_touch_the_sentence_after_it(line: str, expected: tuple[str, str, str] | None) -> None:
    found = texts(f"試験条例\n条例第一号\n{line}\n第２条　点検する。\n")[0]
    assert found == (expected or ("前文", "", line))


# What stands before it, and the line that is read; it is the next article, or goes on with what is before.
NEXT = [
    ("第四条　点検する。", "第五条（手数料）手数料は、別表による。"),
    ("第四条　点検する。", "第五条（開館時間）まちづくりセンターの開館時間は、次のとおりとする。"),
    ("第四条　点検する。", "第五条（設置）第一公園を置く。"),
    # a branch, and behind one
    ("第四条　点検する。", "第四条の二（設置）第一公園を置く。"),
    ("第四条の二　点検する。", "第五条（設置）第一公園を置く。"),
    # a list, whose lines end without 。, a table, a chapter, what is deleted, a note on the history
    ("第四条　次による。\n一　杭\n二　床板", "第五条（設置）第一公園を置く。"),
    ("第四条　次の表による\n| 区分 | 金額 |\n| 小型 | 百円 |", "第五条（設置）第一公園を置く。"),
    ("第四条　点検する。\n第二章　公園", "第五条（設置）第一公園を置く。"),
    ("第三条及び第四条　削除", "第五条（設置）第一公園を置く。"),
    ("第四条　点検する。\n（平二規則三・追加）", "第五条（設置）第一公園を置く。"),
    # a wrapped line
    ("第四条　点検する。", "第五条（設置）県は、第一公園を\n置く。"),
    # a 附則 begins anew
    ("第四条　点検する。\n附則", "第一条（施行期日）この条例は、公布の日から施行する。"),
]
CITED = [
    # wrapped in the midst of a sentence, of whatever article
    ("第四条　使用料は、", "第五条（手数料）等により算定した額とする。"),
    ("第四条　この条例中", "第五条（適用除外）以外の規定は、公園に適用する。"),
    ("第四条　使用料は、", "第三条（委任）本文の規定による。"),
    # a sentence of its own, but the number is not the next
    ("第四条　点検する。", "第三条（適用除外）以外の施設は、別に点検する。"),
    ("第四条　点検する。", "第十条（手数料）等の額は、別に定める。"),
    ("第四条　次による。\n一　杭で、", "第五条（手数料）等により、算定したもの"),
]


@pytest.mark.parametrize(("before", "line"), NEXT)
def test_an_article_whose_caption_touches_its_sentence_is_opened(before: str, line: str) -> None:
    title, caption, rest = re.fullmatch(r"(第.+?条(?:の二)?)(（.+?）)(.+)", line, re.DOTALL).groups()
    parsed = read(f"試験条例\n条例第一号\n第一条　定める。\n第二条　定める。\n第三条　定める。\n{before}\n{line}\n")
    found = provisions(parsed.ordinance)[-1]
    assert (str(found.ref).removeprefix("附則"), found.caption, found.text) == (title, caption, rest.replace("\n", ""))
    assert parsed.unaccounted == 0


@pytest.mark.parametrize(("before", "line"), CITED)
def test_a_citation_with_its_caption_opens_no_article(before: str, line: str) -> None:
    parsed = read(f"試験条例\n条例第一号\n第三条　定める。\n{before}\n{line}\n第五条　点検する。\n")
    main = [article for article in parsed.ordinance.main if isinstance(article, Article)]
    assert [article.number for article in main] == ["3", "4", "5"]
    assert line in "".join(found.text for found in provisions(parsed.ordinance))


def test_a_text_of_old_style_is_read_whole() -> None:
    text = """火災予防規則
昭和二十三年八月七日
規則第六十号
第一条　消防長は、左の場合に立入検査をさせることができる。
　一、劇場、映画館
　二、工場
　　イ、火薬工場
　　ロ、製材工場
　三、その他二、三の場所
第二条乃至第五条　削除
第六条　設備を点検しなければならない。
　前項の点検は、毎月行う。
付　則
公布の日から、これを施行する。
"""
    items = "一、　劇場、映画館\n二、　工場\n　イ、　火薬工場\n　ロ、　製材工場\n三、　その他二、三の場所"
    assert [(ref, body) for ref, _, body in texts(text)] == [
        ("第一条", f"消防長は、左の場合に立入検査をさせることができる。\n{items}"),
        ("第二条から第五条まで", "削除"),
        ("第六条第一項", "設備を点検しなければならない。"),
        ("第六条第二項", "前項の点検は、毎月行う。"),
        ("附則", "公布の日から、これを施行する。"),
    ]
    assert read(text).unaccounted == 0


def test_a_line_of_prose_that_begins_with_a_number_opens_no_list() -> None:
    text = "試験条例\n条例第一号\n第一条　検査は、第\n一、第二の区域で行う。\n"
    assert texts(text) == [("第一条", "", "検査は、第一、第二の区域で行う。")]


def test_numbers_with_a_point_lose_nothing() -> None:
    parsed = read("試験条例\n条例第一号\n第１条　次による。\n1.　甲\n2.　乙\n第２条　点検する。\n2．　報告する。\n")
    assert [str(found.ref) for found in provisions(parsed.ordinance)] == ["第一条", "第二条第一項", "第二条第二項"]
    assert parsed.unaccounted == 0


def test_numbers_with_a_point_may_touch_the_words() -> None:
    text = "試験条例\n条例第一号\n第１条　次による。\n１．杭\n２．床板\n第２条\n１．点検する。\n２．報告する。\n"
    parsed = read(f"{text}別表\n１．甲\n２．乙\n")
    assert [(str(found.ref), found.text) for found in provisions(parsed.ordinance)] == [
        ("第一条", "次による。\n１．　杭\n２．　床板"),
        ("第二条第一項", "点検する。"),
        ("第二条第二項", "報告する。"),
        ("別表", "１．　甲\n２．　乙"),
    ]
    assert parsed.unaccounted == 0


@pytest.mark.parametrize("line", ["２．５メートル以上の杭とする。", "３．甲とする。", "１．甲とする。"])
def test_a_wrapped_line_that_begins_with_a_number_and_a_point_opens_no_list(line: str) -> None:
    assert texts(f"試験条例\n条例第一号\n第一条　杭は、\n{line}\n") == [("第一条", "", f"杭は、{line}")]


@pytest.mark.parametrize(
    ("content", "unread"), [("［別紙参照］", True), ("（略）", True), ("<画像>", True), ("申請書\n年　月　日", False)]
)
def test_a_form_that_stands_elsewhere_is_unread(content: str, unread: bool) -> None:
    text = f"試験規則\n規則第一号\n第一条　申請する。\n附則\n施行する。\n様式第一号（第一条関係）\n{content}\n"
    (form,) = read(text).ordinance.forms
    assert form.unread is unread
