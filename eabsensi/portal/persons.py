"""Who a page about one person is about, and whether the visitor may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from eabsensi.assessing.why import UnknownPersonError
from eabsensi.portal.visit import Visit
from eabsensi.store.connection import Connection
from eabsensi.store.people import Employee, Posting, load_employees, load_postings


@dataclass(frozen=True, slots=True)
class Person:
    """An employee with every posting, oldest first."""

    visit: Visit
    employee: Employee
    postings: tuple[Posting, ...]

    @property
    def nip(self) -> str:
        """The NIP."""
        return self.employee.nip

    def units(self, first: date, last: date) -> set[str]:
        """Name the units of the postings on any day from ``first`` to ``last``."""
        return {
            posting.unit
            for posting in self.postings
            if posting.start <= last and (posting.end is None or first < posting.end)
        }

    def seen_in(self, unit: str) -> bool:
        """Tell whether the visitor sees the person's days in a unit."""
        return self.visit.viewer.sees_person(self.nip, (unit,))

    def seen_during(self, first: date, last: date) -> bool:
        """Tell whether the visitor sees the person on any day of a stretch."""
        return self.visit.viewer.sees_person(self.nip, self.units(first, last))

    def require(self, first: date, last: date) -> None:
        """Make sure that the visitor sees the person on any day of a stretch.

        Raises:
            NotAllowedError: not on a single one.

        """
        self.visit.viewer.require_person(self.nip, self.units(first, last))


def person_of(visit: Visit, connection: Connection, nip: str) -> Person:
    """Find a person of whom the visitor sees any posting.

    Who does not see the whole city is refused somebody unknown as somebody else's, and so learns nothing.

    Raises:
        NotAllowedError: there is no such person in what the visitor sees.
        UnknownPersonError: there is none at all, and the visitor sees everybody.

    """
    found = load_employees(connection, [nip]).get(nip)
    postings = tuple(load_postings(connection, [found[0]])) if found else ()
    visit.viewer.require_person(nip, {posting.unit for posting in postings})
    if found is None:
        raise UnknownPersonError(f"There is no employee with NIP {nip}.", remedy="Look the person up by name.")
    return Person(visit, found[1], postings)
