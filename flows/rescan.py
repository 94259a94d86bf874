"""Re-scan: what lies in the drop folder is read, and what is new or changed is scanned."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass

from prefect import flow

from flows.database import sessions
from flows.ingest import IngestSummary, ingest
from flows.scan import ScanSummary, scan
from flows.settings import load_settings
from models.database import session_scope
from models.operations.apply_organisation_changes import apply_organisation_changes
from models.operations.seal_audit_log import seal_audit_log


@dataclass(frozen=True, slots=True, kw_only=True)
class RescanSummary:
    ingest: IngestSummary
    scan: ScanSummary


@flow(name="rescan")
def rescan() -> RescanSummary:
    """Ingest the drop folder, then scan.

    Files stay where they are: an unchanged one costs its reading and changes nothing. Decisions on
    unchanged text stand; provisions whose text changed come back as 再確認. Since this runs every night, first what
    divisions had that have ended goes to their successors, whatever becomes of the files, and last the audit log
    is sealed, also where a step before that fails.
    """
    settings = load_settings(os.environ)
    settings.make_folders()
    try:
        with session_scope(sessions()) as session:
            apply_organisation_changes(session, now=dt.datetime.now(dt.UTC))
        return RescanSummary(ingest=ingest([str(settings.inbox)]), scan=scan())
    finally:
        with session_scope(sessions()) as session:
            seal_audit_log(session, now=dt.datetime.now(dt.UTC))
