"""The review of a candidate: what can be answered, by whom, and where it stands.

Each permission predicate (`may_*`) stands here once; operations call it before they write and
screens call it to decide what to offer. Everything not granted is denied.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Applicability(StrEnum):
    """該非判断."""

    APPLICABLE = "applicable"  # 該当
    NOT_APPLICABLE = "not_applicable"  # 非該当
    UNDECIDED = "undecided"  # 保留


class NonApplicableReason(StrEnum):
    """Why a candidate is no analog regulation; OTHER needs a text."""

    PENALTY = "penalty"  # 罰則
    MUTATIS_MUTANDIS = "mutatis_mutandis"  # 準用・読替
    DEFINITION = "definition"  # 定義
    ORGANISATION = "organisation"  # 組織・所掌
    PROHIBITION = "prohibition"  # 禁止
    EXEMPTION = "exemption"  # 適用除外
    OTHER_MEANING = "other_meaning"  # 別義
    MERE_APPOINTMENT = "mere_appointment"  # 必置のみ
    ALREADY_REPEALED = "already_repealed"  # 既に廃止
    OTHER = "other"  # その他


class ReviewStatus(StrEnum):
    """Where a review item stands. Derived by `derive_status`, never typed by anyone."""

    PENDING = "pending"  # 未確認
    RECHECK = "recheck"  # 再確認
    APPLICABLE = "applicable"  # 該当
    NOT_APPLICABLE = "not_applicable"  # 非該当
    UNDECIDED = "undecided"  # 保留
    WITHDRAWN = "withdrawn"  # 対象外: neither the text nor a decision calls for one any more


OPEN_STATUSES = frozenset({ReviewStatus.PENDING, ReviewStatus.RECHECK, ReviewStatus.UNDECIDED})
"""What still waits for an answer of the division."""


def derive_status(
    *,
    applicability: Applicability | None,
    decided_text_hash: str | None,
    current_text_hash: str | None,
    is_detected: bool = True,
) -> ReviewStatus:
    """Status of a review item from its latest decision and the text in force.

    `current_text_hash` is None where the provision is gone from the current revision. `is_detected`
    says whether the pipeline in force, or a person, still holds the text in force for a regulation.
    """
    if applicability is None:
        return ReviewStatus.PENDING if is_detected and current_text_hash else ReviewStatus.WITHDRAWN
    if current_text_hash is None:
        # Only 該当 leaves something to tidy up (the roadmap's entry); the rest went with the text.
        return ReviewStatus.RECHECK if applicability is Applicability.APPLICABLE else ReviewStatus.WITHDRAWN
    if decided_text_hash != current_text_hash:
        # A clause refused before and no longer detected would only be read again to be refused again.
        refused = applicability is Applicability.NOT_APPLICABLE and not is_detected
        return ReviewStatus.WITHDRAWN if refused else ReviewStatus.RECHECK
    return ReviewStatus(applicability.value)


class HandoverState(StrEnum):
    """What became of a request 所管外."""

    OPEN = "open"  # 受け取り待ち
    RECEIVED = "received"  # 受け取り済み
    SENT_ON = "sent_on"  # さらに所管外
    SETTLED = "settled"  # 推進部門が決定
    TAKEN_BACK = "taken_back"  # 取消し


class Role(StrEnum):
    """役割."""

    REVIEWER = "reviewer"  # 担当者
    APPROVER = "approver"  # 承認者（課長）
    BUREAU_MANAGER = "bureau_manager"  # 部局長等
    COORDINATOR = "coordinator"  # 推進部門（行政経営課）
    ADMINISTRATOR = "administrator"  # システム管理者
    AUDITOR = "auditor"  # 監査


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: an account as the permission predicates see it."""

    account_id: int
    display_name: str
    role: Role
    division_id: int | None = None
    bureau: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The division that answers for an instrument or a candidate (所管課). Both None: no owner is known yet.

    `joint` are the divisions that own it together with the lead and may answer as well; `readers`
    those that only see it: the lead of an instrument of which this candidate was handed to another.
    `reader_bureaus` are the bureaus of both.
    """

    division_id: int | None = None
    bureau: str | None = None
    joint: frozenset[int] = frozenset()
    readers: frozenset[int] = frozenset()
    reader_bureaus: frozenset[str] = frozenset()

    def handed_to(self, *, division_id: int, bureau: str) -> Owner:
        """The owner of a candidate that was handed on: who had it before now only sees it."""
        readers = self.joint | ({self.division_id} if self.division_id is not None else frozenset())
        bureaus = self.reader_bureaus | ({self.bureau} if self.bureau is not None else frozenset())
        return Owner(division_id=division_id, bureau=bureau, readers=readers, reader_bureaus=bureaus)


class NotPermittedError(PermissionError):
    """The actor may not do this. Carries who, what and on whose instrument, for the log."""

    def __init__(self, actor: Actor, action: str, owner: Owner | None = None) -> None:
        super().__init__(f"{actor.role} {actor.account_id} may not {action}")
        self.actor, self.action, self.owner = actor, action, owner


def may_view(actor: Actor, owner: Owner) -> bool:
    """See an instrument's candidates and decisions (機密性2)."""
    match actor.role:
        case Role.COORDINATOR | Role.AUDITOR:
            return True
        case Role.BUREAU_MANAGER:
            return actor.bureau is not None and actor.bureau in {owner.bureau, *owner.reader_bureaus}
        case Role.REVIEWER | Role.APPROVER:
            return _answers_for(actor, owner) or actor.division_id in owner.readers
    return False


