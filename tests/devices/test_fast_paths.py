"""What was made fast still means what the plain way means."""

from __future__ import annotations

import gc
import random
import struct
import threading
from datetime import datetime

import pytest

from eabsensi.devices import devtime, frames
from eabsensi.devices.attlog import Layout, decode
from eabsensi.devices.garbage import collection_paused

PLAIN = {
    Layout.FORTY: struct.Struct("<2x24sBIBI4x"),
    Layout.FORTY_NINE: struct.Struct("<2x24sBIBI13x"),
    Layout.SIXTEEN: struct.Struct("<IIBB2xI"),
    Layout.EIGHT_UID: struct.Struct("<HBIB"),
}
TIME_AT = {Layout.FORTY: 27, Layout.FORTY_NINE: 27, Layout.SIXTEEN: 4, Layout.EIGHT_UID: 3}
#: Steps of the clock in seconds: forward within a day and past it, and back by less and by more than a day or two.
STEPS = (0, 1, 37, 5_000, 90_000, -100, -86_400, -100_000, -147_600, -172_800, -300_000)


def plain_checksum(message: bytes) -> int:
    body = message[:2] + b"\x00\x00" + message[4:] + b"\x00" * (len(message) % 2)
    total = sum(struct.unpack(f"<{len(body) // 2}H", body))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def plainly(layout: Layout, raw: bytes) -> tuple[object, ...] | None:
    """Read one record field by field; None where it cannot be read."""
    read = PLAIN[layout].unpack(raw)
    if layout is Layout.SIXTEEN:
        pin, packed, state, verify, workcode = read
    else:
        pin, verify, packed, state, *rest = read
        workcode = rest[0] if rest else None
    text = pin.split(b"\x00", 1)[0].decode("utf-8", "backslashreplace") if isinstance(pin, bytes) else pin
    if isinstance(text, str):
        escaped = (one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
        text = "".join(escaped) if text.strip() else ""
    try:
        moment = devtime.decode(packed)
    except ValueError:
        return None
    return (str(text), moment, verify, state, workcode, raw) if text else None


@pytest.mark.parametrize("steps", [(0, 1, 37, 5_000, 90_000), STEPS], ids=["forward", "set back"])
@pytest.mark.parametrize("layout", PLAIN)
def test_columns_say_what_records_say_one_by_one(layout, steps):
    rng = random.Random(f"{layout}/{len(steps)}")
    for count in (1, 2, 3, 50, 700):
        packed, records = devtime.encode(datetime(2026, 2, 1, 7, 0)), []
        for _ in range(count):
            packed += rng.choice(steps)
            record = bytearray(rng.randbytes(layout.stride) if rng.random() < 0.95 else bytes(layout.stride))
            record[TIME_AT[layout] : TIME_AT[layout] + 4] = packed.to_bytes(4, "little")
            records.append(bytes(record))
        decoded = decode(layout, b"".join(records))
        read = [plainly(layout, record) for record in records]
        assert decoded.punches == [punch for punch in read if punch is not None]
        assert [lost.raw for lost in decoded.unreadable] == [
            record for record, punch in zip(records, read, strict=True) if punch is None
        ]


def test_a_day_back_across_a_short_month_keeps_its_date():
    # The device's calendar has a 31 September, so one day back is two of its days.
    times = [datetime(2026, 10, 1, 7, 0), datetime(2026, 9, 30, 7, 0), datetime(2026, 10, 1, 7, 5)]
    body = b"".join(struct.pack("<HBIB", 7, 1, devtime.encode(time), 0) for time in times)
    assert [punch.device_time for punch in decode(Layout.EIGHT_UID, body).punches] == times


@pytest.mark.parametrize("filling", [b"\x00", b"\xff", b"\x01", None], ids=["zeros", "ones", "small", "random"])
def test_the_checksum_is_that_of_the_loop_over_words(filling):
    rng = random.Random(0)
    for length in (*range(8, 140), 1_016, 1_017, 16_392, 65_480, 65_481):
        message = rng.randbytes(length) if filling is None else filling * length
        assert frames.checksum(message) == plain_checksum(message)
        tail_of_zeros = message[:8] + bytes(length - 8)
        assert frames.checksum(tail_of_zeros) == plain_checksum(tail_of_zeros)


def test_collection_resumes_when_the_last_pause_ends():
    entered, leave = threading.Event(), threading.Event()

    def pause():
        with collection_paused():
            entered.set()
            leave.wait()

    other = threading.Thread(target=pause)
    with collection_paused():
        other.start()
        entered.wait()
        assert not gc.isenabled()
    assert not gc.isenabled(), "the other thread still decodes"
    leave.set()
    other.join()
    assert gc.isenabled()


def test_collection_that_somebody_disabled_stays_so():
    gc.disable()
    try:
        with collection_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
