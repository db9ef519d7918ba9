"""Where the state is set alike, the simulator answers what captured devices answered, byte for byte."""

from __future__ import annotations

import json
import struct
from datetime import datetime
from pathlib import Path

import pytest
from rawclient import RawClient, connected

from eabsensi.devices import devtime, frames
from eabsensi.devices.attlog import Layout
from eabsensi.devices.commands import Command
from eabsensi.devices.frames import Frame
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.events import attendance_event
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.records import Entry, TruePunch, encode_packed, encode_record
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.devices.simulator.users import User, decode_user, encode_user, invented_users

VECTORS = {
    vector["name"]: vector
    for vector in json.loads((Path(__file__).parents[1] / "vectors" / "golden_frames.json").read_text())
}
COMPLETE_FRAMES = [
    name
    for name, vector in VECTORS.items()
    if vector["transport"] in {"tcp", "udp"} and not vector["decoded"].get("truncated")
]
SEVEN_USERS = [
    User(uid, pin, privilege=14 if uid == 1 else 0, group=0)
    for uid, pin in ((1, "808"), (2, "821"), (3, "835"), (4, "831"), (5, "832"), (6, "86"), (12, "842"))
]


def wire(name: str) -> bytes:
    return bytes.fromhex(VECTORS[name]["hex"])


def exchange(client: RawClient, request: str, reply: str) -> None:
    """Send a published request as it stands; the published reply must come."""
    client.send_bytes(wire(request))
    assert client.receive_bytes(len(wire(reply))).hex() == VECTORS[reply]["hex"]


def reply_to(terminal: Terminal, session: int, request: tuple[int, bytes, int], length: int) -> bytes:
    """Give the raw bytes that answer a request (command, payload, reply id) of a session with a known id."""
    terminal.next_session(session)
    with connected(terminal) as client:
        command, payload, reply_id = request
        client.send(command, payload, reply_id=reply_id)
        return client.receive_bytes(length)


@pytest.mark.parametrize("name", COMPLETE_FRAMES)
def test_every_published_frame_is_read_and_built_again(name):
    message = wire(name)[8:] if VECTORS[name]["transport"] == "tcp" else wire(name)
    frame = frames.decode(message)
    assert frame.command == VECTORS[name]["decoded"]["command"]
    built = frames.encode_tcp(frame) if VECTORS[name]["transport"] == "tcp" else frames.encode(frame)
    assert built == wire(name)


def test_a_k40_session_from_connect_over_the_broken_direct_read_to_exit(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=3))
    terminal.next_session(0x6BA0)
    with RawClient(terminal) as client:
        exchange(client, "k40_connect_req", "k40_connect_ack")
        exchange(client, "k40_attlog_direct_req", "k40_attlog_direct_prepare")
        captured = wire("k40_attlog_direct_data0")
        garbage = client.receive_bytes(len(captured))
        assert (garbage[:10], garbage[12:20]) == (captured[:10], captured[12:20]), "all but checksum and garbage"
        assert client.receive_bytes(16) == wire("k40_attlog_direct_final_ack")
        exchange(client, "k40_exit_req", "k40_exit_ack")


def test_connect_and_exit_over_udp(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(transport="udp"))
    terminal.next_session(0xFB2F)
    with RawClient(terminal, udp=True) as client:
        exchange(client, "udp_connect_req", "udp_connect_ack")
        client.send_bytes(wire("pyzk_exit_req_2ffb")[8:])
        assert client.next_frame() == Frame(Command.ACK_OK, 0xFB2F, 1)


def test_the_right_comm_key_is_let_in(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(comm_key=12))
    terminal.next_session(0x45CF)
    with RawClient(terminal) as client:
        exchange(client, "pyzk_connect_req", "unauth_connect_reply")
        exchange(client, "auth_req_key12", "auth_ok_reply")


