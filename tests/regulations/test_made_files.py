"""A text reads the same whether it was handed over as text, as a document or as the page of a publisher."""

from __future__ import annotations

import pytest

from regulations.citations import Section
from regulations.sources.reading import read_source
from regulations.structure import ParsedOrdinance, provisions
from tests.regulations.made_files import MAKERS, files_of


def content_of(parsed: ParsedOrdinance) -> list[object]:
    """Head and provisions. In text a tab parts two cells, and a 備考 below a 別表 is one of its lines."""
    ordinance = parsed.ordinance
    found: list[object] = [(ordinance.title, ordinance.law_number, ordinance.kind, ordinance.promulgation_date)]
    for each in provisions(ordinance):
        lines = each.text.replace("\t", "　").split("\n")
        found.append((str(each.ref), each.caption, sorted(lines) if each.ref.section is Section.TABLE else lines))
    return found


@pytest.mark.parametrize("name", MAKERS)
def test_the_samples_come_out_as_they_do_from_text(name: str) -> None:
    for path, data in files_of(name):
        parsed = read_source("file", data)
        assert parsed.format == name
        assert content_of(parsed) == content_of(read_source(path.name, path.read_bytes())), path.name
        assert parsed.unaccounted == 0, path.name
