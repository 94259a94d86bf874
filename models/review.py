"""What the machine proposed and what people decided: different rows, and neither overwrites the other."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, and_, case, or_
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.accounts import Account
from models.base import Base, Json, UtcDateTime, text_enum
from models.legislation import Provision
from models.organisation import Division
from regulations.review import Applicability, HandoverState, NonApplicableReason, ReviewStatus, derive_status
from regulations.roadmap import DelayReason, ReviewPolicy, RoadmapProgress
from regulations.taxonomy import LegalBasis


class ScanRun(Base):
    """One run of detection, with the pipeline that made it."""

    __tablename__ = "scan_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    pipeline_version: Mapped[str]
    started_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    provisions: Mapped[int] = mapped_column(default=0)
    candidates: Mapped[int] = mapped_column(default=0)


class Candidate(Base):
    """A clause that the pipeline, or a person, takes for an analog regulation. Never changed once written.

    `evidence` is a list of {"start", "end", "text"}: half-open character spans of the text whose
    hash is `text_hash`. `scan_run_id` is None and `probability` 1 for one added by hand.
    """

    __tablename__ = "candidates"
    __table_args__ = (UniqueConstraint("review_item_id", "text_hash", "pipeline_version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id"))
    scan_run_id: Mapped[int | None] = mapped_column(ForeignKey("scan_runs.id"), index=True)
    text_hash: Mapped[str] = mapped_column(String(64))
    pipeline_version: Mapped[str]
    category: Mapped[str] = mapped_column(String(32))
    regulation_type: Mapped[int]
    phase: Mapped[int]
    basis: Mapped[LegalBasis] = mapped_column(text_enum(LegalBasis))
    probability: Mapped[float]
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    reason: Mapped[str] = mapped_column(Text)
    rule_ids: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Decision(Base):
    """該非判断 of one person on one text. Earlier ones stay; the item points at the latest."""

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    text_hash: Mapped[str | None] = mapped_column(String(64))
    """Hash of the text decided on; None where the provision was gone."""
    applicability: Mapped[Applicability] = mapped_column(text_enum(Applicability))
    reason_code: Mapped[NonApplicableReason | None] = mapped_column(text_enum(NonApplicableReason))
    category: Mapped[str] = mapped_column(String(32))
    regulation_type: Mapped[int]
    phase: Mapped[int]
    basis: Mapped[LegalBasis] = mapped_column(text_enum(LegalBasis))
    note: Mapped[str] = mapped_column(Text, default="")
    group_decision_id: Mapped[int | None] = mapped_column(ForeignKey("group_decisions.id"), index=True)
    """The step that answered several items at once, where this answer was part of one."""

    account: Mapped[Account] = relationship()
    group_decision: Mapped[GroupDecision | None] = relationship()


class GroupDecision(Base):
    """One answer given to several candidates in one step, so that it can be taken back in one.

    The answer may also be 所管外: then the step has handovers and no decisions. Either stay when it is undone
    (`undone_at`); the items then stand where they stood before.
    """

    __tablename__ = "group_decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_key: Mapped[str] = mapped_column(String(40))
    category: Mapped[str] = mapped_column(String(32))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    decided_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    undone_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class ReviewItem(Base):
    """One provision in one category: where the machine's candidates and a division's decisions meet.

    The two `*_text_hash` columns and `applicability` repeat what the latest decision and the
    revision in force say, written by the operations that change them; `status` is computed from
    them alone. `division_id` is the division that answers: the one it was handed to (`handed_to_id`),
    else the instrument's lead (`models.operations.ownership` writes it).
    `row_version` guards against two people answering at once.
    """

    __tablename__ = "review_items"
    __table_args__ = (
        UniqueConstraint("provision_id", "category"),
        Index("ix_review_items_status", "applicability", "current_text_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    provision_id: Mapped[int] = mapped_column(ForeignKey("provisions.id"))
    category: Mapped[str] = mapped_column(String(32), index=True)
    division_id: Mapped[int | None] = mapped_column(ForeignKey("divisions.id"), index=True)
    handed_to_id: Mapped[int | None] = mapped_column(ForeignKey("divisions.id"), index=True)
    is_manual: Mapped[bool] = mapped_column(default=False)
    is_detected: Mapped[bool] = mapped_column(default=True)
    current_candidate_id: Mapped[int | None] = mapped_column(
        ForeignKey("candidates.id", use_alter=True, name="fk_review_items_current_candidate_id_candidates")
    )
    current_decision_id: Mapped[int | None] = mapped_column(
        ForeignKey("decisions.id", use_alter=True, name="fk_review_items_current_decision_id_decisions"), index=True
    )
    applicability: Mapped[Applicability | None] = mapped_column(text_enum(Applicability))
    decided_text_hash: Mapped[str | None] = mapped_column(String(64))
    current_text_hash: Mapped[str | None] = mapped_column(String(64))
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}

    provision: Mapped[Provision] = relationship()
    current_candidate: Mapped[Candidate | None] = relationship(foreign_keys=[current_candidate_id])
    current_decision: Mapped[Decision | None] = relationship(foreign_keys=[current_decision_id])

    @hybrid_property
    def status(self) -> ReviewStatus:
        return derive_status(
            applicability=self.applicability,
            decided_text_hash=self.decided_text_hash,
            current_text_hash=self.current_text_hash,
            is_detected=self.is_detected,
        )

    @status.inplace.expression
    @classmethod
    def _status_in_sql(cls) -> ColumnElement[str]:
        """`derive_status` in SQL; a test holds the two together over every combination."""
        gone = cls.current_text_hash.is_(None)
        changed = or_(cls.decided_text_hash.is_(None), cls.decided_text_hash != cls.current_text_hash)
        applicable = cls.applicability == Applicability.APPLICABLE
        return case(
            (
                cls.applicability.is_(None),
                case((and_(cls.is_detected, ~gone), ReviewStatus.PENDING.value), else_=ReviewStatus.WITHDRAWN.value),
            ),
            (gone, case((applicable, ReviewStatus.RECHECK.value), else_=ReviewStatus.WITHDRAWN.value)),
            (
                and_(changed, cls.applicability == Applicability.NOT_APPLICABLE, ~cls.is_detected),
                ReviewStatus.WITHDRAWN.value,
            ),
            (changed, ReviewStatus.RECHECK.value),
            (applicable, ReviewStatus.APPLICABLE.value),
            (cls.applicability == Applicability.NOT_APPLICABLE, ReviewStatus.NOT_APPLICABLE.value),
            else_=ReviewStatus.UNDECIDED.value,
        )


class Handover(Base):
    """A request 所管外: a division says that a candidate is another's, with its reason.

    The candidate moves to `to_division_id` at once, so that it never lies between two divisions;
    where that is None the division does not know whose it is, and the coordinator decides.
    """

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id"), index=True)
    from_division_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"))
    to_division_id: Mapped[int | None] = mapped_column(ForeignKey("divisions.id"))
    reason: Mapped[str] = mapped_column(Text)
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    requested_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    state: Mapped[HandoverState] = mapped_column(text_enum(HandoverState), index=True)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    settled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    settled_note: Mapped[str] = mapped_column(Text, default="")
    group_decision_id: Mapped[int | None] = mapped_column(ForeignKey("group_decisions.id"), index=True)
    """The step that handed several candidates over at once, where this was part of one."""

    review_item: Mapped[ReviewItem] = relationship()
    from_division: Mapped[Division] = relationship(foreign_keys=[from_division_id])
    to_division: Mapped[Division | None] = relationship(foreign_keys=[to_division_id])
    requested_by: Mapped[Account] = relationship(foreign_keys=[requested_by_id])


class Message(Base):
    """One message in the thread of a candidate: the division asks, the coordinator answers."""

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    is_answer: Mapped[bool]
    """Whether it is the coordinator's."""
    text: Mapped[str] = mapped_column(Text)

    account: Mapped[Account] = relationship()


