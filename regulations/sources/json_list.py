"""A JSON list of instruments, as an export of a whole 例規集 gives it: [{"id", "title", "url", "html"}, …].

It becomes an archive in memory, so that it is listed, limited and read as any other bundle is. An instrument is
text in `html`, or the answer of e-Gov's API v2 (`law_full_text`).
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from regulations.sources.base import Source, UnreadableSource, nested_too_deep

HEAD = 256
"""Bytes by which `is_json_list` tells."""

_OPENING = re.compile(rb'(?:\xef\xbb\xbf)?\s*\[\s*\{\s*"')
_PAGE = re.compile(r"([\w-]+)\.html?(?:[?#].*)?$")
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\:]+")
_LONGEST_NAME = 100


def is_json_list(head: bytes) -> bool:
    """Whether a file that begins with `head` is a list of JSON objects, if it is JSON at all."""
    return bool(_OPENING.match(head))


def archive_of(data: bytes) -> zipfile.ZipFile:
    """The instruments of a JSON list as members named by id and title, in their order.

    A page keeps the name that its address gives it, in a folder: readers take identifiers from it. An element
    without a body becomes an empty member, which is refused when it is read. Raises UnreadableSource where the
    JSON is broken or no element has a body.
    """
    elements = _elements(data)
    if not any(_contents(element) for element in elements):
        raise UnreadableSource(
            "not_legislation",
            "JSONの一覧ですが、本文（html 又は law_full_text）を持つ要素がありません。本文も書き出してください。",
        )
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for position, element in enumerate(elements, 1):
            name = _name(element, position)
            archive.writestr(f"({position}) {name}" if name in archive.NameToInfo else name, _contents(element))
    return zipfile.ZipFile(stream)


def _elements(data: bytes) -> list[Mapping[str, Any]]:
    try:
        elements = json.loads(Source(name="", data=data).text)
    except ValueError as error:
        line = f"（{error.lineno}行目）" if isinstance(error, json.JSONDecodeError) else ""
        raise UnreadableSource(
            "malformed_json",
            f"JSONの一覧が壊れています{line}。途中で切れていないか確かめ、書き出し直してください。",
        ) from error
    except RecursionError as error:
        raise nested_too_deep() from error
    return [element if isinstance(element, dict) else {} for element in elements]


def _contents(element: Mapping[str, Any]) -> bytes:
    if isinstance(page := element.get("html"), str):
        return page.encode("utf-8", "replace")  # JSON can write half a character, which nothing else can
    return json.dumps(element).encode() if isinstance(element.get("law_full_text"), dict) else b""


def _name(element: Mapping[str, Any], position: int) -> str:
    parts = [_safe(element.get(key)) for key in ("id", "title")]
    name = "_".join(part for part in parts if part) or str(position)
    if "law_full_text" in element:
        return f"{name}.json"
    page = _PAGE.search(str(element.get("url", "")))
    return f"{name}/{page[0]}" if page else f"{name}.html"


def _safe(value: object) -> str:
    """A part of a name: without what would make it a path, or hidden."""
    text = _NOT_IN_NAMES.sub(" ", str(value)) if isinstance(value, str | int) else ""
    return text.encode("utf-8", "replace").decode()[:_LONGEST_NAME].strip(". ")
