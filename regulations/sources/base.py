"""What every reader shares: the source it is given, the limits, and how it refuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from regulations.sources.decoding import Decoded, decode
from regulations.structure import ParsedOrdinance


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Upper bounds on what a reader takes in, in bytes, pages and levels of nesting."""

    max_bytes: int = 64 * 2**20
    max_expanded_bytes: int = 64 * 2**20
    max_depth: int = 200
    max_open_tags: int = 2000  # of HTML, where a tag that is never closed nests all that follows
    max_pages: int = 2000
    max_bundle_files: int = 20_000
    max_bundle_bytes: int = 2 * 2**30  # of all members together, expanded
    max_bundle_levels: int = 3  # archives within archives, the outermost included
    max_ratio: int = 200  # a member's size to its compressed size


class UnreadableSource(Exception):
    """A file that cannot become an ordinance and belongs in quarantine.

    `code` is stable and for programs, `message` is Japanese and tells a person what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


def nested_too_deep() -> UnreadableSource:
    return UnreadableSource("nested_too_deep", "タグの入れ子が深すぎるため読み込みません。ファイルを確かめてください。")


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file by name and content; the name never decides how it is read."""

    name: str
    data: bytes
    limits: Limits = field(default_factory=Limits)

    @cached_property
    def decoded(self) -> Decoded:
        """Text with its encoding and what was odd about it. Raises UnreadableSource for binary data."""
        try:
            return decode(self.data)
        except ValueError as error:
            raise UnreadableSource(
                "not_text",
                f"文字として読めないファイルです（{error}）。例規の本文を含むファイルか確かめてください。",
            ) from error

    @property
    def text(self) -> str:
        return self.decoded.text


class Reader(Protocol):
    """One format."""

    @property
    def name(self) -> str:
        """Name of the format, as `ParsedOrdinance.format` gives it."""

    def recognises(self, source: Source) -> bool:
        """Whether the content is of this format; quick, and never raises anything but UnreadableSource."""

    def read(self, source: Source) -> ParsedOrdinance:
        """The tree and its diagnostics. Raises UnreadableSource where there is no tree to give."""

    def body(self, source: Source) -> str:
        """The characters of the source that must come out, furniture included, in order and with white space
        wherever markup stood; found without the walk that makes the tree, so that the two may be compared.
        """
