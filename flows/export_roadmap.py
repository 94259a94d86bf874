"""Export: the roadmap (見直し工程表) as a workbook or CSV. A second's work, so a function and no flow."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from models.exports import roadmap_csv, roadmap_workbook
from models.operations.audit import record
from models.queries import roadmap_rows
from regulations.review import Actor, Role

TITLE = "アナログ規制 見直し工程表"
JAPAN = ZoneInfo("Asia/Tokyo")

# Whoever may run commands on the server can read the whole database: the command sees what the coordinator sees.
COMMAND_LINE = Actor(account_id=0, display_name="minaoshi", role=Role.COORDINATOR)


def default_name(suffix: str, *, now: dt.datetime) -> str:
    """File name with the time in Japan, so that exports sort by age: 見直し工程表_20261121-093000.xlsx."""
    return f"見直し工程表_{now.astimezone(JAPAN):%Y%m%d-%H%M%S}.{suffix}"


def write_roadmap(
    session: Session, *, target: Path, format: str, division_id: int | None = None, now: dt.datetime
) -> int:
    """Write the roadmap of one division, or of all, to `target` as "xlsx" or "csv"; returns its number of rows.

    The file appears whole or not at all. One line goes to the audit log.
    """
    rows = roadmap_rows(session, actor=COMMAND_LINE, division_id=division_id)
    data = roadmap_csv(rows) if format == "csv" else roadmap_workbook(rows, title=TITLE, made_at=now.astimezone(JAPAN))
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.part")
    unfinished.write_bytes(data)
    unfinished.replace(target)
    record(
        session,
        actor_id=None,
        action="export_roadmap",
        target_type="division",
        target_id=division_id or "",
        detail={"format": format, "rows": len(rows)},
        now=now,
    )
    return len(rows)
