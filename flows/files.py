"""Which files an ingest looks at: those named, and what looks like legislation in the folders and bundles named."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from regulations.sources.archives import LOCK, Bundle, Member, is_bundle
from regulations.sources.base import Limits, UnreadableSource

# Only a first sieve for folders, where pictures and style sheets lie beside the ordinances: the reader
# goes by content, and a file named by the person is read whatever its name is.
SUFFIXES = frozenset({".xml", ".json", ".html", ".htm", ".txt", ".md", ".gz", ".zip", ".doc", ".docx", ".odt", ".pdf"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file to read and the name it goes by in the records: NFC, relative to what the person named.

    `member` is set where the file is in a bundle (.zip, JSON list) at `path`.
    """

    path: Path
    name: str
    member: Member | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFiles:
    files: tuple[SourceFile, ...]
    skipped: tuple[str, ...]


def find_files(
    paths: Iterable[Path], *, suffixes: Iterable[str] = SUFFIXES, limits: Limits | None = None
) -> FoundFiles:
    """Files named, and files in folders and bundles named, each once, in order of name.

    Hidden files and links to folders are passed over; files with another suffix are listed in
    `skipped`, as is what is no regular file or is linked to from outside its folder. A bundle that
    cannot be opened stands for itself, so that reading it says why. Raises FileNotFoundError with the
    path where nothing is there.
    """
    known = frozenset(suffixes)
    files: dict[Path, Sequence[SourceFile]] = {}
    skipped: list[str] = []
    for root in paths:
        if not root.exists():
            raise FileNotFoundError(root)
        for path in _below(root) if root.is_dir() else [root]:
            name = unicodedata.normalize("NFC", path.relative_to(root.parent).as_posix())
            if path != root and (path.suffix.lower() not in known or not _is_inside(path, root)):
                skipped.append(name)
            elif (place := path.resolve()) not in files:
                found = list(_members(path, name, limits or Limits()))
                files[place] = [file for file in found if _is_wanted(file, known)]
                skipped += [file.name for file in found if not _is_wanted(file, known)]
    return FoundFiles(files=tuple(file for found in files.values() for file in found), skipped=tuple(skipped))


def _below(folder: Path) -> Sequence[Path]:
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(parent, name) for name in sorted(names) if not name.startswith((".", LOCK))]
    return found


def _is_inside(path: Path, root: Path) -> bool:
    """Whether a file below a folder is a regular one and really there: reading a pipe would wait for ever."""
    return path.is_file() and path.resolve().is_relative_to(root.resolve())


def _members(path: Path, name: str, limits: Limits) -> Iterator[SourceFile]:
    try:
        if path.is_file() and is_bundle(path):
            with Bundle(path, limits=limits) as bundle:
                yield from (
                    SourceFile(path=path, name=f"{name}/{member.name}", member=member) for member in bundle.members
                )
                if bundle.members:
                    return
    except (UnreadableSource, OSError):
        pass  # reading it gives the reason
    yield SourceFile(path=path, name=name)


def _is_wanted(file: SourceFile, known: frozenset[str]) -> bool:
    return file.member is None or PurePosixPath(file.member.name).suffix.lower() in known


class FileReader:
    """Reads files one after the other; a bundle stays open while its members are read."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: tuple[Path, Bundle] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._close()

    def read(self, file: SourceFile) -> bytes:
        """The file's bytes. A file over the limit is refused unread; so is one the system does not let us read.

        Raises UnreadableSource.
        """
        try:
            if file.member is not None:
                return self._bundle(file.path).read(file.member)
            if is_bundle(file.path):
                self._bundle(file.path)
                raise UnreadableSource("empty_archive", "圧縮ファイルの中にファイルが1つもありません。")
            size = file.path.stat().st_size
            if size > self._limits.max_bytes:
                raise UnreadableSource(
                    "too_large",
                    f"ファイルが大きすぎます（{size / 2**20:,.0f} MB。"
                    f"上限は {self._limits.max_bytes / 2**20:,.0f} MB）。分割してください。",
                )
            return file.path.read_bytes()
        except OSError as error:
            raise UnreadableSource(
                "not_accessible", f"ファイルを開けません（{error.strerror}）。アクセス権を確かめてください。"
            ) from error

    def _bundle(self, path: Path) -> Bundle:
        if self._open is None or self._open[0] != path:
            self._close()
            self._open = (path, Bundle(path, limits=self._limits))
        return self._open[1]

    def _close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None
