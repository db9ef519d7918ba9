"""Tables of what people file (documents, rosters, gatherings) and of what a day was judged to be.

The verdicts are big and can be made again, so they carry no foreign keys; an employee or unit is never removed.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from eabsensi.store.declaring import Instant, arrivals_index, metadata

__all__ = [
    "addendum",
    "ceremony",
    "device_user",
    "dirty_day",
    "document",
    "document_change",
    "period",
    "period_row",
    "roster",
    "roster_change",
    "verdict",
    "verdict_version",
]

# --- what people file ----------------------------------------------------------------------------------------------

document = Table(
    "document",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("employee_id", BigInteger, ForeignKey("employee.id")),
    Column("unit_code", Text, ForeignKey("unit.code")),
    Column("kind", Text, nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("covers", Text, nullable=False, server_default=text("'day'")),
    Column("number", Text, nullable=False, server_default=text("''")),
    Column("issued_on", Date),
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("filed_by", Text, nullable=False),
    Column("filed_at", Instant, nullable=False),
    Column("approved_at", Instant),  # as the paper says; it may be before it was filed here
    Column("approved_by", Text),
    Column("approval_known_at", Instant),  # when it was recorded here; null where that is approved_at itself
    Column("revoked_at", Instant),
    Column("revoked_by", Text),
    Column("revoke_reason", Text),
    CheckConstraint("(employee_id IS NULL) <> (unit_code IS NULL)", name="whose"),
    CheckConstraint("first_on <= last_on", name="days"),
    CheckConstraint("covers IN ('day', 'in', 'out')", name="covers"),
    CheckConstraint("(approved_at IS NULL) = (approved_by IS NULL)", name="approved"),
    CheckConstraint(
        "(revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (revoke_reason IS NULL)", name="revoked"
    ),
    Index(None, "employee_id", "first_on", "last_on"),
    Index(None, "unit_code", "first_on", "last_on"),
)

document_change = Table(
    "document_change",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("document_id", BigInteger, ForeignKey("document.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB, nullable=False),
    CheckConstraint("action IN ('file', 'approve', 'revoke')", name="action"),
    arrivals_index("document_change", "at"),
)

roster = Table(
    "roster",
    metadata,
    Column("employee_id", BigInteger, ForeignKey("employee.id"), nullable=False),
    Column("on_date", Date, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("shift", Text, nullable=False),
    PrimaryKeyConstraint("employee_id", "on_date", "sequence"),
    CheckConstraint("sequence >= 1", name="sequence"),
    Index(None, "on_date"),
)

roster_change = Table(
    "roster_change",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("employee_id", BigInteger, ForeignKey("employee.id"), nullable=False),
    Column("on_date", Date, nullable=False),
    Column("before", ARRAY(Text), nullable=False),  # the shifts of the date, in order; empty where there were none
    Column("after", ARRAY(Text), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Index(None, "employee_id", "on_date"),
    arrivals_index("roster_change", "at"),
)

ceremony = Table(
    "ceremony",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("opens_at", Instant, nullable=False),
    Column("closes_at", Instant, nullable=False),
    Column("name", Text, nullable=False),
    Column("unit_code", Text, ForeignKey("unit.code")),  # null obliges everybody
    Column("basis", Text, nullable=False, server_default=text("''")),
    Column("filed_by", Text, nullable=False),
    Column("filed_at", Instant, nullable=False),
    Column("cancelled_at", Instant),
    Column("cancelled_by", Text),
    CheckConstraint("kind IN ('apel', 'upacara')", name="kind"),
    CheckConstraint("opens_at < closes_at", name="window"),
    CheckConstraint("(cancelled_at IS NULL) = (cancelled_by IS NULL)", name="cancelled"),
    Index(None, "on_date"),
)

# Names and user ids as a terminal last showed them, to suggest who an unmapped PIN may be. No template, no card number.
device_user = Table(
    "device_user",
    metadata,
    Column("device_id", Integer, ForeignKey("device.id"), nullable=False),
    Column("pin", Text, nullable=False),  # the user id; 8-byte records name the slot instead (store.deviceslots)
    Column("name", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("slot", Integer),
    Column("slot_taken_after", Instant),  # when the slot was last seen to be another user's; null: never
    PrimaryKeyConstraint("device_id", "pin"),
)

# --- what days were judged to be -----------------------------------------------------------------------------------

_STATUS = "status IN ('present', 'absent', 'excused', 'off', 'undetermined')"


def _judged() -> list[Column[object]]:
    """Give the columns that a verdict and each of its versions have."""
    return [
        Column("employee_id", BigInteger, nullable=False),
        Column("on_date", Date, nullable=False),
        Column("version", Integer, nullable=False),
        Column("unit_code", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("codes", ARRAY(Text), nullable=False),
        Column("in_at", Instant),
        Column("out_at", Instant),
        Column("late_minutes", Integer, nullable=False),
        Column("early_minutes", Integer, nullable=False),
        Column("deficit_minutes", Integer, nullable=False),
        Column("absent_days", Integer, nullable=False),
        Column("complete", Boolean, nullable=False),
        Column("document", Text),
        Column("schedule_name", Text),
        Column("schedule_start", Instant),
        Column("schedule_end", Instant),
        Column("apel", JSONB, nullable=False),
        Column("reasons", JSONB, nullable=False),
        Column("citations", JSONB, nullable=False),
        Column("policy_version", Text, nullable=False),
        Column("judged_at", Instant, nullable=False),
        Column("cause", Text, nullable=False),
    ]


verdict = Table(
    "verdict",
    metadata,
    *_judged(),
    PrimaryKeyConstraint("employee_id", "on_date"),
    CheckConstraint(_STATUS, name="status"),
    Index(None, "unit_code", "on_date"),
    Index(
        "verdict_open_idx", "on_date", "employee_id", postgresql_where=text("NOT complete OR status = 'undetermined'")
    ),
)

verdict_version = Table(
    "verdict_version",
    metadata,
    *_judged(),
    Column("judged_by", Text, nullable=False),
    PrimaryKeyConstraint("employee_id", "on_date", "version"),
    CheckConstraint(_STATUS, name="status"),
)

# A queue without a unique key: a mark never waits for another mark, nor for the assessor that takes one.
dirty_day = Table(
    "dirty_day",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("employee_id", BigInteger, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("cause", Text, nullable=False),
    Column("marked_at", Instant, nullable=False),
    Index(None, "on_date"),
    Index(None, "employee_id", "on_date"),
)

# --- closed months -------------------------------------------------------------------------------------------------

period = Table(
    "period",
    metadata,
    Column("unit_code", Text, ForeignKey("unit.code"), nullable=False),
    Column("month", Date, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("through_on", Date),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("sha256", Text),
    Column("policy_version", Text),
    PrimaryKeyConstraint("unit_code", "month", "version"),
    CheckConstraint("EXTRACT(day FROM month) = 1", name="month"),
    CheckConstraint("state IN ('closed', 'reopened')", name="state"),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("state <> 'reopened' OR reason <> ''", name="reason"),
    CheckConstraint(
        "state <> 'closed' OR (through_on IS NOT NULL AND sha256 IS NOT NULL AND policy_version IS NOT NULL)",
        name="closed",
    ),
)

_PERIOD = ("unit_code", "month", "version")

period_row = Table(
    "period_row",
    metadata,
    Column("unit_code", Text, nullable=False),
    Column("month", Date, nullable=False),
    Column("version", Integer, nullable=False),
    Column("employee_id", BigInteger, nullable=False),
    Column("content", JSONB, nullable=False),
    PrimaryKeyConstraint("unit_code", "month", "version", "employee_id"),
    ForeignKeyConstraint(_PERIOD, [f"period.{name}" for name in _PERIOD]),
)

addendum = Table(
    "addendum",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("unit_code", Text, nullable=False),
    Column("month", Date, nullable=False),
    Column("version", Integer, nullable=False),
    Column("employee_id", BigInteger, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    ForeignKeyConstraint(_PERIOD, [f"period.{name}" for name in _PERIOD]),
    Index(None, "unit_code", "month", "version"),
    Index(None, "employee_id", "on_date"),
    arrivals_index("addendum", "at"),
)