def test_another_comm_key_is_refused(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(comm_key=45))
    terminal.next_session(0x45CF)
    with RawClient(terminal) as client:
        exchange(client, "pyzk_connect_req", "unauth_connect_reply")
        exchange(client, "auth_req_key12", "unauth_auth_reply")


def test_sizes_of_92_bytes(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(users=SEVEN_USERS, fingers=6, records=605))
    terminal.state.oplog += bytes(16 * 3087)
    assert reply_to(terminal, 0x6396, (Command.FREE_SIZES, b"", 19), 108) == wire("free_sizes_92")


def test_sizes_of_80_bytes(fleet: Fleet):
    terminal = fleet.add(
        TerminalConfig(
            users=invented_users(2), finger_capacity=500, user_capacity=500, record_capacity=50_000, sizes_bytes=80
        )
    )
    terminal.state.oplog += bytes(16 * 7)
    assert reply_to(terminal, 0x2058, (Command.FREE_SIZES, b"", 19), 96) == wire("free_sizes_80_k20")


def test_sizes_of_4_zero_bytes(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=10, sizes_bytes=4))
    terminal.next_session(0x7D3D)
    with RawClient(terminal) as client:
        client.connect()
        exchange(client, "d2_free_sizes_req", "d2_free_sizes_reply_4_bytes")


def test_one_field_of_the_sizes_where_the_firmware_can(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=10, sizes_by_index=True))
    terminal.next_session(0x45CF)
    with RawClient(terminal) as client:
        client.connect()
        client.send_bytes(wire("der_free_sizes_records_only"))
        assert client.next_frame().payload == struct.pack("<i", 10)


def test_an_option(fleet: Fleet):
    terminal = fleet.add()
    reply = reply_to(terminal, 0x7D3D, (Command.OPTIONS_READ, b"~ZKFPVersion\x00", 15), 32)
    assert reply == wire("d2_zkfpversion_reply")


def test_the_width_of_a_pin(fleet: Fleet):
    assert reply_to(fleet.add(), 0x3C5C, (Command.PIN_WIDTH, b" P", 16), 17) == wire("pinwidth_reply")


def test_the_state_stands_in_field_3(fleet: Fleet):
    terminal = fleet.add()
    terminal.state.device_state = 2
    assert reply_to(terminal, 0x1234, (Command.STATE, b"", 55), 16) == wire("adr_state_reply")


def test_seven_users_come_inline(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(users=SEVEN_USERS))
    captured = wire("users_inline_7x72")
    request = bytes.fromhex(VECTORS["users_req_buffered"]["decoded"]["payload_hex"])
    assert reply_to(terminal, 0x6396, (Command.PREPARE_BUFFER, request, 21), len(captured)) == captured


def test_seventy_users_come_in_six_packets_with_their_numbers_in_field_3(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(users=invented_users(70)))
    terminal.next_session(0x3C5C)
    with connected(terminal) as client:
        client.send(Command.PREPARE_BUFFER, wire("der_prepare_users_payload"), reply_id=21)
        assert client.receive_bytes(29) == wire("prepare_buffer_ack_5044")
        client.send(Command.READ_BUFFER, struct.pack("<ii", 0, 5044), reply_id=22)
        assert client.receive_bytes(24) == wire("read_buffer_prepare_5044")
        for number in range(5):
            captured = wire(f"read_buffer_data_hdr_{number}")
            head = client.receive_bytes(16)
            assert (head[:10], head[12:]) == (captured[:10], captured[12:]), "all but the checksum"
            client.receive_bytes(1008)
        assert client.receive_bytes(20) == wire("read_buffer_data_last_5")
        assert client.next_frame() == Frame(Command.ACK_OK, 5, 22)
        client.send_bytes(wire("free_data_req"))
        assert client.next_frame() == Frame(Command.ACK_OK, 0x3C5C, 23)


