"""Notes on the history of an article."""

from __future__ import annotations

import pytest

from regulations.sources.history import amendment_note


@pytest.mark.parametrize(
    ("raw", "changes"),
    [
        ("（昭六〇規則五九・一部改正）", [("昭六〇規則五九", "一部改正")]),
        ("(令5条例29・追加)", [("令5条例29", "追加")]),
        # what was done stands first
        ("一部改正〔令和二年規則二〇号〕", [("令和二年規則二〇号", "一部改正")]),
        # one word for two instruments
        ("（昭六〇規則五九・平二規則三・一部改正）", [("昭六〇規則五九", "一部改正"), ("平二規則三", "一部改正")]),
        # each with its own, and the second with two
        (
            "（昭六〇規則五九・追加、平三条例四・旧第三条繰下・一部改正）",
            [("昭六〇規則五九", "追加"), ("平三条例四", "旧第三条繰下"), ("平三条例四", "一部改正")],
        ),
        # a note that tells no instrument
        ("（以下様式省略）", []),
    ],
)
def test_a_note_tells_each_change(raw: str, changes: list[tuple[str, str]]) -> None:
    note = amendment_note(raw)
    assert note.raw == raw
    assert [(change.law_number, change.kind_of_change) for change in note.changes] == changes
