"""Who a terminal's users are: by enrolment, or by name as a suggestion that a person has to accept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, text


class UserMatch(NamedTuple):
    """One user of a terminal beside what is known of that person.

    Attributes:
        pin: what the user's punches carry: the user id, or the slot where the terminal's records name slots.
        name: the name on the device.
        nip: of the employee for whom the PIN is enrolled there; None where it is not. Where the slot is not the user
            id, a PIN on every device does not count as this user's.
        employee_name: that employee's.
        suggestion: where the PIN is not enrolled, NIP of the employee who has the user id on every device, where
            that differs from the PIN; else of the only employee with exactly this name.
        user_id: what the user types.

    """

    pin: str
    name: str
    nip: str | None = None
    employee_name: str | None = None
    suggestion: str | None = None
    user_id: str = ""


class TerminalUser(NamedTuple):
    """A user to be matched: the PIN that the punches carry, the name on the device, and the user id."""

    pin: str
    name: str
    user_id: str


_MATCH = text(
    """
    SELECT asked.pin, asked.name, enrolled.nip, enrolled.name AS employee_name,
           CASE WHEN enrolled.nip IS NULL THEN coalesce(everywhere.nip, namesake.nip) END AS suggestion, asked.user_id
    FROM unnest(CAST(:pins AS text[]), CAST(:names AS text[]), CAST(:user_ids AS text[]))
         WITH ORDINALITY AS asked (pin, name, user_id, place)
    LEFT JOIN LATERAL (
        SELECT employee.nip, employee.name
        FROM enrolment JOIN employee ON employee.id = enrolment.employee_id
        LEFT JOIN device ON device.id = enrolment.device_id
        WHERE enrolment.pin = asked.pin AND enrolment.valid_during @> CAST(:on_date AS date)
          AND (device.serial = :serial OR (enrolment.device_id IS NULL AND asked.pin = asked.user_id))
        ORDER BY enrolment.device_id NULLS LAST
        LIMIT 1
    ) AS enrolled ON true
    LEFT JOIN LATERAL (
        SELECT employee.nip FROM enrolment JOIN employee ON employee.id = enrolment.employee_id
        WHERE asked.pin <> asked.user_id AND enrolment.device_id IS NULL AND enrolment.pin = asked.user_id
          AND enrolment.valid_during @> CAST(:on_date AS date)
    ) AS everywhere ON true
    LEFT JOIN (
        SELECT lower(name) AS name, min(nip) AS nip FROM employee GROUP BY lower(name) HAVING count(*) = 1
    ) AS namesake ON namesake.name = lower(asked.name) AND asked.name <> ''
    ORDER BY asked.place
    """,
)


def match_users(connection: Connection, serial: str, users: Sequence[TerminalUser], on_date: date) -> list[UserMatch]:
    """Give each of a terminal's users with the employee it is enrolled for on a day."""
    asked = {
        "serial": serial,
        "on_date": on_date,
        "pins": [user.pin for user in users],
        "names": [user.name for user in users],
        "user_ids": [user.user_id for user in users],
    }
    return [UserMatch(*row) for row in connection.execute(_MATCH, asked)]


def unit_exists(connection: Connection, code: str) -> bool:
    """Tell whether there is a unit of this code."""
    return bool(
        connection.execute(text("SELECT EXISTS (SELECT FROM unit WHERE code = :code)"), {"code": code}).scalar()
    )
