"""Super Reiki-Base pages: a flat list of lines becomes a tree."""

from __future__ import annotations

import datetime as dt

import pytest

from regulations.sources.base import UnreadableSource
from regulations.sources.reading import read_source
from regulations.structure import Article, Division, Kind, ParsedOrdinance, provisions

HEAD = (
    '<div class="head"><p class="title-irregular"><span class="cm">○あおば県倉庫検査条例</span></p></div>',
    '<div class="head"><p class="date"><span class="cm">令和四年一二月二二日</span></p></div>',
    '<div class="head"><p class="number"><span class="cm">条例第一三〇号</span></p></div>',
)


def page(*lines: str, aside: str = "") -> bytes:
    rows = "\n".join(
        f'<div>\n<div id="l{n:09}" class="eline">{line}</div>\n</div>' for n, line in enumerate((*HEAD, *lines))
    )
    return (
        '<html><head><meta charset="utf-8"><title>例規</title></head><body>'
        f'<div id="primaryInner"><div id="primaryInner2">{rows}</div></div>'
        f'<div id="secondary">{aside}</div></body></html>'
    ).encode()


def article(num: str, text: str, caption: str = "") -> str:
    heading = f'<p class="title"><span class="cm">{caption}</span></p>' if caption else ""
    return (
        f'<div class="article">{heading}<p class="num"><span class="num cm">{num}</span>　'
        f'<span class="clause"><span class="p cm">{text}</span></span></p></div>'
    )


def line(kind: str, num: str, text: str) -> str:
    number = f'<span class="num cm">{num}</span>'
    return f'<div class="{kind}"><p class="num">{number}　<span class="p cm">{text}</span></p></div>'


def unnumbered(text: str) -> str:
    return f'<div class="clause"><p style="text-indent:1em" class="p"><span class="p cm">{text}</span></p></div>'


def supplementary(date: str = "", number: str = "") -> str:
    amended = f'<span class="date cm">({date}</span><span class="number cm">{number})</span>' if date else ""
    return f'<p class="s-head"><span class="title cm"><span class="word-space">附</span>則</span>{amended}</p>'


def read(data: bytes) -> ParsedOrdinance:
    return read_source("x900RG00000012.html", data)


def texts(parsed: ParsedOrdinance) -> list[tuple[str, str]]:
    return [(str(provision.ref), provision.text) for provision in provisions(parsed.ordinance)]


def test_the_head_is_read() -> None:
    aside = (
        '<p class="datenumber-area">令和4年12月22日　条例第130号</p><p class="datenumber-area"> (令和7年6月1日施行)</p>'
    )
    ordinance = read(page(article("第一条", "倉庫を検査する。"), aside=aside)).ordinance
    assert (ordinance.title, ordinance.law_number, ordinance.kind) == (
        "あおば県倉庫検査条例",
        "条例第一三〇号",
        Kind.ORDINANCE,
    )
    assert (ordinance.promulgation_date, ordinance.promulgation_date_raw) == (
        dt.date(2022, 12, 22),
        "令和四年一二月二二日",
    )
    assert (ordinance.enforcement_date, ordinance.source_id) == (dt.date(2025, 6, 1), "x900RG00000012")


def test_paragraphs_and_items_that_are_siblings_find_their_article() -> None:
    parsed = read(
        page(
            article("第十条の二", "次に掲げる。", "(定義)"),
            line("item", "(1)", "倉庫　物を納める所"),
            line("subitem1", "ア", "木造のもの"),
            line("subitem1", "イ", "石造のもの"),
            line("item", "(2)", "納屋"),
            line("clause", "2", "毎年検査する。"),
            article("第十一条", "削除"),
        )
    )
    assert texts(parsed) == [
        ("第十条の二第一項", "次に掲げる。\n(1)　倉庫　物を納める所\n　ア　木造のもの\n　イ　石造のもの\n(2)　納屋"),
        ("第十条の二第二項", "毎年検査する。"),
        ("第十一条", "削除"),
    ]
    assert [provision.caption for provision in provisions(parsed.ordinance)] == ["(定義)", "(定義)", ""]


