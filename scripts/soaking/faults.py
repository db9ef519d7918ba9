"""What goes wrong at a terminal: every family of the fault list (protocol §3), how it begins and how it ends."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from eabsensi.devices.attlog import Layout
from eabsensi.devices.commands import Command
from eabsensi.devices.simulator.config import WhenFull
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.devices.simulator.trouble import Moment
from eabsensi.devices.simulator.users import User

#: A time on the week's Saturday, so that what a fault lets somebody punch changes nobody's verdict.
_SATURDAY: Final = datetime(2026, 10, 24, 9, 0)  # noqa: DTZ001  a device's clock has no zone

_TRIES: Final = 100

Begin = Callable[[Terminal, random.Random], object]
End = Callable[[Terminal], object]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        families: of the fault list.
        begin: brings it about.
        end: undoes what :meth:`Terminal.heal` does not.
        suits: whether a terminal of this make can have it.
        clock: whether it puts the clock wrong.
        stops: whether the collector waits for a person afterwards.

    """

    families: tuple[str, ...]
    begin: Begin
    end: End = lambda _: None
    suits: Callable[[Terminal], bool] = lambda _: True
    clock: bool = False
    stops: bool = False


def _is_udp(terminal: Terminal) -> bool:
    return terminal.config.transport == "udp"


def _is_tcp(terminal: Terminal) -> bool:
    return not _is_udp(terminal)


def _has_room(terminal: Terminal) -> bool:
    """Whether records may be put in beside its punches: a full ring has no end to put them at."""
    return terminal.config.when_full is WhenFull.REFUSE and terminal.config.layout is not Layout.EIGHT_PACKED


def _takes_letters(terminal: Terminal) -> bool:
    config = terminal.config
    return config.layout in (Layout.FORTY, Layout.FORTY_NINE) and config.event_bytes is None


def _keeps_order(terminal: Terminal) -> bool:
    return terminal.config.when_full is not WhenFull.RING and terminal.config.layout is not Layout.EIGHT_PACKED


def _pin(terminal: Terminal, rng: random.Random) -> str:
    return rng.choice([user.pin for user in terminal.config.users or ()])


def _saturday(rng: random.Random) -> datetime:
    return _SATURDAY + timedelta(seconds=rng.randrange(8 * 3_600))


def _own_pace(terminal: Terminal) -> None:
    config = terminal.config
    terminal.delay(config.delay_seconds)
    terminal.packet_pause(config.packet_pause_seconds)
    terminal.bandwidth(config.bytes_per_second)
    terminal.segments(*(config.segment_bytes or (None, None)))


def _go_offline(terminal: Terminal, how: Literal["refuse", "vanish"]) -> None:
    _again_and_again(lambda: terminal.go_offline(how))


def come_back(terminal: Terminal) -> None:
    """Plug a terminal in again, whether or not it was unplugged."""
    _again_and_again(terminal.come_back)


def _again_and_again(action: Callable[[], None]) -> None:
    """Do what needs the terminal's port, which somebody may have taken while it was let go."""
    for _ in range(_TRIES):
        try:
            action()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("a terminal's port was taken by another process")


def _punch_twice(terminal: Terminal, rng: random.Random) -> None:
    pin, at = _pin(terminal, rng), _saturday(rng)
    for _ in range(2):
        terminal.punch(pin, at)


def _punch_oddly(terminal: Terminal, rng: random.Random) -> None:
    terminal.punch(_pin(terminal, rng), _saturday(rng), state=255)


def _reenrol(terminal: Terminal, rng: random.Random) -> None:
    pin = _pin(terminal, rng)
    terminal.delete_user(int(pin))
    terminal.punch(pin, _saturday(rng))
    terminal.enrol(User(int(pin), pin, "Nama yang sangat panjang sekali, lebih dari batas"))


def _interrupt(terminal: Terminal, rng: random.Random) -> None:
    punch = terminal.punch(_pin(terminal, rng), _saturday(rng))
    if punch is not None:
        terminal.event_in_the_middle_of_next_reply(punch)
    terminal.event_in_the_middle_of_next_reply(noise=True)


def _offset(rng: random.Random) -> timedelta:
    return rng.choice((-1, 1)) * timedelta(seconds=rng.choice((300, 2_820, 3_600, 7 * 3_600, 86_400)))


def _right_clock(terminal: Terminal) -> None:
    terminal.set_clock(offset=timedelta())


