"""The city of the bad week: a unit and a terminal each, of every make, and people who work the week of October 2026."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg

from eabsensi.devices.attlog import Layout
from eabsensi.devices.simulator.city import InventedEmployee, InventedUnit, invent_employees
from eabsensi.devices.simulator.config import TerminalConfig, WhenFull
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.devices.simulator.users import User
from eabsensi.devices.simulator.workforce import Hours, Week, Worker, WorkPunch, workdays
from scripts.soaking.ledger import keep_ledger

#: A week without a holiday, Monday first, that lies in the past whenever this runs.
MONDAY: Final = date(2026, 10, 19)
DAYS: Final = [MONDAY + timedelta(days=at) for at in range(7)]
_HOURS: Final = Week.of(time(7, 15), time(15, 45), friday=Hours(time(7, 15), time(16, 15)))
#: Seconds between two punches of a terminal at least: a person steps up, the finger is read.
PUNCH_SECONDS: Final = 1.3
_PUNCHES_EACH: Final = 13

#: Every make of terminal that the fault list knows by how it is built; dealt out in turn.
MAKES: Final[tuple[dict[str, Any], ...]] = (
    {"layout": Layout.FORTY},
    {"layout": Layout.SIXTEEN, "transport": "udp"},
    {"layout": Layout.FORTY, "when_full": WhenFull.RING, "record_capacity": 26},
    {"layout": Layout.FORTY_NINE, "comm_key": 4711, "sizes_bytes": 80},
    {"layout": Layout.EIGHT_PACKED},
    {
        "layout": Layout.SIXTEEN,
        "when_full": WhenFull.DELETE_OLDEST,
        "record_capacity": 40,
        "delete_when_full": 10,
        "unknown_option_is_empty": True,
    },
    {"layout": Layout.EIGHT_UID, "sizes_bytes": 112, "delay_seconds": 0.01},
    {"layout": Layout.FORTY, "transport": "udp", "always_long_form": True, "packet_pause_seconds": 0.002},
    {"layout": Layout.FORTY, "frozen_buffer": True, "sizes_bytes": 4, "bytes_per_second": 20_000},
    {"layout": Layout.EIGHT_PACKED, "packed_short_records": False, "record_capacity": 45, "backlog": 0},
    {"layout": Layout.FORTY, "connect_blocks_users": True, "disable_has_effect": False, "event_bytes": 14},
    {"layout": Layout.SIXTEEN, "encoding": "gbk", "strict_reply_ids": False, "segment_bytes": (1, 9)},
)


@dataclass(frozen=True, slots=True)
class Post:
    """One terminal, where it stands and whose it is.

    Attributes:
        unit: code of its unit.
        terminal: the simulated terminal.
        is_live: whether a session to it is held.
        work: the week's punches on it, in order.

    """

    unit: str
    terminal: Terminal
    is_live: bool
    work: Sequence[WorkPunch]

    @property
    def serial(self) -> str:
        """The serial that it was built with."""
        return self.terminal.config.serial

    @property
    def pins(self) -> list[str]:
        """Who punches on it."""
        return [user.pin for user in self.terminal.config.users or ()]


@dataclass(frozen=True, slots=True)
class City:
    """Everything that the week is played with."""

    units: Sequence[InventedUnit]
    employees: Sequence[InventedEmployee]
    posts: Sequence[Post]


def people_each(seconds: float) -> int:
    """Give how many people can punch at one terminal in a week of so many seconds."""
    return max(2, min(40, int(seconds / (PUNCH_SECONDS * _PUNCHES_EACH))))


def build_city(fleet: Fleet, terminals: int, people: int, seed: int) -> City:
    """Put up the terminals; the last of five or more stands at the first unit's back door."""
    back_door = terminals >= 5
    units = [
        InventedUnit(f"UK{at:02}", f"Unit Kerja {at}", "", "dinas", "5-day", 1)
        for at in range(1, terminals + (not back_door))
    ]
    employees = invent_employees(people * len(units), seed, units)
    places = [unit.code for unit in units] + ([units[0].code] if back_door else [])
    configs = [_config(at, code, employees, seed) for at, code in enumerate(places)]
    built = fleet.add_all(configs)
    for terminal in built:
        keep_ledger(terminal)
    posts = [
        Post(
            code,
            terminal,
            at % 2 == 0 and not terminal.config.connect_blocks_users,
            _work(at, code, employees, places, seed),
        )
        for at, (code, terminal) in enumerate(zip(places, built, strict=True))
    ]
    return City(units, employees, posts)


