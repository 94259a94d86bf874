"""An instrument is known by its number when its title changes (題名改正), and remembers what it was called.

Revision: 0010, after 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_HEADS = ("知事", "市長", "区長", "町長", "村長")  # of the prefecture itself, whichever its text names


def upgrade() -> None:
    op.add_column("instruments", sa.Column("number_key", sa.String(), nullable=False, server_default=""))
    op.add_column("instruments", sa.Column("former_titles", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_instruments_number_key", "instruments", ["number_key"])
    _tell_numbers()


def _tell_numbers() -> None:
    instruments = sa.table(
        "instruments", *(sa.column(name) for name in ("id", "natural_key", "kind", "issuing_body", "number_key"))
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(instruments)).all():
        _, number, year = ("", "", "", *row.natural_key.rsplit("|", 2))[-3:]
        if number and year and row.kind != "unknown":
            body = "" if row.issuing_body in _HEADS else row.issuing_body
            key = "|".join((row.kind, body, number, year))
            connection.execute(instruments.update().where(instruments.c.id == row.id).values(number_key=key))


def downgrade() -> None:
    with op.batch_alter_table("instruments") as table:
        table.drop_index("ix_instruments_number_key")
        table.drop_column("former_titles")
        table.drop_column("number_key")
