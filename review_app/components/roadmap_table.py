"""The roadmap as a grid: rows of values to words and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from models.queries import RoadmapRow
from regulations import labels
from regulations.review import ReviewStatus
from regulations.roadmap import REVIEW_YEARS, DelayReason, ReviewPolicy, RoadmapEntry, RoadmapProgress
from review_app.labels_ja import ROADMAP_COLUMNS, ROADMAP_FIXED_COLUMNS
from review_app.navigation import CANDIDATE
from review_app.presenters import fiscal_year, phase_steps

E = TypeVar("E", bound=StrEnum)

_YEARS = {fiscal_year(year): year for year in REVIEW_YEARS}
_PHASES = {f"{phase_steps(phase)} {phase}": phase for phase in (1, 2, 3)}


def _members(members: type[E]) -> dict[str, E]:
    return {labels.label(member): member for member in members}


_CHOICES: Mapping[str, Mapping[str, Any]] = {
    "policy": _members(ReviewPolicy),
    "target_phase": _PHASES,
    "original_year": _YEARS,
    "revised_year": _YEARS,
    "delay_reason": _members(DelayReason),
    "progress": _members(RoadmapProgress),
}
_WORDS = {field: {value: word for word, value in choices.items()} for field, choices in _CHOICES.items()}


def entry_of(row: RoadmapRow) -> RoadmapEntry:
    """What a division can edit of a row."""
    return RoadmapEntry(**{field: getattr(row, field) for field in ROADMAP_COLUMNS})


def frame(
    rows: Sequence[RoadmapRow], drafts: Mapping[int, RoadmapEntry], *, with_division: bool = False
) -> pd.DataFrame:
    """The rows in words, with what was typed and not yet saved in place of what is saved."""
    fixed = [name for name in ROADMAP_FIXED_COLUMNS if with_division or name != "division"]
    return pd.DataFrame(
        [
            {
                "number": row.number,
                "division": row.division,
                # To the candidate itself: whoever plans wants to read what it is about.
                "address": f"/{CANDIDATE.name}?candidate={row.item_id}#{row.address}",
                "title": row.title,
                "category": labels.category_label(row.category)
                + ("（再確認）" if row.status is ReviewStatus.RECHECK else ""),
                "current_phase": _WORDS["target_phase"][row.current_phase],
                **_in_words(drafts.get(row.item_id) or entry_of(row)),
            }
            for row in rows
        ],
        columns=[*fixed, *ROADMAP_COLUMNS],
        dtype=object,
    )


def _in_words(entry: RoadmapEntry) -> dict[str, str | None]:
    return {field: _WORDS[field].get(getattr(entry, field)) for field in _CHOICES} | {"note": entry.note}


def entries(edited: pd.DataFrame) -> list[RoadmapEntry]:
    """The grid's rows as entries; a cleared cell is none, an unknown word cannot be chosen."""
    found = []
    for record in edited.to_dict("records"):
        values: dict[str, Any] = {field: choices.get(record[field]) for field, choices in _CHOICES.items()}
        values["progress"] = values["progress"] or RoadmapProgress.UNDETERMINED
        note = record["note"]
        found.append(RoadmapEntry(**values, note=note if isinstance(note, str) else ""))
    return found


def column_config(*, with_division: bool = False) -> dict[str, Any]:
    """Headings, widths and choices of the grid."""
    fixed, narrow = ROADMAP_FIXED_COLUMNS, with_division
    config: dict[str, Any] = {
        "number": st.column_config.NumberColumn(fixed["number"], width=48, pinned=True),
        "division": st.column_config.TextColumn(fixed["division"], width=120),
        "address": st.column_config.LinkColumn(fixed["address"], width=132, pinned=True, display_text="#(.+)$"),
        "title": st.column_config.TextColumn(fixed["title"], width=180 if narrow else 210, pinned=True),
        "category": st.column_config.TextColumn(fixed["category"], width=112),
        "current_phase": st.column_config.TextColumn(fixed["current_phase"], width=78),
        "note": st.column_config.TextColumn(ROADMAP_COLUMNS["note"], width=160, max_chars=2000),
    }
    widths = {"policy": 132, "target_phase": 108, "original_year": 112, "revised_year": 126, "delay_reason": 118}
    for field, choices in _CHOICES.items():
        config[field] = st.column_config.SelectboxColumn(
            ROADMAP_COLUMNS[field],
            options=list(choices),
            width=widths.get(field, 102),
            required=field == "progress",
        )
    return config
