"""What every declaration of a table uses; :mod:`eabsensi.store.tables` is where the tables are found."""

from __future__ import annotations

from sqlalchemy import DateTime, Index, MetaData

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    },
)

Instant = DateTime(timezone=True)
WallTime = DateTime(timezone=False)


def arrivals_index(table: str, column: str) -> Index:
    """Declare the index by which the rows are found that came of late; rows come in this column's order."""
    name = f"{table}_{column}_brin_idx"
    return Index(name, column, postgresql_using="brin", postgresql_with={"autosummarize": "on"})
