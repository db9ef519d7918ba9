"""Polls that somebody asked for, e.g. by the command line while the daemon holds the device's lease."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, text

_REQUEST = text("""
    INSERT INTO poll_request AS asked (device_id, requested_at, "full")
    VALUES (:device_id, clock_timestamp(), :full)
    ON CONFLICT (device_id) DO UPDATE
        SET requested_at = excluded.requested_at, "full" = asked."full" OR excluded."full"
""")
_TAKE = text("""
    DELETE FROM poll_request
    WHERE device_id IN (
        SELECT device_id FROM poll_request WHERE device_id = ANY(:device_ids)
        ORDER BY device_id FOR UPDATE SKIP LOCKED
    )
    RETURNING device_id, "full"
""")


def request_poll(conn: Connection, device_id: int, full: bool) -> None:
    """Ask for a poll of a device as soon as may be; a full one stays full if asked again."""
    conn.execute(_REQUEST, {"device_id": device_id, "full": full})


def take_requests(conn: Connection, device_ids: Collection[int]) -> list[tuple[int, bool]]:
    """Take what was asked for of these devices, each as (device id, full); it is asked for no more."""
    rows = conn.execute(_TAKE, {"device_ids": list(device_ids)})
    return sorted((row.device_id, row.full) for row in rows)
