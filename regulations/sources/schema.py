"""Validity of e-Gov XML against the schema of 法令標準XML, which publishers do not always keep to.

The schema is not shipped; whoever has it names its file. What violates it is a warning and never a
reason not to read: most older files do.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from lxml import etree

from regulations.structure import Diagnostic

_MOST_TOLD = 20


class SchemaError(ValueError):
    """The schema file cannot be used; the message is Japanese."""


def load_schema(path: Path) -> etree.XMLSchema:
    """Raises SchemaError where the file is no XML schema."""
    try:
        return etree.XMLSchema(etree.parse(path, etree.XMLParser(no_network=True, resolve_entities=False)))
    except (OSError, etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise SchemaError(f"{path}: XMLスキーマ（XSD）として読めません。") from error


def schema_violations(data: bytes, schema: etree.XMLSchema) -> list[Diagnostic]:
    """A diagnostic for each of the first violations in a file that has been read as e-Gov XML, gzipped or not."""
    xml = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    root = etree.fromstring(xml, etree.XMLParser(no_network=True, resolve_entities=False))
    law = root if root.tag == "Law" else root.find(".//Law")
    if law is None or schema.validate(etree.ElementTree(law)):
        return []
    errors: Any = schema.error_log  # which its stubs do not know to be iterable
    log = list(errors)
    found = [
        Diagnostic(
            code="schema_violation",
            message=f"法令標準XMLのスキーマに合いません（{error.message}）。読み取りには影響しません。",
            line=error.line,
        )
        for error in log[:_MOST_TOLD]
    ]
    if len(log) > _MOST_TOLD:
        message = f"スキーマに合わない箇所がほかに{len(log) - _MOST_TOLD:,}か所あります。"
        found.append(Diagnostic(code="schema_violation", message=message))
    return found
