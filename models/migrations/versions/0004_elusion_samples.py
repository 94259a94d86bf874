"""What was not flagged: samples drawn for reading.

Revision: 0004, after 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "elusion_samples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", INSTANT, nullable=False),
        sa.Column("drawn_by_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["accounts.id"], name="fk_elusion_samples_drawn_by_id_accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_elusion_samples"),
    )
    op.create_table(
        "elusion_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(32)),
        sa.Column("answered_by_id", sa.Integer()),
        sa.Column("answered_at", INSTANT),
        sa.Column("item_ids", JSON, nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["accounts.id"], name="fk_elusion_rows_answered_by_id_accounts"),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["elusion_samples.id"], name="fk_elusion_rows_sample_id_elusion_samples"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["provision_versions.id"], name="fk_elusion_rows_version_id_provision_versions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_elusion_rows"),
        sa.UniqueConstraint("sample_id", "position", name="uq_elusion_rows_sample_id_position"),
    )
    op.create_index("ix_elusion_rows_version_id", "elusion_rows", ["version_id"])


def downgrade() -> None:
    op.drop_table("elusion_rows")
    op.drop_table("elusion_samples")
