"""eabsensi device list, show, enable, disable, remove: devices.yaml first, the database in line with it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def test_devices_are_listed(city):
    outcome = city("device", "list")
    assert outcome.code == 0
    assert "AAA111" in outcome.out
    assert "10.0.0.2:4370 udp" in outcome.out
    assert city("device", "list", "--json").json[0]["host"] == "10.0.0.1"


def test_mistakes_in_devices_yaml_are_told_and_the_good_devices_listed(city):
    city.devices_file.write_text(
        city.devices_file.read_text() + "  - serial: CCC333\n    unit: PKM1\n    hots: 10.0.0.3\n"
    )
    outcome = city("device", "list")
    assert outcome.code == 3
    assert "AAA111" in outcome.out
    assert "devices.yaml line 14 key hots: there is no such key. Did you mean 'host'?" in outcome.err
    assert "has no host" not in outcome.err


def test_without_devices_the_list_says_how_to_add_one(program):
    program.devices_file.write_text("devices: []\n")
    outcome = program("device", "list")
    assert outcome.code == 0
    assert "eabsensi device add" in outcome.out


def test_without_a_file_the_list_is_a_failure(program):
    outcome = program("device", "list")
    assert outcome.code == 1
    assert "there is no such file" in outcome.err


def test_a_device_is_shown_with_what_it_told(city):
    shown = city("device", "show", "AAA111", "--json").json
    assert (shown["serial"], shown["unit"], shown["enabled"], shown["listed"]) == ("AAA111", "DINKES", True, True)
    assert shown["registered_at"]
    assert shown["in_use_since"] == "2020-01-01"
    registered_at = datetime.fromisoformat(shown["registered_at"]).astimezone(ZoneInfo("Asia/Jakarta"))
    assert shown["in_use_from"] == registered_at.date().isoformat()  # nothing was read of it yet
    assert "serial" in city("device", "show", "AAA111").out


def test_an_unknown_device_is_told_with_its_neighbour(city):
    outcome = city("device", "show", "AAA11")
    assert outcome.code == 1
    assert "There is no device AAA11" in outcome.err
    assert "Did you mean 'AAA111'?" in outcome.err


def test_a_device_is_disabled_and_enabled_in_file_and_database(city, owner):
    assert city("device", "disable", "AAA111").code == 0
    assert "enabled: false" in city.devices_file.read_text()
    assert owner.execute("SELECT enabled, disabled_at IS NOT NULL FROM device WHERE serial = 'AAA111'").fetchone() == (
        False,
        True,
    )
    assert city("device", "enable", "AAA111").code == 0
    assert owner.execute("SELECT enabled, disabled_at FROM device WHERE serial = 'AAA111'").fetchone() == (True, None)


def test_a_removed_device_is_gone_from_the_file_and_disabled_in_the_database(city, owner):
    assert city("device", "remove", "BBB222").code == 0
    assert "BBB222" not in city.devices_file.read_text()
    assert owner.execute("SELECT enabled FROM device WHERE serial = 'BBB222'").fetchone() == (False,)
    assert city("device", "show", "BBB222", "--json").json["listed"] is False


def test_editing_an_unknown_device_changes_nothing(city):
    before = city.devices_file.read_bytes()
    outcome = city("device", "disable", "ZZZ")
    assert outcome.code == 1
    assert "has no device ZZZ" in outcome.err
    assert city.devices_file.read_bytes() == before
