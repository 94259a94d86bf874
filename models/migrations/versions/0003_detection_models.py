"""Learning: trained models with their approval, and findings kept for reuse.

Revision: 0003, after 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
IN_SERVICE = sa.text("state = 'in_service'")


def upgrade() -> None:
    op.create_table(
        "detection_models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("approved_by_id", sa.Integer()),
        sa.Column("approved_at", INSTANT),
        sa.Column("compared_with_id", sa.Integer()),
        sa.Column("replaced_id", sa.Integer()),
        sa.Column("pipeline_version", sa.String(), nullable=False),
        sa.Column("weights_hash", sa.String(64), nullable=False),
        sa.Column("data_hash", sa.String(64), nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("weights", sa.LargeBinary(), nullable=False),
        sa.Column("training_data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["accounts.id"], name="fk_detection_models_approved_by_id_accounts"
        ),
        sa.ForeignKeyConstraint(
            ["compared_with_id"],
            ["detection_models.id"],
            name="fk_detection_models_compared_with_id_detection_models",
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["accounts.id"], name="fk_detection_models_proposed_by_id_accounts"
        ),
        sa.ForeignKeyConstraint(
            ["replaced_id"], ["detection_models.id"], name="fk_detection_models_replaced_id_detection_models"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_detection_models"),
    )
    op.create_index(
        "ix_detection_models_in_service",
        "detection_models",
        ["state"],
        unique=True,
        sqlite_where=IN_SERVICE,
        postgresql_where=IN_SERVICE,
    )
    op.create_table(
        "known_findings",
        sa.Column("pipeline_version", sa.String(), nullable=False),
        sa.Column("input_hash", sa.String(64), nullable=False),
        sa.Column("finding", JSON, nullable=False),
        sa.PrimaryKeyConstraint("pipeline_version", "input_hash", name="pk_known_findings"),
    )


def downgrade() -> None:
    op.drop_table("known_findings")
    op.drop_index("ix_detection_models_in_service", "detection_models")
    op.drop_table("detection_models")
