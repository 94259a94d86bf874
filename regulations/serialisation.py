"""The JSON that `minaoshi parse --json` prints: stable keys, for programs of others."""

from __future__ import annotations

from typing import Any

from regulations.structure import ParsedOrdinance, provisions


def parsed_as_dict(file: str, parsed: ParsedOrdinance) -> dict[str, Any]:
    """One file as plain data, provisions in document order.

    `article` is like "10-2" ("第1" where 第１ stands in its place), `paragraph` like "3"; `section` is main,
    supplementary or table; the `ref` of a diagnostic is an address string, empty where it is about the whole file.
    """
    ordinance = parsed.ordinance
    return {
        "file": file,
        "title": ordinance.title,
        "law_number": ordinance.law_number,
        "kind": ordinance.kind.value,
        "format": parsed.format,
        "diagnostics": [
            {"code": diagnostic.code, "message": diagnostic.message, "ref": diagnostic.ref}
            for diagnostic in parsed.diagnostics
        ],
        "provisions": [
            {
                "article": provision.ref.article,
                "paragraph": provision.ref.paragraph,
                "address": str(provision.ref),
                "section": provision.ref.section.value,
                "caption": provision.caption,
                "text": provision.text,
            }
            for provision in provisions(ordinance)
        ],
    }
