"""devices.yaml as the commands change it: one device changes, every other byte stays."""

from __future__ import annotations

import multiprocessing
import stat
import string
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eabsensi.devices.registry import Device, RegistryError, add_device, read_registry, remove_device, set_enabled

FILE = """\
# the city's terminals
devices:   # keep in order

  # --- health ---
  - serial: AAA1   # lobby
    host: 10.0.0.1
    unit: DINKES
    name: "Dinas Kesehatan"   # quoted

  # --- education ---
  - unit: DISDIK
    serial: BBB2
    host:     10.0.0.2
    enabled: false   # being repaired
  - {serial: CCC3, unit: DISDIK, host: 10.0.0.3}
# the end
"""
NEW = Device(serial="DDD4", unit="DINSOS", name="Dinas Sosial, lantai 2", host="10.0.0.4", comm_key="dinsos")


@pytest.fixture
def registry_file(tmp_path) -> Path:
    path = tmp_path / "devices.yaml"
    path.write_text(FILE)
    return path


def test_a_device_is_added_after_the_last_one(registry_file):
    add_device(registry_file, NEW)
    added = (
        "  - serial: DDD4\n    unit: DINSOS\n    name: Dinas Sosial, lantai 2\n    host: 10.0.0.4\n    port: 4370\n"
        "    transport: tcp\n    timezone: Asia/Jakarta\n    encoding: utf-8\n    comm_key: dinsos\n    enabled: true\n"
    )
    assert registry_file.read_text() == FILE.replace("# the end\n", added + "# the end\n")
    assert read_registry(registry_file).devices[-1] == NEW


def test_a_statement_of_use_is_written_as_it_is_read(registry_file):
    add_device(registry_file, replace(NEW, in_use_since=date(2026, 1, 5)))
    assert registry_file.read_text().endswith("    in_use_since: 2026-01-05\n# the end\n")
    assert read_registry(registry_file).devices[-1].in_use_since == date(2026, 1, 5)


def test_enabling_changes_one_word(registry_file):
    set_enabled(registry_file, "BBB2", True)
    assert registry_file.read_text() == FILE.replace("enabled: false ", "enabled: true ")


def test_disabling_adds_one_line(registry_file):
    set_enabled(registry_file, "AAA1", False)
    quoted = 'name: "Dinas Kesehatan"   # quoted\n'
    assert registry_file.read_text() == FILE.replace(quoted, quoted + "    enabled: false\n")


def test_disabling_works_in_an_entry_on_one_line(registry_file):
    set_enabled(registry_file, "CCC3", False)
    assert registry_file.read_text() == FILE.replace("10.0.0.3}", "10.0.0.3, enabled: false}")


@pytest.mark.parametrize("serial", ["AAA1", "BBB2", "CCC3"])
def test_removing_leaves_comments_and_the_others(registry_file, serial):
    remove_device(registry_file, serial)
    registry = read_registry(registry_file)
    assert registry.problems == []
    assert [device.serial for device in registry.devices] == [s for s in ("AAA1", "BBB2", "CCC3") if s != serial]
    for comment in (
        "# the city's terminals",
        "# keep in order",
        "# --- health ---",
        "# --- education ---",
        "# the end",
    ):
        assert comment in registry_file.read_text()


def test_removing_all_and_adding_one_leaves_a_good_file(registry_file):
    for serial in ("AAA1", "BBB2", "CCC3"):
        remove_device(registry_file, serial)
    assert read_registry(registry_file).problems == []
    add_device(registry_file, NEW)
    assert read_registry(registry_file).devices == [NEW]


@pytest.mark.parametrize(
    "text", [None, "", "# only a comment\n", "devices:\n", "devices: []\n", "devices: [] # none\n"]
)
def test_the_first_device_is_added_to_any_empty_list(tmp_path, text):
    path = tmp_path / "devices.yaml"
    if text is not None:
        path.write_text(text)
    add_device(path, NEW)
    assert read_registry(path) == read_registry(path)
    assert read_registry(path).devices == [NEW]
    assert "# none" in path.read_text() or not (text or "").endswith("# none\n")


def test_an_unknown_device_is_named_with_its_neighbour(registry_file):
    with pytest.raises(RegistryError, match=r"no device AAA2\. Did you mean 'AAA1'\?"):
        set_enabled(registry_file, "AAA2", True)
    assert registry_file.read_text() == FILE


