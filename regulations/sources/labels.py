"""Numbers and marks that open a line of legislation: 第一条の二, ２, 一, (1), イ, 附則, 別表第一, （見出し）.

Each function looks at one line alone. Whether 「１」 opens a 項 or a 号, or 「イ」 is the first of イロハ
or the second of アイウ, depends on what stands before it and is decided by `tree_builder`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from regulations.citations import AIUEO, IROHA, number_key, parse_article_number
from regulations.numerals import KANJI_DIGITS, NUMBER, parse_number
from regulations.structure import DIVISION_MARKS, DivisionLevel


class Style(StrEnum):
    """How a list level is numbered; one level of a list keeps one style."""

    ARABIC = "1"
    KANJI = "一"
    KATAKANA = "ア"
    LATIN = "a"
    CIRCLED = "①"
    PAREN_ARABIC = "(1)"
    PAREN_KANJI = "(一)"
    PAREN_KATAKANA = "(ア)"
    PAREN_LATIN = "(a)"
    ROMAN = "ⅰ"
    PAREN_ROMAN = "(ⅰ)"
    BULLET = "・"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A number at the head of a line: as printed, its style, and the text after it.

    `number` is hyphenated ("1-2" for 一の二); for kana it is the kana itself, since イ may be first
    or second.
    """

    printed: str
    style: Style
    number: str
    rest: str


