"""However somebody touches the evidence, the walk stops, and at a place that was touched."""

from __future__ import annotations

import json
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sealed_city import START
from touching import KIND, become_superuser, change, insert_like, keys_of, remove

from eabsensi.sealing.verifying import verify_within
from eabsensi.store.evidence import KINDS

TAMPERINGS = st.lists(
    st.tuples(
        st.sampled_from([kind.name for kind in KINDS]),
        st.sampled_from(["change", "remove", "insert"]),
        st.integers(0, 1_000),
        st.integers(0, 1_000),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda tampering: tampering[0],
)


def tamper(connection, name, how, row, column):
    """Touch one row that came more than an hour before the last seal; give the kind and key of what is touched."""
    kind = KIND[name]
    old = keys_of(connection, kind, until=START + timedelta(hours=1))
    if not old:
        return set()  # another tampering took along what its rows are known by
    key = old[row % len(old)]
    if how == "change":
        said = [column for column in kind.columns if column not in kind.key]
        change(connection, kind, key, said[column % len(said)])
    elif how == "remove":
        remove(connection, kind, key)
    else:
        before = set(keys_of(connection, kind))
        insert_like(connection, kind, key)
        key = (set(keys_of(connection, kind)) - before).pop()
    return {(name, key)}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TAMPERINGS)
def test_the_place_that_is_named_was_touched(shared, tamperings):
    with shared.store.engine.connect() as connection:
        become_superuser(connection)
        assert verify_within(connection).broken is None
        touched = set()
        for tampering in tamperings:
            touched |= tamper(connection, *tampering)
        broken = verify_within(connection).broken
    assert broken is not None
    named = {(kind, *json.loads(key)) for kind, key in touched}
    gone_along = {"punch_sighting": "poll", "period_row": "period"}  # their time is that of another row
    assert (broken.kind, *broken.key.values()) in named or gone_along.get(broken.kind) in {kind for kind, *_ in named}
