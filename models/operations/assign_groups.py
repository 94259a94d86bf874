"""Give provisions in force the key of their group (`regulations.similarity`)."""

from __future__ import annotations

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from models.base import Base
from models.legislation import Instrument, ProvisionVersion, Revision
from regulations.similarity import KEY_VERSION, group_key


def assign_groups(session: Session, *, limit: int = 2_000) -> int:
    """Key up to `limit` provisions that have none, or one of an earlier way of masking; returns how many.

    Call it until it returns 0. Nothing else is changed, and a second run finds nothing to do.
    """
    table = Base.metadata.tables[ProvisionVersion.__tablename__]
    rows = session.execute(
        select(ProvisionVersion.id, ProvisionVersion.text, Instrument.title, Instrument.issuing_body)
        .join(Revision, Revision.id == ProvisionVersion.revision_id)
        .join(Instrument, Instrument.id == Revision.instrument_id)
        .where(
            Revision.is_current,
            or_(ProvisionVersion.group_key.is_(None), ~ProvisionVersion.group_key.startswith(f"{KEY_VERSION}:")),
        )
        .order_by(ProvisionVersion.id)
        .limit(limit)
    ).all()
    if rows:
        session.connection().execute(
            update(table).where(table.c.id == bindparam("version_id")).values(group_key=bindparam("key")),
            [
                {"version_id": version_id, "key": group_key(text, title=title, issuing_body=body)}
                for version_id, text, title, body in rows
            ],
        )
    return len(rows)
