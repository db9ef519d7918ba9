"""When a device's records may have been lost unread: its log was cleared, or a record does not tell its time."""

from __future__ import annotations

from alembic import op

from eabsensi.store.roles import Role, grant

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None

_TABLE = """
    CREATE TABLE log_gap (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        device_id integer NOT NULL REFERENCES device (id),
        pin text,
        lost_after timestamptz NOT NULL,
        lost_until timestamptz NOT NULL,
        cause text NOT NULL,
        poll_id bigint,
        noted_at timestamptz NOT NULL,
        CONSTRAINT log_gap_cause_check CHECK (cause IN ('cleared', 'misdated', 'unreadable'))
    );
    CREATE INDEX log_gap_device_id_lost_until_idx ON log_gap (device_id, lost_until);
"""


def upgrade() -> None:
    """Make the table; evidence like polls: it can be added to and read."""
    connection = op.get_bind()
    connection.exec_driver_sql(_TABLE)
    for role, rights in (
        (Role.APPLICATION, "SELECT, INSERT"),
        (Role.COLLECTOR, "SELECT, INSERT"),
        (Role.PORTAL, "SELECT"),
        (Role.REPORTS, "SELECT"),
    ):
        grant(connection, role, {rights: ["log_gap"]})


def downgrade() -> None:
    """Refuse: days would be called absent again whose punches were lost."""
    raise NotImplementedError("what was lost would be forgotten; restore a backup instead")
