"""The invented city of the guides: two months of work, terminals that are really read, papers, closings, accounts."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import argon2

from eabsensi.access.accounts import WantedAccount, create_account
from eabsensi.access.passwords import Passwords
from eabsensi.access.roles import Role
from eabsensi.assessing.closing import close_period, reopen_period
from eabsensi.assessing.keeping import rebuild
from eabsensi.collecting.poll import Poller
from eabsensi.devices.registryentry import Device
from eabsensi.devices.session import Patience
from eabsensi.devices.simulator.city import InventedEmployee, invent_employees
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.devices.simulator.users import User
from eabsensi.devices.simulator.workforce import Hours, Week, Worker, WorkPunch, workdays
from eabsensi.law.calendar import day_rule
from eabsensi.law.letterhead import Signer, UnitLetterhead
from eabsensi.law.loader import load_policy
from eabsensi.law.policy import Policy
from eabsensi.rehearsing.city import CITY_UNITS
from eabsensi.store.database import Store
from eabsensi.store.devices import sync_devices
from eabsensi.store.deviceslots import SeenUser, save_users
from eabsensi.store.documents import Document, approve_document, file_documents
from eabsensi.store.partitions import ensure_months
from eabsensi.store.people import (
    Employee,
    Enrolment,
    Posting,
    Unit,
    load_employees,
    save_employees,
    save_enrolments,
    save_postings,
    save_units,
)
from scripts.picturing.clock import StillClock

ZONE: Final = ZoneInfo("Asia/Jakarta")
FIRST, TODAY = date(2026, 9, 1), date(2026, 11, 3)
MORNING: Final = datetime(2026, 11, 3, 9, 20, tzinfo=ZONE)
_LAST_TOUCH: Final = datetime(2026, 11, 3, 9, 4)  # noqa: DTZ001  a device's clock has no zone
_READ_AT: Final = time(20, 0)
#: Nobody reads its terminal from the evening before on.
SILENT_UNIT: Final = "DINSOS"
#: Its terminal shows a time that is wrong, today only.
FAST_UNIT: Final = "DISHUB"
FAST: Final = timedelta(minutes=11)
OPERATORS_UNIT: Final = "DINKES"
PASSWORD: Final = "rumah-panggung-tepi-danau"  # noqa: S105  of accounts that last as long as the pictures are taken
HASHER: Final = argon2.PasswordHasher.from_parameters(argon2.profiles.CHEAPEST)
#: Late this morning; has an account.
EMPLOYEE_PIN: Final = "85"
_PEOPLE, _SEED = 220, 11
_BKPSDM: Final = "BADAN KEPEGAWAIAN DAN PENGEMBANGAN SUMBER DAYA MANUSIA"
_OF_BKPSDM: Final = "Kepala Badan Kepegawaian dan Pengembangan Sumber Daya Manusia"
_NEW_SINCE: Final = date(2026, 11, 2)
#: PINs of people who began to work yesterday; nobody has enrolled them yet.
_NEW_PINS: Final = ("31", "77")
#: Papers of these days, one for each of the first units.
_NOW: Final = (
    ("duty", date(2026, 11, 2), date(2026, 11, 4)),
    ("annual_leave", date(2026, 11, 3), date(2026, 11, 5)),
    ("sick", date(2026, 11, 3), date(2026, 11, 3)),
    ("duty", date(2026, 11, 3), date(2026, 11, 3)),
    ("annual_leave", date(2026, 11, 2), date(2026, 11, 6)),
    ("training", date(2026, 11, 2), date(2026, 11, 6)),
    ("permission", date(2026, 11, 3), date(2026, 11, 3)),
)
_OFFICER, _OPERATOR = "Ratna Mestikaraya", f"Operator {OPERATORS_UNIT}"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that was approved long ago."""

    employee: InventedEmployee
    kind: str
    first: date
    last: date
    number: str


@dataclass(frozen=True, slots=True)
class GuideCity:
    """What the pictures are taken of.

    Attributes:
        employees: everybody, by unit in the order of the units.
        clock: stands at the morning.

    """

    employees: Sequence[InventedEmployee]
    clock: StillClock

    def of(self, unit: str) -> list[InventedEmployee]:
        """Give a unit's people, its head first."""
        return [one for one in self.employees if one.unit == unit]


def invented_policy() -> Policy:
    """Give the policy that ships, under the invented city's letterhead."""
    policy = load_policy()
    head = next(one for one in invent_employees(_PEOPLE, seed=_SEED, units=CITY_UNITS) if one.unit == "BKPSDM")
    signer = Signer(position=_OF_BKPSDM, name=head.name, rank=head.rank, nip=head.nip)
    letterhead = replace(
        policy.letterheads.city,
        government="PEMERINTAH KOTA MUARO SEKOJA",
        address="",
        place="Muaro Sekoja",
        signer=signer,
    )
    units = {**policy.letterheads.units, "BKPSDM": UnitLetterhead(agency=_BKPSDM, signer=signer)}
    return replace(policy, letterheads=replace(policy.letterheads, city=letterhead, units=units))


