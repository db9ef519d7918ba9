"""Several liars at once, and a liar that is patient: bounded memory, bounded time, and the others' turn meanwhile."""

from __future__ import annotations

import itertools
import struct
import threading
import tracemalloc
from collections.abc import Iterator
from datetime import datetime

import pytest
from liar import Answer, Liar, ok
from small_city import FIRST, City

from eabsensi.collecting.leasing import Leases
from eabsensi.collecting.poll import FULL_POLL_SECONDS, POLL_SECONDS, Poller, PollOrder
from eabsensi.collecting.sweep import sweep
from eabsensi.devices import bulk, frames
from eabsensi.devices.allowance import FREE_BYTES, MOST_RECORDS, Budget, CrowdedError, TooMuchError, most_bytes
from eabsensi.devices.commands import Command
from eabsensi.devices.errors import Policy, TransferError
from eabsensi.devices.frames import Frame
from eabsensi.devices.logread import LogRequest, read_log
from eabsensi.devices.registry import Device
from eabsensi.devices.session import Endpoint, Patience, Session
from eabsensi.devices.waiting import Deadline

PATIENCE = Patience(connect=1, command=1, prepare=1, packet=1, goodbye=0.1)
READ, PREPARE = Command.READ_BUFFER, Command.PREPARE_BUFFER
LONG = 8 << 20


def long_log(size: int = LONG) -> dict[int, Answer]:
    """Lie about a log, and send all of it."""

    def block(request: Frame) -> list[bytes]:
        start, wanted = struct.unpack("<II", request.payload)
        head = struct.pack("<I", size - 4) if start == 0 else b""
        return [ok(request, head + bytes(wanted - len(head)), Command.DATA)]

    return {PREPARE: lambda r: [ok(r, struct.pack("<BIII", 0, size, size, 0))], READ: block}


def events(payload: bytes, times: int) -> Iterator[bytes]:
    return itertools.repeat(frames.encode_tcp(Frame(Command.EVENT, 1, 0, payload)), times)


def serial(number: str) -> Answer:
    return lambda request: [ok(request, f"~SerialNumber={number}\x00".encode())]


def read_everything(port: int, limited_by: Budget | None = None, *, most: int | None = None) -> None:
    endpoint = Endpoint("127.0.0.1", port, patience=PATIENCE)
    with Session(endpoint, deadline=Deadline.after(20)) as session:
        session.require_serial("SIM0001")
        if limited_by is not None:
            allowance = limited_by.allowance(most)
            session.limit(allowance)
        request = LogRequest(None, session.sizes(), datetime(2030, 1, 1), lambda punches: [False] * len(punches))
        read_log(session, request)


def list_liar(city: City, number: str, port: int) -> None:
    city.listed.append(Device(serial=number, unit="DINKES", name=number, host="127.0.0.1", port=port))


# --- memory ---------------------------------------------------------------------------------------------------------


def test_what_arrives_is_counted_and_given_back() -> None:
    budget = Budget(1_000)
    with budget.allowance(None) as one, budget.allowance(None) as other:
        one.take(FREE_BYTES)
        assert budget.left == 1_000
        one.take(600)
        other.take(FREE_BYTES + 400)
        assert budget.left == 0
        with pytest.raises(CrowdedError) as crowded:
            other.take(1)
        assert crowded.value.policy is Policy.RETRY
    assert budget.left == 1_000


def test_a_terminal_is_believed_to_hold_what_the_largest_do_at_most() -> None:
    assert most_bytes(None) == most_bytes(MOST_RECORDS) == most_bytes(2**31 - 1) < 310 << 20
    assert most_bytes(10_000) < 8 << 20
    with Budget().allowance(10_000) as allowance, pytest.raises(TooMuchError, match="cannot be so long"):
        allowance.take(8 << 20)


def test_liars_together_hold_no_more_than_all_may(city: City) -> None:
    """Each of four sends 8 MiB of noise at the same time; two may be held, and an honest terminal is read meanwhile."""
    budget, honest = Budget(2 * LONG), city.add("SIM0001")
    honest.punch("7", FIRST)
    poller = Poller(city.store, city.clock, city.comm_keys.__getitem__, collector="t", patience=PATIENCE, budget=budget)
    least: list[int] = []
    names = [f"SIM900{number}" for number in range(4)]
    with LiarsTogether({name: {Command.OPTIONS_READ: serial(name), **long_log()} for name in names}) as ports:
        for name, port in ports.items():
            list_liar(city, name, port)
        devices = [city.device(name) for name in ("SIM0001", *names)]
        with Leases(city.store, "t", on_lost=lambda _: None, on_bug=raise_it) as leases:
            order = PollOrder(progress=lambda *_: least.append(budget.left))
            outcomes = sweep(city.store, poller, devices, leases=leases, order=order, workers=5)
    found = {outcome.serial: outcome.outcome for outcome in outcomes}
    assert found.pop("SIM0001") == "ok"
    assert set(found.values()) <= {"layout_unknown", "crowded"}
    assert min(least) >= 0
    assert min(least) < 2 * LONG
    assert budget.left == 2 * LONG
    city.assert_nothing_lost("SIM0001")


