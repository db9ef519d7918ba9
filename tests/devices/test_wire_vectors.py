"""Every published frame is decoded, and built again byte for byte."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from eabsensi.devices import devtime, frames
from eabsensi.devices.attlog import Layout, decode
from eabsensi.devices.commkey import scramble
from eabsensi.devices.errors import ForeignProtocolError, ProtocolError, SecureFirmwareError
from eabsensi.devices.events import parse_events
from eabsensi.devices.frames import Frame, StreamDecoder
from eabsensi.devices.sizes import Sizes
from eabsensi.devices.users import parse_users

VECTORS = {
    vector["name"]: vector
    for vector in json.loads((Path(__file__).parents[1] / "vectors" / "golden_frames.json").read_text())
}
COMPLETE_FRAMES = [
    pytest.param(vector, id=name)
    for name, vector in VECTORS.items()
    if vector["transport"] in {"tcp", "udp"} and not vector["decoded"].get("truncated")
]


def wire(name: str) -> bytes:
    return bytes.fromhex(VECTORS[name]["hex"])


def frame_of(name: str) -> Frame:
    message = wire(name)
    return frames.decode(message[8:] if VECTORS[name]["transport"] == "tcp" else message)


@pytest.mark.parametrize("vector", COMPLETE_FRAMES)
def test_a_published_frame_is_decoded_and_built_again(vector: dict) -> None:
    message, told = bytes.fromhex(vector["hex"]), vector["decoded"]
    over_tcp = vector["transport"] == "tcp"

    frame = StreamDecoder().feed(message)[0] if over_tcp else frames.decode(message)

    assert frame.command == told["command"]
    assert frame.field3 == int(told["session_or_data1"], 16)
    assert frame.reply_id == told["reply_id"]
    assert len(frame.payload) == told["payload_len"]
    assert (frames.encode_tcp if over_tcp else frames.encode)(frame) == message


@pytest.mark.parametrize("size", [1, 7, 24, 100])
def test_frames_come_out_whole_however_the_stream_is_cut(size: int) -> None:
    names = ["pyzk_connect_ack_2ffb", "free_sizes_92", "prepare_buffer_ack_5044", "read_buffer_data_last_5"]
    stream = b"".join(wire(name) for name in names)
    decoder = StreamDecoder()

    got = [frame for at in range(0, len(stream), size) for frame in decoder.feed(stream[at : at + size])]

    assert got == [frame_of(name) for name in names]
    assert decoder.pending == 0


def test_a_damaged_frame_is_refused() -> None:
    message = bytearray(wire("free_sizes_92"))
    message[40] ^= 1
    with pytest.raises(ProtocolError, match="checksum"):
        StreamDecoder().feed(bytes(message))


def test_a_foreign_protocol_is_named_with_its_first_bytes() -> None:
    with pytest.raises(ForeignProtocolError, match="aa 01 00"):
        StreamDecoder().feed(b"\xaa\x01\x00\x00\x00\x00\x00\x00")


def test_the_encrypted_protocol_is_told_from_a_foreign_one() -> None:
    with pytest.raises(SecureFirmwareError):
        StreamDecoder().feed(b"\x50\x50\x83\x7c\x08\x00\x00\x00")


@pytest.mark.parametrize("length", [0, 7, frames.MAX_FRAME_BYTES + 1, 0xFFFFFFFF])
def test_an_impossible_length_is_refused_before_anything_is_gathered(length: int) -> None:
    with pytest.raises(ProtocolError, match=f"announces {length} bytes"):
        StreamDecoder().feed(frames.TCP_MAGIC + length.to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("key", "session", "scrambled"),
    [(12, 0x45CF, "614d323c"), (0, 0x1234, "617d326b"), (123456, 1, "267f32f9")],
)
def test_the_comm_key_is_scrambled_as_published(key: int, session: int, scrambled: str) -> None:
    assert scramble(key, session).hex() == scrambled


def test_the_auth_request_is_built_byte_for_byte() -> None:
    assert frames.encode_tcp(Frame(1102, 0x45CF, 1, scramble(12, 0x45CF))) == wire("auth_req_key12")


def test_a_key_that_overflows_elsewhere_is_scrambled_here() -> None:
    assert len(scramble(131071, 0xFFFF)) == 4


def test_times_are_packed_and_unpacked_as_published() -> None:
    packed = wire("der_time_vectors")
    for at, told in enumerate(VECTORS["der_time_vectors"]["decoded"]["values"]):
        word, moment = int.from_bytes(packed[4 * at : 4 * at + 4], "little"), datetime.fromisoformat(told)
        assert devtime.decode(word) == moment
        assert devtime.encode(moment) == word


@pytest.mark.parametrize(
    ("name", "records", "capacity"),
    [("free_sizes_92", 605, 100_000), ("free_sizes_80_k20", 0, 50_000), ("d2_free_sizes_reply_4_bytes", None, None)],
)
def test_sizes_are_read_from_answers_of_any_length(name: str, records: int | None, capacity: int | None) -> None:
    sizes = Sizes.parse(frame_of(name).payload)
    assert (sizes.records, sizes.record_capacity) == (records, capacity)


def test_the_40_byte_record_of_an_f19() -> None:
    punch = decode(Layout.FORTY, wire("attlog_40_f19")).punches[0]
    assert punch.pin == "999111333"
    assert punch.device_time == datetime(2018, 6, 25, 17, 50, 35)
    assert (punch.verify_mode, punch.punch_state, punch.workcode) == (1, 0, 0)


def test_the_49_byte_record_is_the_40_byte_one_with_a_tail() -> None:
    record = wire("attlog_40_f19") + wire("attlog_49_tail")
    assert decode(Layout.FORTY_NINE, record).punches[0][:5] == decode(Layout.FORTY, record[:40]).punches[0][:5]


def test_the_16_byte_records_with_two_that_are_alike() -> None:
    punches = decode(Layout.SIXTEEN, wire("attlog_16_udp_chunk123")[8 + 4 :]).punches
    assert [punch.pin for punch in punches] == ["21", "16", "11", "13", "13", "12"]
    assert punches[3] == punches[4]


def test_the_packed_8_byte_record() -> None:
    punch = decode(Layout.EIGHT_PACKED, wire("attlog_8_packed_0700_a8")).punches[0]
    assert punch[:5] == ("7", datetime(2016, 1, 1, 19, 2), 1, 1, None)


def test_users_of_72_bytes_end_at_the_first_nul() -> None:
    user = parse_users(wire("adr_user_record_72"), count=1, encoding="utf-8")[0]
    assert (user.slot, user.user_id, user.name, user.privilege, user.card) == (13, "555", "Ned", 0, 222)


def test_seven_users_come_inline() -> None:
    users = parse_users(frame_of("users_inline_7x72").payload[4:], count=7, encoding="utf-8")
    assert len(users) == 7
    assert users[0].user_id == "808"


def test_the_events_that_were_captured() -> None:
    short = frame_of("event_attlog_12")
    long = Frame(500, 1, 0, wire("event_attlog_32_payload"))
    assert [punch[:4] for punch in parse_events([short, long], encoding="utf-8")] == [
        (str(int.from_bytes(short.payload[:4], "little")), datetime(2018, 12, 7, 19, 9, 6), 0, 0),
        ("1140064", datetime(2018, 11, 29, 12, 55, 3), 15, 0),
    ]
