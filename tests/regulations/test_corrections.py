"""Corrections of faulty sources: applied as a whole to the file they were made for, and to no other."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from regulations.corrections import Action, ActionKind, Correction, apply_corrections, read_corrections
from regulations.sources.reading import read_source
from regulations.structure import ParsedOrdinance, provisions
from tests.conftest import ROOT

TEXT = """霞野県桟橋条例
令和三年三月二十六日
霞野県条例第十二号

（目的）
第一条　この条例は、桟橋の管理を定める。
（点検）
第二条　知事は、桟橋を毎年点検する。
２　前項の点検は、次に掲げる事項について行う。
一　杭の状況
二　床板の状況
（手数料）
第四条　手数料は、次の表のとおりとする。
| 区分 | 金額 |
| 小型 | 百円 |
附則
１　この条例は、公布の日から施行する。
２　旧条例は、廃止する。
附則（令和五年条例第三号）
１　この条例は、令和五年四月一日から施行する。
別表第一（第二条関係）
| 杭 | 目視 |
"""
LIST = "前項の点検は、次に掲げる事項について行う。\n一　杭の状況\n"
HASH = "a" * 64
REPLACE, INSERT, DELETE = ActionKind


def parsed(text: str = TEXT) -> ParsedOrdinance:
    return read_source("file", text.encode())


def correction(*actions: Action, source: str = HASH) -> Correction:
    return Correction(
        source_sha256=source, title="霞野県桟橋条例", reason="原本と違う", by="行政経営課",
        date=dt.date(2026, 11, 2), actions=actions,
    )  # fmt: skip


def corrected(*actions: Action) -> ParsedOrdinance:
    return apply_corrections(parsed(), [correction(*actions)], source_hash=HASH)


def texts(found: ParsedOrdinance) -> dict[str, str]:
    return {str(provision.ref): provision.text for provision in provisions(found.ordinance)}


def differences(found: ParsedOrdinance) -> dict[str, str | None]:
    """Provisions that read differently than before, None where one is gone."""
    before, after = texts(parsed()), texts(found)
    return {key: after.get(key) for key in {**before, **after} if before.get(key) != after.get(key)}


@pytest.mark.parametrize(
    ("at", "before", "after", "where", "expected"),
    [
        # an article of one paragraph is address enough, in either numeral style
        ("第一条", "管理", "設置及び管理", "第一条", "この条例は、桟橋の設置及び管理を定める。"),
        ("第2条第1項", "毎年", "毎月", "第二条第一項", "知事は、桟橋を毎月点検する。"),
        ("第二条第二項第二号", "床板", "床版", "第二条第二項", LIST + "二　床版の状況"),
        ("第四条第一項の表", "百円", "二百円", "第四条の表", "区分　金額\n小型　二百円"),
        ("附則第二項", "廃止する", "廃止しない", "附則第二項", "旧条例は、廃止しない。"),
        # one of several 附則 by what stands in its brackets
        (
            "附則（令和五年条例第三号）第一項", "五年四月", "五年五月",
            "附則（令和五年条例第三号）第一項", "この条例は、令和五年五月一日から施行する。",
        ),
        ("別表第一", "目視", "打診", "別表第一", "杭　打診"),
    ],
)  # fmt: skip
def test_words_are_replaced_at_an_address(at: str, before: str, after: str, where: str, expected: str) -> None:
    found = corrected(Action(kind=REPLACE, at=at, before=before, after=after))
    assert differences(found) == {where: expected}


def test_title_number_and_caption_can_be_replaced() -> None:
    found = corrected(
        Action(kind=REPLACE, at="題名", before="桟橋", after="浮桟橋"),
        Action(kind=REPLACE, at="番号", before="十二", after="二十"),
        Action(kind=REPLACE, at="第二条見出し", before="点検", after="検査"),
    ).ordinance
    assert (found.title, found.law_number, found.main[1].caption) == (
        "霞野県浮桟橋条例", "霞野県条例第二十号", "（検査）",
    )  # fmt: skip


def test_what_was_odd_before_is_not_told_of_the_corrected_text() -> None:
    assert "missing_article" in {found.code for found in parsed().diagnostics}
    found = corrected(Action(kind=INSERT, at="第三条", after="（禁止）\n第三条　何人も、桟橋で火を焚いてはならない。"))
    assert [diagnostic.code for diagnostic in found.diagnostics] == ["corrected"]
    assert [(article.number, article.caption) for article in found.ordinance.main] == [
        ("1", "（目的）"), ("2", "（点検）"), ("3", "（禁止）"), ("4", "（手数料）"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "after", "where", "expected"),
    [
        ("第二条第三項", "３　桟橋には、浮桟橋を含む。", "第二条第三項", "桟橋には、浮桟橋を含む。"),
        (
            "第二条第二項第三号", "三　次に掲げる設備\nイ　係船柱",
            "第二条第二項", LIST + "二　床板の状況\n三　次に掲げる設備\n　イ　係船柱",
        ),
        ("第二条第二項第一号の二", "一の二　梁の状況", "第二条第二項", LIST + "一の二　梁の状況\n二　床板の状況"),
        # the first item of a list that was lost altogether
        ("第一条第一項第一号", "一　定義", "第一条", "この条例は、桟橋の管理を定める。\n一　定義"),
        # as it is cited in an article of one 項
        ("第一条第一号", "一　定義", "第一条", "この条例は、桟橋の管理を定める。\n一　定義"),
        ("第二条の二", "第二条の二　桟橋の利用は、無料とする。", "第二条の二", "桟橋の利用は、無料とする。"),
        ("第二条の二", "第二条の二（利用）桟橋の利用は、無料とする。", "第二条の二", "桟橋の利用は、無料とする。"),
        ("附則第三項", "３　経過措置は、規則で定める。", "附則第三項", "経過措置は、規則で定める。"),
    ],
)  # fmt: skip
def test_a_lost_provision_is_inserted_where_its_number_belongs(at: str, after: str, where: str, expected: str) -> None:
    assert differences(corrected(Action(kind=INSERT, at=at, after=after))) == {where: expected}


def test_a_second_paragraph_gives_the_first_its_number() -> None:
    found = corrected(Action(kind=INSERT, at="第一条第二項", after="２　桟橋には、浮桟橋を含む。"))
    assert differences(found) == {
        "第一条": None,
        "第一条第一項": "この条例は、桟橋の管理を定める。",
        "第一条第二項": "桟橋には、浮桟橋を含む。",
    }


POINTS = """霞野県点検要綱
第１　趣旨
　この要綱は、桟橋の点検を定める。
第２　点検
　次に掲げる事項について点検する。
　一　杭
第３　報告
　知事に報告する。
"""


@pytest.mark.parametrize(
    ("text", "action", "address", "expected"),
    [
        (
            POINTS,
            Action(kind=INSERT, at="第二第二号", after="二　床板"),
            "第二",
            "次に掲げる事項について点検する。\n一　杭\n二　床板",
        ),
        (POINTS, Action(kind=INSERT, at="第２の２", after="第２の２　記録する。"), "第二の二", "記録する。"),
        (
            POINTS,
            Action(kind=REPLACE, at="第二", before="点検", after="検査"),
            "第二",
            "次に掲げる事項について検査する。\n一　杭",
        ),
        (
            "点検告示\n令和三年三月二十六日\n告示第一号\n次の施設を点検する。\n一　杭\n附則\n公布の日から施行する。\n",
            Action(kind=INSERT, at="本則第二号", after="二　床板"),
            "本則",
            "次の施設を点検する。\n一　杭\n二　床板",
        ),
    ],
)
def test_points_and_texts_without_articles_are_corrected(
    text: str, action: Action, address: str, expected: str
) -> None:
    found = apply_corrections(parsed(text), [correction(action)], source_hash=HASH)
    assert [each.code for each in found.diagnostics if "correct" in each.code] == ["corrected"]
    assert texts(found)[address] == expected


@pytest.mark.parametrize("at", ["第四条第二号", "第四条第一項第二号", "第4条第2号"])
def test_an_item_of_an_article_of_one_paragraph_is_found_as_it_is_cited(at: str) -> None:
    text = TEXT.replace("| 区分 | 金額 |\n| 小型 | 百円 |", "一　小型　百円\n二　大型　二百円")
    for action, expected in (
        (Action(kind=REPLACE, at=at, before="二百円", after="三百円"), "一　小型　百円\n二　大型　三百円"),
        (Action(kind=DELETE, at=at, before="二　大型　二百円"), "一　小型　百円"),
    ):
        found = apply_corrections(parsed(text), [correction(action)], source_hash=HASH)
        assert texts(found)["第四条"] == f"手数料は、次の表のとおりとする。\n{expected}"


def test_what_does_not_belong_is_deleted_when_its_whole_text_is_named() -> None:
    found = corrected(
        Action(kind=DELETE, at="第二条第二項第二号", before="二　床板の状況"),
        Action(kind=DELETE, at="第一条", before="この条例は、\n桟橋の管理を定める。"),
    )
    assert differences(found) == {
        "第一条": None,
        "第二条第二項": LIST.rstrip(),
    }


def test_one_of_two_articles_of_the_same_number_is_told_by_its_words() -> None:
    twice = parsed(TEXT.replace("第四条", "第二条"))
    action = Action(kind=REPLACE, at="第二条", before="次の表", after="下の表")
    found = apply_corrections(twice, [correction(action)], source_hash=HASH)
    assert [text for text in texts(found).values() if "下の表" in text] == ["手数料は、下の表のとおりとする。"]


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (Action(kind=REPLACE, at="第二条第一項", before="毎日", after="毎月"), "知事は、桟橋を毎年点検する。"),
        (Action(kind=REPLACE, at="第二条第二項", before="に", after="を"), "1か所"),
        (Action(kind=REPLACE, at="第九条", before="毎年", after="毎月"), "第九条は見つかりません"),
        (Action(kind=REPLACE, at="第二条", before="毎年", after="毎月"), "見つかりません"),
        (Action(kind=REPLACE, at="題名", before="空港", after="港"), "霞野県桟橋条例"),
        (Action(kind=DELETE, at="第一条", before="この条例は、"), "桟橋の設置を定める"),
        (Action(kind=DELETE, at="題名", before="霞野県桟橋条例"), "replace"),
        (Action(kind=INSERT, at="第二条第二項", after="２　重ねて定める。"), "既にあります"),
        (Action(kind=INSERT, at="第三条", after="第五条　番号が違う。"), "第三条の番号で始まる"),
        (Action(kind=INSERT, at="第八条第二項", after="２　置く所がない。"), "場所が見つかりません"),
        (Action(kind=INSERT, at="どこか", after="２　置く所がない。"), "読めません"),
    ],
)
def test_what_does_not_fit_the_text_is_refused_as_a_whole(action: Action, said: str) -> None:
    fitting = Action(kind=REPLACE, at="第一条", before="管理", after="設置")
    found = corrected(fitting, action)
    assert found.ordinance == parsed().ordinance
    (refused,) = [diagnostic for diagnostic in found.diagnostics if diagnostic.code == "correction_refused"]
    assert said in refused.message


def test_a_correction_for_another_state_of_the_file_is_refused_and_named() -> None:
    action = Action(kind=REPLACE, at="第一条", before="管理", after="設置")
    found = apply_corrections(parsed(), [correction(action, source="b" * 64)], source_hash=HASH)
    assert found.ordinance == parsed().ordinance
    assert found.diagnostics[0].code == "correction_refused"
    assert "変わっています" in found.diagnostics[0].message


def test_corrections_of_other_instruments_leave_no_trace() -> None:
    other = parsed(TEXT.replace("霞野県桟橋条例", "霞野県空港条例"))
    action = Action(kind=REPLACE, at="第一条", before="管理", after="設置")
    assert apply_corrections(other, [correction(action)], source_hash="c" * 64) is other


def test_a_correction_says_who_did_what_and_why() -> None:
    found = corrected(Action(kind=REPLACE, at="第一条", before="管理", after="設置"))
    told = found.diagnostics[0]
    assert (told.code, told.ref) == ("corrected", "第一条")
    assert all(word in told.message for word in ("管理", "設置", "原本と違う", "行政経営課", "2026-11-02"))


ENTRY = f"""- source_sha256: {HASH}
  title: 霞野県桟橋条例
  reason: 原本と違う
  by: 行政経営課
  date: 2026-11-02
  actions:
    - action: replace
      at: 第一条
      before: 管理
      after: 設置
