"""How operations refuse, beside `regulations.review.NotPermittedError`: exceptions that carry what a screen needs."""

from __future__ import annotations

from enum import StrEnum

from regulations.roadmap import RoadmapFault


class NoSuchItemError(LookupError):
    """There is no such review item, provision, instrument, division, inquiry, answer or handover."""


class StaleItemError(Exception):
    """Somebody else has saved in the meantime, or the text has changed: `row_version` is what it is now.

    `item_id` is the id of what was to be saved: a review item, an inquiry or a division's answer to one.
    """

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
    ANSWER_SUBMITTED = "answer_submitted"  # handed in to a running inquiry
    OPEN_ITEMS_LEFT = "open_items_left"  # declared complete while candidates wait for an answer
    TEXT_REQUIRED = "text_required"  # a message without words


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


class InquiryFault(StrEnum):
    """Why a step of an inquiry, or of an answer to it, cannot be taken."""

    WRONG_STATE = "wrong_state"  # not a step from where it stands
    OPEN_ITEMS = "open_items"  # candidates still wait for an answer
    REASON_REQUIRED = "reason_required"  # sent back or reopened without saying why
    NAME_REQUIRED = "name_required"
    NO_DIVISION = "no_division"  # nobody is asked
    DUE_DATE_PAST = "due_date_past"
    NOT_ALL_ACCEPTED = "not_all_accepted"  # closed while answers are unfinished
    SCOPE_FIXED = "scope_fixed"  # what is asked, and whom, stands still once the inquiry has begun


class InquiryError(ValueError):
    """A step that breaks a rule; `fault` says which. `count` is how many candidates or answers stand in its way."""

    def __init__(self, fault: InquiryFault, *, count: int = 0) -> None:
        super().__init__(fault.value)
        self.fault, self.count = fault, count


class HandoverFault(StrEnum):
    """Why a candidate cannot be handed over, or a handover settled."""

    REASON_REQUIRED = "reason_required"
    SAME_DIVISION = "same_division"  # it is there already
    NO_SUCH_DIVISION = "no_such_division"  # or it has ended
    NOT_OPEN = "not_open"  # the candidate, or the request, waits for nothing
    SETTLED = "settled"  # the coordinator has decided whose it is
    ACTED_ON = "acted_on"  # not taken back: who received it has acted on it


class HandoverError(ValueError):
    """A handover that breaks a rule; `fault` says which."""

    def __init__(self, fault: HandoverFault) -> None:
        super().__init__(fault.value)
        self.fault = fault
