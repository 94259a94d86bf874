"""Word documents (.docx): paragraphs, tables and text boxes in the order of the body.

python-docx opens the package; the text is read from its XML, because python-docx drops tracked
insertions and ruby base text and knows no automatic numbers. Headers, footers, tables of contents,
comments and hidden text are furniture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from lxml import etree

from regulations.sources.base import Source, UnreadableSource
from regulations.sources.documents import (
    broken_document,
    check_package,
    is_package,
    numbered_line,
    parsed_document,
    part_text,
    table_line,
)
from regulations.sources.numbering import WORD_FORMATS, printed
from regulations.structure import Diagnostic, ParsedOrdinance, Severity

_PART = "word/document.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_FORMULA = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# Deleted and moved-away text, the reading above ruby, and what repeats a text box for older programs.
_SKIPPED = {f"{_W}{name}" for name in ("del", "moveFrom", "rt", "pPr", "rPr", "sdtPr")} | {_FALLBACK}
_NO_TEXT = frozenset(_SKIPPED | {f"{_W}instrText"})
_INSERTED = {f"{_W}{name}" for name in ("ins", "moveTo")}
_DELETED = {f"{_W}{name}" for name in ("del", "moveFrom")}
_TEXT = {f"{_W}tab": "　", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}ptab": "　"}
_MISSING = "〓"  # what printers set for a character that they do not have
# Word's way to print ⑪ or ruby by a field: the last argument is the character itself.
_COMBINED = re.compile(r"\bEQ\b.*\\o.*[,、]\s*(?P<base>[^,、()]+)\)")


class DocxReader:
    """Reader of .docx."""

    name = "docx"

    def recognises(self, source: Source) -> bool:
        if source.data.startswith(_OLE):
            return _ENCRYPTED in source.data
        return is_package(source.data, _PART)

    def read(self, source: Source) -> ParsedOrdinance:
        if source.data.startswith(_OLE):
            raise UnreadableSource(
                "encrypted_document",
                "パスワードで保護された文書のため読み込めません。パスワードを外して保存し直してください。",
            )
        check_package(source)
        parts = _opened(source)
        walk = _Walk(_Numbering(parts), _contents_styles(parts.styles))
        lines = [line for line in walk.blocks(parts.body) if line]
        return parsed_document(
            source, lines, format_name=self.name, furniture=walk.furniture, diagnostics=tuple(walk.diagnostics())
        )

    def body(self, source: Source) -> str:
        return part_text(source, _PART, without=_NO_TEXT)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The XML that is read; `numbering` is None in a document that has no lists."""

    body: etree._Element
    styles: etree._Element
    numbering: etree._Element | None


def _opened(source: Source) -> _Parts:
    from docx import Document  # here, because it takes a quarter of a second that other formats need not pay

    try:
        document = Document(BytesIO(source.data))
        # Asked for by its relation: python-docx would make up a part that the document lacks.
        numbering = [
            getattr(relation.target_part, "element", None)
            for relation in document.part.rels.values()
            if relation.reltype.endswith("/numbering") and not relation.is_external
        ]
        body, styles = document.element.body, document.styles.element
    except Exception as error:  # python-docx takes the package at its word, and damage ends in any error
        raise broken_document("Word文書") from error
    if body is None or styles is None:
        raise broken_document("Word文書")
    return _Parts(body, styles, next(iter(numbering), None))


def _contents_styles(styles: etree._Element) -> frozenset[str]:
    """Ids of the styles that Word sets tables of contents in."""
    return frozenset(
        style.get(f"{_W}styleId", "")
        for style in styles.iterchildren(f"{_W}style")
        if re.match(r"toc \d", _value(style.find(f"{_W}name")), re.IGNORECASE)
    )


