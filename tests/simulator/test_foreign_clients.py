"""Clients that nobody here wrote read the simulator correctly.

pyzk 0.9 and pyzk2 take one ``recv`` for one frame and cannot put pieces together: a long answer in several packets
that arrive at once leaves them waiting for bytes they already hold. Over TCP they need whole writes and packets of
64 KiB, as newer devices send; over UDP they read the captured sizes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import pyzk2
import zk

from eabsensi.devices.attlog import Layout
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.users import User

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # both leak their first socket

CLIENTS = [pytest.param(zk.ZK, id="pyzk"), pytest.param(pyzk2.ZK, id="pyzk2")]
TRANSPORTS = [pytest.param(False, id="tcp"), pytest.param(True, id="udp")]
COMMON = {"transport": "both", "segment_bytes": None, "packet_bytes": 65_536}

over_both = pytest.mark.parametrize("force_udp", TRANSPORTS)
with_both = pytest.mark.parametrize("client", CLIENTS)


def opened(client, terminal, *, force_udp=False, password=0):
    # ommit_ping (their spelling): they would ask a shell to ping first.
    made = client(terminal.host, terminal.port, timeout=20, password=password, force_udp=force_udp, ommit_ping=True)
    return made.connect()


@over_both
@with_both
@pytest.mark.parametrize("layout", [Layout.EIGHT_UID, Layout.SIXTEEN, Layout.FORTY])
@pytest.mark.parametrize("records", [0, 5, 2500])
def test_the_log_is_read_as_it_was_punched(fleet: Fleet, client, force_udp, layout, records):
    terminal = fleet.add(TerminalConfig(layout=layout, records=records, **COMMON))
    connection = opened(client, terminal, force_udp=force_udp)
    read = connection.get_attendance()
    connection.disconnect()
    swapped = layout is Layout.SIXTEEN  # where both take state and verify mode for each other
    told = [
        (entry.user_id, entry.timestamp, *((entry.punch, entry.status) if swapped else (entry.status, entry.punch)))
        for entry in read
    ]
    assert told == [
        (punch.pin, punch.device_time, punch.verify_mode, punch.punch_state) for punch in terminal.ever_punched
    ]
    assert len(told) == records


@over_both
@with_both
@pytest.mark.parametrize(("user_bytes", "count"), [(28, 3), (28, 200), (72, 7), (72, 300)])
def test_users_are_read_as_they_are_enrolled(fleet: Fleet, client, force_udp, user_bytes, count):
    users = [User(number + 100, str(number + 7000), f"Nama {number}", group=0) for number in range(count)]
    terminal = fleet.add(TerminalConfig(users=users, user_bytes=user_bytes, **COMMON))
    connection = opened(client, terminal, force_udp=force_udp)
    read = connection.get_users()
    connection.disconnect()
    named = [(user.uid, user.pin, user.name[:8] if user_bytes == 28 else user.name) for user in users]
    assert [(user.uid, user.user_id, user.name) for user in read] == named


@over_both
@with_both
def test_identity_sizes_and_clock(fleet: Fleet, client, force_udp):
    terminal = fleet.add(TerminalConfig(records=17, face_capacity=400, **COMMON))
    connection = opened(client, terminal, force_udp=force_udp)
    connection.read_sizes()
    assert connection.get_serialnumber() == terminal.serial
    assert connection.get_platform() == terminal.config.platform
    assert connection.get_device_name() == terminal.config.device_name
    assert connection.get_mac() == terminal.config.mac
    assert connection.get_firmware_version() == terminal.config.firmware
    assert connection.get_fp_version() == 10
    assert connection.get_pin_width() == 9
    assert (connection.records, connection.users, connection.rec_cap) == (17, 20, 100_000)
    assert (connection.rec_av, connection.faces_cap) == (100_000 - 17, 400)
    terminal.set_clock(offset=timedelta(days=-3))
    before, told, after = terminal.state.now(), connection.get_time(), terminal.state.now()
    assert before <= told <= after
    connection.disconnect()
    assert (terminal.counters.exits_seen, terminal.open_sessions) == (1, 0)


@over_both
@with_both
@pytest.mark.parametrize("key", [12, 45, 123456, 999999])
def test_the_comm_key_opens_and_another_does_not(fleet: Fleet, client, force_udp, key):
    terminal = fleet.add(TerminalConfig(comm_key=key, **COMMON))
    opened(client, terminal, force_udp=force_udp, password=key).disconnect()
    error = zk.exception.ZKErrorResponse if client is zk.ZK else pyzk2.exception.ZKErrorResponse
    with pytest.raises(error, match="Unauthenticated"):
        opened(client, terminal, force_udp=force_udp, password=key - 1)


@over_both
@pytest.mark.parametrize(
    ("client", "event_bytes"),
    [(zk.ZK, 12), (zk.ZK, 32), (zk.ZK, 36), (zk.ZK, 52)] + [(pyzk2.ZK, size) for size in (10, 12, 14, 32, 36, 37, 52)],
)
def test_a_live_punch_is_heard(fleet: Fleet, client, force_udp, event_bytes):
    terminal = fleet.add(TerminalConfig(event_bytes=event_bytes, **COMMON))
    connection = opened(client, terminal, force_udp=force_udp)
    heard = connection.live_capture(new_timeout=0.1)
    assert next(heard) is None, "registered, and nothing has happened yet"
    terminal.punch("7", datetime(2026, 1, 5, 7, 29, 58), verify=1, state=1)
    punch = next(heard)
    assert (punch.user_id, punch.timestamp, punch.status, punch.punch) == ("7", datetime(2026, 1, 5, 7, 29, 58), 1, 1)
    connection.end_live_capture = True
    assert next(heard, "ended") == "ended"
    connection.disconnect()
    assert terminal.counters.events_confirmed == 1


@with_both
def test_their_usual_script_locks_unlocks_and_clears(fleet: Fleet, client):
    terminal = fleet.add(TerminalConfig(records=3, **COMMON))
    connection = opened(client, terminal)
    connection.disable_device()
    assert terminal.punch("1") is None
    connection.clear_attendance()
    connection.enable_device()
    assert terminal.punch("1") is not None
    connection.set_user(uid=30, name="Baru", user_id="3030")
    connection.delete_user(uid=1)
    connection.set_time(datetime(2030, 2, 3, 4, 5, 6))
    connection.disconnect()
    assert terminal.state.log.count == 1
    assert terminal.state.users[30].pin == "3030"
    assert 1 not in terminal.state.users
    assert terminal.state.now().year == 2030
    assert [name.split()[0] for name in terminal.forbidden_seen] == [
        "DISABLE_DEVICE",
        "CLEAR_ATTLOG",
        "ENABLE_DEVICE",
        "USER_WRITE",
        "REFRESH_DATA",
        "DELETE_USER",
        "REFRESH_DATA",
        "TIME_WRITE",
    ]


@with_both
def test_an_idle_script_sends_nothing_forbidden(fleet: Fleet, client):
    terminal = fleet.add(TerminalConfig(records=3, **COMMON))
    connection = opened(client, terminal)
    connection.get_attendance()
    connection.disconnect()
    assert terminal.forbidden_seen == []


def test_pyzk_reads_a_wrong_stride_from_records_of_49_bytes(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(layout=Layout.FORTY_NINE, records=2, **COMMON))
    connection = opened(zk.ZK, terminal)
    try:
        read = [(entry.user_id, entry.timestamp) for entry in connection.get_attendance()]
    except ValueError:
        read = []
    connection.disconnect()
    assert read != [(punch.pin, punch.device_time) for punch in terminal.ever_punched]


def test_pyzk2_reads_records_of_49_bytes(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(layout=Layout.FORTY_NINE, records=2000, **COMMON))
    connection = opened(pyzk2.ZK, terminal)
    read = [(entry.user_id, entry.timestamp) for entry in connection.get_attendance()]
    connection.disconnect()
    assert read == [(punch.pin, punch.device_time) for punch in terminal.ever_punched]
