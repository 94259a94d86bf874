"""Notes on the history of an article: which instrument changed it, and how.

（昭六〇規則五九・平二規則三・一部改正） names the instruments and then what they did;
一部改正〔令和二年規則二〇号〕 puts it first. Of several instruments before one word each did the same.
"""

from __future__ import annotations

import re

from regulations.structure import AmendmentNote, Change

_MOVE = r"(?:繰上げ?|繰下げ?)"
_ACTION = rf"(?:全部改正|一部改正|全改|一改|改正|改称|追加|削除|{_MOVE}|移動|廃止|旧[^・、\s]{{1,20}}?{_MOVE})"
_ACTIONS = re.compile(rf"{_ACTION}$")
_ACTION_FIRST = re.compile(rf"(?P<action>{_ACTION})[〔［\[（(](?P<laws>[^〔〕［］]*)[〕］\])）]?$")
_NUMBERED = re.compile(r"[0-9０-９〇一二三四五六七八九十百千元]")
_SEPARATORS = re.compile(r"[・、,，\s　]+")
_BRACKETS = "（）()〔〕［］[]"


def amendment_note(raw: str) -> AmendmentNote:
    """The note with the changes it tells; a part of it that is in no known form tells none."""
    inner = raw.strip()
    if inner[:1] in "（(":
        inner = inner[1:].rstrip("）)")
    if match := _ACTION_FIRST.fullmatch(inner):
        laws = [law for part in _SEPARATORS.split(match["laws"]) if (law := part.strip(_BRACKETS))]
        return AmendmentNote(
            raw=raw, changes=tuple(Change(law_number=law, kind_of_change=match["action"]) for law in laws)
        )
    changes: list[Change] = []
    waiting: list[str] = []
    for part in _SEPARATORS.split(inner.strip(_BRACKETS)):
        if action := _ACTIONS.search(part):
            if law := part[: action.start()].strip(_BRACKETS):
                waiting.append(law)
            changes += (Change(law_number=law, kind_of_change=action[0]) for law in waiting)
            # A second word about the same instrument: 旧第三条繰下・一部改正.
            if not waiting and changes:
                changes.append(Change(law_number=changes[-1].law_number, kind_of_change=action[0]))
            waiting = []
        elif _NUMBERED.search(part):
            waiting.append(part)
    return AmendmentNote(raw=raw, changes=tuple(changes))
