"""The review roadmap (見直し工程表): its vocabulary, its rules and its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from regulations.taxonomy import DATA


class ReviewPolicy(StrEnum):
    """見直しの要否・方向性."""

    AMEND = "amend"  # 改正する
    CLARIFY = "clarify"  # 解釈を明確にする
    REPEAL = "repeal"  # 廃止する
    RETAIN = "retain"  # 見直さない（理由が必要）
    AWAIT_NATIONAL = "await_national"  # 国の動向待ち


class RoadmapProgress(StrEnum):
    """実施状況, in the words of the national survey of local bodies."""

    DONE = "done"  # 実施
    PLANNED = "planned"  # 実施予定
    CONSIDERING = "considering"  # 検討中
    UNDETERMINED = "undetermined"  # 未定


class DelayReason(StrEnum):
    """遅延理由."""

    SYSTEM = "system"  # システム開発
    LAW = "law"  # 法改正待ち
    OTHER = "other"  # その他


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadmapEntry:
    """What a division plans for one regulation. Years are the calendar year a fiscal year begins in."""

    policy: ReviewPolicy | None = None
    target_phase: int | None = None
    original_year: int | None = None
    revised_year: int | None = None
    delay_reason: DelayReason | None = None
    progress: RoadmapProgress = RoadmapProgress.UNDETERMINED
    note: str = ""


class RoadmapFault(StrEnum):
    """What is wrong with an entry; screens and imports put it into words."""

    TARGET_BELOW_CURRENT = "target_below_current"
    RETAIN_NEEDS_REASON = "retain_needs_reason"
    TARGET_OUT_OF_RANGE = "target_out_of_range"
    YEAR_OUT_OF_RANGE = "year_out_of_range"
    REVISED_NEEDS_ORIGINAL = "revised_needs_original"
    DELAY_NEEDS_REASON = "delay_needs_reason"


REVIEW_YEARS = range(2020, 2041)
"""Fiscal years an entry may name: a slip such as 令和80年度 is caught, any plausible plan is not."""


def faults(entry: RoadmapEntry, *, current_phase: int) -> tuple[RoadmapFault, ...]:
    """Every rule of the roadmap that the entry breaks; empty where it may be saved."""
    found = []
    if entry.target_phase is not None and entry.target_phase not in (1, 2, 3):
        found.append(RoadmapFault.TARGET_OUT_OF_RANGE)
    elif entry.target_phase is not None and entry.target_phase < current_phase:
        found.append(RoadmapFault.TARGET_BELOW_CURRENT)
    if entry.policy is ReviewPolicy.RETAIN and not entry.note.strip():
        found.append(RoadmapFault.RETAIN_NEEDS_REASON)
    if any(year is not None and year not in REVIEW_YEARS for year in (entry.original_year, entry.revised_year)):
        found.append(RoadmapFault.YEAR_OUT_OF_RANGE)
    if entry.revised_year is not None and entry.original_year is None:
        found.append(RoadmapFault.REVISED_NEEDS_ORIGINAL)
    elif (
        entry.revised_year is not None
        and entry.original_year is not None
        and entry.revised_year > entry.original_year
        and entry.delay_reason is None
    ):
        found.append(RoadmapFault.DELAY_NEEDS_REASON)
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadmapColumn:
    """One column of the exported roadmap: which field it shows, under which heading, how wide (characters)."""

    field: str
    label: str
    width: int = 12


@cache
def load_columns(path: Path = DATA / "roadmap_columns.yaml") -> tuple[RoadmapColumn, ...]:
    """Columns in export order; data, so that the adopted form can replace ours."""
    document: Mapping[str, list[dict[str, str | int]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(RoadmapColumn(**row) for row in document["columns"])  # type: ignore[arg-type]
