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

# A record that only a USB dump brought has other bytes there; once the log has shown it, its second has to do.
_SAME = text(
    """
    SELECT EXISTS (
        SELECT FROM punch LEFT JOIN punch_sighting AS sighting USING (device_id, pin, device_time, ordinal)
        WHERE punch.device_id = :device_id AND punch.pin = asked.pin AND punch.device_time = asked.device_time
          AND (punch.source = 'log' AND punch.raw = asked.raw OR sighting.poll_id IS NOT NULL)
    )
    FROM unnest(CAST(:pins AS text[]), CAST(:times AS timestamp[]), CAST(:raws AS bytea[]))
         WITH ORDINALITY AS asked (pin, device_time, raw, place)
    ORDER BY asked.place
    """,
)


def known_punches(connection: Connection, device_id: int, punches: Sequence[Punch]) -> list[bool]:
    """Tell for each punch of a device, in order, whether one of that PIN and second is stored."""
    return list(connection.execute(_KNOWN, _asked(device_id, punches)).scalars())


def known_records(connection: Connection, device_id: int, punches: Sequence[Punch]) -> list[bool]:
    """Tell for each punch of a device, in order, whether the log has shown this very record, byte for byte."""
    asked = _asked(device_id, punches) | {"raws": [punch.raw for punch in punches]}
    return list(connection.execute(_SAME, asked).scalars())


def _asked(device_id: int, punches: Sequence[Punch]) -> dict[str, object]:
    return {
        "device_id": device_id,
        "pins": [punch.pin for punch in punches],
        "times": [punch.device_time for punch in punches],
    }
