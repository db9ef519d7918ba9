"""Commands that talk to terminals end in order when they are told to stop, as the collector does."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from eabsensi.devices.errors import CancelledError
from eabsensi.devices.waiting import StopSignal
from eabsensi.errors import EabsensiError

#: Ctrl-C; systemd, `kill` and `timeout`; a login that was cut off.
_STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedError(EabsensiError):
    """A signal ended the command before it was done; its exit code is the shell's: 128 and the signal's number."""

    def __init__(self, number: int, done: str = "") -> None:
        super().__init__(f"Stopped by {signal.Signals(number).name}{': ' if done else ''}{done}.")
        self.remedy = "No session was left on a terminal; what was not read stays in its log."
        self.exit_code = 128 + number


class Stopping:
    """Whether a command has been told to stop.

    Attributes:
        signal: ends every wait for a terminal once it was.
        number: of the first signal that told it; None where none did.

    """

    def __init__(self) -> None:
        self.signal = StopSignal()
        self.number: int | None = None

    def hear(self, number: int, _frame: Any) -> None:
        """Take a signal; safe as its handler."""
        self.number = self.number or number
        self.signal.set()

    def require_not_stopped(self, done: str = "") -> None:
        """Go on only where no signal has come.

        Args:
            done: what was done, for the sentence.

        Raises:
            StoppedError: one has.

        """
        if self.number is not None:
            raise StoppedError(self.number, done)


@contextmanager
def stoppable() -> Iterator[Stopping]:
    """Have signals end conversations with terminals instead of the process, so that all is given back.

    A signal that whoever started the command has it ignore (nohup, a shell's background) stays ignored.

    Raises:
        StoppedError: a signal cut a conversation off, and nobody below has made an outcome of it.

    """
    stopping = Stopping()
    heard = [number for number in _STOPPING if signal.getsignal(number) is not signal.SIG_IGN]
    before = [(number, signal.signal(number, stopping.hear)) for number in heard]
    try:
        yield stopping
    except CancelledError:
        stopping.require_not_stopped()
        raise  # a lease that ran out
    finally:
        for number, handler in before:
            signal.signal(number, handler)
        stopping.signal.close()
