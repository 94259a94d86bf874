"""Labels without texts, and the texts they are joined to."""

from __future__ import annotations

import json
from pathlib import Path

from nlp.jsonl import read_provisions
from nlp.own_labels import LABELS, own_lines, text_hash
from nlp.sample_gold import FOLDER
from nlp.training import gold_row
from nlp.trigger import PATTERNS
from regulations.sources.reading import read_source
from regulations.structure import provisions


def labelled(source: Path, text: str, quote: str, **changed: object) -> str:
    """A label row for the provision `text` with evidence `quote`."""
    flat, words = "".join(text.split()), "".join(quote.split())
    label = {
        "category": "visual_inspection",
        "types": [1],
        "phases": [1],
        "optional": False,
        "evidence": [[flat.index(words), flat.index(words) + len(words)]],
    }
    row = {
        "id": "own-0000",
        "source": "own/0",
        "file": source.name,
        "article": "1",
        "paragraph": "1",
        "sha256": text_hash(text),
        "uncertain": False,
        "basis": ["local"],
        "labels": [label],
    }
    return json.dumps(row | changed, ensure_ascii=False) + "\n"


def test_a_label_finds_its_provision_and_quotes_it_as_it_stands_in_the_file(tmp_path: Path) -> None:
    source = next(path for path in sorted(FOLDER.iterdir()) if path.suffix == ".xml")
    ordinance = read_source(source.name, source.read_bytes()).ordinance
    text = next(each.text for each in provisions(ordinance) if "\n" in each.text)
    start = text.index("\n") - 3
    quote = text[start : start + 8]
    labels = tmp_path / "labels.jsonl"
    labels.write_text(
        labelled(source, text, quote)
        # what reads otherwise than when it was labelled is left out
        + labelled(source, text, quote, id="own-0001", sha256=text_hash(f"{text}。"))
        # and so is what stands in no file here
        + labelled(source, text, quote, id="own-0002", file="nowhere.xml"),
        encoding="utf-8",
    )
    (line,) = own_lines(FOLDER, labels)
    row = json.loads(line)
    assert (row["id"], row["law"], row["text"]) == ("own-0000", ordinance.title, text)
    assert gold_row(row).labels[0].evidence == (quote,)
    assert [each.text for each in read_provisions([line])] == [text]


def test_white_space_does_not_part_a_text_from_its_label() -> None:
    assert text_hash("一　点検する。\n二　巡視する。") == text_hash("一点検する。二 巡視する。")


def test_the_labels_hold_no_text() -> None:
    rows = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == len(rows) == 1136
    known = {"id", "source", "file", "law", "article", "paragraph", "sha256", "uncertain", "basis", "labels"}
    assert {name for row in rows for name in row} == known
    labels = [label for row in rows for label in row["labels"]]
    assert {label["category"] for label in labels} == set(PATTERNS)
    assert all(isinstance(edge, int) for label in labels for span in label["evidence"] for edge in span)
    assert all(label["optional"] for row in rows if row["uncertain"] for label in row["labels"])


def test_real_texts_are_joined_and_the_trigger_finds_what_was_labelled(shared: Path) -> None:
    folder = shared / "data" / "ordinance_text_md"
    rows = [json.loads(line) for line in own_lines(folder)]
    assert len(rows) == 255
    quotes = [(row["text"], quote) for row in rows for label in row["labels"] for quote in label["evidence"]]
    assert quotes
    assert all(quote in text for text, quote in quotes)
