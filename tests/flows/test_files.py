"""Which files an ingest looks at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flows.files import FileReader, find_files
from regulations.sources.base import Limits, UnreadableSource
from tests.regulations.test_archives import bundle_of


def _names(*paths: Path) -> list[str]:
    return [file.name for file in find_files(paths).files]


def test_files_below_a_folder_are_found_in_order_of_name(tmp_path: Path) -> None:
    for name in ("b.html", "a.xml", "inner/c.TXT", "inner/d.xml.gz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("例規", encoding="utf-8")
    assert _names(tmp_path) == [
        f"{tmp_path.name}/{name}" for name in ("a.xml", "b.html", "inner/c.TXT", "inner/d.xml.gz")
    ]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".cache").mkdir()
    for name in (".cache/a.xml", ".b.xml", "c.xml"):
        (tmp_path / name).write_text("例規", encoding="utf-8")
    assert _names(tmp_path) == [f"{tmp_path.name}/c.xml"]


def test_other_files_in_a_folder_are_named_as_skipped(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"")
    found = find_files([tmp_path])
    assert (found.files, found.skipped) == ((), (f"{tmp_path.name}/picture.png",))


def test_a_file_named_by_the_person_is_read_whatever_its_name_is(tmp_path: Path) -> None:
    file = tmp_path / "条例.dat"
    file.write_text("例規", encoding="utf-8")
    assert _names(file) == ["条例.dat"]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_text("例規", encoding="utf-8")
    assert len(_names(tmp_path, file, file)) == 1


def test_a_decomposed_file_name_is_recorded_composed(tmp_path: Path) -> None:
    # On some systems 「が」 in a file name is か followed by a combining mark (NFD).
    file = tmp_path / "か\u3099いど.txt"
    file.write_text("例規", encoding="utf-8")
    assert _names(file) == ["がいど.txt"]


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        find_files([tmp_path / "nowhere"])


def test_the_files_of_a_bundle_are_found_under_its_name_and_read(tmp_path: Path) -> None:
    inner = bundle_of({"c.txt": b"3"})
    (tmp_path / "例規集.zip").write_bytes(bundle_of({"条例/a.txt": b"1", "b.gif": b"2", "中.zip": inner}))
    found = find_files([tmp_path])
    assert [file.name for file in found.files] == [
        f"{tmp_path.name}/例規集.zip/{name}" for name in ("条例/a.txt", "中.zip/c.txt")
    ]
    assert found.skipped == (f"{tmp_path.name}/例規集.zip/b.gif",)
    with FileReader(Limits()) as reader:
        assert [reader.read(file) for file in found.files] == [b"1", b"3"]


@pytest.mark.parametrize(
    ("data", "code"), [(bundle_of({}), "empty_archive"), (b"PK\x03\x04 damaged", "broken_archive")]
)
def test_a_bundle_that_gives_no_file_stands_for_itself_and_says_why(tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    (file,) = find_files([tmp_path]).files
    with FileReader(Limits()) as reader, pytest.raises(UnreadableSource) as refused:
        reader.read(file)
    assert (file.name, refused.value.code) == (f"{tmp_path.name}/a.zip", code)


def test_a_file_of_500_megabytes_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    with path.open("wb") as stream:
        stream.truncate(500 * 2**20)  # sparse: it takes no room on the disk
    (file,) = find_files([path]).files
    with FileReader(Limits()) as reader, pytest.raises(UnreadableSource, match="too_large"):
        reader.read(file)


def test_a_pipe_and_a_link_that_leads_out_of_the_folder_are_skipped(tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("秘密", encoding="utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    os.mkfifo(folder / "pipe.txt")
    found = find_files([folder])
    assert (found.files, found.skipped) == ((), ("inbox/link.txt", "inbox/pipe.txt"))
