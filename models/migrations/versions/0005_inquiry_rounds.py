"""Inquiry rounds, joint and dated ownership, candidates handed over, threads and declarations.

Revision: 0005, after 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _key(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=f"fk_{table}_{column}_{referred}")


def upgrade() -> None:
    op.create_table(
        "instrument_owners",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instrument_id", sa.Integer(), nullable=False),
        sa.Column("division_id", sa.Integer(), nullable=False),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        _key("instrument_owners", "instrument_id", "instruments"),
        _key("instrument_owners", "division_id", "divisions"),
        sa.PrimaryKeyConstraint("id", name="pk_instrument_owners"),
    )
    op.create_index("ix_instrument_owners_instrument_id", "instrument_owners", ["instrument_id"])
    op.create_index("ix_instrument_owners_division", "instrument_owners", ["division_id", "valid_to"])
    with op.batch_alter_table("review_items") as table:
        table.add_column(sa.Column("division_id", sa.Integer()))
        table.add_column(sa.Column("handed_to_id", sa.Integer()))
        table.create_foreign_key("fk_review_items_division_id_divisions", "divisions", ["division_id"], ["id"])
        table.create_foreign_key("fk_review_items_handed_to_id_divisions", "divisions", ["handed_to_id"], ["id"])
        table.create_index("ix_review_items_division_id", ["division_id"])
    _tell_owners()
    _create_inquiries()
    _create_threads()


def _tell_owners() -> None:
    """Who owns something today is its lead since before there were dates."""
    op.execute(
        "INSERT INTO instrument_owners (instrument_id, division_id, is_lead, valid_from) "
        "SELECT id, owner_id, true, COALESCE(promulgation_date, DATE '1947-05-03') FROM instruments "
        "WHERE owner_id IS NOT NULL"
        if op.get_bind().dialect.name == "postgresql"
        else "INSERT INTO instrument_owners (instrument_id, division_id, is_lead, valid_from) "
        "SELECT id, owner_id, 1, COALESCE(promulgation_date, '1947-05-03') FROM instruments WHERE owner_id IS NOT NULL"
    )
    op.execute(
        "UPDATE review_items SET division_id = (SELECT instruments.owner_id FROM instruments "
        "JOIN provisions ON provisions.instrument_id = instruments.id WHERE provisions.id = review_items.provision_id)"
    )


def _create_inquiries() -> None:
    op.create_table(
        "inquiries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("guidance", sa.Text(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("categories", JSON, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("dispatched_at", INSTANT),
        sa.Column("closed_at", INSTANT),
        sa.Column("totals", JSON),
        sa.Column("row_version", sa.Integer(), nullable=False),
        _key("inquiries", "created_by_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_inquiries"),
    )
    op.create_index("ix_inquiries_state", "inquiries", ["state"])
    op.create_table(
        "inquiry_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("division_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("submitted_by_id", sa.Integer()),
        sa.Column("submitted_at", INSTANT),
        sa.Column("row_version", sa.Integer(), nullable=False),
        _key("inquiry_answers", "inquiry_id", "inquiries"),
        _key("inquiry_answers", "division_id", "divisions"),
        _key("inquiry_answers", "submitted_by_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_inquiry_answers"),
        sa.UniqueConstraint("inquiry_id", "division_id", name="uq_inquiry_answers_inquiry_id_division_id"),
    )
    op.create_index("ix_inquiry_answers_division_id", "inquiry_answers", ["division_id"])
    op.create_table(
        "inquiry_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer()),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _key("inquiry_events", "inquiry_id", "inquiries"),
        _key("inquiry_events", "answer_id", "inquiry_answers"),
        _key("inquiry_events", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_inquiry_events"),
    )
    op.create_index("ix_inquiry_events_inquiry_id", "inquiry_events", ["inquiry_id"])
    op.create_index("ix_inquiry_events_answer_id", "inquiry_events", ["answer_id"])


def _create_threads() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_item_id", sa.Integer(), nullable=False),
        sa.Column("from_division_id", sa.Integer(), nullable=False),
        sa.Column("to_division_id", sa.Integer()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("settled_by_id", sa.Integer()),
        sa.Column("settled_at", INSTANT),
        sa.Column("settled_note", sa.Text(), nullable=False),
        _key("handovers", "review_item_id", "review_items"),
        _key("handovers", "from_division_id", "divisions"),
        _key("handovers", "to_division_id", "divisions"),
        _key("handovers", "requested_by_id", "accounts"),
        _key("handovers", "settled_by_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_handovers"),
    )
    op.create_index("ix_handovers_review_item_id", "handovers", ["review_item_id"])
    op.create_index("ix_handovers_state", "handovers", ["state"])
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_item_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("is_answer", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _key("messages", "review_item_id", "review_items"),
        _key("messages", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )
    op.create_index("ix_messages_review_item_id", "messages", ["review_item_id"])
    op.create_table(
        "reading_declarations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instrument_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("division_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("declared_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT),
        _key("reading_declarations", "instrument_id", "instruments"),
        _key("reading_declarations", "revision_id", "revisions"),
        _key("reading_declarations", "division_id", "divisions"),
        _key("reading_declarations", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_reading_declarations"),
    )
    op.create_index("ix_reading_declarations_instrument", "reading_declarations", ["instrument_id", "revision_id"])


def downgrade() -> None:
    for name in ("reading_declarations", "messages", "handovers", "inquiry_events", "inquiry_answers", "inquiries"):
        op.drop_table(name)
    with op.batch_alter_table("review_items") as table:
        table.drop_index("ix_review_items_division_id")
        table.drop_constraint("fk_review_items_handed_to_id_divisions", type_="foreignkey")
        table.drop_constraint("fk_review_items_division_id_divisions", type_="foreignkey")
        table.drop_column("handed_to_id")
        table.drop_column("division_id")
    op.drop_table("instrument_owners")
