"""API v2 JSON: the same law as XML and as JSON is the same tree."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from lxml import etree

from regulations.sources.base import Limits, UnreadableSource
from regulations.sources.reading import read_source
from tests.regulations import test_egov_xml as xml

LAW = xml.law(
    "",
    main=xml.article(
        xml.paragraph(
            xml.sentence("桟橋の<Ruby>杭<Rt>くい</Rt></Ruby>を検査する。", Function="main")
            + xml.sentence("ただし、夜間は、この限りでない。", Function="proviso"),
            after=xml.item("Item", "1", "一", xml.sentence("木造の桟橋")) + "</Item>",
        ),
        num="10_2",
        title="第十条の二",
    ),
)


def as_json(element: Any) -> dict[str, Any]:
    children: list[Any] = [element.text] if element.text else []
    for child in element:
        children.append(as_json(child))
        if child.tail:
            children.append(child.tail)
    return {"tag": element.tag, "attr": dict(element.attrib), "children": children}


def answer(**changes: Any) -> bytes:
    content: dict[str, Any] = {
        "law_info": {"law_id": "345AC0000000137", "promulgation_date": "1970-12-25"},
        "revision_info": {"law_title": "倉庫の検査に関する法律", "amendment_enforcement_date": "2026-04-01"},
        "law_full_text": as_json(etree.fromstring(LAW)),
    }
    return json.dumps(content | changes, ensure_ascii=False).encode()


def refusal(data: bytes, **limits: int) -> str:
    with pytest.raises(UnreadableSource) as refused:
        read_source("law.json", data, limits=Limits(**limits))
    return refused.value.code


def test_the_tree_is_that_of_the_xml() -> None:
    parsed, expected = read_source("law.json", answer()), read_source("law.xml", LAW)
    assert parsed.format == "egov_json"
    assert parsed.ordinance.main == expected.ordinance.main
    assert (parsed.ordinance.title, parsed.ordinance.law_number) == (
        expected.ordinance.title,
        expected.ordinance.law_number,
    )
    assert parsed.unaccounted == 0


def test_identity_and_date_of_enforcement_come_from_what_stands_around_the_text() -> None:
    ordinance = read_source("law.json", answer()).ordinance
    assert (ordinance.source_id, ordinance.enforcement_date) == ("345AC0000000137", dt.date(2026, 4, 1))


def test_what_is_no_law_is_refused_in_words() -> None:
    assert refusal(answer()[:-20]) == "malformed_json"
    assert refusal(answer(law_full_text=None)) == "not_legislation"
    assert refusal(answer(law_full_text={"tag": "Law", "attr": {}, "children": ["検査"]})) == "not_legislation"


def test_deep_nesting_is_refused_before_any_walk_that_recurses() -> None:
    deep: dict[str, Any] = {"tag": "Law", "attr": {}, "children": []}
    for _ in range(300):
        deep = {"tag": "Law", "attr": {}, "children": [deep]}
    assert refusal(answer(law_full_text=deep)) == "nested_too_deep"


def test_odd_tags_and_characters_that_xml_has_not_do_no_harm() -> None:
    odd = as_json(etree.fromstring(LAW))
    odd["children"][1]["children"].append(
        {"tag": "1 <bad>", "attr": {"a b": "\x01"}, "children": ["検査\x00\ud800", 5, None]}
    )
    parsed = read_source("law.json", json.dumps({"law_full_text": odd}).encode())
    assert parsed.ordinance.title == "倉庫の検査に関する法律"
    assert "unknown_markup" in {diagnostic.code for diagnostic in parsed.diagnostics}
