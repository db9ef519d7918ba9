"""The day that the demonstration calls today is the city's own, whatever UTC says."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from eabsensi.law.loader import load_policy
from eabsensi.rehearsing.city import last_working_day, local_day


@pytest.mark.parametrize(
    ("at", "today", "worked"),
    [
        (datetime(2026, 11, 24, 16, 59, tzinfo=UTC), date(2026, 11, 24), date(2026, 11, 23)),
        (datetime(2026, 11, 24, 17, 0, tzinfo=UTC), date(2026, 11, 25), date(2026, 11, 24)),
    ],
)
def test_at_night_people_have_worked_on_the_day_that_is_over(at, today, worked):
    policy = load_policy(None)
    assert local_day(policy, at) == today
    assert last_working_day(policy, today) == worked
