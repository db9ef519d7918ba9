"""Figures that many ask for at 07:30: worked out once, shown to all for some seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from eabsensi.clock import Clock
from eabsensi.errors import EabsensiError

log = structlog.get_logger(__name__)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")

_MOST = 64


class StillCountingError(EabsensiError):
    """It takes longer than the reader should wait; the work goes on, and asking again brings it."""


class Memo(Generic[K, V]):
    """Keeps what was worked out.

    Of several who ask for the same at once, one works and the others wait for it. What is past its freshness but not
    yet old is still shown, while it is worked out anew behind the scenes: nobody waits for the tenth visitor's figures.
    Who asks with patience waits so long for what has to be worked out first, and may ask again.
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

    def get(self, key: K, work: Callable[[], V], *, patience: float | None = None) -> V:
        """Give the value of a key, worked out now where there is none or only an old one.

        Args:
            key: of the value.
            work: makes it.
            patience: seconds that the reader waits; None waits as long as it takes.

        Raises:
            StillCountingError: it takes longer. The work goes on behind the scenes.

        """
        with self._guard:
            place = self._places.setdefault(key, _Place())
            while len(self._places) > self._most:
                self._places.pop(next(iter(self._places)))
        kept = place.kept
        if kept is not None and self._age(kept) < self._old:
            if self._age(kept) >= self._fresh and place.lock.acquire(blocking=False):
                threading.Thread(target=self._renew, args=(place, work), daemon=True).start()
            return kept.value
        return self._made(place, work) if patience is None else self._awaited(place, work, patience)

    def _made(self, place: _Place[V], work: Callable[[], V]) -> V:
        with place.lock:
            if place.kept is None or self._age(place.kept) >= self._fresh:
                place.kept = _Kept(work(), self._clock.monotonic())
            return place.kept.value

    def _awaited(self, place: _Place[V], work: Callable[[], V], patience: float) -> V:
        """Wait a while for the one thread that works; a failure is for the first who asks after it."""
        with self._guard:
            if place.under_way is None:
                place.under_way = Future()
                threading.Thread(target=self._fulfil, args=(place, work, place.under_way), daemon=True).start()
            under_way = place.under_way
        try:
            return under_way.result(patience)
        except TimeoutError:
            if under_way.done():  # the work's own failure
                raise
            raise StillCountingError("The figures are still being counted.", remedy="Ask again in a moment.") from None
        finally:
            with self._guard:
                if under_way.done() and place.under_way is under_way:
                    place.under_way = None

    def _fulfil(self, place: _Place[V], work: Callable[[], V], promise: Future[V]) -> None:
        try:
            promise.set_result(self._made(place, work))
        except BaseException as error:  # noqa: BLE001  handed on: whoever asks next has it raised
            promise.set_exception(error)

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


class Drawn(Generic[V]):
    """Figures, with what pages make of them: each once, and gone with them, so it never tells of other figures.

    Attributes:
        figures: a report, which does not change.

    """

    def __init__(self, figures: V) -> None:
        self.figures = figures
        self._guard = threading.RLock()
        self._made: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give what ``make`` makes of the figures and of what the key names, and of nothing else."""
        with self._guard:
            if key not in self._made:
                self._made[key] = make()
            made: T = self._made[key]
            return made


@dataclass(frozen=True, slots=True)
class _Kept(Generic[V]):
    """A value, and when it was done, in seconds of the monotonic clock."""

    value: V
    at: float


class _Place(Generic[V]):
    """One key's value, the lock of who works it out, and the promise to those who do not wait for it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.kept: _Kept[V] | None = None
        self.under_way: Future[V] | None = None
