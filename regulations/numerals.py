"""Japanese numerals and era dates (和暦) as they stand in legislation.

kanjize reads 漢数字 in both notations (五十八, 五八) and japanera holds the eras; what is ours is
only what they refuse: 元 as year one, 廿 and 卅, full-width digits, and finding the date in a line.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import cache, lru_cache

import kanjize
from japanera import ERA_DATA_GENERAL, Era

_OLD_TENS = str.maketrans({"廿": "二十", "卅": "三十"})
KANJI_DIGITS = "〇一二三四五六七八九十百千廿卅"
NUMBER = rf"[0-9０-９{KANJI_DIGITS}]+"
"""A regular expression for one numeral in any notation (元 is not among them: only a year may be 元)."""

_DATE = re.compile(
    rf"(?P<era>明治|大正|昭和|平成|令和|[明大昭平令])\s*(?P<year>元|{NUMBER})\s*年"
    rf"\s*(?P<month>{NUMBER})\s*月\s*(?P<day>{NUMBER})\s*日"
)


@lru_cache(maxsize=4096)
def parse_number(text: str) -> int:
    """Value of one numeral: 五十八, 五八, 一〇三, 58, ５８, 元 (1).

    Raises ValueError when `text` is not a single numeral.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if folded == "元":
        return 1
    if folded.isascii():
        return int(folded)
    return int(kanjize.kanji2number(folded.translate(_OLD_TENS)))


def to_kanji(number: int) -> str:
    """五十八 for 58: the notation of vertical legislation, without 一 before 十, 百 and 千."""
    return str(kanjize.number2kanji(number)) if number else "〇"


def parse_era_date(text: str) -> dt.date | None:
    """The first era date in `text` as a date, or None where there is none or it cannot exist.

    A date outside its era's reign (平成32年, printed before the era changed) is taken at its word
    and counted on, since legislation does contain such dates.
    """
    match = _DATE.search(unicodedata.normalize("NFKC", text))
    if not match:
        return None
    try:
        year = _era_start(match["era"]).year + parse_number(match["year"]) - 1
        return dt.date(year, parse_number(match["month"]), parse_number(match["day"]))
    except (ValueError, OverflowError):  # the latter for 三三三…日, a day that no machine integer holds
        return None


def format_era_date(date: dt.date) -> str:
    """令和8年3月31日: how dates stand on screen and in the roadmap."""
    era = next(e for e in reversed(_eras()) if e.since <= date)
    year = date.year - era.since.year + 1
    return f"{era.kanji}{'元' if year == 1 else year}年{date.month}月{date.day}日"


def format_fiscal_year(year: int) -> str:
    """令和8年度 for the fiscal year that begins in April 2026."""
    # An era that begins within the year names it (令和元年度 began in 平成), unless it came in the last quarter.
    era = next(e for e in reversed(_eras()) if e.since <= dt.date(year, 12, 31))
    number = year - era.since.year + 1
    return f"{era.kanji}{'元' if number == 1 else number}年度"


def parse_fiscal_year(text: str) -> int:
    """Calendar year in which a fiscal year (令和8年度, R8, 2026, 2026年度) begins.

    Raises ValueError with the offending text when it cannot be read.
    """
    folded = unicodedata.normalize("NFKC", str(text)).strip()
    match = re.fullmatch(rf"(?P<era>令和|平成|[RrHh])\s*(?P<year>元|{NUMBER})\s*(?:年度?)?", folded)
    if match:
        initial = {"令和": "令和", "平成": "平成", "R": "令和", "H": "平成"}[match["era"].upper()]
        return _era_start(initial).year + parse_number(match["year"]) - 1
    match = re.fullmatch(r"(20\d\d)\s*(?:年度?)?", folded)
    if match:
        return int(match[1])
    raise ValueError(text)


@cache
def _eras() -> tuple[Era, ...]:
    return tuple(e for e in ERA_DATA_GENERAL if e.kanji in {"明治", "大正", "昭和", "平成", "令和"})


def _era_start(name: str) -> dt.date:
    since: dt.date = next(e.since for e in _eras() if e.kanji.startswith(name))
    return since


__all__ = [
    "KANJI_DIGITS",
    "NUMBER",
    "format_era_date",
    "format_fiscal_year",
    "parse_era_date",
    "parse_fiscal_year",
    "parse_number",
    "to_kanji",
]
