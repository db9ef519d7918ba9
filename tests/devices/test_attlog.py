"""Records in every layout, good and bad, and how a layout is told."""

from __future__ import annotations

import struct
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eabsensi.devices import devtime
from eabsensi.devices.attlog import Layout, decode, packed_offsets
from eabsensi.devices.errors import LayoutUnknownError
from eabsensi.devices.events import parse_events
from eabsensi.devices.frames import Frame
from eabsensi.devices.layouts import detect
from eabsensi.devices.users import parse_users

START = datetime(2026, 10, 1, 7, 0)
NOW = datetime(2026, 11, 24, 12, 0)
FEBRUARY_31 = (26 * 372 + 31 + 30) * 86_400


def record(layout: Layout, pin: int, moment: datetime | int, *, verify: int = 1, state: int = 0) -> bytes:
    packed = moment if isinstance(moment, int) else devtime.encode(moment)
    match layout:
        case Layout.EIGHT_UID:
            return struct.pack("<HBIB", pin, verify, packed, state)
        case Layout.EIGHT_PACKED:
            return struct.pack("<HBxI", pin, state << 5 | verify << 3, packed)
        case Layout.SIXTEEN:
            return struct.pack("<IIBB2xI", pin, packed, state, verify, 0)
        case Layout.FORTY | Layout.FORTY_NINE:
            text = struct.pack("<H24sBIBI4s", pin, str(pin).encode(), verify, packed, state, 0, b"\xff\0\0\0")
            return text + (b"\xff255\0\0\0\0\0" if layout is Layout.FORTY_NINE else b"")


def log(layout: Layout, count: int) -> bytes:
    return b"".join(record(layout, at % 50 + 1, START + timedelta(minutes=7 * at), state=at % 2) for at in range(count))


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("count", [3, 40, 49, 700])
@pytest.mark.parametrize("counted", ["right", "one less", "one more", "unknown"])
def test_the_layout_is_found_whatever_the_counter_says(layout: Layout, count: int, counted: str) -> None:
    records = {"right": count, "one less": count - 1, "one more": count + 1, "unknown": None}[counted]
    assert detect(log(layout, count), records=records, not_after=NOW) is layout


@pytest.mark.parametrize("layout", list(Layout))
def test_each_layout_gives_the_same_punches(layout: Layout) -> None:
    decoded = decode(layout, log(layout, 10))
    assert [(p.pin, p.device_time, p.verify_mode, p.punch_state) for p in decoded.punches] == [
        (str(at % 50 + 1), START + timedelta(minutes=7 * at), 1, at % 2) for at in range(10)
    ]
    assert b"".join(p.raw for p in decoded.punches) == log(layout, 10)


@pytest.mark.parametrize("layout", list(Layout))
def test_31_february_is_set_aside_and_the_others_survive(layout: Layout) -> None:
    bad = record(layout, 9, FEBRUARY_31)
    decoded = decode(layout, log(layout, 2) + bad + log(layout, 2))
    assert len(decoded.punches) == 4
    assert [(u.raw, u.reason, u.pin) for u in decoded.unreadable] == [(bad, "impossible date", "9")]


def test_blank_and_nameless_records_are_set_aside() -> None:
    nameless = b"\0" * 26 + record(Layout.FORTY, 1, START)[26:]
    decoded = decode(Layout.FORTY, bytes(40) + nameless + log(Layout.FORTY, 1))
    assert [u.reason for u in decoded.unreadable] == ["blank record", "no pin"]
    assert len(decoded.punches) == 1


def test_a_pin_keeps_its_zeros_and_letters() -> None:
    raw = bytearray(record(Layout.FORTY, 1, START))
    raw[2:26] = b"007A".ljust(24, b"\0")
    assert decode(Layout.FORTY, bytes(raw)).punches[0].pin == "007A"


def test_bytes_that_fit_no_encoding_are_kept_as_escapes() -> None:
    raw = bytearray(record(Layout.FORTY, 1, START))
    raw[2:26] = b"\xff\xfe12".ljust(24, b"\0")
    assert decode(Layout.FORTY, bytes(raw)).punches[0].pin == "\\xff\\xfe12"