def _config(at: int, unit: str, employees: Sequence[InventedEmployee], seed: int) -> TerminalConfig:
    make = MAKES[at % len(MAKES)]
    users = [User(int(one.pin), one.pin, one.name) for one in employees if one.unit == unit]
    return TerminalConfig(serial=f"SOAK2026{at + 1:04}", host=_host(at), users=users, seed=seed + at, **make)


def _host(at: int) -> str:
    """Give a terminal an address that no other process on this machine has: a port that is let go may be taken."""
    return f"127.{32 + os.getpid() // 200 % 200}.{os.getpid() % 200}.{at + 1}"


def _work(
    at: int, unit: str, employees: Sequence[InventedEmployee], places: Sequence[str], seed: int
) -> Sequence[WorkPunch]:
    doors = [door for door, code in enumerate(places) if code == unit]
    pins = [one.pin for one in employees if one.unit == unit]
    own = [pin for turn, pin in enumerate(pins) if doors[turn % len(doors)] == at]
    return workdays([Worker(pin) for pin in own], DAYS[0], DAYS[-1], _HOURS, seed=seed)


def write_registry(city: City, file: Path) -> None:
    """Write devices.yaml."""
    lines = ["devices:"]
    for post in city.posts:
        config = post.terminal.config
        lines += [
            f"  - serial: {post.serial}",
            f"    unit: {post.unit}",
            f"    name: Mesin {post.serial[-4:]}",
            f"    host: {post.terminal.host}",
            f"    port: {post.terminal.port}",
            f"    transport: {config.transport}",
            f"    encoding: {config.encoding}",
            f"    live: {str(post.is_live).lower()}",
            "    in_use_since: 2026-10-01",
            *([f"    comm_key: {post.serial}"] if config.comm_key else []),
        ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def comm_keys(city: City) -> dict[str, str]:
    """Give the environment's comm keys."""
    configs = [post.terminal.config for post in city.posts]
    return {f"EABSENSI_COMM_KEY_{one.serial}": str(one.comm_key) for one in configs if one.comm_key}


def register_people(city: City, url: str) -> None:
    """Write units, people and PINs, and mark every day of the week to be judged, as an import does."""
    with closing(psycopg.connect(url, autocommit=True)) as connection, connection.transaction():
        for unit in city.units:
            connection.execute(
                "INSERT INTO unit (code, name, pattern) VALUES (%s, %s, %s)", (unit.code, unit.name, unit.pattern)
            )
        for one in city.employees:
            connection.execute(_PERSON, (one.nip, one.name, one.kind, one.unit, one.pin, DAYS[0]))


_PERSON: Final = """
    WITH person AS (
        INSERT INTO employee (nip, name, kind) VALUES (%s, %s, %s) RETURNING id
    ), posted AS (
        INSERT INTO posting (employee_id, unit_code, valid_during)
        SELECT id, %s, daterange('2024-01-01', NULL) FROM person
    ), enrolled AS (
        INSERT INTO enrolment (pin, employee_id, valid_during)
        SELECT %s, id, daterange('2024-01-01', NULL) FROM person
    )
    INSERT INTO dirty_day (employee_id, on_date, cause, marked_at)
    SELECT id, %s::date + step, 'import', now() FROM person, generate_series(0, 6) AS step
"""


def chance(*parts: object) -> random.Random:
    """Give choices that a seed repeats."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311  repeatable, not secret
