"""Indexes that pages look up by: what was handed over, the item of a decision, a person's answers for several."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEXES = (
    ("review_items", "handed_to_id"),
    ("review_items", "current_decision_id"),
    ("group_decisions", "account_id"),
)


def upgrade() -> None:
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table, column in INDEXES:
        op.drop_index(f"ix_{table}_{column}", table)
