"""Terminals that lie, flood, drip or hang: a typed error, in bounded time and memory, and the next terminal's turn."""

from __future__ import annotations

import itertools
import struct
import tracemalloc
from collections.abc import Iterator
from datetime import datetime

import pytest
from liar import Answer, Liar, honest, ok

from eabsensi.devices import frames
from eabsensi.devices.commands import Command
from eabsensi.devices.errors import DeviceError
from eabsensi.devices.frames import Frame
from eabsensi.devices.logread import LogRequest, read_log
from eabsensi.devices.session import Endpoint, Patience, Session
from eabsensi.devices.waiting import Deadline

PATIENCE = Patience(connect=0.4, command=0.4, prepare=0.4, packet=0.4, goodbye=0.1)
MOST_BYTES = 24 << 20
READ, PREPARE = Command.READ_BUFFER, Command.PREPARE_BUFFER


def forever(*pieces: bytes, times: int = 20_000) -> Iterator[bytes]:
    """So often that no test would live to see the end, were it waited for."""
    return itertools.chain.from_iterable(itertools.repeat(pieces, times))


def data(request: Frame, payload: bytes, index: int = 0) -> bytes:
    return ok(request, payload, Command.DATA, index)


def prepared(request: Frame, size: int) -> bytes:
    return ok(request, struct.pack("<BIII", 0, size, size, 0))


def announced(request: Frame, size: int) -> bytes:
    return ok(request, struct.pack("<II", size, 1_008), Command.PREPARE_DATA)


def top(length: int) -> bytes:
    return frames.TCP_MAGIC + struct.pack("<I", length)


def event() -> bytes:
    return frames.encode_tcp(Frame(Command.EVENT, 1, 0, bytes(12)))


LIES: dict[str, dict[int, Answer]] = {
    "4 GiB in PREPARE": {PREPARE: lambda r: [prepared(r, 0xFFFFFFFF)]},
    "2 GiB in PREPARE": {PREPARE: lambda r: [prepared(r, 0x80000000)]},
    "an answer to PREPARE without a size": {PREPARE: lambda r: [ok(r, b"\x00\x01")]},
    "4 GiB in PREPARE_DATA": {READ: lambda r: [announced(r, 0xFFFFFFFF)]},
    "4 GiB inline": {PREPARE: lambda r: [announced(r, 0xFFFFFFFF), *forever(data(r, bytes(1_008)))]},
    "256 MiB inline, then silence": {PREPARE: lambda r: [announced(r, 256 << 20), data(r, bytes(1_008))]},
    "PREPARE_DATA without a size": {READ: lambda r: [ok(r, b"", Command.PREPARE_DATA)]},
    "a frame of 4 GiB": {READ: lambda _: [top(0xFFFFFFFF)]},
    "a frame of no length": {READ: lambda _: [top(0)]},
    "a frame that never ends": {READ: lambda _: [top(1 << 20), *forever(b"\x00" * 64, times=1_000)]},
    "empty packets for ever": {READ: lambda r: [announced(r, 16_384), *forever(data(r, b""))]},
    "PREPARE_DATA for ever": {READ: lambda r: forever(announced(r, 16_384))},
    "wrong reply ids for ever": {
        READ: lambda r: forever(frames.encode_tcp(Frame(Command.DATA, 0, r.reply_id + 9, bytes(99))))
    },
    "events for ever": {READ: lambda _: forever(event())},
    "events for ever instead of the clock": {Command.TIME_READ: lambda _: forever(event())},
    "more than asked for": {READ: lambda r: [data(r, bytes(60_000))]},
    "less than asked for": {READ: lambda r: [data(r, bytes(10))]},
    "noise in the middle": {READ: lambda r: [announced(r, 16_384), data(r, bytes(1_008)), b"\xff" * 100]},
    "a refusal in the middle": {READ: lambda r: [announced(r, 16_384), ok(r, b"", Command.ACK_ERROR)]},
    "an unknown answer to everything": dict.fromkeys(Command, lambda r: [ok(r, b"", 54_321)]),
    "nothing but unauthorised": dict.fromkeys(Command, lambda r: [ok(r, b"", Command.ACK_UNAUTH)]),
    "a clock of 31 February": {
        Command.TIME_READ: lambda r: [ok(r, b"\xff\xff\xff\xff")],
        READ: lambda r: [data(r, b"\x01")],
    },
    "a clock without bytes": {Command.TIME_READ: lambda r: [ok(r, b"\x01")], READ: lambda r: [data(r, b"\x01")]},
    "an option of 1 MB": {Command.OPTIONS_READ: lambda r: [ok(r, b"~SerialNumber=" + b"A" * 1_000_000)]},
    "an option of noise": {Command.OPTIONS_READ: lambda r: [ok(r, b"~SerialNumber=\xff\x1b[31m\n\xfe\x00")]},
    "negative sizes": {Command.FREE_SIZES: lambda r: [ok(r, b"\xff" * 92)], READ: lambda r: [data(r, b"")]},
    "sizes of odd length": {Command.FREE_SIZES: lambda r: [ok(r, b"\x07" * 33)], READ: lambda r: [data(r, b"")]},
    "another session in every answer": dict.fromkeys(
        Command, lambda r: [ok(r, b"", Command.ACK_OK, (r.reply_id * 7_919) & 0xFFFF)]
    ),
}


