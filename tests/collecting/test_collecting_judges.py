"""What a poll brings is marked with it, and the daemon judges; a broken rule never stops collecting."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from small_city import City
from test_daemon import Running, is_kept, running
from waiting import until

from eabsensi.assessing.assessor import Assessor
from eabsensi.importing.dump import import_usb_dump

__all__ = ["running"]
ON = date(2025, 9, 2)  # a Tuesday
FIRST = datetime(2025, 9, 2, 7)


@pytest.fixture
def siti(city: City, owner: psycopg.Connection) -> int:
    """Post and enrol one person, PIN 1."""
    row = owner.execute("INSERT INTO employee (nip, name, kind) VALUES ('1', 'Siti', 'PNS') RETURNING id").fetchone()
    assert row is not None
    owner.execute(
        "INSERT INTO posting (employee_id, unit_code, valid_during) VALUES (%s, 'DINKES', '[2025-09-01,)')", row
    )
    owner.execute("INSERT INTO enrolment (pin, employee_id, valid_during) VALUES ('1', %s, '[2025-09-01,)')", row)
    return int(row[0])


def told(owner: psycopg.Connection, on: date = ON) -> list[tuple[str, str]]:
    return owner.execute(
        "SELECT status, cause FROM verdict_version WHERE on_date = %s ORDER BY version", (on,)
    ).fetchall()


def test_a_poll_marks_what_it_brings_and_what_it_closes(city: City, owner, siti: int) -> None:
    city.clock.shift = datetime(2025, 9, 5, tzinfo=UTC) - city.clock.now()
    terminal = city.add()
    terminal.punch("1", FIRST)
    assert city.poll().punches_new == 1
    assert owner.execute("SELECT in_use_from FROM device").fetchone() == (ON,)  # where its log begins
    assert Assessor(city.store, city.clock, None).run().judged > 0
    assert told(owner)[0][0] == "present"
    assert told(owner, ON + timedelta(days=1))[0][0] == "absent"  # the terminal was read past it and holds nothing
    assert owner.execute("SELECT count(*) FROM dirty_day").fetchone() == (0,)


def test_a_poll_that_fails_to_be_kept_leaves_no_mark(city: City, owner, siti: int) -> None:
    terminal = city.add()
    terminal.punch("1", FIRST)
    owner.execute("ALTER TABLE dirty_day RENAME TO elsewhere")
    with pytest.raises(Exception, match="dirty_day"):
        city.poll()
    owner.execute("ALTER TABLE elsewhere RENAME TO dirty_day")
    assert city.stored() == []
    assert city.poll().punches_new == 1


def test_a_usb_dump_marks_the_days_that_it_brings(city: City, owner, siti: int, tmp_path: Path) -> None:
    city.add()
    dump = tmp_path / "1_attlog.dat"
    dump.write_text(f"1\t{FIRST:%Y-%m-%d %H:%M:%S}\t1\t0\t1\t0\n")
    with city.store.begin() as connection:
        import_usb_dump(connection, "SIM0001", dump, city.clock.now())
    assert owner.execute("SELECT employee_id, on_date, cause FROM dirty_day").fetchall() == [(siti, ON, "USB dump")]


def test_the_daemon_judges_what_it_collects(city: City, owner, siti: int, running: Running) -> None:
    terminal = city.add("SIM0001")
    terminal.punch("1", FIRST)
    running.start()
    until(lambda: told(owner), "the day is judged")
    until(lambda: '"judged"' in running.logged(), "the log says so")
    assert any(json.loads(line).get("days") for line in running.logged().splitlines() if '"judged"' in line)


def test_rules_that_cannot_be_read_do_not_stop_collecting(
    city: City, owner, siti: int, running: Running, tmp_path: Path
) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "broken.yaml").write_text("parameters: [")
    running._environment["EABSENSI_POLICY"] = str(rules)
    terminal = city.add("SIM0001")
    terminal.punch("1", FIRST)
    running.start()
    until(lambda: "not judging" in running.logged(), "the log says so")
    until(lambda: is_kept(city, terminal), "the punch is kept")
    assert running.logged().count("not judging") == 1
    assert owner.execute("SELECT count(*) FROM dirty_day").fetchone() != (0,)
    assert told(owner) == []
