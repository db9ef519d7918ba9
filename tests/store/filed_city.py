"""A small city in the database, for what people file about its employees."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import text
from stored_terminal import add_device

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

BUDI, SITI = "198503172010012003", "199001022015032004"
MONDAY = date(2026, 3, 2)


def at(clock: str, day: str = "2026-03-10") -> datetime:
    """Give an instant in UTC."""
    return datetime.fromisoformat(f"{day}T{clock}:00+00:00").astimezone(UTC)


class JudgedCity:
    """Units KOTA over DINKES over PKM1; Budi in DINKES, Siti in PKM1, both since 2024; a device in DINKES."""

    def __init__(self, store):
        self.store = store
        with store.begin() as conn:
            units = [("KOTA", None), ("DINKES", "KOTA"), ("PKM1", "DINKES")]
            save_units(conn, [Unit(code, code.title(), parent, "", "5-day", None) for code, parent in units])
            people = [(BUDI, "Budi Santoso"), (SITI, "Siti Aminah")]
            save_employees(conn, [Employee(nip, name, "PNS", "", "") for nip, name in people])
            known = load_employees(conn, [BUDI, SITI])
            self.budi, self.siti = known[BUDI][0], known[SITI][0]
            since = date(2024, 1, 1)
            save_postings(
                conn, [Posting(0, self.budi, "DINKES", since, None), Posting(0, self.siti, "PKM1", since, None)]
            )
            self.device = add_device(conn, "AAA111")

    def __call__(self, function, *arguments, **options):
        """Call a function of the store in a transaction of its own."""
        with self.store.begin() as conn:
            return function(conn, *arguments, **options)

    def enrol(self, pin, employee_id, since, until=None, device_id=None):
        self(save_enrolments, [Enrolment(0, device_id, pin, employee_id, since, until)])

    def column(self, query):
        with self.store.begin() as conn:
            return list(conn.execute(text(query)).scalars())

    def marked(self):
        """Give the employee-days that wait to be judged again, and forget them."""
        with self.store.begin() as conn:
            rows = conn.execute(text("SELECT DISTINCT employee_id, on_date, cause FROM dirty_day ORDER BY 1, 2, 3"))
            found = [(row.employee_id, row.on_date, row.cause) for row in rows]
            conn.execute(text("DELETE FROM dirty_day"))
        return found
