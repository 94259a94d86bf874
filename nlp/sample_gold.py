"""The sample collection that ships with the project as something to learn from: its provisions under its own key.

Its texts are rich in what real ones are still poor in: digital means in every wording, paragraphs that only
say how 「前項の検査」 is done. The shipped weights are learnt from a labelled file and from these.
"""

from __future__ import annotations

import csv
import json

from regulations.sources.reading import read_source
from regulations.structure import provisions
from regulations.taxonomy import DATA

FOLDER = DATA / "sample_ordinances"
_READ = frozenset({".xml", ".html", ".txt"})


def sample_lines() -> list[str]:
    """A gold line (see `nlp.training.gold_row`) for each provision of the sample; `source` is sample/<file>."""
    labels: dict[tuple[str, str], list[tuple[str, dict[str, object]]]] = {}
    with (FOLDER / "expected.csv").open(encoding="utf-8-sig", newline="") as key:
        for row in csv.DictReader(key):
            label = {
                "category": row["category"],
                "types": [int(row["type"])],
                "phases": [int(row["phase"])],
                "evidence": [],
                "optional": False,
            }
            labels.setdefault((row["file"], row["article"]), []).append((row["paragraph"], label))
    lines = []
    for path in sorted(path for path in FOLDER.iterdir() if path.suffix in _READ):
        ordinance = read_source(path.name, path.read_bytes()).ordinance
        for number, found in enumerate(provisions(ordinance)):
            here = labels.get((path.name, found.ref.article or found.ref.label), [])
            row = {
                "id": f"sample/{path.name}/{number}",
                "source": f"sample/{path.name}",
                "kind": ordinance.kind.value,
                "law": ordinance.title,
                "law_no": ordinance.law_number,
                "article": found.ref.article,
                "paragraph": found.ref.paragraph,
                "caption": found.caption,
                # Without a paragraph the key means the whole article or table.
                "labels": [label for paragraph, label in here if paragraph in ("", found.ref.paragraph)],
                "uncertain": False,
                "basis": None,
                "text": found.text,
            }
            lines.append(json.dumps(row, ensure_ascii=False))
    return lines
