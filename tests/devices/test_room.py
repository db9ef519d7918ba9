"""Memory for what is decoded: long logs wait for each other, and one that no terminal could hold is refused."""

from __future__ import annotations

import random
import struct
import threading
import tracemalloc
from datetime import datetime, timedelta

import pytest
from waiting import until

from eabsensi.devices import allowance, devtime, layouts, ringlog
from eabsensi.devices.allowance import FREE_RECORDS, MOST_RECORDS, SHARED_RECORDS, Budget, CrowdedError, TooMuchError
from eabsensi.devices.attlog import Layout
from eabsensi.devices.errors import CancelledError, LayoutUnknownError
from eabsensi.devices.layouts import detect
from eabsensi.devices.logread import LogRequest, ReadMode, read_log
from eabsensi.devices.session import Endpoint, Session
from eabsensi.devices.simulator.config import TerminalConfig, WhenFull
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.waiting import Deadline, StopSignal

FIRST = datetime(2026, 9, 1, 7, 0)
NOT_AFTER = datetime(2030, 1, 1)
MANY = SHARED_RECORDS // 2 + 1


@pytest.fixture
def set_stop():
    stop = StopSignal()
    stop.set()
    yield stop
    stop.close()


def test_long_logs_wait_for_each_other(set_stop: StopSignal) -> None:
    budget = Budget()
    with budget.allowance(None) as one, budget.allowance(None) as other:
        one.decode(MANY)
        with pytest.raises(CancelledError):  # it would wait, were the collector not stopping
            other.decode(MANY, set_stop)
        assert budget.decoded == MANY
        other.decode(SHARED_RECORDS - MANY, set_stop)
        assert budget.decoded == SHARED_RECORDS
    assert budget.decoded == 0


def test_one_that_waits_goes_on_when_the_other_is_stored() -> None:
    budget, decoded = Budget(), threading.Event()

    def decode() -> None:
        with budget.allowance(None) as other:
            other.decode(MANY)
            decoded.set()

    waiting = threading.Thread(target=decode)
    with budget.allowance(None) as one:
        one.decode(MANY)
        waiting.start()
        until(budget._door.locked, "it waits")
        assert not decoded.is_set()
    waiting.join()
    assert decoded.is_set()


def test_the_longest_log_is_decoded_alone_and_a_longer_one_not_at_all(set_stop: StopSignal) -> None:
    budget = Budget()
    with budget.allowance(None) as one, budget.allowance(None) as other:
        one.decode(MOST_RECORDS, set_stop)
        with pytest.raises(CancelledError):
            other.decode(FREE_RECORDS + 1, set_stop)
        with pytest.raises(TooMuchError, match="no log is so long"):
            other.decode(MOST_RECORDS + 1)


def test_usual_polls_and_a_poll_s_second_decoding_never_wait(set_stop: StopSignal) -> None:
    budget = Budget()
    with budget.allowance(None) as one, budget.allowance(None) as other:
        one.decode(MOST_RECORDS, set_stop)
        other.decode(FREE_RECORDS, set_stop)
        one.decode(MANY, set_stop)


def test_one_that_has_waited_for_too_long_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "ROOM_SECONDS", 0)
    monkeypatch.setattr(allowance, "_LOOK_SECONDS", 0)
    budget = Budget()
    with budget.allowance(None) as one, budget.allowance(None) as other:
        one.decode(MANY)
        with pytest.raises(CrowdedError, match="waited for too long"):
            other.decode(MANY)
        assert not budget._door.locked()


class Watched(Budget):
    """A budget that remembers the most that was decoded at once."""

    most = 0

    def await_room(self, records: int, stop: StopSignal | None) -> None:
        super().await_room(records, stop)
        self.most = max(self.most, self.decoded)


def test_what_crossed_the_wire_is_decoded_in_its_turn() -> None:
    """Four logs come at once and there is room for two."""
    budget, read = Watched(records=3_000), []

    def read_one(port: int) -> None:
        with (
            budget.allowance(None) as allowance,
            Session(Endpoint("127.0.0.1", port), deadline=Deadline.after(60)) as session,
        ):
            session.limit(allowance)
            reading = read_log(session, LogRequest(None, session.sizes(), NOT_AFTER, lambda p: [False] * len(p)))
            read.append(len(reading.punches))

    with Fleet() as fleet:
        terminals = fleet.add_all([TerminalConfig(serial=f"SIM000{number}", records=1_500) for number in range(4)])
        threads = [threading.Thread(target=read_one, args=(terminal.port,)) for terminal in terminals]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert read == [1_500] * 4
    assert 1_500 <= budget.most <= 3_000
    assert budget.decoded == 0


# --- what is decoded unasked ----------------------------------------------------------------------------------------


def packed_log(records: int) -> bytes:
    """Give a packed log in which every tenth record is a full one."""
    moment, body = FIRST, b""
    for number in range(records):
        moment += timedelta(seconds=60)
        if number % 10 == 0:
            body += struct.pack("<HBxI", number % 50 + 1, 1 << 3, devtime.encode(moment))
            full = moment
        else:
            seconds = int((moment - full).total_seconds())
            body += struct.pack("<HBB", number % 50 + 1, 1 << 3 | 4 | seconds >> 8, seconds & 0xFF)
    return body


def test_a_packed_log_is_told_by_all_of_it_however_long() -> None:
    body = packed_log(20_000)
    assert len(body) > 1 << 16
    for records in (20_000, None):
        assert detect(body, records=records, not_after=NOT_AFTER) is Layout.EIGHT_PACKED


def test_noise_is_told_from_a_log_in_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoded as the packed layout all at once, it would take fifty times its length."""
    monkeypatch.setattr(layouts, "_PIECE_BYTES", 1 << 12)
    noise = random.Random(1).randbytes(1 << 17)
    tracemalloc.start()
    try:
        with pytest.raises(LayoutUnknownError):
            detect(noise, records=None, not_after=NOT_AFTER)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 << 20


def test_a_ring_that_went_far_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Walking from the newest known record decodes all of the way at each step."""
    monkeypatch.setattr(ringlog, "_MOST_WALKED", 256)
    with Fleet() as fleet:
        terminal = fleet.add(TerminalConfig(record_capacity=1_000, when_full=WhenFull.RING, inline_bytes=64))
        terminal.fill(1_000, FIRST)
        position, stored, modes = None, set(), []
        for new in (3, 200, 500):
            for minute in range(new):
                terminal.punch("3", NOT_AFTER - timedelta(days=700 - new, minutes=-minute))
            with Session(Endpoint(terminal.host, terminal.port), deadline=Deadline.after(60)) as session:
                known = lambda punches: [(p.pin, p.device_time) in stored for p in punches]  # noqa: E731, B023  asked at once
                reading = read_log(session, LogRequest(position, session.sizes(), NOT_AFTER, known))
            position = reading.position
            modes.append(reading.mode)
            stored |= {(punch.pin, punch.device_time) for punch in reading.punches}
    assert modes == [ReadMode.FULL, ReadMode.RING, ReadMode.FULL]
    assert {(punch.pin, punch.device_time) for punch in terminal.ever_punched[3:]} <= stored