"""


def test_a_file_of_corrections_is_read() -> None:
    action = Action(kind=REPLACE, at="第一条", before="管理", after="設置")
    assert read_corrections(ENTRY.encode("utf-8-sig")) == ([correction(action)], [])
    assert read_corrections(b"# nothing yet\n") == ([], [])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("reason: 原本と違う", "reasn: 原本と違う", "reasn"),
        ("  by: 行政経営課\n", "", "by"),
        (HASH, "abc", "64桁"),
        ("2026-11-02", "令和8年", "date"),
        ("action: replace", "action: rewrite", "rewrite"),
        ("      before: 管理\n", "", "before と after"),
        ("action: replace", "action: delete", "delete には before"),
        ("before: 管理", "before: ''", "空でない"),
        ("before: 管理", "before: 3", "文字列"),
        ("title: 霞野県桟橋条例", "title: [", "YAML"),
        (ENTRY, "title: 霞野県桟橋条例", "一覧"),
        (ENTRY, "- 霞野県桟橋条例", "項目: 値"),
    ],
)
def test_a_mistake_in_the_file_is_named_and_nothing_is_applied(old: str, new: str, said: str) -> None:
    assert old in ENTRY
    found, errors = read_corrections(ENTRY.replace(old, new).encode())
    assert found == []
    assert said in "".join(errors)


def test_the_example_of_the_documentation_is_a_correction() -> None:
    page = (Path(ROOT) / "docs" / "corrections.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    found, errors = read_corrections(example.encode())
    assert errors == []
    assert {action.kind for entry in found for action in entry.actions} == set(ActionKind)
