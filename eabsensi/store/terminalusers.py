"""Whom a terminal had on it when its users were last read, to tell of a PIN that is nobody's there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, text

from eabsensi.store.deviceslots import SLOTTED

__all__ = ["TerminalUsers", "terminal_users"]


class TerminalUsers(NamedTuple):
    """The users of a terminal, by the latest reading.

    Attributes:
        read_on: the terminal's date of that reading.
        names_slots: its records name the slot, so the PINs are slots.
        pins: what punches of these users carry; user ids and slots where it is not known yet which.

    """

    read_on: date
    names_slots: bool
    pins: frozenset[str]


def terminal_users(connection: Connection, serials: Collection[str]) -> dict[str, TerminalUsers]:
    """Give the users of those of these terminals whose users were read, by serial; who is gone is left out."""
    rows = connection.execute(_USERS, {"serials": list(serials)})
    return {row.serial: TerminalUsers(row.read_on, row.names_slots, frozenset(row.pins)) for row in rows}


_USERS = text(f"""
    WITH latest AS (
        SELECT d.id, d.serial, d.timezone, max(u.seen_at) AS read_at
        FROM device d JOIN device_user u ON u.device_id = d.id
        WHERE d.serial = ANY(CAST(:serials AS text[])) GROUP BY d.id, d.serial, d.timezone
    )
    SELECT latest.serial, CAST(latest.read_at AT TIME ZONE latest.timezone AS date) AS read_on,
           coalesce({SLOTTED}, false) AS names_slots, array_agg(shown.pin) AS pins
    FROM latest JOIN device_user u ON u.device_id = latest.id AND u.seen_at = latest.read_at
    LEFT JOIN device_log l ON l.device_id = latest.id
    CROSS JOIN LATERAL (
        SELECT u.pin WHERE NOT coalesce({SLOTTED}, false)
        UNION SELECT CAST(u.slot AS text) WHERE u.slot IS NOT NULL AND (l.layout IS NULL OR {SLOTTED})
    ) AS shown
    GROUP BY latest.serial, latest.read_at, latest.timezone, l.layout
""")  # noqa: S608  made of constants