def fill(store: Store, policy: Policy, fleet: Fleet) -> GuideCity:
    """Fill an empty store with the city, as it is known in the morning."""
    clock = StillClock(datetime.combine(FIRST, time(6), ZONE))
    city = GuideCity(invent_employees(_PEOPLE, seed=_SEED, units=CITY_UNITS), clock)
    papers = list(_papers(city))
    with store.begin_as_owner() as owner:
        ensure_months(owner, FIRST - timedelta(days=31), TODAY + timedelta(days=31))
    _introduce(store, city)
    terminals = _put_up(fleet, city)
    _collect(store, policy, city, terminals, papers)
    _file(store, papers)
    rebuild(store, policy, FIRST, TODAY, by="eabsensi", cause="penilaian harian", clock=clock)
    _close(store, policy, city)
    clock.at = MORNING
    _open_accounts(store, city)
    return city


# --- who is there ---------------------------------------------------------------------------------------------------


def _introduce(store: Store, city: GuideCity) -> None:
    with store.begin() as connection:
        save_units(connection, [Unit(u.code, u.name, u.parent or None, u.kind, u.pattern, None) for u in CITY_UNITS])
        people = [Employee(e.nip, e.name, e.kind, e.rank, e.position) for e in city.employees]
        save_employees(connection, people)
        ids = {nip: number for nip, (number, _) in load_employees(connection, [p.nip for p in people]).items()}
        save_postings(connection, [Posting(0, ids[e.nip], e.unit, _since(e), None) for e in city.employees])
        enrolled = [e for e in city.employees if e.pin not in _NEW_PINS]
        save_enrolments(connection, [Enrolment(0, None, e.pin, ids[e.nip], FIRST, None) for e in enrolled])


def _since(employee: InventedEmployee) -> date:
    return _NEW_SINCE if employee.pin in _NEW_PINS else FIRST


def _put_up(fleet: Fleet, city: GuideCity) -> dict[str, Terminal]:
    configs = [
        TerminalConfig(
            serial=f"CJDE2026{number:05}",
            host=f"127.20.{number}.4",
            clock=city.clock,
            users=[User(int(one.pin), one.pin, one.name) for one in city.of(unit.code)],
        )
        for number, unit in enumerate(CITY_UNITS, start=1)
    ]
    return dict(zip((unit.code for unit in CITY_UNITS), fleet.add_all(configs), strict=True))


def _open_accounts(store: Store, city: GuideCity) -> None:
    head = city.of(OPERATORS_UNIT)[0]
    employee = next(one for one in city.employees if one.pin == EMPLOYEE_PIN)
    wanted = [
        WantedAccount(username="admin", role=Role.ADMIN, name="Admin BKPSDM"),
        WantedAccount(username="ratna", role=Role.HR, name=_OFFICER),
        WantedAccount(username="hendra", role=Role.HR, name="Hendra Lubukindah"),
        WantedAccount(username="sekda", role=Role.LEADER, name="Sekretaris Daerah"),
        WantedAccount(username="kadinkes", role=Role.LEADER, unit=OPERATORS_UNIT, nip=head.nip),
        WantedAccount(username="op.dinkes", role=Role.OPERATOR, unit=OPERATORS_UNIT, name=_OPERATOR),
        WantedAccount(username=employee.nip, role=Role.EMPLOYEE, nip=employee.nip),
    ]
    with store.begin() as connection:
        for one in wanted:
            create_account(
                connection,
                Passwords(HASHER),
                one,
                password=PASSWORD,
                by="admin",
                at=city.clock.now() - timedelta(days=60),
            )


# --- what they did --------------------------------------------------------------------------------------------------


def _papers(city: GuideCity) -> Iterator[Paper]:
    """Give some absences their papers; the same ones every time."""
    rng = random.Random("papers")  # noqa: S311 - repeatable, not secret
    shapes = [("annual_leave", 3), ("annual_leave", 2), ("duty", 2), ("duty", 1), ("sick", 1), ("sick", 2)]
    shapes += [("permission", 1), ("training", 3), ("important_leave", 1)]
    for place, (kind, first, last) in enumerate(_NOW):
        employee = city.of(CITY_UNITS[place].code)[3]
        yield Paper(employee, kind, first, last, f"800/{701 + place}/2026")
    for number, employee in enumerate(rng.sample(list(city.employees), 60), start=1):
        kind, days = shapes[number % len(shapes)]
        first = FIRST + timedelta(days=rng.randrange((TODAY - FIRST).days + 1))
        if employee.pin not in _NEW_PINS and first < _NEW_SINCE - timedelta(days=3):
            yield Paper(employee, kind, first, first + timedelta(days=days - 1), f"800/{100 + number}/2026")