class ReadingDeclaration(Base):
    """A division has read an instrument and declares that it holds no further regulation.

    It holds for the revision that was read; one that was taken back has `withdrawn_at`.
    """

    __tablename__ = "reading_declarations"
    __table_args__ = (Index("ix_reading_declarations_instrument", "instrument_id", "revision_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instruments.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    division_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    declared_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()


class RoadmapItem(Base):
    """What a division plans for one regulation it found applicable: one row of the 見直し工程表."""

    __tablename__ = "roadmap_items"

    review_item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id"), primary_key=True)
    policy: Mapped[ReviewPolicy | None] = mapped_column(text_enum(ReviewPolicy))
    target_phase: Mapped[int | None]
    original_year: Mapped[int | None]
    revised_year: Mapped[int | None]
    delay_reason: Mapped[DelayReason | None] = mapped_column(text_enum(DelayReason))
    progress: Mapped[RoadmapProgress] = mapped_column(text_enum(RoadmapProgress))
    note: Mapped[str] = mapped_column(Text, default="")
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}

    review_item: Mapped[ReviewItem] = relationship()


class AuditEntry(Base):
    """One line of the audit log, written by the operation it tells of. Appended to, never changed."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_target", "target_type", "target_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    action: Mapped[str] = mapped_column(String(64))
    target_type: Mapped[str] = mapped_column(String(32))
    target_id: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(Json)


class AuditSeal(Base):
    """The audit log up to `last_entry_id` as it stood: `digest` is over the seal before and `entries` since.

    Ids count from 1 without a gap, so that of two seals made at once one fails.
    """

    __tablename__ = "audit_seals"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_entry_id: Mapped[int]
    entries: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
