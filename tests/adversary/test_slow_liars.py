"""Terminals that send just enough to go on hold up neither the honest ones nor, over UDP, a poll for all its time."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from liar import Answer, Liar, ok
from small_city import FIRST, PATIENCE, City, SettableClock
from waiting import until

from eabsensi.collecting.collector import Collector
from eabsensi.collecting.poll import Poller
from eabsensi.collecting.slots import SLOW_SECONDS
from eabsensi.devices import bulk
from eabsensi.devices.commands import Command
from eabsensi.devices.errors import TransferError
from eabsensi.devices.frames import Frame
from eabsensi.devices.logread import LogRequest, read_log
from eabsensi.devices.registry import Device
from eabsensi.devices.session import Endpoint, Patience, Session
from eabsensi.devices.waiting import Deadline, StopSignal

READ = Command.READ_BUFFER


class HandClock(SettableClock):
    """A clock whose monotonic time a test moves."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 1_000.0

    def monotonic(self) -> float:
        return self.seconds


class Drippers:
    """Liars that answer everything at once, and a read of the log byte by byte for as long as they are let."""

    def __init__(self, serials: list[str]) -> None:
        self.dripping: list[str] = []
        self.ended = threading.Event()
        self._liars = {serial: Liar(self._lies(serial)) for serial in serials}

    def __enter__(self) -> dict[str, int]:
        return {serial: liar.__enter__().port for serial, liar in self._liars.items()}

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        for liar in self._liars.values():
            liar.__exit__()

    def _lies(self, serial: str) -> dict[int, Answer]:
        def drip(request: Frame) -> Iterator[bytes]:
            wanted = struct.unpack("<II", request.payload)[1]
            self.dripping.append(serial)
            yield ok(request, struct.pack("<II", wanted, 1_008), Command.PREPARE_DATA)
            while not self.ended.wait(0.02):
                yield ok(request, b"\x00", Command.DATA)

        return {Command.OPTIONS_READ: lambda r: [ok(r, f"~SerialNumber={serial}\x00".encode())], READ: drip}


@contextmanager
def collecting(city: City, clock: HandClock) -> Iterator[Collector]:
    """Run a collector by a clock that stands until it is moved, and its live loop."""
    stop, bugs = StopSignal(), []  # type: StopSignal, list[BaseException]
    poller = Poller(city.store, clock, city.comm_keys.__getitem__, collector="t", stop=stop, patience=PATIENCE)
    collector = Collector(city.store, poller, clock, name="t", on_bug=bugs.append)
    watching = threading.Thread(target=collector.watch.run, args=(stop,))
    watching.start()
    try:
        with collector.leases:
            yield collector
            stop.set()
            collector.shut_down()
    finally:
        stop.set()
        watching.join()
        stop.close()
    assert bugs == []


def test_an_honest_terminal_is_polled_while_liars_drip_on_every_worker(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers and one slot for slow terminals; four liars come first."""
    for module in ("slots", "collector"):
        monkeypatch.setattr(f"eabsensi.collecting.{module}.MOST_SLOW", 1)
    clock, liars = HandClock(), [f"SIM900{number}" for number in range(4)]
    honest = city.add()
    honest.punch("7", FIRST)
    drippers = Drippers(liars)
    with drippers as ports, collecting(city, clock) as collector:
        for serial, port in ports.items():
            city.listed.append(Device(serial=serial, unit="DINKES", name=serial, host="127.0.0.1", port=port))
        collector.set_fleet([city.device(serial) for serial in (*liars, "SIM0001")])
        for turn, serial in enumerate((*liars, "SIM0001")):
            collector._heap.put(serial, float(turn))

        collector.tick()
        until(lambda: len(drippers.dripping) == 2, "both workers are taken")
        clock.seconds += SLOW_SECONDS
        # One goes on in the slot for slow ones, the other gives way, and the next two liars come.
        until(lambda: len(drippers.dripping) == 4, "every liar has had its turn")
        assert city.stored() == []
        clock.seconds += SLOW_SECONDS
        until(lambda: city.stored() == [("7", FIRST)], "the honest one is polled")
        until(lambda: "0 of 2 workers busy, 1 slow" in collector.status, "one liar still drips, beside the workers")

        honest.punch("8", FIRST.replace(hour=16))
        clock.seconds += 301
        collector.tick()
        until(lambda: len(city.stored()) == 2, "from now on liars wait for each other only")
        assert len(drippers.dripping) == 4, "none of them has taken a worker again"
        assert city.polls().count("crowded") == 3
    city.assert_nothing_lost()


def test_a_datagram_now_and_then_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each datagram comes in time and brings a byte; the slowest line would bring all of them in two seconds."""
    monkeypatch.setattr(bulk, "SLOWEST_BYTES", 1 << 20)
    ended = threading.Event()

    def drip(request: Frame) -> Iterator[bytes]:
        for chunk in range(1_024):
            ended.wait(0.02)
            yield ok(request, b"\x00", Command.DATA, field3=chunk)

    patience = Patience(connect=1, command=0.3, prepare=1, packet=0.3, goodbye=0.1)
    with Liar({READ: drip}, udp=True) as liar:
        endpoint = Endpoint("127.0.0.1", liar.port, transport="udp", patience=patience)
        with Session(endpoint, deadline=Deadline.after(60)) as session:
            request = LogRequest(None, session.sizes(), datetime(2030, 1, 1), lambda _: [])
            with pytest.raises(TransferError, match="in the time of the slowest line"):
                read_log(session, request)
        ended.set()
