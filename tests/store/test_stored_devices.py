"""Devices follow devices.yaml; their health follows their polls."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from stored_terminal import NOW, add_unit, touch

from eabsensi.devices.registry import Device
from eabsensi.store.devices import UnknownUnitError, find_device, list_devices, save_identity, sync_devices
from eabsensi.store.health import device_health
from eabsensi.store.ingest import record_poll
from eabsensi.store.leases import acquire

LOBBY = Device(serial="CJDE0001", unit="DINKES", name="lobi", host="10.20.3.4", comm_key="dinkes", live=True)
GATE = Device(serial="CJDE0002", unit="DINKES", name="gerbang", host="10.20.3.5", transport="udp")
JAKARTA = ZoneInfo("Asia/Jakarta")
LATER = NOW + timedelta(days=1)


@pytest.fixture
def sync(store):
    """Give a sync in a transaction of its own."""
    with store.begin() as conn:
        add_unit(conn)

    def call(*devices, now=NOW):
        with store.begin() as conn:
            return sync_devices(conn, devices, now)

    return call


def test_devices_are_inserted_and_updated_by_serial(sync):
    first = sync(GATE, LOBBY)
    second = sync(LOBBY, replace(GATE, host="10.20.3.9", port=4371))

    assert [device.serial for device in first] == ["CJDE0001", "CJDE0002"]
    assert [device.id for device in second] == [device.id for device in first]
    assert (second[1].host, second[1].port, second[1].transport) == ("10.20.3.9", 4371, "udp")
    assert (first[0].comm_key_name, first[0].live, first[0].disabled_at) == ("dinkes", True, None)


def test_a_statement_of_use_is_kept_and_taken_back_and_the_date_of_registration_stays(sync):
    (new,) = sync(LOBBY)
    assert (new.registered_at, new.in_use_from, new.in_use_since) == (NOW, NOW.astimezone(JAKARTA).date(), None)
    (stated,) = sync(replace(LOBBY, in_use_since=date(2026, 1, 5)), now=LATER)
    assert (stated.in_use_since, stated.in_use_known_at, stated.registered_at) == (date(2026, 1, 5), LATER, NOW)
    assert stated.in_use_from == new.in_use_from
    (same,) = sync(replace(LOBBY, in_use_since=date(2026, 1, 5)), now=LATER + timedelta(days=1))
    assert same == stated
    assert sync(LOBBY, now=LATER + timedelta(days=2))[0].in_use_since is None


def test_a_device_that_is_gone_is_disabled_once_and_comes_back(sync):
    sync(LOBBY, GATE)
    sync(LOBBY)
    gone = sync(LOBBY, now=LATER)[1]
    assert (gone.enabled, gone.live, gone.disabled_at) == (False, False, NOW)

    back = sync(LOBBY, GATE, now=LATER)[1]
    assert (back.id, back.enabled, back.disabled_at) == (gone.id, True, None)


def test_a_device_listed_as_disabled_keeps_the_time_it_was_first(sync):
    sync(LOBBY)
    sync(replace(LOBBY, enabled=False))
    assert sync(replace(LOBBY, enabled=False), now=LATER)[0].disabled_at == NOW


def test_an_empty_list_disables_all(sync, store):
    sync(LOBBY, GATE)
    sync()
    with store.begin() as conn:
        assert [device.enabled for device in list_devices(conn)] == [False, False]
        assert list_devices(conn, enabled_only=True) == []


def test_an_unknown_unit_is_named_and_nothing_is_changed(sync, store):
    with pytest.raises(UnknownUnitError, match="CJDE0002 stands in unit BAPPEDA"):
        sync(LOBBY, replace(GATE, unit="BAPPEDA"))
    with store.begin() as conn:
        assert list_devices(conn) == []


def test_what_a_device_says_of_itself_is_kept_and_silence_changes_nothing(sync, store):
    device_id = sync(LOBBY)[0].id
    said = {"platform": "ZEM560", "firmware": "Ver 6.60", "model": "X100", "mac": "00:17:61:00:00:01"}
    silence = dict.fromkeys((*said, "record_capacity", "user_capacity"))
    with store.begin() as conn:
        save_identity(conn, device_id, **said, record_capacity=100_000, user_capacity=3_000)
        save_identity(conn, device_id, **silence)
        found = find_device(conn, "CJDE0001")
        assert find_device(conn, "CJDE") is None
    assert (found.platform, found.mac, found.record_capacity) == ("ZEM560", "00:17:61:00:00:01", 100_000)
    assert sync(LOBBY)[0].firmware == "Ver 6.60"


def health(terminal):
    with terminal.store.begin() as conn:
        return device_health(conn)[0]


def failed(terminal, at, error="no answer"):
    facts = replace(terminal.facts(outcome="unreachable", error=error), started_at=at, finished_at=at)
    with terminal.store.begin() as conn:
        record_poll(conn, facts, timezone="Asia/Jakarta", log_version=0)


def read(terminal, at, records, **facts):
    given = replace(terminal.facts(mode="count", records_on_device=records, **facts), started_at=at, finished_at=at)
    with terminal.store.begin() as conn:
        record_poll(conn, given, timezone="Asia/Jakarta", log_version=terminal.load().version)


def test_a_device_that_was_never_polled_has_no_health_to_show(terminal):
    found = health(terminal)
    assert (found.last_poll_at, found.last_outcome, found.failures, found.growth_per_day) == (None, None, 0, None)


def test_health_shows_the_last_polls_and_who_holds_the_device(terminal):
    terminal.reread(touch("07:30:00"), clock_offset_seconds=-3.5, complete_through=NOW, records_on_device=1)
    failed(terminal, NOW + timedelta(minutes=5))
    failed(terminal, NOW + timedelta(minutes=10), "still no answer")
    with terminal.store.begin() as conn:
        acquire(conn, [terminal.device_id], "c1", 60)
    found = health(terminal)

    assert (found.last_ok_at, found.last_poll_at) == (NOW, NOW + timedelta(minutes=10))
    assert (found.last_outcome, found.last_error, found.failures) == ("unreachable", "still no answer", 2)
    assert (found.clock_offset_seconds, found.complete_through, found.tail_ok) == (-3.5, NOW, True)
    assert found.lease_holder == "c1"


def test_failures_before_the_first_success_are_counted_and_a_success_ends_them(terminal):
    failed(terminal, NOW)
    assert health(terminal).failures == 1
    read(terminal, NOW, 0)
    assert health(terminal).failures == 0


def test_growth_tells_when_the_log_is_full_and_a_clear_is_no_shrinking(terminal, owner):
    owner.execute("UPDATE device SET record_capacity = 10000")
    now = datetime.now(UTC)
    for days_ago, records in [(4, 7_000), (3, 7_100), (2, 0), (1, 100), (0, 200)]:
        read(terminal, now - timedelta(days=days_ago, minutes=1), records)
    found = health(terminal)

    assert found.growth_per_day == pytest.approx(75)
    assert found.days_until_full == pytest.approx((10_000 - 200) / 75)


def test_a_log_that_does_not_grow_is_never_full(terminal, owner):
    owner.execute("UPDATE device SET record_capacity = 10000")
    now = datetime.now(UTC)
    for days_ago in (2, 1):
        read(terminal, now - timedelta(days=days_ago, minutes=1), 500)
    assert (health(terminal).growth_per_day, health(terminal).days_until_full) == (0, None)
