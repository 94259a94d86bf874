"""Whether the audit log still is what was sealed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.operations.seal_audit_log import chained
from models.review import AuditEntry, AuditSeal
from regulations.review import Actor, NotPermittedError, may_see_audit_log


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCheck:
    """What a check of the log found.

    `sealed` entries stand under a seal, the last put on at `sealed_at` with `digest`; `unsealed` wait for the next.
    Where something does not agree, it lies between `broken_from` and `broken_to`: when the seal before and the one
    that is broken were put on.
    """

    sealed: int
    unsealed: int
    sealed_at: dt.datetime | None
    digest: str
    is_broken: bool
    broken_from: dt.datetime | None = None
    broken_to: dt.datetime | None = None


def audit_check(session: Session, *, actor: Actor) -> AuditCheck:
    """`seals_check` for a person. Raises NotPermittedError."""
    if not may_see_audit_log(actor):
        raise NotPermittedError(actor, "audit_check")
    return seals_check(session)


def seals_check(session: Session) -> AuditCheck:
    """Hold every entry against its seal, up to the first that is broken."""
    seals = session.scalars(select(AuditSeal).order_by(AuditSeal.id)).all()
    last = seals[-1] if seals else None
    unsealed = session.scalar(
        select(func.count(AuditEntry.id)).where(AuditEntry.id > (last.last_entry_id if last else 0))
    )
    broken = before = None
    for number, seal in enumerate(seals, 1):
        found = chained(session, before, last_entry_id=seal.last_entry_id)
        if seal.id != number or found != (seal.digest, seal.entries):
            broken = seal
            break
        before = seal
    return AuditCheck(
        sealed=sum(seal.entries for seal in seals),
        unsealed=unsealed or 0,
        sealed_at=last.sealed_at if last else None,
        digest=last.digest if last else "",
        is_broken=broken is not None,
        broken_from=before.sealed_at if broken and before else None,
        broken_to=broken.sealed_at if broken else None,
    )
