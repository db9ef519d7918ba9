"""A log of a few records must not be read in another layout: the times would be wrong, and nobody would notice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eabsensi.devices import devtime
from eabsensi.devices.attlog import Layout
from eabsensi.devices.errors import LayoutUnknownError
from eabsensi.devices.layouts import detect
from eabsensi.devices.simulator.records import Entry, encode_packed, encode_record

NOW = datetime(2026, 11, 24, 12)
touches = st.tuples(
    st.integers(1, 65_535),
    st.datetimes(datetime(2010, 1, 1), NOW).map(lambda at: at.replace(microsecond=0)),
    st.sampled_from([0, 1, 2, 3]),
    st.sampled_from([0, 1, 2, 3, 4, 5]),
)


def body_of(layout: Layout, made: list[tuple[int, datetime, int, int]], *, mixed: bool) -> bytes:
    carry, body = None, b""
    for uid, at, verify, state in made:
        entry = Entry(uid, str(uid), devtime.encode(at), verify, state)
        record = encode_packed(entry, carry) if mixed else encode_record(layout, entry)
        carry = entry.packed_time if len(record) == 8 else carry
        body += record
    return body


@given(
    st.sampled_from(list(Layout)),
    st.lists(touches, min_size=1, max_size=12),
    st.booleans(),
    st.sampled_from(["right", "unknown", "as many of 8 bytes", "double", "half"]),
)
@settings(max_examples=800, derandomize=True, deadline=None, database=None)
def test_a_layout_is_told_rightly_or_not_at_all(
    layout: Layout, made: list[tuple[int, datetime, int, int]], mixed: bool, counted: str
) -> None:
    body = body_of(layout, sorted(made, key=lambda touch: touch[1]), mixed=mixed and layout is Layout.EIGHT_PACKED)
    records = {
        "right": len(made),
        "unknown": None,
        "as many of 8 bytes": len(body) // 8,
        "double": 2 * len(made),
        "half": len(made) // 2,
    }[counted]
    try:
        found = detect(body, records=records, not_after=NOW + timedelta(minutes=1))
    except LayoutUnknownError:
        return
    assert found is layout


def test_five_packed_touches_are_no_record_of_a_person_named_by_their_state() -> None:
    at = datetime(2010, 1, 1)
    body = body_of(Layout.EIGHT_PACKED, [(1, at, 1, 2), *[(1, at, 0, 0)] * 4], mixed=False)
    assert detect(body, records=None, not_after=NOW) is Layout.EIGHT_PACKED


def test_five_packed_touches_of_one_second_are_no_record_of_nobody() -> None:
    at = datetime(2010, 1, 1)
    body = body_of(Layout.EIGHT_PACKED, [(1, at, 0, 2), *[(1, at, 0, 0)] * 4], mixed=False)
    assert len(body) == Layout.FORTY.stride
    assert detect(body, records=None, not_after=NOW) is Layout.EIGHT_PACKED


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("told", [Layout.EIGHT_PACKED, Layout.SIXTEEN, Layout.FORTY])
def test_a_count_that_lies_makes_no_other_layout(layout: Layout, told: Layout) -> None:
    """Seven records of 16 bytes and a count of fourteen: half of them, read as 8, are touches of 2000-01-01."""
    at = datetime(2026, 10, 24, 7, 30)
    body = body_of(layout, [(301 + at_, at + timedelta(seconds=at_), 1, 1) for at_ in range(40)], mixed=False)
    for in_use in (None, layout):
        assert detect(body, records=len(body) // told.stride, not_after=NOW, in_use=in_use) is layout


@pytest.mark.parametrize("layout", list(Layout))
def test_a_terminal_keeps_the_layout_that_it_had(layout: Layout) -> None:
    body = body_of(layout, [(1, datetime(2026, 10, 24, 7, 30), 1, 1)], mixed=False)
    assert detect(body, records=None, not_after=NOW, in_use=layout) is layout


def test_a_firmware_update_may_change_the_layout() -> None:
    body = body_of(Layout.FORTY, [(7, datetime(2026, 10, 24, 7, at), 1, 1) for at in range(8)], mixed=False)
    for before in Layout:
        assert detect(body, records=8, not_after=NOW, in_use=before) is Layout.FORTY
