"""What detection learns and remembers: approved models, findings to reuse, and samples of what it left out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.accounts import Account
from models.base import Base, Json, UtcDateTime, text_enum
from models.legislation import ProvisionVersion
from regulations.learning import ElusionAnswer, ModelState

__all__ = ["DetectionModel", "ElusionAnswer", "ElusionRow", "ElusionSample", "KnownFinding", "ModelState"]


class DetectionModel(Base):
    """One trained model. `weights` and what it learnt from lie here, so that every process and backup has them.

    `figures` is what `flows.train` measured (see `models.operations.propose_model`); `compared_with_id`
    the model in service at the time (None: the weights that ship with the project), and
    `replaced_id` the one it took over from. `training_data` is JSON Lines, gzipped, and `data_hash`
    the SHA-256 of the lines. `pipeline_version` names the code and rules it was trained under.
    """

    __tablename__ = "detection_models"
    __table_args__ = (
        Index(
            "ix_detection_models_in_service",
            "state",
            unique=True,
            sqlite_where=text("state = 'in_service'"),
            postgresql_where=text("state = 'in_service'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[ModelState] = mapped_column(text_enum(ModelState))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    approved_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    compared_with_id: Mapped[int | None] = mapped_column(ForeignKey("detection_models.id"))
    replaced_id: Mapped[int | None] = mapped_column(ForeignKey("detection_models.id"))
    pipeline_version: Mapped[str]
    weights_hash: Mapped[str] = mapped_column(String(64))
    data_hash: Mapped[str] = mapped_column(String(64))
    figures: Mapped[dict[str, Any]] = mapped_column(Json)
    weights: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    training_data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    proposed_by: Mapped[Account] = relationship(foreign_keys=[proposed_by_id])
    approved_by: Mapped[Account | None] = relationship(foreign_keys=[approved_by_id])


class KnownFinding(Base):
    """What one pipeline version found in one input, so that it never has to be parsed again, wherever it recurs."""

    __tablename__ = "known_findings"

    pipeline_version: Mapped[str] = mapped_column(primary_key=True)
    input_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    finding: Mapped[dict[str, Any]] = mapped_column(Json)


class ElusionSample(Base):
    """A simple random sample of the provisions that detection left out, drawn for reading (抜取り確認).

    `population` is how many there were; the same `seed` on the same database draws the same ones.
    """

    __tablename__ = "elusion_samples"

    id: Mapped[int] = mapped_column(primary_key=True)
    drawn_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    drawn_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    seed: Mapped[int]
    population: Mapped[int]

    drawn_by: Mapped[Account] = relationship()


class ElusionRow(Base):
    """One provision of a sample, in the order of drawing. `item_ids` are the review items that the reader added."""

    __tablename__ = "elusion_rows"
    __table_args__ = (UniqueConstraint("sample_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("elusion_samples.id"))
    position: Mapped[int]
    version_id: Mapped[int] = mapped_column(ForeignKey("provision_versions.id"), index=True)
    answer: Mapped[ElusionAnswer | None] = mapped_column(text_enum(ElusionAnswer))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    answered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    item_ids: Mapped[list[int]] = mapped_column(Json, default=list)

    sample: Mapped[ElusionSample] = relationship()
    version: Mapped[ProvisionVersion] = relationship()
