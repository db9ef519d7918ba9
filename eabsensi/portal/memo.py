"""Figures that many ask for at 07:30: worked out once, shown to all for some seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from eabsensi.clock import Clock
from eabsensi.errors import EabsensiError

log = structlog.get_logger(__name__)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_MOST = 64


class Memo(Generic[K, V]):
    """Keeps what was worked out.

    Of several who ask for the same at once, one works and the others wait for it. What is past its freshness but not
    yet old is still shown, while it is worked out anew behind the scenes: nobody waits for the tenth visitor's figures.
    """

    def __init__(
        self, clock: Clock, fresh_seconds: float, *, old_seconds: float | None = None, most: int = _MOST
    ) -> None:
        self._clock = clock
        self._fresh = fresh_seconds
        self._old = fresh_seconds if old_seconds is None else old_seconds
        self._most = most
        self._guard = threading.Lock()
        self._places: dict[K, _Place[V]] = {}

    def get(self, key: K, work: Callable[[], V]) -> V:
        """Give the value of a key, worked out now where there is none or only an old one."""
        with self._guard:
            place = self._places.setdefault(key, _Place())
            while len(self._places) > self._most:
                self._places.pop(next(iter(self._places)))
        kept = place.kept
        if kept is not None and self._age(kept) < self._old:
            if self._age(kept) >= self._fresh and place.lock.acquire(blocking=False):
                threading.Thread(target=self._renew, args=(place, work), daemon=True).start()
            return kept.value
        with place.lock:
            if place.kept is None or self._age(place.kept) >= self._fresh:
                place.kept = _Kept(work(), self._clock.monotonic())
            return place.kept.value

    def forget(self) -> None:
        """Drop everything: something was changed here that readers expect to see at once."""
        with self._guard:
            self._places.clear()

    def _age(self, kept: _Kept[V]) -> float:
        return self._clock.monotonic() - kept.at

    def _renew(self, place: _Place[V], work: Callable[[], V]) -> None:
        """Work a value out anew under the lock that the caller took; after a failure the kept one grows old."""
        try:
            place.kept = _Kept(work(), self._clock.monotonic())
        except EabsensiError as error:
            log.warning("figures could not be renewed", error=str(error))
        finally:
            place.lock.release()


@dataclass(frozen=True, slots=True)
class _Kept(Generic[V]):
    """A value, and when it was done, in seconds of the monotonic clock."""

    value: V
    at: float


class _Place(Generic[V]):
    """One key's value, and the lock of who works it out."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.kept: _Kept[V] | None = None
