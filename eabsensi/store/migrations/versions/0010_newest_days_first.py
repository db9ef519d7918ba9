"""The newest days are judged first, so that a touch of this morning does not wait for a backlog of last month."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Index the marks by their days instead of by their age."""
    connection = op.get_bind()
    connection.exec_driver_sql("CREATE INDEX dirty_day_on_date_idx ON dirty_day (on_date)")
    connection.exec_driver_sql("DROP INDEX dirty_day_marked_at_idx")


def downgrade() -> None:
    """Index them by their age again."""
    connection = op.get_bind()
    connection.exec_driver_sql("CREATE INDEX dirty_day_marked_at_idx ON dirty_day (marked_at)")
    connection.exec_driver_sql("DROP INDEX dirty_day_on_date_idx")
