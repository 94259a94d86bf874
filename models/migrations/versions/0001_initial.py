"""The first tables: organisation, accounts, legislation, review.

Revision: 0001, after none
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
# Two tables that point at each other. SQLite takes these with the tables; elsewhere they are added at the end.
CIRCULAR = (
    ("provisions", "latest_version_id", "provision_versions"),
    ("review_items", "current_candidate_id", "candidates"),
    ("review_items", "current_decision_id", "decisions"),
)


def upgrade() -> None:
    op.create_table(
        "divisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bureau", sa.String(), nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("successor_id", sa.Integer()),
        sa.ForeignKeyConstraint(["successor_id"], ["divisions.id"], name="fk_divisions_successor_id_divisions"),
        sa.PrimaryKeyConstraint("id", name="pk_divisions"),
        sa.UniqueConstraint("bureau", "office", "name", name="uq_divisions_bureau_office_name"),
    )
    op.create_index("ix_divisions_name", "divisions", ["name"])

    op.create_table(
        "ingest_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ingest_runs"),
    )
    op.create_table(
        "scan_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pipeline_version", sa.String(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.Column("provisions", sa.Integer(), nullable=False),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scan_runs"),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login_name", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("division_id", sa.Integer()),
        sa.Column("password_hash", sa.String()),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", INSTANT),
        sa.Column("expires_at", INSTANT),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["division_id"], ["divisions.id"], name="fk_accounts_division_id_divisions"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("login_name", name="uq_accounts_login_name"),
    )
    op.create_index("ix_accounts_division_id", "accounts", ["division_id"])

    op.create_table(
        "instruments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("natural_key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("law_number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("issuing_body", sa.String(), nullable=False),
        sa.Column("promulgation_date", sa.Date()),
        sa.Column("owner_id", sa.Integer()),
        sa.Column("owner_as_stated", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["divisions.id"], name="fk_instruments_owner_id_divisions"),
        sa.PrimaryKeyConstraint("id", name="pk_instruments"),
        sa.UniqueConstraint("natural_key", name="uq_instruments_natural_key"),
    )
    op.create_index("ix_instruments_kind", "instruments", ["kind"])
    op.create_index("ix_instruments_owner_id", "instruments", ["owner_id"])
    op.create_index("ix_instruments_title", "instruments", ["title"])

    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("target_type", sa.String(32), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_audit_entries_account_id_accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_at", "audit_entries", ["at"])
    op.create_index("ix_audit_entries_target", "audit_entries", ["target_type", "target_id"])

    op.create_table(
        "provisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instrument_id", sa.Integer(), nullable=False),
        sa.Column("current_text_hash", sa.String(64)),
        sa.Column("latest_version_id", sa.Integer()),
        sa.ForeignKeyConstraint(["instrument_id"], ["instruments.id"], name="fk_provisions_instrument_id_instruments"),
        sa.ForeignKeyConstraint(
            ["latest_version_id"],
            ["provision_versions.id"],
            name="fk_provisions_latest_version_id_provision_versions",
            use_alter=True,
        ),
        sa.PrimaryKeyConstraint("id", name="pk_provisions"),
    )
    op.create_index("ix_provisions_instrument_id", "provisions", ["instrument_id"])
    op.create_index("ix_provisions_latest_version_id", "provisions", ["latest_version_id"])

    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instrument_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("source_name", sa.String(), nullable=False),
        sa.Column("source_format", sa.String(32), nullable=False),
        sa.Column("source_hash", sa.String(64), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("enforcement_date", sa.Date()),
        sa.Column("ingested_at", INSTANT, nullable=False),
        sa.Column("diagnostics", JSON, nullable=False),
        sa.ForeignKeyConstraint(["instrument_id"], ["instruments.id"], name="fk_revisions_instrument_id_instruments"),
        sa.PrimaryKeyConstraint("id", name="pk_revisions"),
        sa.UniqueConstraint("instrument_id", "sequence", name="uq_revisions_instrument_id_sequence"),
    )
    op.create_index("ix_revisions_current", "revisions", ["instrument_id", "is_current"])
    op.create_index("ix_revisions_source_hash", "revisions", ["source_hash"])

    op.create_table(
        "sign_in_sessions",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sign_in_sessions_account_id_accounts"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sign_in_sessions"),
    )
    op.create_index("ix_sign_in_sessions_account_id", "sign_in_sessions", ["account_id"])

    op.create_table(
        "ingested_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source_hash", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revision_id", sa.Integer()),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name="fk_ingested_files_revision_id_revisions"),
        sa.ForeignKeyConstraint(["run_id"], ["ingest_runs.id"], name="fk_ingested_files_run_id_ingest_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_ingested_files"),
    )
    op.create_index("ix_ingested_files_run_id", "ingested_files", ["run_id"])
    op.create_index("ix_ingested_files_source_hash", "ingested_files", ["source_hash"])

    op.create_table(
        "provision_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provision_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(32), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("paragraph", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("caption", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("scanned_by", sa.String()),
        sa.ForeignKeyConstraint(
            ["provision_id"], ["provisions.id"], name="fk_provision_versions_provision_id_provisions"
        ),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name="fk_provision_versions_revision_id_revisions"),
        sa.PrimaryKeyConstraint("id", name="pk_provision_versions"),
        sa.UniqueConstraint("revision_id", "position", name="uq_provision_versions_revision_id_position"),
    )
    op.create_index("ix_provision_versions_text", "provision_versions", ["provision_id", "text_hash"])

    op.create_table(
        "review_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provision_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("is_manual", sa.Boolean(), nullable=False),
        sa.Column("is_detected", sa.Boolean(), nullable=False),
        sa.Column("current_candidate_id", sa.Integer()),
        sa.Column("current_decision_id", sa.Integer()),
        sa.Column("applicability", sa.String(32)),
        sa.Column("decided_text_hash", sa.String(64)),
        sa.Column("current_text_hash", sa.String(64)),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["current_candidate_id"],
            ["candidates.id"],
            name="fk_review_items_current_candidate_id_candidates",
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(
            ["current_decision_id"],
            ["decisions.id"],
            name="fk_review_items_current_decision_id_decisions",
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(["provision_id"], ["provisions.id"], name="fk_review_items_provision_id_provisions"),
        sa.PrimaryKeyConstraint("id", name="pk_review_items"),
        sa.UniqueConstraint("provision_id", "category", name="uq_review_items_provision_id_category"),
    )
    op.create_index("ix_review_items_category", "review_items", ["category"])
    op.create_index("ix_review_items_status", "review_items", ["applicability", "current_text_hash"])

    op.create_table(
        "candidates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_item_id", sa.Integer(), nullable=False),
        sa.Column("scan_run_id", sa.Integer()),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("pipeline_version", sa.String(), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("regulation_type", sa.Integer(), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(32), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rule_ids", JSON, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["review_item_id"], ["review_items.id"], name="fk_candidates_review_item_id_review_items"
        ),
        sa.ForeignKeyConstraint(["scan_run_id"], ["scan_runs.id"], name="fk_candidates_scan_run_id_scan_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_candidates"),
        sa.UniqueConstraint(
            "review_item_id",
            "text_hash",
            "pipeline_version",
            name="uq_candidates_review_item_id_text_hash_pipeline_version",
        ),
    )
    op.create_index("ix_candidates_scan_run_id", "candidates", ["scan_run_id"])

    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_item_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("text_hash", sa.String(64)),
        sa.Column("applicability", sa.String(32), nullable=False),
        sa.Column("reason_code", sa.String(32)),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("regulation_type", sa.Integer(), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_decisions_account_id_accounts"),
        sa.ForeignKeyConstraint(
            ["review_item_id"], ["review_items.id"], name="fk_decisions_review_item_id_review_items"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_review_item_id", "decisions", ["review_item_id"])

    op.create_table(
        "roadmap_items",
        sa.Column("review_item_id", sa.Integer(), nullable=False),
        sa.Column("policy", sa.String(32)),
        sa.Column("target_phase", sa.Integer()),
        sa.Column("original_year", sa.Integer()),
        sa.Column("revised_year", sa.Integer()),
        sa.Column("delay_reason", sa.String(32)),
        sa.Column("progress", sa.String(32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_item_id"], ["review_items.id"], name="fk_roadmap_items_review_item_id_review_items"
        ),
        sa.PrimaryKeyConstraint("review_item_id", name="pk_roadmap_items"),
    )

    if op.get_bind().dialect.name != "sqlite":
        for table, column, target in CIRCULAR:
            op.create_foreign_key(f"fk_{table}_{column}_{target}", table, target, [column], ["id"])


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        for table, column, target in CIRCULAR:
            op.drop_constraint(f"fk_{table}_{column}_{target}", table, type_="foreignkey")
    for table in (
        "roadmap_items",
        "decisions",
        "candidates",
        "review_items",
        "provision_versions",
        "ingested_files",
        "sign_in_sessions",
        "revisions",
        "provisions",
        "audit_entries",
        "instruments",
        "accounts",
        "scan_runs",
        "ingest_runs",
        "divisions",
    ):
        op.drop_table(table)
