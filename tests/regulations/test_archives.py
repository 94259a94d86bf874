"""Bundles: names as their makers wrote them, members one by one, and nothing that reaches outside or swells."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from regulations.sources.archives import Bundle, is_bundle
from regulations.sources.base import Limits, UnreadableSource

TEXT = "第一条　桟橋を点検する。".encode()


def bundle_of(files: Mapping[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def contents(data: bytes, **limits: int) -> dict[str, bytes | str]:
    """What each member gives: its bytes, or the code of its refusal."""
    found: dict[str, bytes | str] = {}
    with Bundle(data, limits=Limits(**limits)) as bundle:
        for member in bundle.members:
            try:
                found[member.name] = bundle.read(member)
            except UnreadableSource as refused:
                found[member.name] = refused.code
    return found


def code_of(data: bytes, **limits: int) -> str:
    with pytest.raises(UnreadableSource) as refused:
        Bundle(data, limits=Limits(**limits))
    assert any("ぁ" <= character <= "ん" for character in refused.value.message)
    return refused.value.code


def renamed(data: bytes, old: bytes, new: bytes) -> bytes:
    """The same archive with a name in bytes that `zipfile` would not write."""
    assert len(old) == len(new)
    return data.replace(old, new)


def test_folders_and_archives_within_are_read_in_order() -> None:
    inner = bundle_of({"b.txt": b"2"})
    data = bundle_of({"例規/a.txt": b"1", "例規/中.zip": inner, "例規/c.txt": b"3"})
    assert contents(data) == {"例規/a.txt": b"1", "例規/中.zip/b.txt": b"2", "例規/c.txt": b"3"}


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("条例集/表.txt".encode("cp932"), "条例集/表.txt"),  # Windows; the second byte of 表 is a backslash
        ("か\u3099いど.txt".encode(), "がいど.txt"),  # macOS: UTF-8, decomposed, and not marked as such
    ],
)
def test_names_are_read_in_the_encoding_of_their_maker(raw: bytes, name: str) -> None:
    placeholder = b"x" * len(raw)
    assert list(contents(renamed(bundle_of({placeholder.decode(): TEXT}), placeholder, raw))) == [name]


def test_hidden_files_and_what_macos_adds_are_passed_over() -> None:
    data = bundle_of({"__MACOSX/._a.txt": b"", ".DS_Store": b"", "x/.git/config": b"", "~$a.docx": b"", "a.txt": TEXT})
    assert list(contents(data)) == ["a.txt"]


@pytest.mark.parametrize("name", ["../a.txt", "x/../../a.txt", "/etc/a.txt", "C:/a.txt", "..\\a.txt", "a\x01.txt"])
def test_a_name_that_reaches_outside_is_refused_and_the_rest_is_read(name: str) -> None:
    assert list(contents(bundle_of({name: b"1", "b.txt": b"2"})).values()) == ["unsafe_member", b"2"]


def test_a_link_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("a.txt")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert contents(stream.getvalue()) == {"a.txt": "unsafe_member"}


def test_a_damaged_member_is_refused_and_the_rest_is_read() -> None:
    data = bundle_of({"a.txt": b"damaged", "b.txt": b"2"}, compression=zipfile.ZIP_STORED)
    assert contents(data.replace(b"damaged", b"DAMAGED", 1)) == {"a.txt": "broken_member", "b.txt": b"2"}


def test_a_member_with_a_password_is_refused() -> None:
    data = bytearray(bundle_of({"a.txt": TEXT}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", 1)
    assert contents(bytes(data)) == {"a.txt": "encrypted_member"}


def test_a_damaged_archive_within_is_refused_and_the_rest_is_read() -> None:
    assert contents(bundle_of({"a.zip": b"PK\x03\x04", "b.txt": b"2"})) == {"a.zip": "broken_archive", "b.txt": b"2"}


def test_what_swells_is_refused() -> None:
    swelling = bundle_of({"a.txt": bytes(3_000_000), "b.txt": b"2"})
    assert contents(swelling, max_ratio=100) == {"a.txt": "archive_bomb", "b.txt": b"2"}
    assert contents(swelling, max_bytes=2_000_000) == {"a.txt": "too_large", "b.txt": b"2"}
    assert code_of(swelling, max_bundle_bytes=2_999_999) == "archive_bomb"


def test_members_are_counted_over_all_levels() -> None:
    inner = bundle_of({f"{n}.txt": b"" for n in range(3)})
    data = bundle_of({"a.zip": inner, "b.zip": inner})
    assert len(contents(data, max_bundle_files=8)) == 6
    assert code_of(data, max_bundle_files=7) == "too_many_members"
    assert code_of(data, max_bundle_bytes=2 * len(inner) - 1) == "archive_bomb"


def test_nesting_has_an_end() -> None:
    data = bundle_of({"a.txt": TEXT})
    for _ in range(3):
        data = bundle_of({"n.zip": data})
    assert contents(data, max_bundle_levels=3) == {"n.zip/n.zip/n.zip": "nested_archive"}
    assert contents(data, max_bundle_levels=4) == {"n.zip/n.zip/n.zip/a.txt": TEXT}


def test_what_is_no_archive_is_refused() -> None:
    assert code_of(b"PK\x03\x04 but no directory") == "broken_archive"


def test_a_document_kept_as_an_archive_is_no_bundle(tmp_path: Path) -> None:
    for name, files, expected in (
        ("a.zip", {"a.txt": TEXT}, True),
        ("a.docx", {"[Content_Types].xml": b"", "word/document.xml": b""}, False),
        ("a.odt", {"mimetype": b"", "content.xml": b""}, False),
    ):
        (tmp_path / name).write_bytes(bundle_of(files))
        assert is_bundle(tmp_path / name) is expected
    (tmp_path / "a.txt").write_bytes(TEXT)
    assert not is_bundle(tmp_path / "a.txt")
