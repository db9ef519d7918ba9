"""A session from connect to exit, and the bridge by which pyzk speaks its commands."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from waiting import until
from zk.base import ZK
from zk.user import User as PyzkUser

from eabsensi.devices import pyzk_bridge
from eabsensi.devices.errors import (
    AuthFailedError,
    BusyError,
    CancelledError,
    DeviceError,
    ForeignProtocolError,
    SecureFirmwareError,
    UnreachableError,
    WrongSerialError,
)
from eabsensi.devices.link import LAST_REPLY_ID, NoAnswerError, WornOutError
from eabsensi.devices.session import Endpoint, Patience, Session
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.devices.simulator.users import User
from eabsensi.devices.waiting import Deadline, StopSignal

PATIENCE = Patience(connect=1, command=1, prepare=2, packet=1, goodbye=1)


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet() as fleet:
        yield fleet


def session_with(
    terminal: Terminal, *, comm_key: int = 0, encoding: str = "utf-8", stop: StopSignal | None = None
) -> Session:
    transport = "udp" if terminal.config.transport == "udp" else "tcp"
    endpoint = Endpoint(terminal.host, terminal.port, transport, comm_key, encoding, PATIENCE)
    return Session(endpoint, deadline=Deadline.after(30), stop=stop)


def test_pyzk_still_has_the_private_names_that_the_bridge_replaces() -> None:
    source = inspect.getsource(ZK)
    for name in pyzk_bridge.PRIVATE_NAMES:
        assert "self._" + name.removeprefix("_ZK") in source.replace("self.__", "self.___")
    assert list(inspect.signature(ZK._ZK__send_command).parameters) == [
        "self",
        "command",
        "command_string",
        "response_size",
    ]


def test_no_other_module_knows_pyzks_private_names() -> None:
    folder = Path(inspect.getfile(pyzk_bridge)).parent
    knowing = [path.name for path in folder.rglob("*.py") if "_ZK__" in path.read_text()]
    assert knowing == ["pyzk_bridge.py"]


def test_pyzks_own_socket_code_and_class_wide_encoding_are_never_reached(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("pyzk's own code was reached")

    monkeypatch.setattr("zk.base.socket", forbidden)
    monkeypatch.setattr("zk.base.ZK_helper", forbidden)
    encoding = PyzkUser.encoding
    with session_with(fleet.add(TerminalConfig()), encoding="gbk") as session:
        session.identity()
        session.sizes()
        session.read_clock()
    assert PyzkUser.encoding == encoding


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_terminal_tells_who_it_is(fleet: Fleet, transport: str) -> None:
    terminal = fleet.add(TerminalConfig(transport=transport, device_name="F18"))  # type: ignore[arg-type]
    terminal.set_clock(datetime(2026, 10, 1, 7, 0))
    with session_with(terminal) as session:
        identity = session.identity()
        shown = session.read_clock()
    assert (identity.serial, identity.model, identity.platform) == (terminal.serial, "F18", "ZLM60_TFT")
    assert (identity.firmware, identity.mac) == ("Ver 6.60 Apr 26 2016", "00:17:61:10:20:30")
    assert shown is not None
    assert abs(shown - datetime(2026, 10, 1, 7, 0)) < timedelta(minutes=1)
    assert terminal.counters.exits_seen == 1
    assert terminal.counters.sessions_left_open == 0


def test_what_a_model_does_not_know_is_empty(fleet: Fleet) -> None:
    terminal = fleet.add(TerminalConfig())
    terminal.set_option("MAC", None)
    with session_with(terminal) as session:
        assert session.identity().mac == ""


@pytest.mark.parametrize(("user_bytes", "name"), [(28, "Siti"), (72, "Siti Aminah binti Yusuf")])
def test_users_come_in_both_lengths(fleet: Fleet, user_bytes: int, name: str) -> None:
    users = [User(1, "7", name), User(2, "12345", "Budi", privilege=14)]
    terminal = fleet.add(TerminalConfig(users=users, user_bytes=user_bytes))  # type: ignore[arg-type]
    with session_with(terminal) as session:
        read = session.users()
    assert [(user.user_id, user.name, user.privilege) for user in read] == [("7", name, 0), ("12345", "Budi", 14)]


def test_names_are_read_in_each_terminals_own_encoding(fleet: Fleet) -> None:
    terminal = fleet.add(TerminalConfig(users=[User(1, "7", "李明")], encoding="gbk"))
    with session_with(terminal, encoding="gbk") as session:
        assert session.users()[0].name == "李明"


def test_many_users_come_in_blocks(fleet: Fleet) -> None:
    terminal = fleet.add(TerminalConfig(users=[User(at, str(at), f"Pegawai {at}") for at in range(1, 601)]))
    with session_with(terminal) as session:
        assert [user.user_id for user in session.users()] == [str(at) for at in range(1, 601)]


TROUBLES: list[tuple[Callable[[Terminal], object], type[DeviceError]]] = [
    (lambda t: t.go_offline(), UnreachableError),
    (lambda t: t.be_silent(), BusyError),
    (lambda t: t.secure_firmware(), SecureFirmwareError),
    (lambda t: t.speak_foreign(), ForeignProtocolError),
    (lambda t: t.set_comm_key(12), AuthFailedError),
]


@pytest.mark.parametrize(("trouble", "error"), TROUBLES)
def test_each_failure_to_connect_has_its_type(
    fleet: Fleet, trouble: Callable[[Terminal], object], error: type[DeviceError]
) -> None:
    terminal = fleet.add(TerminalConfig())
    trouble(terminal)
    with pytest.raises(error):
        session_with(terminal)


def test_a_second_client_is_told_that_the_terminal_is_busy(fleet: Fleet) -> None:
    terminal = fleet.add(TerminalConfig())
    with session_with(terminal), pytest.raises(BusyError, match="Another program"):
        session_with(terminal)
    until(lambda: terminal.open_sessions == 0)
    with session_with(terminal) as session:
        assert session.serial() == terminal.serial


@pytest.mark.parametrize("key", [1, 12, 65535, 131071, 999999])
def test_every_comm_key_opens_its_terminal(fleet: Fleet, key: int) -> None:
    terminal = fleet.add(TerminalConfig(comm_key=key))
    terminal.next_session(0xFFFF)
    with session_with(terminal, comm_key=key) as session:
        assert session.serial() == terminal.serial
    with pytest.raises(AuthFailedError, match="refuses the comm key"):
        session_with(terminal, comm_key=key + 1)


def test_a_terminal_that_asks_for_a_key_names_both_places_to_give_it(fleet: Fleet) -> None:
    terminal = fleet.add(TerminalConfig(comm_key=5))
    with pytest.raises(AuthFailedError, match=r"asks for a comm key.*--comm-key NAME.*registered.*devices\.yaml"):
        session_with(terminal)


def test_wrong_keys_lock_out_and_that_is_said(fleet: Fleet) -> None:
    terminal = fleet.add(TerminalConfig(comm_key=5, lockout_after=2))
    for _ in range(2):
        with pytest.raises(AuthFailedError):
            session_with(terminal, comm_key=6)
    with pytest.raises(AuthFailedError, match="locked out"):
        session_with(terminal, comm_key=5)


def test_another_terminal_is_refused(fleet: Fleet) -> None:
    terminal = fleet.add(TerminalConfig(serial="CJDE0000001"))
    with (
        session_with(terminal) as session,
        pytest.raises(WrongSerialError, match="answers as CJDE0000001, not as OTHER"),
    ):
        session.require_serial("OTHER")


def test_a_reply_that_comes_too_late_is_never_taken_for_the_next(fleet: Fleet) -> None:
    terminal = fleet.add(TerminalConfig(transport="udp"))
    with session_with(terminal) as session:
        terminal.late_reply(1)
        sizes = session.sizes()
        assert session.serial() == terminal.serial
    assert sizes.records == 0


def test_a_stop_wakes_whoever_waits(fleet: Fleet) -> None:
    terminal = fleet.add(TerminalConfig())
    stop = StopSignal()
    with session_with(terminal, stop=stop) as session:
        stop.set()
        with pytest.raises(CancelledError):
            session.sizes()
    until(lambda: terminal.open_sessions == 0, "the session is closed")
    stop.close()


def test_a_used_up_deadline_ends_every_wait(fleet: Fleet) -> None:
    terminal = fleet.add(TerminalConfig())
    with session_with(terminal) as session:
        session.extend(Deadline.after(-1))
        with pytest.raises(NoAnswerError, match="used up"):
            session.sizes()


def test_reply_ids_end_before_firmware_disagrees_about_them(fleet: Fleet) -> None:
    terminal = fleet.add(TerminalConfig())
    session = session_with(terminal)
    session.link._next_reply_id = LAST_REPLY_ID
    session.sizes()
    with pytest.raises(WornOutError):
        session.sizes()
    session.reopen()
    assert session.serial() == terminal.serial
    session.close()