def test_points_stand_in_the_place_of_articles() -> None:
    lines = (article("第1", "要綱を定める。"), article("第2の2", "点検する。"), line("clause", "2", "毎年行う。"))
    found = texts(read(page(*lines)))
    assert found == [("第一", "要綱を定める。"), ("第二の二第一項", "点検する。"), ("第二の二第二項", "毎年行う。")]


def test_links_brackets_ruby_and_deletions_leave_only_the_text() -> None:
    text = '<a href="#e1" class="inline quote">前項</a>の<ruby>塵<rt>じん</rt></ruby>埃<del>旧</del>'
    text += '<span class="brackets-color1">(灰を除く。)</span>'
    assert texts(read(page(article("第1条", text)))) == [("第一条", "前項の塵埃(灰を除く。)")]


def test_line_breaks_and_indents_of_the_file_mean_nothing() -> None:
    assert texts(read(page(article("第1条", "\n      倉庫を\n      検査する。\n    ")))) == [
        ("第一条", "倉庫を検査する。")
    ]


def test_several_supplementary_provisions_keep_their_numbers_and_unnumbered_paragraphs_are_counted() -> None:
    parsed = read(
        page(
            article("第1条", "検査する。"),
            supplementary(),
            unnumbered("公布の日から施行する。"),
            unnumbered("経過措置は、規則で定める。"),
            supplementary("平成10年3月30日", "条例第5号"),
            article("第1条", "公布の日から施行する。", "(施行期日)"),
        )
    )
    assert [ref for ref, _ in texts(parsed)] == [
        "第一条",
        "附則第一項",
        "附則第二項",
        "附則（平成10年3月30日条例第5号）第一条",
    ]


def test_notes_on_the_history_leave_the_text() -> None:
    note = '<p class="revise_record"><span class="cm">(令5条例29・一部改正)</span></p>'
    parsed = read(page(article("第1条", "検査する。"), note, article("第2条", "報告する。(平二規則三・追加)")))
    assert [text for _, text in texts(parsed)] == ["検査する。", "報告する。"]
    first, second = parsed.ordinance.main
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert [note.raw for note in (*first.amendments, *second.amendments)] == [
        "(令5条例29・一部改正)",
        "(平二規則三・追加)",
    ]


def test_a_table_belongs_to_the_paragraph_before_it() -> None:
    table = (
        '<div class="table_frame"><table><thead><tr class="fixed-colspec"><td></td><td></td></tr></thead>'
        "<tr><td><p>甲</p></td><td><p>年一回<br>又は二回</p></td></tr></table></div>"
    )
    assert texts(read(page(article("第1条", "次の表による。"), table, article("第2条", "報告する。")))) == [
        ("第一条", "次の表による。"),
        ("第一条の表", "甲　年一回　又は二回"),
        ("第二条", "報告する。"),
    ]


def test_an_appended_table_is_read_and_a_linked_form_is_listed() -> None:
    appended = '<div class="table_section"><p class="num"><span class="num cm">別表第1</span>'
    appended += '<span class="cm">(第1条関係)</span></p></div>'
    rows = '<div class="table_frame"><table><tr><td>甲</td><td>年一回</td></tr></table></div>'
    form = '<div class="form_section"><p class="num"><a href="word/a.rtf"><span class="num cm">別記様式</span>'
    form += '<span class="form-title cm">(第2条関係)</span></a></p></div>'
    image = '<div class="xref_frame cm"><p><img src="a.png" alt="画像"></p></div>'
    parsed = read(page(article("第1条", "検査する。"), appended, rows, form, image))
    assert texts(parsed)[-1] == ("別表第1", "甲　年一回")
    assert provisions(parsed.ordinance)[-1].caption == "(第1条関係)"
    assert [(form.title, form.unread) for form in parsed.ordinance.forms] == [("別記様式(第2条関係)", True)]


