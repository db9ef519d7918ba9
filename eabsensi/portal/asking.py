"""What stands in a page's address: dates, months, years and units, made into values or a clear refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from eabsensi.errors import UsageError
from eabsensi.portal.visit import Visit
from eabsensi.store.people import Unit, load_units

_FIRST_YEAR, _LAST_YEAR = 2010, 2100  # as the command line has it


def day_of(text: str) -> date:
    """Read ``2026-11-24``.

    Raises:
        UsageError: it is no date.

    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no date.", remedy="Write it as 2026-01-31.") from None


def month_of(text: str) -> date:
    """Read ``2026-11`` as the first of that month.

    Raises:
        UsageError: it is no month.

    """
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise UsageError(f"{text!r} is no month.", remedy="Write it as 2026-01.") from None


def year_of(number: int) -> int:
    """Make sure of a year that reports know.

    Raises:
        UsageError: it lies before 2010 or after 2100.

    """
    if not _FIRST_YEAR <= number <= _LAST_YEAR:
        raise UsageError(f"There are no reports of {number}.", remedy=f"Name a year from {_FIRST_YEAR} on.")
    return number


def moment_of(text: str) -> datetime:
    """Read ``2026-11-24T20:00:00+07:00``.

    Raises:
        UsageError: it is no instant.

    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise UsageError(f"{text!r} is no instant.", remedy="Write it as 2026-01-31T14:05:00+07:00.")
    return at


def month_end(month: date) -> date:
    """Give the last day of a month."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def neighbour(month: date, by: int) -> date:
    """Give the first of a month some months away."""
    count = month.year * 12 + month.month - 1 + by
    return date(count // 12, count % 12 + 1, 1)


def query(**values: object) -> str:
    """Write the query of an address, e.g. ``?unit=DINKES``; what is empty is left out, so it may be ``""``."""
    given = {name: str(value) for name, value in values.items() if value not in (None, "")}
    return f"?{urlencode(given)}" if given else ""


@dataclass(frozen=True, slots=True)
class Units:
    """The units that a visit sees: what a page offers to choose from.

    Attributes:
        known: every unit by its code.
        seen: the visible ones, by name.

    """

    known: Mapping[str, Unit]
    seen: Sequence[Unit]

    @classmethod
    def of(cls, visit: Visit) -> Units:
        """Load them."""
        with visit.begin() as connection:
            known = load_units(connection)
        seen = [unit for unit in known.values() if visit.viewer.sees_unit(unit.code)]
        return cls(known, sorted(seen, key=lambda unit: unit.name))


def unit_of(visit: Visit, code: str | None) -> str | None:
    """Give the unit that a page is about: the one asked for, else the whole of what the visitor sees.

    Raises:
        NotAllowedError: it is another's.

    """
    if not code:
        return visit.viewer.unit
    visit.viewer.require_unit(code)
    return code
