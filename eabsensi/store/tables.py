"""The tables as they are declared; a test compares them with what the migrations make.

Rules that keep the schema portable to a distributed engine (docs/decisions): big tables carry the device or employee
in every key, there are no triggers, only standard types, and partition DDL lives in ``partitions`` alone.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint

from eabsensi.store.accesstables import account, api_token, issued_paper, login_attempt, session, trail
from eabsensi.store.declaring import Instant, WallTime, arrivals_index, metadata
from eabsensi.store.judgedtables import (
    addendum,
    ceremony,
    device_user,
    dirty_day,
    document,
    document_change,
    period,
    period_row,
    roster,
    roster_change,
    verdict,
    verdict_version,
)
from eabsensi.store.sealtables import retired_month, seal, seal_part

__all__ = [
    "account",
    "addendum",
    "api_token",
    "ceremony",
    "device",
    "device_lease",
    "device_log",
    "device_user",
    "dirty_day",
    "document",
    "document_change",
    "employee",
    "enrolment",
    "issued_paper",
    "live_event",
    "log_gap",
    "login_attempt",
    "metadata",
    "period",
    "period_row",
    "poll",
    "poll_request",
    "posting",
    "punch",
    "punch_sighting",
    "quarantined_log",
    "retired_month",
    "roster",
    "roster_change",
    "seal",
    "seal_part",
    "session",
    "trail",
    "unit",
    "unreadable_record",
    "verdict",
    "verdict_version",
]


def _created_at() -> Column[object]:
    return Column("created_at", Instant, nullable=False, server_default=func.now())


unit = Table(
    "unit",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("parent_code", Text, ForeignKey("unit.code")),
    Column("kind", Text, nullable=False, server_default=text("''")),
    Column("pattern", Text, nullable=False),
    Column("timezone", Text),
    _created_at(),
    CheckConstraint("pattern IN ('5-day', '6-day', 'shift')", name="pattern"),
)

employee = Table(
    "employee",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("nip", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("rank", Text, nullable=False, server_default=text("''")),
    Column("position", Text, nullable=False, server_default=text("''")),
    _created_at(),
    CheckConstraint("kind IN ('PNS', 'CPNS', 'PPPK', 'PPPK-PW', 'other')", name="kind"),
)

posting = Table(
    "posting",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("employee_id", BigInteger, ForeignKey("employee.id"), nullable=False),
    Column("unit_code", Text, ForeignKey("unit.code"), nullable=False, index=True),
    Column("valid_during", DATERANGE, nullable=False),
    _created_at(),
    ExcludeConstraint(("employee_id", "="), ("valid_during", "&&"), name="posting_no_overlap"),
)

device = Table(
    "device",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("serial", Text, nullable=False, unique=True),
    Column("unit_code", Text, ForeignKey("unit.code"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("port", Integer, nullable=False),
    Column("transport", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("encoding", Text, nullable=False),
    Column("comm_key_name", Text),
    Column("live", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("disabled_at", Instant),
    Column("platform", Text),
    Column("firmware", Text),
    Column("model", Text),
    Column("mac", Text),
    Column("record_capacity", Integer),
    Column("user_capacity", Integer),
    Column("registered_at", Instant, nullable=False, server_default=func.now()),
    Column("in_use_from", Date),  # as its punches show; null: the date of its registration
    Column("in_use_since", Date),  # as a person states it; comes before the punches
    Column("in_use_known_at", Instant),  # when either became what it is; null: nobody has looked yet
    Column("moved_on", Date),  # when it came to its present unit from another one
)

enrolment = Table(
    "enrolment",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("device_id", Integer, ForeignKey("device.id")),
    Column("pin", Text, nullable=False),
    Column("employee_id", BigInteger, ForeignKey("employee.id"), nullable=False, index=True),
    Column("valid_during", DATERANGE, nullable=False),
    _created_at(),
    ExcludeConstraint(
        (text("coalesce(device_id, 0)"), "="),
        ("pin", "="),
        ("valid_during", "&&"),
        name="enrolment_no_overlap",
    ),
)

poll = Table(
    "poll",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),  # taken before the row is made: its punches name it
    Column("device_id", Integer, ForeignKey("device.id"), nullable=False),
    Column("collector", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("mode", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("error", Text),
    Column("records_on_device", Integer),
    Column("records_read", Integer, nullable=False),
    Column("punches_new", Integer, nullable=False),
    Column("bytes_sent", BigInteger, nullable=False),
    Column("bytes_received", BigInteger, nullable=False),
    Column("round_trips", Integer, nullable=False),
    Column("clock_offset_seconds", Double),
    Column("complete_through", Instant),
    Index(None, "device_id", "finished_at"),
    arrivals_index("poll", "finished_at"),
)

device_log = Table(
    "device_log",
    metadata,
    Column("device_id", Integer, ForeignKey("device.id"), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("layout", Text),
    Column("body_bytes", BigInteger),
    Column("records", Integer),
    Column("anchor", LargeBinary),
    Column("head", LargeBinary),
    Column("ring_bytes", BigInteger),
    Column("carry", BigInteger),
    Column("tail_ok", Boolean),
    Column("records_on_device", Integer),
    Column("complete_through", Instant),
    Column("verified_at", Instant),
    Column("last_full_at", Instant),
    Column("last_audit_at", Instant),
)

punch = Table(
    "punch",
    metadata,
    Column("device_id", Integer, nullable=False),
    Column("pin", Text, nullable=False),
    Column("device_time", WallTime, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("verify_mode", SmallInteger),
    Column("punch_state", SmallInteger),
    Column("workcode", BigInteger),
    Column("punched_at", Instant, nullable=False),
    Column("source", Text, nullable=False),
    Column("generation", Integer),  # of the device's log: a clear starts a new one; null in a USB dump's rows
    Column("poll_id", BigInteger),
    Column("clock_offset_seconds", Double),
    Column("received_at", Instant, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    PrimaryKeyConstraint("device_id", "pin", "device_time", "ordinal"),
    CheckConstraint("source IN ('log', 'usb')", name="source"),
    Index(
        "punch_device_time_brin_idx", "device_time", postgresql_using="brin"
    ),  # one day of a month: collected in order
    arrivals_index("punch", "received_at"),
    # What a wrong clock recorded stands under another date than it means; few rows, found by what they mean.
    Index("punch_wrong_clock_idx", "punched_at", postgresql_where=text("abs(clock_offset_seconds) > 30")),
    postgresql_partition_by="RANGE (device_time)",
)

# A punch that came first from a USB dump and was then met in the log. The punch itself is never changed, yet the log's
# records of that second have to be counted, or the next one in the same second would pass for this one.
punch_sighting = Table(
    "punch_sighting",
    metadata,
    Column("device_id", Integer, nullable=False),
    Column("pin", Text, nullable=False),
    Column("device_time", WallTime, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("poll_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("device_id", "pin", "device_time", "ordinal"),
    arrivals_index("punch_sighting", "poll_id"),
)

unreadable_record = Table(
    "unreadable_record",
    metadata,
    Column("device_id", Integer, ForeignKey("device.id"), nullable=False),
    Column("raw_sha256", LargeBinary, nullable=False),  # a line of a broken file may be longer than an index can hold
    Column("ordinal", Integer, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("pin", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("generation", Integer),
    Column("poll_id", BigInteger),
    Column("received_at", Instant, nullable=False),
    PrimaryKeyConstraint("device_id", "raw_sha256", "ordinal"),
    CheckConstraint("source IN ('log', 'usb')", name="source"),
    arrivals_index("unreadable_record", "received_at"),
)

quarantined_log = Table(
    "quarantined_log",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("device_id", Integer, ForeignKey("device.id"), nullable=False, index=True),
    Column("poll_id", BigInteger, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("body_sha256", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("device_id", "body_sha256"),
)

live_event = Table(
    "live_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("device_id", Integer, ForeignKey("device.id"), nullable=False),
    Column("pin", Text, nullable=False),
    Column("device_time", WallTime, nullable=False),
    Column("verify_mode", SmallInteger),
    Column("punch_state", SmallInteger),
    Column("punched_at", Instant, nullable=False),
    Column("heard_at", Instant, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Index(None, "device_id", "device_time"),
)

log_gap = Table(
    "log_gap",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("device_id", Integer, ForeignKey("device.id"), nullable=False),
    Column("pin", Text),
    Column("lost_after", Instant, nullable=False),
    Column("lost_until", Instant, nullable=False),
    Column("cause", Text, nullable=False),
    Column("poll_id", BigInteger),
    Column("noted_at", Instant, nullable=False),
    Index(None, "device_id", "lost_until"),
    CheckConstraint("cause IN ('cleared', 'misdated', 'unreadable')", name="cause"),
)

device_lease = Table(
    "device_lease",
    metadata,
    Column("device_id", Integer, ForeignKey("device.id"), primary_key=True),
    Column("holder", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

poll_request = Table(
    "poll_request",
    metadata,
    Column("device_id", Integer, ForeignKey("device.id"), primary_key=True),
    Column("requested_at", Instant, nullable=False),
    Column("full", Boolean, nullable=False),
)
