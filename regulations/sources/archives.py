"""Bundles (.zip, JSON lists) in which texts are handed over: read member by member, never unpacked to disk.

Whatever is wrong with one member is said of that member, and the others stay readable. Sizes come
from the archive's own directory, which `zipfile` never reads beyond.
"""

from __future__ import annotations

import gzip
import lzma
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

from regulations.sources.base import Limits, UnreadableSource
from regulations.sources.json_list import HEAD, archive_of, is_json_list

GZIP_SIGNATURE = b"\x1f\x8b"
ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
LOCK = "~$"
"""What begins the name of the file by which Word keeps a document for itself while it is open."""

_OFFICE_MARKS = {"[Content_Types].xml", "mimetype"}
_UNSAFE = re.compile(r"^/|^[A-Za-z]:|(?:^|/)\.\.(?:/|$)|[\x00-\x1f]")
_RATIO_FLOOR = 2**20  # bytes below which a high ratio harms nobody
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_FAULTS = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError)
"""What `zipfile` raises on damage, on an unknown compression and on a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of a bundle. `name` is NFC with / between folders; `path` its position, one number a level of nesting.

    `refusal` is set where the member must not be read, and says why.
    """

    path: tuple[int, ...]
    name: str
    refusal: tuple[str, str] | None = None


class Bundle:
    """An open zip archive or JSON list and what is in it, archives inside it included.

    Raises UnreadableSource where the archive as a whole is broken or over the limits.
    """

    def __init__(self, file: Path | bytes, *, limits: Limits) -> None:
        self._limits = limits
        self._files = self._bytes = 0
        self._archives: dict[tuple[int, ...], zipfile.ZipFile] = {(): _opened(file, limits)}
        self.members = tuple(self._listed((), ""))
        self._keep_only(())

    def __enter__(self) -> Bundle:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for archive in self._archives.values():
            archive.close()

    def read(self, member: Member) -> bytes:
        """The member's bytes. Raises UnreadableSource where it is refused or damaged."""
        if member.refusal:
            raise UnreadableSource(*member.refusal)
        *outer, position = member.path
        self._keep_only(tuple(outer))
        archive = self._archive(tuple(outer))
        return _contents(archive, archive.infolist()[position])

    def _archive(self, path: tuple[int, ...]) -> zipfile.ZipFile:
        if path not in self._archives:
            outer = self._archive(path[:-1])
            self._archives[path] = _opened(_contents(outer, outer.infolist()[path[-1]]), self._limits)
        return self._archives[path]

    def _keep_only(self, path: tuple[int, ...]) -> None:
        """Close inner archives that do not lead to `path`: each holds its bytes in memory."""
        for known in [known for known in self._archives if known != path[: len(known)]]:
            self._archives.pop(known).close()

    def _listed(self, path: tuple[int, ...], prefix: str) -> Iterator[Member]:
        archive = self._archive(path)
        for position, info in enumerate(archive.infolist()):
            name = _member_name(info)
            if info.is_dir() or _is_hidden(name):
                continue
            self._count(info)
            here, shown = (*path, position), prefix + name
            refusal = self._refusal(info, name)
            if refusal or not _is_nested(archive, info, name.lower()):
                yield Member(path=here, name=shown, refusal=refusal)
            elif len(here) >= self._limits.max_bundle_levels:
                yield Member(path=here, name=shown, refusal=_nested(self._limits.max_bundle_levels))
            else:
                try:
                    self._archive(here)
                except UnreadableSource as error:
                    yield Member(path=here, name=shown, refusal=(error.code, error.message))
                    continue
                yield from self._listed(here, f"{shown}/")
                self._keep_only(path)

    def _count(self, info: zipfile.ZipInfo) -> None:
        self._files += 1
        self._bytes += info.file_size
        if self._files > self._limits.max_bundle_files:
            raise UnreadableSource(
                "too_many_members",
                f"圧縮ファイルの中のファイルが多すぎます（上限{self._limits.max_bundle_files:,}件）。分けて取り込んでください。",
            )
        if self._bytes > self._limits.max_bundle_bytes:
            raise UnreadableSource(
                "archive_bomb",
                f"圧縮ファイルを展開すると大きくなりすぎます（上限{self._limits.max_bundle_bytes / 2**20:,.0f}MB）。"
                "分けて取り込んでください。",
            )

    def _refusal(self, info: zipfile.ZipInfo, name: str) -> tuple[str, str] | None:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if _UNSAFE.search(name) or kind not in {0, stat.S_IFREG}:
            return (
                "unsafe_member",
                "圧縮ファイルの外を指す名前又はリンクのため読み込みません。作成元に確かめ、作り直してください。",
            )
        if info.flag_bits & _ENCRYPTED:
            return (
                "encrypted_member",
                "パスワードが付いているため読み込めません。パスワードを外した圧縮ファイルにしてください。",
            )
        if info.file_size > self._limits.max_bytes:
            return (
                "too_large",
                f"ファイルが大きすぎます（{info.file_size / 2**20:,.0f} MB。"
                f"上限は {self._limits.max_bytes / 2**20:,.0f} MB）。分割してください。",
            )
        if info.file_size > _RATIO_FLOOR and info.file_size > self._limits.max_ratio * max(info.compress_size, 1):
            return (
                "archive_bomb",
                "圧縮率が異常に高いため読み込みません（展開すると膨らむように作られたおそれがあります）。",
            )
        return None


