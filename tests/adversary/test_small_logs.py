"""A log of a few records must not be read in another layout: the times would be wrong, and nobody would notice."""

from __future__ import annotations

from datetime import datetime, timedelta

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


@given(st.sampled_from(list(Layout)), st.lists(touches, min_size=1, max_size=12), st.booleans(), st.booleans())
@settings(max_examples=400, derandomize=True, deadline=None, database=None)
def test_a_layout_is_told_rightly_or_not_at_all(
    layout: Layout, made: list[tuple[int, datetime, int, int]], mixed: bool, counted: bool
) -> None:
    body = body_of(layout, sorted(made, key=lambda touch: touch[1]), mixed=mixed and layout is Layout.EIGHT_PACKED)
    try:
        found = detect(body, records=len(made) if counted else None, not_after=NOW + timedelta(minutes=1))
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