def test_short_records_add_to_the_last_full_time() -> None:
    full = record(Layout.EIGHT_PACKED, 7, START)
    short = struct.pack("<HBB", 8, 0x04 | 1 << 3 | 300 >> 8, 300 & 0xFF)
    body = full + short + record(Layout.EIGHT_PACKED, 9, START + timedelta(hours=1))

    assert detect(body, records=3, not_after=NOW) is Layout.EIGHT_PACKED
    assert len(list(packed_offsets(body))) == 3
    decoded = decode(Layout.EIGHT_PACKED, body)
    assert [(p.pin, p.device_time) for p in decoded.punches][:2] == [
        ("7", START),
        ("8", START + timedelta(seconds=300)),
    ]


def test_a_short_record_goes_on_from_the_time_that_was_carried() -> None:
    short = struct.pack("<HBB", 8, 0x04, 10)
    assert decode(Layout.EIGHT_PACKED, short).unreadable[0].reason == "short record with no full time before it"
    carried = decode(Layout.EIGHT_PACKED, short, carry=devtime.encode(START))
    assert carried.punches[0].device_time == START + timedelta(seconds=10)


@pytest.mark.parametrize("layout", list(Layout))
def test_half_a_record_is_refused(layout: Layout) -> None:
    with pytest.raises(ValueError, match=r"whole number|is cut"):
        decode(layout, log(layout, 2)[:-3])


def test_noise_has_no_layout_and_is_carried_by_the_error() -> None:
    noise = bytes(range(1, 241)) * 2
    with pytest.raises(LayoutUnknownError) as caught:
        detect(noise, records=12, not_after=NOW)
    assert caught.value.body == noise


def test_half_a_log_of_blanks_does_not_hide_its_layout() -> None:
    body = log(Layout.FORTY, 50) + bytes(40 * 50)
    assert detect(body, records=100, not_after=NOW) is Layout.FORTY
    assert detect(body, records=None, not_after=NOW) is Layout.FORTY


@pytest.mark.parametrize("layout", list(Layout))
def test_erased_flash_is_no_punch(layout: Layout) -> None:
    erased = b"\xff" * layout.stride
    body = log(layout, 4) + erased * 5 + log(layout, 2)
    decoded = decode(layout, body)
    assert (len(decoded.punches), b"".join(bad.raw for bad in decoded.unreadable)) == (6, erased * 5)
    assert {(bad.reason, bad.pin) for bad in decoded.unreadable} == {("erased record", "")}
    assert detect(log(layout, 30) + erased * 30, records=None, not_after=NOW) is layout


@pytest.mark.parametrize("packed", [0xFFFF_FFFF, 100 * 372 * 86_400])
def test_a_year_that_no_terminal_can_write_is_an_impossible_date(packed: int) -> None:
    decoded = decode(Layout.FORTY, record(Layout.FORTY, 9, packed))
    assert [(bad.reason, bad.pin) for bad in decoded.unreadable] == [("impossible date", "9")]


@pytest.mark.parametrize(
    ("field", "pin"),
    [(b" 55", " 55"), (b"55 ", "55 "), (b"55\0 6", "55"), (b"9\n1", "9\\n1"), (b"\x01", "\\x01"), (b"12 34", "12 34")],
)
def test_a_pin_is_what_stands_before_the_nul(field: bytes, pin: str) -> None:
    raw = bytearray(record(Layout.FORTY, 9, START))
    raw[2:26] = field.ljust(24, b"\0")
    assert [punch.pin for punch in decode(Layout.FORTY, bytes(raw)).punches] == [pin]
    event = field.ljust(24, b"\0") + bytes((1, 0)) + devtime.encode_six(START)
    assert [punch.pin for punch in parse_events([Frame(500, 1, 0, event)], encoding="utf-8")] == [pin]
    user = struct.pack("<HB8s24sI9x24s", 3, 0, b"", b"A", 0, field)
    assert parse_users(user, count=1, encoding="utf-8")[0].user_id == pin


def test_a_pin_of_spaces_is_none() -> None:
    raw = bytearray(record(Layout.FORTY, 9, START))
    raw[2:26] = b"  ".ljust(24, b"\0")
    assert [bad.reason for bad in decode(Layout.FORTY, bytes(raw)).unreadable] == ["no pin"]


def dated(layout: Layout, honest: int, wrong: int, year: int) -> bytes:
    first = datetime(year, 1, 1, 0, 3)
    return log(layout, honest) + b"".join(
        record(layout, at % 9 + 1, first + timedelta(minutes=at)) for at in range(wrong)
    )


