"""Which punches are stored already."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from eabsensi.devices.attlog import Punch

_KNOWN = text(
    """
    SELECT EXISTS (
        SELECT FROM punch
        WHERE punch.device_id = :device_id AND punch.pin = asked.pin AND punch.device_time = asked.device_time
    )
    FROM unnest(CAST(:pins AS text[]), CAST(:times AS timestamp[])) WITH ORDINALITY AS asked (pin, device_time, place)
    ORDER BY asked.place
    """,
)


def known_punches(connection: Connection, device_id: int, punches: Sequence[Punch]) -> list[bool]:
    """Tell for each punch of a device, in order, whether one of that PIN and second is stored."""
    asked = {
        "device_id": device_id,
        "pins": [punch.pin for punch in punches],
        "times": [punch.device_time for punch in punches],
    }
    return list(connection.execute(_KNOWN, asked).scalars())
