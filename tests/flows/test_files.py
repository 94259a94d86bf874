"""Which files an ingest looks at."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.files import find_files


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
