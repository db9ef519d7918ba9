"""eabsensi punch: a USB dump goes in once, and comes out with the NIP of whoever the PIN was that day."""

from __future__ import annotations

import csv
import io
import json

import pytest

DUMP = (
    "\ufeff        7\t2026-01-05 07:10:00\t1\t0\t1\t0\r\n"
    "      007\t2026-01-05 07:11:00\t1\t0\t15\t0\r\n"
    "        9\t2026-01-05 07:12:00\t1\t0\t1\t0\r\n"
    "        7\t2026-01-05 16:00:00\t1\t1\t1\t0\r\n"
)


def _exported(program, *arguments):
    outcome = program("punch", "export", "--from", "2026-01-01", "--to", "2026-01-31", *arguments)
    assert outcome.code == 0, outcome.err
    return list(csv.DictReader(io.StringIO(outcome.out)))


def test_a_dump_goes_in_once_and_comes_out_with_names(city):
    dump = city.write("attlog.dat", DUMP)
    outcome = city("punch", "import", "--device", "AAA111", dump)
    assert (outcome.code, outcome.out) == (0, "Punches: 4 new, 0 changed, 0 as before, 0 refused.\n")
    again = city("punch", "import", "--device", "AAA111", dump)
    assert (again.code, again.out) == (0, "Punches: 0 new, 0 changed, 4 as before, 0 refused.\n")
    rows = _exported(city)
    assert [(row["pin"], row["nip"], row["device_time"]) for row in rows] == [
        ("7", "198503172010012003", "2026-01-05T07:10:00"),
        ("007", "199001022015032004", "2026-01-05T07:11:00"),
        ("9", "", "2026-01-05T07:12:00"),
        ("7", "198503172010012003", "2026-01-05T16:00:00"),
    ]
    assert rows[0]["punched_at"] == "2026-01-05T00:10:00+00:00"
    assert (rows[1]["verify_mode"], rows[3]["punch_state"], rows[0]["source"]) == ("15", "1", "usb")
    assert list(rows[0]) == [
        "serial",
        "unit",
        "pin",
        "nip",
        "device_time",
        "punched_at",
        "verify_mode",
        "punch_state",
        "source",
        "received_at",
    ]


def test_a_workbook_is_refused_in_one_sentence(city):
    outcome = city("punch", "import", "--device", "AAA111", city.write("attlog.xlsx", "PK\x03\x04\nx\ny\n"))
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.count("\n") == 1
    assert "attlog.xlsx is a workbook and no USB dump of a terminal. Take the file that the" in outcome.err


@pytest.mark.parametrize(
    ("content", "what"),
    [("", "is empty"), (" \r\n\n", "is empty"), ("AAA111\n", "holds no punch"), ("AAA111\n3F\n", "holds no punch")],
)
def test_a_dump_in_which_nothing_stands_is_refused_in_one_sentence(city, content, what):
    outcome = city("punch", "import", "--device", "AAA111", city.write("attlog.dat", content))
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.count("\n") == 1
    assert f"attlog.dat {what}; nothing was written. Compare with the file on the USB stick;" in outcome.err


def test_a_devices_own_enrolment_wins_over_that_of_every_device(city):
    own = "serial,pin,nip,from\nAAA111,7,199001022015032004,2026-01-05\n"
    assert city("enrolment", "import", city.write("own.csv", own)).code == 0
    for serial in ("AAA111", "BBB222"):
        city(
            "punch",
            "import",
            "--device",
            serial,
            city.write("attlog.dat", "7\t2026-01-04 07:00:00\n7\t2026-01-05 07:00:00\n"),
        )
    found = {(row["serial"], row["device_time"][:10]): row["nip"] for row in _exported(city)}
    assert found == {
        ("AAA111", "2026-01-04"): "198503172010012003",
        ("AAA111", "2026-01-05"): "199001022015032004",
        ("BBB222", "2026-01-04"): "198503172010012003",
        ("BBB222", "2026-01-05"): "198503172010012003",
    }


def test_broken_lines_are_told_and_the_good_ones_kept(city):
    text = DUMP + "garbage\r\n7\t2026-02-31 07:00:00\t1\t0\t1\t0\r\n"
    outcome = city("punch", "import", "--device", "AAA111", city.write("attlog.dat", text))
    assert outcome.code == 3
    assert "attlog.dat line 5: the line is no punch ('garbage')" in outcome.err
    assert "attlog.dat line 6: 2026-02-31 07:00:00 is no time of the calendar" in outcome.err
    assert len(_exported(city)) == 4


def test_the_dump_of_another_device_is_refused(city):
    outcome = city("punch", "import", "--device", "AAA111", city.write("BBB222_attlog.dat", DUMP))
    assert outcome.code == 1
    assert "comes from the device BBB222, as its name says, not from AAA111" in outcome.err
    assert "--device BBB222" in outcome.err
    outcome = city(
        "punch", "import", "--device", "AAA111", city.write("1_attlog.dat", "BBB222\r\n" + DUMP[1:] + "12AF\r\n")
    )
    assert "as its first line says" in outcome.err
    assert _exported(city) == []


def test_a_dump_of_an_unknown_device_is_refused(city):
    outcome = city("punch", "import", "--device", "AAA11", city.write("attlog.dat", DUMP))
    assert outcome.code == 1
    assert "There is no device AAA11. Did you mean 'AAA111'?" in outcome.err


def test_an_export_can_be_narrowed_and_written_as_json_lines(city):
    city("punch", "import", "--device", "AAA111", city.write("attlog.dat", DUMP))
    city("punch", "import", "--device", "BBB222", city.write("attlog.dat", "7\t2026-01-05 07:00:00\t1\t0\t1\t0\n"))
    assert {row["serial"] for row in _exported(city, "--device", "BBB222")} == {"BBB222"}
    assert {row["serial"] for row in _exported(city, "--unit", "PKM1")} == {"BBB222"}
    assert len(_exported(city, "--unit", "DINKES")) == 5
    output = city.folder / "punches.jsonl"
    assert _exported(city, "--format", "jsonl", "-o", output) == []
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert len(rows) == 5
    assert (rows[0]["serial"], rows[0]["verify_mode"], rows[0]["device_time"]) == ("BBB222", 1, "2026-01-05T07:00:00")


def test_the_last_day_is_included_and_the_next_is_not(city):
    text = "7\t2026-01-31 23:59:59\t1\t0\t1\t0\n7\t2026-02-01 00:00:00\t1\t0\t1\t0\n"
    city("punch", "import", "--device", "AAA111", city.write("attlog.dat", text))
    assert [row["device_time"] for row in _exported(city)] == ["2026-01-31T23:59:59"]


def test_days_that_do_not_go_together_are_wrong_usage(city):
    outcome = city("punch", "export", "--from", "2026-02-01", "--to", "2026-01-01")
    assert outcome.code == 2
    assert "--to 2026-01-01 is before --from 2026-02-01" in outcome.err


def test_an_unknown_unit_is_refused(city):
    outcome = city("punch", "export", "--from", "2026-01-01", "--to", "2026-01-01", "--unit", "NONE")
    assert outcome.code == 1
    assert "There is no unit NONE" in outcome.err
