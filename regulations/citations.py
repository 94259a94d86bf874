"""Where a provision stands: parse, format and sort addresses such as 第十条の二第三項第一号.

Numbers are strings with hyphens for branch numbers (枝番号): 第十条の二の三 is "10-2-3". A branch
number is part of the number and is never dropped: 第十条の二 is another article than 第十条. What a 要綱
numbers 第１ in the place of 第一条 is "第1".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from regulations.numerals import NUMBER, parse_number, to_kanji


class Section(StrEnum):
    """Which part of an instrument a provision stands in."""

    MAIN = "main"  # 前文 and 本則
    SUPPLEMENTARY = "supplementary"  # 附則
    TABLE = "table"  # 別表, and tables and lists inside a paragraph


_SECTION_ORDER = {Section.MAIN: 0, Section.SUPPLEMENTARY: 1, Section.TABLE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionRef:
    """The address of a provision within one revision of one instrument.

    `label` names what numbers cannot: the 附則 among several (附則（令和三年条例第五号）) or a 別表.
    `ordinal` is the position of that part in the instrument, from 0. `item` goes down through 号,
    イロハ and deeper, one number a level. `block` is a table inside the paragraph (表, or 表二 of several).
    `is_sole_paragraph` says that its 条 (or 附則, or 本則 without 条) has no other 項, so that citations leave
    out the 項; it is no part of the identity.
    """

    section: Section = Section.MAIN
    ordinal: int = 0
    label: str = ""
    article: str = ""
    paragraph: str = ""
    item: tuple[str, ...] = ()
    block: str = ""
    is_sole_paragraph: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return format_ref(self)

    @property
    def sort_key(self) -> tuple[int, int, tuple[int, ...], tuple[int, ...], tuple[tuple[int, ...], ...]]:
        """Order of the instrument: 本則, then each 附則, then tables; 第十条 before 第十条の二."""
        return (
            _SECTION_ORDER[self.section],
            self.ordinal,
            number_key(self.article),
            number_key(self.paragraph),
            tuple(number_key(number) for number in self.item),
        )


def number_key(number: str) -> tuple[int, ...]:
    """Sort key of a hyphenated number or range: "10-2" -> (10, 2), "3:5" -> (3,), "第1" -> (1,), "" -> ()."""
    return tuple(int(part) for part in number.lstrip("第").split(":")[0].split("-") if part.isdigit())


def format_ref(ref: ProvisionRef) -> str:
    """Address in 漢数字, as laws cite: 附則（令和三年条例第五号）第二条第一項, 第三条から第五条まで.

    The only 項 of an article is cited as the article: 第八条, 第八条第二号.
    """
    parts = [ref.label] if ref.label else []
    if ref.article:
        parts.append(format_article(ref.article))
    elif ref.is_sole_paragraph and not parts:
        parts.append("本則")
    # 第三条及び第四条 削除 has no 項 to speak of
    if ref.paragraph and not ref.is_sole_paragraph and ":" not in ref.article:
        parts.append(f"第{_kanji_number(ref.paragraph, '項')}")
    for depth, number in enumerate(ref.item):
        parts.append(f"第{_kanji_number(number, '号')}" if depth == 0 else subitem_label(number, depth))
    if ref.block:
        parts.append(f"の{ref.block}")
    return "".join(parts)


def format_article(article: str) -> str:
    """第十条の二 for "10-2"; 第三条から第五条まで for the range "3:5", 第三条及び第四条 for "3:4"; 第二 for "第2"."""
    if ":" in article:
        first, last = article.split(":", 1)
        if first.isdigit() and last.isdigit() and int(last) == int(first) + 1:
            return f"{format_article(first)}及び{format_article(last)}"
        return f"{format_article(first)}から{format_article(last)}まで"
    return f"第{_kanji_number(article.removeprefix('第'), '' if article.startswith('第') else '条')}"


def _kanji_number(number: str, unit: str) -> str:
    first, *branches = number.split("-")
    head = to_kanji(int(first)) if first.isdigit() else first
    tail = "".join(f"の{to_kanji(int(b)) if b.isdigit() else b}" for b in branches)
    return f"{head}{unit}{tail}"


IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"
AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"


def subitem_label(number: str, depth: int) -> str:
    """Label of a level below 号: イ, then （１）, then （ｉ）; a number beyond the alphabet stays a number."""
    value = int(number) if number.isdigit() else 0
    if depth == 1 and 0 < value <= len(IROHA):
        return IROHA[value - 1]
    if depth == 2 and value:
        return f"（{value}）"
    return f"の{number}"


_REF = re.compile(
    rf"(?:第?(?P<article>{NUMBER})条(?P<article_branch>(?:の{NUMBER})*)"
    rf"|第(?P<point>{NUMBER})(?P<point_branch>(?:の{NUMBER})*)(?=第|$))?"
    rf"(?:第?(?P<paragraph>{NUMBER})項)?"
    rf"(?:第?(?P<item>{NUMBER})号(?P<item_branch>(?:の{NUMBER})*)"
    rf"(?:(?P<subitem>[{IROHA}])(?:[（(](?P<below>{NUMBER})[）)])?)?)?"
)
_HYPHENATED = re.compile(r"[0-9]+(?:-[0-9]+)*(?::[0-9]+(?:-[0-9]+)*)?")


def parse_ref(text: str) -> ProvisionRef:
    """Read an address of 本則: 第十条の二第三項第一号イ（１）, 第10条の2第3項, 第二第一項, 本則, 本則第二号, 10-2.

    A bare hyphenated number is an article. 附則 in front sets the section. What `format_ref` writes of an article,
    項 and 号 comes back, but for an only 項, which it leaves out. Raises ValueError with the text where it is no
    address.
    """
    section, rest = Section.MAIN, text.strip()
    is_main = rest.startswith("本則")
    rest = rest.removeprefix("本則")
    if rest.startswith("附則"):
        section, rest = Section.SUPPLEMENTARY, rest[2:]
    if _HYPHENATED.fullmatch(rest):
        return ProvisionRef(section=section, article=rest)
    label = "附則" if section is Section.SUPPLEMENTARY else ""
    if "条" in rest and ":" in (several := parse_article_number(rest) or "") and not rest.endswith("削除"):
        return ProvisionRef(section=section, label=label, article=several)
    match = _REF.fullmatch(rest)
    if not match or not (match[0] or is_main or label):
        raise ValueError(text)
    item: tuple[str, ...] = ()
    if match["item"]:
        item = (_joined(match["item"], match["item_branch"]),)
        if match["subitem"]:
            item += (str(IROHA.index(match["subitem"]) + 1),)
        if match["below"]:
            item += (str(parse_number(match["below"])),)
    article = _joined(match["article"], match["article_branch"])
    if match["point"]:
        article = f"第{_joined(match['point'], match['point_branch'])}"
    return ProvisionRef(
        section=section,
        label=label,
        article=article,
        paragraph=str(parse_number(match["paragraph"])) if match["paragraph"] else "",
        item=item,
        is_sole_paragraph=is_main and not (article or match["paragraph"]),
    )


def parse_article_number(text: str) -> str | None:
    """Number of the article at the head of `text`: "10-2" for 第十条の二 and 第10条の2; None if there is none.

    第三条及び第四条 and 第三条から第五条まで give ranges "3:4" and "3:5".
    """
    match = re.match(rf"第(?P<a>{NUMBER})条(?P<b>(?:の{NUMBER})*)", text)
    if not match:
        return None
    number = _joined(match["a"], match["b"])
    # After a range only 削除 may follow, so that 第三条及び第四条の規定は in running text is not one.
    last = re.match(
        rf"(?:及び|から|乃至|ないし|～|〜|・)第?(?P<a>{NUMBER})条(?P<b>(?:の{NUMBER})*)(?:まで)?[\s　]*(?:削除|$)",
        text[match.end() :],
    )
    return f"{number}:{_joined(last['a'], last['b'])}" if last else number


def _joined(number: str | None, branches: str | None) -> str:
    if not number:
        return ""
    parts = [number, *(b for b in (branches or "").split("の") if b)]
    return "-".join(str(parse_number(part)) for part in parts)
