"""eabsensi status and eabsensi doctor: how the terminals are, and what wants a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import typer

from eabsensi.cli.options import JsonOption
from eabsensi.cli.output import DONE_IN_PART, say, show_json, show_problems, show_table
from eabsensi.clock import SystemClock
from eabsensi.collecting.condition import Condition, conditions, examine
from eabsensi.settings import Settings
from eabsensi.store.database import open_store


def status_command(*, as_json: JsonOption = False) -> None:
    """Show every terminal: last read, clock, log filling, and what is wrong."""
    clock = SystemClock()
    with open_store(Settings.load()) as store:
        found = conditions(store, clock.now())
    if as_json:
        show_json([asdict(condition.health) | {"alarms": condition.alarms} for condition in found])
        return
    if not found:
        say("There is no device yet. Add one with: eabsensi device add HOST --unit CODE")
        return
    headers = ("SERIAL", "UNIT", "STATE", "LAST READ", "COMPLETE TO", "CLOCK", "LOG", "FULL IN", "ALARMS")
    show_table(headers, [_row(condition, clock.now()) for condition in found], right=("CLOCK", "LOG", "FULL IN"))
    say(_summary(found))


def doctor_command() -> None:
    """Look over the installation and say what wants a person; exit code 3 where something does."""
    settings, clock = Settings.load(), SystemClock()
    with open_store(settings) as store:
        problems = examine(settings, store, clock.now())
    if not problems:
        say("Nothing wants attention.")
        return
    show_problems(problems)
    raise typer.Exit(DONE_IN_PART)


def _row(condition: Condition, now: datetime) -> tuple[object, ...]:
    health = condition.health
    state = "disabled" if not health.enabled else health.last_outcome or "never read"
    return (
        health.serial,
        health.unit_code,
        state,
        _ago(health.last_ok_at, now),
        _ago(health.complete_through, now),
        "" if health.clock_offset_seconds is None else f"{health.clock_offset_seconds:+,.0f} s",
        _filling(health.records_on_device, health.record_capacity),
        "" if health.days_until_full is None else f"{health.days_until_full:,.0f} d",
        "; ".join(condition.alarms),
    )


def _filling(records: int | None, capacity: int | None) -> str:
    if records is None:
        return ""
    return f"{records:,}" if not capacity else f"{records:,} ({100 * records / capacity:.0f}%)"


def _ago(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "never"
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 2880 else f"{minutes // 1440} d ago"


def _summary(found: Sequence[Condition]) -> str:
    enabled = [condition for condition in found if condition.health.enabled]
    alarmed = sum(bool(condition.alarms) for condition in enabled)
    return f"{len(enabled)} terminals, {alarmed} with alarms."
