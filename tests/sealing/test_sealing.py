"""What the chain covers: everything, once, whenever it was committed, by however many sealers."""

from __future__ import annotations

import hashlib
import threading
import zlib
from datetime import UTC, date, timedelta

import pytest
from sealed_city import MARCH, MINUTE, START, touch
from waiting import until

from eabsensi.sealing import sealer
from eabsensi.sealing.chain import LATE, leaves_in
from eabsensi.sealing.heads import parse_head
from eabsensi.store.evidence import KINDS
from eabsensi.store.partitions import ensure_months
from eabsensi.store.seals import RetiredMonth, note_retired_month, parts_of
from eabsensi.store.tables import metadata


def sealed_keys(city):
    """Give the keys that the chain covers, kind to list."""
    with city.store.begin() as connection:
        found = {}
        for parts in parts_of(connection, 1, 1_000).values():
            for part in parts:
                found.setdefault(part.kind, []).extend(key for _, key in leaves_in(part.leaves))
        return found


def assert_all_sealed_once(city):
    found = city.verify()
    assert (found.broken, found.waiting) == (None, 0)
    keys = sealed_keys(city)
    assert {kind: len(keys[kind]) for kind in keys} == {kind: len(set(keys[kind])) for kind in keys}
    assert {kind.name: len(keys.get(kind.name, ())) for kind in KINDS} == {
        kind.name: city.count(kind.name) for kind in KINDS
    }


def test_everything_of_every_kind_is_sealed_once(sealed):
    assert_all_sealed_once(sealed)
    found = sealed.verify()
    assert (found.seals, found.late) == (6, 0)
    assert found.rows == sum(sealed.count(kind.name) for kind in KINDS)
    assert all(sealed.count(kind.name) for kind in KINDS)
    assert sealed.seal() == []


def test_every_column_that_the_application_can_only_add_is_covered(owner):
    append_only = """
        SELECT table_name::text FROM information_schema.table_privileges WHERE grantee = 'eabsensi_app'
        GROUP BY 1 HAVING string_agg(privilege_type, ' ' ORDER BY privilege_type) = 'INSERT SELECT'
    """
    tables = {name for (name,) in owner.execute(append_only)}
    # The chain proves itself; verdicts are worked out again from what is covered.
    assert {kind.name for kind in KINDS} == tables - {"seal", "seal_part", "verdict_version"}
    for kind in KINDS:
        assert set(kind.columns) == {column.name for column in metadata.tables[kind.name].columns}, kind.name
        assert set(kind.key) == {column.name for column in metadata.tables[kind.name].primary_key}, kind.name


def test_the_chain_can_be_worked_out_without_this_program(sealed, owner):
    """Follows what the decision page says a head is made of, with zlib and SHA-256 alone."""
    previous = bytes(32)
    seals = owner.execute("SELECT number, sealed_at, after_at, through_at, rows FROM seal ORDER BY number").fetchall()
    for number, *times, rows in seals:
        sealed_at, after, through = (f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}+00:00" for at in times)
        parts = owner.execute("SELECT kind, rows, leaves FROM seal_part WHERE number = %s ORDER BY kind", (number,))
        lines = [
            f"{kind} {count} {hashlib.sha256(zlib.decompress(leaves)).hexdigest()}"
            for kind, count, leaves in parts.fetchall()
        ]
        said = ["eabsensi seal 1", f"number {number}", f"sealed {sealed_at}", f"after {after}", f"through {through}"]
        text = "\n".join([*said, f"rows {rows}", f"previous {previous.hex()}", *lines])
        previous = hashlib.sha256(text.encode()).digest()
    assert sealed.head() == f"{len(seals)}-{previous.hex()[:24]}"


