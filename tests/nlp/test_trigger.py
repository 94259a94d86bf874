from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlp.normalisation import normalise
from nlp.sentences import split_sentences
from nlp.trigger import find_triggers


def categories_of(text: str) -> set[str]:
    return {hit.category for hit in find_triggers(split_sentences(normalise(text).text))}


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("庁舎を巡視する。", "visual_inspection"),
        ("立入検査をする。", "visual_inspection"),
        ("帳簿書類その他の物件を検査する。", "on_site_audit"),
        ("定期に点検する。", "periodic_inspection"),
        # the frequency in the lead, the act in the item
        ("毎月一回、次のことをする。\n一　配管の点検", "periodic_inspection"),
        ("管理人を駐在させる。", "full_time_presence"),
        ("研修を受講する。", "in_person_training"),
        # 見易い is the old spelling
        ("見易い場所に掲げる。", "written_posting"),
        ("公衆の縦覧に供する。", "in_person_viewing"),
    ],
)
def test_telling_words_are_caught(text: str, category: str) -> None:
    assert category in categories_of(text)


@pytest.mark.parametrize("text", ["", "この条例は、公布の日から施行する。", "委員の任期は、二年とする。"])
def test_text_without_a_telling_word_is_not_parsed(text: str) -> None:
    assert categories_of(text) == set()


def test_a_frequency_alone_is_no_inspection() -> None:
    assert "periodic_inspection" not in categories_of("毎年度、予算を定める。")


def test_hits_point_at_their_words() -> None:
    text = normalise("設備を定期に点検する。定期に清掃する。").text
    for hit in find_triggers(split_sentences(text)):
        assert text[hit.start : hit.end]
        assert hit.sentence in (0, 1)


def test_next_to_no_true_regulation_lies_outside_the_net(shared: Path) -> None:
    wanted = caught = 0
    for line in (shared / "labels" / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if not row["labels"]:
            continue
        found = categories_of(row["text"])
        wanted += len(row["labels"])
        caught += sum(label["category"] in found for label in row["labels"])
    assert caught / wanted >= 0.995
