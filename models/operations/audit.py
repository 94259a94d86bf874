"""The audit log: one line a transition, written in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models.review import AuditEntry


def record(
    session: Session,
    *,
    actor_id: int | None,
    action: str,
    target_type: str,
    target_id: int | str,
    detail: Mapping[str, Any] | None = None,
    now: dt.datetime,
) -> None:
    """Append one line. `detail` must be JSON: enumerations by value, dates in ISO 8601, and no secrets."""
    record_each(
        session, actor_id=actor_id, action=action, target_type=target_type, details={target_id: detail or {}}, now=now
    )


def record_each(
    session: Session,
    *,
    actor_id: int | None,
    action: str,
    target_type: str,
    details: Mapping[Any, Mapping[str, Any]],
    now: dt.datetime,
) -> None:
    """Append one line for each target, in one statement; `details` is by the target's id, each as in `record`."""
    session.flush()
    if not details:
        return
    told = {"at": now, "account_id": actor_id, "action": action, "target_type": target_type}
    rows = [{**told, "target_id": str(target_id), "detail": dict(detail)} for target_id, detail in details.items()]
    session.execute(insert(AuditEntry), rows)
