"""目次: it repeats the headings, and sometimes the articles, of what follows and must not be taken for it."""

from __future__ import annotations

import re

from regulations.numerals import NUMBER
from regulations.sources.labels import (
    appended_head,
    article_head,
    division_level,
    is_bracketed,
    item_label,
    supplementary_head,
)
from regulations.structure import DivisionLevel

_HEADING = re.compile(r"目[\s　]*次")
_RANGE = re.compile(rf"[（(][^（）()]*第{NUMBER}条[^（）()]*[）)]$")
_KEY = re.compile(rf"第{NUMBER}[編章節款目条](?:の{NUMBER})*")
_MOST_ENTRIES = 5000  # no instrument has as many; beyond it the lines are something else
_DEPTH = {level: depth for depth, level in enumerate(DivisionLevel)}


def is_contents_heading(line: str) -> bool:
    return bool(_HEADING.fullmatch(line.strip()))


def is_contents_entry(line: str) -> bool:
    """Whether a heading names the articles below it: 第一章　総則（第一条―第三条）."""
    return bool(_RANGE.search(line.strip()))


class Contents:
    """Follows a 目次 line by line. It ends where something it listed comes up again, or where a caption,
    a numbered line or a sentence begins.
    """

    def __init__(self) -> None:
        self._listed: dict[str, int] = {}

    def lists(self, line: str) -> bool:
        """Whether `line` is still an entry; to be asked of each line in turn until it is not."""
        text = line.strip()
        level = division_level(text)
        if level or article_head(text):
            match = _KEY.match(text)
            key = match[0] if match else text
            if len(self._listed) > _MOST_ENTRIES:
                return False
            if not is_contents_entry(text) and (text.endswith("。") or key in self._listed):
                return False
            depth = _DEPTH[level] if level else len(_DEPTH)
            # 第一章 comes up once in each 編: only below the same heading is it the second time.
            self._listed = {known: its for known, its in self._listed.items() if its <= depth}
            self._listed[key] = depth
            return True
        if supplementary_head(text) is not None or appended_head(text):
            return True
        return not (is_bracketed(text) or text.endswith("。") or item_label(text))
