"""Seal the audit log: a chain of digests, in which no entry can be changed, removed or put in unnoticed.

Entries are chained when they are sealed, not when they are written, so that people who work at once never
wait for each other's line.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.review import AuditEntry, AuditSeal

SETTLED_AFTER = dt.timedelta(minutes=10)
"""Younger entries wait for the next seal: a transaction that is still open may yet add one among them."""


def seal_audit_log(session: Session, *, now: dt.datetime) -> int:
    """Put a seal on what has been written since the last one; returns the number of entries, 0 for no seal."""
    before = session.scalar(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))
    first_unsettled = session.scalar(select(func.min(AuditEntry.id)).where(AuditEntry.at > now - SETTLED_AFTER))
    settled = select(func.max(AuditEntry.id))
    if first_unsettled is not None:
        settled = settled.where(AuditEntry.id < first_unsettled)
    last = session.scalar(settled)
    if last is None or (before is not None and last <= before.last_entry_id):
        return 0
    digest, entries = chained(session, before, last_entry_id=last)
    session.add(
        AuditSeal(id=before.id + 1 if before else 1, sealed_at=now, last_entry_id=last, entries=entries, digest=digest)
    )
    session.flush()
    return entries


def chained(session: Session, before: AuditSeal | None, *, last_entry_id: int) -> tuple[str, int]:
    """The digest over the seal before and the entries after it, as they stand now, and how many these are."""
    digest = hashlib.sha256((before.digest if before else "").encode())
    count = 0
    for line in _lines(session, after=before.last_entry_id if before else 0, last=last_entry_id):
        digest.update(line)
        count += 1
    return digest.hexdigest(), count


def _lines(session: Session, *, after: int, last: int) -> Iterator[bytes]:
    """Each entry in one form, whatever database it comes from."""
    rows = session.execute(
        select(
            AuditEntry.id,
            AuditEntry.at,
            AuditEntry.account_id,
            AuditEntry.action,
            AuditEntry.target_type,
            AuditEntry.target_id,
            AuditEntry.detail,
        )
        .where(AuditEntry.id > after, AuditEntry.id <= last)
        .order_by(AuditEntry.id)
        .execution_options(yield_per=1000)
    )
    for entry_id, at, *values in rows:
        told = [entry_id, at.isoformat(timespec="microseconds"), *values]
        yield json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
