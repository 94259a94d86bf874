"""The inquiry round (照会): its states, each division's answer within it, and who may take which step.

An inquiry goes 作成中 → 照会中 → 終了. While it runs, each division's answer goes
未回答 → 承認待ち → 確認待ち → 受理, with a way back (差戻し) from each step. Everything not granted is denied.

Candidates that come to a division after it has handed in take its answer back to 未回答 by themselves
(`InquiryAction.RESUME`). Not so one that is 受理: acceptance is the coordinator's act, which no scan undoes. The
coordinator is shown what came, and either sends the answer back or leaves it to the next round.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from regulations.review import Actor, Role
from regulations.structure import Kind


class InquiryState(StrEnum):
    """照会の状態."""

    DRAFT = "draft"  # 作成中
    OPEN = "open"  # 照会中
    CLOSED = "closed"  # 終了


class AnswerState(StrEnum):
    """Where a division's answer to an inquiry stands."""

    WAITING = "waiting"  # 未回答
    ANSWERED = "answered"  # 承認待ち
    APPROVED = "approved"  # 確認待ち
    ACCEPTED = "accepted"  # 受理
    RETURNED = "returned"  # 差戻し


class InquiryAction(StrEnum):
    """A step of an inquiry or of an answer, as its history names it."""

    DISPATCH = "dispatch"  # 照会を開始
    EDIT = "edit"  # 照会を変更
    CLOSE = "close"  # 照会を終了
    REOPEN = "reopen"  # 照会を再開
    SUBMIT = "submit"  # 回答を提出
    WITHDRAW = "withdraw"  # 回答を取り下げ
    APPROVE = "approve"  # 回答を承認
    RETURN = "return"  # 回答を差戻し
    ACCEPT = "accept"  # 回答を受理
    RESUME = "resume"  # 未回答に戻す


SUBMITTED = frozenset({AnswerState.ANSWERED, AnswerState.APPROVED, AnswerState.ACCEPTED})
"""States in which what was answered stands still: to change it, the answer is taken or sent back first."""

ANSWER_STEPS: Mapping[InquiryAction, Mapping[AnswerState, AnswerState]] = {
    InquiryAction.SUBMIT: {
        AnswerState.WAITING: AnswerState.ANSWERED,
        AnswerState.RETURNED: AnswerState.ANSWERED,
    },
    InquiryAction.WITHDRAW: {AnswerState.ANSWERED: AnswerState.WAITING},
    InquiryAction.APPROVE: {AnswerState.ANSWERED: AnswerState.APPROVED},
    InquiryAction.ACCEPT: {AnswerState.APPROVED: AnswerState.ACCEPTED},
    InquiryAction.RETURN: dict.fromkeys(SUBMITTED, AnswerState.RETURNED),
    InquiryAction.RESUME: {
        AnswerState.ANSWERED: AnswerState.WAITING,
        AnswerState.APPROVED: AnswerState.WAITING,
    },
}
"""For each step: from which states, and to which."""

INQUIRY_STEPS: Mapping[InquiryAction, Mapping[InquiryState, InquiryState]] = {
    InquiryAction.DISPATCH: {InquiryState.DRAFT: InquiryState.OPEN},
    InquiryAction.EDIT: {InquiryState.DRAFT: InquiryState.DRAFT, InquiryState.OPEN: InquiryState.OPEN},
    InquiryAction.CLOSE: {InquiryState.OPEN: InquiryState.CLOSED},
    InquiryAction.REOPEN: {InquiryState.CLOSED: InquiryState.OPEN},
}


class Arrival(StrEnum):
    """What has brought candidates to a division that had handed its answer in."""

    AMENDMENT = "amendment"  # 例規の改正
    SCAN = "scan"  # 再スキャン
    MARK = "mark"  # 検出もれの記録
    CATALOG = "catalog"  # 目録の取込
    OWNER = "owner"  # 所管課の割当て
    ORGANISATION = "organisation"  # 組織の変更
    HANDOVER = "handover"  # 所管外の申出
    SETTLEMENT = "settlement"  # 所管の決定
    TAKEN_BACK = "taken_back"  # 所管外の取消し
    REOPENING = "reopening"  # 照会の再開


NEEDS_REASON = frozenset({InquiryAction.RETURN, InquiryAction.REOPEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Respondent:
    """The division whose answer it is; `submitted_by` is the account that handed it in, if any."""

    division_id: int
    bureau: str
    submitted_by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryScope:
    """What an inquiry asks about; an empty set is no limit."""

    kinds: frozenset[Kind] = frozenset()
    categories: frozenset[str] = frozenset()

    def covers(self, *, kind: Kind, category: str) -> bool:
        return (not self.kinds or kind in self.kinds) and (not self.categories or category in self.categories)


def is_late(state: AnswerState, *, due_date: dt.date, today: dt.date) -> bool:
    """Whether the division owes its answer past the due date, which itself still counts as in time."""
    return today > due_date and state not in {AnswerState.APPROVED, AnswerState.ACCEPTED}


def may_manage_inquiries(actor: Actor) -> bool:
    """Open, dispatch, change, close and reopen inquiries."""
    return actor.role is Role.COORDINATOR


def may_see_inquiries(actor: Actor) -> bool:
    """See all inquiries with every division's answer (照会の管理)."""
    return actor.role in {Role.COORDINATOR, Role.AUDITOR}


def may_see_answer(actor: Actor, respondent: Respondent) -> bool:
    """See one division's answer, its figures and its history."""
    if may_see_inquiries(actor):
        return True
    if actor.role is Role.BUREAU_MANAGER:
        return actor.bureau == respondent.bureau
    return _is_of_division(actor, respondent)


def may_submit(actor: Actor, respondent: Respondent) -> bool:
    """Hand the division's answer in (回答の提出)."""
    return _is_of_division(actor, respondent)


def may_withdraw(actor: Actor, respondent: Respondent) -> bool:
    """Take an answer back that nobody has approved yet."""
    return _is_of_division(actor, respondent)


def may_approve(actor: Actor, respondent: Respondent) -> bool:
    """Approve as head of the division; never one's own answer."""
    return (
        actor.role is Role.APPROVER
        and _is_of_division(actor, respondent)
        and actor.account_id != respondent.submitted_by
    )


def may_return(actor: Actor, respondent: Respondent, *, state: AnswerState) -> bool:
    """Send an answer back (差戻し): the head before approving it, then the bureau's manager and the coordinator."""
    match actor.role:
        case Role.APPROVER:
            return state is AnswerState.ANSWERED and may_approve(actor, respondent)
        case Role.BUREAU_MANAGER:
            return state in {AnswerState.ANSWERED, AnswerState.APPROVED} and actor.bureau == respondent.bureau
        case Role.COORDINATOR:
            return state in {AnswerState.APPROVED, AnswerState.ACCEPTED}
    return False


def may_accept(actor: Actor) -> bool:
    """Accept an approved answer (受理)."""
    return actor.role is Role.COORDINATOR


def _is_of_division(actor: Actor, respondent: Respondent) -> bool:
    return actor.role in {Role.REVIEWER, Role.APPROVER} and actor.division_id == respondent.division_id