@dataclass(slots=True)
class _Walk:
    """One pass over the body; what it met on the way is told by `diagnostics`."""

    numbering: _Numbering
    contents_styles: frozenset[str]
    inserted: int = 0
    deleted: int = 0
    missing: int = 0
    notes: int = 0
    boxes: list[etree._Element] = field(default_factory=list)
    furniture: list[str] = field(default_factory=list)
    carried: str = ""

    def blocks(self, container: etree._Element) -> Iterator[str]:
        """Lines of a body, a cell or a text box."""
        for child in container:
            if child.tag == f"{_W}p":
                yield from self.paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield from self.table(child)
            elif child.tag in _DELETED:
                self.deleted += 1
            elif child.tag not in _SKIPPED:  # content controls, custom XML and insertions around whole blocks
                yield from self.blocks(child)

    def paragraph(self, paragraph: etree._Element) -> Iterator[str]:
        outer, self.boxes = self.boxes, []
        text = self.carried + "".join(self.runs(paragraph))
        found, self.boxes = self.boxes, outer
        if self.style(paragraph) in self.contents_styles:
            self.furniture.append(text)
            return
        # A deleted paragraph mark joins the text to the next paragraph.
        if paragraph.find(f"{_W}pPr/{_W}rPr/{_W}del") is not None:
            self.carried = text
            self.deleted += 1
            return
        self.carried = ""
        number = self.numbering.number(paragraph)  # an empty paragraph counts, too
        if text.strip():
            yield from numbered_line(number, text.strip()).split("\n")
        for box in found:
            yield from self.blocks(box)

    def style(self, paragraph: etree._Element) -> str:
        return _value(paragraph.find(f"{_W}pPr/{_W}pStyle"))

    def runs(self, element: etree._Element) -> Iterator[str]:
        for child in element:
            tag = child.tag
            if tag in {f"{_W}t", _FORMULA}:
                yield child.text or ""
            elif tag == f"{_W}r" and (vanish := child.find(f"{_W}rPr/{_W}vanish")) is not None and _is_on(vanish):
                continue
            elif tag == f"{_W}txbxContent":
                self.boxes.append(child)
            elif tag == f"{_W}br":
                yield "" if child.get(f"{_W}type") in {"page", "column"} else "\n"
            elif tag == f"{_W}sym":
                self.missing += 1
                yield _MISSING
            elif tag == f"{_W}instrText":
                if match := _COMBINED.search(child.text or ""):
                    yield match["base"]
            elif tag in _TEXT:
                yield _TEXT[tag]
            elif tag in _SKIPPED:
                self.deleted += tag in _DELETED
            elif tag in {f"{_W}footnoteReference", f"{_W}endnoteReference"}:
                self.notes += 1
            else:
                self.inserted += tag in _INSERTED
                yield from self.runs(child)

    def table(self, table: etree._Element) -> Iterator[str]:
        for row in table.iter(f"{_W}tr"):
            if next(row.iterancestors(f"{_W}tbl")) is not table:
                continue  # of a table within a cell, whose text the cell gives
            if row.find(f"{_W}trPr/{_W}del") is not None:
                self.deleted += 1
                continue
            cells = [
                "\n".join(line.strip("| ").replace(" | ", "　") for line in self.blocks(cell) if line)
                for cell in row.iter(f"{_W}tc")
                if next(cell.iterancestors(f"{_W}tr")) is row
            ]
            while cells and not cells[-1]:
                cells.pop()
            yield table_line(cells)

    def diagnostics(self) -> Iterator[Diagnostic]:
        if self.inserted or self.deleted:
            yield Diagnostic(
                code="tracked_changes",
                message=f"変更履歴が残っています（挿入{self.inserted}か所、削除{self.deleted}か所）。"
                "挿入は反映し、削除は除いて読みました。確定した文書か確かめてください。",
            )
        if self.missing:
            yield Diagnostic(
                code="unreadable_character",
                message=f"記号フォントの文字が{self.missing}か所あり、「{_MISSING}」に置き換えました。原本で確かめてください。",
            )
        if self.numbering.undefined:
            yield Diagnostic(
                code="numbering_undefined",
                message=f"自動番号の定義がない段落が{self.numbering.undefined}か所あり、番号を付けられません。"
                "条・項・号の区切りを原本で確かめてください。",
            )
        if self.notes:
            yield Diagnostic(
                code="notes_unread",
                message=f"脚注が{self.notes}か所あり、読み取っていません。原本で確かめてください。",
                severity=Severity.INFO,
            )


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    format_name: str
    text: str
    style: str
    restarts: bool
    is_legal: bool


