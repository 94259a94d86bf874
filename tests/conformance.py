"""Reads every real file and writes the table of docs/formats.md: `python -m tests.conformance ../shared/data`.

A format without a real file is tried on the samples of its tests and on the sample texts made into files of it;
the table says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from regulations.accounting import account
from regulations.sources import reading
from regulations.sources.archives import Bundle, expanded, is_bundle
from regulations.sources.base import Limits, Source, UnreadableSource
from regulations.structure import provisions
from tests.regulations.made_files import MAKERS, files_of
from tests.regulations.test_reading import SAMPLES

DOCUMENT = Path(__file__).parents[1] / "docs" / "formats.md"
_TABLE = re.compile(r"(<!-- conformance -->\n).*?(<!-- end -->)", re.DOTALL)
_SUFFIXES = {".xml", ".html", ".txt", ".gz", ".json", ".docx", ".odt", ".pdf"}


@dataclass(slots=True)
class Row:
    """What became of the files of one format."""

    files: int = 0
    refused: int = 0
    provisions: int = 0
    characters: int = 0
    lost: int = 0
    furniture: int = 0
    of_our_own: bool = False


def rows_of(folder: Path) -> dict[str, Row]:
    """A row for each format of the readers, in the order in which they are asked."""
    rows = {reader.name: Row() for reader in reading.READERS}
    for name, data in _files(folder):
        _count(rows, name, data)
    documents = [(maker, data) for maker in MAKERS for _, data in files_of(maker)]
    for name, data in [*SAMPLES.items(), *documents]:
        if not rows[name].files or rows[name].of_our_own:
            rows[name].of_our_own = True
            _count(rows, name, data)
    return rows


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file, and of each member of a bundle."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in _SUFFIXES or "registry" in path.parts:
            continue
        if is_bundle(path):
            with Bundle(path, limits=Limits()) as bundle:
                yield from ((member.name, bundle.read(member)) for member in bundle.members)
        else:
            yield path.name, expanded(path.read_bytes(), Limits())


def _count(rows: dict[str, Row], name: str, data: bytes) -> None:
    try:
        parsed = reading.read_source(name, data)
    except UnreadableSource as error:
        typer.echo(f"{name}: refused, {error.code}", err=True)
        source = Source(name=name, data=data)
        rows[next(reader.name for reader in reading.READERS if reader.recognises(source))].refused += 1
        return
    reader = next(reader for reader in reading.READERS if reader.name == parsed.format)
    found = account(parsed, reader.body(Source(name=name, data=data)))
    row = rows[parsed.format]
    row.files += 1
    row.provisions += len(provisions(parsed.ordinance))
    row.characters += found.total
    row.lost += found.lost
    row.furniture += sum(len("".join(text.split())) for text in parsed.furniture)


def table_of(rows: dict[str, Row]) -> Iterator[str]:
    """The lines of the table; figures of formats tried on our own samples alone are in brackets."""
    yield "| format | files | refused | provisions | characters | accounted for | of it furniture |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for name, row in rows.items():
        files = f"({row.files} of ours)" if row.of_our_own else f"{row.files:,}"
        yield (
            f"| `{name}` | {files} | {row.refused or '–'} | {row.provisions:,} | {row.characters:,} "
            f"| {1 - row.lost / max(row.characters, 1):.3%} | {row.furniture / max(row.characters, 1):.1%} |"
        )


def main(
    folder: Path, write: Annotated[bool, typer.Option(help="into docs/formats.md, instead of showing it")] = False
) -> None:
    """Read every file below FOLDER and give the table."""
    table = "\n".join(table_of(rows_of(folder)))
    if not write:
        typer.echo(table)
        return
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(_TABLE.sub(lambda found: f"{found[1]}{table}\n{found[2]}", text), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