def test_a_serial_that_is_there_is_not_added_again(registry_file):
    with pytest.raises(RegistryError, match="line 5 already has the device AAA1"):
        add_device(registry_file, Device(serial="aaa1".upper(), unit="X", name="X", host="10.0.0.9"))


def test_an_address_that_is_taken_is_not_added_again(registry_file):
    with pytest.raises(RegistryError, match=r"line 5: AAA1 already has the address 10\.0\.0\.1 port 4370"):
        add_device(registry_file, Device(serial="EEE5", unit="X", name="X", host="10.0.0.1"))


def test_a_device_that_the_file_could_not_read_back_is_not_written(registry_file):
    with pytest.raises(RegistryError, match="host: 'a b' is no address"):
        add_device(registry_file, Device(serial="EEE5", unit="X", name="X", host="a b"))
    assert registry_file.read_text() == FILE


def test_a_broken_file_is_not_edited(tmp_path):
    path = tmp_path / "devices.yaml"
    path.write_text("devices:\n\t- serial: A\n")
    with pytest.raises(RegistryError, match="line 2: a tab"):
        add_device(path, NEW)
    assert path.read_text() == "devices:\n\t- serial: A\n"


def test_windows_line_ends_stay(tmp_path):
    path = tmp_path / "devices.yaml"
    path.write_bytes(FILE.replace("\n", "\r\n").encode())
    add_device(path, NEW)
    set_enabled(path, "AAA1", False)
    content = path.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")
    assert len(read_registry(path).devices) == 4


def test_the_file_keeps_its_mode_and_leaves_no_other_behind(registry_file):
    registry_file.chmod(0o640)
    add_device(registry_file, NEW)
    assert stat.S_IMODE(registry_file.stat().st_mode) == 0o640
    assert [path.name for path in registry_file.parent.iterdir()] == ["devices.yaml"]


def test_a_link_stays_a_link(registry_file, tmp_path):
    link = tmp_path / "link.yaml"
    link.symlink_to(registry_file)
    add_device(link, NEW)
    assert link.is_symlink()
    assert read_registry(registry_file).devices[-1] == NEW


def _add(path: Path, number: int) -> None:
    add_device(path, Device(serial=f"P{number}", unit="X", name="X", host=f"10.1.0.{number}"))


def test_two_commands_at_once_lose_no_edit(tmp_path):
    path = tmp_path / "devices.yaml"
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        pool.starmap(_add, [(path, number) for number in range(1, 13)])
    assert {device.serial for device in read_registry(path).devices} == {f"P{number}" for number in range(1, 13)}


SERIALS = st.one_of(
    st.from_regex(r"[A-Z0-9]{1,12}", fullmatch=True),
    st.sampled_from(["0123456789012", "1e5", "4E12", "0x1F", "true", "null", "no", "1.5", "1_0"]),
)
PRINTABLE = st.one_of(st.just(" "), st.characters(exclude_categories=["C", "Z"]), st.sampled_from(string.punctuation))
NAMES = st.text(PRINTABLE, min_size=1, max_size=30).map(lambda text: text.strip() or "-")
DEVICES = st.builds(
    Device,
    serial=SERIALS,
    unit=NAMES,
    name=NAMES,
    host=st.integers(1, 2**32 - 2).map(lambda number: ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))),
    port=st.integers(1, 65535),
    transport=st.sampled_from(["tcp", "udp"]),
    live=st.booleans(),
    enabled=st.booleans(),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    devices=st.lists(
        DEVICES, max_size=5, unique_by=(lambda device: device.serial.lower(), lambda device: device.address)
    )
)
def test_what_is_added_is_read_back_exactly(tmp_path, devices):
    path = tmp_path / "devices.yaml"
    path.unlink(missing_ok=True)
    for device in devices:
        add_device(path, device)
    if devices:
        assert read_registry(path).problems == []
        assert read_registry(path).devices == devices
    for device in devices:
        set_enabled(path, device.serial, not device.enabled)
    for device in devices[1:]:
        remove_device(path, device.serial)
    assert [device.serial for device in read_registry(path).devices] == [device.serial for device in devices[:1]]