class _Numbering:
    """Numbers of paragraphs, counted as Word does: one counter a level, shared by all lists of one definition."""

    def __init__(self, parts: _Parts) -> None:
        self._definitions = {} if parts.numbering is None else _definitions(parts.numbering)
        self._lists = {} if parts.numbering is None else _lists(parts.numbering)
        self._styles = {style.get(f"{_W}styleId", ""): style for style in parts.styles.iterchildren(f"{_W}style")}
        self._counters: dict[str, dict[int, int]] = {}
        self._seen: set[str] = set()
        self.undefined = 0

    def number(self, paragraph: etree._Element) -> str:
        """第1条, (1), … as printed before the paragraph, or "" where it has none."""
        list_id, depth = self._place(paragraph)
        definition, starts = self._lists.get(list_id, ("", {}))
        levels = self._definitions.get(definition, {})
        if depth not in levels:
            self.undefined += list_id not in {"", "0"}  # 0 takes a paragraph out of the list of its style
            return ""
        counters = self._counters.setdefault(definition, {})
        if list_id not in self._seen:
            self._seen.add(list_id)
            for restarted in starts:
                counters.pop(restarted, None)
        start = starts.get(depth, levels[depth].start)
        counters[depth] = counters[depth] + 1 if depth in counters else start
        for deeper in [known for known in counters if known > depth and levels[known].restarts]:
            del counters[deeper]
        if levels[depth].format_name == "bullet":
            return "・"
        return re.sub(
            r"%(\d)", lambda match: self._printed(int(match[1]) - 1, levels, counters, depth), levels[depth].text
        )

    def _printed(self, level: int, levels: dict[int, _Level], counters: dict[int, int], depth: int) -> str:
        if level not in levels:
            return ""
        format_name = "decimal" if levels[depth].is_legal and level != depth else levels[level].format_name
        return printed(counters.get(level, levels[level].start), format_name, WORD_FORMATS)

    def _place(self, paragraph: etree._Element) -> tuple[str, int]:
        """List and level: of the paragraph itself, else of its style or the styles that it is based on."""
        properties = paragraph.find(f"{_W}pPr")
        list_id = depth = ""
        style = _value(properties.find(f"{_W}pStyle")) if properties is not None else ""
        own_style, seen = style, set[str]()
        while True:
            if properties is not None and (found := properties.find(f"{_W}numPr")) is not None:
                list_id = list_id or _value(found.find(f"{_W}numId"))
                depth = depth or _value(found.find(f"{_W}ilvl"))
            if list_id or style in seen or style not in self._styles:
                break
            seen.add(style)
            properties = self._styles[style].find(f"{_W}pPr")
            style = _value(self._styles[style].find(f"{_W}basedOn"))
        if not depth:
            levels = self._definitions.get(self._lists.get(list_id, ("", {}))[0], {})
            depth = str(next((at for at, level in levels.items() if own_style and level.style == own_style), 0))
        return list_id, int(depth) if depth.isdecimal() else 0


def _definitions(root: etree._Element) -> dict[str, dict[int, _Level]]:
    found: dict[str, dict[int, _Level]] = {}
    linked: dict[str, str] = {}
    by_style: dict[str, str] = {}
    for definition in root.iterchildren(f"{_W}abstractNum"):
        key = definition.get(f"{_W}abstractNumId", "")
        found[key] = {_number(level, "ilvl"): _level(level) for level in definition.iterchildren(f"{_W}lvl")}
        if link := _value(definition.find(f"{_W}numStyleLink")):
            linked[key] = link
        if style := _value(definition.find(f"{_W}styleLink")):
            by_style[style] = key
    return found | {key: found[by_style[style]] for key, style in linked.items() if style in by_style}


def _lists(root: etree._Element) -> dict[str, tuple[str, dict[int, int]]]:
    """Lists by id: the definition each one counts with, and the levels that it starts anew."""
    found = {}
    for listed in root.iterchildren(f"{_W}num"):
        starts = {
            _number(override, "ilvl"): int(_value(start))
            for override in listed.iterchildren(f"{_W}lvlOverride")
            if (start := override.find(f"{_W}startOverride")) is not None and _value(start).isdecimal()
        }
        found[listed.get(f"{_W}numId", "")] = (_value(listed.find(f"{_W}abstractNumId")), starts)
    return found


def _level(level: etree._Element) -> _Level:
    start = _value(level.find(f"{_W}start"))
    legal = level.find(f"{_W}isLgl")
    return _Level(
        start=int(start) if start.isdecimal() else 0,
        format_name=_value(level.find(f"{_W}numFmt")) or "decimal",
        text=_value(level.find(f"{_W}lvlText")),
        style=_value(level.find(f"{_W}pStyle")),
        restarts=_value(level.find(f"{_W}lvlRestart")) != "0",
        is_legal=legal is not None and _is_on(legal),
    )


def _number(element: etree._Element, attribute: str) -> int:
    value = element.get(f"{_W}{attribute}", "")
    return int(value) if value.isdecimal() else 0


def _value(element: etree._Element | None) -> str:
    return "" if element is None else element.get(f"{_W}val", "")


def _is_on(element: etree._Element) -> bool:
    return _value(element) not in {"0", "false", "off"}