def may_decide(actor: Actor, owner: Owner) -> bool:
    """Answer 該当 / 非該当 / 保留, add a missed regulation, or edit a roadmap row."""
    return actor.role in {Role.REVIEWER, Role.APPROVER} and _answers_for(actor, owner)


def _answers_for(actor: Actor, owner: Owner) -> bool:
    return actor.division_id is not None and actor.division_id in {owner.division_id, *owner.joint}


def may_hand_over(actor: Actor, owner: Owner) -> bool:
    """Say that a candidate is another division's (所管外), and whose."""
    return may_decide(actor, owner)


def may_settle_handover(actor: Actor) -> bool:
    """Decide for good which division answers for a candidate."""
    return actor.role is Role.COORDINATOR


def may_ask(actor: Actor, owner: Owner) -> bool:
    """Write in the thread of a candidate: the division asks, the coordinator answers."""
    return actor.role is Role.COORDINATOR or may_decide(actor, owner)


def may_declare_complete(actor: Actor, owner: Owner) -> bool:
    """Declare that an instrument holds no further regulation, having read it; or take that back."""
    return may_decide(actor, owner)


def may_see_all_progress(actor: Actor) -> bool:
    """See the progress of all divisions (進捗)."""
    return actor.role in {Role.COORDINATOR, Role.AUDITOR}


def may_assign_owner(actor: Actor) -> bool:
    """Say which division answers for an instrument."""
    return actor.role is Role.COORDINATOR


def may_import(actor: Actor) -> bool:
    """See and run imports of ordinances and catalogues (取込状況)."""
    return actor.role in {Role.COORDINATOR, Role.ADMINISTRATOR}


def may_manage_accounts(actor: Actor) -> bool:
    """Create accounts and issue one-time passwords (管理)."""
    return actor.role is Role.ADMINISTRATOR


def may_see_audit_log(actor: Actor) -> bool:
    """See and export the log of every operation (履歴)."""
    return actor.role in {Role.COORDINATOR, Role.ADMINISTRATOR, Role.AUDITOR}


def may_propose_model(actor: Actor) -> bool:
    """Have detection learn anew, and put the result forward."""
    return actor.role in {Role.COORDINATOR, Role.ADMINISTRATOR}


def may_approve_model(actor: Actor, *, proposed_by: int) -> bool:
    """Put into service what somebody else proposed; `proposed_by` is that person's account."""
    return may_propose_model(actor) and actor.account_id != proposed_by


def may_roll_back_model(actor: Actor) -> bool:
    """Put the model of before back into service: two people have seen it already, and it may be urgent."""
    return may_propose_model(actor)


def may_draw_sample(actor: Actor) -> bool:
    """Draw provisions that detection left out, for reading (抜取り確認)."""
    return actor.role is Role.COORDINATOR


def may_read_sample(actor: Actor, owner: Owner) -> bool:
    """Say of a drawn provision whether it holds a regulation: the coordinator, or who may decide on it."""
    return actor.role is Role.COORDINATOR or may_decide(actor, owner)
