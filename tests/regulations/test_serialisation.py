"""The JSON contract of `minaoshi parse`."""

from __future__ import annotations

import json

from regulations.serialisation import parsed_as_dict
from regulations.sources.reading import read_source

TEXT = """試験条例
令和元年十月一日条例第四号
（検査）
第十条の二　知事は、検査をする。
２　次の表による。
| 甲 | 年一回 |
附　則
公布の日から施行する。
様式第一号
"""


def test_a_parsed_file_has_exactly_the_agreed_keys() -> None:
    found = json.loads(json.dumps(parsed_as_dict("a.txt", read_source("a.txt", TEXT.encode())), ensure_ascii=False))
    assert list(found) == ["file", "title", "law_number", "kind", "format", "diagnostics", "provisions"]
    assert {key: found[key] for key in ("file", "title", "law_number", "kind", "format")} == {
        "file": "a.txt",
        "title": "試験条例",
        "law_number": "条例第四号",
        "kind": "ordinance",
        "format": "plain_text",
    }
    assert [set(diagnostic) for diagnostic in found["diagnostics"]] == [{"code", "message", "ref"}] * len(
        found["diagnostics"]
    )
    assert ("form_unread", "様式第一号") in [(d["code"], d["ref"]) for d in found["diagnostics"]]
    rows = [
        (p["article"], p["paragraph"], p["address"], p["section"], p["caption"], p["text"]) for p in found["provisions"]
    ]
    assert rows == [
        ("10-2", "1", "第十条の二第一項", "main", "（検査）", "知事は、検査をする。"),
        ("10-2", "2", "第十条の二第二項", "main", "（検査）", "次の表による。"),
        ("10-2", "2", "第十条の二第二項の表", "table", "（検査）", "甲　年一回"),
        ("", "1", "附則", "supplementary", "", "公布の日から施行する。"),
    ]
    assert list(found["provisions"][0]) == ["article", "paragraph", "address", "section", "caption", "text"]
