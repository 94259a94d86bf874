"""JSON Lines of the `classify` command: provisions in, findings out, one a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nlp.provision import Finding, ProvisionInput
from regulations.taxonomy import LegalBasis

_FIELDS = ("id", "law", "law_no", "kind", "article", "paragraph", "caption", "text")
_LOCAL_BASIS = {LegalBasis.NATIONAL_LAW: "law", LegalBasis.LOCAL_ORDINANCE: "local", LegalBasis.UNCLEAR: "unclear"}


# A reader that takes them for the end of a line gets whole lines all the same.
_NO_LINE_ENDS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}


class JsonlError(ValueError):
    """A line that is no provision. The message (Japanese) names the line; `line` is its number from 1."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"{line}行目: {problem}")
        self.line = line


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 file, blank ones too, so that they count as an editor counts them.

    Only what ends a line of a file counts: `str.splitlines` would also cut a JSON string at U+0085, U+2028 or
    U+2029, which may stand in one as they are. Raises UnicodeDecodeError.
    """
    return path.read_text(encoding="utf-8-sig").split("\n")


def read_provisions(lines: Iterable[str]) -> Iterator[ProvisionInput]:
    """Provisions of JSON Lines; blank lines are passed over, unknown fields ignored. Raises JsonlError."""
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            problem = f"JSONとして読めません（{error}）。一行に一つのJSONオブジェクトを書いてください。"
            raise JsonlError(number, problem) from error
        if not isinstance(row, dict):
            raise JsonlError(number, "JSONオブジェクト（{…}）ではありません。")
        for name in ("id", "text"):
            if name not in row:
                raise JsonlError(number, f"必須の項目「{name}」がありません。")
        values: dict[str, Any] = {name: "" if row.get(name) is None else row[name] for name in _FIELDS}
        if wrong := [name for name, value in values.items() if not isinstance(value, str)]:
            raise JsonlError(number, f"項目「{wrong[0]}」は文字列で書いてください。")
        if not values["id"]:
            raise JsonlError(number, "項目「id」が空です。")
        if values["id"] in seen:
            raise JsonlError(number, f"id「{values['id']}」は{seen[values['id']]}行目と重複しています。")
        seen[values["id"]] = number
        yield ProvisionInput(**values)


def finding_line(finding: Finding, provision: ProvisionInput) -> str:
    """One line of output, without its line end."""
    labels = [
        {
            "category": label.category,
            "type": label.type,
            "phase": label.phase,
            "probability": label.probability,
            "evidence": [asdict(evidence) for evidence in label.evidence],
            "reason": label.reason,
        }
        for label in finding.labels
    ]
    basis = "national" if provision.is_national else _LOCAL_BASIS[finding.basis]
    row = {"id": finding.id, "labels": labels, "scores": dict(finding.scores), "basis": basis}
    line = json.dumps(row, ensure_ascii=False).translate(_NO_LINE_ENDS)
    # A lone surrogate cannot be written as UTF-8; escaped it comes back the same.
    return line if line.isprintable() or _encodable(line) else json.dumps(row)


def _encodable(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True
