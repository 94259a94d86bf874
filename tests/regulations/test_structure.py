"""From the tree to provisions: the text that is judged, and its address."""

from __future__ import annotations

import pytest

from regulations.citations import Section
from regulations.structure import (
    AppendedTable,
    Article,
    Division,
    DivisionLevel,
    Item,
    Ordinance,
    Paragraph,
    Sentence,
    SupplementaryProvision,
    Table,
    paragraph_text,
    provisions,
)


def _sentence(*columns: str) -> tuple[Sentence, ...]:
    return (Sentence(columns=columns),)


def test_items_follow_the_sentences_one_a_line_and_indented_by_their_level() -> None:
    deepest = Item(number="1", title="（１）", sentences=_sentence("屋内のもの"))
    subitem = Item(number="1", title="イ", sentences=_sentence("木造のもの"), subitems=(deepest,))
    item = Item(number="1", title="一", sentences=_sentence("倉庫", "物を納める所"), subitems=(subitem,))
    unnumbered = Item(number="2", title="", sentences=_sentence("その他のもの"))
    paragraph = Paragraph(number="1", sentences=_sentence("次に掲げる。"), items=(item, unnumbered))
    assert paragraph_text(paragraph) == (
        "次に掲げる。\n一　倉庫　物を納める所\n　イ　木造のもの\n　　（１）　屋内のもの\nその他のもの"
    )


def test_a_table_within_a_paragraph_is_a_provision_of_its_own_and_not_in_its_text() -> None:
    table = Table(rows=(("区分", "回数"), ("甲", "年一回")))
    paragraph = Paragraph(number="2", sentences=_sentence("次の表による。"), tables=(table,))
    ordinance = Ordinance(title="試験条例", main=(Article(number="5-2", title="第五条の二", paragraphs=(paragraph,)),))
    text, inner = provisions(ordinance)
    assert (text.text, str(text.ref)) == ("次の表による。", "第五条の二第二項")
    assert (inner.text, str(inner.ref)) == ("区分　回数\n甲　年一回", "第五条の二第二項の表")
    assert inner.ref.section is Section.TABLE


def test_a_table_within_a_supplementary_provision_is_named_after_its_paragraph() -> None:
    table = Table(rows=(("経過期間", "一年"),))
    paragraph = Paragraph(number="2", sentences=_sentence("次の表による。"), tables=(table, table))
    ordinance = Ordinance(title="試験条例", supplementary=(SupplementaryProvision(children=(paragraph,)),))
    assert [str(found.ref) for found in provisions(ordinance)] == ["附則第二項", "附則第二項の表一", "附則第二項の表二"]


def _paragraphs(*printed: str) -> tuple[Paragraph, ...]:
    """項 with the numbers printed on them, the first with a table."""
    tables = (Table(rows=(("甲",),)),)
    return tuple(
        Paragraph(number=str(place), title=title, sentences=_sentence("定める。"), tables=tables if place == 1 else ())
        for place, title in enumerate(printed, 1)
    )


def _article(number: str, *printed: str) -> Article:
    return Article(number=number, title="", paragraphs=_paragraphs(*printed))


@pytest.mark.parametrize(
    ("children", "main", "supplementary"),
    [
        ((_article("8", ""),), "第八条 第八条の表", "附則第八条 附則第八条の表"),
        (
            (_article("8-2", "", "2"),), "第八条の二第一項 第八条の二第一項の表 第八条の二第二項",
            "附則第八条の二第一項 附則第八条の二第一項の表 附則第八条の二第二項",
        ),
        # 項 of old style, without numbers
        (
            (_article("1", "", ""),), "第一条第一項 第一条第一項の表 第一条第二項",
            "附則第一条第一項 附則第一条第一項の表 附則第一条第二項",
        ),
        # without 条
        (_paragraphs(""), "本則 本則の表", "附則 附則の表"),
        (_paragraphs("", "2"), "第一項 第一項の表 第二項", "附則第一項 附則第一項の表 附則第二項"),
        # through chapters too
        (
            tuple(Division(level=DivisionLevel.CHAPTER, title="", children=(each,)) for each in _paragraphs("", "")),
            "第一項 第一項の表 第二項", "附則第一項 附則第一項の表 附則第二項",
        ),
        # in an extract (抄) the number that is printed is cited
        (_paragraphs("１"), "第一項 第一項の表", "附則第一項 附則第一項の表"),
        # a line beside articles is not the whole of its part
        (
            (_article("1", ""), _paragraphs("", "")[1]),
            "第一条 第一条の表 第二項", "附則第一条 附則第一条の表 附則第二項",
        ),
    ],
)  # fmt: skip
def test_the_only_paragraph_is_cited_as_its_article_or_part(children, main: str, supplementary: str) -> None:
    of_main = provisions(Ordinance(title="試験条例", main=children))
    of_annex = provisions(Ordinance(title="試験条例", supplementary=(SupplementaryProvision(children=children),)))
    assert [str(found.ref) for found in of_main] == main.split()
    assert [str(found.ref) for found in of_annex] == supplementary.split()
    assert all(found.ref.paragraph for found in of_main)  # what identity is told by keeps it


def test_provisions_come_in_document_order_with_their_section() -> None:
    article = Article(
        number="1",
        title="第一条",
        caption="（目的）",
        paragraphs=(Paragraph(number="1", sentences=_sentence("定める。")),),
    )
    ordinance = Ordinance(
        title="試験条例",
        preamble=(Paragraph(number="", sentences=_sentence("ここに制定する。")),),
        main=(Division(level=DivisionLevel.CHAPTER, title="第一章　総則", children=(article,)),),
        supplementary=(
            SupplementaryProvision(
                amend_law_number="令和三年条例第五号",
                children=(Paragraph(number="1", sentences=_sentence("施行する。")),),
            ),
        ),
        tables=(AppendedTable(title="別表第一", related_articles="（第一条関係）", tables=(Table(rows=(("甲",),)),)),),
    )
    assert [(str(p.ref), p.ref.section.value, p.caption, p.text) for p in provisions(ordinance)] == [
        ("前文", "main", "", "ここに制定する。"),
        ("第一条", "main", "（目的）", "定める。"),
        ("附則（令和三年条例第五号）", "supplementary", "", "施行する。"),
        ("別表第一", "table", "（第一条関係）", "甲"),
    ]


def test_the_hash_of_a_provision_does_not_change_with_typesetting() -> None:
    def one(text: str) -> str:
        article = Article(number="1", title="第一条", paragraphs=(Paragraph(number="1", sentences=_sentence(text)),))
        return provisions(Ordinance(title="試験条例", main=(article,)))[0].text_hash

    assert one("第十条の検査（年一回）") == one("第10条の検査(年一回)")
    assert one("第十条の検査（年一回）") != one("第十条の検査（年二回）")
