"""What can be wrong with a terminal: a small family, each member with one policy.

The sweep reads ``policy`` and nothing else: *retry* at the next interval, *back off* further each time, or *stop*
until a person has acted. None of them says anything about punches: what was not read stays unread.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar, Final, Self

from eabsensi.errors import EabsensiError

_IF_IT_STAYS: Final = (
    "Some firmware refuses while it is busy, and the next poll succeeds. If it stays so, restart the terminal, report"
    " its model and firmware, and import its USB dump meanwhile."
)


class Policy(Enum):
    """What the collector does after a failure."""

    RETRY = "retry"
    BACK_OFF = "back off"
    STOP = "stop"


class DeviceError(EabsensiError):
    """The terminal could not be read.

    ``body`` holds the bytes of a log that cannot be understood; a poll keeps them in quarantine.
    """

    kind: ClassVar[str] = "device_error"
    policy: ClassVar[Policy] = Policy.BACK_OFF
    body: bytes = b""


class UnreachableError(DeviceError):
    """Nothing answers at the terminal's address."""

    kind = "unreachable"


class BusyError(DeviceError):
    """The terminal accepts the connection but does not answer; another program may hold it."""

    kind = "busy"


class AuthFailedError(DeviceError):
    """The terminal refuses the comm key."""

    kind = "auth_failed"
    policy = Policy.STOP


class SecureFirmwareError(DeviceError):
    """The terminal speaks only the encrypted protocol, which eabsensi does not."""

    kind = "secure_firmware"
    policy = Policy.STOP


class ForeignProtocolError(DeviceError):
    """What answers at this address is not a standalone attendance terminal."""

    kind = "foreign_protocol"
    policy = Policy.STOP

    @classmethod
    def from_bytes(cls, head: bytes, *, secure: bool) -> DeviceError:
        """Name the protocol by its first bytes; at most 64 of them go into the message."""
        if secure:
            return SecureFirmwareError()
        return cls(f"What answers does not speak the terminal protocol; it began with {head[:64].hex(' ')}.")


class ProtocolError(DeviceError):
    """The terminal's answer breaks the protocol."""

    kind = "protocol_error"


class TransferError(ProtocolError):
    """A transfer ended before its end.

    ``is_slow`` tells that it did not break off, but would have taken too long: less at a time takes as long.
    """

    kind = "transfer_cut"
    is_slow = False


class RefusedError(DeviceError):
    """The terminal refuses a command."""

    kind = "refused"

    @classmethod
    def of(cls, command: str, answer: str) -> Self:
        """Name the command and the answer."""
        return cls(f"The terminal answers {command} with {answer}.", remedy=_IF_IT_STAYS)


class AttendanceDisabledError(DeviceError):
    """The terminal keeps no attendance log: it is set to access-control mode."""

    kind = "attendance_disabled"
    policy = Policy.STOP


class WrongSerialError(DeviceError):
    """Another terminal answers at this address."""

    kind = "wrong_serial"
    policy = Policy.STOP


class LayoutUnknownError(DeviceError):
    """The log's records have no layout that fits."""

    kind = "layout_unknown"

    def __init__(self, message: str | None = None, *, remedy: str = "", body: bytes = b"") -> None:
        super().__init__(message, remedy=remedy)
        self.body = body

    def kept(self) -> Self:
        """Give the same error for a reading whose bytes are kept; a probe keeps nothing."""
        return type(self)(self.args[0], remedy=f"Its bytes are kept in quarantine. {self.remedy}", body=self.body)


class CancelledError(DeviceError):
    """The collector is stopping."""

    kind = "cancelled"
    policy = Policy.RETRY


class LeaseOverError(CancelledError):
    """The right to talk to this terminal has run out; another collector may be talking to it."""

    kind = "lease_over"
