"""操作手引き as it ships beside the app: its chapters, and the pictures they show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "manual"

_PICTURE = re.compile(r"!\[([^\]]*)\]\((?:pictures/)?([\w-]+)\.png\)")
# A line of the file ends where the screen has room for it; Japanese sets no space there.
_BROKEN_LINE = re.compile(r"(?<=[^\x00-\x7f])\n(?=[^\x00-\x7f])")
_NAME = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One part of the manual; `text` is Markdown, with its pictures at the addresses that serve them."""

    title: str
    text: str


@cache
def chapters() -> tuple[Chapter, ...]:
    """What each heading of the second level begins, in their order; what stands before the first is left out."""
    parts = re.split(r"(?m)^## +", (FOLDER / "manual.md").read_text(encoding="utf-8"))[1:]
    found = []
    for part in parts:
        title, _, text = part.partition("\n")
        text = _BROKEN_LINE.sub("", _PICTURE.sub(r"![\1](/manual/\2.png)", text))
        found.append(Chapter(title=title.strip(), text=text.strip()))
    return tuple(found)


def picture(name: str) -> Path | None:
    """The file of a picture; None where there is none of that name."""
    found = FOLDER / "pictures" / f"{name}.png"
    return found if _NAME.fullmatch(name) and found.is_file() else None


def pictures_named() -> tuple[str, ...]:
    """The pictures that the manual shows, in their order."""
    return tuple(name for _, name in _PICTURE.findall((FOLDER / "manual.md").read_text(encoding="utf-8")))
