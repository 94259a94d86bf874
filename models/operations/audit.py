"""The audit log: one line a transition, written in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

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
    session.add(
        AuditEntry(
            at=now,
            account_id=actor_id,
            action=action,
            target_type=target_type,
            target_id=str(target_id),
            detail=dict(detail or {}),
        )
    )
    session.flush()
