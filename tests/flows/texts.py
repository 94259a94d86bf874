"""A small ordinance of our own, and what an amendment makes of it."""

from __future__ import annotations

from pathlib import Path

HEAD = """霞野県遊泳場条例
令和三年三月二十六日
霞野県条例第十号
"""

BEFORE = (
    HEAD
    + """
（目的）
第一条　この条例は、遊泳場の安全を確保することを目的とする。
（検査）
第二条　知事は、その職員に、遊泳場に立ち入り、設備の状況を目視により検査させなければならない。
（掲示）
第三条　遊泳場の経営者は、許可証を遊泳場の見やすい場所に掲示しなければならない。
（点検）
第四条　遊泳場の経営者は、毎年一回以上、監視塔を定期に点検しなければならない。
"""
)

# 第二条 is new, so that the three after it are renumbered, and of these only the last reads differently.
AFTER = (
    HEAD
    + """
（目的）
第一条　この条例は、遊泳場の安全を確保することを目的とする。
（定義）
第二条　この条例において「遊泳場」とは、海岸、湖畔又は河川に設ける遊泳のための場所をいう。
（検査）
第三条　知事は、その職員に、遊泳場に立ち入り、設備の状況を目視により検査させなければならない。
（掲示）
第四条　遊泳場の経営者は、許可証を遊泳場の見やすい場所に掲示しなければならない。
（点検）
第五条　遊泳場の経営者は、毎年二回以上、監視塔及び浮標を定期に点検しなければならない。
"""
)


def write(folder: Path, text: str, name: str = "yueijo.txt") -> Path:
    """Put a text into a file of `folder`."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# Only the first article is amended: 基準 in the second was an ordinance, and is an order of a ministry from then on.
DEFINED = (
    HEAD
    + """
（趣旨）
第一条　この条例は、霞野県遊泳場の基準条例（令和二年霞野県条例第五号。以下「基準」という。）の施行について定める。
（検査）
第二条　知事は、基準第五条に定めるところにより、設備の状況を目視により検査しなければならない。
（掲示）
第三条　遊泳場の経営者は、許可証を遊泳場の見やすい場所に掲示しなければならない。
"""
)
DEFINED_ANEW = DEFINED.replace(
    "霞野県遊泳場の基準条例（令和二年霞野県条例第五号。",
    "遊泳場の基準に関する省令（令和五年環境省令第三号。",
)
