"""Tables of the chain over the evidence: its seals, what each of them covers, and months that were let go on purpose.

Only ever added to and read.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from eabsensi.store.declaring import Instant, metadata

__all__ = ["retired_month", "seal", "seal_part"]

seal = Table(
    "seal",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3, …: a gap is a removed seal
    Column("sealed_at", Instant, nullable=False),
    # It looked for every row that claims to have come after the first and up to the second of these instants.
    Column("after_at", Instant, nullable=False),
    Column("through_at", Instant, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Index(None, "sealed_at"),
    Index(None, "through_at"),
    CheckConstraint("number >= 1", name="number"),
)

# One row for each kind of evidence that a seal covers; `leaves` names every row (zlib over lines of text).
seal_part = Table(
    "seal_part",
    metadata,
    Column("number", BigInteger, ForeignKey("seal.number"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("leaves", LargeBinary, nullable=False),
    Column("arrivals", Text),  # the sealer's own note of when the rows came; null in seals of before: nobody knows
    PrimaryKeyConstraint("number", "kind"),
)

# Months of punches that were removed as the rules of retention have it. Evidence itself: without such a row a punch
# that is gone counts as tampering.
retired_month = Table(
    "retired_month",
    metadata,
    Column("month", Date, primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint("EXTRACT(day FROM month) = 1", name="month"),
    CheckConstraint("reason <> ''", name="reason"),
)
