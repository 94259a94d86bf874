"""Addresses: a branch number is never lost, whichever way an address is written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.citations import (
    IROHA,
    ProvisionRef,
    Section,
    format_article,
    format_ref,
    number_key,
    parse_article_number,
    parse_ref,
)

_numbers = st.integers(min_value=1, max_value=999)
_branched = st.lists(_numbers, min_size=1, max_size=3).map(lambda parts: "-".join(map(str, parts)))


@st.composite
def _refs(draw: st.DrawFn) -> ProvisionRef:
    """As readers make them: of articles, of points in their place, or of neither; an only 項 is 第一項."""
    below = [_branched, st.integers(min_value=1, max_value=len(IROHA)).map(str), _numbers.map(str)]
    item = tuple(draw(number) for number in below[: draw(st.integers(min_value=0, max_value=3))])
    supplementary, is_sole = draw(st.booleans()), draw(st.booleans())
    return ProvisionRef(
        section=Section.SUPPLEMENTARY if supplementary else Section.MAIN,
        label="附則" if supplementary else "",
        article=draw(st.one_of(_branched, _branched.map("第{}".format), st.just(""))),
        paragraph="1" if is_sole else str(draw(_numbers)),
        item=item,
        is_sole_paragraph=is_sole,
    )


@given(_refs())
def test_an_address_survives_being_written_out(ref: ProvisionRef) -> None:
    read = parse_ref(format_ref(ref))
    assert read == (replace(ref, paragraph="") if ref.is_sole_paragraph else ref)
    assert format_ref(read) == format_ref(ref)


@given(_branched, _branched)
def test_a_range_survives_being_written_out(first: str, last: str) -> None:
    assert parse_ref(format_article(f"{first}:{last}")).article == f"{first}:{last}"


@pytest.mark.parametrize(
    ("text", "article", "paragraph", "item"),
    [
        # 漢数字 with a branch number
        ("第十条の二第三項第一号", "10-2", "3", ("1",)),
        # arabic numerals of horizontal texts
        ("第10条の2第3項", "10-2", "3", ()),
        # two branch numbers, and a 号 with one
        ("第四条の二の三第一項第一号の二", "4-2-3", "1", ("1-2",)),
        # イロハ
        ("第二条第一項第三号ロ", "2", "1", ("3", "2")),
        # the 号 of an article, or of an instrument without 条, that has one 項 only
        ("第八条第二号", "8", "", ("2",)),
        ("本則第二号", "", "", ("2",)),
        ("本則", "", "", ()),
        # what stands in the place of an article
        ("第二", "第2", "", ()),
        ("第２の３第一号ロ（２）", "第2-3", "", ("1", "2", "2")),
        # 号 and 項 alone, whose unit follows the number
        ("第二号", "", "", ("2",)),
        ("第二項", "", "2", ()),
        # the machine's own form
        ("10-2", "10-2", "", ()),
    ],
)
def test_an_address_is_read(text: str, article: str, paragraph: str, item: tuple[str, ...]) -> None:
    ref = parse_ref(text)
    assert (ref.article, ref.paragraph, ref.item) == (article, paragraph, item)


@pytest.mark.parametrize("text", ["", "この条例", "第二章", "第条", "第二条イ", "第二条及び第三条の規定"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_ref(text)


def test_articles_sort_with_their_branches_between_whole_numbers() -> None:
    articles = ["11", "10-2-2", "2", "10", "10-10", "10-2"]
    ordered = sorted((ProvisionRef(article=article) for article in articles), key=lambda ref: ref.sort_key)
    assert [ref.article for ref in ordered] == ["2", "10", "10-2", "10-2-2", "10-10", "11"]


def test_main_provisions_sort_before_supplementary_ones_and_tables_last() -> None:
    refs = [ProvisionRef(section=section) for section in (Section.TABLE, Section.SUPPLEMENTARY, Section.MAIN)]
    ordered = sorted(refs, key=lambda ref: ref.sort_key)
    assert [ref.section for ref in ordered] == [Section.MAIN, Section.SUPPLEMENTARY, Section.TABLE]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("第十条の二", "10-2"),
        ("第１０条の２", "10-2"),
        # a deleted range is one article
        ("第三条及び第四条　削除", "3:4"),
        ("第三条から第五条まで　削除", "3:5"),
        # in running text the same words cite two articles, so the line opens 第三条
        ("第三条及び第四条の規定により", "3"),
        ("この条例", None),
    ],
)
def test_the_number_of_an_article_is_read_from_its_line(text: str, number: str | None) -> None:
    assert parse_article_number(text) == number


@pytest.mark.parametrize(
    ("ref", "address"),
    [
        (ProvisionRef(article="8", paragraph="1", item=("2", "1"), is_sole_paragraph=True), "第八条第二号イ"),
        (ProvisionRef(article="8-2", paragraph="1", block="表", is_sole_paragraph=True), "第八条の二の表"),
        (ProvisionRef(article="8", paragraph="1", item=("2",)), "第八条第一項第二号"),
        (ProvisionRef(label="附則", paragraph="1", item=("2",), is_sole_paragraph=True), "附則第二号"),
        (ProvisionRef(paragraph="1", item=("2",), is_sole_paragraph=True), "本則第二号"),
    ],
)
def test_the_only_paragraph_of_an_article_is_not_cited(ref: ProvisionRef, address: str) -> None:
    assert str(ref) == address


def test_a_range_is_written_as_laws_write_it() -> None:
    assert format_article("3:5-2") == "第三条から第五条の二まで"
    assert format_article("3:4") == "第三条及び第四条"
    assert str(ProvisionRef(article="3:5", paragraph="1")) == "第三条から第五条まで"


def test_what_stands_in_the_place_of_an_article_is_written_without_its_unit() -> None:
    assert format_article("第3-2") == "第三の二"
    assert str(ProvisionRef(article="第3", paragraph="2")) == "第三第二項"
    assert [number_key(number) for number in ("第3-2", "10-2", "3:5")] == [(3, 2), (10, 2), (3,)]
