"""A device's USB dump: good lines kept with their bytes, the others told with their line."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eabsensi.devices.attlog import Punch
from eabsensi.importing.dump import parse_dump

LINE = b"        7\t2026-01-05 07:10:00\t1\t0\t15\t3"


def test_a_line_is_read_column_by_column():
    dump = parse_dump(LINE + b"\r\n", "attlog.dat")
    assert dump.punches == [Punch("7", datetime(2026, 1, 5, 7, 10), 15, 0, 3, LINE)]
    assert dump.problems == []


@pytest.mark.parametrize("content", [LINE, LINE + b"\n", LINE + b"\r\n", b"\xef\xbb\xbf" + LINE + b"  \r\n\r\n \r\n"])
def test_line_ends_marks_and_blanks_change_nothing(content):
    assert parse_dump(content, "attlog.dat").punches[0].raw == LINE


def test_what_a_line_does_not_say_stays_unknown():
    content = b"7\t2026-01-05 07:10:00\n7\t2026-01-05 07:11:00\t1\t\tx\t-1\n7\t2026-01-05 07:12:00\t1\t300\t1\n"
    punches = parse_dump(content, "attlog.dat").punches
    assert [(punch.punch_state, punch.verify_mode, punch.workcode) for punch in punches] == [
        (None, None, None),
        (None, None, None),
        (None, 1, None),
    ]


def test_a_dump_parted_by_blanks_is_read_too():
    punch = parse_dump(b"  0007   2026-01-05 07:10:00   1   1   4   0\n", "attlog.dat").punches[0]
    assert (punch.pin, punch.punch_state, punch.verify_mode, punch.workcode) == ("0007", 1, 4, 0)


def test_an_impossible_date_is_kept_aside_with_its_line():
    dump = parse_dump(LINE + b"\n7\t2026-02-31 07:00:00\t1\t0\t1\t0\n", "attlog.dat")
    assert len(dump.punches) == 1
    assert (dump.unreadable[0].pin, dump.unreadable[0].raw) == ("7", b"7\t2026-02-31 07:00:00\t1\t0\t1\t0")
    assert str(dump.problems[0]).startswith("attlog.dat line 2: 2026-02-31 07:00:00 is no time of the calendar;")


@pytest.mark.parametrize(
    "broken",
    [
        b"garbage here",
        b"7",
        b"\t2026-01-05 07:00:00",
        b"7\t05/01/2026 07:00",
        b"\xff\xfe\x00",
        b"7\t2026-01-05 07:00:0",
    ],
)
def test_a_broken_line_is_told_and_stops_nothing(broken):
    dump = parse_dump(LINE + b"\n" + broken + b"\n" + LINE + b"\n", "attlog.dat")
    assert len(dump.punches) == 2
    assert dump.problems[0].where == "attlog.dat line 2"


def test_a_serial_above_and_a_checksum_below_are_no_broken_lines():
    dump = parse_dump(b"CJDE193560123\r\n" + LINE + b"\r\n12AF\r\n", "attlog.dat")
    assert (dump.serial, len(dump.punches), dump.problems) == ("CJDE193560123", 1, [])


def test_an_empty_dump_has_no_punches():
    dump = parse_dump(b"", "attlog.dat")
    assert (dump.punches, dump.problems) == ([], [])


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail(content):
    dump = parse_dump(content, "attlog.dat")
    assert all(punch.raw in content for punch in dump.punches)


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[0-9]{1,9}", fullmatch=True),
            st.datetimes(datetime(2000, 1, 1), datetime(2069, 12, 31)).map(
                lambda moment: moment.replace(microsecond=0)
            ),
            st.integers(0, 255),
            st.integers(0, 255),
        )
    )
)
def test_what_a_device_writes_is_read_back(records):
    content = b"".join(f"{pin:>9}\t{at}\t1\t{state}\t{mode}\t0\r\n".encode() for pin, at, state, mode in records)
    dump = parse_dump(content, "attlog.dat")
    assert dump.problems == []
    assert [(punch.pin, punch.device_time, punch.punch_state, punch.verify_mode) for punch in dump.punches] == records
