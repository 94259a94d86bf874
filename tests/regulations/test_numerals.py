"""Numerals and era dates in every notation that legislation uses."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.numerals import (
    format_era_date,
    format_fiscal_year,
    parse_era_date,
    parse_fiscal_year,
    parse_number,
    to_kanji,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # positional and multiplicative notation of the same number
        ("五十八", 58),
        ("五八", 58),
        # zero within positional notation
        ("一〇三", 103),
        # hundreds without 一 in front
        ("百二十", 120),
        ("千", 1000),
        # half and full width
        ("58", 58),
        ("５８", 58),
        # the first year of an era
        ("元", 1),
        # old forms of twenty and thirty
        ("廿三", 23),
        ("卅", 30),
    ],
)
def test_a_numeral_is_read_in_every_notation(text: str, value: int) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize("text", ["", "条", "第一", "1.5"])
def test_what_is_no_numeral_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_number(text)


@given(st.integers(min_value=1, max_value=9999))
def test_a_number_survives_being_written_in_kanji(number: int) -> None:
    assert parse_number(to_kanji(number)) == number


@pytest.mark.parametrize(
    ("text", "date"),
    [
        # the notation of vertical texts, digit by digit
        ("昭和五八年三月二二日", dt.date(1983, 3, 22)),
        ("昭和五十八年三月二十二日", dt.date(1983, 3, 22)),
        # the first year of an era, within a line
        ("（令和元年五月一日条例第三号）", dt.date(2019, 5, 1)),
        # full-width digits
        ("平成２年１０月１日", dt.date(1990, 10, 1)),
        # printed before the era changed, so that the year goes on counting
        ("平成32年4月1日", dt.date(2020, 4, 1)),
        # no such day
        ("平成二年二月三十日", None),
        # a day, or a year, that no machine integer holds
        (f"昭和五十年三月{'三' * 40}日", None),
        (f"昭和{'9' * 40}年1月1日", None),
        # no date at all
        ("条例第三号", None),
    ],
)
def test_an_era_date_becomes_a_date(text: str, date: dt.date | None) -> None:
    assert parse_era_date(text) == date


@given(st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2099, 12, 31)))
def test_a_date_survives_being_written_in_an_era(date: dt.date) -> None:
    assert parse_era_date(format_era_date(date)) == date


@given(st.integers(min_value=2000, max_value=2099))
def test_a_fiscal_year_survives_being_written_in_an_era(year: int) -> None:
    assert parse_fiscal_year(format_fiscal_year(year)) == year


@pytest.mark.parametrize("text", ["来年度", "令和", "1999"])
def test_what_is_no_fiscal_year_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_fiscal_year(text)