def is_bundle(path: Path) -> bool:
    """Whether a file is a JSON list or a zip archive, and no document that is kept as one (.docx, .xlsx, .odt)."""
    head = _head_of(path)
    if not head.startswith(ZIP_SIGNATURES):
        return _begins_list(head)
    try:
        with zipfile.ZipFile(path) as archive:
            return not _OFFICE_MARKS & set(archive.namelist())
    except _FAULTS:
        return True  # a broken one, which opening it will say


def member_names(data: bytes) -> frozenset[str]:
    """Names in a zip archive; none where it is broken."""
    try:
        with _open(data) as archive:
            return frozenset(archive.namelist())
    except UnreadableSource:
        return frozenset()


def member_data(data: bytes, name: str) -> bytes:
    """One file of a document kept as a zip archive. Raises UnreadableSource where it is not to be had."""
    with _open(data) as archive:
        try:
            return _contents(archive, archive.getinfo(name))
        except KeyError as error:
            raise _broken() from error


def expanded_size(data: bytes) -> int:
    """Bytes that a document kept as a zip archive unpacks to. Raises UnreadableSource where it is broken."""
    with _open(data) as archive:
        return sum(info.file_size for info in archive.infolist())


def expanded(data: bytes, limits: Limits) -> bytes:
    """The bytes themselves, or what a gzip file holds. Raises UnreadableSource where that is over the limits."""
    if len(data) > limits.max_bytes:
        raise _too_large(limits.max_bytes)
    if not data.startswith(GZIP_SIGNATURE):
        return data
    try:
        with gzip.GzipFile(fileobj=BytesIO(data)) as stream:
            found = stream.read(limits.max_expanded_bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableSource(
            "broken_archive", "圧縮ファイル（gzip）が壊れています。元のファイルを取得し直してください。"
        ) from error
    if len(found) > limits.max_expanded_bytes:
        raise _too_large(limits.max_expanded_bytes)
    return found


def _too_large(limit: int) -> UnreadableSource:
    return UnreadableSource(
        "too_large",
        f"ファイルが大きすぎます（上限{limit / 2**20:g}MB）。例規1件ごとのファイルに分けて取り込んでください。",
    )


def _opened(file: Path | bytes, limits: Limits) -> zipfile.ZipFile:
    """An archive, or a JSON list as one."""
    if not _begins_list(file[:HEAD] if isinstance(file, bytes) else _head_of(file)):
        return _open(file)
    if isinstance(file, Path):
        if file.stat().st_size > limits.max_bytes:
            raise _too_large(limits.max_bytes)
        file = file.read_bytes()
    return archive_of(expanded(file, limits))


def _head_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(HEAD)


def _begins_list(head: bytes) -> bool:
    if head.startswith(GZIP_SIGNATURE):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, HEAD)
        except zlib.error:
            return False
    return is_json_list(head)


def _is_nested(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bool:
    if not name.endswith((".json", ".json.gz")):
        return name.endswith(".zip")
    try:
        with archive.open(info) as stream:
            return _begins_list(stream.read(HEAD))
    except _FAULTS:
        return False  # reading it gives the reason


def _open(file: Path | bytes) -> zipfile.ZipFile:
    try:
        source: Path | IO[bytes] = BytesIO(file) if isinstance(file, bytes) else file
        return zipfile.ZipFile(source)
    except _FAULTS as error:
        raise _broken() from error


def _broken() -> UnreadableSource:
    return UnreadableSource("broken_archive", "圧縮ファイル（zip）が壊れています。元のファイルを取得し直してください。")


def _contents(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(info)
    except _FAULTS as error:
        raise UnreadableSource(
            "broken_member",
            "圧縮ファイルの中でこのファイルが壊れているか、読めない方式で圧縮されています。元のファイルを取得し直してください。",
        ) from error


def _member_name(info: zipfile.ZipInfo) -> str:
    """The name as its maker wrote it: Windows writes cp932 and macOS UTF-8 (NFD) without saying so."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8_NAME:
        raw = name.encode("cp437")  # how zipfile reads names that are not marked as UTF-8
        for encoding in ("utf-8", "cp932"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return unicodedata.normalize("NFC", name).replace("\\", "/")


def _is_hidden(name: str) -> bool:
    parts = name.split("/")
    return "__MACOSX" in parts or any(part.startswith((".", LOCK)) and part != ".." for part in parts)


def _nested(levels: int) -> tuple[str, str]:
    return (
        "nested_archive",
        f"圧縮ファイルが{levels}段を超えて入れ子になっているため読み込みません。展開してから取り込んでください。",
    )