def test_a_tail_read_starts_where_the_client_says(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=100_000))
    terminal.next_session(0x45CF)
    with connected(terminal) as client:
        client.prepare()
        client.send_bytes(wire("der_read_buffer_tail_frame"))
        tail = client.next_frame().payload
    body = terminal.state.log.read(0, terminal.state.log.body_bytes)
    assert tail == body[-400:]


def test_an_event_of_12_bytes_over_udp(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(transport="udp", event_bytes=12, users=[]))
    with connected(terminal, udp=True) as client:
        client.ask(Command.EVENT, struct.pack("<I", 1))
        terminal.punch("4822257", datetime(2018, 12, 7, 19, 9, 6), verify=0)
        assert client.receive_bytes(len(wire("event_attlog_12"))) == wire("event_attlog_12")


def test_an_event_of_32_bytes():
    punch = TruePunch("1140064", datetime(2018, 11, 29, 12, 55, 3), 15, 0, 0)
    assert attendance_event(punch, 32).payload == wire("event_attlog_32_payload")


def test_another_event_than_attendance(fleet: Fleet):
    terminal = fleet.add()
    with connected(terminal) as client:
        client.ask(Command.EVENT, struct.pack("<I", 0xFFFF))
        terminal.send_event(256, b"\x64")
        assert client.receive_bytes(17) == wire("adr_event_fpftr")


def test_a_record_of_40_bytes():
    packed = devtime.encode(datetime(2018, 6, 25, 17, 50, 35))
    assert encode_record(Layout.FORTY, Entry(13, "999111333", packed)) == wire("attlog_40_f19")


def test_a_record_of_49_bytes_is_one_of_40_and_the_captured_tail():
    entry = Entry(1, "1", devtime.encode(datetime(2026, 1, 5, 7, 30)))
    tail = encode_record(Layout.FORTY, entry) + wire("attlog_49_tail")
    assert encode_record(Layout.FORTY_NINE, entry) == tail


def test_a_packed_record_of_8_bytes():
    packed = devtime.encode(datetime(2016, 1, 1, 19, 2))
    assert encode_packed(Entry(7, "7", packed, 1, 1), None) == wire("attlog_8_packed_0700_a8")


def test_records_of_16_bytes():
    records = VECTORS["attlog_16_udp_chunk123"]["decoded"]["records"]
    times = [devtime.encode(datetime.fromisoformat(record["time"])) for record in records]
    made = b"".join(
        encode_record(Layout.SIXTEEN, Entry(0, str(record["pin"]), packed, verify_mode=0))
        for record, packed in zip(records, times, strict=True)
    )
    assert made == wire("attlog_16_udp_chunk123")[8 + 4 :]


def test_an_entry_of_the_operation_log(fleet: Fleet):
    terminal = fleet.add()
    terminal.set_clock(datetime(2018, 6, 25, 16, 9, 38))
    terminal.state.oplog.clear()
    terminal.state.note_operation(6, 3, 0, 7, 1282)
    made, captured = bytes(terminal.state.oplog), wire("oplog_16_f19")
    assert (made[:3], made[8:]) == (captured[:3], captured[8:]), "all but an unexplained byte and the running clock"


def test_a_written_user_is_read_up_to_the_nul(fleet: Fleet):
    terminal = fleet.add()
    terminal.next_session(0x8A9D)
    with RawClient(terminal) as client:
        client.connect()
        client.send_bytes(wire("adr_user_wrq_72"))
        assert client.next_frame().command == Command.ACK_OK
    assert terminal.state.users[14] == User(14, "11224488", "Nuevo", 6, "123456", 6543, 1)


def test_a_captured_user_record_is_read_and_a_written_one_comes_back():
    captured = decode_user(wire("adr_user_record_72"), "utf-8")
    assert captured == User(13, "555", "Ned", 0, "444", 222, 2)
    assert decode_user(encode_user(captured, 72, "utf-8"), "utf-8") == captured
    assert decode_user(encode_user(captured, 28, "utf-8"), "utf-8") == captured
