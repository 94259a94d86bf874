"""Provisions that say the same in other names and numbers: boilerplate that recurs over many instruments.

Two provisions have one key exactly where their masked texts are equal. A looser measure is not used
here on purpose: one decision is to serve the whole group, and one word (又は, することができる)
may turn a clause round. Equality also makes keys stable: they depend on the provision alone, not on
what else was read or when.

`likeness` finds what is nearly the same, for a person to look at before it is decided with the rest.

Known limits: a place or office that neither the title nor `issuing_body` names (another city's mayor,
教育委員会 for 市長) is not masked, so such clauses stay apart. Numbers are masked, so 年一回 and 年三回
are together.
"""

from __future__ import annotations

import re
from hashlib import sha256

from rapidfuzz import fuzz

from regulations.numerals import KANJI_DIGITS
from regulations.text import normalise_for_identity

KEY_VERSION = "s2"
"""Stands before every key. Raise it where the masking changes: keys of another version are computed anew."""

_LEAST = 12
"""Characters left after masking below which a clause says too little to be decided with others (削除)."""

_KINDS = "条例|規則|規程|要綱|要領|告示|訓令|法律|政令|省令"
_BASE_TITLE = re.compile(rf"(?:施行(?:{_KINDS}|細則)|の施行に関する(?:{_KINDS}))$")
_PLACE = re.compile(
    r"(?:東京都|北海道|大阪府|京都府|[一-龠々ヶケァ-ヴー]{1,6}?[県市区町村])(?=[一-龠ァ-ヴ])"
    r"(?!(?<=市)[場街]|(?<=区)[域画分間割])"
)
# Words that end in the same characters: 都市公園条例, 農村公園条例, 地区計画条例, 市町村条例, 都道府県条例.
_NO_PLACE = re.compile(
    r"(?:[^京西]*都|政令|中核|指定|見本|朝)市|[都道府県市区町村]{2,}|.*(?:農|漁|農山|休養)村|山村"
    r"|[旧新各本当他隣全両][県市区町村]|.*(?:地|学|校|海|特|猟|工|鉱|漁|街|管|保護|選挙|行政|自治|財産|禁止|特別)区"
)
_CITED_NUMBER = re.compile(r"\((?:明治|大正|昭和|平成|令和)[^()]*?号[^()]*\)")
_OWN_KIND = re.compile(rf"この(?:{_KINDS})")
_HEAD = re.compile(r"知事|(?<![一-龠])[市区町村]長")
_BODY = re.compile(r"(?<![一-龠])[都道府県市区町村](?=[^一-龠]|民|内|外|立|議会|税|有|営)")
_NUMBER = re.compile(rf"[0-9{KANJI_DIGITS}]+")
_MARKS = re.compile(r"[、。・,.]")
_SPELLING = str.maketrans("っゃゅょ", "つやゆよ")  # older instruments write あつては


def place_in(title: str) -> str:
    """霞野県 for 霞野県桟橋条例; empty where a title begins with no place.

    Of names in 都道府 only the four that there are count: 下水道条例 and 道路条例 begin with none. Other bodies
    are told by their last character, less words that end in it too. Known limit: a name in hiragana.
    """
    place = _PLACE.match(title)
    return place[0] if place and not _NO_PLACE.fullmatch(place[0]) else ""


def masked(text: str, *, title: str = "", issuing_body: str = "") -> str:
    """The folded text with what differs between bodies and instruments replaced by a sign.

    Title (and that of the 条例 that a 施行規則 belongs to), the body's name and head, numbers,
    law numbers in brackets, この条例 / この規則, small kana and punctuation.
    """
    folded = _CITED_NUMBER.sub("", normalise_for_identity(text))
    own = normalise_for_identity(title)
    for name in (own, _BASE_TITLE.sub("", own)):
        if len(name) > 2:
            folded = folded.replace(name, "T")
    for name in (normalise_for_identity(issuing_body), place_in(own)):
        if len(name) > 1:
            folded = folded.replace(name, "B")
    folded = _OWN_KIND.sub("K", folded)
    folded = _BODY.sub("B", _HEAD.sub("H", folded.replace("B長", "H")))
    return _MARKS.sub("", _NUMBER.sub("#", folded)).translate(_SPELLING)


def group_key(text: str, *, title: str = "", issuing_body: str = "") -> str:
    """The key that provisions of one group share: at most 40 ASCII characters, the same on every machine.

    A clause too short to speak for itself is only together with the very same words.
    """
    shape = masked(text, title=title, issuing_body=issuing_body)
    if len(re.sub("[A-Z#()]", "", shape)) < _LEAST:
        shape = f"={normalise_for_identity(text)}"
    return f"{KEY_VERSION}:{sha256(shape.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def likeness(first: str, second: str, *, least: float = 0.0) -> float:
    """How alike two masked texts are, from 0 to 1 (equal); 0 where it would be below `least`."""
    return fuzz.ratio(first, second, score_cutoff=100 * least) / 100
