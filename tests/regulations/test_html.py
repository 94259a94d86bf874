"""Text of HTML read two ways: by blocks of the tree, and without a tree."""

from __future__ import annotations

import re

import pytest

from regulations.sources.base import UnreadableSource
from regulations.sources.html import blocks, parse_markup, region_of, visible_text
from regulations.structure import Table


def lines(html: str) -> list[str]:
    tree = parse_markup(html, max_open_tags=100)
    return [block.content.text if isinstance(block.content, Table) else block.content for block in blocks(tree.body)]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<div>甲<b>乙</b><p>丙<br>丁</p>戊</div>己", ["甲乙", "丙", "丁", "戊", "己"]),
        # a line that is broken in the file only; a reading that is not closed; what is struck out
        ("<p>桟橋を\n  検査<ruby>杭<rp>（<rt>くい<rp>）</ruby>する<del>した</del></p>", ["桟橋を検査杭する"]),
        ("<p>甲</p><table><tr><td>乙<br>丙<td>丁</table><p>戊</p>", ["甲", "乙　丙　丁", "戊"]),
        # a table within a cell is the text of that cell
        ("<table><tr><td>甲<table><tr><td>乙</td></tr></table></td></tr></table>", ["甲　乙"]),
        ("<p>甲 &amp; 乙&nbsp;</p><!-- <p>丙</p> --><script>丁</script>", ["甲 & 乙"]),
    ],
)
def test_blocks_are_lines_and_both_ways_see_the_same_characters(html: str, expected: list[str]) -> None:
    assert lines(html) == expected
    assert "".join(visible_text(html).split()) == "".join("".join(expected).split())


def test_a_region_ends_with_its_own_end_tag_or_with_the_page() -> None:
    opening = re.compile("<div id=a>")
    closed, unclosed = "<div id=a>甲<div>乙</div>丙</div>丁", "<div id=a>甲<div>乙丙"
    for html, expected in ((closed, "甲<div>乙</div>丙"), (unclosed, "甲<div>乙丙")):
        match = opening.search(html)
        assert match
        assert region_of(html, match) == expected


def test_tags_that_are_never_closed_cost_no_more_than_their_number() -> None:
    # Each is quadratic for a careless walk; the suite's timeout would tell.
    for html in ("<i>検査" * 1_900, "<b>" * 1_900 + "検査<br>" * 50_000, "<p>検査" * 50_000):
        tree = parse_markup(html, max_open_tags=2_000)
        assert sum(1 for _ in blocks(tree.body))
    with pytest.raises(UnreadableSource):
        parse_markup("<i>" * 3_000, max_open_tags=2_000)
