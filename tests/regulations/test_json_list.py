"""A JSON list of instruments is a bundle: one member an instrument, and what has no body is said."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from regulations.sources.archives import Bundle, is_bundle
from regulations.sources.base import Limits, UnreadableSource
from regulations.sources.reading import read_source
from tests.regulations import test_egov_json, test_extract_html
from tests.regulations.test_archives import bundle_of, code_of, contents

PAGE = test_extract_html.fragment(*test_extract_html.ARTICLES).decode()


def entry(number: int | str, **others: Any) -> dict[str, Any]:
    url = f"https://reiki.example.jp/reiki_honbun/z600RG{number:>08}.html"
    return {"id": number, "title": f"桟橋要綱{number}", "url": url, "html": PAGE, **others}


def data_of(*elements: object) -> bytes:
    return json.dumps(elements, ensure_ascii=False, indent=1).encode()


def test_each_instrument_is_a_member_with_the_name_of_its_page() -> None:
    found = contents(data_of(entry(31), entry(32)))
    assert found == {
        "31_桟橋要綱31/z600RG00000031.html": PAGE.encode(),
        "32_桟橋要綱32/z600RG00000032.html": PAGE.encode(),
    }
    (name, data), *_ = found.items()
    assert isinstance(data, bytes)
    assert read_source(name, data).ordinance.source_id == "z600RG00000031"


def test_an_answer_of_the_api_is_a_member_too() -> None:
    found = contents(data_of(json.loads(test_egov_json.answer())))
    ((name, data),) = found.items()
    assert isinstance(data, bytes)
    assert name == "1.json"
    assert read_source(name, data).ordinance == read_source(name, test_egov_json.answer()).ordinance


@pytest.mark.parametrize(
    ("element", "name"),
    [
        ({"html": PAGE}, "1.html"),
        ({"html": PAGE, "title": "桟橋要綱", "url": ""}, "桟橋要綱.html"),
        (entry("../.hidden", title="a/b:c\x00", url=None), "hidden_a b c.html"),
        (entry(1, title="あ" * 500, url="x.html?a=1"), f"1_{'あ' * 100}/x.html?a=1"),
        (entry(1, title=["a"], url=3), "1.html"),
    ],
)
def test_names_are_safe_and_short_and_never_missing(element: dict[str, Any], name: str) -> None:
    assert list(contents(data_of(element))) == [name]


def test_two_of_one_name_are_told_apart() -> None:
    assert list(contents(data_of(entry(1), entry(1)))) == [
        "1_桟橋要綱1/z600RG00000001.html",
        "(2) 1_桟橋要綱1/z600RG00000001.html",
    ]


def test_an_element_without_a_body_is_a_member_that_is_refused() -> None:
    with Bundle(data_of(entry(1), {"id": 2, "title": "題名だけ"}, "text"), limits=Limits()) as bundle:
        assert [member.name for member in bundle.members][1:] == ["2_題名だけ.html", "3.html"]
        for member in bundle.members[1:]:
            with pytest.raises(UnreadableSource) as refused:
                read_source(member.name, bundle.read(member))
            assert refused.value.code == "empty_file"


@pytest.mark.parametrize("opening", ["[{", " \n[ {\n", "\ufeff[{"])
def test_it_is_known_by_its_opening_gzipped_or_not(tmp_path: Path, opening: str) -> None:
    data = (opening + data_of(entry(1)).decode().partition("{")[2]).encode()
    for content in (data, gzip.compress(data)):
        (tmp_path / "a").write_bytes(content)
        assert is_bundle(tmp_path / "a")
        with Bundle(tmp_path / "a", limits=Limits()) as bundle:
            assert [bundle.read(member) for member in bundle.members] == [PAGE.encode()]


@pytest.mark.parametrize(
    "data", [b"[]", b'{"id": 1}', b'[LawType="Rule"]\n', b"[1]", b"\x1f\x8bno gzip", gzip.compress("第一条".encode())]
)
def test_other_files_are_no_lists(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    assert not is_bundle(tmp_path / "a")


def test_a_list_in_an_archive_is_opened_and_other_json_is_left_alone() -> None:
    answer = test_egov_json.answer()
    found = contents(
        bundle_of({"a.json": data_of(entry(1)), "b.json.gz": gzip.compress(data_of(entry(2))), "c.json": answer})
    )
    assert found == {
        "a.json/1_桟橋要綱1/z600RG00000001.html": PAGE.encode(),
        "b.json.gz/2_桟橋要綱2/z600RG00000002.html": PAGE.encode(),
        "c.json": answer,
    }


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (data_of(entry(1))[:-20], "malformed_json"),
        (data_of({"id": 1, "title": "題名だけ"}), "not_legislation"),
        (b'[{"html": ' + b"[" * 200_000, "nested_too_deep"),
        (b'[{"html": "\x80\x81\x00\x00' + bytes(range(256)) * 8, "not_text"),
        (gzip.compress(data_of(entry(1)))[:-30], "broken_archive"),
    ],
)
def test_a_broken_list_is_refused_in_words(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_the_limits_hold(tmp_path: Path) -> None:
    data = data_of(entry(1), entry(2))
    (tmp_path / "a").write_bytes(data)
    assert code_of(data, max_bytes=len(data) - 1) == "too_large"
    assert code_of(gzip.compress(data), max_expanded_bytes=len(data) - 1) == "too_large"
    assert code_of(data, max_bundle_files=1) == "too_many_members"
    with pytest.raises(UnreadableSource) as refused:
        Bundle(tmp_path / "a", limits=Limits(max_bytes=len(data) - 1))
    assert refused.value.code == "too_large"


def test_half_a_character_is_no_error() -> None:
    assert list(contents(b'[{"title": "a\\ud800", "html": "b\\udfff"}]').values()) == [b"b?"]
