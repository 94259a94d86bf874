"""Rows as queries give them, for tests that need no database."""

from __future__ import annotations

from models.queries import RoadmapRow
from regulations.review import ReviewStatus
from regulations.roadmap import RoadmapProgress
from regulations.structure import Kind
from regulations.taxonomy import LegalBasis


def roadmap_row(number: int) -> RoadmapRow:
    """A regulation nobody has planned for yet."""
    return RoadmapRow(
        number=number,
        bureau="県土整備部",
        division="都市計画課",
        title="霞野県標識条例",
        law_number="令和元年霞野県条例第一号",
        kind=Kind.ORDINANCE,
        address=f"第{number}条第一項",
        caption="（標識の掲示）",
        text="設置者は、標識を掲示しなければならない。",
        category="written_posting",
        basis=LegalBasis.LOCAL_ORDINANCE,
        regulation_type=2,
        current_phase=1,
        policy=None,
        target_phase=None,
        original_year=None,
        revised_year=None,
        delay_reason=None,
        progress=RoadmapProgress.UNDETERMINED,
        note="",
        item_id=number,
        row_version=1,
        status=ReviewStatus.APPLICABLE,
    )
