"""assess and period, as HR runs them."""

from __future__ import annotations

import pytest

BUDI, SITI = "198503172010012003", "199001022015032004"


@pytest.fixture
def read(city, owner):
    """A city whose terminals have been read past October 2026, and where Budi came on one day."""
    owner.execute(
        "INSERT INTO poll (device_id, collector, started_at, finished_at, mode, outcome, records_read, punches_new,"
        " bytes_sent, bytes_received, round_trips, clock_offset_seconds, complete_through)"
        " SELECT id, 'test', at, at, 'tail', 'ok', 0, 0, 0, 0, 0, 0, at"
        " FROM device, (VALUES (timestamptz '2025-11-01 06:00+07')) AS polled (at)"
    )
    owner.execute(
        "INSERT INTO punch (device_id, pin, device_time, ordinal, punched_at, source, clock_offset_seconds,"
        " received_at, raw) SELECT id, '7', '2025-10-07 07:00', 0, '2025-10-07 07:00+07', 'log', 0,"
        " '2025-10-07 07:05+07', '' FROM device WHERE serial = 'AAA111'"
    )
    return city


def test_assess_judges_a_stretch_and_says_what_differed(read, owner):
    done = read("assess", "--from", "2025-10-06", "--to", "2025-10-08", "--unit", "DINKES", "--reason", "new bands")
    assert (done.code, done.out) == (0, "6 employee-days judged, 6 of them differently than before.\n")
    again = read("assess", "--from", "2025-10-06", "--to", "2025-10-08", "--json")
    assert again.json == {"judged": 6, "changed": 0, "addenda": 0}
    kept = owner.execute(
        "SELECT status, cause FROM verdict JOIN employee ON id = employee_id WHERE nip = %s ORDER BY on_date", (BUDI,)
    ).fetchall()
    assert [row[0] for row in kept] == ["absent", "present", "absent"]
    assert {row[1] for row in kept} == {"judged again: new bands"}


def test_assess_refuses_what_makes_no_sense(read):
    assert read("assess", "--from", "2025-10-08", "--to", "2025-10-06").code == 2
    wrong = read("assess", "--from", "2025-10-06", "--to", "2025-10-06", "--unit", "DINKE")
    assert (wrong.code, "Did you mean DINKES?" in wrong.err) == (2, True)


def test_a_month_is_closed_shown_and_reopened(read, owner):
    asked = ("--month", "2025-10", "--unit", "DINKES")
    assert "was never closed" in read("period", "show", *asked).out
    closed = read("period", "close", *asked, "--by", "hr")
    assert closed.code == 0, closed.err
    assert closed.out.startswith("2025-10 of DINKES is closed through 2025-10-31, version 1.\nsha256 ")
    assert read("period", "close", *asked).code == 1
    shown = read("period", "show", *asked, "--json")
    assert [(item["state"], item["by"], item["whole"]) for item in shown.json] == [("closed", "hr", True)]
    assert read("period", "reopen", *asked, "--reason", " ").code == 2
    opened = read("period", "reopen", *asked, "--reason", "appeal", "--by", "head")
    assert opened.out == "2025-10 of DINKES is open again (version 2): appeal\n"
    trail = [(row["account"], row["action"], row["unit"], row["subject"]) for row in read("trail", "--json").json]
    assert ("hr", "close-period", "DINKES", "2025-10") in trail
    assert ("head", "reopen-period", "DINKES", "2025-10") in trail
    listed = read("period", "show", *asked).out
    assert "reopened" in listed
    assert "appeal" in listed
    owner.execute('UPDATE period_row SET content = content || \'{"nip": "other"}\'')
    changed = read("period", "show", *asked)
    assert changed.code == 1
    assert "They are not those that were closed." in changed.err


def test_a_month_with_open_days_names_them_and_closes_with_a_reason(read, owner):
    owner.execute("UPDATE poll SET complete_through = '2025-10-30 06:00+07'")
    asked = ("--month", "2025-10", "--unit", "DINKES")
    refused = read("period", "close", *asked)
    assert refused.code == 1
    assert f"{BUDI} Budi Santoso, 2025-10-30: undetermined" in refused.err
    assert "--reason" in refused.err
    assert read("period", "close", *asked, "--reason", "terminal burnt down").code == 0
