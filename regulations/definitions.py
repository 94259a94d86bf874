"""The short names an instrument gives to legislation: 「建築基準法（昭和二十五年法律第二百一号。以下「法」という。）」.

Only with them can 「法第三十四条第一項の規定により」 be read: another instrument's 法 is another law.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_NUMERAL = "[0-9０-９〇一二三四五六七八九十百千元]+"
_NUMBER = rf"(?:明治|大正|昭和|平成|令和){_NUMERAL}年[^（(。）)「]{{0,40}}?第{_NUMERAL}号"
_DEFINED = re.compile(rf"[（(](?P<number>{_NUMBER})?[^（(）)「」]{{0,60}}?「(?P<short>[^「」]{{1,20}})」という")
_KIND = "(?:法律|法|令|条例|規則|規程|細則|要綱|要領|基準|告示|訓令)"
_NAME = re.compile(rf"[^、。「」（）()]+{_KIND}$")
# What stands before a name in its sentence. 甲法及び乙法 are two names, 管理及び運営に関する条例 is one.
_BEFORE = re.compile(
    r"^.*(?:この[^、。]{1,4}は|にあ[つっ]ては|に規定する|に基づく|基づき)"
    r"|^.*(?<=[法令例則])(?:及び|並びに|又は|若しくは|および|または)|^(?:及び|並びに|又は|および)"
)
_PART_OF_NAME = re.compile(r"[^はがをりしてに]{1,15}$")  # 人員、 of 人員、設備及び運営に関する基準
_NOT_A_NAME = re.compile(r"^(?:この|改正|前項|第.{1,4}条)|改正[前後]|規定|の施行の")
_NATIONAL_NUMBER = re.compile(rf"(?:法律|勅令|政令|[省府庁院]令|(?:省|庁|院|委員会)(?:規則|告示))第{_NUMERAL}号")
_NATIONAL_NAME = re.compile(r"(?:法|法律|法施行令|法施行規則|政令|省令|府令)$")
_LONGEST_NAME = 120


def definitions(texts: Iterable[str]) -> dict[str, str]:
    """Short name → full name with its number, from an instrument's provisions in order; the first definition stands.

    Only names of legislation count, not 「以下「施設」という。」. White space inside a name is dropped.
    """
    found: dict[str, str] = {}
    for text in texts:
        for match in _DEFINED.finditer(text) if "という" in text else ():
            name = _name_before(text[max(0, match.start() - _LONGEST_NAME) : match.start()])
            if name and name != match["short"]:
                full = f"{name}（{''.join(match['number'].split())}）" if match["number"] else name
                found.setdefault(match["short"], full)
    return found


def _name_before(text: str) -> str:
    """The name of an instrument that `text` ends with, "" if it ends otherwise."""
    lines = text.rstrip(" ").splitlines() or [""]
    segments = "".join(lines[-1].split(" ")).split("\u3000")[-1].split("、")
    match = _NAME.search(segments.pop())
    if match is None:
        return ""
    name = _BEFORE.sub("", match[0])
    if name == match[0] and "に関する" in name:
        while segments and _PART_OF_NAME.fullmatch(segments[-1]):
            name = f"{segments.pop()}、{name}"
    return "" if len(name) < 3 or _NOT_A_NAME.search(name) else name


def is_national(name: str) -> bool:
    """Whether a full name, as `definitions` gives it, is that of a national law or order."""
    if "第" in name and name.endswith("号）"):
        return _NATIONAL_NUMBER.search(name) is not None
    return _NATIONAL_NAME.search(name) is not None


def names_used(text: str, known: Mapping[str, str]) -> dict[str, str]:
    """Those definitions that a provision makes use of, a short name before a number (法第三条)."""
    return {short: name for short, name in sorted(known.items()) if f"{short}第" in text}
