"""What was read: instruments, their revisions, and provisions whose identity outlives renumbering."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Json, UtcDateTime, text_enum
from models.organisation import Division
from regulations.citations import Section
from regulations.structure import Kind


class Instrument(Base):
    """One 条例, 規則, 告示, 訓令, 規程, 要綱 or national law, over all its revisions.

    `natural_key` is made of title and number (`models.operations.register_revision.natural_key`), so
    that the same file read twice is the same instrument. `number_key` is what stays when the title changes
    (`key_of_number` there): kind, issuing body, number and year, empty where one of them is not known.
    `former_titles`, one a line and the oldest first, are what it was called before (題名改正).
    """

    __tablename__ = "instruments"

    id: Mapped[int] = mapped_column(primary_key=True)
    natural_key: Mapped[str] = mapped_column(unique=True)
    number_key: Mapped[str] = mapped_column(default="", index=True)
    title: Mapped[str] = mapped_column(index=True)
    former_titles: Mapped[str] = mapped_column(Text, default="")
    law_number: Mapped[str]
    kind: Mapped[Kind] = mapped_column(text_enum(Kind), index=True)
    issuing_body: Mapped[str] = mapped_column(default="")
    promulgation_date: Mapped[dt.date | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("divisions.id"), index=True)
    owner_as_stated: Mapped[str] = mapped_column(default="")
    """The catalogue's 所管課 as written, kept where it matches no division."""

    owner: Mapped[Division | None] = relationship()
    joint_owners: Mapped[list[InstrumentOwner]] = relationship(
        primaryjoin=(
            "and_(InstrumentOwner.instrument_id == Instrument.id, InstrumentOwner.valid_to.is_(None), "
            "InstrumentOwner.is_lead.is_(False))"
        ),
        order_by="InstrumentOwner.division_id",
        viewonly=True,
    )
    """Of today, beside the lead."""


class InstrumentOwner(Base):
    """A division that owns an instrument, as lead or jointly, from `valid_from` to `valid_to` (exclusive).

    Rows are ended, never removed, so that the owners of any day can be told. `Instrument.owner_id`
    repeats the lead of today; `models.operations.ownership` writes both.
    """

    __tablename__ = "instrument_owners"
    __table_args__ = (Index("ix_instrument_owners_division", "division_id", "valid_to"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instruments.id"), index=True)
    division_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"))
    is_lead: Mapped[bool]
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]

    division: Mapped[Division] = relationship()


class Revision(Base):
    """One version of an instrument's text, as one file held it. The latest is in force."""

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("instrument_id", "sequence"),
        Index("ix_revisions_current", "instrument_id", "is_current"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instruments.id"))
    sequence: Mapped[int]
    is_current: Mapped[bool]
    source_name: Mapped[str]
    source_format: Mapped[str] = mapped_column(String(32))
    source_hash: Mapped[str] = mapped_column(String(64), index=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    enforcement_date: Mapped[dt.date | None]
    ingested_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    diagnostics: Mapped[list[dict[str, Any]]] = mapped_column(Json)

    instrument: Mapped[Instrument] = relationship()


class Provision(Base):
    """A provision's identity: what candidates and decisions hang on, through every renumbering.

    `current_text_hash` repeats the hash of its text in the revision in force (None where the
    provision is gone), so that the status of a review item is one row's arithmetic in SQL.
    `latest_version_id` is the last text it had, in force or not: what lists and exports show.
    """

    __tablename__ = "provisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instruments.id"), index=True)
    current_text_hash: Mapped[str | None] = mapped_column(String(64))
    latest_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("provision_versions.id", use_alter=True, name="fk_provisions_latest_version_id_provision_versions"),
        index=True,
    )

    instrument: Mapped[Instrument] = relationship()
    latest_version: Mapped[ProvisionVersion | None] = relationship(foreign_keys=[latest_version_id])


class ProvisionVersion(Base):
    """A provision as one revision holds it: address, caption and text.

    `position` is its place in document order; `label` names the 附則, 別表 or 表
    (`ProvisionRef.label`). `scanned_by` is the pipeline version that has looked at it; None asks
    for a scan. `group_key` is shared with the provisions, of other instruments too, that say the same
    in other names and numbers (`regulations.similarity`); the scan fills it in.
    """

    __tablename__ = "provision_versions"
    __table_args__ = (
        UniqueConstraint("revision_id", "position"),
        Index("ix_provision_versions_text", "provision_id", "text_hash"),
        Index("ix_provision_versions_group_key", "group_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    provision_id: Mapped[int] = mapped_column(ForeignKey("provisions.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    position: Mapped[int]
    section: Mapped[Section] = mapped_column(text_enum(Section))
    label: Mapped[str]
    article: Mapped[str]
    paragraph: Mapped[str]
    address: Mapped[str]
    caption: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    text_hash: Mapped[str] = mapped_column(String(64))
    scanned_by: Mapped[str | None]
    group_key: Mapped[str | None] = mapped_column(String(40))

    provision: Mapped[Provision] = relationship(foreign_keys=[provision_id])
    revision: Mapped[Revision] = relationship()


class IngestRun(Base):
    """One run of ingest over files or the drop folder."""

    __tablename__ = "ingest_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    source: Mapped[str]


class IngestedFile(Base):
    """What became of one file in one run. A quarantined one names its reason in Japanese."""

    __tablename__ = "ingested_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("ingest_runs.id"), index=True)
    name: Mapped[str]
    source_hash: Mapped[str] = mapped_column(String(64), index=True)
    outcome: Mapped[str] = mapped_column(String(16))
    reason_code: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))

    run: Mapped[IngestRun] = relationship()
    revision: Mapped[Revision | None] = relationship()
