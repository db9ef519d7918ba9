"""Units, employees, postings and enrolments: whole lists written at once, and read back.

Every list goes to the server as one statement over arrays; ten thousand employees are four statements, not forty
thousand. Deciding what changes is the importer's; the database refuses overlaps whatever the importer decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, text

__all__ = [
    "Connection",
    "Employee",
    "EmployeeRow",
    "Enrolment",
    "EnrolmentRow",
    "FoundPeople",
    "FoundPerson",
    "Posting",
    "Sought",
    "Unit",
    "device_ids",
    "list_employees",
    "list_enrolments",
    "load_employees",
    "load_enrolments",
    "load_postings",
    "load_units",
    "lock_enrolments",
    "lock_people",
    "save_employees",
    "save_enrolments",
    "save_postings",
    "save_units",
    "search_people",
    "timezone_of",
    "units_below",
]


class Unit(NamedTuple):
    """A node of the organisation tree; ``timezone`` None means its parent's."""

    code: str
    name: str
    parent: str | None
    kind: str
    pattern: str
    timezone: str | None


class Employee(NamedTuple):
    """A person; the NIP is text."""

    nip: str
    name: str
    kind: str
    rank: str
    position: str


class Posting(NamedTuple):
    """A person in a unit from ``start`` to before ``end``; ``id`` 0 for one that is not stored yet."""

    id: int
    employee_id: int
    unit: str
    start: date
    end: date | None


class Enrolment(NamedTuple):
    """A PIN that means a person from ``start`` to before ``end``; ``device_id`` None means on every device."""

    id: int
    device_id: int | None
    pin: str
    employee_id: int
    start: date
    end: date | None


class EmployeeRow(NamedTuple):
    """An employee with one of the postings; ``until`` is the last day, None while it lasts."""

    nip: str
    name: str
    kind: str
    rank: str
    position: str
    unit: str | None
    since: date | None
    until: date | None


class EnrolmentRow(NamedTuple):
    """An enrolment for people: serial ``*`` is every device, ``until`` the last day, None while it lasts."""

    serial: str
    pin: str
    nip: str
    name: str
    since: date
    until: date | None


class Sought(NamedTuple):
    """Whom a search is for.

    Attributes:
        on: the date whose postings count.
        units: only postings in these units; None is every unit.
        words: parts of the name in their order, or part of the NIP; ``""`` finds everybody.
        former: those whose last posting in these units is over, or has not begun; where every unit counts, those
            without any posting too. Otherwise those with a posting on the date.

    """

    on: date
    units: Collection[str] | None
    words: str = ""
    former: bool = False


class FoundPerson(NamedTuple):
    """A person with the posting by which they were found; ``until`` is its last day, None while it lasts."""

    nip: str
    name: str
    kind: str
    position: str
    unit: str | None
    since: date | None
    until: date | None


class FoundPeople(NamedTuple):
    """Some of those found, by name, and how many there are in all."""

    people: list[FoundPerson]
    total: int


def lock_people(connection: Connection) -> None:
    """Let other imports wait until this transaction ends; readers go on."""
    connection.execute(text("LOCK TABLE unit, employee, posting, enrolment IN SHARE ROW EXCLUSIVE MODE"))


def lock_enrolments(connection: Connection) -> None:
    """Let whoever else enrols wait until this transaction ends; readers go on. Asks for no right to change people.

    Call :func:`eabsensi.store.dirty.share_people` before: imports lock people first, and must not be waited for later.
    """
    connection.execute(text("LOCK TABLE enrolment IN SHARE ROW EXCLUSIVE MODE"))


# --- units ---------------------------------------------------------------------------------------------------------


def load_units(connection: Connection) -> dict[str, Unit]:
    """Give every unit by its code, in the order of codes."""
    rows = connection.execute(text("SELECT code, name, parent_code, kind, pattern, timezone FROM unit ORDER BY code"))
    return {row.code: Unit(*row) for row in rows}


def units_below(connection: Connection, code: str) -> list[str]:
    """Give a unit's code and those of all units below it; empty where there is no such unit."""
    children: dict[str | None, list[str]] = {}
    units = load_units(connection)
    for unit in units.values():
        children.setdefault(unit.parent, []).append(unit.code)
    found = [code] if code in units else []
    for member in found:
        found += [child for child in children.get(member, []) if child not in found]
    return found


def timezone_of(connection: Connection, code: str) -> str | None:
    """Give a unit's timezone, else that of the nearest unit above it; None where none of them has one."""
    units = load_units(connection)
    seen: set[str] = set()
    step = units.get(code)
    while step is not None and step.code not in seen:
        if step.timezone:
            return step.timezone
        seen.add(step.code)
        step = units.get(step.parent or "")
    return None


