"""The truth inside the box: who is enrolled, what was punched, what the clock says. Knows no wire."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from eabsensi.devices import devtime
from eabsensi.devices.simulator.config import TerminalConfig, WhenFull
from eabsensi.devices.simulator.counters import Counters
from eabsensi.devices.simulator.logfile import LogFile
from eabsensi.devices.simulator.records import Entry, Filling, TruePunch, as_recorded
from eabsensi.devices.simulator.users import ADMIN, User, encode_user, invented_users

_OPLOG = struct.Struct("<HBxI4H")
# How vendor documents number the operations.
OPERATION_START_UP = 0
OPERATION_DELETE_USER = 9
OPERATION_SET_TIME = 21
OPERATION_CLEAR_LOG = 23

IDLE, MENU = 0, 3


class State:
    """Everything that a terminal knows and remembers; changed by people at it and by commands."""

    def __init__(self, config: TerminalConfig) -> None:
        self.config = config
        self.counters = Counters()
        self.serial = config.serial
        self.comm_key = config.comm_key
        self.encoding = config.encoding
        self.options = {**_factory_options(config), **config.options}
        self.users = {user.uid: user for user in _first_users(config)}
        self.fingers = config.fingers
        self.log = LogFile(config)
        self.oplog = bytearray()
        self.clock_offset = timedelta(0)
        self.drift_per_day = timedelta(0)
        self.device_state = IDLE
        self.ever_unreadable: list[bytes] = []
        self.refused_punches = 0
        self.new_log_offset = 0
        self._drift_since = config.clock.now()
        self._zone = ZoneInfo(config.timezone)
        self._uid_of = {user.pin: user.uid for user in self.users.values()}
        self._batches: list[list[TruePunch] | Filling] = []
        self._enabled = True
        self._disabled_until: float | None = None
        if config.records:
            self.fill(config.records)

    @property
    def ever_punched(self) -> list[TruePunch]:
        """Every punch ever recorded here, in order, whatever became of the log since."""
        return list(self.iter_ever_punched())

    def iter_ever_punched(self) -> Iterator[TruePunch]:
        """Walk over :attr:`ever_punched` without keeping it in memory."""
        for batch in self._batches:
            yield from batch.punches(self.log.layout) if isinstance(batch, Filling) else batch

    def now(self) -> datetime:
        """Give the terminal's wall clock: naive local time, whole seconds."""
        true_now = self.config.clock.now()
        drifted = self.drift_per_day * ((true_now - self._drift_since) / timedelta(days=1))
        local = true_now.astimezone(self._zone).replace(tzinfo=None)
        return (local + self.clock_offset + drifted).replace(microsecond=0)

    def set_clock(self, device_time: datetime) -> None:
        """Make the wall clock show ``device_time`` now."""
        shown = self.now()
        self.clock_offset += device_time.replace(microsecond=0) - shown
        self.note_operation(OPERATION_SET_TIME)

    def set_drift(self, per_day: timedelta) -> None:
        """Let the clock gain (or lose) time from now on."""
        current = self.now()
        self.drift_per_day, self._drift_since = per_day, self.config.clock.now()
        self.clock_offset += current - self.now()

    @property
    def enabled(self) -> bool:
        """Whether people can punch; a disable with a timer ends by itself."""
        if self._disabled_until is not None and self.config.clock.monotonic() >= self._disabled_until:
            self.enable()
        return self._enabled

    def enable(self) -> None:
        """Let people punch."""
        self._enabled, self._disabled_until = True, None

    def disable(self, seconds: int | None = None) -> None:
        """Lock the terminal, for some seconds or until somebody enables it."""
        self._enabled = False
        self._disabled_until = None if seconds is None else self.config.clock.monotonic() + seconds

    def uid_of(self, pin: str) -> int:
        """Give the slot of a pin; where nobody is enrolled, the pin itself if short layouts need one, else 0."""
        if pin in self._uid_of:
            return self._uid_of[pin]
        return int(pin) if self.config.short_layout else 0

    def put_user(self, user: User) -> None:
        """Enrol somebody, or replace who had the slot."""
        self.remove_user(user.uid)
        self.users[user.uid] = user
        self._uid_of[user.pin] = user.uid

    def remove_user(self, uid: int) -> bool:
        """Free a slot; the person's punches stay in the log."""
        user = self.users.pop(uid, None)
        if user is not None:
            self._uid_of.pop(user.pin, None)
        return user is not None

    def users_table(self) -> bytes:
        """Give all user records as they travel, without the size word."""
        width = self.config.effective_user_bytes
        return b"".join(encode_user(user, width, self.encoding) for user in self.users.values())

    def record_punch(
        self,
        pin: str,
        device_time: datetime | None = None,
        verify_mode: int = 1,
        punch_state: int = 0,
        workcode: int = 0,
    ) -> TruePunch | None:
        """Record a touch; None where the terminal is locked or its log full, so that nothing was recorded."""
        moment = (device_time or self.now()).replace(microsecond=0)
        uid = self.uid_of(pin)
        verify_mode, punch_state = as_recorded(self.log.layout, verify_mode, punch_state)
        entry = Entry(uid, pin, devtime.encode(moment), verify_mode, punch_state, workcode)
        if not self.enabled or not self.log.append(entry):
            self.refused_punches += 1
            return None
        punch = TruePunch(pin, moment, verify_mode, punch_state, uid)
        self._remember(punch)
        return punch

    def fill(self, count: int, first: datetime | None = None, step_seconds: int = 37) -> None:
        """Put made-up punches into the log, by everybody in turn; by default they end before last midnight.

        Terminals with the same people, count and day share the bytes.
        """
        if first is None:
            midnight = self.now().replace(hour=0, minute=0, second=0)
            first = midnight - timedelta(seconds=count * step_seconds)
        people = tuple((user.uid, user.pin) for user in self.users.values()) or ((1, "1"),)
        filling = Filling(count, first, step_seconds, people)
        self.log.fill(filling)
        self._batches.append(filling)

    def record_unreadable(self, record: bytes, count: int = 1) -> None:
        """Put a record into the log, some times, that means nothing."""
        for _ in range(count):
            self.log.append_raw(record)
            self.ever_unreadable.append(record)

    def clear_log(self) -> None:
        """Empty the log; what was ever punched is remembered here."""
        self.log.clear()
        self.new_log_offset = 0
        self.note_operation(OPERATION_CLEAR_LOG)

    def clear_everything(self) -> None:
        """Empty the log and the users."""
        self.clear_log()
        self.users.clear()
        self._uid_of.clear()

    def note_operation(self, operation: int, *parameters: int) -> None:
        """Write the operation log."""
        four = (*parameters, 0, 0, 0, 0)[:4]
        self.oplog += _OPLOG.pack(0, operation, devtime.encode(self.now()), *four)

    def sizes(self) -> dict[int, int]:
        """Give the fields of the sizes reply by their byte offset (protocol §1.5)."""
        config, users, records = self.config, len(self.users), self.log.count
        capacity = config.record_capacity if config.told_capacity is None else config.told_capacity
        return {
            16: users,
            24: self.fingers,
            32: records,
            40: len(self.oplog) // _OPLOG.size,
            48: sum(user.privilege == ADMIN for user in self.users.values()),
            52: sum(bool(user.password) for user in self.users.values()),
            56: config.finger_capacity,
            60: config.user_capacity,
            64: capacity,
            68: config.finger_capacity - self.fingers,
            72: config.user_capacity - users,
            76: capacity - records,
            88: config.face_capacity,
        }

    def _remember(self, punch: TruePunch) -> None:
        if not self._batches or isinstance(self._batches[-1], Filling):
            self._batches.append([])
        last = self._batches[-1]
        assert isinstance(last, list)
        last.append(punch)


