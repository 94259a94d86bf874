"""Every real file that lies beside the checkout: read, or refused for a reason that is known."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from regulations.citations import Section
from regulations.sources.base import UnreadableSource
from regulations.sources.reading import read_source
from regulations.structure import Kind, Severity, provisions


def _files(folder: Path, *patterns: str) -> list[Path]:
    found = sorted(path for pattern in patterns for path in (folder / "data").glob(pattern) if path.is_file())
    assert found, f"no files for {patterns}"
    return found


def test_every_national_law_is_read_without_an_error(shared: Path) -> None:
    paths = _files(shared, "national_xml/*", "national_xml_api_v1/*", "dated_versions/*/*")
    for path in paths:
        parsed = read_source(path.name, path.read_bytes())
        assert parsed.ordinance.title, path.name
        assert parsed.ordinance.kind.is_national, path.name
        assert parsed.ordinance.law_number, path.name
        assert len(provisions(parsed.ordinance)) >= 10, path.name
        assert not [d for d in parsed.diagnostics if d.severity is Severity.ERROR], path.name


def test_every_ordinance_page_is_read_but_the_one_without_lines(shared: Path) -> None:
    refused = {}
    for path in _files(shared, "ordinance_html/*/*.html"):
        try:
            parsed = read_source(path.name, path.read_bytes())
        except UnreadableSource as error:
            refused[path.stem.partition("_")[2]] = error.code
            continue
        codes = {diagnostic.code for diagnostic in parsed.diagnostics}
        assert parsed.format == "reiki_base_html", path.name
        assert parsed.ordinance.promulgation_date, path.name
        assert parsed.ordinance.kind is not Kind.UNKNOWN, path.name
        assert not codes & {"empty_body", "unread_text", "unknown_markup", "article_order", "item_restart"}, path.name
    assert refused == {"P10_error_cases": "no_body"}


def test_every_text_is_read_in_the_order_of_its_articles(shared: Path) -> None:
    for path in _files(shared, "ordinance_text_md/*/*.txt", "lawtext_samples/*"):
        parsed = read_source(path.name, path.read_bytes())
        codes = {diagnostic.code for diagnostic in parsed.diagnostics}
        assert parsed.format == "plain_text", path.name
        assert not codes & {"empty_body", "no_title", "article_order", "duplicate_article"}, path.name


def test_the_text_of_labelled_provisions_of_national_law_comes_out_the_same(shared: Path) -> None:
    """Two labelled rows differ: they lack the U+3000 that joins the columns of one sentence."""
    rows = defaultdict(list)
    for line in (shared / "labels" / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        folder, _, law_id = row["source"].partition("/")
        if folder == "national_xml":
            rows[law_id].append(row)
    different = []
    for path in _files(shared, "national_xml/*"):
        labelled = rows.pop(path.name.split("_")[0], [])
        if not labelled:
            continue
        found = {
            (provision.ref.article.replace("-", "の"), provision.ref.paragraph): provision.text
            for provision in provisions(read_source(path.name, path.read_bytes()).ordinance)
            if provision.ref.section is Section.MAIN
        }
        for row in labelled:
            text = found[row["article"], row["paragraph"]]
            if text != row["text"]:
                assert text.replace("　", "") == row["text"].replace("　", "")
                different.append(row["id"])
    assert not rows
    assert len(different) <= 2, different