def test_with_nothing_left_a_usual_poll_is_done_and_a_long_one_is_put_off(city: City) -> None:
    budget, terminal = Budget(0), city.add("SIM0001")
    terminal.punch("7", FIRST)
    poller = Poller(city.store, city.clock, city.comm_keys.__getitem__, collector="t", patience=PATIENCE, budget=budget)
    assert poller.poll(city.device()).outcome == "ok"
    with Liar({Command.OPTIONS_READ: serial("SIM9001"), **long_log()}) as liar:
        list_liar(city, "SIM9001", liar.port)
        put_off = poller.poll(city.device("SIM9001"))
    assert (put_off.outcome, put_off.policy) == ("crowded", Policy.RETRY)
    city.assert_nothing_lost()


def test_a_flood_of_long_events_is_forgotten_but_for_their_beginnings() -> None:
    """1,000 events are kept; of 60,000 bytes each they would be 60 MB."""
    lies: dict[int, Answer] = {Command.TIME_READ: lambda r: [*events(bytes(60_000), 1_200), ok(r, bytes(4))]}
    tracemalloc.start()
    try:
        with Liar(lies) as liar, Session(Endpoint("127.0.0.1", liar.port), deadline=Deadline.after(60)) as session:
            session.read_clock()
            kept = sum(len(event.payload) for event in session.link.events)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (kept, len(session.link.events)) == (256_000, 1_000)
    assert peak < 16 << 20


def test_a_flood_of_events_ends_when_it_is_more_than_a_log_could_be() -> None:
    lies: dict[int, Answer] = {READ: lambda _: events(bytes(60_000), 1_000)}
    with Liar(lies) as liar, pytest.raises(TooMuchError):
        read_everything(liar.port, Budget(), most=1)


# --- time -----------------------------------------------------------------------------------------------------------


def test_a_byte_now_and_then_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each packet comes in time, and all of them would take a quarter of an hour."""
    monkeypatch.setattr(bulk, "SLOWEST_BYTES", 100_000)
    ended = threading.Event()

    def drip(request: Frame) -> Iterator[bytes]:
        yield ok(request, struct.pack("<II", 16_384, 1_008), Command.PREPARE_DATA)
        for _ in range(16_384):
            ended.wait(0.05)
            yield ok(request, b"\x00", Command.DATA)

    with Liar({READ: drip}) as liar:
        with pytest.raises(TransferError, match="in the time of the slowest line"):
            read_everything(liar.port)
        ended.set()


class Asked:
    """Notes how many seconds a poll asks for."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> Deadline:
        self.seconds.append(seconds)
        return Deadline.after(seconds)


def test_a_tail_has_no_half_an_hour(city: City) -> None:
    terminal = city.add()
    terminal.fill(200, FIRST)
    assert city.poll().is_ok
    terminal.punch("7", datetime(2026, 9, 3, 7))
    asked = Asked()
    assert city.poll(deadline=asked).punches_new == 1
    assert POLL_SECONDS <= max(asked.seconds) < POLL_SECONDS + 1


def test_a_long_log_has_the_time_that_the_slowest_line_needs_and_no_more(city: City) -> None:
    city.add().fill(40_000, datetime(2026, 1, 1), step_seconds=60)
    asked = Asked()
    assert city.poll(deadline=asked).is_ok
    assert max(asked.seconds) == FULL_POLL_SECONDS


# --- the others -----------------------------------------------------------------------------------------------------


def test_the_others_are_read_while_liars_take_their_time(city: City) -> None:
    """Two workers, four liars: none of them keeps an honest terminal from its turn."""
    for number in range(1, 5):
        city.add(f"SIM000{number}").punch("7", FIRST)
    silent: Answer = lambda _: []  # noqa: E731 - a lie among others
    kinds: dict[str, dict[int, Answer]] = {
        "SIM9001": {READ: silent, PREPARE: silent},
        "SIM9002": {READ: lambda _: events(bytes(60_000), 200)},
        "SIM9003": {PREPARE: lambda r: [ok(r, struct.pack("<BIII", 0, 0xFFFFFFFF, 0xFFFFFFFF, 0))]},
        "SIM9004": {READ: lambda _: [frames.TCP_MAGIC + struct.pack("<I", 1 << 20), bytes(64)]},
    }
    lies = {name: {Command.OPTIONS_READ: serial(name), **kind} for name, kind in kinds.items()}
    with LiarsTogether(lies) as ports:
        for name, port in ports.items():
            list_liar(city, name, port)
        devices = [city.device(name) for name in (*kinds, *(f"SIM000{number}" for number in range(1, 5)))]
        with Leases(city.store, "t", on_lost=lambda _: None, on_bug=raise_it) as leases:
            outcomes = sweep(city.store, city.poller(), devices, leases=leases, workers=2)
    assert [outcome.is_ok for outcome in outcomes] == [False] * 4 + [True] * 4
    for number in range(1, 5):
        city.assert_nothing_lost(f"SIM000{number}")


def raise_it(error: BaseException) -> None:
    raise error


class LiarsTogether:
    """Several liars at once; gives their ports by name."""

    def __init__(self, lies: dict[str, dict[int, Answer]]) -> None:
        self._liars = {name: Liar(lie) for name, lie in lies.items()}

    def __enter__(self) -> dict[str, int]:
        return {name: liar.__enter__().port for name, liar in self._liars.items()}

    def __exit__(self, *_: object) -> None:
        for liar in self._liars.values():
            liar.__exit__()