def test_the_digest_of_a_row_is_the_same_on_every_server(city, owner):
    """A digest that changes with the version of PostgreSQL, or with a column's type, would accuse honest people."""
    owner.execute(
        "INSERT INTO punch (device_id, pin, device_time, ordinal, punched_at, source, received_at, raw)"
        " VALUES (1, '007', '2026-03-02 07:20', 0, '2026-03-02 00:20Z', 'usb', '2026-03-02 00:21Z', 'raw')"
    )
    city.pass_by(timedelta(hours=1))
    city.seal()
    with city.store.begin() as connection:
        [[part]] = parts_of(connection, 1, 1).values()
    digest = "28efaf0003cb5c6a23b0b7ddf27a3d4b"
    assert list(leaves_in(part.leaves)) == [(digest, '[1, "007", "2026-03-02T07:20:00", 0]')]


def test_a_poll_that_is_committed_late_is_sealed_though_its_number_is_lower(city):
    with city.store.begin() as slow:
        city.poll(touch("07:01:00"), connection=slow)
        city.pass_by(timedelta(minutes=30))
        city.poll(touch("07:31:00"), device=1)
        assert [seal.rows for seal in city.seal()] == [2]
        city.pass_by()
        city.poll(touch("07:32:00"), device=1)
        assert [seal.rows for seal in city.seal()] == [2]
    city.pass_by()
    assert [seal.rows for seal in city.seal()] == [2]
    assert_all_sealed_once(city)
    assert city.verify().late == 0


def test_what_turns_up_too_late_is_told_apart_until_a_person_has_it_sealed(city):
    with city.store.begin() as slow:
        city.poll(touch("07:01:00"), connection=slow)
        city.pass_by(LATE + MINUTE)
        city.poll(touch("08:01:00"), device=1)
        city.seal()
    city.pass_by()
    assert city.seal() == []
    broken = city.verify().broken
    assert (broken.kind, broken.what, broken.seal) == ("poll", "inserted", 1)

    [seal] = city.seal(since=START - MINUTE)
    found = city.verify()
    assert (seal.rows, found.broken, found.waiting) == (2, None, 0)
    assert (found.late, found.first_late.kind, found.first_late.seal) == (2, "poll", 2)


@pytest.mark.parametrize("ahead", [timedelta(minutes=2), timedelta(hours=3), timedelta(days=40)])
def test_a_collector_whose_clock_is_ahead_keeps_nothing_from_being_sealed(city, ahead):
    city.poll(touch("07:01:00"))
    city.seal()
    city.pass_by(ahead)
    city.poll(touch("07:02:00"))
    city.seal()
    city.pass_by(MINUTE - ahead)
    for minute in range(3, 6):
        city.poll(touch(f"07:0{minute}:00"))
        assert [seal.rows for seal in city.seal()] == [2]
        city.pass_by()
    assert_all_sealed_once(city)


def test_where_every_seal_is_of_a_clock_that_was_ahead_sealing_goes_on(city):
    city.pass_by(timedelta(days=2))
    city.poll(touch("07:01:00"))
    city.seal()
    city.pass_by(timedelta(days=-2))
    city.poll(touch("07:02:00"))
    city.seal()
    assert_all_sealed_once(city)


def test_what_claims_the_future_waits_until_then(city):
    city.pass_by(timedelta(hours=5))
    city.poll(touch("07:01:00"))
    city.pass_by(timedelta(hours=-5))
    city.poll(touch("07:02:00"))
    assert [seal.rows for seal in city.seal()] == [2]
    assert city.verify().waiting == 2
    city.pass_by(timedelta(hours=6))
    assert [seal.rows for seal in city.seal()] == [2]
    assert_all_sealed_once(city)


def test_a_backlog_is_sealed_in_pieces(city, monkeypatch):
    for day in range(1, 29):
        city.poll(*(touch(f"07:{minute:02}:00", on=f"2026-03-{day:02}") for minute in range(4)))
        city.pass_by(timedelta(days=4))
    monkeypatch.setattr(sealer, "MOST_ROWS", 10)
    seals = city.seal()
    assert sum(seal.rows for seal in seals) == 28 * 5
    assert max(seal.rows for seal in seals) == 10
    assert_all_sealed_once(city)


