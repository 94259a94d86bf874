"""Doctor: what a reader makes of a file, told to a person who wonders whether it was read well."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from regulations.labels import label
from regulations.sources.base import Limits, UnreadableSource
from regulations.sources.decoding import decode
from regulations.sources.reading import read_source
from regulations.sources.schema import schema_violations
from regulations.structure import Article, Diagnostic, Division, Item, Ordinance, Paragraph, ParsedOrdinance, Severity

_BINARY = {"docx", "odt", "pdf"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """One file. `parsed` is None where it is unreadable, and `diagnostics` then say why."""

    name: str
    size: int
    sha256: str
    encoding: str
    parsed: ParsedOrdinance | None
    diagnostics: tuple[Diagnostic, ...]


def examine(name: str, data: bytes, *, limits: Limits, schema: etree.XMLSchema | None = None) -> Examination:
    """Read a file and look at what came of it; with a schema, e-Gov XML is held against it."""
    parsed: ParsedOrdinance | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    try:
        parsed = read_source(name, data, limits=limits)
        diagnostics = parsed.diagnostics
        if schema is not None and parsed.format == "egov_xml":
            diagnostics += tuple(schema_violations(data, schema))
    except UnreadableSource as error:
        diagnostics = (Diagnostic(code=error.code, message=error.message, severity=Severity.ERROR),)
    return Examination(
        name=name,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        encoding=_encoding(data) if parsed and parsed.format not in _BINARY else "",
        parsed=parsed,
        diagnostics=diagnostics,
    )


def _encoding(data: bytes) -> str:
    try:
        return decode(data).encoding
    except ValueError:  # compressed: its text is not that of the file
        return ""


def report(found: Examination) -> Iterator[str]:
    """The examination as lines in Japanese."""
    yield found.name
    yield f"  大きさ    {found.size:,} バイト"
    yield f"  SHA-256   {found.sha256}"
    if found.parsed is not None:
        ordinance = found.parsed.ordinance
        yield f"  形式      {found.parsed.format}" + (f"（{found.encoding}）" if found.encoding else "")
        yield f"  題名      {ordinance.title or 'なし'}"
        yield f"  番号      {ordinance.law_number or 'なし'}"
        yield f"  種別      {label(ordinance.kind)}"
        yield f"  数        {'、'.join(f'{unit} {count:,}' for unit, count in counts(ordinance).items())}"
        yield f"  未読      {found.parsed.unaccounted:.2%}"
    for diagnostic in found.diagnostics:
        place = "".join(filter(None, (diagnostic.ref, f" {diagnostic.line}行目" if diagnostic.line else "")))
        at = f" {place.strip()}:" if place else ""
        yield f"  [{label(diagnostic.severity)}] {diagnostic.code}{at} {diagnostic.message}"


def counts(ordinance: Ordinance) -> dict[str, int]:
    """How many 条, 項, 号, 附則, 別表 and 様式 there are; those of 附則 are counted with the others."""
    found = Counter({"条": 0, "項": 0, "号": 0})
    parts = [ordinance.main, ordinance.preamble, *(part.children for part in ordinance.supplementary)]
    for part in parts:
        _count(part, found)
    return {
        **found,
        "附則": len(ordinance.supplementary),
        "別表": len(ordinance.tables),
        "様式": len(ordinance.forms),
    }


def _count(children: Sequence[Division | Article | Paragraph], found: Counter[str]) -> None:
    for child in children:
        if isinstance(child, Division):
            _count(child.children, found)
        elif isinstance(child, Article):
            found["条"] += 1
            _count(child.paragraphs, found)
        else:
            found["項"] += 1
            found["号"] += _items(child.items)


def _items(items: Sequence[Item]) -> int:
    return sum(1 + _items(item.subitems) for item in items)
