from __future__ import annotations

from dataclasses import fields

import pytest

from models.queries import RoadmapRow
from regulations.roadmap import (
    DelayReason,
    ReviewPolicy,
    RoadmapEntry,
    RoadmapFault,
    RoadmapProgress,
    faults,
    load_columns,
)


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        # nothing planned yet is no fault
        (RoadmapEntry(), ()),
        # a whole plan
        (
            RoadmapEntry(
                policy=ReviewPolicy.AMEND,
                target_phase=3,
                original_year=2026,
                revised_year=2027,
                delay_reason=DelayReason.SYSTEM,
                progress=RoadmapProgress.PLANNED,
            ),
            (),
        ),
        # the same phase as now: interpretation made clear without a change
        (RoadmapEntry(policy=ReviewPolicy.CLARIFY, target_phase=2), ()),
        # backwards
        (RoadmapEntry(target_phase=1), (RoadmapFault.TARGET_BELOW_CURRENT,)),
        (RoadmapEntry(target_phase=4), (RoadmapFault.TARGET_OUT_OF_RANGE,)),
        (RoadmapEntry(target_phase=0), (RoadmapFault.TARGET_OUT_OF_RANGE,)),
        # 見直さない needs its reason in the note, and spaces are none
        (RoadmapEntry(policy=ReviewPolicy.RETAIN), (RoadmapFault.RETAIN_NEEDS_REASON,)),
        (RoadmapEntry(policy=ReviewPolicy.RETAIN, note="　"), (RoadmapFault.RETAIN_NEEDS_REASON,)),
        (RoadmapEntry(policy=ReviewPolicy.RETAIN, note="人命に関わるため。"), ()),
        # 令和80年度
        (RoadmapEntry(original_year=2098), (RoadmapFault.YEAR_OUT_OF_RANGE,)),
        (RoadmapEntry(revised_year=2027), (RoadmapFault.REVISED_NEEDS_ORIGINAL,)),
        # put off needs a reason, brought forward does not
        (RoadmapEntry(original_year=2026, revised_year=2028), (RoadmapFault.DELAY_NEEDS_REASON,)),
        (RoadmapEntry(original_year=2028, revised_year=2026), ()),
        # several at once are all named
        (
            RoadmapEntry(policy=ReviewPolicy.RETAIN, target_phase=1, original_year=1999),
            (
                RoadmapFault.TARGET_BELOW_CURRENT,
                RoadmapFault.RETAIN_NEEDS_REASON,
                RoadmapFault.YEAR_OUT_OF_RANGE,
            ),
        ),
    ],
)
def test_every_rule_that_an_entry_breaks_is_named(entry, found):
    assert faults(entry, current_phase=2) == found


def test_every_column_of_the_export_is_a_field_of_its_rows():
    assert {column.field for column in load_columns()} <= {field.name for field in fields(RoadmapRow)}


def test_the_columns_carry_what_the_policy_states():
    labels = [column.label for column in load_columns()]
    for stated in (
        "見直しの要否・方向性",
        "見直し後のPHASE（到達点）",
        "見直し時期（当初）",
        "規制区分",
        "所管課",
        "条項",
    ):
        assert stated in labels