def test_of_two_sealers_at_once_one_goes_on_after_the_other(city, owner):
    city.poll(touch("07:01:00"))
    done = []
    with city.store.begin_snapshot() as first:
        assert sealer.seal_span(first, city.clock.at, (START - LATE, city.clock.at))
        city.poll(touch("07:02:00"), device=1)  # which the first does not see
        second = threading.Thread(target=lambda: done.extend(city.seal()))
        second.start()
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        until(lambda: owner.execute(waiting).fetchone()[0], "the second sealer's wait")
    second.join()
    assert [(seal.number, seal.rows) for seal in done] == [(2, 2)]
    assert_all_sealed_once(city)


def test_many_sealers_beside_many_polls_seal_everything_once(city):
    def work(device):
        for minute in range(10):
            city.poll(touch(f"07:{minute:02}:00"), device=device)
            city.seal()

    threads = [threading.Thread(target=work, args=(device % 2,)) for device in (0, 1)]
    threads += [threading.Thread(target=lambda: [city.seal() for _ in range(15)]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    city.seal()
    assert_all_sealed_once(city)
    assert city.count("punch") == 20


def test_nothing_is_sealed_where_there_is_nothing(city):
    assert city.seal() == []
    found = city.verify()
    assert (found.head, found.seals, found.waiting, found.broken) == (None, 0, 0, None)


def test_what_came_before_the_first_seal_waits(city):
    city.poll(touch("07:01:00"))
    found = city.verify()
    assert (found.head, found.waiting, found.waiting_since) == (None, 2, START)


def test_making_a_month_moves_punches_and_touches_none(sealed):
    sealed.poll(touch("07:00:00", on="2031-05-06"))
    sealed.seal()
    with sealed.store.begin_as_owner() as connection:
        assert ensure_months(connection, date(2031, 5, 1), date(2031, 5, 1)) == 1
    assert_all_sealed_once(sealed)


# --- months that were let go ----------------------------------------------------------------------------------------


@pytest.fixture
def with_march(city):
    """Give a city whose punches of March are in a partition of their own."""
    with city.store.begin_as_owner() as connection:
        ensure_months(connection, MARCH, MARCH)
    city.fill()
    return city


def retire_march(city, *, removing="DROP TABLE punch_2026_03"):
    with city.store.begin_as_owner() as connection:
        connection.exec_driver_sql(removing)
        note_retired_month(connection, RetiredMonth(MARCH, 10, city.pass_by(), "root", "older than five years"))


def test_a_month_that_was_let_go_is_told_and_is_no_tampering(with_march):
    punches = with_march.count("punch")
    retire_march(with_march)
    with_march.seal()
    found = with_march.verify()
    assert (found.broken, found.waiting, found.retired_rows) == (None, 0, punches)
    assert [retired.month for retired in found.retired] == [date(2020, 1, 1), MARCH]


def test_what_a_log_shows_again_of_a_month_that_was_let_go_is_evidence_again(with_march):
    retire_march(with_march)
    with_march.pass_by()
    with_march.dump(touch("07:01:00"))
    with_march.seal()
    found = with_march.verify()
    assert (found.broken, found.waiting) == (None, 0)


def test_a_month_that_is_gone_without_a_word_is_tampering(with_march):
    with with_march.store.begin_as_owner() as connection:
        connection.exec_driver_sql("DROP TABLE punch_2026_03")
    broken = with_march.verify().broken
    assert (broken.kind, broken.what, broken.seal) == ("punch", "removed", 1)


def test_a_month_that_is_gone_in_part_is_tampering_whatever_was_noted(with_march):
    retire_march(with_march, removing="DELETE FROM punch WHERE pin = '8' AND device_time::time = '07:02'")
    with_march.seal()
    broken = with_march.verify().broken
    assert (broken.kind, broken.what, broken.key["pin"], broken.seal) == ("punch", "removed", "8", 1)


# --- heads ----------------------------------------------------------------------------------------------------------


def test_a_printed_head_is_found_again(city):
    city.poll(touch("07:01:00"))
    city.seal()
    printed = city.head()
    city.pass_by()
    city.poll(touch("07:02:00"))
    city.seal()
    assert city.head() != printed
    for written in (printed, printed.upper(), f" {printed[:6]} {printed[6:]}", printed.partition("-")[2]):
        assert city.verify(head=written).proved == printed
    assert parse_head(printed).number == 1
