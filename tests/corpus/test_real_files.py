"""Every real file that lies beside the checkout: read, or refused for a reason that is known.

Each file is read once; all tests look at the same results. They stand apart from the tests of the readers,
which need no file but their own and are quick.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from regulations.citations import Section, parse_article_number
from regulations.comparison import ComparedProvision, match_provisions
from regulations.sources.archives import Bundle, is_bundle
from regulations.sources.base import Limits, UnreadableSource
from regulations.sources.reading import read_source
from regulations.structure import Kind, ParsedOrdinance, Severity, provisions

XML, PAGES, TEXTS = (
    ("national_xml", "national_xml_api_v1", "dated_versions"),
    ("ordinance_html",),
    ("ordinance_text_md",),
)
OLD = ("egov2013_html", "egov2013_text")
EXTRACTS = "ordinance_json"
LEFT_OUT = {"README_open-arch-reiki.md"}

Read = dict[str, dict[str, ParsedOrdinance]]
"""By folder, then by file name."""


@pytest.fixture(scope="module")
def refused() -> dict[str, str]:
    """Codes of refusal by file name, filled while the files are read."""
    return {}


@pytest.fixture(scope="module")
def read(shared: Path, refused: dict[str, str]) -> Read:
    found: Read = {}
    for folder in (*XML, *PAGES, *TEXTS, *OLD, "lawtext_samples", EXTRACTS):
        found[folder] = {}
        for name, data in _files(shared / "data" / folder):
            try:
                found[folder][name] = read_source(name, data)
            except UnreadableSource as error:
                refused[name] = error.code
        assert found[folder], f"no files in {folder}"
    return found


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file, and of each member where a file is a bundle."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name in LEFT_OUT:
            continue
        if not is_bundle(path):
            yield path.name, path.read_bytes()
            continue
        with Bundle(path, limits=Limits()) as bundle:
            for member in bundle.members:
                yield member.name, bundle.read(member)


def _all(read: Read, *folders: str) -> list[tuple[str, ParsedOrdinance]]:
    return [(name, parsed) for folder in folders for name, parsed in read[folder].items()]


def _codes(parsed: ParsedOrdinance) -> set[str]:
    return {diagnostic.code for diagnostic in parsed.diagnostics}


def test_every_file_is_read_but_the_page_without_lines_and_extracts_of_a_title(
    read: Read, refused: dict[str, str]
) -> None:
    assert set(refused.values()) == {"no_body"}
    assert [name for name in refused if "/" not in name] == ["synRG00000010_P10_error_cases.html"]
    assert (len(refused), len(read[EXTRACTS])) == (17, 600)


def test_nothing_of_any_file_is_lost(read: Read) -> None:
    lost = {name: parsed.unaccounted for name, parsed in _all(read, *read) if parsed.unaccounted}
    assert lost == {}


def test_furniture_is_a_small_part_of_what_is_read(read: Read) -> None:
    """A reader that took a body for furniture would lose it without a trace."""
    for name, parsed in _all(read, *read):
        text = sum(len(provision.text) for provision in provisions(parsed.ordinance))
        assert sum(map(len, parsed.furniture)) < max(text, 2000), name


def test_every_national_law_is_read_without_an_error(read: Read) -> None:
    for name, parsed in _all(read, *XML):
        assert parsed.ordinance.title, name
        assert parsed.ordinance.kind.is_national, name
        assert parsed.ordinance.law_number, name
        assert len(provisions(parsed.ordinance)) >= 10, name
        assert not [d for d in parsed.diagnostics if d.severity is Severity.ERROR], name


def _as_json(element: etree._Element) -> dict[str, object]:
    children: list[object] = [element.text] if element.text else []
    for child in element:
        children += [_as_json(child), *([child.tail] if child.tail else [])]
    return {"tag": element.tag, "attr": dict(element.attrib), "children": children}


def test_a_law_reads_the_same_from_the_json_of_the_api(shared: Path, read: Read) -> None:
    """No answer of the API is at hand, so that its form is made of what it describes."""
    paths = sorted((shared / "data" / "national_xml").glob("*.xml"), key=lambda path: path.stat().st_size)[:10]
    for path in paths:
        law = etree.parse(path, etree.XMLParser(remove_comments=True, remove_pis=True)).getroot()
        parsed = read_source("law.json", json.dumps({"law_full_text": _as_json(law)}).encode())
        assert parsed.format == "egov_json"
        assert parsed.unaccounted == 0
        assert provisions(parsed.ordinance) == provisions(read["national_xml"][path.name].ordinance), path.name


def test_every_ordinance_page_is_read_as_its_own_map_has_it(read: Read) -> None:
    for name, parsed in _all(read, *PAGES):
        assert parsed.format == "reiki_base_html", name
        assert parsed.ordinance.promulgation_date, name
        assert parsed.ordinance.kind is not Kind.UNKNOWN, name
        odd = {"empty_body", "unknown_markup", "article_order", "item_restart", "address_mismatch"}
        assert not _codes(parsed) & odd, name


def test_every_text_is_read_in_the_order_of_its_articles(read: Read) -> None:
    for name, parsed in _all(read, *TEXTS, "lawtext_samples"):
        assert parsed.format == "plain_text", name
        assert not _codes(parsed) & {"empty_body", "no_title", "article_order", "duplicate_article"}, name


def test_pages_and_texts_of_2013_are_read_in_the_order_of_their_articles(read: Read) -> None:
    for folder in OLD:
        for name, parsed in _all(read, folder):
            assert parsed.format == folder, name
            assert parsed.ordinance.law_number, name
            assert parsed.ordinance.kind.is_national, name
            odd = {"empty_body", "no_title", "article_order", "duplicate_article", "missing_article"}
            assert not _codes(parsed) & odd, name


def test_a_page_of_2013_and_its_text_have_the_same_articles(read: Read) -> None:
    texts = {name.partition(".")[0]: parsed for name, parsed in read["egov2013_text"].items()}
    for name, parsed in _all(read, "egov2013_html"):
        text = texts[name.partition(".")[0]]
        main = [
            [p.ref.article for p in provisions(which.ordinance) if p.ref.section is Section.MAIN and p.ref.article]
            for which in (parsed, text)
        ]
        assert sorted(set(main[0])) == sorted(set(main[1])), name


def _labelled(shared: Path, folder: str) -> dict[str, list[dict[str, str]]]:
    rows = defaultdict(list)
    for line in (shared / "labels" / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["source"].startswith(f"{folder}/"):
            rows[row["source"].partition("/")[2]].append(row)
    return dict(rows)


def test_the_text_of_labelled_provisions_of_national_law_comes_out_the_same(shared: Path, read: Read) -> None:
    """Two labelled rows differ: they lack the U+3000 that joins the columns of one sentence."""
    rows = _labelled(shared, "national_xml")
    different = []
    for name, parsed in read["national_xml"].items():
        found = {
            (provision.ref.article.replace("-", "の"), provision.ref.paragraph): provision.text
            for provision in provisions(parsed.ordinance)
            if provision.ref.section is Section.MAIN
        }
        for row in rows.pop(name.split("_")[0], []):
            text = found[row["article"], row["paragraph"]]
            if text != row["text"]:
                assert text.replace("　", "") == row["text"].replace("　", "")
                different.append(row["id"])
    assert not rows
    assert len(different) <= 2, different


def test_labelled_provisions_of_2013_come_out_the_same_but_for_what_the_labels_ran_together(
    shared: Path, read: Read
) -> None:
    """The rows that differ hold the text of a table, or items of an old ○２ that was not taken for a 項, or
    stand under the article before the 附則 they are of.
    """
    rows = _labelled(shared, "egov2013_html")
    total = same = 0
    for name, parsed in read["egov2013_html"].items():
        found = defaultdict(set)
        for provision in provisions(parsed.ordinance):
            found[provision.ref.article, provision.ref.paragraph].add("".join(provision.text.split()))
        for row in rows.pop(name.partition(".")[0], []):
            total += 1
            same += "".join(row["text"].split()) in found[parse_article_number(row["article"]), row["paragraph"]]
    assert not rows
    assert total - same <= 12, (same, total)


def test_extracts_say_what_they_have_lost_and_are_in_order(read: Read) -> None:
    counts: Counter[str] = Counter()
    for name, parsed in _all(read, EXTRACTS):
        assert parsed.format == "extract_html", name
        assert parsed.ordinance.source_id.startswith("z600RG"), name
        assert not _codes(parsed) & {"empty_body", "no_title", "article_order", "duplicate_article"}, name
        counts.update(_codes(parsed))
    assert counts["extract_only"] == len(read[EXTRACTS])
    assert counts["items_without_article"] > 400


def test_labelled_provisions_of_extracts_come_out_the_same(shared: Path, read: Read) -> None:
    """One labelled row differs: it is a 号 that cites 第11条, which the label takes for that article."""
    rows = _labelled(shared, EXTRACTS)
    different = []
    for name, parsed in read[EXTRACTS].items():
        found = {(p.ref.article, p.ref.paragraph, p.caption, p.text) for p in provisions(parsed.ordinance)}
        for row in rows.pop(f"misato/{name.partition('_')[0]}", []):
            place = parse_article_number(row["article"]), row["paragraph"], row["caption"], row["text"]
            different += [] if place in found else [row["id"]]
    assert not rows
    assert len(different) <= 1, different


def _compared(parsed: ParsedOrdinance) -> list[ComparedProvision]:
    return [
        ComparedProvision(
            key=key,
            section=found.ref.section,
            label=found.ref.label,
            article=found.ref.article,
            paragraph=found.ref.paragraph,
            text=found.text,
            text_hash=found.text_hash,
        )
        for key, found in enumerate(provisions(parsed.ordinance))
    ]


def test_dated_versions_of_laws_keep_most_of_their_provisions(read: Read) -> None:
    """Identity is carried on from each version to the next, and what is new is a small part."""
    versions = defaultdict(list)
    for name, parsed in sorted(_all(read, "dated_versions")):
        if ".xml" in name:
            versions[name.partition("_")[0]].append(_compared(parsed))
    consecutive = [pair for texts in versions.values() for pair in pairwise(texts)]
    assert consecutive
    for before, after in consecutive:
        result = match_provisions(before, after)
        assert len(result.removed) <= len(before) * 0.2
        assert len(result.pairs) + len(result.added) == len(after)
