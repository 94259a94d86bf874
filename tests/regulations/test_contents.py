"""Where 目次 ends and the instrument begins."""

from __future__ import annotations

import pytest

from regulations.sources.contents import Contents, is_contents_heading


def entries(*lines: str) -> int:
    """Number of lines that still belong to the 目次."""
    contents = Contents()
    return next((n for n, line in enumerate(lines) if not contents.lists(line)), len(lines))


@pytest.mark.parametrize(
    ("lines", "listed"),
    [
        # the first chapter comes up again
        (["第一章　総則（第一条・第二条）", "附則", "第一章　総則", "第一条　定める。"], 2),
        # a chapter with sections names no articles itself
        (["第一章　検査", "第一節　通則（第一条）", "第二節　立入検査（第二条）", "附則", "第一章　検査"], 4),
        # 第一章 in each 編
        (
            ["第一編", "第一章　丙", "第一節　戊（第一条）", "第二編", "第一章　丁", "第一節　己（第二条）", "第一編"],
            6,
        ),
        # a list of articles with their captions
        (["第一条　趣旨", "第二条　検査", "別表", "第一条　この規則は、検査を定める。"], 3),
        # nothing listed comes up again, but a caption, a number or a sentence does
        (["附則", "（趣旨）"], 1),
        (["附則", "１　検査する。"], 1),
        (["附則", "県民は、安全を願う。"], 1),
    ],
)  # fmt: skip
def test_the_contents_end_where_the_text_begins(lines: list[str], listed: int) -> None:
    assert entries(*lines) == listed


def test_the_heading_may_be_spaced() -> None:
    assert is_contents_heading("　目　次　")
    assert not is_contents_heading("目次を掲げる。")
