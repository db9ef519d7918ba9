"""One conversation with one terminal, from connect to exit: reads only, and always says goodbye."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Self, TypeVar

from zk.exception import ZKErrorResponse

from eabsensi.devices import bulk
from eabsensi.devices.allowance import Allowance
from eabsensi.devices.commands import Command, name_of
from eabsensi.devices.commkey import scramble
from eabsensi.devices.errors import (
    AttendanceDisabledError,
    AuthFailedError,
    BusyError,
    DeviceError,
    ProtocolError,
    RefusedError,
    SecureFirmwareError,
    TransferError,
    UnreachableError,
    WrongSerialError,
)
from eabsensi.devices.frames import Frame
from eabsensi.devices.link import Link, NoAnswerError, TcpLink, Traffic, UdpLink
from eabsensi.devices.pyzk_bridge import LinkedZK
from eabsensi.devices.sizes import Sizes
from eabsensi.devices.users import DeviceUser, parse_users
from eabsensi.devices.waiting import Deadline, StopSignal

Transport = Literal["tcp", "udp"]
_T = TypeVar("_T")

_ATTENDANCE: Final = struct.pack("<BHII", 1, Command.ATTLOG_READ, 0, 0)
_USERS: Final = struct.pack("<BHII", 1, Command.USERS_READ, 5, 0)
#: No option that is asked for is longer; what is, is not to fill tables and logs.
_OPTION_LETTERS: Final = 64
_ATTENDANCE_EVENTS: Final = struct.pack("<I", 1)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds of silence that each phase may last.

    Attributes:
        reach: the TCP connection, if shorter than ``connect``. Linux asks again after 1 and 3 s, and not before 7.
        connect: the first answer of a terminal that may be busy with another program.
        command: an ordinary command.
        prepare: PREPARE_BUFFER, in which an old terminal scans its whole log (protocol F36).
        packet: between two packets of a transfer.
        goodbye: EXIT, whose answer matters to nobody.

    """

    reach: float = 5
    connect: float = 10
    command: float = 10
    prepare: float = 90
    packet: float = 30
    goodbye: float = 2


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how a terminal is reached.

    Attributes:
        host: name or address.
        port: usually 4370.
        transport: ``tcp`` or ``udp``.
        comm_key: 0 for none.
        encoding: of names and PINs on this terminal.
        patience: seconds each phase may be silent.

    """

    host: str
    port: int = 4370
    transport: Transport = "tcp"
    comm_key: int = 0
    encoding: str = "utf-8"
    patience: Patience = Patience()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the terminal says it is; an answer that it does not give is ``""``."""

    serial: str
    model: str
    platform: str
    firmware: str
    mac: str


