"""The sheet in which divisions answer offline: its columns, and words in its cells read back into values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import yaml

from regulations.labels import category_label, label, phase_label, type_label
from regulations.taxonomy import DATA, load_taxonomy

PLACE_FIELDS = ("number", "title", "address")
DECISION_FIELDS = ("applicability", "reason_code", "note", "category", "regulation_type", "phase", "basis")
PLAN_FIELDS = ("policy", "target_phase", "original_year", "revised_year", "delay_reason", "progress", "plan_note")
KEY_FIELDS = ("item_id", "decision_id", "plan_version", "text_hash", "check")

Member = TypeVar("Member", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerColumn:
    """One column: which field it shows, under which heading, how wide (characters), and what it means.

    One that is not `locked` is filled in; one that is `hidden` is for the import alone.
    """

    field: str
    label: str
    width: int = 12
    locked: bool = True
    hidden: bool = False
    guide: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForm:
    """The columns of the sheet in order, and the sentences of its guidance."""

    columns: tuple[AnswerColumn, ...]
    guidance: tuple[str, ...]

    def label_of(self, field: str) -> str:
        """The heading of a column. Raises KeyError."""
        return {column.field: column.label for column in self.columns}[field]


@cache
def load_answer_form(path: Path = DATA / "answer_columns.yaml") -> AnswerForm:
    """Data, so that another body's form can replace ours. Raises TypeError on a key that a column does not know."""
    document: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return AnswerForm(
        columns=tuple(AnswerColumn(**row) for row in document["columns"]), guidance=tuple(document["guidance"])
    )


_ESCAPED = re.compile(r"_x[0-9A-Fa-f]{4}_")  # how a workbook writes control characters


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """What two spellings of a cell have in common: width, spaces, breaks and control characters are passed over."""
    plain = unicodedata.normalize("NFKC", _ESCAPED.sub("", text))
    return "".join(character for character in plain if not character.isspace() and character.isprintable())


def row_check(values: Mapping[str, str]) -> str:
    """A mark of what a row said when it was written: its place, its answer and its plan, each by itself.

    Read back, it tells what somebody has filled in since, and that cells have slipped into another row.
    """
    return "-".join(_digest(values, fields) for fields in (PLACE_FIELDS, DECISION_FIELDS, PLAN_FIELDS))


def _digest(values: Mapping[str, str], fields: tuple[str, ...]) -> str:
    return sha256("\0".join(fold(values.get(field, "")) for field in fields).encode()).hexdigest()[:10]


def read_member(kind: type[Member], text: str) -> Member | None:
    """The member whose word stands in a cell; None where there is none."""
    return {fold(label(member)): member for member in kind}.get(fold(text))


def read_category(text: str) -> str | None:
    """The category whose word stands in a cell, one that is switched off included; None where there is none."""
    return {fold(category_label(category)): category for category in load_taxonomy()}.get(fold(text))


def read_type(category: str, text: str) -> int | None:
    """類型 by its number, its words or both; None where the category has none such. Raises KeyError."""
    types = load_taxonomy()[category].types
    return _numbered({number: (type_label(category, number), words) for number, words in types.items()}, text)


def read_phase(category: str, text: str) -> int | None:
    """PHASE by its number, its words or both; None where the category has none such. Raises KeyError."""
    phases = load_taxonomy()[category].phases
    return _numbered({number: (phase_label(category, number), words) for number, words in phases.items()}, text)


def _numbered(words: Mapping[int, tuple[str, ...]], text: str) -> int | None:
    spellings = {fold(spelling): number for number, known in words.items() for spelling in (*known, str(number))}
    return spellings.get(fold(text))
