"""Which files an ingest looks at: those named, and what looks like legislation below the folders named."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

# Only a first sieve for folders, where pictures and style sheets lie beside the ordinances: the reader
# goes by content, and a file named by the person is read whatever its name is.
SUFFIXES = frozenset({".xml", ".html", ".htm", ".txt", ".md", ".gz"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file to read and the name it goes by in the records: NFC, relative to what the person named."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFiles:
    files: tuple[SourceFile, ...]
    skipped: tuple[str, ...]


def find_files(paths: Iterable[Path], *, suffixes: Iterable[str] = SUFFIXES) -> FoundFiles:
    """Files named, and files below folders named, each once, in order of name.

    Hidden files and links to folders are passed over; files with another suffix are listed in
    `skipped`. Raises FileNotFoundError with the path where nothing is there.
    """
    known = frozenset(suffixes)
    files: dict[Path, SourceFile] = {}
    skipped: list[str] = []
    for root in paths:
        if not root.exists():
            raise FileNotFoundError(root)
        for path in _below(root) if root.is_dir() else [root]:
            name = unicodedata.normalize("NFC", path.relative_to(root.parent).as_posix())
            if path != root and path.suffix.lower() not in known:
                skipped.append(name)
            else:
                files.setdefault(path.resolve(), SourceFile(path=path, name=name))
    return FoundFiles(files=tuple(files.values()), skipped=tuple(skipped))


def _below(folder: Path) -> Sequence[Path]:
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(parent, name) for name in sorted(names) if not name.startswith(".")]
    return found
