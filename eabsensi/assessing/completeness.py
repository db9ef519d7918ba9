"""Whether everything is read that could change a list of some days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from eabsensi.assessing.ranges import load_city
from eabsensi.discipline.coverage import read_until
from eabsensi.law.policy import Policy
from eabsensi.store.connection import Connection


def read_past(
    connection: Connection,
    policy: Policy,
    last: date,
    as_of: datetime,
    *,
    units: Collection[str] | None = None,
    serial: str | None = None,
) -> bool:
    """Tell whether every device in use is read past a day, in the city's zone; clocks that are slow tell less.

    Ask before the rows that it speaks of are read: what is polled in between may be missing from them.

    Args:
        connection: the one from which the rows come, since a copy may have less.
        policy: the law.
        last: the day.
        as_of: the instant of knowledge.
        units: only the devices that stand in these; None for every unit's.
        serial: only this device; None for all.

    """
    city = load_city(connection, policy, as_of)
    end = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(policy.timezone.on(last).value))
    tolerance = policy.clock_tolerance.on(as_of.date()).value
    wanted = [
        city.devices[row.id]
        for row in city.device_rows
        if row.enabled and (units is None or row.unit_code in units) and serial in (None, row.serial)
    ]
    return as_of >= end and all(read_until(device, tolerance) >= end for device in wanted)
