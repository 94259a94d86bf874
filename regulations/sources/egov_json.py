"""e-Gov API v2 JSON: `law_info`, `revision_info` and `law_full_text`, the XML as tag/attr/children.

The tree becomes lxml elements again and is read as 法令標準XML is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from regulations.sources.base import Limits, Source, UnreadableSource, nested_too_deep
from regulations.sources.egov_xml import parsed_law
from regulations.structure import ParsedOrdinance

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class EgovJsonReader:
    """Reader of what API v2's law_data returns."""

    name = "egov_json"

    def recognises(self, source: Source) -> bool:
        return source.text.lstrip()[:1] == "{" and '"law_full_text"' in source.text

    def read(self, source: Source) -> ParsedOrdinance:
        answer = _answer(source)
        root = _element(answer["law_full_text"], source.limits)
        law = root if root.tag == "Law" else next(root.iter("Law"), root)
        info, revision = _object(answer.get("law_info")), _object(answer.get("revision_info"))
        for attribute, value in (
            ("LawId", info.get("law_id")),
            ("EnforcementDate", revision.get("amendment_enforcement_date")),
            ("OriginalPromulgateDate", info.get("promulgation_date")),
        ):
            if isinstance(value, str) and value and not law.get(attribute):
                law.set(attribute, _NOT_XML.sub("", value))
        return parsed_law(source, root, name=self.name)

    def body(self, source: Source) -> str:
        return "\n".join(_texts(_answer(source)["law_full_text"]))


def _answer(source: Source) -> dict[str, Any]:
    try:
        answer = json.loads(source.text)
    except ValueError as error:
        raise UnreadableSource(
            "malformed_json",
            "法令APIのJSONが壊れています（途中で切れている可能性があります）。取得し直してください。",
        ) from error
    if not isinstance(answer, dict) or not isinstance(answer.get("law_full_text"), dict):
        raise UnreadableSource(
            "not_legislation",
            "法令APIのJSONですが本文（law_full_text）がありません。本文を含む形式（json）で取得し直してください。",
        )
    return answer


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _element(node: dict[str, Any], limits: Limits) -> etree._Element:
    """The element of a node with all below it; nodes of no known form are left out, their text is kept."""
    root = _single(node)
    waiting = [(root, node.get("children"), 1)]
    while waiting:
        element, children, depth = waiting.pop()
        if depth > limits.max_depth:
            raise nested_too_deep()
        last: etree._Element | None = None
        for child in children if isinstance(children, list) else [children]:
            if isinstance(child, dict):
                last = _single(child)
                element.append(last)
                waiting.append((last, child.get("children"), depth + 1))
            elif isinstance(child, str):
                text = _NOT_XML.sub("", child)
                if last is None:
                    element.text = (element.text or "") + text
                else:
                    last.tail = (last.tail or "") + text
    return root


def _single(node: dict[str, Any]) -> etree._Element:
    tag = node.get("tag")
    element = etree.Element(tag if isinstance(tag, str) and _NAME.fullmatch(tag) else "Unknown")
    for name, value in _object(node.get("attr")).items():
        if _NAME.fullmatch(name) and isinstance(value, str):
            element.set(name, _NOT_XML.sub("", value))
    return element


def _texts(node: dict[str, Any]) -> Iterator[str]:
    waiting: list[Any] = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str):
            yield current
        elif isinstance(current, dict) and current.get("tag") != "Rt":
            children = current.get("children")
            waiting += reversed(children) if isinstance(children, list) else [children]
