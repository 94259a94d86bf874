"""docs/glossary.md is the law on names."""

from __future__ import annotations

import importlib
import re
from enum import StrEnum

from regulations.labels import label, labelled
from regulations.taxonomy import load_taxonomy
from tests.conftest import ROOT

JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")


def _rows() -> set[tuple[str, ...]]:
    """Cells of every table row of the glossary."""
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    return {tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines if line.startswith("| ")}


def _enumerations(pattern: str = "*.py") -> list[type[StrEnum]]:
    """The vocabulary of the domain: the enumerations of the modules directly in regulations/ and models/.

    Not those below: how one use case refuses, one list is narrowed or one reader goes on. Only the sentences of the
    interface say these, and each of them stands beside its one module.
    """
    found = []
    for path in sorted(path for floor in ("regulations", "models") for path in (ROOT / floor).glob(pattern)):
        if "migrations" in path.parts:
            continue
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        found += [
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, StrEnum) and value.__module__ == module.__name__
        ]
    return found


def test_every_member_of_an_enumeration_stands_in_the_glossary_with_a_japanese_term() -> None:
    listed = {row[1:] for row in _rows() if len(row) == 3 and JAPANESE.search(row[0])}
    members = {
        (f"`{kind.__name__}.{name}`", f"`{member.value}`")
        for kind in _enumerations()
        for name, member in kind.__members__.items()
    }
    assert members - listed == set()


def test_the_glossary_and_the_interface_use_the_same_word() -> None:
    words = {(label(member), f"`{kind.__name__}.{member.name}`") for kind in labelled() for member in kind}
    assert words - {row[:2] for row in _rows()} == set()


def test_the_glossary_lists_no_member_that_the_code_does_not_have() -> None:
    listed = {row[1] for row in _rows() if len(row) == 3 and "." in row[1]}
    known = {f"`{kind.__name__}.{name}`" for kind in _enumerations("**/*.py") for name in kind.__members__}
    assert listed - known == set()


def test_every_category_of_the_taxonomy_stands_in_the_glossary_under_its_label() -> None:
    wanted = {(category.label, f"`{category.id}`") for category in load_taxonomy().values()}
    assert wanted - _rows() == set()
