"""Similar provisions: a group key for each, and answers given to a group in one step.

Revision: 0002, after 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "group_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_key", sa.String(40), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("undone_by_id", sa.Integer()),
        sa.Column("undone_at", INSTANT),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_group_decisions_account_id_accounts"),
        sa.ForeignKeyConstraint(["undone_by_id"], ["accounts.id"], name="fk_group_decisions_undone_by_id_accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_group_decisions"),
    )
    with op.batch_alter_table("decisions") as table:
        table.add_column(sa.Column("group_decision_id", sa.Integer()))
        table.create_foreign_key(
            "fk_decisions_group_decision_id_group_decisions", "group_decisions", ["group_decision_id"], ["id"]
        )
        table.create_index("ix_decisions_group_decision_id", ["group_decision_id"])
    # Added in place, not by a copy of the table: it is the biggest one. The next scan fills the column in.
    op.add_column("provision_versions", sa.Column("group_key", sa.String(40)))
    op.create_index("ix_provision_versions_group_key", "provision_versions", ["group_key"])


def downgrade() -> None:
    op.drop_index("ix_provision_versions_group_key", "provision_versions")
    op.drop_column("provision_versions", "group_key")
    with op.batch_alter_table("decisions") as table:
        table.drop_index("ix_decisions_group_decision_id")
        table.drop_constraint("fk_decisions_group_decision_id_group_decisions", type_="foreignkey")
        table.drop_column("group_decision_id")
    op.drop_table("group_decisions")
