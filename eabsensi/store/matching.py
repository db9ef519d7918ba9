"""Who a terminal's users are: by enrolment, or by name as a suggestion that a person has to accept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, text


class UserMatch(NamedTuple):
    """One user of a terminal beside what is known of that person.

    Attributes:
        pin: the user id on the device.
        name: the name on the device.
        nip: of the employee for whom the PIN is enrolled there; None where it is not.
        employee_name: that employee's.
        suggestion: NIP of the only employee with exactly this name, where the PIN is not enrolled.

    """

    pin: str
    name: str
    nip: str | None = None
    employee_name: str | None = None
    suggestion: str | None = None


_MATCH = text(
    """
    SELECT asked.pin, asked.name, enrolled.nip, enrolled.name AS employee_name,
           CASE WHEN enrolled.nip IS NULL THEN namesake.nip END AS suggestion
    FROM unnest(CAST(:pins AS text[]), CAST(:names AS text[])) WITH ORDINALITY AS asked (pin, name, place)
    LEFT JOIN LATERAL (
        SELECT employee.nip, employee.name
        FROM enrolment JOIN employee ON employee.id = enrolment.employee_id
        LEFT JOIN device ON device.id = enrolment.device_id
        WHERE enrolment.pin = asked.pin AND enrolment.valid_during @> CAST(:on_date AS date)
          AND (enrolment.device_id IS NULL OR device.serial = :serial)
        ORDER BY enrolment.device_id NULLS LAST
        LIMIT 1
    ) AS enrolled ON true
    LEFT JOIN (
        SELECT lower(name) AS name, min(nip) AS nip FROM employee GROUP BY lower(name) HAVING count(*) = 1
    ) AS namesake ON namesake.name = lower(asked.name) AND asked.name <> ''
    ORDER BY asked.place
    """,
)


def match_users(
    connection: Connection,
    serial: str,
    users: Sequence[tuple[str, str]],
    on_date: date,
) -> list[UserMatch]:
    """Give each of a terminal's users, as (pin, name), with the employee it is enrolled for on a day."""
    asked = {
        "serial": serial,
        "on_date": on_date,
        "pins": [pin for pin, _ in users],
        "names": [name for _, name in users],
    }
    return [UserMatch(*row) for row in connection.execute(_MATCH, asked)]


def unit_exists(connection: Connection, code: str) -> bool:
    """Tell whether there is a unit of this code."""
    return bool(
        connection.execute(text("SELECT EXISTS (SELECT FROM unit WHERE code = :code)"), {"code": code}).scalar()
    )
