"""pyzk speaks the plain commands, our link carries the frames. The one module that knows pyzk's private names.

pyzk's own socket code (one recv taken for one frame, a probe connection, a ping by shell, one encoding for all
terminals) is never reached: the constructor that does it is not called, and the one method through which every
command goes is replaced. A test fails when pyzk's names change.
"""

from __future__ import annotations

from typing import Final

from zk.base import ZK

from eabsensi.devices.frames import Frame
from eabsensi.devices.link import Link

#: What this bridge sets or replaces on pyzk 0.9's class.
PRIVATE_NAMES: Final = ("_ZK__send_command", "_ZK__data", "_ZK__response")
_SUCCESSES: Final = frozenset({2000, 1500, 1501})


class LinkedZK(ZK):  # type: ignore[misc]  # pyzk has no types
    """A pyzk client whose commands travel over a :class:`Link` that is already connected."""

    def __init__(self, link: Link, *, wait: float) -> None:
        # ZK.__init__ opens a socket and sets an encoding for every terminal of the process: not called.
        self.verbose = False
        self.is_connect = True
        self.answer: Frame | None = None
        self._link = link
        self._wait = wait
        self.records = 0

    def _ZK__send_command(  # noqa: N802 - pyzk's private name
        self,
        command: int,
        command_string: bytes = b"",
        response_size: int = 8,  # noqa: ARG002 - pyzk's guess at how much to receive; the link knows
    ) -> dict[str, bool | int]:
        answer = self._link.exchange(command, command_string, wait=self._wait)
        self.answer = answer
        self._ZK__response = answer.command
        self._ZK__data = answer.payload
        return {"status": answer.command in _SUCCESSES, "code": answer.command}
