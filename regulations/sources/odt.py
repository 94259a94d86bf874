"""OpenDocument texts (.odt): paragraphs, lists, tables and text boxes in the order of the body.

Read from the XML of the package, where deletions of tracked changes lie apart from the body. Headers,
footers, tables of contents, notes and comments are furniture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from regulations.sources.archives import member_data, member_names
from regulations.sources.base import Source, UnreadableSource
from regulations.sources.documents import (
    broken_document,
    check_package,
    is_package,
    numbered_line,
    parsed_document,
    part_text,
    table_line,
    xml_part,
)
from regulations.sources.numbering import OPENDOCUMENT_FORMATS, printed
from regulations.structure import Diagnostic, ParsedOrdinance, Severity

_NAMESPACES = {
    "text": "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}",
    "table": "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}",
    "office": "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}",
    "style": "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}",
    "draw": "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}",
    "loext": "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}",
    "manifest": "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}",
}
_MIMETYPE = b"mimetypeapplication/vnd.oasis.opendocument.text"
_MANIFEST = "META-INF/manifest.xml"
_CELLS_AT_MOST = 200  # repeated empty cells of a spreadsheet-like table run to thousands


def _tag(name: str) -> str:
    prefix, local = name.split(":")
    return _NAMESPACES[prefix] + local


_CHANGES = _tag("text:tracked-changes")
_SKIPPED = {_tag(name) for name in ("text:ruby-text", "text:note", "office:annotation", "text:tracked-changes")}
_NO_TEXT = frozenset(_SKIPPED)
_CONTENTS = _tag("text:table-of-content")
_PARAGRAPHS = {_tag("text:p"), _tag("text:h")}
_BOXES = {_tag("draw:text-box"), _tag("draw:custom-shape")}


class OdtReader:
    """Reader of .odt."""

    name = "odt"

    def recognises(self, source: Source) -> bool:
        return source.data[30:].startswith(_MIMETYPE) and is_package(source.data, "content.xml")

    def read(self, source: Source) -> ParsedOrdinance:
        check_package(source)
        content, styles = _opened(source)
        body = content.find(f"{_tag('office:body')}/{_tag('office:text')}")
        if body is None:
            raise broken_document("OpenDocument文書")
        walk = _Walk(_list_styles(styles, content))
        lines = [line for line in walk.blocks(body) if line]
        return parsed_document(
            source, lines, format_name=self.name, furniture=walk.furniture, diagnostics=tuple(walk.diagnostics())
        )

    def body(self, source: Source) -> str:
        return part_text(source, "content.xml", without=_NO_TEXT)


def _opened(source: Source) -> tuple[etree._Element, etree._Element]:
    """Roots of content.xml and styles.xml; the latter, as the manifest, may be missing."""
    parts = member_names(source.data)
    if _MANIFEST in parts and b"encryption-data" in member_data(source.data, _MANIFEST):
        raise UnreadableSource(
            "encrypted_document",
            "パスワードで保護された文書のため読み込めません。パスワードを外して保存し直してください。",
        )
    try:
        content = xml_part(source, "content.xml")
        styles = xml_part(source, "styles.xml") if "styles.xml" in parts else etree.Element(_tag("office:styles"))
    except etree.XMLSyntaxError as error:
        raise broken_document("OpenDocument文書") from error
    return content, styles


@dataclass(slots=True)
class _List:
    """A list that is open: its style, and the number last given at each level."""

    style: str
    counters: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Walk:
    """One pass over the body; what it met on the way is told by `diagnostics`."""

    list_styles: dict[str, dict[int, etree._Element]]
    lists: dict[str, _List] = field(default_factory=dict)
    last: dict[str, _List] = field(default_factory=dict)
    changes: int = 0
    notes: int = 0
    boxes: list[etree._Element] = field(default_factory=list)
    furniture: list[str] = field(default_factory=list)

    def blocks(self, container: etree._Element | None) -> Iterator[str]:
        """Lines of a body, a section, a cell or a text box."""
        for child in container if container is not None else ():
            if child.tag in _PARAGRAPHS:
                yield from self.paragraph(child)
            elif child.tag == _tag("text:list"):
                yield from self.list(child, self.opened(child), 1)
            elif child.tag == _tag("table:table"):
                yield from self.table(child)
            elif child.tag == _CHANGES:
                self.changes += len(child)
            elif child.tag == _CONTENTS:
                self.furniture += self.blocks(child.find(_tag("text:index-body")))
            elif child.tag not in _SKIPPED:
                yield from self.blocks(child)

    def paragraph(self, paragraph: etree._Element, number: str = "") -> Iterator[str]:
        outer, self.boxes = self.boxes, []
        text = "".join(self.runs(paragraph)).strip()
        found, self.boxes = self.boxes, outer
        if text:
            yield from numbered_line(number, text).split("\n")
        for box in found:
            yield from self.blocks(box)

    def runs(self, element: etree._Element) -> Iterator[str]:
        yield _folded(element.text)
        for child in element:
            if child.tag == _tag("text:s"):
                yield " " * min(_integer(child, "text:c", 1), 100)
            elif child.tag == _tag("text:tab"):
                yield "　"
            elif child.tag == _tag("text:line-break"):
                yield "\n"
            elif child.tag in _BOXES:
                self.boxes.append(child)
            elif child.tag in _SKIPPED:
                self.notes += child.tag == _tag("text:note")
            elif isinstance(child.tag, str):
                yield from self.runs(child)
            yield _folded(child.tail)

    def opened(self, element: etree._Element) -> _List:
        """The list that `element` begins or goes on with."""
        style = element.get(_tag("text:style-name"), "")
        before = self.lists.get(element.get(_tag("text:continue-list"), ""))
        if before is None and element.get(_tag("text:continue-numbering")) == "true":
            before = self.last.get(style)
        found = before or _List(style)
        self.last[style] = found
        if name := element.get("{http://www.w3.org/XML/1998/namespace}id"):
            self.lists[name] = found
        return found

    def list(self, element: etree._Element, state: _List, level: int) -> Iterator[str]:
        style = element.get(_tag("text:style-name")) or state.style
        for item in element:
            number = ""
            if item.tag == _tag("text:list-item"):
                number = self.number(item, style, state, level)
            for child in item:
                if child.tag in _PARAGRAPHS:
                    yield from self.paragraph(child, number)
                    number = ""  # further paragraphs of the item have none
                elif child.tag == _tag("text:list"):
                    yield from self.list(child, state, level + 1)
                elif child.tag == _tag("table:table"):
                    yield from self.table(child)

    def number(self, item: etree._Element, style: str, state: _List, level: int) -> str:
        """第1条, (1), … as printed before the item; "" where it is only a way to a deeper level."""
        if not any(child.tag in _PARAGRAPHS for child in item):
            return ""
        levels = self.list_styles.get(style, {})
        description = levels.get(level)
        if description is None:
            return ""
        if description.tag != _tag("text:list-level-style-number"):
            return "・"
        counters = state.counters
        following = counters[level] + 1 if level in counters else _integer(description, "text:start-value", 1)
        counters[level] = _integer(item, "text:start-value", following)
        for deeper in [known for known in counters if known > level]:
            del counters[deeper]
        shown = range(max(level - _integer(description, "text:display-levels", 1) + 1, 1), level + 1)
        numbers = {at: _printed(levels.get(at), counters.get(at, 1)) for at in shown}
        if template := description.get(_tag("loext:num-list-format")):
            return re.sub(r"%(\d+)%", lambda match: numbers.get(int(match[1]), ""), template)
        prefix, suffix = (description.get(_tag(f"style:num-{end}"), "") for end in ("prefix", "suffix"))
        return prefix + ".".join(filter(None, numbers.values())) + suffix

    def table(self, table: etree._Element) -> Iterator[str]:
        for row in table.iter(_tag("table:table-row")):
            if next(row.iterancestors(_tag("table:table"))) is not table:
                continue  # of a table within a cell, whose text the cell gives
            cells: list[str] = []
            for cell in row:
                if cell.tag not in {_tag("table:table-cell"), _tag("table:covered-table-cell")}:
                    continue
                text = "\n".join(line.strip("| ").replace(" | ", "　") for line in self.blocks(cell) if line)
                repeated = _integer(cell, "table:number-columns-repeated", 1)
                cells += [text] * min(repeated, _CELLS_AT_MOST)
            while cells and not cells[-1]:
                cells.pop()
            yield table_line(cells)

    def diagnostics(self) -> Iterator[Diagnostic]:
        if self.changes:
            yield Diagnostic(
                code="tracked_changes",
                message=f"変更履歴が残っています（{self.changes}か所）。挿入は反映し、削除は除いて読みました。確定した文書か確かめてください。",
            )
        if self.notes:
            yield Diagnostic(
                code="notes_unread",
                message=f"脚注が{self.notes}か所あり、読み取っていません。原本で確かめてください。",
                severity=Severity.INFO,
            )


def _printed(description: etree._Element | None, number: int) -> str:
    if description is None:
        return ""
    return printed(number, description.get(_tag("style:num-format"), ""), OPENDOCUMENT_FORMATS)


def _list_styles(*roots: etree._Element) -> dict[str, dict[int, etree._Element]]:
    """Descriptions of list levels by list style and level; those of the later roots count."""
    return {
        style.get(_tag("style:name"), ""): {_integer(level, "text:level", 1): level for level in style}
        for root in roots
        for style in root.iter(_tag("text:list-style"))
    }


def _integer(element: etree._Element, attribute: str, default: int) -> int:
    value = element.get(_tag(attribute), "")
    return int(value) if value.isdecimal() and len(value) < 7 else default


def _folded(text: str | None) -> str:
    """White space as the format has it: runs of it are one, and a line break in the file is none of the text."""
    return re.sub(r"[ \t\r\n]+", " ", text or "")
