"""The head of an instrument: its kind comes from the number, not from the title."""

from __future__ import annotations

import pytest

from regulations.sources.headings import clean_title, issuing_body_of, kind_of, split_number_line
from regulations.structure import Kind


@pytest.mark.parametrize(
    ("number", "kind", "body"),
    [
        ("条例第四号", Kind.ORDINANCE, "知事"),
        ("規則第三〇号", Kind.RULE, "知事"),
        ("あおば県告示第百号", Kind.PUBLIC_NOTICE, "知事"),
        # a letter of the series, bare and in brackets
        ("訓令甲第三号", Kind.INSTRUCTION, "知事"),
        ("訓令（甲）第三号", Kind.INSTRUCTION, "知事"),
        ("規程第9号", Kind.REGULATION_RULES, "知事"),
        # other bodies of a prefecture
        ("教育委員会規則第5号", Kind.RULE, "教育委員会"),
        ("あおば県公安委員会規則第十二号", Kind.RULE, "公安委員会"),
        ("企業局管理規程第１号", Kind.REGULATION_RULES, "企業局"),
        # rules of the personnel commission are numbered without 号
        ("人事委員会規則7―12", Kind.RULE, "人事委員会"),
        # national law
        ("昭和四十五年法律第百三十七号", Kind.ACT, ""),
        ("昭和四十六年政令第三百号", Kind.CABINET_ORDER, ""),
        ("平成五年厚生省令第三号", Kind.MINISTERIAL, "厚生省"),
        # a rule of a national commission is national
        ("平成十九年国家公安委員会規則第五号", Kind.MINISTERIAL, "国家公安委員会"),
    ],
)
def test_kind_and_issuing_body_are_read_from_the_number(number: str, kind: Kind, body: str) -> None:
    assert (kind_of(number), issuing_body_of(number, kind)) == (kind, body)


def test_guidelines_issued_under_a_number_keep_the_kind_of_the_number() -> None:
    assert kind_of("告示第五十号", "試験補助金交付要綱") is Kind.PUBLIC_NOTICE


def test_a_title_decides_only_where_there_is_no_number() -> None:
    assert kind_of("", "試験補助金交付要綱") is Kind.GUIDELINES
    assert kind_of("", "試験条例") is Kind.UNKNOWN


def test_a_municipality_shows_by_the_head_that_its_text_names() -> None:
    assert issuing_body_of("条例第一号", Kind.ORDINANCE, "町長は、知事と協議し、町長が定める。") == "町長"


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("令和元年十月一日条例第四号", ("令和元年十月一日", "条例第四号")),
        ("昭和五八年三月二二日", ("昭和五八年三月二二日", "")),
        ("（平成2年3月1日　規則第7号）", ("平成2年3月1日", "規則第7号")),
        # a year alone belongs to the number, as laws are cited
        ("令和七年規程第二号", ("", "令和七年規程第二号")),
        ("この条例は、公布の日から施行する。", ("", "")),
    ],
)
def test_a_line_splits_into_date_and_number(line: str, parts: tuple[str, str]) -> None:
    assert split_number_line(line) == parts


def test_the_mark_before_a_title_goes() -> None:
    assert clean_title("　◯　試験条例　") == "試験条例"
