"""The verdicts that the collectors kept up to date, against a judgement from nothing and against a plain oracle."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import psycopg
from psycopg import sql

from eabsensi.assessing.assessor import Assessor
from eabsensi.clock import SystemClock
from eabsensi.store.database import Store
from eabsensi.store.partitions import ensure_months
from scripts.soaking.city import DAYS, City
from scripts.soaking.database import WeekDatabase
from scripts.soaking.plain_oracle import PlainVerdict, judge

#: Who, where and what was read: everything that a verdict stands on, and nothing that anybody has judged.
_EVIDENCE: Final = (
    *("unit", "employee", "posting", "device", "enrolment"),
    *("poll", "device_log", "punch", "punch_sighting", "unreadable_record", "log_gap"),
)
_VERDICTS: Final = """
    SELECT nip, on_date, status, codes, in_at, out_at, late_minutes, early_minutes, absent_days, complete, reasons
    FROM verdict JOIN employee ON employee.id = employee_id WHERE on_date BETWEEN %s AND %s
"""
_TOUCHES: Final = """
    SELECT nip, device_time FROM punch JOIN enrolment USING (pin) JOIN employee ON employee.id = employee_id
    WHERE device_time BETWEEN %s AND %s
"""


@dataclass(slots=True)
class Verdicts:
    """The comparison.

    Attributes:
        judged: days judged by the collectors.
        statuses: how many of each.
        differing: days on which a judgement from nothing says something else.
        plain: days that the plain oracle could judge.
        plainly_differing: those on which it says something else.

    """

    judged: int
    statuses: Counter[str]
    differing: list[str] = field(default_factory=list)
    plain: int = 0
    plainly_differing: list[str] = field(default_factory=list)


def check_verdicts(city: City, database: WeekDatabase, wrong_clocks: set[str]) -> Verdicts:
    """Judge the week twice more and compare.

    Args:
        city: whose units are compared.
        database: where the collectors have judged; a fresh database is made beside it.
        wrong_clocks: terminals whose units' days the plain oracle is not asked about.

    """
    kept = _verdicts_in(database.url())
    result = Verdicts(len(kept), Counter(row[0] for row in kept.values()))
    rebuilt = _rebuild(database)
    for key in sorted(kept.keys() | rebuilt.keys()):
        if kept.get(key) != rebuilt.get(key):
            result.differing.append(f"{key[0]} {key[1]}: kept {kept.get(key)}, from nothing {rebuilt.get(key)}")
    _ask_plain_oracle(result, city, database.url(), kept, wrong_clocks)
    return result


def _verdicts_in(url: str) -> dict[tuple[str, date], tuple[Any, ...]]:
    with closing(psycopg.connect(url)) as connection:
        rows = connection.execute(_VERDICTS, (DAYS[0], DAYS[-1]))
        # Of the reasons their kinds: a verdict that stays the same is not written again for the figures in its words.
        return {(nip, on): (*rest, " ".join(reason["kind"] for reason in reasons)) for nip, on, *rest, reasons in rows}


def _rebuild(database: WeekDatabase) -> dict[tuple[str, date], tuple[Any, ...]]:
    """Put the same evidence into a fresh database and judge it there, all at once."""
    database.run("postgres", "DROP DATABASE IF EXISTS rebuilt", "CREATE DATABASE rebuilt TEMPLATE template_city")
    store = Store.at(database.url("rebuilt"))
    with store.begin_as_owner() as connection:
        ensure_months(connection, DAYS[0], date.today())  # noqa: DTZ011  any month will do
    _copy_evidence(database.url(), database.url("rebuilt"))
    Assessor(store, SystemClock(), None).run()
    store.dispose()
    return _verdicts_in(database.url("rebuilt"))


def _copy_evidence(source: str, target: str) -> None:
    with closing(psycopg.connect(source)) as there, closing(psycopg.connect(target)) as here:
        for table in _EVIDENCE:
            name = sql.Identifier(table)
            out, into = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(name), sql.SQL("COPY {} FROM STDIN")
            with there.cursor().copy(out) as reading, here.cursor().copy(into.format(name)) as writing:
                for rows in reading:
                    writing.write(rows)
        here.execute(_MARK_ALL, (DAYS[0],))
        here.commit()


_MARK_ALL: Final = """
    INSERT INTO dirty_day (employee_id, on_date, cause, marked_at)
    SELECT id, %s::date + step, 'from nothing', now() FROM employee, generate_series(0, 6) AS step
"""


def _ask_plain_oracle(
    result: Verdicts,
    city: City,
    url: str,
    kept: dict[tuple[str, date], tuple[Any, ...]],
    wrong_clocks: set[str],
) -> None:
    doubtful = {post.unit for post in city.posts if post.serial in wrong_clocks}
    touches: dict[str, list[datetime]] = defaultdict(list)
    with closing(psycopg.connect(url)) as connection:
        for nip, at in connection.execute(_TOUCHES, (DAYS[0], datetime.combine(DAYS[-1], datetime.max.time()))):
            touches[nip].append(at)
    for one in city.employees:
        for on in DAYS if one.unit not in doubtful else ():
            result.plain += 1
            wanted, found = judge(on, touches[one.nip]), kept.get((one.nip, on))
            if found is None or _plainly(found) != wanted:
                result.plainly_differing.append(f"{one.nip} {on}: kept {found}, plainly {wanted}")


def _plainly(row: tuple[Any, ...]) -> PlainVerdict:
    status, codes = row[0], row[1]
    late, early = ([code for code in codes if code.startswith(kind)] for kind in ("TL", "PSW"))
    return PlainVerdict(status, "".join(late), "".join(early))
