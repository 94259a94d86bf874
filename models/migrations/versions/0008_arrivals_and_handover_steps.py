"""Steps of inquiries that nobody took, and handing several candidates over in one step.

Revision: 0008, after 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STEP = "fk_handovers_group_decision_id_group_decisions"
_INDEX = "ix_handovers_group_decision_id"


def upgrade() -> None:
    with op.batch_alter_table("inquiry_events") as table:
        table.alter_column("account_id", existing_type=sa.Integer(), nullable=True)
    with op.batch_alter_table("handovers") as table:
        table.add_column(sa.Column("group_decision_id", sa.Integer()))
        table.create_foreign_key(_STEP, "group_decisions", ["group_decision_id"], ["id"])
        table.create_index(_INDEX, ["group_decision_id"])


def downgrade() -> None:
    """What the tables and the code of before cannot tell goes, or is told as what comes nearest.

    Lines of the history that nobody wrote, or that say 未回答に戻す, go; so do steps that only handed over. A request
    that was taken back counts as sent on: it is closed, and its candidate is where it was.
    """
    with op.batch_alter_table("handovers") as table:
        table.drop_index(_INDEX)
        table.drop_constraint(_STEP, type_="foreignkey")
        table.drop_column("group_decision_id")
    op.execute("UPDATE handovers SET state = 'sent_on' WHERE state = 'taken_back'")
    op.execute(
        "DELETE FROM group_decisions WHERE category = '' AND id NOT IN "
        "(SELECT group_decision_id FROM decisions WHERE group_decision_id IS NOT NULL)"
    )
    op.execute("DELETE FROM inquiry_events WHERE account_id IS NULL OR action = 'resume'")
    with op.batch_alter_table("inquiry_events") as table:
        table.alter_column("account_id", existing_type=sa.Integer(), nullable=False)
