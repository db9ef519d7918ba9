"""devices.yaml as people write it: the good devices are kept, the others are reported with their place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from eabsensi.devices.registry import Device, read_registry


def _read(folder: Path, text: str):
    path = folder / "devices.yaml"
    path.write_bytes(text.encode())
    registry = read_registry(path)
    return registry.devices, [str(problem).replace(str(path), "devices.yaml") for problem in registry.problems]


GOOD = "  - serial: GOOD1\n    unit: DINKES\n    host: 10.0.0.1\n"


def test_an_entry_with_all_keys_is_read(tmp_path):
    devices, problems = _read(
        tmp_path,
        "devices:\n  - serial: CJDE193560123\n    unit: DINKES\n    name: Dinas Kesehatan, lobi\n    host: 10.20.3.4\n"
        "    port: 4371\n    transport: udp\n    timezone: Asia/Makassar\n    encoding: gbk\n    comm_key: dinkes\n"
        "    live: true\n    enabled: false\n    in_use_since: 2026-01-05\n",
    )
    assert problems == []
    assert devices == [
        Device(
            serial="CJDE193560123",
            unit="DINKES",
            name="Dinas Kesehatan, lobi",
            host="10.20.3.4",
            port=4371,
            transport="udp",
            timezone="Asia/Makassar",
            encoding="gbk",
            comm_key="dinkes",
            live=True,
            enabled=False,
            in_use_since=date(2026, 1, 5),
        )
    ]


def test_what_is_left_out_has_its_default(tmp_path):
    devices, problems = _read(tmp_path, "devices:\n" + GOOD)
    assert problems == []
    assert devices == [Device(serial="GOOD1", unit="DINKES", name="DINKES", host="10.0.0.1")]


@pytest.mark.parametrize("serial", ["0123456789012", "1e5", "4E12", "0x1F", "12_000", "1.50", "0o17", "true", "null2"])
def test_a_serial_is_the_text_that_stands_in_the_file(tmp_path, serial):
    devices, problems = _read(tmp_path, f"devices:\n  - serial: {serial}\n    unit: 007\n    host: 10.0.0.1\n")
    assert problems == []
    assert (devices[0].serial, devices[0].unit) == (serial, "007")


@pytest.mark.parametrize(
    ("line", "key", "words"),
    [
        ("    prot: 4371\n", "prot", ["no such key", "Did you mean 'port'?"]),
        ("    Enabled: true\n", "Enabled", ["no such key", "Did you mean 'enabled'?"]),
        ("    port: 43700\n    port: 4370\n", "port", ["stands twice"]),
        ("    port: 99999\n", "port", ["'99999' is no port"]),
        ("    port: '0'\n", "port", ["is no port"]),
        ("    port: ten\n", "port", ["'ten' is no port"]),
        ("    transport: tpc\n", "transport", ["'tpc' is no transport", "tcp or udp"]),
        ("    timezone: Asia/Jakata\n", "timezone", ["is no timezone", "Did you mean 'Asia/Jakarta'?"]),
        ("    timezone: ../../etc/passwd\n", "timezone", ["is no timezone"]),
        ("    encoding: utf-88\n", "encoding", ["is no encoding", "Did you mean 'utf-8'?"]),
        ("    encoding: rot13\n", "encoding", ["no encoding of text"]),
        ("    live: maybe\n", "live", ["neither true nor false"]),
        ("    enabled: yes\n", "enabled", ["neither true nor false"]),
        ("    in_use_since: 5 Januari 2026\n", "in_use_since", ["is no date", "e.g. 2026-01-05"]),
        ("    in_use_since: 2026-02-30\n", "in_use_since", ["'2026-02-30' is no date"]),
        ("    in_use_since: 20260105\n", "in_use_since", ["is no date"]),
        ("    name: [a, b]\n", "name", ["single value"]),
        ("    comm_key: 'a b'\n", "comm_key", ["name of a comm key"]),
    ],
)
def test_a_bad_key_is_reported_with_file_line_and_key(tmp_path, line, key, words):
    devices, problems = _read(tmp_path, "devices:\n" + GOOD + GOOD.replace("GOOD1", "BAD").replace(".1", ".2") + line)
    assert [device.serial for device in devices] == ["GOOD1"]
    assert len(problems) == 1
    line_number = 8 + line.count("\n") - 1
    assert problems[0].startswith(f"devices.yaml line {line_number} key {key}: ")
    for word in words:
        assert word in problems[0]


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("10.20.3.400", "no IP address"),
        ("10.20.3", "no IP address"),
        ("10.20.3.4:4370", "port as a key of its own"),
        ("'10.0.0.1; reboot'", "no address"),
        ("$(reboot)", "no address"),
        ("'a b'", "no address"),
        ("-oProxyCommand=x", "no address"),
        ("dinkes_lobi", "no address"),
        ("a..b", "no address"),
    ],
)
def test_a_bad_address_is_refused(tmp_path, host, words):
    devices, problems = _read(tmp_path, f"devices:\n{GOOD}  - serial: BAD\n    unit: X\n    host: {host}\n")
    assert [device.serial for device in devices] == ["GOOD1"]
    assert problems[0].startswith("devices.yaml line 7 key host: ")
    assert words in problems[0]


@pytest.mark.parametrize("host", ["10.20.3.4", "mesin-1.dinkes.jambikota.local", "localhost", "fd00::1"])
def test_a_good_address_is_kept(tmp_path, host):
    devices, problems = _read(tmp_path, f"devices:\n  - serial: A\n    unit: X\n    host: '{host}'\n")
    assert problems == []
    assert devices[0].host == host


def test_a_comm_key_that_stands_in_the_file_is_refused_and_not_shown(tmp_path):
    devices, problems = _read(tmp_path, "devices:\n" + GOOD + "    comm_key: 834512\n")
    assert devices == []
    assert "must not stand in this file" in problems[0]
    assert "834512" not in problems[0]


def test_a_missing_key_names_the_entry(tmp_path):
    devices, problems = _read(tmp_path, "devices:\n" + GOOD + "  - unit: DINKES\n    host: 10.0.0.2\n")
    assert [device.serial for device in devices] == ["GOOD1"]
    assert problems == ["devices.yaml line 5 key serial: the device has no serial. Add serial: …."]


def test_an_empty_value_is_no_value(tmp_path):
    _, problems = _read(tmp_path, "devices:\n" + GOOD + "  - serial:\n    unit: X\n    host: 10.0.0.2\n    name: ~\n")
    assert problems == [
        "devices.yaml line 5 key serial: there is no value. Write it as serial: value, or take the device out."
    ]


def test_a_serial_that_stands_twice_keeps_the_first(tmp_path):
    devices, problems = _read(
        tmp_path, "devices:\n" + GOOD + GOOD.replace("10.0.0.1", "10.0.0.9").replace("GOOD1", "good1")
    )
    assert [device.host for device in devices] == ["10.0.0.1"]
    assert problems == [
        "devices.yaml line 5 key serial: good1 is already on line 2; this one is ignored. Keep one of them."
    ]


def test_the_serials_of_refused_entries_are_told_so_that_nobody_takes_them_for_removed(tmp_path):
    path = tmp_path / "devices.yaml"
    path.write_text("devices:\n" + GOOD + GOOD.replace("GOOD1", "MISTYPED") + "    prot: 1\n" + GOOD)
    registry = read_registry(path)
    assert registry.refused == {"MISTYPED"}
    assert not registry.unreadable


def test_a_file_that_is_no_yaml_tells_nothing_about_any_device(tmp_path):
    path = tmp_path / "devices.yaml"
    path.write_text("devices: [\n")
    assert read_registry(path).unreadable


def test_two_devices_at_one_address_keep_the_first(tmp_path):
    devices, problems = _read(tmp_path, "devices:\n" + GOOD + GOOD.replace("GOOD1", "OTHER"))
    assert [device.serial for device in devices] == ["GOOD1"]
    assert "OTHER has the same address as GOOD1 on line 2" in problems[0]


def test_one_address_may_serve_two_transports(tmp_path):
    devices, problems = _read(tmp_path, "devices:\n" + GOOD + GOOD.replace("GOOD1", "OTHER") + "    transport: udp\n")
    assert problems == []
    assert len(devices) == 2


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("devices:\n\t- serial: A\n", "line 2", "a tab stands"),
        ("devices:\n  - serial: A\n    host: [1\n", "line 4 (begun on line 3)", "no valid YAML"),
        ("devices:\n  - serial: 'A\n    unit: B\n", "line 4 (begun on line 2)", "no valid YAML"),
        ("devices:\n  - serial: a: b\n", "line 2", "no valid YAML"),
        ("- serial: A\n", "", "must begin with devices:"),
        ("device:\n  - serial: A\n", "line 1 key device", "Did you mean 'devices'?"),
        ("devices: many\n", "line 1 key devices", "a list of devices"),
        ("devices:\n  - A\n", "line 2", "is no device"),
        ("devices:\n  - serial: A\x07\n", "", "no YAML"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path, text, where, words):
    devices, problems = _read(tmp_path, text)
    assert devices == []
    assert problems[0].startswith(f"devices.yaml {where}".strip())
    assert words in problems[0]


@pytest.mark.parametrize(
    "text", ["", "# nothing yet\n", "devices:\n", "devices: []\n", "devices: ~\n", "\ufeffdevices:\n"]
)
def test_a_list_without_devices_is_no_problem(tmp_path, text):
    assert _read(tmp_path, text) == ([], [])


def test_windows_line_ends_and_a_byte_order_mark_are_read(tmp_path):
    devices, problems = _read(tmp_path, "\ufeff" + ("devices:\n" + GOOD).replace("\n", "\r\n"))
    assert problems == []
    assert devices[0].host == "10.0.0.1"


def test_a_missing_file_says_how_it_comes_about(tmp_path):
    registry = read_registry(tmp_path / "none.yaml")
    assert registry.devices == []
    assert registry.unreadable
    assert "eabsensi device add" in str(registry.problems[0])


def test_the_example_at_the_root_is_a_good_file():
    example = Path(__file__).parents[2] / "devices.yaml"
    assert read_registry(example).problems == []


def test_the_commented_example_is_a_good_device(tmp_path):
    lines = (Path(__file__).parents[2] / "devices.yaml").read_text().splitlines()
    start = lines.index("# devices:")
    end = lines.index("", start)
    devices, problems = _read(tmp_path, "\n".join(line[2:] for line in lines[start:end]) + "\n")
    assert problems == []
    assert devices[0].comm_key == "dinkes"
