from __future__ import annotations

import pytest

from regulations.labels import category_label, label, labelled, phase_label, type_label
from regulations.review import Applicability, ReviewStatus, Role
from regulations.roadmap import DelayReason, ReviewPolicy, RoadmapProgress
from regulations.structure import Kind
from regulations.taxonomy import LegalBasis, load_taxonomy


@pytest.mark.parametrize("members", labelled())
def test_every_member_has_a_japanese_word_of_its_own(members):
    words = [label(member) for member in members]
    assert len(set(words)) == len(words)
    assert not any(word.isascii() for word in words)


def test_the_enumerations_that_people_meet_are_all_labelled():
    met = {Kind, Role, ReviewStatus, Applicability, ReviewPolicy, RoadmapProgress, DelayReason, LegalBasis}
    assert met <= set(labelled())


def test_members_of_equal_value_keep_their_own_words():
    assert (label(Kind.REGULATION_RULES), label(LegalBasis.UNCLEAR), label(DelayReason.LAW)) == (
        "規程",
        "不明",
        "法改正待ち",
    )


def test_terms_of_the_taxonomy_come_with_their_numbers():
    assert category_label("visual_inspection") == "目視"
    assert type_label("written_posting", 1) == "1 公的証明書等の掲示"
    assert phase_label("in_person_viewing", 3) == "3 デジタル完結を基本とする"
    assert all(len(category.mark) == 1 for category in load_taxonomy().values())
