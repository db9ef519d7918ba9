"""Scenario verbs for what happens at and inside the box: punches, clock, log, people, power."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar

from eabsensi.devices import devtime
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.counters import Counters
from eabsensi.devices.simulator.events import attendance_event
from eabsensi.devices.simulator.line import Pace
from eabsensi.devices.simulator.records import Entry, TruePunch, encode_record, impossible_time
from eabsensi.devices.simulator.service import Service
from eabsensi.devices.simulator.state import IDLE, MENU, State
from eabsensi.devices.simulator.trouble import Trouble
from eabsensi.devices.simulator.users import User

T = TypeVar("T")
#: One turn of the loop to notice bytes, one to read them, one more because ours may come first in each.
_TURNS_UNTIL_READ: Final = 3
CorruptKind = Literal["31 February", "blank", "year 2000", "year 2063"]


class BoxScenario:
    """What people do at the terminal. Every verb may be called from any thread; it has happened when it returns."""

    config: TerminalConfig
    state: State
    trouble: Trouble
    service: Service
    pace: Pace
    _loop: asyncio.AbstractEventLoop | None
    _thread: threading.Thread | None

    @property
    def counters(self) -> Counters:
        """What the terminal noticed of its clients."""
        return self.state.counters

    @property
    def serial(self) -> str:
        """The serial that it tells at present."""
        return self.state.serial

    @property
    def ever_punched(self) -> list[TruePunch]:
        """Every punch ever recorded here: the oracle."""
        return self._run(lambda: self.state.ever_punched)

    @property
    def ever_unreadable(self) -> list[bytes]:
        """Every meaningless record ever put into the log."""
        return self._run(lambda: list(self.state.ever_unreadable))

    @property
    def open_sessions(self) -> int:
        """Sessions that were opened and not ended."""
        return self._run(lambda: sum(peer.session is not None for peer in self.service.peers))

    @property
    def forbidden_seen(self) -> list[str]:
        """Commands that a collector must never send."""
        return self._run(lambda: list(self.counters.forbidden_seen))

    def punch(
        self,
        pin: str,
        at: datetime | None = None,
        verify: int = 1,
        state: int = 0,
        *,
        workcode: int = 0,
        event_bytes: int | None = None,
    ) -> TruePunch | None:
        """Let somebody punch, and tell the sessions that listen for events.

        Args:
            pin: user id.
            at: naive device time; None is the terminal's present clock.
            verify: how the person was recognised, 1 finger.
            state: 0 in, 1 out, ...
            workcode: where the layout has room for it.
            event_bytes: length of the event, else as configured.

        Returns:
            What was recorded; None where the terminal is locked or full.

        """
        return self._run(lambda: self._announce(self.state.record_punch(pin, at, verify, state, workcode), event_bytes))

    def punch_many(self, punches: Iterable[tuple[str, datetime, int, int]]) -> int:
        """Record many punches, as pin, device time, verify, state, in log order, without events; gives how many."""
        rows = list(punches)
        return self._run(lambda: sum(self.state.record_punch(*row) is not None for row in rows))

    def fill(self, count: int, first: datetime | None = None, step_seconds: int = 37) -> None:
        """Put many made-up punches into the log, by everybody in turn."""
        self._run(lambda: self.state.fill(count, first, step_seconds))

    def clear_log(self) -> None:
        """Empty the log, as other software does (F28, F49)."""
        self._run(self.state.clear_log)

    def delete_head(self, count: int) -> None:
        """Remove the oldest records."""
        self._run(lambda: self.state.log.delete_head(count))

    def take_log(self) -> list[bytes]:
        """Give the records that the log holds now, as a backup does; it stays as it is."""
        return self._run(lambda: list(self.state.log.records()))

    def restore_log(self, records: list[bytes]) -> None:
        """Put records that were taken before in place of the log, as a restored backup does (F28)."""
        self._run(lambda: self.state.log.replace(records))

    def keep_only(self, is_kept: Callable[[int], bool]) -> None:
        """Remove all records but those at the places that are asked for, as other software does (F28)."""
        self.restore_log([record for at, record in enumerate(self.take_log()) if is_kept(at)])

    def rewrite_records(self, change: Callable[[bytes], bytes]) -> None:
        """Change each record where it stands, as when a deleted user's slot becomes zero (F43)."""
        self.restore_log([change(record) for record in self.take_log()])

    def corrupt_record(self, kind: CorruptKind = "31 February", count: int = 1, pin: str = "1") -> list[bytes]:
        """Write records that no punch made (F24, F30, F31); gives their bytes.

        ``blank`` is all zeros; the years are real dates that no honest clock showed.
        """
        record = self._corrupt(kind, pin)
        self._run(lambda: self.state.record_unreadable(record, count))
        return [record] * count

    def set_clock(self, at: datetime | None = None, *, offset: timedelta | None = None) -> None:
        """Make the clock show ``at`` (naive local), or run ``offset`` ahead of the true time."""
        if offset is not None:
            self._run(lambda: self._set_offset(offset))
        if at is not None:
            self._run(lambda: self.state.set_clock(at))

    def drift(self, per_day: timedelta) -> None:
        """Let the clock gain time from now on."""
        self._run(lambda: self.state.set_drift(per_day))

    def lose_power(self) -> None:
        """Let the clock fall back to the first second of 2000, as with an empty battery (F24, F26)."""
        self.set_clock(datetime(2000, 1, 1))  # noqa: DTZ001 - a device's clock has no zone

    def enrol(self, user: User) -> None:
        """Enrol somebody, or replace who had the slot (F42)."""
        self._run(lambda: self.state.put_user(user))

    def delete_user(self, uid: int) -> None:
        """Delete somebody whose punches stay in the log (F43)."""
        self._run(lambda: self.state.remove_user(uid))

    def swap_serial(self, serial: str) -> None:
        """Let another terminal answer at this address (F50)."""
        self._run(lambda: setattr(self.state, "serial", serial))

    def set_comm_key(self, comm_key: int) -> None:
        """Change the comm key (F05)."""
        self._run(lambda: setattr(self.state, "comm_key", comm_key))

    def set_option(self, name: str, value: str | None) -> None:
        """Set an option, or with None let the model not know it (F51)."""
        self._run(lambda: self._set_option(name, value))

    def menu_open(self) -> None:
        """Let an operator stand in the menu: CONNECT gets no answer (F08)."""
        self._run(lambda: setattr(self.state, "device_state", MENU))

    def menu_closed(self) -> None:
        """Let the operator leave."""
        self._run(lambda: setattr(self.state, "device_state", IDLE))

    def disable(self) -> None:
        """Lock the terminal, as a crashed program leaves it (F32)."""
        self._run(self.state.disable)

    def download_new_log(self, on: bool = True) -> None:
        """Let full reads give only what no reader had before (F55)."""
        self._run(lambda: setattr(self.trouble, "download_new_log", on))

    def steal_new_log(self) -> None:
        """Let another reader have had everything there is so far (F55)."""
        self.download_new_log()
        self._run(lambda: setattr(self.state, "new_log_offset", self.state.log.body_bytes))

    def settle(self) -> None:
        """Wait until the terminal has handled every byte that had reached it."""
        for _ in range(_TURNS_UNTIL_READ):
            self._run(lambda: None)

    def _announce(self, punch: TruePunch | None, event_bytes: int | None = None) -> TruePunch | None:
        if punch is not None:
            self.service.emit(attendance_event(punch, event_bytes or self.config.effective_event_bytes))
        return punch

    def _corrupt(self, kind: CorruptKind, pin: str) -> bytes:

        if kind == "blank":
            return bytes(self.state.log.record_bytes)
        times = {
            "31 February": impossible_time(),
            "year 2000": 0,
            "year 2063": devtime.encode(datetime(2063, 7, 1, 7)),  # noqa: DTZ001 - a device's clock has no zone
        }
        return encode_record(self.state.log.layout, Entry(self.state.uid_of(pin), pin, times[kind]))

    def _set_offset(self, offset: timedelta) -> None:
        self.state.clock_offset = offset

    def _set_option(self, name: str, value: str | None) -> None:
        if value is None:
            self.state.options.pop(name, None)
        else:
            self.state.options[name] = value

    def _run(self, action: Callable[[], T]) -> T:
        """Let the terminal's own thread do it, and wait; directly where that is this thread or nothing runs."""
        if self._loop is None or self._thread is threading.current_thread() or not self._loop.is_running():
            return action()

        async def act() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(act(), self._loop).result()
