"""Poll rows read back: what came of a poll that another process did."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, text


class PollRow(NamedTuple):
    """The last poll of a device, as another collector kept it."""

    id: int
    device_id: int
    outcome: str
    error: str | None
    mode: str
    records_on_device: int | None
    records_read: int
    punches_new: int
    clock_offset_seconds: float | None


_LAST = text(
    """
    SELECT DISTINCT ON (device_id) id, device_id, outcome, error, mode, records_on_device, records_read, punches_new,
           clock_offset_seconds
    FROM poll
    WHERE device_id = ANY(:device_ids)
    ORDER BY device_id, id DESC
    """,
)


def last_polls(connection: Connection, device_ids: Collection[int]) -> dict[int, PollRow]:
    """Give the newest poll row of each of these devices that has one."""
    rows = connection.execute(_LAST, {"device_ids": list(device_ids)})
    return {row.device_id: PollRow(*row) for row in rows}
