"""The only 項 of an article is cited as the article: 第八条, not 第八条第一項.

Told by what stands beside it in its revision. Where two 附則 have one name, or an extract prints the
number of its only 項, the rows cannot tell; the addresses in force are set right when the file is read again,
changed or not. Those of revisions that are no longer in force stay, as do those in diagnostics of before.

Revision: 0009, after 0008
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE provision_versions SET address = REPLACE(address, '第一項', '') WHERE id IN ("
        "SELECT sole.id FROM provision_versions AS sole LEFT JOIN ("
        "SELECT DISTINCT revision_id, label, article FROM provision_versions WHERE paragraph NOT IN ('', '1')"
        ") AS more ON more.revision_id = sole.revision_id AND more.label = sole.label AND more.article = sole.article "
        "WHERE sole.paragraph = '1' AND more.revision_id IS NULL)"
    )
    # What is left of 第一項 and of 第一項の表 where there is no 条 either.
    op.execute(
        "UPDATE provision_versions SET address = '本則' || address "
        "WHERE paragraph = '1' AND article = '' AND label = '' AND (address = '' OR address LIKE 'の表%')"
    )


def downgrade() -> None:
    """Nothing is looked up by an address: those of after stand until the next revision is read."""
