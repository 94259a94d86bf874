"""Re-scan: what lies in the drop folder is read, and what is new or changed is scanned."""

from __future__ import annotations

import os
from dataclasses import dataclass

from prefect import flow

from flows.ingest import IngestSummary, ingest
from flows.scan import ScanSummary, scan
from flows.settings import load_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class RescanSummary:
    ingest: IngestSummary
    scan: ScanSummary


@flow(name="rescan")
def rescan() -> RescanSummary:
    """Ingest the drop folder, then scan.

    Files stay where they are: an unchanged one costs its reading and changes nothing. Decisions on
    unchanged text stand; provisions whose text changed come back as 再確認.
    """
    settings = load_settings(os.environ)
    settings.make_folders()
    return RescanSummary(ingest=ingest([str(settings.inbox)]), scan=scan())