def test_lines_without_numbers_in_spans_are_read_as_text() -> None:
    parsed = read(
        page(
            '<div class="article"><p class="num">（目的）</p><p>第1条　次に掲げる。</p></div>',
            '<div class="clause"><ul><li>一　倉庫</li><li>二　納屋</li></ul></div>',
            '<div class="article"><p>２　毎年検査する。</p></div>',
        )
    )
    assert texts(parsed) == [("第一条第一項", "次に掲げる。\n一　倉庫\n二　納屋"), ("第一条第二項", "毎年検査する。")]
    assert provisions(parsed.ordinance)[0].caption == "（目的）"


def test_the_proclamation_and_the_second_title_are_not_the_text_of_the_law() -> None:
    proclamation = '<div class="announcement"><p class="p">あおば県倉庫検査条例を公布する。</p></div>'
    second = '<div class="front"><p class="title"><span class="cm">あおば県倉庫検査条例</span></p></div>'
    assert texts(read(page(proclamation, second, article("第一条", "検査する。")))) == [("第一条", "検査する。")]


def test_an_unclosed_line_loses_and_repeats_nothing() -> None:
    data = page(article("第1条", "検査する。"), article("第2条", "報告する。")).replace(b"</div>\n</div>", b"</div>", 4)
    assert texts(read(data)) == [("第一条", "検査する。"), ("第二条", "報告する。")]


def test_text_that_is_in_no_known_block_is_reported() -> None:
    data = page(article("第1条", "検査する。"), "<dl><dd>毎年一回、職員が目視で点検する。</dd></dl><p>終わり</p>")
    assert "unread_text" in {diagnostic.code for diagnostic in read(data).diagnostics}


def test_a_page_without_lines_of_law_is_refused() -> None:
    data = '<html><body><div id="primaryInner"><p>目次のページ（条例第1号）</p></div></body></html>'.encode()
    with pytest.raises(UnreadableSource) as refused:
        read(data)
    assert refused.value.code == "no_body"


def test_tags_without_end_are_refused_at_once() -> None:
    with pytest.raises(UnreadableSource) as refused:
        read(page("<div>" * 100_000))
    assert refused.value.code == "nested_too_deep"


def test_the_contents_give_no_chapters_and_no_supplementary_provision() -> None:
    entries = ("目次", "第1章　総則(第1条)", "第2章　検査(第2条)", "附則")
    contents = tuple(
        f'<div class="index"><p class="p"><span class="p cm">{entry}</span></p></div>' for entry in entries
    )
    parsed = read(
        page(
            *contents,
            line("chapter", "第1章", "総則"),
            article("第1条", "検査を定める。"),
            line("chapter", "第2章", "検査"),
            article("第2条", "検査する。"),
        )
    )
    assert texts(parsed) == [("第一条", "検査を定める。"), ("第二条", "検査する。")]
    assert [part.title for part in parsed.ordinance.main if isinstance(part, Division)] == [
        "第1章　総則",
        "第2章　検査",
    ]


def with_map(data: bytes, *ids: str) -> bytes:
    mapped = "".join(f'<div id="{name}">e000000001</div>' for name in ids)
    return data.replace(b"</body>", f'<div id="num-ids" style="display:none;">{mapped}</div></body>'.encode())


MAPPED = page(
    article("第1条", "次に掲げる倉庫を検査する。"),
    line("item", "(1)", "木造の倉庫"),
    line("clause", "2", "検査は、毎年行う。"),
    supplementary(),
    unnumbered("公布の日から施行する。"),
)


def test_a_tree_that_agrees_with_the_map_of_the_page_says_nothing() -> None:
    ids = ("title", "main_rules", "j1", "j1_num", "j1_k1", "j1_k1_g1", "j1_k1_g1_noitems", "j1_k2", "f1", "f1_j0_k1")
    parsed = read(with_map(MAPPED, *ids))
    assert "address_mismatch" not in {diagnostic.code for diagnostic in parsed.diagnostics}
    assert parsed.unaccounted == 0


