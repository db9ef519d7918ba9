"""How each terminal is doing, from its polls."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from eabsensi.store.deviceslots import slot_doubts, slot_tables

GROWTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class SlotState:
    """What is known of the users of a terminal whose records name slots.

    Attributes:
        read_at: when they were last read; None where never.
        differing: how many have another slot than their user id.
        doubtful: how many slots' punches may reach the wrong person.

    """

    read_at: datetime | None
    differing: int
    doubtful: int


@dataclass(frozen=True, slots=True)
class DeviceHealth:
    """One terminal's state.

    Attributes:
        device_id, serial, unit_code, name, enabled: which one.
        last_poll_at: when the last poll ended.
        last_ok_at: when the last successful one ended.
        last_outcome: ``ok`` or the kind of error of the last poll; None before the first.
        last_error: its sentence.
        failures: polls in a row that have failed.
        clock_offset_seconds: the device's clock minus the server's, as last measured.
        records_on_device: how many records it holds.
        record_capacity: how many it can hold.
        growth_per_day: records a day, over up to 30 days; None before a day's worth is known.
        days_until_full: at that growth; None where it cannot be told or does not grow.
        complete_through: the instant up to which its log has surely been read.
        tail_ok: whether its reads past offset 0 are honest.
        lease_holder: which collector holds it now.
        restarted_at: when it was last found that its log was cleared before it was read.
        misread_at: when a record came last that does not tell when it was made.
        slots: of a terminal whose records name slots; None where they name user ids.

    """

    device_id: int
    serial: str
    unit_code: str
    name: str
    enabled: bool
    last_poll_at: datetime | None
    last_ok_at: datetime | None
    last_outcome: str | None
    last_error: str | None
    failures: int
    clock_offset_seconds: float | None
    records_on_device: int | None
    record_capacity: int | None
    growth_per_day: float | None
    days_until_full: float | None
    complete_through: datetime | None
    tail_ok: bool | None
    lease_holder: str | None
    restarted_at: datetime | None = None
    misread_at: datetime | None = None
    slots: SlotState | None = None


# The growth looks at one poll a day by the index, not at all of them; a fall (the log was cleared) counts as nothing.
_HEALTH = text(f"""
    SELECT device.id AS device_id, device.serial, device.unit_code, device.name, device.enabled,
           last.finished_at AS last_poll_at, good.finished_at AS last_ok_at,
           last.outcome AS last_outcome, last.error AS last_error, failing.failures,
           measured.clock_offset_seconds, log.records_on_device, device.record_capacity,
           growing.per_day AS growth_per_day, log.complete_through, log.tail_ok, lease.holder AS lease_holder,
           lost.restarted_at, greatest(lost.misdated_at, unreadable.at) AS misread_at
    FROM device
    LEFT JOIN device_log AS log ON log.device_id = device.id
    LEFT JOIN device_lease AS lease ON lease.device_id = device.id AND lease.expires_at > clock_timestamp()
    LEFT JOIN LATERAL (
        SELECT finished_at, outcome, error FROM poll
        WHERE device_id = device.id ORDER BY finished_at DESC, id DESC LIMIT 1
    ) AS last ON true
    LEFT JOIN LATERAL (
        SELECT finished_at FROM poll
        WHERE device_id = device.id AND outcome = 'ok' ORDER BY finished_at DESC LIMIT 1
    ) AS good ON true
    LEFT JOIN LATERAL (
        SELECT clock_offset_seconds FROM poll
        WHERE device_id = device.id AND clock_offset_seconds IS NOT NULL ORDER BY finished_at DESC LIMIT 1
    ) AS measured ON true
    CROSS JOIN LATERAL (
        SELECT max(noted_at) FILTER (WHERE cause = 'cleared') AS restarted_at,
               max(noted_at) FILTER (WHERE cause = 'misdated') AS misdated_at
        FROM log_gap WHERE device_id = device.id
    ) AS lost
    CROSS JOIN LATERAL (
        SELECT max(received_at) AS at FROM unreadable_record WHERE device_id = device.id AND source = 'log'
    ) AS unreadable
    CROSS JOIN LATERAL (
        SELECT count(*) AS failures FROM poll
        WHERE device_id = device.id AND outcome <> 'ok'
          AND finished_at > coalesce(good.finished_at, '-infinity')
    ) AS failing
    CROSS JOIN LATERAL (
        SELECT sum(greatest(records - before, 0)) FILTER (WHERE before IS NOT NULL)
               / nullif(extract(epoch FROM max(at) - min(at)) / 86400, 0)::float8 AS per_day
        FROM (
            SELECT seen.at, seen.records, lag(seen.records) OVER (ORDER BY seen.at) AS before
            FROM generate_series(0, {GROWTH_DAYS}) AS days_ago
            CROSS JOIN LATERAL (
                SELECT finished_at AS at, records_on_device AS records FROM poll
                WHERE device_id = device.id AND records_on_device IS NOT NULL
                  AND finished_at <= now() - make_interval(days => days_ago)
                  AND finished_at > now() - make_interval(days => days_ago + 1)
                ORDER BY finished_at DESC LIMIT 1
            ) AS seen
        ) AS counted
    ) AS growing
    ORDER BY device.serial
""")  # noqa: S608  made of constants


def device_health(conn: Connection) -> list[DeviceHealth]:
    """Tell how every device is doing, by serial."""
    slots = _slot_states(conn)
    rows = conn.execute(_HEALTH).mappings()
    return [
        DeviceHealth(
            **row,
            slots=slots.get(row["device_id"]),
            days_until_full=_days_until_full(row["records_on_device"], row["record_capacity"], row["growth_per_day"]),
        )
        for row in rows
    ]


def _slot_states(conn: Connection) -> dict[int, SlotState]:
    tables = slot_tables(conn)
    doubts = slot_doubts(conn, tables) if tables else []
    counted = Counter(device_id for device_id, _ in {(doubt.device_id, doubt.pin) for doubt in doubts})
    return {table.device_id: SlotState(table.read_at, table.differing, counted[table.device_id]) for table in tables}


def _days_until_full(records: int | None, capacity: int | None, per_day: float | None) -> float | None:
    if records is None or not capacity or not per_day:
        return None
    return max(capacity - records, 0) / per_day
