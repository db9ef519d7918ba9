"""A note beside each part of a seal: when its rows came, so that the sealer does not read them again."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the column; no row is touched. Seals of before have no note: for an hour the sealer reads as it did."""
    op.get_bind().exec_driver_sql("ALTER TABLE seal_part ADD COLUMN arrivals text")


def downgrade() -> None:
    """Take the notes away; nothing is proved by them."""
    op.get_bind().exec_driver_sql("ALTER TABLE seal_part DROP COLUMN arrivals")
