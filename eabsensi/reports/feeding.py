"""Reports as other programs read them page by page: the rows of the CLI's JSON, in an order that new rows do not upset.

A page goes on after a row's key, not after a count: a person who is added or leaves between two pages moves nobody
else over the edge of a page.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import itemgetter
from typing import Any, Generic, TypeAlias, TypeVar

from eabsensi.law.wording import Language
from eabsensi.reports.daily import DailyReport, DailyRow, row_object
from eabsensi.reports.findings import FindingsReport, finding_object
from eabsensi.reports.judged import JudgedDay, JudgedPeriod
from eabsensi.reports.paper import Reported
from eabsensi.reports.plain import json_value

R = TypeVar("R")
Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Some rows of a feed.

    Attributes:
        rows: each as a JSON object, the same bytes as a line of the CLI's JSON.
        after: the key to go on after; None where nothing follows.

    """

    rows: Sequence[str]
    after: Key | None


@dataclass(frozen=True, slots=True)
class Feed(Generic[R]):
    """A whole list, of which pages are cut.

    Attributes:
        rows: in the order of their keys.
        key: gives a row's key.
        write: gives a row as a JSON object.
        as_of: the instant whose knowledge is shown.
        policy_version: of the rules.
        complete: whether nothing unread can change any row of the whole list.

    """

    rows: Sequence[R]
    key: Callable[[R], Key]
    write: Callable[[R], str]
    as_of: datetime
    policy_version: str
    complete: bool

    def page(self, after: Key | None, limit: int) -> FeedPage:
        """Cut a page.

        Args:
            after: key of the last row that is known already; None begins.
            limit: rows at most.

        """
        start = 0 if after is None else bisect_right(self.rows, after, key=self.key)
        rows = self.rows[start : start + limit]
        more = start + limit < len(self.rows)
        return FeedPage([self.write(row) for row in rows], self.key(rows[-1]) if more else None)


def written_row(row: Mapping[str, Any]) -> str:
    """Write a row as the CLI does."""
    return json.dumps(row, ensure_ascii=False, default=json_value)


def register_feed(
    rows: Iterable[R],
    key: Callable[[R], Key],
    as_object: Callable[[R], Mapping[str, Any]],
    *,
    as_of: datetime,
    policy_version: str,
) -> Feed[R]:
    """Feed a register such as the units: what it holds is all there is."""
    ordered = sorted(rows, key=key)
    return Feed(ordered, key, lambda row: written_row(as_object(row)), as_of, policy_version, complete=True)


def daily_feed(report: DailyReport, language: Language) -> Feed[DailyRow]:
    """Feed a day; rows are written when their page is asked for."""
    rows = sorted(report.rows, key=_daily_key)
    return Feed(
        rows,
        _daily_key,
        lambda row: written_row(row_object(row, language)),
        report.as_of,
        report.setting.policy_version,
        complete=all(row.complete for row in rows),
    )


def _daily_key(row: DailyRow) -> Key:
    return row.unit, row.name, row.nip


Written: TypeAlias = tuple[Key, str]


def findings_feed(report: FindingsReport, language: Language, *, complete: bool) -> Feed[Written]:
    """Feed findings, in the order of the report; of a rule that says two things of one subject, they are numbered.

    Args:
        report: what was found.
        language: of the words in the rows.
        complete: whether everything is read that could change a row.

    """
    met: Counter[Key] = Counter()
    rows: list[Written] = []
    for one in report.rows:
        number, *subject = one.order
        key = (f"{number:02}", *subject)
        rows.append(((*key, f"{met[key]:02}"), written_row(finding_object(one, language))))
        met[key] += 1
    setting = report.setting
    return Feed(rows, itemgetter(0), itemgetter(1), setting.as_of, setting.policy_version, complete)


def period_feed(period: JudgedPeriod, make: Callable[[JudgedPeriod], Reported], language: Language) -> Feed[Written]:
    """Feed a month or a year; only the written rows are kept, since the days behind them are many.

    Args:
        period: the judged days; a stream is used up.
        make: the report that is made of them.
        language: of the words in the rows.

    """
    watched = _Watched(period.days, period.first)
    report = make(replace(period, days=watched))
    rows = sorted((_period_key(found), written_row(found)) for found in report.objects(language))
    is_over = period.as_of.astimezone(period.zone).date() > period.last
    return Feed(
        rows,
        lambda row: row[0],
        lambda row: row[1],
        report.setting.as_of,
        report.setting.policy_version,
        complete=is_over and not watched.open,
    )


def _period_key(found: Mapping[str, Any]) -> Key:
    return found["unit"], found["name"], found["nip"]


class _Watched:
    """Passes days on and counts those that something unread can still change."""

    def __init__(self, days: Iterable[JudgedDay], first: date) -> None:
        self._days = days
        self._first = first
        self.open = 0

    def __iter__(self) -> Iterator[JudgedDay]:
        for day in self._days:
            self.open += day.on >= self._first and not day.complete
            yield day