def read_everything(port: int, transport: str) -> None:
    """Do what a poll does at the wire."""
    endpoint = Endpoint("127.0.0.1", port, "udp" if transport == "udp" else "tcp", patience=PATIENCE)
    with Session(endpoint, deadline=Deadline.after(1.5)) as session:
        session.require_serial("SIM0001")
        session.read_clock()
        request = LogRequest(None, session.sizes(), datetime(2030, 1, 1), lambda punches: [False] * len(punches))
        read_log(session, request)


@pytest.mark.parametrize("name", LIES)
def test_a_lie_ends_as_a_typed_error_in_bounded_memory(name: str) -> None:
    tracemalloc.start()
    try:
        with Liar(LIES[name]) as liar, pytest.raises(DeviceError) as caught:
            read_everything(liar.port, "tcp")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


INDICES: dict[str, Answer] = {
    "the same index for ever": lambda r: forever(data(r, bytes(10), 3), times=3_000),
    "huge indices": lambda r: [data(r, bytes(1), 65_535 - at) for at in range(100)],
    "empty datagrams": lambda r: [data(r, b"", at) for at in range(3_000)],
    "too much": lambda r: [data(r, bytes(900), 0), data(r, bytes(900), 9)],
    "only the last ACK": lambda r: [ok(r)],
    "damaged datagrams": lambda r: [data(r, bytes(10))[:-1] + b"\x01"],
}


@pytest.mark.parametrize("name", INDICES)
def test_a_lie_over_udp_ends_as_a_typed_error(name: str) -> None:
    with Liar({READ: INDICES[name]}, udp=True) as liar, pytest.raises(DeviceError):
        read_everything(liar.port, "udp")


def test_a_log_that_comes_at_once_over_udp_in_many_datagrams_is_put_in_order() -> None:
    body = struct.pack("<I", 4_000) + b"".join(at.to_bytes(2, "little") * 20 for at in range(100))
    packets = [body[at : at + 500] for at in range(0, len(body), 500)]

    def shuffled(request: Frame) -> list[bytes]:
        return [
            announced(request, len(body)),
            *reversed([data(request, packet, at) for at, packet in enumerate(packets)]),
        ]

    with Liar({PREPARE: shuffled}, udp=True) as liar:
        endpoint = Endpoint("127.0.0.1", liar.port, "udp", patience=PATIENCE)
        with Session(endpoint, deadline=Deadline.after(5)) as session:
            buffer = session.prepare_log()
            assert buffer is not None
            assert buffer.read(0, buffer.body_bytes) == body[4:]


def test_a_user_table_of_odd_length_is_a_typed_error() -> None:
    table = struct.pack("<I", 73) + bytes(73)
    with Liar({PREPARE: lambda r: [data(r, table)]}) as liar:
        endpoint = Endpoint("127.0.0.1", liar.port, patience=PATIENCE)
        with Session(endpoint, deadline=Deadline.after(5)) as session, pytest.raises(DeviceError, match="73 bytes"):
            session.users()


def test_one_bad_connection_is_no_reason_to_give_a_terminal_up() -> None:
    with Liar({READ: lambda _: [b"\xaa\x01junk"]}) as liar, pytest.raises(DeviceError) as caught:
        read_everything(liar.port, "tcp")
    assert caught.value.kind == "protocol_error"


def test_the_healthy_answers_of_the_liar_are_believed() -> None:
    assert len(honest(Frame(Command.FREE_SIZES, 0, 1))) == 1