def save_units(connection: Connection, units: Sequence[Unit]) -> None:
    """Insert units, or update those whose code is known; parents may stand anywhere in the list."""
    connection.execute(
        text("""
            INSERT INTO unit (code, name, parent_code, kind, pattern, timezone)
            SELECT * FROM unnest(CAST(:code AS text[]), CAST(:name AS text[]), CAST(:parent AS text[]),
                                 CAST(:kind AS text[]), CAST(:pattern AS text[]), CAST(:timezone AS text[]))
            ON CONFLICT (code) DO UPDATE SET name = excluded.name, parent_code = excluded.parent_code,
                kind = excluded.kind, pattern = excluded.pattern, timezone = excluded.timezone
        """),
        _columns(Unit._fields, units),
    )


# --- employees and postings ----------------------------------------------------------------------------------------


def load_employees(connection: Connection, nips: Iterable[str]) -> dict[str, tuple[int, Employee]]:
    """Give the known ones of these NIPs, each with its id."""
    rows = connection.execute(
        text("""
            SELECT id, nip, name, kind, rank, position FROM employee WHERE nip = ANY(CAST(:nips AS text[]))
        """),
        {"nips": list(nips)},
    )
    return {row.nip: (row.id, Employee(*row[1:])) for row in rows}


def save_employees(connection: Connection, employees: Sequence[Employee]) -> None:
    """Insert employees, or update those whose NIP is known."""
    connection.execute(
        text("""
            INSERT INTO employee (nip, name, kind, rank, position)
            SELECT * FROM unnest(CAST(:nip AS text[]), CAST(:name AS text[]), CAST(:kind AS text[]),
                                 CAST(:rank AS text[]), CAST(:position AS text[]))
            ON CONFLICT (nip) DO UPDATE SET name = excluded.name, kind = excluded.kind,
                rank = excluded.rank, position = excluded.position
        """),
        _columns(Employee._fields, employees),
    )


def load_postings(connection: Connection, employee_ids: Iterable[int]) -> list[Posting]:
    """Give the postings of these employees, oldest first."""
    rows = connection.execute(
        text("""
            SELECT id, employee_id, unit_code, lower(valid_during), upper(valid_during) FROM posting
            WHERE employee_id = ANY(CAST(:ids AS bigint[])) ORDER BY lower(valid_during)
        """),
        {"ids": list(employee_ids)},
    )
    return [Posting(*row) for row in rows]


def save_postings(connection: Connection, postings: Sequence[Posting]) -> None:
    """Write postings: those with an id get their unit and end, the others are inserted.

    Shortened ones go first, so that a new posting finds its days free.
    """
    columns = _columns(Posting._fields, [posting for posting in postings if posting.id])
    connection.execute(
        text("""
            UPDATE posting SET unit_code = wanted.unit,
                   valid_during = daterange(lower(posting.valid_during), wanted.until)
            FROM unnest(CAST(:id AS bigint[]), CAST(:unit AS text[]), CAST(:end AS date[]))
                 AS wanted (id, unit, until)
            WHERE posting.id = wanted.id
        """),
        {key: columns[key] for key in ("id", "unit", "end")},
    )
    columns = _columns(Posting._fields, [posting for posting in postings if not posting.id])
    connection.execute(
        text("""
            INSERT INTO posting (employee_id, unit_code, valid_during)
            SELECT employee_id, unit, daterange(since, until)
            FROM unnest(CAST(:employee_id AS bigint[]), CAST(:unit AS text[]), CAST(:start AS date[]),
                        CAST(:end AS date[])) AS wanted (employee_id, unit, since, until)
        """),
        {key: columns[key] for key in ("employee_id", "unit", "start", "end")},
    )


def list_employees(connection: Connection, units: Sequence[str] | None = None) -> list[EmployeeRow]:
    """Give every posting of every employee, by NIP and date; of some units only, where ``units`` names them."""
    rows = connection.execute(
        text("""
            SELECT e.nip, e.name, e.kind, e.rank, e.position, p.unit_code, lower(p.valid_during),
                   upper(p.valid_during) - 1
            FROM employee e LEFT JOIN posting p ON p.employee_id = e.id
            WHERE CAST(:units AS text[]) IS NULL OR p.unit_code = ANY(CAST(:units AS text[]))
            ORDER BY e.nip, lower(p.valid_during)
        """),
        {"units": None if units is None else list(units)},
    )
    return [EmployeeRow(*row) for row in rows]


def search_people(connection: Connection, sought: Sought, *, limit: int, offset: int = 0) -> FoundPeople:
    """Find people by name or NIP, at most ``limit`` of them from ``offset`` on."""
    asked = {
        "on": sought.on,
        "units": None if sought.units is None else list(sought.units),
        "name": f"%{'%'.join(map(_literal, sought.words.split()))}%",
        "nip": _nip_pattern(sought.words),
    }
    found = _FORMER if sought.former else _POSTED
    rows = connection.execute(text(f"{_FOUND} {found} {_IN_ORDER}"), asked | {"limit": limit, "offset": offset})
    count = connection.execute(text(f"SELECT count(*) {found}"), asked).scalar_one()
    return FoundPeople([FoundPerson(*row) for row in rows], count)