def _first_users(config: TerminalConfig) -> Iterable[User]:
    return invented_users(20) if config.users is None else config.users


def _factory_options(config: TerminalConfig) -> dict[str, str]:
    return {
        "~SerialNumber": config.serial,
        "~DeviceName": config.device_name,
        "~Platform": config.platform,
        "~OS": "1",
        "~ZKFPVersion": "10",
        "ZKFaceVersion": "7" if config.face_capacity else "0",
        "MAC": config.mac,
        "~ExtendFmt": "1" if config.effective_user_bytes == 72 else "0",
        "~UserExtFmt": "1" if config.effective_user_bytes == 72 else "0",
        "ExtendOPLog": "0",
        "FaceFunOn": "1" if config.face_capacity else "0",
        "CompatOldFirmware": "0",
        "IPAddress": config.host,
        "NetMask": "255.255.255.0",
        "GATEIPAddress": "0.0.0.0",  # noqa: S104 - an option's text, nothing listens there
        "~PIN2Width": "9",
        "~ProductTime": "2016-04-26 10:00:00",
        "~OEMVendor": "Simulated",
        "~SSR": "1" if config.effective_user_bytes == 72 else "0",
        "WorkCode": "0",
        "FingerFunOn": "1",
        "DeviceID": "1",
        "~IsOnlyRFMachine": "0",
        "ISLR": "1" if config.when_full is WhenFull.RING else "0",
        "DelRecord": str(config.delete_when_full),
        "DownloadNewLog": "0",
    }