def _collect(
    store: Store, policy: Policy, city: GuideCity, terminals: dict[str, Terminal], papers: Sequence[Paper]
) -> None:
    """Let everybody work day by day, and read every terminal each evening, and this morning."""
    punches = _work(policy, city, papers)
    poller = Poller(store, city.clock, _no_comm_key, collector="server", patience=Patience(connect=3, command=3))
    for back in range((TODAY - FIRST).days, -1, -1):
        on = TODAY - timedelta(days=back)
        city.clock.at = MORNING - timedelta(minutes=6) if on == TODAY else datetime.combine(on, _READ_AT, ZONE)
        if on == TODAY:
            terminals[SILENT_UNIT].go_offline()
            terminals[FAST_UNIT].set_clock(offset=FAST)
        _read(store, poller, city, terminals, punches[on])


def _no_comm_key(name: str) -> int:
    raise KeyError(name)


def _read(
    store: Store, poller: Poller, city: GuideCity, terminals: dict[str, Terminal], done: dict[str, list[WorkPunch]]
) -> None:
    for unit, punches in done.items():
        terminals[unit].punch_many(punches)
    listed = [_listed(unit, terminal) for unit, terminal in terminals.items()]
    with store.begin() as connection:
        devices = sync_devices(connection, listed, city.clock.now())
    for device in devices:
        poller.poll(device)
        users = [
            SeenUser(user.pin, user.name.upper()[:16], user.uid)
            for user in terminals[device.unit_code].config.users or ()
        ]
        with store.begin() as connection:
            save_users(connection, device.id, users, city.clock.now())


def _listed(code: str, terminal: Terminal) -> Device:
    name = next(unit.name for unit in CITY_UNITS if unit.code == code)
    return Device(terminal.config.serial, code, f"{name}, lobi", terminal.host, terminal.port)


def _work(policy: Policy, city: GuideCity, papers: Sequence[Paper]) -> dict[date, dict[str, list[WorkPunch]]]:
    """Give the punches of each day by unit; nobody punches on a day that a paper covers."""
    away = {(p.employee.pin, p.first + timedelta(days=at)) for p in papers for at in range((p.last - p.first).days + 1)}
    found: dict[date, dict[str, list[WorkPunch]]] = defaultdict(lambda: defaultdict(list))
    for unit in CITY_UNITS:
        days = [FIRST + timedelta(days=at) for at in range((TODAY - FIRST).days + 1)]
        free = [day for day in days if day_rule(policy, unit.pattern, day).hours is None]
        workers = [Worker(one.pin) for one in city.of(unit.code)]
        for punch in workdays(workers, FIRST, TODAY, _week(policy, unit.pattern), seed=_SEED, free_days=free):
            on = punch.device_time.date()
            if (punch.pin, on) in away or punch.device_time > _LAST_TOUCH:
                continue
            if punch.pin in _NEW_PINS and on < _NEW_SINCE:
                continue
            fast = FAST if (unit.code, on) == (FAST_UNIT, TODAY) else timedelta()
            found[on][unit.code].append(punch._replace(device_time=punch.device_time + fast))
    return found


def _week(policy: Policy, pattern: str) -> Week:
    days = policy.hours[pattern].on(TODAY).value.week.days
    hours = [days.get(weekday) for weekday in range(7)]
    return Week(tuple(Hours(one.start, one.end) if one else None for one in hours))


# --- what was decided -----------------------------------------------------------------------------------------------


def _file(store: Store, papers: Sequence[Paper]) -> None:
    with store.begin() as connection:
        ids = load_employees(connection, [paper.employee.nip for paper in papers])
        for paper in papers:
            at = datetime.combine(min(paper.first, TODAY - timedelta(days=1)), time(10, 30), ZONE)
            document = Document(
                kind=paper.kind,
                employee_id=ids[paper.employee.nip][0],
                unit_code=None,
                first_on=paper.first,
                last_on=paper.last,
                number=paper.number,
                issued_on=at.date(),
            )
            [number] = file_documents(connection, [document], by=f"Operator {paper.employee.unit}", at=at)
            approve_document(connection, number, by=_OFFICER, at=at + timedelta(hours=3))


def _close(store: Store, policy: Policy, city: GuideCity) -> None:
    """Close September everywhere, and October where the office was quick; one was reopened."""
    september, october = FIRST, date(2026, 10, 1)
    quick = ("BKPSDM", "BAPPEDA", "DISDIK")
    for month, units in ((september, [unit.code for unit in CITY_UNITS]), (october, quick)):
        city.clock.at = datetime.combine((month + timedelta(days=32)).replace(day=2), time(14, 5), ZONE)
        for code in units:
            close_period(
                store,
                policy,
                code,
                month,
                by=_OFFICER,
                clock=city.clock,
                reason="daftar hari terlampir, disetujui kepala unit",
            )
    city.clock.at += timedelta(hours=1)
    reopen_period(store, "BAPPEDA", october, by=_OFFICER, clock=city.clock, reason="surat cuti terlambat diterima")