FAULTS: Final[tuple[Fault, ...]] = (
    Fault(("F01", "F08"), lambda t, _: t.be_silent()),
    Fault(("F04",), lambda t, _: _go_offline(t, "refuse"), come_back),
    Fault(("F04", "F54"), lambda t, _: _go_offline(t, "vanish"), come_back),
    Fault(("F05",), lambda t, _: t.set_comm_key(31_337), lambda t: t.set_comm_key(t.config.comm_key), stops=True),
    Fault(("F06",), lambda t, _: t.secure_firmware(), stops=True),
    Fault(("F07",), lambda t, _: t.speak_foreign(), lambda t: t.reboot(), stops=True),
    Fault(("F08",), lambda t, _: t.menu_open(), lambda t: t.menu_closed()),
    Fault(("F08",), lambda t, rng: t.ignore_requests(rng.randint(1, 4))),
    Fault(("F09", "F10"), lambda t, _: t.segments(1), _own_pace, _is_tcp),
    Fault(("F11", "F35"), lambda t, rng: t.cut_after(rng.randint(0, 1_500), hard=rng.random() < 0.5)),
    Fault(
        ("F11", "F35"),
        lambda t, rng: t.cut_after(rng.randint(0, 900), always=True, of=rng.choice(("transfer", "connection"))),
    ),
    Fault(("F11",), lambda t, _: t.reboot()),
    Fault(("F35",), lambda t, _: t.hang_up()),
    Fault(("F12",), lambda t, _: t.wedge_when_pipelined(), suits=_is_tcp),
    Fault(("F13",), lambda t, _: t.duplicate_datagrams(), suits=_is_udp),
    Fault(("F13",), lambda t, _: t.reorder_datagrams(), suits=_is_udp),
    Fault(("F13", "F54"), lambda t, rng: t.lose_datagrams(2, every=rng.randint(5, 12)), suits=_is_udp),
    Fault(("F13",), lambda t, rng: t.drop_replies(rng.randint(1, 3))),
    Fault(("F14",), lambda t, rng: t.short_replies(rng.randint(1, 3))),
    Fault(("F14",), lambda t, rng: t.announce_wrong_total(rng.choice((-8, 8, 40)), rng.choice(("prepare", "body")))),
    Fault(("F14",), lambda t, _: t.lie_about_sizes(t.state.log.count + 7)),
    Fault(("F15",), lambda t, _: t.empty_log_answers_error()),
    Fault(("F16",), lambda t, rng: t.attendance_disabled(sizes_say_zero=rng.random() < 0.5), stops=True),
    Fault(("F21",), lambda t, rng: t.punch_before_read(_pin(t, rng), _saturday(rng))),
    Fault(("F24",), lambda t, rng: t.corrupt_record("31 February", rng.randint(1, 2), _pin(t, rng)), suits=_has_room),
    Fault(("F30", "F31"), lambda t, rng: t.corrupt_record("blank", rng.randint(1, 2)), suits=_has_room),
    Fault(("F25", "F26"), lambda t, rng: t.set_clock(offset=_offset(rng)), _right_clock, clock=True),
    Fault(("F24", "F26"), lambda t, _: t.lose_power(), _right_clock, clock=True),
    Fault(("F27",), _punch_twice),
    Fault(("F28", "F49"), lambda t, _: t.clear_log()),
    Fault(("F28",), lambda t, _: t.clear_between_prepare_and_read()),
    Fault(("F32",), lambda t, _: t.disable(), lambda t: t.reboot()),
    Fault(("F34",), lambda t, rng: t.hang_after(rng.randint(0, 9)), lambda t: t.reboot()),
    Fault(("F36",), lambda t, _: t.delay(1.2, Command.PREPARE_BUFFER), lambda t: t.pace.delays.clear()),
    Fault(("F36", "F54"), lambda t, rng: t.delay(rng.uniform(0.02, 0.2)), _own_pace),
    Fault(("F54",), lambda t, _: t.bandwidth(3_000), _own_pace),
    Fault(("F36",), lambda t, _: t.packet_pause(0.02), _own_pace),
    Fault(("F37", "F39", "F40"), _interrupt),
    Fault(("F38",), lambda t, rng: t.reboot_silently(reset=rng.random() < 0.5)),
    Fault(("F42", "F43", "F44"), _reenrol),
    Fault(("F41",), lambda t, rng: t.punch("K07a", _saturday(rng)), suits=_takes_letters),
    Fault(("F46",), _punch_oddly),
    Fault(("F47",), lambda t, _: t.drop_udp_session(), suits=_is_udp),
    Fault(("F47",), lambda t, _: t.next_session(77, 77, 77)),
    Fault(("F48",), lambda t, rng: t.late_reply(rng.randint(1, 2))),
    Fault(("F48",), lambda t, rng: t.stale_reply(rng.randint(1, 3))),
    Fault(("F13", "F35"), lambda t, rng: t.corrupt_replies(rng.randint(1, 3))),
    Fault(("F51",), lambda t, _: t.refuse(Command.OPTIONS_READ, count=2)),
    Fault(("F51",), lambda t, _: t.refuse(Command.FREE_SIZES, count=3)),
    Fault(
        ("F53",),
        lambda t, rng: t.delete_head_between_prepare_and_read(rng.randint(1, 4)),
        suits=_keeps_order,
    ),
    Fault(("F55",), lambda t, _: t.steal_new_log()),
    Fault(
        ("F21", "F28"),
        lambda t, _: t.at(Moment.BEFORE_PREPARE, t.state.clear_log),
    ),
)
#: Another terminal answers at the address (F50); it takes two, so the week itself brings it about.
SWAP: Final = ("F50",)

_BUILT: Final[tuple[tuple[tuple[str, ...], Callable[[Terminal], bool]], ...]] = (
    (("F17",), lambda t: t.config.sizes_bytes != 92),
    (("F18",), lambda t: t.config.layout is Layout.FORTY_NINE),
    (("F19",), lambda t: t.config.layout is Layout.EIGHT_PACKED),
    (("F20", "F45"), lambda t: t.config.layout is Layout.SIXTEEN),
    (("F22",), lambda t: t.config.layout is Layout.EIGHT_PACKED and t.config.packed_short_records),
    (("F29",), lambda t: t.config.record_capacity < 100),
    (("F33",), lambda t: not t.config.disable_has_effect),
    (("F39",), lambda t: t.config.event_bytes is not None),
    (("F51",), lambda t: t.config.unknown_option_is_empty),
    (("F52",), lambda t: t.config.strict_reply_ids),
)
#: What no terminal brings about: a client's own doing (F02, F03), and a command that is never sent (F23).
NOT_PLAYED: Final = ("F02", "F03", "F23")


def built_in(terminal: Terminal) -> set[str]:
    """Give the families that a terminal has by its make."""
    return {family for families, has in _BUILT for family in families if has(terminal)}
