"""The shipped sample: what it promises to show, it shows."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from regulations.sources.reading import read_source
from regulations.structure import Kind, ParsedOrdinance, Provision, Severity, provisions
from regulations.taxonomy import DATA, categories

FOLDER = DATA / "sample_ordinances"
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix in {".xml", ".html", ".txt"})


@cache
def _read(path: Path) -> ParsedOrdinance:
    return read_source(path.name, path.read_bytes())


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _stands_at(provision: Provision, row: dict[str, str]) -> bool:
    place = provision.ref.article or provision.ref.label
    return place == row["article"] and row["paragraph"] in ("", provision.ref.paragraph)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_sample_is_read_without_an_error(path: Path) -> None:
    parsed = _read(path)
    assert parsed.ordinance.title
    assert not [found for found in parsed.diagnostics if found.severity is Severity.ERROR]


def test_every_regulation_of_the_key_stands_where_the_key_says() -> None:
    found = {path.name: provisions(_read(path).ordinance) for path in FILES}
    missing = [row for row in _rows("expected.csv") if not any(_stands_at(at, row) for at in found[row["file"]])]
    assert missing == []


def test_the_key_shows_every_type_and_phase_of_the_taxonomy() -> None:
    rows = _rows("expected.csv")
    shown = {(row["category"], row["type"]) for row in rows} | {(row["category"], "P" + row["phase"]) for row in rows}
    wanted = {(c.id, str(number)) for c in categories() for number in c.types}
    assert wanted | {(c.id, f"P{phase}") for c in categories() for phase in c.phases} <= shown


def test_the_samples_cover_the_kinds_and_the_catalogue_names_all_but_one() -> None:
    found = [_read(path).ordinance for path in FILES]
    assert {Kind.ORDINANCE, Kind.RULE, Kind.PUBLIC_NOTICE, Kind.INSTRUCTION, Kind.REGULATION_RULES} <= {
        ordinance.kind for ordinance in found
    }
    listed = {row["題名"] for row in _rows("catalog.csv")}
    assert listed < {ordinance.title for ordinance in found}
    assert len(found) - len(listed) == 1
