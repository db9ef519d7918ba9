"""What stands behind the figures, for programs: punches, devices, units, people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from eabsensi.access.roles import Right
from eabsensi.assessing.city import UnknownUnitError
from eabsensi.assessing.completeness import read_past
from eabsensi.errors import UsageError
from eabsensi.law.wording import Language
from eabsensi.portal.api.calling import Call, Calling
from eabsensi.portal.api.figures import USUAL_ROWS, FromQuery, LanguageQuery, ToQuery, UnitQuery
from eabsensi.portal.api.paging import CursorQuery, LimitQuery, answer, read_cursor, send
from eabsensi.portal.api.shapes import DeviceShape, PersonShape, PunchShape, UnitShape, responses
from eabsensi.reports.devices import devices_report
from eabsensi.reports.feeding import Feed, FeedPage, Key, register_feed, written_row
from eabsensi.store.connection import Connection
from eabsensi.store.people import EmployeeRow, Unit, list_employees, load_units, units_below
from eabsensi.store.punches import PunchPlace, page_of_punches

router = APIRouter(tags=["registers"])

UnitsCall: TypeAlias = Annotated[Call, Depends(Calling(Right.SEE_UNITS))]
DevicesCall: TypeAlias = Annotated[Call, Depends(Calling(Right.SEE_DEVICES))]
PunchesCall: TypeAlias = Annotated[Call, Depends(Calling(Right.SEE_PUNCHES))]
SerialQuery: TypeAlias = Annotated[
    str | None, Query(pattern=r"^[\x21-\x7e]{1,64}$", description="Serial number of one device.")
]


@router.get("/punches", responses=responses(PunchShape))
def punches(  # noqa: PLR0917  the framework makes query values of parameters; nobody calls this by position
    call: PunchesCall,
    first: FromQuery,
    last: ToQuery,
    unit: UnitQuery = None,
    serial: SerialQuery = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = USUAL_ROWS,
) -> Response:
    """Give punches as they were recorded, oldest first; the days are those of the devices' clocks.

    A device that was offline delivers later what was punched earlier: such punches stand before a cursor. Ask for the
    days again until `complete` is true.
    """
    if last < first:
        raise UsageError(f"to={last} is before from={first}.", remedy="Exchange them.")
    after, code = _place(read_cursor("punches", 4, cursor)), call.unit(unit)
    with call.desk.reading() as (connection, at):
        units = _codes(connection, code)
        complete = read_past(connection, call.desk.policy, last, at, units=units, serial=serial)  # before the rows
        found = page_of_punches(connection, first, last, serial=serial, unit=code, after=after, limit=limit + 1)
    key = _key(found[limit - 1][0]) if len(found) > limit else None
    page = FeedPage([written_row(row._asdict()) for _, row in found[:limit]], key)
    feed: Feed[Any] = Feed((), tuple, str, at.astimezone(call.desk.now.tzinfo), call.desk.policy.version, complete)
    return send(call, "punches", f"{first} {last} {serial or ''}", code, (feed, page))


@router.get("/devices", responses=responses(DeviceShape))
def devices(
    call: DevicesCall,
    unit: UnitQuery = None,
    language: LanguageQuery = Language.ID,
    cursor: CursorQuery = None,
    limit: LimitQuery = USUAL_ROWS,
) -> Response:
    """Give how every terminal is now, and what to do about it."""
    after, code = read_cursor("devices", 2, cursor), call.unit(unit)
    with call.begin() as connection:
        report = devices_report(connection, call.desk.policy, as_of=call.desk.clock.now(), unit=code)
    feed = _register(call, report.objects(language), ("unit", "serial"))
    return answer(call, "devices", "", code, (feed, after, limit))


@router.get("/units", responses=responses(UnitShape))
def units(call: UnitsCall, cursor: CursorQuery = None, limit: LimitQuery = USUAL_ROWS) -> Response:
    """Give the units that the token sees."""
    after = read_cursor("units", 1, cursor)
    with call.begin() as connection:
        found: list[Unit] = [unit for unit in load_units(connection).values() if call.viewer.sees_unit(unit.code)]
    feed = _register(call, (unit._asdict() for unit in found), ("code",))
    return answer(call, "units", "", call.viewer.unit, (feed, after, limit))


@router.get("/people", responses=responses(PersonShape))
def people(
    call: UnitsCall, unit: UnitQuery = None, cursor: CursorQuery = None, limit: LimitQuery = USUAL_ROWS
) -> Response:
    """Give the employees, a row for each posting."""
    after, code = read_cursor("people", 2, cursor), call.unit(unit)
    with call.begin() as connection:
        rows: list[EmployeeRow] = list_employees(connection, _codes(connection, code))
    feed = _register(call, (row._asdict() for row in rows), ("nip", "since"))
    return answer(call, "people", "", code, (feed, after, limit))


def _register(call: Call, rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> Feed[Mapping[str, Any]]:
    def key(row: Mapping[str, Any]) -> Key:
        return tuple(str(row[name] or "") for name in names)

    return register_feed(rows, key, dict, as_of=call.desk.now, policy_version=call.desk.policy.version)


def _codes(connection: Connection, code: str | None) -> list[str] | None:
    """Give the units of a code; None is every unit.

    Raises:
        UnknownUnitError: there is no such unit.

    """
    if code is None:
        return None
    found = units_below(connection, code)
    if not found:
        raise UnknownUnitError(f"There is no unit {code}.", remedy="/api/v1/units shows them.")
    return found


def _key(place: PunchPlace) -> Key:
    return place.device_time.isoformat(), place.serial, place.pin, str(place.ordinal)


def _place(key: Key | None) -> PunchPlace | None:
    """Read a punch's place out of a cursor.

    Raises:
        UsageError: it is none.

    """
    if key is None:
        return None
    try:
        place = PunchPlace(datetime.fromisoformat(key[0]), key[1], key[2], int(key[3]))
    except ValueError:
        place = None
    if place is None or place.device_time.tzinfo is not None or not 0 <= place.ordinal < 2**15:
        raise UsageError("The cursor is none of this list.", remedy="Begin again without it.")
    return place
