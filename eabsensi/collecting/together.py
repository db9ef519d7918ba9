"""Small work of many threads done in one go, as databases commit in groups: one does it for all who wait.

Whoever finds nobody at work goes to work at once; who comes meanwhile waits, and the first of them then does the work
of all. So nothing waits for a quantity or a time, and the busier the house, the more is done in one go.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Told = TypeVar("Told")


@dataclass(eq=False, slots=True)
class _Turn(Generic[Asked, Told]):
    """One thread's wish, and what became of it; neither answer nor error yet means that it is to do the work."""

    asked: Asked
    woken: threading.Lock = field(default_factory=threading.Lock)
    told: list[Told] = field(default_factory=list)
    error: BaseException | None = None


class Together(Generic[Asked, Told]):
    """Gathers what threads ask for while others are at work. Thread-safe."""

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Told]]) -> None:
        """Prepare.

        Args:
            work: does what several have asked for, and tells each, in their order. What it raises is raised to all.

        """
        self._work = work
        self._lock = threading.Lock()
        self._waiting: list[_Turn[Asked, Told]] = []
        self._at_work = False

    def ask(self, asked: Asked) -> Told:
        """Ask for something and wait until it is done; raises what the work raises."""
        turn: _Turn[Asked, Told] = _Turn(asked)
        turn.woken.acquire()
        with self._lock:
            self._waiting.append(turn)
            is_first, self._at_work = not self._at_work, True
        if not is_first:
            turn.woken.acquire()
        if not turn.told and turn.error is None:
            self._do_all()
        if turn.error is not None:
            raise turn.error
        return turn.told[0]

    def _do_all(self) -> None:
        with self._lock:
            turns, self._waiting = self._waiting, []
        try:
            told = self._work([turn.asked for turn in turns])
            for turn, answer in zip(turns, told, strict=True):
                turn.told.append(answer)
        except BaseException as error:  # noqa: BLE001  it is raised to every thread that asked, this one included
            for turn in turns:
                turn.error = error
        self._wake(turns)

    def _wake(self, turns: Sequence[_Turn[Asked, Told]]) -> None:
        for turn in turns:
            turn.woken.release()
        with self._lock:
            if self._waiting:
                self._waiting[0].woken.release()  # it does the work of all who wait by now
            else:
                self._at_work = False
