"""How often one caller may ask, so that a program in a loop, or somebody trying codes, crowds nobody out."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict

from eabsensi.access.refusals import RefusedError, Sentence
from eabsensi.clock import Clock

_MOST_CALLERS = 10_000


class TooOftenError(RefusedError):
    """One caller asks too often.

    Attributes:
        retry_after_seconds: how long to wait, at least 1.

    """

    sentence = Sentence(
        "Terlalu banyak permintaan; tunggu {seconds} detik lalu coba lagi.",
        "Too many requests; wait {seconds} seconds and try again.",
    )

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(seconds=retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds


class Pace:
    """Lets each caller ask so many times at once, and then as fast as that many come back in a minute.

    Counted in this process only; what has to hold over a restart, such as log-ins, is counted by
    :mod:`eabsensi.access.throttle`.
    """

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self._most = per_minute
        self._guard = threading.Lock()
        self._callers: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> None:
        """Count one request.

        Raises:
            TooOftenError: there were too many.

        """
        with self._guard:
            now = self._clock.monotonic()
            left, since = self._callers.pop(caller, (float(self._most), now))
            left = min(self._most, left + (now - since) * self._most / 60)
            self._callers[caller] = (max(0.0, left - 1) if left >= 1 else left, now)
            if len(self._callers) > _MOST_CALLERS:
                self._callers.popitem(last=False)
        if left < 1:
            raise TooOftenError(max(1, math.ceil((1 - left) * 60 / self._most)))
