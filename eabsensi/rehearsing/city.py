"""The rehearsal's city: units, people and terminals, each terminal with the days that its people worked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from eabsensi.devices.attlog import Layout
from eabsensi.devices.simulator.city import UNITS, InventedEmployee, InventedUnit, invent_employees
from eabsensi.devices.simulator.config import TerminalConfig, Transport
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.devices.simulator.users import User
from eabsensi.devices.simulator.workforce import Hours, Week, Worker, workdays
from eabsensi.law.calendar import day_rule
from eabsensi.law.hours import DayHours
from eabsensi.law.policy import Policy

EMPLOYEES: Final = 320
DAYS_OF_HISTORY: Final = 21
#: Units on shifts need a roster before they can be judged; the rehearsal leaves them out.
CITY_UNITS: Final = tuple(unit for unit in UNITS if unit.pattern != "shift")


@dataclass(frozen=True, slots=True)
class Post:
    """Where one terminal stands, and what is particular about it.

    Attributes:
        unit: code of its unit.
        place: where it hangs.
        layout, transport: how it speaks.
        comm_key: 0 for none.
        clock_fast: how far its clock is ahead.
        goes_offline: whether it falls silent after it was registered.
        story: what the rehearsal says of it, "" where nothing is particular.

    """

    unit: str
    place: str
    layout: Layout = Layout.FORTY
    transport: Transport = "tcp"
    comm_key: int = 0
    clock_fast: timedelta = timedelta()
    goes_offline: bool = False
    story: str = ""


PARTICULAR: Final = {
    "DINSOS": Post("DINSOS", "lobi", goes_offline=True, story="goes offline before it is ever read"),
    "DISHUB": Post("DISHUB", "lobi", clock_fast=timedelta(minutes=47), story="its clock is 47 minutes fast"),
    "BPKAD": Post("BPKAD", "lobi", comm_key=271828, story="asks for a comm key"),
    "DLH": Post("DLH", "lobi", layout=Layout.SIXTEEN, transport="udp", story="an old model: UDP only, 16-byte records"),
    "DISDIK": Post("DISDIK", "lobi", layout=Layout.FORTY_NINE, story="a face terminal: 49-byte records"),
    "DUKCAPIL": Post("DUKCAPIL", "loket", layout=Layout.EIGHT_UID, story="a very old model: 8-byte records"),
}
#: The largest units have a second terminal.
SECOND_DOORS: Final = ("SETDA", "DINKES")


@dataclass(frozen=True, slots=True)
class City:
    """What the rehearsal works with.

    Attributes:
        on: the day that is reported.
        units: the units.
        employees: everybody, with the one PIN that each has on every terminal.
        terminals: the running terminals, in the order in which they are registered.

    """

    on: date
    units: Sequence[InventedUnit]
    employees: Sequence[InventedEmployee]
    terminals: Sequence[tuple[Post, Terminal]]


def local_day(policy: Policy, at: datetime) -> date:
    """Give the day that the city has at an instant; its night is still yesterday in UTC."""
    return at.astimezone(ZoneInfo(policy.timezone.on(at.date()).value)).date()


def last_working_day(policy: Policy, today: date) -> date:
    """Give the last day before ``today`` on which five-day offices worked."""
    days = (today - timedelta(days=back) for back in range(1, 60))
    return next(day for day in days if day_rule(policy, "5-day", day).hours is not None)


def build_city(fleet: Fleet, policy: Policy, today: date) -> City:
    """Put up the terminals, with three weeks of work in their logs.

    Args:
        fleet: where they run.
        policy: the hours that people work by, and the holidays.
        today: nobody has worked on it yet.

    """
    on = last_working_day(policy, today)
    employees = invent_employees(EMPLOYEES, seed=7, units=CITY_UNITS)
    posts = [PARTICULAR.get(unit.code) or Post(unit.code, "lobi") for unit in CITY_UNITS]
    posts += [Post(code, "pintu belakang") for code in SECOND_DOORS]
    configs = [_config(at, post, employees) for at, post in enumerate(posts, start=1)]
    terminals = list(zip(posts, fleet.add_all(configs), strict=True))
    for unit in CITY_UNITS:
        doors = [terminal for post, terminal in terminals if post.unit == unit.code]
        _work(doors, [one for one in employees if one.unit == unit.code], unit.pattern, policy, on)
    return City(on, CITY_UNITS, employees, terminals)


def _config(number: int, post: Post, employees: Sequence[InventedEmployee]) -> TerminalConfig:
    people = [one for one in employees if one.unit == post.unit]
    return TerminalConfig(
        serial=f"DEMO2026{number:05}",
        host=f"127.20.{number}.4",
        transport=post.transport,
        layout=post.layout,
        comm_key=post.comm_key,
        users=[User(int(one.pin), one.pin, one.name) for one in people],
        device_name="F18"
        if post.layout is Layout.FORTY
        else "MB560-VL"
        if post.layout is Layout.FORTY_NINE
        else "U160",
    )


def _work(
    doors: Sequence[Terminal],
    people: Sequence[InventedEmployee],
    pattern: str,
    policy: Policy,
    on: date,
) -> None:
    """Let a unit's people work for three weeks, each at a door of their own choice."""
    first = on - timedelta(days=DAYS_OF_HISTORY)
    free = [day for day in _days(first, on) if day_rule(policy, pattern, day).hours is None]
    workers = [Worker(one.pin) for one in people]
    punches = workdays(workers, first, on, _week(policy, pattern, on), seed=7, free_days=free)
    for at, terminal in enumerate(doors):
        own = [punch for punch in punches if int(punch.pin) % len(doors) == at]
        fast = next((post.clock_fast for post in PARTICULAR.values() if post.unit == people[0].unit), timedelta())
        terminal.set_clock(offset=fast)
        terminal.punch_many(punch._replace(device_time=punch.device_time + fast) for punch in own)


def _days(first: date, last: date) -> Collection[date]:
    return [first + timedelta(days=at) for at in range((last - first).days + 1)]


def _week(policy: Policy, pattern: str, on: date) -> Week:
    """Give the hours that the law sets for a pattern at a date."""
    days = policy.hours[pattern].on(on).value.week.days
    return Week(tuple(_hours(days.get(weekday)) for weekday in range(7)))


def _hours(hours: DayHours | None) -> Hours | None:
    return Hours(hours.start, hours.end) if hours else None