@pytest.mark.parametrize("layout", [Layout.SIXTEEN, Layout.FORTY, Layout.FORTY_NINE])
@pytest.mark.parametrize(("honest", "wrong", "year"), [(0, 12, 2000), (40, 60, 2000), (5, 30, 2033), (0, 1, 2000)])
def test_wrong_dates_do_not_hide_a_layout_that_the_count_proves(
    layout: Layout, honest: int, wrong: int, year: int
) -> None:
    body = dated(layout, honest, wrong, year)
    assert detect(body, records=honest + wrong, not_after=NOW) is layout
    with pytest.raises(LayoutUnknownError, match=r"Most dates .* prove"):
        detect(body, records=None, not_after=NOW)


@pytest.mark.parametrize("layout", [Layout.EIGHT_UID, Layout.EIGHT_PACKED])
def test_wrong_dates_are_no_reason_to_guess_between_two_layouts(layout: Layout) -> None:
    with pytest.raises(LayoutUnknownError):
        detect(dated(layout, 0, 12, 2000), records=12, not_after=NOW)


def records_in(layout: Layout, body: bytes) -> int:
    return len(body) // layout.stride if layout.is_fixed else len(list(packed_offsets(body)))


@given(st.binary(max_size=600), st.sampled_from(list(Layout)))
def test_any_bytes_are_decoded_or_refused_and_none_is_lost(body: bytes, layout: Layout) -> None:
    try:
        decoded = decode(layout, body)
    except ValueError:
        return
    raws = [punch.raw for punch in decoded.punches] + [bad.raw for bad in decoded.unreadable]
    assert sum(map(len, raws)) == len(body)
    assert decoded.records == len(raws) == records_in(layout, body)


@given(st.binary(max_size=600), st.none() | st.integers(0, 100))
def test_detection_answers_or_refuses(body: bytes, records: int | None) -> None:
    try:
        layout = detect(body, records=records, not_after=NOW)
    except LayoutUnknownError as error:
        assert error.body == body
    else:
        assert decode(layout, body).records == records_in(layout, body)


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_event_is_understood_or_left_to_the_log(payloads: list[bytes]) -> None:
    punches = parse_events([Frame(500, 1, 0, payload) for payload in payloads], encoding="utf-8")
    assert len(punches) <= len(payloads)


@pytest.mark.parametrize("length", [10, 12, 14, 32, 36, 37, 52])
def test_events_of_each_known_length(length: int) -> None:
    pin = {10: struct.pack("<H", 123), 12: struct.pack("<I", 123), 14: struct.pack("<H", 123)}.get(
        length, b"123".ljust(24, b"\0")
    )
    payload = (pin + bytes((1, 0)) + devtime.encode_six(START)).ljust(length, b"\0")
    assert [p[:4] for p in parse_events([Frame(500, 1, 0, payload)], encoding="utf-8")] == [("123", START, 1, 0)]


def test_other_events_and_refused_verifications_are_no_punches() -> None:
    refused = struct.pack("<I", 5) + bytes((1, 0x80)) + devtime.encode_six(START)
    good = struct.pack("<I", 5) + bytes((1, 255)) + devtime.encode_six(START)
    found = parse_events([Frame(500, 2, 0, good), Frame(500, 1, 0, refused), Frame(500, 1, 0, good)], encoding="utf-8")
    assert [punch.punch_state for punch in found] == [255]


def test_users_of_28_bytes_and_names_cut_in_the_middle_of_a_letter() -> None:
    short = struct.pack("<HB5s8sI4xI", 3, 14, b"", "Siti Nué"[:8].encode()[:8], 0, 77)
    user = parse_users(short, count=1, encoding="utf-8")[0]
    assert (user.user_id, user.privilege) == ("77", 14)
    assert user.name.startswith("Siti Nu")


def test_a_user_table_of_both_lengths_is_told_by_the_counter() -> None:
    body = struct.pack("<HB5s8sI4xI", 3, 0, b"", b"A", 0, 77) * 18
    assert [user.user_id for user in parse_users(body, count=18, encoding="utf-8")] == ["77"] * 18
    with pytest.raises(ValueError, match="fits neither"):
        parse_users(body[:-1], count=18, encoding="utf-8")
