"""What has to be so before a month of punches may be let go."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, text

# Verdicts of people who were withdrawn from a unit have no row in its period, and need none.
_OPEN_UNITS = text("""
    SELECT DISTINCT judged.unit_code FROM verdict AS judged
    WHERE judged.on_date >= :month AND judged.on_date < CAST(CAST(:month AS date) + interval '1 month' AS date)
      AND NOT EXISTS (
        SELECT FROM period AS latest
        WHERE latest.unit_code = judged.unit_code AND latest.month = :month AND latest.state = 'closed'
          AND latest.version = (SELECT max(version) FROM period AS any_version
                                WHERE any_version.unit_code = judged.unit_code AND any_version.month = :month))
    ORDER BY 1
""")


def open_units(connection: Connection, month: date) -> list[str]:
    """Give the units whose month is judged and not closed: its punches may still decide something."""
    return list(connection.execute(_OPEN_UNITS, {"month": month}).scalars())
