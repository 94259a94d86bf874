"""How operations refuse, beside `regulations.review.NotPermittedError`: exceptions that carry what a screen needs."""

from __future__ import annotations

from enum import StrEnum

from regulations.roadmap import RoadmapFault


class NoSuchItemError(LookupError):
    """There is no such review item, provision, instrument or division."""


class StaleItemError(Exception):
    """Somebody else has saved in the meantime, or the text has changed: `row_version` is what it is now."""

    def __init__(self, item_id: int, row_version: int) -> None:
        super().__init__(f"item {item_id} is at version {row_version}")
        self.item_id, self.row_version = item_id, row_version


class AnswerFault(StrEnum):
    """Why an answer cannot be saved; screens put it into words."""

    REASON_REQUIRED = "reason_required"  # 非該当 without a reason
    REASON_TEXT_REQUIRED = "reason_text_required"  # その他 without a note
    REASON_NOT_ALLOWED = "reason_not_allowed"  # a reason for anything but 非該当
    UNKNOWN_CATEGORY = "unknown_category"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_PHASE = "unknown_phase"
    CATEGORY_TAKEN = "category_taken"  # another item of the provision is 該当 in that category already
    SPAN_OUTSIDE_TEXT = "span_outside_text"
    TEXT_NOT_IN_FORCE = "text_not_in_force"


class InvalidAnswerError(ValueError):
    """An answer that breaks a rule; `fault` says which."""

    def __init__(self, fault: AnswerFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class InvalidRoadmapError(ValueError):
    """An entry that breaks rules of the roadmap; `faults` lists them all."""

    def __init__(self, found: tuple[RoadmapFault, ...]) -> None:
        super().__init__(", ".join(found))
        self.faults = found
