"""A clock that stands where it is put; only waiting goes on."""

from __future__ import annotations

from datetime import UTC, datetime

from eabsensi.clock import SystemClock


class StillClock(SystemClock):
    """Tells the instant that it was set to; its monotonic time is this machine's, so that a wait still ends."""

    def __init__(self, at: datetime) -> None:
        """Stand at an instant."""
        self.at = at

    def now(self) -> datetime:
        """Give the instant, in UTC."""
        return self.at.astimezone(UTC)
