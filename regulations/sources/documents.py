"""What the readers of word processor files and PDF share: from lines to a tree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from lxml import etree

from regulations.sources.archives import ZIP_SIGNATURES, expanded_size, member_data, member_names
from regulations.sources.base import Source, UnreadableSource
from regulations.sources.labels import article_head, set_apart
from regulations.sources.plain_text import PlainTextReader, parsed_of_lines
from regulations.structure import Diagnostic, ParsedOrdinance

_FOLD = re.compile(r"\s*\n\s*")


def is_package(data: bytes, part: str) -> bool:
    """Whether `data` is a zip archive that holds `part`."""
    if not data.startswith(ZIP_SIGNATURES):
        return False
    names = member_names(data)
    return part in names if names else part.encode() in data  # a broken one says so when it is opened


def broken_document(what: str) -> UnreadableSource:
    return UnreadableSource(
        "broken_document",
        f"{what}として開けません（壊れているか、対応していない保存形式です）。元のファイルを保存し直してください。",
    )


def check_package(source: Source) -> None:
    """Refuse a document kept as a zip archive that is broken or unpacks beyond the limits."""
    if (size := expanded_size(source.data)) > source.limits.max_expanded_bytes:
        raise UnreadableSource(
            "too_large",
            f"文書を展開すると大きくなりすぎます（{size / 2**20:,.0f} MB）。画像を除くか、分割してください。",
        )


def table_line(cells: Sequence[str]) -> str:
    """A row of a table as a line that the grammar reads back, or "" for an empty one.

    Known failure: a row of nothing but hyphens is taken for the rule below a heading.
    """
    texts = [_FOLD.sub("　", cell.strip()).replace("|", "｜") for cell in cells]
    return f"| {' | '.join(texts)} |" if any(texts) else ""


def numbered_line(number: str, text: str) -> str:
    """An automatic number before its text. 第1条 keeps a caption that follows it: 第1条（目的）."""
    if not number:
        return text
    line = set_apart(number + text)
    head = article_head(line)
    return line if head and head.caption else f"{number}　{text}"


def parsed_document(
    source: Source,
    lines: Sequence[str],
    *,
    format_name: str,
    furniture: Sequence[str] = (),
    diagnostics: Sequence[Diagnostic] = (),
) -> ParsedOrdinance:
    """The tree of a document's lines. Raises UnreadableSource where they are no legislation."""
    text = "\n".join(lines)
    if not PlainTextReader().recognises(Source(name=source.name, data=text.encode(), limits=source.limits)):
        raise UnreadableSource(
            "not_legislation",
            "条例・規則などの本文が見つかりません（様式だけの文書、別の種類の文書など）。本文のファイルか確かめてください。",
        )
    parsed = parsed_of_lines(text.split("\n"), text=text, name=format_name, diagnostics=tuple(diagnostics))
    return replace(parsed, furniture=(*parsed.furniture, *furniture))


def xml_part(source: Source, part: str) -> etree._Element:
    """Root of an XML part of a package. Raises XMLSyntaxError."""
    return etree.fromstring(member_data(source.data, part), etree.XMLParser(resolve_entities=False, no_network=True))


def part_text(source: Source, part: str, *, without: frozenset[str]) -> str:
    """Text of an XML part as it stands in the archive, less what is below elements of the tags `without`."""
    root = xml_part(source, part)
    pieces: list[str] = []
    skipping = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if skipping is None and event == "start":
            if element.tag in without or not isinstance(element.tag, str):
                skipping = element
            else:
                pieces.append(element.text or "")
        elif event == "end":
            if element is skipping:
                skipping = None
            if skipping is None:
                pieces.append(element.tail or "")
    return " ".join(pieces)
