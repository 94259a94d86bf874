"""The entry point: the content chooses the reader, and bad input is refused in words."""

from __future__ import annotations

import gzip
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulations.sources.base import Limits, Source, UnreadableSource
from regulations.sources.reading import READERS, read_source
from regulations.structure import provisions
from tests.regulations import (
    test_d1_law,
    test_egov2013,
    test_egov_json,
    test_egov_xml,
    test_extract_html,
    test_legal_crud,
    test_plain_text,
    test_reiki_base,
    test_web_page,
)

XML = test_egov_xml.law("", main=test_egov_xml.article(test_egov_xml.paragraph("<Sentence>検査する。</Sentence>")))
HTML = test_reiki_base.page(test_reiki_base.article("第一条", "検査する。"))
TEXT = test_plain_text.VERTICAL.encode()
SAMPLES = {
    "egov_xml": XML,
    "egov_json": test_egov_json.answer(),
    "reiki_base_html": HTML,
    "d1_law_html": test_d1_law.page(*test_d1_law.HEAD, *test_d1_law.BODY, *test_d1_law.END),
    "legal_crud_html": test_legal_crud.page(test_legal_crud.BODY),
    "extract_html": test_extract_html.fragment(*test_extract_html.ARTICLES, *test_extract_html.ITEMS),
    "egov2013_html": test_egov2013.HTML_SOURCE,
    "web_page_html": test_web_page.PAGE.encode(),
    "egov2013_text": test_egov2013.TEXT_SOURCE,
    "plain_text": TEXT,
}
READERS_BY_NAME = {reader.name: reader for reader in READERS}
DOCUMENTS = {"docx", "odt", "pdf"}  # their own tests make them; they are no text that could be damaged line by line


def code_of(data: bytes, **limits: int) -> str:
    with pytest.raises(UnreadableSource) as refused:
        read_source("file", data, limits=Limits(**limits))
    assert any("ぁ" <= character <= "ん" for character in refused.value.message)
    return refused.value.code


@pytest.mark.parametrize("format_name", SAMPLES)
@pytest.mark.parametrize("name", ["a.xml", "a.html", "a.txt", "a"])
def test_the_content_and_not_the_name_chooses_the_reader(format_name: str, name: str) -> None:
    assert read_source(name, SAMPLES[format_name]).format == format_name


def test_every_reader_has_a_sample_here() -> None:
    assert {reader.name for reader in READERS} == set(SAMPLES) | DOCUMENTS


@pytest.mark.parametrize("format_name", SAMPLES)
def test_a_gzipped_file_reads_the_same(format_name: str) -> None:
    data = SAMPLES[format_name]
    assert read_source("a.gz", gzip.compress(data)) == read_source("a.gz", data)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        ("　\n ".encode(), "empty_file"),
        (gzip.compress(b""), "empty_file"),
        (gzip.compress(TEXT)[:50], "broken_archive"),
        # binary data with a harmless name
        (b"%PDF-1.7\n", "broken_document"),
        (b"PK\x03\x04" + bytes(60), "not_text"),
        # an error page saved as an ordinance, and XML of another trade
        (b"<!DOCTYPE html><html><body><h1>404 Not Found</h1></body></html>", "not_legislation"),
        (b'<?xml version="1.0"?><rss><channel/></rss>', "not_legislation"),
        ("本日は晴天なり。\n".encode(), "not_legislation"),
        # law in a form that no reader knows
        ('{"text": "第一条　検査する。"}'.encode(), "unknown_format"),
        ("<html><body><p>第一条　検査する。</p></body></html>".encode(), "not_legislation"),
    ],
)
def test_what_is_no_ordinance_is_refused_with_a_reason(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_size_is_limited_before_and_after_expansion() -> None:
    assert code_of(TEXT, max_bytes=100) == "too_large"
    assert code_of(gzip.compress(b"a" * 10_000_000), max_expanded_bytes=1_000_000) == "too_large"


@pytest.mark.parametrize("format_name", SAMPLES)
def test_each_sample_is_read_to_the_last_character(format_name: str) -> None:
    parsed = read_source("a", SAMPLES[format_name])
    assert parsed.unaccounted == 0
    assert "unread_text" not in {diagnostic.code for diagnostic in parsed.diagnostics}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp932", "euc_jp", "iso2022_jp"])
@pytest.mark.parametrize("format_name", [name for name in SAMPLES if name.endswith("_html")])
def test_pages_in_any_encoding_whatever_they_declare(format_name: str, encoding: str) -> None:
    data = SAMPLES[format_name]
    text = data.decode("cp932" if format_name == "egov2013_html" else "utf-8")
    assert read_source("a", text.encode(encoding)).ordinance == read_source("a", data).ordinance


def test_a_name_in_decomposed_characters_changes_nothing() -> None:
    name = unicodedata.normalize("NFD", "ぶどう条例_H505901010012_j.html")
    assert read_source(name, SAMPLES["d1_law_html"]).ordinance.source_id == "H505901010012"


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damage_gives_a_result_or_a_refusal_and_never_a_crash(data: st.DataObject) -> None:
    original = SAMPLES[data.draw(st.sampled_from(sorted(SAMPLES)))]
    start = data.draw(st.integers(0, len(original)))
    end = data.draw(st.integers(start, min(len(original), start + 200)))
    patch = data.draw(
        st.one_of(
            st.binary(max_size=20),
            st.sampled_from(["第百千条", "<p>", "</div>", "<table>", "（", "別表第一\n", "附則\n", "イ　"]).map(
                str.encode
            ),
            st.just(original[start:end] * 3),
        )
    )
    try:
        parsed = read_source("file", original[:start] + patch + original[end:])
    except UnreadableSource:
        return
    for provision in provisions(parsed.ordinance):
        assert provision.text
        assert provision.text.encode()
        assert str(provision.ref) is not None


def test_long_lines_and_many_brackets_take_no_time_to_speak_of() -> None:
    # Each of these is quadratic or worse for a careless pattern; the suite's timeout would tell.
    head = "試験条例\n条例第一号\n第一条　"
    for tail in (
        "（" * 100_000,
        "あ" * 1_000_000,
        " " * 300_000 + "あ",
        "第二条" * 100_000,
        "\n" + "（改正・1" * 20_000,
    ):
        assert provisions(read_source("a", (head + tail).encode()).ordinance)


@pytest.mark.parametrize(
    "opening", ['<div class="jorei-body">', '<div class="contentWrap">', '<div class="mainTitle">']
)
def test_parts_that_are_opened_again_and_again_are_read_once(opening: str) -> None:
    page = '<div class="contentWrap">第一条　桟橋を検査する。</div>' + f"{opening}あ" * 1900
    parsed = read_source("a", page.encode())
    assert len(READERS_BY_NAME[parsed.format].body(Source(name="a", data=page.encode()))) < 2 * len(page)
