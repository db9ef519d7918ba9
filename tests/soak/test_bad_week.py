"""The short form of ``scripts/soak``: a bad week of six terminals, two collectors and a handful of kills.

Its length is a plan's, made from a seed; nothing here depends on how fast it is played.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from waiting import until

sys.path.insert(0, str(Path(__file__).parents[2]))

from eabsensi.devices.simulator.config import TerminalConfig, WhenFull
from eabsensi.devices.simulator.faults import FAULTS as FAULT_LIST
from eabsensi.devices.simulator.fleet import Fleet
from scripts.soaking import cluster
from scripts.soaking import collectors as collecting
from scripts.soaking.blows import KILLS, KINDS, BlowAt, Blows
from scripts.soaking.checking import Evidence, Reading, _compare, is_lost
from scripts.soaking.city import MONDAY, build_city
from scripts.soaking.collectors import Collectors, Pace, command
from scripts.soaking.faults import FAULTS, NOT_PLAYED, SWAP, built_in
from scripts.soaking.ledger import Stay, keep_ledger, stays_of
from scripts.soaking.meeting import Bout, _is_met
from scripts.soaking.plain_oracle import PlainVerdict, judge
from scripts.soaking.plan import families_of, has_room, make_plan
from scripts.soaking.showing import findings_of
from scripts.soaking.soak import SoakOptions, soak

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_after_a_bad_week_everything_is_stored_once_and_judged_right() -> None:
    outcome = soak(SoakOptions(seed=11, seconds=18, kills=4, terminals=6, calm_seconds=3))

    broken = [(one.what, one.found, one.examples[:3]) for one in findings_of(outcome) if not one.holds]
    assert broken == []
    assert sum(outcome.stage.blows.struck[how] for how in KILLS) == 4
    assert set(KINDS) - set(outcome.stage.blows.skipped) <= {
        how for how, count in outcome.stage.blows.struck.items() if count
    }
    assert outcome.punches.punched > 80
    assert len(outcome.played.families) >= 25
    assert outcome.played.met


def test_a_long_week_has_every_kind_of_blow_and_fault() -> None:
    with Fleet() as fleet:
        city = build_city(fleet, 12, 2, seed=3)
        plan = make_plan(city, 240, 4, Pace(), 3)
        assert {one.how for one in plan if isinstance(one, BlowAt)} == set(KINDS)
        assert has_room(plan)
        suiting = {family for fault in FAULTS for family in fault.families} | set(SWAP)
        assert families_of(plan) == suiting
        assert not has_room(make_plan(city, 30, 4, Pace(), 3))


def test_the_collectors_run_the_service_s_own_command() -> None:
    unit = (Path(__file__).parents[2] / "systemd/eabsensi-collector.service").read_text(encoding="utf-8")
    (program,) = (line.partition("=")[2] for line in unit.splitlines() if line.startswith("ExecStart="))
    assert program == "/opt/eabsensi/.venv/bin/eabsensi run"
    *_, ours, word = command()
    assert (Path(ours).name, word) == ("eabsensi", "run")
    assert Path(ours).parent == Path(sys.executable).parent


BEGINS = """echo '{"event": "collecting"}'; """


@pytest.fixture
def lone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collectors]:
    """A single place for a collector, whose program is the shell script in ``program``."""
    monkeypatch.setattr(collecting, "command", lambda: ["/bin/sh", str(tmp_path / "program")])
    collectors = Collectors(tmp_path, {}, Pace(), 1, seed=1)
    yield collectors
    collectors.stop_all()


def test_a_kill_counts_when_a_collector_at_work_got_it(lone: Collectors, tmp_path: Path) -> None:
    (tmp_path / "program").write_text(BEGINS + "exec sleep 600\n")
    blows = Blows(_Database(), None)  # type: ignore[arg-type]  # the database is not struck
    blows.strike(BlowAt(0, "collector killed"), lone)  # nobody is there yet
    assert (blows.planned.total(), blows.struck.total(), blows.waited) == (1, 0, 1)
    assert blows.missed == ["collector killed: 1 planned, 0 struck"]
    blows.finish(lone)
    assert (blows.struck["collector killed"], blows.missed) == (1, [])
    assert [blow.how for blow in lone.tally.blows] == ["killed"]


class _Database:
    has_small_disk = False


def test_a_collector_that_ends_by_itself_is_not_killed_but_told_of(lone: Collectors, tmp_path: Path) -> None:
    (tmp_path / "program").write_text(BEGINS + "echo 'last words'\n")
    lone.look_after()
    until(lambda: not lone.pids, "it ends")
    assert not lone.kill()
    lone.look_after()
    assert lone.tally.unforeseen == ["last words"]


def test_a_collector_that_cannot_begin_is_started_again(lone: Collectors, tmp_path: Path) -> None:
    (tmp_path / "program").write_text("echo 'Error: The database cannot be used now.'; exit 1\n")
    until(lambda: lone.look_after() or lone.tally.done["started"] > 1, "it is started again")  # type: ignore[func-returns-value]  # first look
    assert lone.tally.unforeseen == []
    assert lone.tally.done["could not begin"] >= 1


def test_trouble_counts_as_met_when_a_poll_was_under_way() -> None:
    bout = Bout("S", ("F01",), after(1), after(2))
    assert [
        _is_met(bout, [(after(began), after(ended))]) for began, ended in ((0, 0.5), (0, 1.5), (1.2, 3), (2.5, 3))
    ] == [
        False,
        True,
        True,
        False,
    ]


def test_every_family_of_the_fault_list_is_played_or_said_not_to_be() -> None:
    with Fleet() as fleet:
        city = build_city(fleet, 14, 2, seed=1)
        played = {family for fault in FAULTS for family in fault.families} | set(SWAP)
        for post in city.posts:
            played |= built_in(post.terminal)
            assert all(fault.suits(post.terminal) in {True, False} for fault in FAULTS)
        for fault in FAULTS:
            assert any(fault.suits(post.terminal) for post in city.posts), fault
    assert played | set(NOT_PLAYED) == set(FAULT_LIST)
    assert not played & set(NOT_PLAYED)


def test_a_seed_repeats_the_plan() -> None:
    def plan(seed: int) -> list[str]:
        with Fleet() as fleet:
            happenings = make_plan(build_city(fleet, 3, 2, seed), 60, 9, Pace(), seed)
            return [f"{type(one).__name__} {one.at} {getattr(one, 'how', '')}" for one in happenings]

    assert plan(5) == plan(5)
    assert plan(5) != plan(6)


@pytest.mark.parametrize("when_full", list(WhenFull))
def test_the_ledger_knows_when_each_record_went(when_full: WhenFull) -> None:
    with Fleet() as fleet:
        terminal = fleet.add(TerminalConfig(record_capacity=5, when_full=when_full, delete_when_full=2))
        keep_ledger(terminal)
        for at in range(8):
            terminal.punch("1", datetime(2026, 10, 19, 7, at))
        stays, _ = stays_of(terminal)
        gone = [stay.until is not None for stay in stays]
        assert len(stays) == len(terminal.ever_punched)
        assert gone.count(False) == terminal.state.log.count
        assert gone == sorted(gone, reverse=True), "the oldest go first"
        terminal.clear_log()
        assert all(stay.until for stay in stays_of(terminal)[0])


@pytest.mark.parametrize(
    ("stay", "lost"),
    [
        (Stay(True, after(0), None), False),  # it is still there
        (Stay(True, after(0), after(9)), True),  # nobody read between
        (Stay(True, after(0), after(25)), False),  # it lay there during the whole reading
        (Stay(True, after(11), after(25)), True),  # written when the reading had begun
        (Stay(True, after(0), after(19)), True),  # cleared before the reading was done
    ],
)
def test_a_loss_is_excused_only_where_no_kept_reading_covers_it(stay: Stay, lost: bool) -> None:
    assert is_lost(stay, [Reading(after(10), after(20))]) is lost


def test_what_is_missing_doubled_or_foreign_is_found() -> None:
    result = Evidence()
    there, gone = Stay(True, NOW), Stay(True, NOW, after(1))
    truth = {("1", 7): [there], ("2", 7): [there], ("3", 7): [gone], ("4", 7): [there, there]}
    _compare(result, "S", truth, Counter({("2", 7): 2, ("4", 7): 2, ("9", 7): 1}), [])
    assert (result.missing, result.doubled, result.foreign) == (["S ('1', 7)"], ["S ('2', 7)"], ["S ('9', 7)"])
    assert (result.punched, result.stored, result.lost) == (5, 5, 1)
    assert not result.is_whole


@pytest.mark.parametrize(
    ("day", "touches", "verdict"),
    [
        (0, ["07:15:59", "15:45:00"], PlainVerdict("present", "", "")),
        (0, ["07:16:00", "15:44:59"], PlainVerdict("present", "TL1", "PSW1")),
        (0, ["08:16:00", "14:00:00"], PlainVerdict("present", "TL3", "PSW4")),
        (0, ["12:10:00"], PlainVerdict("present", "TL4", "PSW4")),
        (0, ["04:59:59"], PlainVerdict("absent", "", "")),
        (4, ["07:00:00", "16:14:00"], PlainVerdict("present", "", "PSW1")),
        (5, ["07:00:00"], PlainVerdict("off", "", "")),
    ],
)
def test_the_plain_oracle_reads_the_circular(day: int, touches: list[str], verdict: PlainVerdict) -> None:
    on = MONDAY + timedelta(days=day)
    assert judge(on, [datetime.fromisoformat(f"{on} {touch}") for touch in touches]) == verdict
    assert judge(date(2026, 10, 20), []) == PlainVerdict("absent", "", "")


@pytest.mark.parametrize(
    ("user", "found", "said"), [(1000, "/usr/bin/x", "root"), (0, None, "apt-get install patroni etcd"), (0, "/x", "")]
)
def test_the_cluster_says_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, user: int, found: str | None, said: str
) -> None:
    monkeypatch.setattr(cluster.os, "geteuid", lambda: user)
    monkeypatch.setattr(cluster.shutil, "which", lambda _: found)
    missing = cluster.what_is_missing()
    assert said in missing
    assert bool(missing) == bool(said)
