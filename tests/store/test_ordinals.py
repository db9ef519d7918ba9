"""Identity of a punch: device, pin, device time, and its place among that pin's records of that second."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from stored_terminal import touch

from eabsensi.devices.attlog import UnreadableRecord
from eabsensi.devices.logposition import Continuity
from eabsensi.store import ingest
from eabsensi.store.devicelog import count_stored
from eabsensi.store.placing import StoredPunches, microseconds_of
from eabsensi.store.tables import punch, punch_sighting, unreadable_record


@pytest.fixture(params=["arrays", "copy"])
def way(request, monkeypatch):
    """Run a test by each of the two ways into the table."""
    if request.param == "copy":
        monkeypatch.setattr(ingest, "MANY", 1)
    return request.param


def test_the_same_second_twice_in_one_log_is_two_punches(terminal, way):
    result = terminal.reread(touch("07:30:00"), touch("07:30:00"))

    assert (result.new, result.known) == (2, 0)
    assert terminal.stored() == [("7", "07:30:00", 0, "log"), ("7", "07:30:00", 1, "log")]


def test_a_tail_that_goes_on_in_the_last_second_keeps_its_punch(terminal, way):
    terminal.reread(touch("07:30:00"))
    result = terminal.tail(touch("07:30:00"), touch("07:30:00"), touch("07:35:00"))

    assert result.new == 3
    assert [ordinal for _, clock, ordinal, _ in terminal.stored() if clock == "07:30:00"] == [0, 1, 2]


def test_a_clock_set_back_brings_a_second_again_and_it_is_kept(terminal, way):
    terminal.reread(touch("07:30:00"), touch("08:00:00"))
    result = terminal.tail(touch("07:30:00", state=1))

    assert result.new == 1
    assert ("7", "07:30:00", 1, "log") in terminal.stored()


def test_reading_the_whole_log_again_changes_nothing(terminal, way):
    log = [touch("07:30:00"), touch("07:30:00"), touch("07:30:00", "007"), touch("16:00:00")]
    terminal.tail(*log[:1])
    terminal.tail(*log[1:])
    before = terminal.stored()
    result = terminal.reread(*log)

    assert (result.new, result.known, result.touched) == (0, 4, frozenset())
    assert terminal.stored() == before


def test_a_reread_adds_only_what_is_missing_and_says_which_days_it_touches(terminal, way):
    terminal.reread(touch("07:30:00"))
    result = terminal.reread(touch("07:30:00"), touch("16:00:00", "9", day="2026-03-03"))

    assert (result.new, result.known) == (1, 1)
    assert {(pin, day.isoformat()) for pin, day in result.touched} == {("9", "2026-03-03")}


def test_after_a_clear_the_same_second_again_is_a_new_punch(terminal, way):
    terminal.reread(touch("07:30:00"), touch("07:30:00"))
    assert terminal.restarted(touch("07:30:00")).new == 1
    assert terminal.reread(touch("07:30:00"), touch("08:00:00")).new == 1
    assert terminal.tail(touch("07:30:00")).new == 1

    assert [ordinal for _, clock, ordinal, _ in terminal.stored() if clock == "07:30:00"] == [0, 1, 2, 3]
    assert terminal.load().generation == 2


def test_a_cleared_log_that_comes_back_from_a_backup_is_not_doubled(terminal, way):
    old = [touch("07:30:00"), touch("07:30:00"), touch("16:00:00")]
    terminal.reread(*old)
    terminal.restarted(touch("08:00:00", "9"))
    result = terminal.reread(*old, touch("08:00:00", "9"), touch("08:05:00", "9"))

    assert (result.new, result.known) == (1, 4)
    assert terminal.tail(touch("08:05:00", "9")).new == 1
    assert terminal.reread(*old, touch("08:00:00", "9"), touch("08:05:00", "9"), touch("08:05:00", "9")).new == 0


def test_usb_first_and_then_the_log_is_one_punch(terminal, way):
    assert terminal.usb(touch("07:30:00"), touch("07:30:00")).new == 2
    result = terminal.reread(touch("07:30:00"), touch("07:30:00"))

    assert (result.new, result.known) == (0, 2)
    assert [source for *_, source in terminal.stored()] == ["usb", "usb"]


def test_the_log_first_and_then_usb_is_one_punch(terminal, way):
    terminal.reread(touch("07:30:00"))
    result = terminal.usb(touch("07:30:00"), touch("16:00:00"))

    assert (result.new, result.known, result.poll_id) == (1, 1, None)
    assert [source for *_, source in terminal.stored()] == ["log", "usb"]


def test_a_tail_meets_the_usb_rows_it_has_not_shown_yet(terminal, way):
    terminal.reread(touch("07:00:00"))
    terminal.usb(touch("07:00:00"), touch("07:30:00"))
    assert terminal.tail(touch("07:30:00")).new == 0


def test_a_second_touch_after_usb_and_log_have_met_is_not_taken_for_the_first(terminal, way):
    terminal.usb(touch("07:30:00"))
    terminal.tail(touch("07:30:00"))
    result = terminal.tail(touch("07:30:00"))

    assert result.new == 1
    assert terminal.stored() == [("7", "07:30:00", 0, "usb"), ("7", "07:30:00", 1, "log")]


def test_a_second_after_a_clear_is_not_taken_for_one_that_usb_and_log_had_shown(terminal, way):
    terminal.usb(touch("07:30:00"))
    terminal.reread(touch("07:30:00"))
    assert terminal.restarted(touch("07:30:00")).new == 1


def test_importing_the_same_dump_twice_changes_nothing(terminal, way):
    dump = touch("07:30:00"), touch("07:30:00"), touch("16:00:00")
    terminal.usb(*dump)
    assert terminal.usb(*dump).new == 0


def test_pins_differ_by_their_leading_zeros(terminal, way):
    assert terminal.reread(touch("07:30:00", "7"), touch("07:30:00", "07")).new == 2


def test_facts_of_a_punch_are_kept_as_recorded(terminal, way):
    seen = touch("07:30:00")._replace(verify_mode=15, punch_state=255, workcode=4_294_967_295)
    bare = touch("08:30:00")._replace(verify_mode=None, punch_state=None)
    result = terminal.reread(seen, bare, clock_offset_seconds=-2.5)

    with terminal.store.begin() as conn:
        first, second = conn.execute(select(punch).order_by(punch.c.device_time)).all()
    assert (first.verify_mode, first.punch_state, first.workcode) == (15, 255, 4_294_967_295)
    assert (second.verify_mode, second.punch_state, second.workcode) == (None, None, None)
    assert first.punched_at.isoformat() == "2026-03-02T00:30:00+00:00"
    assert (first.raw, first.poll_id, first.clock_offset_seconds) == (seen.raw, result.poll_id, -2.5)


def test_a_row_that_somebody_inserted_meanwhile_is_known_and_no_failure(terminal, way, monkeypatch):
    terminal.reread(touch("07:30:00"))
    for name in ("stored_of_few", "stored_of_many"):  # as if the row had come after they looked
        monkeypatch.setattr(ingest.punchrows, name, lambda *_: StoredPunches())
    result = terminal.reread(touch("07:30:00"), touch("16:00:00"))

    assert (result.new, result.known) == (1, 1)
    assert len(terminal.stored()) == 2


def test_unreadable_records_follow_the_same_rule(terminal):
    bad = UnreadableRecord(b"\xff" * 40, "31 February", "7")
    other = UnreadableRecord(b"\xfe" * 40, "31 February", "7")
    read = [
        terminal.read(Continuity.REREAD, (), [bad, bad]).unreadable_new,
        terminal.read(Continuity.REREAD, (), [bad, bad, other]).unreadable_new,
        terminal.read(Continuity.TAIL, (), [bad]).unreadable_new,
        terminal.read(Continuity.RESTARTED, (), [bad]).unreadable_new,
    ]
    assert read == [2, 1, 1, 1]
    with terminal.store.begin() as conn:
        rows = conn.execute(select(unreadable_record.c.ordinal).where(unreadable_record.c.raw == bad.raw)).scalars()
        assert sorted(rows) == [0, 1, 2, 3]


BLANK = UnreadableRecord(bytes(8), "no PIN", "")


def test_unreadable_records_of_a_log_that_was_cleared_are_none_of_the_present_one(terminal):
    terminal.read(Continuity.REREAD, [touch("07:30:00")], [BLANK, BLANK])
    terminal.read(Continuity.RESTARTED, [touch("09:00:00")], [BLANK])
    grown = [touch("09:00:00"), touch("09:05:00")], [BLANK, BLANK]
    read = [terminal.read(Continuity.REREAD, *grown).unreadable_new for _ in range(2)]
    assert read == [1, 0]


@pytest.mark.parametrize("restored", [["07:30:00"], ["07:30:00", "09:00:00"]])
def test_unreadable_records_come_back_with_the_punches_around_them(terminal, restored):
    terminal.read(Continuity.REREAD, [touch("07:30:00")], [BLANK, BLANK])
    terminal.read(Continuity.RESTARTED, [touch("09:00:00")], [BLANK])
    blanks = [BLANK] * (len(restored) + 1)
    assert terminal.read(Continuity.REREAD, [touch(at) for at in restored], blanks).unreadable_new == 0
    assert terminal.read(Continuity.REREAD, [touch(at) for at in restored], [*blanks, BLANK]).unreadable_new > 0


def test_an_unreadable_line_longer_than_an_index_entry_is_kept(terminal):
    line = UnreadableRecord(b"x" * 100_000, "no time", "")
    assert terminal.usb(unreadable=[line, line]).unreadable_new == 2


def test_records_that_the_log_has_ever_shown_are_counted(terminal):
    terminal.usb(touch("07:30:00"), touch("07:31:00"))
    terminal.read(Continuity.REREAD, [touch("07:30:00"), touch("08:00:00")], [UnreadableRecord(b"?", "?", "")])
    with terminal.store.begin() as conn:
        assert count_stored(conn, terminal.device_id) == 3
    terminal.restarted(touch("09:00:00"))
    terminal.reread(touch("07:30:00"), touch("08:00:00"), touch("09:00:00"))
    with terminal.store.begin() as conn:
        assert count_stored(conn, terminal.device_id) == 4


def test_an_unread_device_has_nothing_stored(terminal):
    with terminal.store.begin() as conn:
        assert count_stored(conn, terminal.device_id) == 0


def test_sightings_name_the_poll_that_showed_them(terminal, way):
    terminal.usb(touch("07:30:00"))
    result = terminal.reread(touch("07:30:00"))
    with terminal.store.begin() as conn:
        row = conn.execute(select(punch_sighting)).one()
    assert (row.pin, row.ordinal, row.poll_id) == ("7", 0, result.poll_id)


SECONDS = st.lists(st.tuples(st.sampled_from("12"), st.sampled_from(["07:30:00", "07:30:01"])), max_size=8)
STEPS = st.lists(st.tuples(st.sampled_from(["tail", "reread", "clear", "usb"]), SECONDS), max_size=6)


@given(STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_a_log_is_read_each_record_is_stored_once(terminal, steps):
    with terminal.store.begin_as_owner() as conn:
        conn.execute(text("TRUNCATE punch, punch_sighting, device_log, poll"))
    generations, read = [[]], 0
    for kind, seconds in steps:
        if kind == "clear":
            terminal.tail(*generations[-1][read:])  # what only a dump has shown cannot be told from what comes after
            generations.append([touch(clock, pin) for pin, clock in seconds])
            terminal.restarted(*generations[-1])
            read = len(generations[-1])
            continue
        log = generations[-1]
        log += [touch(clock, pin) for pin, clock in seconds]
        if kind == "usb":
            if len(generations) == 1:  # a dump does not say which generation it shows
                terminal.usb(*log)
            continue
        if kind == "tail" or len(generations) > 1:  # a reread cannot tell what comes again from what came back
            terminal.tail(*log[read:])
        if kind == "reread":
            terminal.reread(*log)
        read = len(log)
    terminal.tail(*generations[-1][read:])

    ever = sorted((one.pin, f"{one.device_time:%H:%M:%S}") for log in generations for one in log)
    assert [(pin, clock) for pin, clock, _, _ in terminal.stored()] == ever


def test_what_is_stored_is_found_the_same_by_both_ways(terminal):
    terminal.usb(touch("07:30:00", "é0"), touch("08:00:00", "9"))
    terminal.reread(touch("07:30:00", "é0"), touch("07:30:00", "é0"), touch("09:00:00", "9"))
    asked = [touch("07:30:00", "é0"), touch("08:00:00", "9"), touch("09:00:00", "9")]
    time = microseconds_of(asked[0].device_time)
    with terminal.store.begin() as conn, conn.connection.cursor() as cursor:
        few = ingest.punchrows.stored_of_few(cursor, terminal.device_id, asked, 2)
        many = ingest.punchrows.stored_of_many(cursor, terminal.device_id, asked, 2)
    assert few == many
    assert (few.times["é0"], few.later, few.seen["é0", time]) == ({time}, {("é0", time, 1)}, 2)
    assert few.only_usb == {("9", microseconds_of(asked[1].device_time), 0)}
