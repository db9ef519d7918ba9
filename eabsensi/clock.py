"""The only place that asks what time it is.

``discipline`` and ``law`` never import this module: they are told the instant they judge for.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells wall-clock time and a time that only goes forward."""

    def now(self) -> datetime:
        """Give the present instant, timezone-aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Give seconds that never go backwards, from an arbitrary origin."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Give the present instant, timezone-aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give seconds that never go backwards, from an arbitrary origin."""
        return time.monotonic()
