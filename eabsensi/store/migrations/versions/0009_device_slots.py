"""The place that each user has on a terminal: what 8-byte records name a person by instead of the user id."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the columns; what was read of terminals before has no slot until their users are read again."""
    op.get_bind().exec_driver_sql(
        "ALTER TABLE device_user ADD COLUMN slot integer, ADD COLUMN slot_taken_after timestamptz"
    )


def downgrade() -> None:
    """Take the columns away; they are read again with the users."""
    op.get_bind().exec_driver_sql("ALTER TABLE device_user DROP COLUMN slot, DROP COLUMN slot_taken_after")
