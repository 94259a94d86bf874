"""Labels of further public provisions to learn from, kept without their texts: joined to the files they were read from.

`artifacts/own_labels.jsonl` names file, article and paragraph, and the SHA-256 of the text without white space;
evidence is half-open spans of that text. Whoever has the files gets gold lines, and nobody else a word of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from nlp.pipeline import ARTIFACTS
from regulations.sources.archives import Bundle, is_bundle
from regulations.sources.base import Limits
from regulations.sources.reading import read_source
from regulations.structure import ParsedOrdinance, provisions

LABELS = ARTIFACTS / "own_labels.jsonl"


def own_lines(folder: Path, labels: Path = LABELS) -> list[str]:
    """A gold line (see `nlp.training.gold_row`) for each label row whose provision stands in a file under `folder`.

    A provision that reads otherwise today, or whose file is not there, is left out. Raises UnreadableSource.
    """
    wanted: dict[str, dict[str, dict[str, Any]]] = {}
    for line in labels.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        wanted.setdefault(row["file"], {})[row["sha256"]] = row
    found: dict[str, str] = {}
    for name, data in _files(folder, wanted):
        for row, line in _joined(read_source(name, data), wanted[name]):
            found.setdefault(row["id"], line)
    return [found[key] for key in sorted(found)]


def text_hash(text: str) -> str:
    """Hex digest of a text without its white space."""
    return sha256("".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()


def _files(folder: Path, wanted: Mapping[str, object]) -> Iterator[tuple[str, bytes]]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.name in wanted:
            yield path.name, path.read_bytes()
        elif is_bundle(path):
            with Bundle(path, limits=Limits()) as bundle:
                yield from ((member.name, bundle.read(member)) for member in bundle.members if member.name in wanted)


def _joined(parsed: ParsedOrdinance, wanted: Mapping[str, dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    ordinance = parsed.ordinance
    for provision in provisions(ordinance):
        row = wanted.get(text_hash(provision.text))
        if row is None:
            continue
        places = [place for place, character in enumerate(provision.text) if not character.isspace()]
        quoted = [
            label
            | {"evidence": [provision.text[places[start] : places[end - 1] + 1] for start, end in label["evidence"]]}
            for label in row["labels"]
        ]
        line = {
            **{name: row[name] for name in ("id", "source", "article", "paragraph", "uncertain", "basis")},
            "kind": ordinance.kind.value,
            "law": ordinance.title,
            "law_no": ordinance.law_number,
            "caption": provision.caption,
            "labels": quoted,
            "text": provision.text,
        }
        yield row, json.dumps(line, ensure_ascii=False)
