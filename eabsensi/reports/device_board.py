"""The terminals for whoever looks after them: what needs a hand comes first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eabsensi.collecting.condition import STALE_AFTER, alarms_of
from eabsensi.law.policy import Policy
from eabsensi.reports.devices import DeviceRow, DevicesReport, devices_report
from eabsensi.store.connection import Connection
from eabsensi.store.health import DeviceHealth
from eabsensi.store.live import last_heard


@dataclass(frozen=True, slots=True)
class DeviceBoard:
    """The report with its terminals in order of need.

    Attributes:
        report: the same figures as its file.
        rows: those that need a hand first, then those that are well, then those that are not read at all.
        heard: when a terminal was last heard live, by its id, in the report's zone.
        wanting: how many need a hand.

    """

    report: DevicesReport
    rows: tuple[DeviceRow, ...]
    heard: dict[int, datetime]
    wanting: int


def device_board(connection: Connection, policy: Policy, *, as_of: datetime, unit: str | None = None) -> DeviceBoard:
    """Make the board of the present.

    Raises:
        UnknownUnitError: there is no such unit.

    """
    report = devices_report(connection, policy, as_of=as_of, unit=unit)
    rows = sorted(report.rows, key=lambda row: (*_need(row.health, as_of), row.number))
    heard = {device: at.astimezone(report.setting.zone) for device, at in last_heard(connection).items()}
    wanting = sum(bool(alarms_of(row.health, as_of)) for row in report.rows)
    return DeviceBoard(report, tuple(rows), heard, wanting)


def _need(health: DeviceHealth, now: datetime) -> tuple[int, int]:
    """Rank a terminal, the neediest lowest: not read, read too long ago, other alarms, well, disabled."""
    if not health.enabled:
        return 4, 0
    if health.last_outcome != "ok":
        return 0, -health.failures
    if health.complete_through is not None and now - health.complete_through > STALE_AFTER:
        return 1, 0
    return (2 if alarms_of(health, now) else 3), 0