def _literal(word: str) -> str:
    """Let a word of a pattern mean itself."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _nip_pattern(words: str) -> str | None:
    """Give the pattern of a NIP as letters and lists have it, with spaces and dots; None where it is none."""
    digits = words.translate({ord(letter): None for letter in " .'"})
    return f"%{digits}%" if digits.isdecimal() and digits.isascii() else None


_FOUND = """
    SELECT e.nip, e.name, e.kind, e.position, p.unit_code, lower(p.valid_during), upper(p.valid_during) - 1
"""
_MATCHING = "(e.name ILIKE :name ESCAPE '\\' OR e.nip LIKE CAST(:nip AS text))"
_POSTED = f"""
    FROM employee e JOIN posting p ON p.employee_id = e.id
    WHERE p.valid_during @> CAST(:on AS date)
      AND (CAST(:units AS text[]) IS NULL OR p.unit_code = ANY(CAST(:units AS text[]))) AND {_MATCHING}
"""
_FORMER = f"""
    FROM employee e LEFT JOIN posting p ON p.employee_id = e.id
         AND (CAST(:units AS text[]) IS NULL OR p.unit_code = ANY(CAST(:units AS text[])))
    WHERE (p.id IS NOT NULL OR CAST(:units AS text[]) IS NULL) AND {_MATCHING}
      AND NOT EXISTS (
          SELECT 1 FROM posting other WHERE other.employee_id = e.id
          AND (CAST(:units AS text[]) IS NULL OR other.unit_code = ANY(CAST(:units AS text[])))
          AND (other.valid_during @> CAST(:on AS date) OR lower(other.valid_during) > lower(p.valid_during)))
"""  # noqa: S608  made of constants
_IN_ORDER = "ORDER BY e.name, e.nip LIMIT :limit OFFSET :offset"


# --- enrolments ----------------------------------------------------------------------------------------------------


def device_ids(connection: Connection) -> dict[str, int]:
    """Give the id of every registered device by its serial."""
    rows = connection.execute(text("SELECT serial, id FROM device"))
    return {row.serial: row.id for row in rows}


def load_enrolments(connection: Connection, pins: Iterable[str]) -> list[tuple[Enrolment, str, str]]:
    """Give the enrolments of these PINs on any device, oldest first, each with the person's NIP and name."""
    rows = connection.execute(
        text("""
            SELECT n.id, n.device_id, n.pin, n.employee_id, lower(n.valid_during), upper(n.valid_during), e.nip, e.name
            FROM enrolment n JOIN employee e ON e.id = n.employee_id
            WHERE n.pin = ANY(CAST(:pins AS text[])) ORDER BY lower(n.valid_during)
        """),
        {"pins": list(pins)},
    )
    return [(Enrolment(*row[:6]), row.nip, row.name) for row in rows]


def save_enrolments(connection: Connection, enrolments: Sequence[Enrolment]) -> None:
    """Write enrolments: those with an id get their end, the others are inserted."""
    columns = _columns(Enrolment._fields, [enrolment for enrolment in enrolments if enrolment.id])
    connection.execute(
        text("""
            UPDATE enrolment SET valid_during = daterange(lower(enrolment.valid_during), wanted.until)
            FROM unnest(CAST(:id AS bigint[]), CAST(:end AS date[])) AS wanted (id, until)
            WHERE enrolment.id = wanted.id
        """),
        {key: columns[key] for key in ("id", "end")},
    )
    columns = _columns(Enrolment._fields, [enrolment for enrolment in enrolments if not enrolment.id])
    connection.execute(
        text("""
            INSERT INTO enrolment (device_id, pin, employee_id, valid_during)
            SELECT device_id, pin, employee_id, daterange(since, until)
            FROM unnest(CAST(:device_id AS integer[]), CAST(:pin AS text[]), CAST(:employee_id AS bigint[]),
                        CAST(:start AS date[]), CAST(:end AS date[]))
                 AS wanted (device_id, pin, employee_id, since, until)
        """),
        {key: columns[key] for key in ("device_id", "pin", "employee_id", "start", "end")},
    )


def list_enrolments(connection: Connection, serial: str | None = None) -> list[EnrolmentRow]:
    """Give every enrolment, by device and PIN; those that count on one device only, where ``serial`` names it."""
    rows = connection.execute(
        text("""
            SELECT coalesce(d.serial, '*'), n.pin, e.nip, e.name, lower(n.valid_during), upper(n.valid_during) - 1
            FROM enrolment n JOIN employee e ON e.id = n.employee_id LEFT JOIN device d ON d.id = n.device_id
            WHERE CAST(:serial AS text) IS NULL OR d.serial = :serial OR n.device_id IS NULL
            ORDER BY 1, length(n.pin), n.pin, lower(n.valid_during)
        """),
        {"serial": serial},
    )
    return [EnrolmentRow(*row) for row in rows]


def _columns(names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> dict[str, list[object]]:
    """Turn rows into one array per column."""
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}
