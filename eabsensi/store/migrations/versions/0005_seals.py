"""The chain over the evidence, and small indexes by which the rows that arrived of late are found."""

from __future__ import annotations

from alembic import op

from eabsensi.store.roles import grant_application_role

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None

TABLES = """
CREATE TABLE seal (
    number bigint PRIMARY KEY CONSTRAINT seal_number_check CHECK (number >= 1),
    sealed_at timestamptz NOT NULL,
    after_at timestamptz NOT NULL,
    through_at timestamptz NOT NULL,
    rows bigint NOT NULL,
    previous bytea NOT NULL,
    sha256 bytea NOT NULL
);
CREATE INDEX seal_sealed_at_idx ON seal (sealed_at);
CREATE INDEX seal_through_at_idx ON seal (through_at);
CREATE TABLE seal_part (
    number bigint NOT NULL REFERENCES seal (number),
    kind text NOT NULL,
    rows bigint NOT NULL,
    leaves bytea NOT NULL,
    PRIMARY KEY (number, kind)
);
CREATE TABLE retired_month (
    month date PRIMARY KEY CONSTRAINT retired_month_month_check CHECK (EXTRACT(day FROM month) = 1),
    rows bigint NOT NULL,
    at timestamptz NOT NULL,
    by text NOT NULL,
    reason text NOT NULL CONSTRAINT retired_month_reason_check CHECK (reason <> '')
);
"""
# The rows that the last hour brought, whatever date they are of: rows come in the order of time, so BRIN is enough.
ARRIVALS = {
    "poll": "finished_at",
    "punch": "received_at",
    "punch_sighting": "poll_id",
    "unreadable_record": "received_at",
    "document_change": "at",
    "roster_change": "at",
    "addendum": "at",
}


def upgrade() -> None:
    """Make the tables, and indexes of a few kilobytes; making these reads the evidence once."""
    connection = op.get_bind()
    connection.exec_driver_sql(TABLES)
    for table, column in ARRIVALS.items():
        connection.exec_driver_sql(
            f"CREATE INDEX {table}_{column}_brin_idx ON {table} USING brin ({column}) WITH (autosummarize = on)"
        )
    grant_application_role(connection, append_only=("seal", "seal_part", "retired_month"))


def downgrade() -> None:
    """Refuse: this would delete the proof that the evidence was not touched."""
    raise NotImplementedError("the chain proves the evidence; restore a backup instead")
