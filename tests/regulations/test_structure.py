"""From the tree to provisions: the text that is judged, and its address."""

from __future__ import annotations

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
        ("第一条第一項", "main", "（目的）", "定める。"),
        ("附則（令和三年条例第五号）第一項", "supplementary", "", "施行する。"),
        ("別表第一", "table", "（第一条関係）", "甲"),
    ]


def test_the_hash_of_a_provision_does_not_change_with_typesetting() -> None:
    def one(text: str) -> str:
        article = Article(number="1", title="第一条", paragraphs=(Paragraph(number="1", sentences=_sentence(text)),))
        return provisions(Ordinance(title="試験条例", main=(article,)))[0].text_hash

    assert one("第十条の検査（年一回）") == one("第10条の検査(年一回)")
    assert one("第十条の検査（年一回）") != one("第十条の検査（年二回）")
