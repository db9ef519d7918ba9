"""Each place where bytes of others come in, as a function of bytes.

A target returns, or raises :class:`EabsensiError`; the decoders that are documented to raise ValueError may do so for
the reason that they document. Anything else, or too much time or memory, is a crash.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from eabsensi.devices import frames
from eabsensi.devices.attlog import Layout, decode
from eabsensi.devices.events import parse_events
from eabsensi.devices.frames import Frame, StreamDecoder
from eabsensi.devices.layouts import detect
from eabsensi.devices.logread import LogRequest, read_log
from eabsensi.devices.registry import read_registry
from eabsensi.devices.session import Endpoint
from eabsensi.devices.sizes import Sizes
from eabsensi.devices.users import parse_users
from eabsensi.devices.waiting import Deadline
from eabsensi.errors import EabsensiError
from eabsensi.importing.dump import parse_dump
from scripts.fuzzing import policies, sheets
from scripts.fuzzing.lines import Script, ScriptedSession

Target = Callable[[bytes], None]
_T = TypeVar("_T")

#: Later than every honest record of the seeds.
NOT_AFTER: Final = datetime(2030, 1, 1)  # noqa: DTZ001 - a device's clock has no zone
_ENCODINGS: Final = ("utf-8", "gbk", "cp1252", "latin-1", "ascii", "cp1256")
_LAYOUTS: Final = tuple(Layout)


def tcp_stream(written: bytes) -> None:
    """A TCP stream in segments of a length that its first byte gives."""
    step, stream, decoder = 1 + (written[:1] or b"\x00")[0], written[1:], StreamDecoder()
    for at in range(0, len(stream), step):
        decoder.feed(stream[at : at + step])
    assert decoder.pending <= len(stream)


def datagram(written: bytes) -> None:
    """One UDP datagram."""
    frame = frames.decode(written)
    assert frames.encode(frame) == written or written[2:4] in (b"\x00\x00", b"\xff\xff")


def conversation(written: bytes) -> None:
    """A whole poll at the wire: the first byte chooses the transport and how much is known before."""
    choice, script = (written[:1] or b"\x00")[0], Script(written[1:])
    endpoint = Endpoint("terminal", transport="udp" if choice & 1 else "tcp")
    position = None
    for _ in range(2 + (choice >> 1 & 1)):
        with ScriptedSession(script, endpoint, deadline=Deadline.after(10)) as session:
            session.require_serial("SIM0001")
            session.read_clock()
            request = LogRequest(
                position,
                session.sizes(),
                NOT_AFTER,
                lambda punches: [True] * len(punches),
                full=bool(choice & 4),
                heavy_bytes=10_000 if choice & 8 else None,
            )
            position = read_log(session, request).position or position
            script.log += script.log[: 40 * (choice >> 4)]


def users_of_terminal(written: bytes) -> None:
    """The user table as a session reads it."""
    script = Script(written)
    with ScriptedSession(script, Endpoint("terminal"), deadline=Deadline.after(10)) as session:
        session.users()
        session.identity()


def log(written: bytes) -> None:
    """A log of any layout: found out, and decoded; each byte ends in exactly one record."""
    encoding, body = _choose(written, _ENCODINGS)
    layout = detect(body, records=None, not_after=NOT_AFTER) if body else Layout.FORTY
    _decode(layout, body, encoding)


def layout(written: bytes) -> None:
    """A stretch in a given layout, whether it makes sense or not."""
    chosen, rest = _choose(written, _LAYOUTS)
    encoding, body = _choose(rest, _ENCODINGS)
    whole = body if chosen is Layout.EIGHT_PACKED else body[: len(body) // chosen.stride * chosen.stride]
    with contextlib.suppress(ValueError) if chosen is Layout.EIGHT_PACKED else contextlib.nullcontext():
        _decode(chosen, whole, encoding)


def events(written: bytes) -> None:
    """Live events of a length that the first byte gives."""
    size, body = 1 + (written[:1] or b"\x00")[0] % 60, written[1:]
    heard = [Frame(500, 1, 0, body[at : at + size]) for at in range(0, len(body), size)]
    assert all(punch.pin for punch in parse_events(heard, encoding="gbk"))


def tables(written: bytes) -> None:
    """Counters and user tables, which may refuse a length, and nothing else."""
    Sizes.parse(written)
    with contextlib.suppress(ValueError):
        parse_users(written, count=Sizes.parse(written).users, encoding="gbk")


def dump(written: bytes) -> None:
    """A terminal's USB dump, attlog.dat."""
    read = parse_dump(written, "attlog.dat")
    for record in (*read.punches, *read.unreadable):
        assert "\x00" not in record.pin
        assert len(record.raw) <= len(written)


def registry(written: bytes) -> None:
    """devices.yaml."""
    with written_to_file(written, "devices.yaml") as path:
        found = read_registry(path)
        for device in found.devices:
            assert device.serial
        for problem in found.problems:
            assert len(str(problem)) < 10_000


@contextlib.contextmanager
def written_to_file(written: bytes, name: str) -> Iterator[Path]:
    """Give a file that holds these bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(written)
        yield path


def _choose(written: bytes, choices: tuple[_T, ...]) -> tuple[_T, bytes]:
    return choices[(written[:1] or b"\x00")[0] % len(choices)], written[1:]


def _decode(layout: Layout, body: bytes, encoding: str) -> None:
    decoded = decode(layout, body, encoding=encoding, carry=None)
    raws = [record.raw for record in (*decoded.punches, *decoded.unreadable)]
    assert sum(map(len, raws)) == len(body), "each byte ends in exactly one record"
    assert all(punch.pin and "\x00" not in punch.pin for punch in decoded.punches)


TARGETS: Final[dict[str, Target]] = {
    "tcp": tcp_stream,
    "udp": datagram,
    "conversation": conversation,
    "users": users_of_terminal,
    "log": log,
    "layout": layout,
    "events": events,
    "tables": tables,
    "dump": dump,
    "registry": registry,
    "csv": sheets.csv_sheet,
    "xlsx": sheets.xlsx_sheet,
    "policy": policies.policy,
}


def run(name: str, written: bytes) -> None:
    """Run a target as product code would be run: an expected failure is an outcome.

    Raises:
        KeyError: there is no such target.

    """
    with contextlib.suppress(EabsensiError):
        TARGETS[name](written)