_ROMAN = {n: i for i, n in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"), 1)}
_TOO_LARGE = 100_000
PLAUSIBLE_NUMBER = re.compile(r"\d{1,5}(?:-\d{1,5})*(?::\d{1,5}(?:-\d{1,5})*)?")
"""What may number a provision; anything longer is damage or an attack."""
_KANA = "ア-ンヰヱ"
_OPENED = r"[（(]\s*(?P<inner>{inner})\s*[）)](?P<branch>(?:の{number})*)"
_BARE = r"(?P<inner>{inner})(?P<branch>(?:の{number})*)"
_AFTER = r"(?=[\s　]|$)"


@dataclass(frozen=True, slots=True)
class _Pattern:
    style: Style
    line: re.Pattern[str]
    first: re.Pattern[str]  # what its first character may be


def _compile(style: Style, pattern: str, inner: str, after: str) -> _Pattern:
    first = pattern[: pattern.index("]") + 1] if pattern.startswith("[") else inner
    return _Pattern(style, re.compile(pattern.format(inner=inner, number=NUMBER) + after), re.compile(first))


_DIGITS = r"[0-9０-９]+"
_KANJI = rf"[{KANJI_DIGITS}]+"
_INNER_BRANCH = rf"(?:の{NUMBER})*"
_PATTERNS = (
    _compile(Style.PAREN_ARABIC, _OPENED, _DIGITS + _INNER_BRANCH, ""),
    _compile(Style.PAREN_KANJI, _OPENED, _KANJI + _INNER_BRANCH, ""),
    _compile(Style.PAREN_KATAKANA, _OPENED, rf"[{_KANA}ｱ-ﾝ]", ""),
    _compile(Style.PAREN_ROMAN, _OPENED, r"[ⅰ-ⅻⅠ-Ⅻ]|[ivxｉｖｘ]{2,4}", ""),
    _compile(Style.PAREN_LATIN, _OPENED, r"[a-zA-Zａ-ｚＡ-Ｚ]", ""),
    _compile(Style.CIRCLED, _BARE, r"[①-⑳㉑-㉟㊱-㊿]", ""),
    # ○２ is what files without circled numbers print for ②.
    _compile(Style.CIRCLED, rf"[○◯]{_BARE}", _DIGITS, _AFTER),
    _compile(Style.ROMAN, _BARE, r"[ⅰ-ⅻⅠ-Ⅻ]", r"(?=[\s　．.]|$)"),
    _compile(Style.ARABIC, _BARE, _DIGITS, r"(?:[．.](?!\d))?(?=[\s　]|$)"),
    _compile(Style.KANJI, _BARE, _KANJI, _AFTER),
    _compile(Style.KATAKANA, _BARE, rf"[{_KANA}]", r"[．.]?(?=[\s　]|$)"),
    _compile(Style.LATIN, _BARE, r"[a-zａ-ｚ]", r"[．.]?(?=[\s　])"),
)
# ⑴ and its like are one character for a number in brackets.
_PARENTHESISED = re.compile(r"[⑴-⒇]")
_BULLET = re.compile(r"[・○●◎■□▪◆◇][\s　]*(?=\S)")


def item_label(line: str) -> Label | None:
    """The number that opens a 号, イロハ or deeper; also the bare number of a 項 (style ARABIC)."""
    line = line.lstrip()
    if match := _PARENTHESISED.match(line):
        value = ord(match[0]) - ord("⑴") + 1
        return Label(printed=match[0], style=Style.PAREN_ARABIC, number=str(value), rest=line[1:].strip())
    for pattern in _patterns_for(line[:1]):
        if match := pattern.line.match(line):
            try:
                number = _value(match["inner"] + match["branch"], pattern.style)
            except ValueError:  # 百千: not a number in any notation
                continue
            return Label(
                printed=re.sub(r"\s", "", match[0]).rstrip("．."),
                style=pattern.style,
                number=number,
                rest=line[match.end() :].strip(),
            )
    return None


_CLOSE_UP = re.compile(
    rf"(?:(?P<kanji>{_KANJI})|(?P<kana>[{_KANA}]))、(?![0-9０-９{KANJI_DIGITS}{_KANA}]、?)"
    rf"|{_DIGITS}[．.](?![0-9０-９])"
)


def close_up_label(line: str) -> Label | None:
    """１．, and 一、 and イ、 as texts of before 1950 number 号, with no space behind them.

    A line of prose may begin so too (二、三の者): ask whether the number is the next of its list.
    """
    match = _CLOSE_UP.match(line.lstrip())
    if not match:
        return None
    style = Style.KANJI if match["kanji"] else Style.KATAKANA if match["kana"] else Style.ARABIC
    try:
        number = _value(match[0][:-1], style)
    except ValueError:
        return None
    return Label(printed=match[0], style=style, number=number, rest=line.lstrip()[match.end() :].strip())


@lru_cache(maxsize=4096)
def _patterns_for(character: str) -> tuple[_Pattern, ...]:
    """The few patterns that a line with this first character can match; most lines have none."""
    return tuple(pattern for pattern in _PATTERNS if pattern.first.match(character))


def bullet_label(line: str) -> Label | None:
    """・ and other marks without a number."""
    match = _BULLET.match(line.lstrip())
    if not match:
        return None
    rest = line.lstrip()[match.end() :].strip()
    return Label(printed=match[0].strip(), style=Style.BULLET, number="", rest=rest)


@lru_cache(maxsize=4096)
def _value(printed: str, style: Style) -> str:
    """Hyphenated number of a label without its brackets. Raises ValueError where it is none."""
    first, *branches = unicodedata.normalize("NFKC", printed).split("の")
    if style in {Style.KATAKANA, Style.PAREN_KATAKANA}:
        head = first
    elif style in {Style.ROMAN, Style.PAREN_ROMAN}:
        head = roman_number(first)
    elif style in {Style.LATIN, Style.PAREN_LATIN}:
        head = str(ord(first.lower()) - ord("a") + 1)
    else:
        head = _small(first)
    return "-".join([head, *(_small(branch) for branch in branches)])


def roman_number(numeral: str) -> str:
    """ "2" for ii, in letters of any width or case. Raises ValueError beyond xii."""
    letters = unicodedata.normalize("NFKC", numeral).lower()
    if letters not in _ROMAN:
        raise ValueError(numeral)
    return str(_ROMAN[letters])


def _small(numeral: str) -> str:
    """A numeral as digits. Raises ValueError beyond what can number a provision."""
    value = parse_number(numeral) if len(numeral) < 12 else _TOO_LARGE
    if value >= _TOO_LARGE:
        raise ValueError(numeral)
    return str(value)


@lru_cache(maxsize=4096)
def article_number(title: str) -> str | None:
    """ "10-2" for a line that begins with 第十条の二; None where it begins with no, or an impossible, number."""
    try:
        number = parse_article_number(title)
    except ValueError:
        return None
    return number if number and PLAUSIBLE_NUMBER.fullmatch(number) else None


def kana_number(kana: str, *, previous: str) -> str:
    """Position of `kana` in its list as a number; `previous` is the kana before, empty for the first.

    ア opens アイウ and イ opens イロハ; later ones take the alphabet in which they continue.
    """
    if not previous:
        alphabet = AIUEO if kana == "ア" else IROHA
    else:
        alphabet = IROHA if _follows(IROHA, previous, kana) and not _follows(AIUEO, previous, kana) else AIUEO
    return str(alphabet.index(kana) + 1) if kana in alphabet else ""


def _follows(alphabet: str, before: str, after: str) -> bool:
    return before in alphabet and after in alphabet and alphabet.index(after) == alphabet.index(before) + 1


_ARTICLE = re.compile(
    rf"(?P<title>第{NUMBER}条(?:の{NUMBER})*"
    rf"(?:(?:及び|から|乃至|ないし|・|～|〜|―)第?{NUMBER}条(?:の{NUMBER})*(?:まで)?(?=[\s　]*(?:削除|$)))?)"
    r"(?P<rest>$|[\s　]+.*|[（(].*|削除.*|　.*)",
    re.DOTALL,
)
_LONGEST_CAPTION = 120
_LONGEST_HEADING = 40
# By which a citation goes on, and no sentence begins: 第一条（目的）の規定は、…; 第一条（目的）中「公園」を….
_CITES = re.compile(r"の規定|中「|に(?:規定|定め|掲げ|よ)|(?:本文|ただし書|前段|後段)[のに中]|[、。・]")
_CAPTION = re.compile(r"[（(](?:[^（()）]|[（(](?:[^（()）]|[（(][^（()）]*[）)])*[）)])*[）)]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleHead:
    """第十条の二 at the head of a line, the caption directly after it if any, and the text."""

    title: str
    number: str
    caption: str
    rest: str
    touches: bool = False  # the text begins right behind the caption


def article_head(line: str, *, last: str | None = None) -> ArticleHead | None:
    """The article that `line` opens, or None: 第三条の規定により… is a citation, not an article.

    Where the caption touches what follows, 第五条（手数料）…, the line alone does not tell. It is taken for an
    article only as the next one after `last`, the number of the one before ("" at the head of a part).
    """
    head = _article_head(line)
    if head is None or not head.touches:
        return head
    return head if last is not None and follows(head.number, last) else None


def touching_head(line: str) -> ArticleHead | None:
    """第五条（手数料）…, an article or a citation, for callers that know which by other means."""
    head = _article_head(line)
    return head if head and head.touches else None


def set_apart(line: str) -> str:
    """第五条（手数料）　手数料は… for 第五条（手数料）手数料は…, where an article is known to begin; else the line."""
    head = touching_head(line)
    return f"{head.title}{head.caption}　{head.rest}" if head else line


def follows(number: str, last: str) -> bool:
    """Whether article `number` may come next after `last`: 5 and 4-2 after 4, 5 and 4-4 after 4-3, 1 after ""."""
    parts, before = number_key(number), number_key(last.split(":")[-1])
    if not before:
        return parts == (1,)
    if len(parts) > len(before):
        return parts[: len(before)] == before
    *above, own = parts
    return tuple(above) == before[: len(above)] and own == before[len(above)] + 1


def _article_head(line: str) -> ArticleHead | None:
    line = line.strip()
    match = _ARTICLE.match(line)
    if not match:
        return None
    number = article_number(match["title"])
    if number is None:
        return None
    rest = match["rest"].strip()
    caption, touches = "", False
    # 第一条（目的）　この条例は… ; but （削除） is no caption.
    if match["rest"][:1] in {"（", "("} and (found := _CAPTION.match(rest)) and "削除" not in found[0]:
        after = rest[found.end() :]
        touches = bool(after) and after[0] not in " 　\t"
        # A whole clause in the brackets, （同条を準用する場合を含む。）, belongs to a citation.
        is_caption = "。" not in found[0] and len(found[0]) < _LONGEST_HEADING
        if touches and not (is_caption and re.search("[、。]", after) and not _CITES.match(after)):
            return None
        caption, rest = found[0], after.strip()
    return ArticleHead(title=match["title"], number=number, caption=caption, rest=rest, touches=touches)


_POINT = re.compile(rf"(?P<title>第{NUMBER}(?:の{NUMBER})*)(?:[\s　]+(?P<rest>\S.*))?$", re.DOTALL)


def point_head(line: str, *, following: str = "") -> ArticleHead | None:
    """第１　趣旨, by which a 要綱 numbers in the place of 第一条; its words are the caption of what is `following`.

    Any line may begin so: ask `are_points` first whether the whole text is numbered that way.
    """
    match = _POINT.match(line.strip())
    if not match:
        return None
    first, *branches = match["title"].removeprefix("第").split("の")
    try:
        number = "-".join(_small(part) for part in (first, *branches))
    except ValueError:
        return None
    rest = (match["rest"] or "").strip()
    heads = bool(following) and not _POINT.match(following) and supplementary_head(following) is None
    if heads and len(rest) <= _LONGEST_HEADING and "。" not in rest:
        caption = rest if not rest or is_bracketed(rest) else f"（{rest}）"
        return ArticleHead(title=match["title"], number=f"第{number}", caption=caption, rest="")
    return ArticleHead(title=match["title"], number=f"第{number}", caption="", rest=rest)


def are_points(lines: Iterable[str]) -> bool:
    """Whether a text without any 第一条 is numbered 第１, 第２, … instead."""
    expected = 1
    for line in lines:
        if "第" not in line[:20]:
            continue
        if article_head(line, last=""):
            return False
        if (head := point_head(line)) and head.number == f"第{expected}":
            expected += 1
    return expected > 2


def is_bracketed(line: str) -> bool:
    """Whether the whole line is one pair of brackets, as a caption is."""
    line = line.strip()
    if not line.startswith(("（", "(")) or len(line) > _LONGEST_CAPTION:
        return False
    match = _CAPTION.match(line)
    return match is not None and match.end() == len(line)


_DIVISION = re.compile(
    rf"第{NUMBER}(?P<mark>[{''.join(DIVISION_MARKS)}])(?:の{NUMBER})*"
    r"(?:(?P<spaced>[\s　]|$)|(?=[^のにをはが、。第中各及並又]))"
)


def division_level(line: str) -> DivisionLevel | None:
    """編章節款目 that `line` is the heading of; a sentence that merely begins with 第二章 is not one."""
    line = line.strip()
    match = _DIVISION.match(line)
    if not match or len(line) > 80 or line.endswith("。") or (match["spaced"] is None and "、" in line):
        return None
    return DIVISION_MARKS[match["mark"]]


_SUPPLEMENTARY = re.compile(r"[附付][\s　]*則[\s　]*(?P<rest>[（(].*[）)])?[\s　]*(?:抄)?$")


def supplementary_head(line: str) -> str | None:
    """What stands in brackets after 附則 (empty for the enactment's own), or None for another line."""
    match = _SUPPLEMENTARY.fullmatch(line.strip())
    return (match["rest"] or "").strip("（）()") if match else None


_BRANCHED = rf"第?{NUMBER}号?(?:の{NUMBER})*"
_RELATED = r"(?P<related>[（(][^（()）]*(?:関係|条|項)[^（()）]*[）)])?"
_TABLE_HEAD = re.compile(
    rf"(?P<title>(?:附則)?別[表図](?:[\s　]*{_BRANCHED})?)[\s　]*{_RELATED}(?P<name>[\s　]*[^。]{{0,40}})"
)
_FORM_HEAD = re.compile(
    rf"(?P<title>(?:別[記紙])?[\s　]*(?:{_BRANCHED}[\s　]*様式|様式(?:[\s　]*{_BRANCHED})?|別[記紙])(?:その{NUMBER})?)"
    rf"[\s　]*{_RELATED}(?P<name>[\s　]*[^。]{{0,60}})"
)


def appended_head(line: str) -> tuple[str, str, str] | None:
    """("table" or "form", title, related articles) where a line opens a 別表 or 様式, else None."""
    line = line.strip()
    if line.endswith(("。", "、")) or len(line) > 100 or not ("別" in line or "様式" in line):
        return None
    if (match := _TABLE_HEAD.fullmatch(line)) and _is_heading(match):
        return "table", (match["title"] + (match["name"] or "").rstrip()).strip(), match["related"] or ""
    if (match := _FORM_HEAD.fullmatch(line)) and _is_heading(match):
        return "form", (match["title"] + (match["name"] or "").rstrip()).strip(), match["related"] or ""
    return None


def _is_heading(match: re.Match[str]) -> bool:
    # 別表に掲げる…, 様式による… run on in a sentence; a heading is followed by brackets or white space.
    return not match["name"] or match["name"][0] in " 　（("


_ACTION = r"(?:改正|改称|追加|削除|繰[上下]|全改|一改|移動|廃止|旧第?[^（()）]{1,12}?[条項号])"
_NOTE_ENDS = ("）", ")", "〕", "］", "]")
_OPEN, _CLOSE, _INNER = "[（(〔［\\[]", "[）)〕］\\]]", "[^（()）〔〕。]"
_NOTE = re.compile(
    # （昭六〇条例五九・一部改正）, （一部改正…13年37号）; but （○○条例の一部改正） is a caption of a 附則.
    rf"(?:{_OPEN}(?={_INNER}*{_ACTION})(?={_INNER}*(?:[・…]|\d号?|[{KANJI_DIGITS}]号?))(?!{_INNER}*の(?:一部|全部)?(?:改正|廃止){_CLOSE})"
    rf"{_INNER}*{_CLOSE}"
    # 一部改正〔令和二年規則二〇号〕
    rf"|{_INNER}{{0,24}}?{_ACTION}{_INNER}{{0,24}}?[〔［\[][^〔〕［］。]*[〕］\]])"
)


def is_amendment_note(line: str) -> bool:
    """Whether a line is a note on the history, e.g. （昭六〇条例五九・一部改正） or 一部改正〔令和二年規則二〇号〕."""
    line = line.strip()
    if not line.endswith(_NOTE_ENDS):
        return False
    return bool(_NOTE.fullmatch(line) or (is_bracketed(line) and _NOTE.fullmatch(line[1:-1])))


_TRAILING_NOTE = re.compile(rf"(?<=[。」])[\s　]*(?P<note>{_NOTE.pattern})$")


def split_trailing_note(text: str) -> tuple[str, str]:
    """(text, note): the note on the history that closes a line taken off it; empty where there is none."""
    # The quick test first: the pattern is costly, and almost no line ends in a bracket with 改 or 追 in it.
    if not text.endswith(_NOTE_ENDS) or not re.search(r"改|追加|削除|繰", text[-60:]):
        return text, ""
    match = _TRAILING_NOTE.search(text)
    return (text[: match.start()].rstrip(), match["note"]) if match else (text, "")
