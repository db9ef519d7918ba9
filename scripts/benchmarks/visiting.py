"""How fast the portal's pages are while many look at them, beside a page that does nothing."""

from __future__ import annotations

import http.client
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from eabsensi.access.accounts import WantedAccount, create_account
from eabsensi.access.passwords import Passwords
from eabsensi.access.roles import Role
from eabsensi.assessing.keeping import rebuild
from eabsensi.clock import SystemClock
from eabsensi.law.loader import load_policy
from eabsensi.store.database import Store
from scripts.benchmarks.databases import Databases
from scripts.benchmarks.judging import FIRST, LAST, build_city
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.portal_process import NOTHING
from scripts.benchmarks.printing import Target, at_most, show_table

_PASSWORD: Final = "sungai-batanghari-tenang"  # noqa: S105  of an account that lives as long as the bench
_NIP: Final = "000000000000000006"
_UNIT: Final = "U7"
_COUNTING: Final = 202  # the page that says so and loads again; a visit lasts until the figures are there
_PAGES: Final = {
    "nothing": NOTHING,
    "login": "/login",
    "today, the city": f"/today?date={LAST}",
    "today, the late of the city": f"/today?date={LAST}&show=late",
    "today, a unit": f"/today?date={LAST}&unit={_UNIT}",
    "a month of a unit": f"/months/{LAST:%Y-%m}?unit={_UNIT}",
    "a year of a unit": f"/years/{LAST:%Y}?unit={_UNIT}",
    "a person's month": f"/people/{_NIP}/months/{LAST:%Y-%m}",
    "why": f"/people/{_NIP}/days/{LAST}",
    "devices": "/devices",
}


@dataclass(frozen=True, slots=True)
class _Visited:
    """One page: the first visit alone, then many at once; milliseconds, and visits a second."""

    name: str
    first: float
    median: float
    p95: float
    rate: float


def run(plan: Plan, databases: Databases) -> list[Target]:
    """Visit every page with many browsers at once."""
    policy = load_policy()
    with databases.fresh() as url:
        store = Store.at(url)
        build_city(store, plan.reported_people)
        rebuild(store, policy, FIRST, LAST, by="bench", cause="bench", clock=SystemClock())
        rebuild(store, policy, date(LAST.year, 1, 1), LAST, [_UNIT], by="bench", cause="bench", clock=SystemClock())
        with store.begin() as connection:
            wanted = WantedAccount(username="bench", role=Role.HR, name="Bench")
            create_account(connection, Passwords(), wanted, password=_PASSWORD, by="bench", at=SystemClock().now())
        with _portal(url) as port:
            cookie = _log_in(port)
            visited = [_visit(plan, port, cookie, name, path) for name, path in _PAGES.items()]
        store.dispose()
    show_table(
        f"portal: {plan.reported_people:,} people, {plan.visitors} visitors at once; milliseconds",
        ("page", "first, alone", "median", "95th percentile", "visits/s", "x nothing"),
        [
            (
                v.name,
                f"{v.first:.0f}",
                f"{v.median:.0f}",
                f"{v.p95:.0f}",
                f"{v.rate:.0f}",
                f"{v.p95 / visited[0].p95:.1f}",
            )
            for v in visited
        ],
    )
    worst = max(visited, key=lambda one: one.p95)
    return [at_most(f"95th percentile of the slowest page ({worst.name})", worst.p95, 2_000, "ms")]


@contextmanager
def _portal(url: str) -> Iterator[int]:
    command = [sys.executable, "-m", "scripts.benchmarks.portal_process", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def _log_in(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    form = urlencode({"username": "bench", "password": _PASSWORD})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    connection.request("POST", "/login", form, headers)
    answer = connection.getresponse()
    found = re.match(r"[^;]+", answer.headers["Set-Cookie"] or "")
    assert found, f"the login answered {answer.status} without a cookie"
    return found[0]


def _visit(plan: Plan, port: int, cookie: str, name: str, path: str) -> _Visited:
    [first] = _browse(port, cookie, path, 1)
    each = plan.visits // plan.visitors
    started = time.perf_counter()
    with ThreadPoolExecutor(plan.visitors) as visitors:
        browsed = list(visitors.map(lambda _: _browse(port, cookie, path, each), range(plan.visitors)))
    elapsed = time.perf_counter() - started
    spent = sorted(seconds for one in browsed for seconds in one)
    p95 = statistics.quantiles(spent, n=20)[-1]
    return _Visited(name, first * 1e3, statistics.median(spent) * 1e3, p95 * 1e3, len(spent) / elapsed)


def _browse(port: int, cookie: str, path: str, times: int) -> list[float]:
    """Ask for a page again and again over one connection; give the seconds of each."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        while True:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != _COUNTING:
                break
        assert answer.status == 200, f"{path} answered {answer.status}"
        spent.append(time.perf_counter() - started)
    connection.close()
    return spent
