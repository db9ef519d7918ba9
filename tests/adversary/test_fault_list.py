"""Every row of the fault list through the real poller: the right error is shown, and afterwards stored = punched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from small_city import FIRST, City

from eabsensi.collecting.condition import alarms_of, conditions
from eabsensi.devices.attlog import Layout
from eabsensi.devices.commands import Command
from eabsensi.devices.errors import DeviceError
from eabsensi.devices.session import Session
from eabsensi.devices.simulator.config import WhenFull
from eabsensi.devices.simulator.faults import FAULTS
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.devices.simulator.users import User
from eabsensi.devices.waiting import Deadline

LATER: Final = datetime(2026, 10, 1, 7, 0)
PEOPLE: Final = (User(9, "007", "Sari"), User(3, "4711", "Budi"), User(4, "A12", "Wati"))


@dataclass(frozen=True)
class Scenario:
    """How a row is brought about on a terminal that has been read once.

    Attributes:
        trouble: what goes wrong.
        shown: outcome of the poll during it.
        config: how the terminal is built.
        cure: what ends it, beside healing the wire.
        alarm: words of an alarm that `status` shows during it.

    """

    trouble: Callable[[Terminal], object] = lambda _: None
    shown: str = "ok"
    config: Mapping[str, Any] = field(default_factory=dict)
    cure: Callable[[Terminal], object] = lambda _: None
    alarm: str = ""


def touch(terminal: Terminal) -> None:
    terminal.punch("5", LATER)


def fill_ring(terminal: Terminal) -> None:
    terminal.punch_many([("5", LATER + timedelta(minutes=at), 1, 0) for at in range(60)])


def each(*actions: Callable[[Terminal], object]) -> Callable[[Terminal], object]:
    def do(terminal: Terminal) -> None:
        for action in actions:
            action(terminal)

    return do


UDP: Final = {"transport": "udp", "always_long_form": True}
SCENARIOS: Final[dict[str, list[Scenario]]] = {
    "F01": [Scenario(lambda t: t.be_silent(), "busy")],
    "F02": [Scenario(config={"backlog": 0})],
    "F03": [Scenario()],
    "F04": [
        Scenario(lambda t: t.go_offline(), "unreachable", cure=lambda t: t.come_back()),
        Scenario(lambda t: t.go_offline(), "unreachable", {"transport": "udp"}, lambda t: t.come_back()),
    ],
    "F05": [
        Scenario(lambda t: t.set_comm_key(77), "auth_failed", cure=lambda t: t.set_comm_key(0)),
        Scenario(lambda t: t.set_comm_key(77), "auth_failed", {"lockout_after": 0}, lambda t: t.set_comm_key(0)),
    ],
    "F06": [Scenario(lambda t: t.secure_firmware(), "secure_firmware")],
    "F07": [Scenario(lambda t: t.speak_foreign(), "foreign_protocol")],
    "F08": [
        Scenario(lambda t: t.menu_open(), "busy", cure=lambda t: t.menu_closed()),
        Scenario(lambda t: t.ignore_requests(1), "busy"),
    ],
    "F09": [Scenario(each(lambda t: t.segments(1), touch))],
    "F10": [Scenario(each(lambda t: t.segments(9), touch))],
    "F11": [Scenario(lambda t: t.cut_after(60, always=True), "transfer_cut")],
    "F12": [Scenario(each(lambda t: t.wedge_when_pipelined(), touch))],
    "F13": [
        Scenario(each(lambda t: t.duplicate_datagrams(), touch), config=UDP),
        Scenario(each(lambda t: t.reorder_datagrams(), touch), config=UDP),
        Scenario(each(lambda t: t.lose_datagrams(1), touch), config=UDP),
    ],
    "F14": [
        Scenario(each(lambda t: t.short_replies(), touch), "transfer_cut"),
        Scenario(lambda t: t.lie_about_sizes(500)),
        Scenario(lambda t: t.announce_wrong_total(4)),
    ],
    "F15": [Scenario(each(lambda t: t.empty_log_answers_error(), lambda t: t.clear_log()))],
    "F16": [
        Scenario(lambda t: t.attendance_disabled(), "attendance_disabled"),
        Scenario(lambda t: t.attendance_disabled(sizes_say_zero=True), "attendance_disabled"),
    ],
    "F17": [Scenario(touch, config={"sizes_bytes": size}) for size in (4, 80, 92, 112)],
    "F18": [Scenario(touch, config={"layout": Layout.FORTY_NINE})],
    "F19": [Scenario(touch, config={"layout": Layout.EIGHT_PACKED, "packed_short_records": False})],
    "F20": [Scenario(touch, config={"layout": Layout.SIXTEEN})],
    "F21": [Scenario(lambda t: t.punch_before_read("5", LATER))],
    "F22": [Scenario(touch, config={"layout": Layout.EIGHT_PACKED})],
    "F23": [Scenario(touch)],
    "F24": [
        Scenario(lambda t: t.corrupt_record("31 February")),
        Scenario(each(lambda t: t.lose_power(), lambda t: t.punch("5"))),
    ],
    "F25": [Scenario(lambda t: t.set_clock(offset=timedelta(hours=2)), alarm="s fast")],
    "F26": [Scenario(lambda t: t.punch("5", FIRST - timedelta(days=30)))],
    "F27": [Scenario(each(touch, touch))],
    "F28": [
        Scenario(each(lambda t: t.clear_log(), touch)),
        Scenario(lambda t: t.clear_between_prepare_and_read(), "ok"),
        Scenario(lambda t: t.delete_head(10)),
    ],
    "F29": [
        Scenario(fill_ring, config={"record_capacity": 90, "when_full": when, "delete_when_full": 20})
        for when in (WhenFull.RING, WhenFull.DELETE_OLDEST)
    ]
    + [Scenario(fill_ring, config={"record_capacity": 90}, alarm="100% full")],
    "F30": [Scenario(each(lambda t: t.corrupt_record("blank", 60), touch))],
    "F31": [Scenario(each(touch, lambda t: t.corrupt_record("blank")))],
    "F32": [Scenario(lambda t: t.disable())],
    "F33": [Scenario(touch, config={"disable_has_effect": False, "connect_blocks_users": True})],
    "F34": [Scenario(lambda t: t.hang_after(4), "no_answer", cure=lambda t: t.reboot())],
    "F35": [Scenario(lambda t: t.cut_after(60, hard=True, always=True), "transfer_cut")],
    "F36": [Scenario(each(lambda t: t.delay(0.2, Command.PREPARE_BUFFER), touch))],
    "F37": [Scenario(lambda t: t.event_in_the_middle_of_next_reply())],
    "F38": [Scenario(each(lambda t: t.reboot_silently(), touch))],
    "F39": [Scenario(touch, config={"event_bytes": length}) for length in (10, 14, 37)],
    "F40": [Scenario(lambda t: t.event_in_the_middle_of_next_reply(noise=True))],
    "F41": [Scenario(lambda t: t.punch("A12", LATER), config={"users": PEOPLE})],
    "F42": [Scenario(lambda t: t.punch("007", LATER), config={"users": PEOPLE})],
    "F43": [Scenario(each(touch, lambda t: t.delete_user(5)))],
    "F44": [Scenario(lambda t: t.enrol(User(30, "30", "王小明")), config={"encoding": "gbk"})],
    "F45": [Scenario(lambda t: t.punch("5", LATER, 15, 1), config={"layout": layout}) for layout in list(Layout)[2:]],
    "F46": [Scenario(lambda t: t.punch("5", LATER, state=255))],
    "F47": [Scenario(each(lambda t: t.drop_udp_session(), lambda t: t.next_session(7, 7), touch), config=UDP)],
    "F48": [Scenario(each(lambda t: t.stale_reply(3), touch)), Scenario(lambda t: t.late_reply(2), "busy")],
    "F49": [Scenario(lambda t: t.clear_log())],
    "F50": [Scenario(lambda t: t.swap_serial("OTHER"), "wrong_serial", cure=lambda t: t.swap_serial("SIM0001"))],
    "F51": [
        Scenario(lambda t: t.refuse(Command.OPTIONS_READ), "refused", cure=lambda t: t.set_option("~Platform", None))
    ],
    "F52": [Scenario(touch, config={"strict_reply_ids": True})],
    "F53": [Scenario(each(touch, lambda t: t.delete_head_between_prepare_and_read(20)))],
    "F54": [Scenario(each(lambda t: t.bandwidth(200_000), lambda t: t.lose_datagrams(every=9), touch), config=UDP)],
    "F55": [Scenario(each(lambda t: t.steal_new_log(), touch))],
}
CASES: Final = [(number, at) for number, scenarios in SCENARIOS.items() for at in range(len(scenarios))]


def test_every_row_has_a_scenario() -> None:
    assert set(SCENARIOS) == set(FAULTS)
    assert all(SCENARIOS.values())


@pytest.mark.parametrize(("number", "at"), CASES)
def test_each_row_shows_its_error_and_loses_nothing(city: City, number: str, at: int) -> None:
    scenario = SCENARIOS[number][at]
    terminal = city.add(**scenario.config)
    terminal.fill(60, FIRST)
    assert city.poll().is_ok
    city.clock.shift += timedelta(hours=2)

    scenario.trouble(terminal)
    outcome = city.poll()

    assert outcome.outcome == scenario.shown, outcome.error
    assert outcome.is_ok or (outcome.error and outcome.complete_through is None)
    [condition] = conditions(city.store, city.clock.now())
    shown = alarms_of(condition.health, city.clock.now())
    assert outcome.is_ok or [alarm for alarm in shown if scenario.shown in alarm]
    assert not scenario.alarm or [alarm for alarm in shown if scenario.alarm in alarm]
    terminal.heal()
    scenario.cure(terminal)
    terminal.punch("3", LATER + timedelta(days=1))
    for full in (False, True):
        city.clock.shift += timedelta(hours=2)
        assert city.poll(full=full).is_ok
    if scenario.config.get("layout") in {Layout.EIGHT_PACKED, Layout.EIGHT_UID} or "users" not in scenario.config:
        assert_kept(city, terminal)
    else:
        city.assert_nothing_lost()


def assert_kept(city: City, terminal: Terminal) -> None:
    ever = sorted((punch.pin, punch.device_time) for punch in terminal.ever_punched)
    assert city.stored() == ever
    assert terminal.forbidden_seen == []


def test_garbled_names_do_not_stop_the_reading_of_users(city: City) -> None:
    terminal = city.add(encoding="gbk")
    terminal.enrol(User(30, "30", "王小明"))
    device = city.device()
    with city.poller().open_session(device, Deadline.after(60)) as session:
        assert isinstance(session, Session)
        assert "30" in [user.user_id for user in session.users()]


def test_every_kind_of_error_has_a_name_of_its_own() -> None:
    kinds = [kind.kind for kind in _family(DeviceError)]
    assert len(kinds) == len(set(kinds))


def _family(kind: type[DeviceError]) -> list[type[DeviceError]]:
    return [kind, *(member for child in kind.__subclasses__() for member in _family(child))]
