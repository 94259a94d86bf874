"""Words in cells, as people and their programs write them."""

from __future__ import annotations

import pytest

from regulations.answer_sheet import (
    fold,
    load_answer_form,
    read_category,
    read_member,
    read_phase,
    read_type,
    row_check,
)
from regulations.labels import category_label, label, phase_label, type_label
from regulations.review import Applicability, NonApplicableReason
from regulations.taxonomy import load_taxonomy

ROW = {"number": "1", "title": "条例", "address": "第一条", "applicability": "該当", "note": "年次点検", "policy": ""}


@pytest.mark.parametrize("kind", [Applicability, NonApplicableReason])
def test_every_word_is_read_back(kind):
    for member in kind:
        assert read_member(kind, label(member)) is member
        assert read_member(kind, f"　{label(member)}\n") is member
    assert read_member(kind, "たぶん") is None
    assert read_member(kind, "") is None


def test_every_category_type_and_phase_is_read_back_by_its_words_and_its_number():
    for category, known in load_taxonomy().items():
        assert read_category(category_label(category)) == category
        for number in known.types:
            assert read_type(category, type_label(category, number)) == number
            assert read_type(category, str(number)) == number
        for number in known.phases:
            assert read_phase(category, phase_label(category, number)) == number
    assert read_type("in_person_training", "2") is None
    assert read_phase("in_person_training", "4") is None
    assert read_category("目測") is None


@pytest.mark.parametrize(
    ("one", "other"), [("ＰＨＡＳＥ", "PHASE"), ("定期検査･点検", "定期検査・点検"), ("a_x000D_\nb", "a b")]
)
def test_spellings_that_say_the_same_are_the_same(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("field", "value", "part"), [("title", "規則", 0), ("applicability", "非該当", 1), ("policy", "改正する", 2)]
)
def test_the_check_tells_which_part_of_a_row_was_changed(field, value, part):
    before, after = row_check(ROW).split("-"), row_check(ROW | {field: value}).split("-")
    assert [place for place in range(3) if before[place] != after[place]] == [part]


def test_the_check_passes_over_how_a_program_breaks_lines():
    assert row_check(ROW | {"note": "年次\r\n点検 "}) == row_check(ROW)


def test_words_that_move_to_the_next_column_are_not_taken_for_the_same():
    assert row_check({"title": "ab", "address": ""}) != row_check({"title": "a", "address": "b"})


def test_headings_are_told_apart_however_they_are_spelt():
    columns = load_answer_form().columns
    assert len({fold(column.label) for column in columns}) == len({column.field for column in columns}) == len(columns)