@pytest.mark.parametrize(
    ("missing", "ref"),
    [
        ("j2", "第二条"),
        ("j1_k3", "第一条第三項"),
        ("j1_k1_g2", "第一条第一項第二号"),
        ("f1_j0_k2", "附則第二項"),
        ("f2_j1", "附則第一条"),
    ],
)
def test_a_place_of_the_map_that_was_not_read_is_told(missing: str, ref: str) -> None:
    found = [d for d in read(with_map(MAPPED, "j1", missing)).diagnostics if d.code == "address_mismatch"]
    assert [diagnostic.ref for diagnostic in found] == [ref]


def numbered(data: bytes, **ids: str) -> bytes:
    """The page with an id for the first element that prints each number."""
    for name, printed in ids.items():
        old = f'<span class="num cm">{printed}<'
        assert old.encode() in data
        data = data.replace(old.encode(), f'<span id="{name}" class="num cm">{printed}<'.encode(), 1)
    return data


def with_targets(data: bytes, **targets: str) -> bytes:
    mapped = "".join(f'<div id="{name}">{target}</div>' for name, target in targets.items())
    return data.replace(b"</body>", f'<div id="num-ids" style="display:none;">{mapped}</div></body>'.encode())


BRANCHED = numbered(
    page(
        article("第1条", "検査する。"),
        article("第10条の2", "次に掲げる倉庫を検査する。"),
        line("item", "(3)の2", "木造の倉庫"),
        line("clause", "2", "検査は、毎年行う。"),
        article("第11条及び第12条", "削除"),
    ),
    e1="第1条",
    e2="第10条の2",
    e3="(3)の2",
    e4="第11条及び第12条",
)


@pytest.mark.parametrize("key", ["j10_2", "j10-2", "j10no2", "j1002"])
@pytest.mark.parametrize("item", ["g3_2", "g3-2", "g302"])
def test_branch_numbers_of_the_map_are_known_by_what_is_printed_there(key: str, item: str) -> None:
    agreeing = {
        "j1_num": "e1",
        key: "e2",
        f"{key}_num": "e2",
        f"{key}_k1": "e9",
        f"{key}_k1_{item}": "e3",
        f"{key}_k2": "e9",
        "j11": "e4",
        "j11_num": "e4",
    }
    assert "address_mismatch" not in {d.code for d in read(with_targets(BRANCHED, **agreeing)).diagnostics}
    told = [
        d.ref
        for d in read(with_targets(BRANCHED, **agreeing, **{f"{key}_k3": "e9"})).diagnostics
        if d.code == "address_mismatch"
    ]
    assert told == ["第十条の二第三項"]


@pytest.mark.parametrize("entry", ["j10_2_k5", "j1_k1_g3x", "j1_k9_proviso", "y0", "jx_k1", f"j1_k{'9' * 5000}"])
def test_entries_of_the_map_that_cannot_be_made_out_are_left_alone(entry: str) -> None:
    parsed = read(with_targets(BRANCHED, **{entry: "e9"}))
    assert "address_mismatch" not in {diagnostic.code for diagnostic in parsed.diagnostics}


def test_references_within_the_text_stay_text() -> None:
    quoted = '<a href="#e000000040" class="inline quote" tabindex=1 >前条</a>の規定により、倉庫を検査する。'
    assert texts(read(page(article("第2条", quoted)))) == [("第二条", "前条の規定により、倉庫を検査する。")]


def test_a_supplementary_provision_keeps_its_heading_number_and_date() -> None:
    (part,) = read(
        page(article("第1条", "検査する。"), supplementary("令和六年三月一日", "条例第七号"))
    ).ordinance.supplementary
    assert (part.heading, part.amend_law_number) == ("附則(令和六年三月一日条例第七号)", "令和六年三月一日条例第七号")
    assert part.promulgation_date == dt.date(2024, 3, 1)
