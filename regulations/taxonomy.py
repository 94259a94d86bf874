"""The taxonomy of analog regulations (規制区分, 類型, PHASE), loaded from `data/taxonomy.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegulationCategory:
    """規制区分 with its 類型 (number -> label) and PHASE (1–3 -> label).

    `mark` is the one character a chip shows; a category that is not `enabled` is beyond the seven.
    """

    id: str
    label: str
    mark: str
    types: Mapping[int, str]
    phases: Mapping[int, str]
    enabled: bool = True


class LegalBasis(StrEnum):
    """規制根拠: what a regulation rests on."""

    NATIONAL_LAW = "national_law"  # 国の法令等
    LOCAL_ORDINANCE = "local_ordinance"  # 県の条例等
    UNCLEAR = "unclear"  # 不明


@cache
def load_taxonomy(path: Path = DATA / "taxonomy.yaml") -> Mapping[str, RegulationCategory]:
    """All categories by id, in the taxonomy's order, those that are switched off included.

    Raises TypeError on a key that `RegulationCategory` does not know.
    """
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))["categories"]
    return MappingProxyType({row["id"]: RegulationCategory(**row) for row in rows})


def categories() -> tuple[RegulationCategory, ...]:
    """The categories in force."""
    return tuple(category for category in load_taxonomy().values() if category.enabled)
