"""Since when each device has been in use; what it does not know, the first look at the list of devices fills in."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

COLUMNS = """
ALTER TABLE device
    ADD COLUMN in_use_from date,
    ADD COLUMN in_use_since date,
    ADD COLUMN in_use_known_at timestamptz,
    ADD COLUMN moved_on date;
"""


def upgrade() -> None:
    """Add the columns, empty: no row is rewritten. An empty one means the date of registration."""
    op.get_bind().exec_driver_sql(COLUMNS)


def downgrade() -> None:
    """Refuse: without them, days before a device was in use would become absences."""
    raise NotImplementedError("days before a device was in use would become absences; restore a backup instead")
