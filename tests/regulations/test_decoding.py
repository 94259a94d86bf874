"""Bytes to text, whatever the file says about itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.sources.decoding import decode

TEXT = "○あおば県屋外広告物条例\n第一条　この条例は、屋外広告物について必要な事項を定めるものとする。\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        # the mark at the start goes
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        # no mark, in either order
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp932", "cp932"),
        ("euc_jp", "euc_jp"),
        ("iso2022_jp", "iso2022_jp_ext"),
    ],
)
def test_each_japanese_encoding_is_told_by_its_bytes(encoding: str, found: str) -> None:
    decoded = decode(TEXT.encode(encoding))
    assert (decoded.text, decoded.encoding, decoded.diagnostics) == (TEXT, found, ())


def test_a_wrong_declaration_is_corrected_and_reported() -> None:
    page = f'<html><meta charset="utf-8"><body>{TEXT}</body></html>'
    decoded = decode(page.encode("cp932"))
    assert decoded.text == page
    assert [diagnostic.code for diagnostic in decoded.diagnostics] == ["wrong_declaration"]


def test_a_declaration_of_shift_jis_is_right_for_its_microsoft_superset() -> None:
    page = f'<meta charset="Shift_JIS">{TEXT}①髙～'
    decoded = decode(page.encode("cp932"))
    assert (decoded.text, decoded.diagnostics) == (page, ())


def test_bytes_that_cannot_be_decoded_are_counted_and_placed() -> None:
    data = TEXT.encode() * 3 + "第二条　\udc81を定める。".encode("utf-8", "surrogateescape")
    decoded = decode(data)
    assert "第二条　\ufffdを定める。" in decoded.text
    (diagnostic,) = decoded.diagnostics
    assert diagnostic.code == "undecodable_bytes"
    assert "7行目" in diagnostic.message


def test_control_characters_and_foreign_line_ends_go() -> None:
    text = "あ" * 200
    data = f"{text}\r\nb\rc\x00d\x0ce".encode()
    assert decode(data).text == f"{text}\nb\ncd\ne"


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\n", b"PK\x03\x04\x14", b"\xd0\xcf\x11\xe0\xa1", bytes(range(256)) * 8, b"\x00\x01\x02\x03" * 64]
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        decode(data)


@given(st.binary(max_size=300))
def test_any_bytes_give_text_or_a_refusal(data: bytes) -> None:
    try:
        decoded = decode(data)
    except ValueError:
        return
    decoded.text.encode()


def test_characters_without_width_go_and_line_separators_are_line_ends() -> None:
    text = "水\u200b道\u00ad条例\u2060\u200e\u2028第一条"
    assert decode(text.encode()).text == "水道条例\n第一条"
    assert decode("葛\U000e0100城".encode()).text == "葛\U000e0100城"  # which of two shapes a character has
