"""eabsensi device add, probe, users, audit; poll; status; doctor: the commands that talk to terminals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from typer.testing import CliRunner

from eabsensi.cli.main import app
from eabsensi.devices.attlog import Layout
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.devices.simulator.users import User

FIRST = datetime(2026, 9, 1, 7, 0)
USERS = [User(1, "7", "Budi Santoso"), User(2, "007", "Siti Aminah"), User(3, "99", "Tamu")]


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet() as fleet:
        yield fleet


@pytest.fixture
def terminal(fleet: Fleet) -> Terminal:
    terminal = fleet.add(TerminalConfig(serial="CJDE2026001", users=USERS, device_name="F18"))
    terminal.fill(120, FIRST)
    return terminal


def at(terminal: Terminal) -> tuple[str, ...]:
    transport = "udp" if terminal.config.transport == "udp" else "tcp"
    return (terminal.host, "--port", str(terminal.port), "--transport", transport)


def forget_others(city) -> None:
    city.devices_file.write_text("devices: []\n")


def test_a_terminal_is_probed_without_being_touched(city, terminal) -> None:
    terminal.set_clock(offset=timedelta(seconds=90))
    shown = city("device", "probe", *at(terminal), "--json").json
    assert (shown["serial"], shown["model"], shown["layout"], shown["tail_ok"]) == ("CJDE2026001", "F18", "40", "yes")
    assert shown["records"] == "120 of 100,000"
    assert shown["clock_offset"] in {"+89 s", "+90 s", "+91 s"}
    assert shown["matched"] == "1 of 3 users are known employees"
    assert [match["pin"] for match in shown["unmatched"]] == ["007", "99"]
    assert shown["unmatched"][0]["suggestion"] == "199001022015032004"
    assert terminal.forbidden_seen == []
    assert terminal.open_sessions == 0


def test_a_terminal_is_added_and_then_read(city, terminal, owner) -> None:
    outcome = city("device", "add", *at(terminal), "--unit", "DINKES", "--name", "Lobi", "--yes")
    assert outcome.code == 0, outcome.err
    assert "CJDE2026001 is registered" in outcome.out
    assert "PIN 99" in outcome.err
    stored = "SELECT model, firmware, record_capacity FROM device WHERE serial = 'CJDE2026001'"
    assert owner.execute(stored).fetchone() == ("F18", "Ver 6.60 Apr 26 2016", 100_000)

    polled = city("poll", "CJDE2026001", "--json")

    assert polled.code == 0
    assert [(row["outcome"], row["punches_new"]) for row in polled.json] == [("ok", 120)]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--unit", "DINKES", "--serial", "OTHER"), "answers as CJDE2026001, not as OTHER"),
        (("--unit", "NOWHERE"), "There is no unit NOWHERE"),
    ],
)
def test_what_cannot_be_right_is_refused_with_a_sentence(city, terminal, words, sentence) -> None:
    before = city.devices_file.read_text()
    outcome = city("device", "add", *at(terminal), *words, "--yes")
    assert outcome.code == 1
    assert sentence in outcome.err
    assert city.devices_file.read_text() == before


def test_an_unknown_unit_is_refused_before_anybody_talks_to_the_terminal(city, terminal) -> None:
    terminal.go_offline()
    outcome = city("device", "add", *at(terminal), "--unit", "NOWHERE", "--yes")
    assert (outcome.code, outcome.out) == (1, "")
    assert "There is no unit NOWHERE. Look with `eabsensi unit list`" in outcome.err


@pytest.mark.parametrize("answer", ["", "n\n"])
def test_without_a_yes_nothing_is_written_and_the_sentence_says_so(city, terminal, answer) -> None:
    before = city.devices_file.read_text()
    arguments = ["device", "add", *at(terminal), "--unit", "DINKES"]
    result = CliRunner().invoke(app, arguments, env=city.environment, input=answer)
    assert result.exit_code == 1
    assert result.stderr.partition("[y/N]:")[2].strip() == (
        "Error: CJDE2026001 was not registered and nothing was written, since nobody answered yes. "
        "Answer y, or give --yes, which answers for you."
    )
    assert "Aborted" not in result.stderr
    assert city.devices_file.read_text() == before


def test_a_yes_that_is_typed_registers(city, terminal) -> None:
    arguments = ["device", "add", *at(terminal), "--unit", "DINKES"]
    result = CliRunner().invoke(app, arguments, env=city.environment, input="y\n")
    assert (result.exit_code, "is registered" in result.stdout) == (0, True)


def test_since_when_a_terminal_is_in_use_can_be_stated_and_is_shown_beside_what_its_log_shows(city, terminal) -> None:
    words = ("--unit", "DINKES", "--in-use-since", "2026-08-03", "--yes")
    assert city("device", "add", *at(terminal), *words).code == 0
    assert "    in_use_since: 2026-08-03\n" in city.devices_file.read_text()
    assert city("device", "show", "CJDE2026001", "--json").json["in_use_since"] == "2026-08-03"
    assert city("device", "remove", "CJDE2026001").code == 0
    removed = city("device", "show", "CJDE2026001", "--json").json
    assert removed["in_use_since"] == "2026-08-03"  # what was stated of it holds for its days


def test_a_statement_that_is_no_date_is_refused(city, terminal) -> None:
    outcome = city("device", "add", *at(terminal), "--unit", "DINKES", "--in-use-since", "Januari", "--yes")
    assert outcome.code == 2
    assert "--in-use-since: 'Januari' is no date. Write year, month and day, e.g. 2026-01-05." in outcome.err


def test_a_terminal_is_not_registered_twice(city, terminal) -> None:
    assert city("device", "add", *at(terminal), "--unit", "DINKES", "--yes").code == 0
    again = city("device", "add", *at(terminal), "--unit", "PKM1", "--yes")
    assert again.code == 1
    assert "CJDE2026001 is registered already, for unit DINKES" in again.err


def test_another_terminal_at_a_taken_address_is_refused(city, terminal) -> None:
    assert city("device", "add", *at(terminal), "--unit", "DINKES", "--yes").code == 0
    terminal.swap_serial("CJDE2026999")
    outcome = city("device", "add", *at(terminal), "--unit", "DINKES", "--yes")
    assert outcome.code == 1
    assert "is registered for CJDE2026001, but CJDE2026999 answers there" in outcome.err


def test_a_terminal_that_is_not_there_is_a_sentence(city, terminal) -> None:
    terminal.go_offline()
    outcome = city("device", "probe", *at(terminal))
    assert outcome.code == 1
    assert "cannot be reached over TCP" in outcome.err
    assert "Check power, cable, address" in outcome.err


def test_a_comm_key_is_named_never_shown(city, fleet, monkeypatch) -> None:
    locked = fleet.add(TerminalConfig(serial="CJDE2026002", comm_key=271828))
    assert "asks for a comm key" in city("device", "probe", *at(locked)).err
    missing = city("device", "probe", *at(locked), "--comm-key", "dinkes")
    assert missing.code == 1
    assert "EABSENSI_COMM_KEY_DINKES" in missing.err
    city.environment["EABSENSI_COMM_KEY_DINKES"] = "271828"
    good = city("device", "probe", *at(locked), "--comm-key", "dinkes")
    assert good.code == 0
    assert "271828" not in good.out + good.err


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("layout", list(Layout))
def test_every_kind_of_terminal_is_recognised(city, fleet, layout, transport) -> None:
    terminal = fleet.add(TerminalConfig(serial="CJDE2026003", layout=layout, transport=transport))
    terminal.fill(900, FIRST)
    shown = city("device", "probe", *at(terminal), "--json").json
    assert (shown["layout"], shown["tail_ok"]) == (str(layout), "yes")


def test_a_terminal_whose_tail_reads_lie_is_recognised(city, terminal) -> None:
    terminal.fill(2_000, FIRST)
    terminal.lie_about_offsets("zero")
    assert city("device", "probe", *at(terminal), "--json").json["tail_ok"].startswith("no")


def test_an_enrolment_that_no_user_of_the_terminal_has_is_taken_with_a_warning(city, terminal) -> None:
    assert city("device", "add", *at(terminal), "--unit", "DINKES", "--yes").code == 0
    rows = "serial,pin,nip,from\nCJDE2026001,0099,198503172010012003,2026-09-01\n"
    pins = city.write("pins.csv", rows + "*,abc,198503172010012003,2026-09-01\n")
    outcome = city("enrolment", "import", pins)
    assert (outcome.code, outcome.out) == (0, "Enrolments: 2 new, 0 changed, 0 as before, 0 refused.\n")
    told, count = outcome.err.splitlines()
    assert told.startswith("pins.csv line 2 column pin: CJDE2026001 had no user 0099 when its users were last read on ")
    assert "Did you mean '99'?" in told
    assert count == "1 row was taken with a doubt; please check."
    again = city("enrolment", "import", pins, "--json")
    assert (again.code, again.json["unchanged"], again.json["doubtful"]) == (0, 2, 1)
    assert [problem["where"] for problem in again.json["problems"]] == ["pins.csv line 2 column pin"]


def test_users_are_listed_beside_employees(city, terminal) -> None:
    city("device", "add", *at(terminal), "--unit", "DINKES", "--yes")
    shown = city("device", "users", "CJDE2026001", "--json").json
    assert [(user["pin"], user["nip"]) for user in shown] == [("7", "198503172010012003"), ("007", None), ("99", None)]


def test_the_name_on_a_terminal_suggests_whose_an_unmapped_pin_is(city, terminal) -> None:
    forget_others(city)
    city("device", "add", *at(terminal), "--unit", "DINKES", "--yes")
    lines = [f"007\t2026-03-{day:02} 07:20:00\t1\t0\t1\t0\n" for day in range(2, 4)]
    dump = city.write("attlog.dat", "".join(lines))
    assert city("punch", "import", "--device", "CJDE2026001", dump).code == 0
    [found] = city("enrolment", "unmapped", "--device", "CJDE2026001", "--json").json
    assert (found["pin"], found["punches"], found["steady"]) == ("007", 2, False)
    assert [(match["nip"], match["likeness"]) for match in found["suggestions"]] == [("199001022015032004", 100)]
    assert "199001022015032004 Siti Aminah, PKM1 (100 %), has PIN 007" in city("enrolment", "unmapped").out


def test_an_audit_proves_the_log(city, terminal) -> None:
    city("device", "add", *at(terminal), "--unit", "DINKES", "--yes")
    outcome = city("device", "audit", "CJDE2026001")
    assert outcome.code == 0
    assert "120 counted, 120 read, 120 stored" in outcome.out


def test_a_poll_with_dead_terminals_is_done_in_part(city, terminal, fleet) -> None:
    forget_others(city)
    dead = fleet.add(TerminalConfig(serial="CJDE2026004"))
    for one in (terminal, dead):
        assert city("device", "add", *at(one), "--unit", "DINKES", "--yes").code == 0
    dead.go_offline()
    outcome = city("poll")
    assert outcome.code == 3
    assert "1 of 2 terminals read, 120 new punches." in outcome.out
    assert "unreachable" in outcome.out
    health = {row["serial"]: row for row in city("status", "--json").json}
    assert health["CJDE2026004"]["alarms"] == ["unreachable"]
    assert health["CJDE2026001"]["alarms"] == []
    assert "2 terminals, 1 with alarms." in city("status").out
    examined = city("doctor")
    assert examined.code == 3
    assert "device CJDE2026004 (DINKES): unreachable." in examined.err


def test_polling_an_unknown_device_is_wrong_usage(city) -> None:
    outcome = city("poll", "NOPE")
    assert outcome.code == 2
    assert "There is no device NOPE" in outcome.err


def test_a_healthy_installation_wants_nothing(city, terminal) -> None:
    forget_others(city)
    city("device", "add", *at(terminal), "--unit", "DINKES", "--yes")
    assert city("poll").code == 0
    outcome = city("doctor")
    assert outcome.code == 0
    assert "Nothing wants attention." in outcome.out
