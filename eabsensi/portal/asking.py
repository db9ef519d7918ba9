"""What stands in a page's address: dates, months, years and units, made into values or a clear refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from eabsensi.access.refusals import RefusedError, Sentence
from eabsensi.errors import UsageError
from eabsensi.portal.visit import Visit
from eabsensi.store.people import Unit, load_units

_FIRST_YEAR, _LAST_YEAR = 2010, 2100  # as the command line has it


class AddressError(RefusedError, UsageError):
    """What stands in an address cannot be read."""


_NO_DATE = Sentence("{text} bukan tanggal. Tulis seperti 2026-01-31.", "{text} is no date. Write it as 2026-01-31.")
_NO_MONTH = Sentence("{text} bukan bulan. Tulis seperti 2026-01.", "{text} is no month. Write it as 2026-01.")
_NO_YEAR = Sentence(
    "Tidak ada laporan tahun {year}. Pilih tahun mulai {first}.",
    "There are no reports of {year}. Name a year from {first} on.",
)
_NO_INSTANT = Sentence(
    "{text} bukan waktu. Tulis seperti 2026-01-31T14:05:00+07:00.",
    "{text} is no instant. Write it as 2026-01-31T14:05:00+07:00.",
)


def day_of(text: str) -> date:
    """Read ``2026-11-24``.

    Raises:
        AddressError: it is no date, or of a year that reports do not know.

    """
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise AddressError(_NO_DATE, text=repr(text)) from None
    return found.replace(year=year_of(found.year))


def month_of(text: str) -> date:
    """Read ``2026-11`` as the first of that month.

    Raises:
        AddressError: it is no month, or of a year that reports do not know.

    """
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise AddressError(_NO_MONTH, text=repr(text)) from None
    return found.replace(year=year_of(found.year))


def year_of(number: int) -> int:
    """Make sure of a year that reports know.

    Raises:
        AddressError: it lies before 2010 or after 2100.

    """
    if not _FIRST_YEAR <= number <= _LAST_YEAR:
        raise AddressError(_NO_YEAR, year=number, first=_FIRST_YEAR)
    return number


def moment_of(text: str) -> datetime:
    """Read ``2026-11-24T20:00:00+07:00``.

    Raises:
        AddressError: it is no instant.

    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise AddressError(_NO_INSTANT, text=repr(text))
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
