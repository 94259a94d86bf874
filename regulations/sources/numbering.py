"""Automatic numbers of word processors: the same counters under the names that .docx and .odt give them.

What is printed must be what `labels` reads, so that half-width ｱ is given as ア.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from regulations.citations import AIUEO, IROHA
from regulations.numerals import to_kanji

_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_KANJI_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
_LEGAL_KANJI = str.maketrans("一二三十", "壱弐参拾")
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_LARGEST_ROMAN = 400


def _of(alphabet: str) -> Callable[[int], str]:
    """A counter that goes through `alphabet`, and on in digits where it ends."""
    return lambda number: alphabet[number - 1] if 0 < number <= len(alphabet) else str(number)


def _roman(number: int) -> str:
    if not 0 < number < _LARGEST_ROMAN:
        return str(number)
    printed = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        printed += letters * count
    return printed


def _full_width(number: int) -> str:
    return str(number).translate(_FULL_WIDTH)


def _kanji(number: int) -> str:
    return to_kanji(number) if 0 <= number < 10_000 else str(number)


def _circled(number: int) -> str:
    for first, last, start in ((1, 20, "①"), (21, 35, "㉑"), (36, 50, "㊱")):
        if first <= number <= last:
            return chr(ord(start) + number - first)
    return str(number)


_LATIN = _of("abcdefghijklmnopqrstuvwxyz")
_AIUEO, _IROHA = _of(AIUEO), _of(IROHA)

WORD_FORMATS: Mapping[str, Callable[[int], str]] = {
    "decimalFullWidth": _full_width,
    "decimalFullWidth2": _full_width,
    "decimalZero": lambda number: f"{number:02}",
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedParen": lambda number: f"({number})",
    "decimalEnclosedFullstop": lambda number: f"{number}.",
    "japaneseCounting": _kanji,
    "chineseCounting": _kanji,
    "chineseCountingThousand": _kanji,
    "ideographDigital": lambda number: str(number).translate(_KANJI_DIGITS),
    "japaneseDigitalTenThousand": lambda number: str(number).translate(_KANJI_DIGITS),
    "japaneseLegal": lambda number: _kanji(number).translate(_LEGAL_KANJI),
    "ideographTraditional": _of(_STEMS),
    "aiueo": _AIUEO,
    "aiueoFullWidth": _AIUEO,
    "iroha": _IROHA,
    "irohaFullWidth": _IROHA,
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "lowerLetter": _LATIN,
    "upperLetter": lambda number: _LATIN(number).upper(),
    "none": lambda number: "",
}
"""w:numFmt of .docx; any other counts 1, 2, 3."""

OPENDOCUMENT_FORMATS: Mapping[str, Callable[[int], str]] = {
    "１, ２, ３, ...": _full_width,
    "一, 二, 三, ...": _kanji,
    "壱, 弐, 参, ...": WORD_FORMATS["japaneseLegal"],
    "ア, イ, ウ, ...": _AIUEO,
    "ｱ, ｲ, ｳ, ...": _AIUEO,
    "イ, ロ, ハ, ...": _IROHA,
    "ｲ, ﾛ, ﾊ, ...": _IROHA,
    "①, ②, ③, ...": _circled,
    "甲, 乙, 丙, ...": _of(_STEMS),
    "i": _roman,
    "I": lambda number: _roman(number).upper(),
    "a": _LATIN,
    "A": lambda number: _LATIN(number).upper(),
    "": lambda number: "",
}
"""style:num-format of .odt; any other counts 1, 2, 3."""


def printed(number: int, format_name: str, formats: Mapping[str, Callable[[int], str]]) -> str:
    """`number` in the format of that name, without what stands around it."""
    return formats.get(format_name, str)(number)