class Session:
    """A connected and authenticated terminal. Use as a context manager, or call :meth:`close`."""

    def __init__(self, endpoint: Endpoint, *, deadline: Deadline, stop: StopSignal | None = None) -> None:
        """Connect and authenticate.

        Args:
            endpoint: the terminal.
            deadline: by when everything done with this session must have ended; see :meth:`extend`.
            stop: wakes and ends every wait.

        Raises:
            UnreachableError: nothing answers there.
            BusyError: TCP connects, but the terminal does not speak.
            AuthFailedError: the comm key is wrong, missing, or locked out.
            SecureFirmwareError, ForeignProtocolError: another protocol.
            ProtocolError: what it answers makes no sense.
            CancelledError: the collector is stopping.

        """
        self.endpoint = endpoint
        self._stop = stop
        self._blocks = bulk.Blocks(is_udp=endpoint.transport == "udp")
        self._link = self._open_link(deadline)
        try:
            self._handshake()
        except BaseException:
            self._link.close()
            raise
        self._zk = LinkedZK(self._link, wait=endpoint.patience.command)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def traffic(self) -> Traffic:
        """What has crossed the wire in this session."""
        return self._link.traffic

    @property
    def link(self) -> Link:
        """The link, for the loop that watches live sessions."""
        return self._link

    def extend(self, deadline: Deadline) -> None:
        """Give the session a new deadline, e.g. for the next poll over a held session."""
        self._link.deadline = deadline

    def limit(self, allowance: Allowance | None) -> None:
        """Bound what the terminal may send from now on; None for a session that is only held, and keeps nothing."""
        self._link.allowance = allowance

    def make_room(self, records: int) -> None:
        """Wait until so many records may be decoded beside those of other terminals; see :meth:`Allowance.decode`."""
        if self._link.allowance is not None:
            self._link.allowance.decode(records, self._stop)

    def close(self) -> None:
        """Say goodbye, which frees the terminal for its next client, and close; never raises a device's error."""
        if self._stop is not None and self._stop.is_set:
            self.hang_up()
            return
        with contextlib.suppress(DeviceError):
            self._link.exchange(Command.EXIT, wait=self.endpoint.patience.goodbye)
        self._link.close()

    def hang_up(self) -> None:
        """Say goodbye without waiting for the answer, and close; for a collector that is stopping."""
        with contextlib.suppress(DeviceError):
            self._link.send_only(Command.EXIT)
        self._link.close()

    def reopen(self) -> None:
        """Start over on a new connection after a transfer broke; traffic goes on being counted.

        Raises: as the constructor.

        """
        deadline, traffic, allowance = self._link.deadline, self._link.traffic, self._link.allowance
        self._link.close()
        self._link = self._open_link(deadline)
        self._link.traffic, self._link.allowance = traffic, allowance
        self._handshake()
        self._zk = LinkedZK(self._link, wait=self.endpoint.patience.command)

    def serial(self) -> str:
        """Read the serial number; ``""`` where the terminal does not give one."""
        return self._text(self._zk.get_serialnumber)

    def require_serial(self, expected: str) -> None:
        """Make sure that this is the terminal we mean: addresses are handed out anew, cables are swapped.

        Raises:
            WrongSerialError: another terminal answers here.
            RefusedError: it does not say which it is.

        """
        found = self.serial()
        if not found:
            raise RefusedError("The terminal does not tell its serial number.", remedy="Nothing was read.")
        if found != expected:
            raise WrongSerialError(
                f"{self.endpoint.host}:{self.endpoint.port} answers as {found}, not as {expected}.",
                remedy="Nothing was read. Correct the address, or register the new terminal.",
            )

    def identity(self) -> Identity:
        """Read serial, model, platform, firmware and MAC address: five commands."""
        zk = self._zk
        return Identity(
            serial=self.serial(),
            model=self._text(zk.get_device_name),
            platform=self._text(zk.get_platform),
            firmware=self._text(zk.get_firmware_version),
            mac=self._text(zk.get_mac),
        )

    def read_clock(self) -> datetime | None:
        """Read the terminal's local wall clock; None when it shows an impossible date, or will not tell."""
        try:
            moment = self._spoken(self._zk.get_time)
        except (ValueError, struct.error, RefusedError):
            return None
        return moment if isinstance(moment, datetime) else None

    def sizes(self) -> Sizes:
        """Read the counters; each is None where a short answer does not reach it.

        Raises:
            RefusedError: the terminal refuses the command.

        """
        self._spoken(self._zk.read_sizes)
        return Sizes.parse(self._answer().payload)

    def users(self) -> list[DeviceUser]:
        """Read the user table: PINs and names, never templates.

        Raises:
            ProtocolError: the table fits no known layout.

        """
        count = self.sizes().users
        table = self._prepare(_USERS)
        body = table.read_all() if table else b""
        try:
            return parse_users(body, count=count, encoding=self.endpoint.encoding)
        except ValueError as error:
            raise ProtocolError(str(error)) from error

    def prepare_log(self) -> bulk.PreparedBuffer | None:
        """Have the terminal freeze its attendance log for reading; None when it says that the log is empty.

        Raises:
            AttendanceDisabledError: the terminal keeps no log.
            RefusedError: it will not prepare one.

        """
        return self._prepare(_ATTENDANCE)

    def free_buffer(self) -> None:
        """Let the terminal drop what it prepared."""
        self._link.exchange(Command.FREE_DATA, wait=self.endpoint.patience.command)

    def register_events(self) -> None:
        """Ask for punches as they happen.

        Raises:
            RefusedError: the terminal has no live events.

        """
        answer = self._link.exchange(Command.EVENT, _ATTENDANCE_EVENTS, wait=self.endpoint.patience.command)
        if answer.command != Command.ACK_OK:
            raise RefusedError.of("the request for live events", name_of(answer.command))

    def _open_link(self, deadline: Deadline) -> Link:
        address = (self.endpoint.host, self.endpoint.port)
        if self.endpoint.transport == "udp":
            return UdpLink(address, deadline=deadline, stop=self._stop)
        patience = self.endpoint.patience
        return TcpLink(address, wait=min(patience.reach, patience.connect), deadline=deadline, stop=self._stop)

    def _handshake(self) -> None:
        answer = self._first_answer()
        self._link.session_id = answer.field3
        if answer.command == Command.ACK_UNAUTH:
            key = scramble(self.endpoint.comm_key, answer.field3)
            answer = self._link.exchange(Command.AUTH, key, wait=self.endpoint.patience.command)
        if answer.command != Command.ACK_OK:
            raise _refused_connection(answer, has_key=bool(self.endpoint.comm_key))

    def _first_answer(self) -> Frame:
        try:
            return self._link.exchange(Command.CONNECT, wait=self.endpoint.patience.connect)
        except NoAnswerError as error:
            where = f"{self.endpoint.host}:{self.endpoint.port}"
            if self.endpoint.transport == "udp":
                raise UnreachableError(
                    f"{where} does not answer over UDP.",
                    remedy="Check power, cable, address and firewall; a new model may speak TCP only.",
                ) from error
            raise BusyError(
                f"{where} accepts the connection but does not answer.",
                remedy="Another program may hold the terminal, or its menu is open.",
            ) from error
        except TransferError as error:
            raise BusyError(
                f"{self.endpoint.host}:{self.endpoint.port} closes the connection at once.",
                remedy="Another program may hold the terminal.",
            ) from error

    def _prepare(self, request: bytes) -> bulk.PreparedBuffer | None:
        answer = self._link.exchange(Command.PREPARE_BUFFER, request, wait=self.endpoint.patience.prepare)
        if answer.command == Command.ATTENDANCE_DISABLED:
            raise AttendanceDisabledError(
                remedy="Set the device type to time attendance in its menu, then enable it again here.",
            )
        return bulk.PreparedBuffer.of(
            self._link, answer, packet_wait=self.endpoint.patience.packet, blocks=self._blocks
        )

    def _answer(self) -> Frame:
        answer = self._zk.answer
        assert answer is not None, "pyzk has spoken"
        return answer

    def _spoken(self, speak: Callable[[], _T]) -> _T:
        try:
            return speak()
        except ZKErrorResponse as error:
            raise RefusedError.of(str(error), name_of(self._answer().command)) from error

    def _text(self, speak: Callable[[], str]) -> str:
        """Read an option that not every model has."""
        try:
            return _tamed(speak())
        except ZKErrorResponse:
            return ""
        except UnicodeDecodeError:
            return _tamed(self._answer().payload.split(b"\x00", 1)[0].decode("ascii", "backslashreplace"))


_NAME_THE_KEY: Final = (
    "Name the key with `--comm-key NAME`; where the terminal is registered, as `comm_key: NAME` in devices.yaml, and"
    " run `device enable`."
)


def _tamed(text: str) -> str:
    """Keep what goes into tables, logs and onto screens short and free of control characters."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:_OPTION_LETTERS]).strip()


def _refused_connection(answer: Frame, *, has_key: bool) -> DeviceError:
    if answer.command == Command.SECURE_FIRMWARE:
        return SecureFirmwareError(
            remedy="Ask the vendor for firmware with the standalone protocol, or import its USB dump."
        )
    if answer.command == Command.ACK_LOCKED_OUT:
        return AuthFailedError("The terminal has locked out this server after wrong comm keys.", remedy="Restart it.")
    if answer.command == Command.ACK_UNAUTH:
        if has_key:
            remedy = "Compare with Comm. > PC Connection in its menu; if it is registered, `device enable` then."
            return AuthFailedError("The terminal refuses the comm key.", remedy=remedy)
        return AuthFailedError("The terminal asks for a comm key.", remedy=_NAME_THE_KEY)
    return RefusedError.of(name_of(Command.CONNECT), name_of(answer.command))
