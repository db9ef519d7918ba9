"""The house keeps its rules, and each rule is able to fail."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import house_rules as house
import pytest

ALL_RULES = [*house.MODULE_RULES, *house.HOUSE_RULES]


@pytest.fixture(scope="module")
def sources() -> list[house.Source]:
    return house.read_package()


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_rule(rule, sources):
    assert sources
    found = house.breaches_of(rule, sources)
    assert not found, "\n" + "\n".join(map(str, found))


PLANTED = {
    "devices imports the store": ("dependencies_run_one_way", "devices/poll.py", "from eabsensi.store import ingest"),
    "devices imports the law": ("dependencies_run_one_way", "devices/poll.py", "import eabsensi.law.calendar"),
    "law imports settings, relatively": (
        "dependencies_run_one_way",
        "law/loader.py",
        "from ..settings import Settings",
    ),
    "discipline imports the store": ("dependencies_run_one_way", "discipline/day.py", "from eabsensi import store"),
    "a use case imports the cli": (
        "dependencies_run_one_way",
        "collecting/poll.py",
        "from eabsensi.cli.main import app",
    ),
    "reports import the portal": ("dependencies_run_one_way", "reports/rows.py", "from eabsensi.portal import pages"),
    "inside a function": ("dependencies_run_one_way", "law/a.py", "def f():\n    from eabsensi.store import facts\n"),
    "a part nobody wrote a rule for": ("dependencies_run_one_way", "guessing/a.py", "from eabsensi.store import facts"),
    "store talks to a device": (
        "store_knows_only_values_of_devices",
        "store/devices.py",
        "from eabsensi.devices.session import Session",
    ),
    "devices leans on its simulator": (
        "devices_do_not_know_the_simulator",
        "devices/link.py",
        "from eabsensi.devices.simulator import state",
    ),
    "a use case speaks SQL": ("only_store_speaks_sql", "assessing/judge.py", "from sqlalchemy import text"),
    "discipline opens a socket": ("judging_is_pure", "discipline/day.py", "import socket"),
    "law imports the clock": ("judging_is_pure", "law/loader.py", "from eabsensi.clock import SystemClock"),
    "discipline reads a path": ("judging_is_pure", "discipline/day.py", "from pathlib import Path"),
    "discipline opens a file": ("judging_is_pure", "discipline/day.py", "def f():\n    return open('a')\n"),
    "judging asks the holidays package": (
        "only_drafting_asks_the_holidays_package",
        "law/calendar.py",
        "import holidays",
    ),
    "a report drafts a calendar": (
        "only_drafting_asks_the_holidays_package",
        "reports/daily.py",
        "from eabsensi.law.drafting import draft_calendar",
    ),
    "law asks what day it is": (
        "only_the_clock_tells_time",
        "law/calendar.py",
        "import datetime\ntoday = datetime.date.today()\n",
    ),
    "the store asks the time": (
        "only_the_clock_tells_time",
        "store/a.py",
        "from datetime import UTC, datetime\nnow_at = datetime.now(UTC)\n",
    ),
    "a use case speaks pyzk": ("only_devices_know_pyzk", "collecting/poll.py", "from zk import ZK"),
    "a private name outside devices": (
        "one_module_knows_pyzk_private_names",
        "collecting/poll.py",
        "def f(zk):\n    return zk._ZK__sock\n",
    ),
    "bare except": ("failures_are_named", "cli/a.py", "try:\n    f()\nexcept:\n    pass\n"),
    "broad except": ("failures_are_named", "cli/a.py", "try:\n    f()\nexcept (OSError, Exception):\n    pass\n"),
    "broad except that may get away": (
        "failures_are_named",
        "cli/a.py",
        "def f():\n    try:\n        g()\n    except Exception:\n        if g:\n            return\n        raise\n",
    ),
    "an exemption that gives no reason": (
        "exemptions_have_reasons",
        "cli/a.py",
        "try:\n    f()\nexcept Exception:  # noqa: BLE001\n    g()\n",
    ),
    "bare except, exempted": (
        "failures_are_named",
        "cli/a.py",
        "try:\n    f()\nexcept:  # noqa: BLE001 - why not\n    g()\n",
    ),
    "suppress all": ("failures_are_named", "cli/a.py", "with contextlib.suppress(Exception):\n    f()\n"),
    "noqa without a reason": ("exemptions_have_reasons", "cli/a.py", "import os  # noqa: F401\n"),
    "ignore without a reason": ("exemptions_have_reasons", "cli/a.py", "x = 1  # type: ignore[assignment]\n"),
    "a module named utils": ("words_say_something", "store/utils.py", ""),
    "a parameter named data": ("words_say_something", "store/a.py", "def keep(data):\n    return data\n"),
    "a long file": ("files_are_short", "store/a.py", "x = 1\n" * 401),
    "long functions": ("functions_are_small", "store/a.py", "def f():\n" + "    g()\n" * 41),
    "many middling functions": ("functions_are_small", "store/a.py", "def f():\n" + "    g()\n" * 8),
}


def plant(package: Path, name: str, text: str) -> list[house.Source]:
    path = package / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text))
    return house.read_package(package)


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_violation_is_found_and_told_with_its_reason(planted, tmp_path):
    rule, name, text = PLANTED[planted]
    found = house.breaches_of(getattr(house, rule), plant(tmp_path, name, text))
    assert found
    assert all(str(breach).startswith("eabsensi") and len(breach.what.split()) > 4 for breach in found)


def test_two_modules_with_private_names_are_both_told(tmp_path):
    plant(tmp_path, "devices/bridge.py", "NAME = '_ZK__sock'\n")
    assert house.breaches_of(house.one_module_knows_pyzk_private_names, house.read_package(tmp_path)) == []
    sources = plant(tmp_path, "devices/other.py", "class A:\n    def _ZK__sock(self):\n        return 1\n")
    assert len(house.breaches_of(house.one_module_knows_pyzk_private_names, sources)) == 2


def test_parts_that_import_each_other_are_told(tmp_path):
    plant(tmp_path, "reports/a.py", "from eabsensi.assessing import b\n")
    assert house.breaches_of(house.parts_do_not_go_in_circles, house.read_package(tmp_path)) == []
    sources = plant(tmp_path, "assessing/b.py", "from eabsensi.reports import a\n")
    assert len(house.breaches_of(house.parts_do_not_go_in_circles, sources)) == 2


INNOCENT = """
    from __future__ import annotations

    import math  # noqa: F401 - shows that a reason is enough

    from eabsensi.errors import Problem
    from eabsensi.law.calendar import Calendar


    def judge(calendar: Calendar) -> Problem:
        try:
            return calendar.judge()
        except ValueError as cause:
            return Problem("a", str(cause))
        except TypeError:
            calendar.close()
        except BaseException:
            calendar.close()
            raise


    def watch(calendar: Calendar) -> None:
        try:
            calendar.judge()
        except BaseException as error:  # noqa: BLE001 - hands the crash over to the main thread
            calendar.crash(error)
    """


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.__name__)
def test_an_innocent_module_breaks_no_rule(rule, tmp_path):
    assert house.breaches_of(rule, plant(tmp_path, "discipline/day.py", INNOCENT)) == []


def test_every_rule_has_a_planted_violation():
    planted = {rule for rule, _, _ in PLANTED.values()} | {"parts_do_not_go_in_circles"}
    assert planted == {rule.__name__ for rule in ALL_RULES}
