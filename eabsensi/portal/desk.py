"""What every page works with: the store, the law, the clock, and who keeps the door."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from eabsensi.access.doorkeeper import Doorkeeper
from eabsensi.access.single_sign_on import SingleSignOn
from eabsensi.assessing.closing import month_end
from eabsensi.assessing.daily import assess_day
from eabsensi.assessing.findings import Wanted, find_patterns
from eabsensi.clock import Clock
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language
from eabsensi.portal.memo import Drawn, Memo
from eabsensi.portal.pacing import Pace
from eabsensi.reports.charts.board import Board, board, weeks_before
from eabsensi.reports.daily import DailyReport, daily_report
from eabsensi.reports.feeding import Feed
from eabsensi.reports.findings import FindingsReport, findings_report
from eabsensi.reports.indications import IndicationsReport, indications_report
from eabsensi.reports.loading import (
    Asked,
    MuchToJudgeError,
    judged_month,
    judged_year,
    judged_year_near,
    tallied_month,
)
from eabsensi.reports.monthly import MonthlyReport, monthly_report
from eabsensi.reports.ranking import RankingReport, counted_ranking
from eabsensi.reports.yearly import YearlyReport, yearly_report
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store
from eabsensi.store.people import units_below
from eabsensi.store.verdictcounts import DayCount, count_verdicts

FRESH_SECONDS: Final = 15.0
#: A day that is shown while it is judged anew; its page says as of when it is.
OLD_SECONDS: Final = 120.0
PAST_SECONDS: Final = 900.0  # what past weeks add up to, which a new punch of today does not change
PATIENCE_SECONDS: Final = 1.5
FEED_SECONDS: Final = 60.0  # a program reads the pages of a month one after the other
MOST_JUDGED_AHEAD: Final = 20_000  # employee-days: some two seconds of work
MOST_FEEDS: Final = 12  # the written month of 10,000 people takes some 10 MB
CALLS_PER_MINUTE: Final = 600
CODES_PER_MINUTE: Final = 20

FeedKey: TypeAlias = tuple[str, date, str | None]  # kind, first day, unit
#: Months and years of a city take long to add up and change slowly; pages say of when they are.
SETTLED_SECONDS: Final = 300.0
SETTLED_OLD_SECONDS: Final = 900.0


@dataclass(frozen=True)
class Desk:
    """The portal's tools.

    Attributes:
        store: the database.
        policy: the law and the local rules.
        clock: tells the time.
        doorkeeper: knows who may come in.
        secure: the portal is reached by HTTPS only, so cookies are for HTTPS only.
        address: how people reach it, e.g. ``https://absensi.example.go.id``; printed on papers. ``""`` where unknown.
        single_sign_on: the agency's own identity provider; None where there is none.
        patience_seconds: how long a page waits for its figures before it says that they are being counted.

    """

    store: Store
    policy: Policy
    clock: Clock
    doorkeeper: Doorkeeper
    secure: bool = False
    address: str = ""
    single_sign_on: SingleSignOn | None = None
    patience_seconds: float = PATIENCE_SECONDS

    @cached_property
    def _days(self) -> Memo[tuple[date, str | None], Drawn[DailyReport]]:
        return Memo(self.clock, FRESH_SECONDS, old_seconds=OLD_SECONDS)

    @cached_property
    def _feeds(self) -> Memo[FeedKey, Feed[Any]]:
        return Memo(self.clock, FEED_SECONDS, most=MOST_FEEDS)

    @cached_property
    def pace_of_tokens(self) -> Pace:
        """How often one token may call."""
        return Pace(self.clock, CALLS_PER_MINUTE)

    @cached_property
    def pace_of_codes(self) -> Pace:
        """How often one address may look a verification code up."""
        return Pace(self.clock, CODES_PER_MINUTE)

    @property
    def now(self) -> datetime:
        """The present, in the city's zone."""
        at = self.clock.now()
        return at.astimezone(ZoneInfo(self.policy.timezone.on(at.date()).value))

    @property
    def today(self) -> date:
        """The city's date."""
        return self.now.date()

    def day(self, on: date, unit: str | None, *, patience: float | None = None) -> DailyReport:
        """Report a day of a unit or the city, by what was known some seconds ago at most.

        Raises:
            UnknownUnitError: there is no such unit.
            StillCountingError: it takes longer than ``patience`` seconds, where there are any.

        """
        return self.drawn_day(on, unit, patience=patience).figures

    def drawn_day(self, on: date, unit: str | None, *, patience: float | None = None) -> Drawn[DailyReport]:
        """Give :meth:`day` with what was drawn of it.

        Raises:
            UnknownUnitError, StillCountingError: as there.

        """
        return self._days.get((on, unit), lambda: Drawn(self._judge_day(on, unit)), patience=patience)

    @cached_property
    def _weeks(self) -> Memo[tuple[date, str | None], tuple[DayCount, ...]]:
        return Memo(self.clock, PAST_SECONDS)

    def board(self, report: DailyReport, language: Language) -> tuple[Board, Mapping[str, str]]:
        """Draw the pictures beside a day as SVG; the weeks before it by what was stored some minutes ago."""
        unit = report.unit.code if report.unit else None
        city = self._counted(report.on, None) if unit else None
        made = board(report, self.policy, language, self._counted(report.on, unit), city)
        return made, made.draw(language)

    def _counted(self, on: date, unit: str | None) -> tuple[DayCount, ...]:
        return self._weeks.get((on, unit), lambda: self._count(on, unit))

    def _count(self, on: date, unit: str | None) -> tuple[DayCount, ...]:
        with self.reading() as (connection, _):
            units = units_below(connection, unit) if unit else None
            return count_verdicts(connection, *weeks_before(on), units)

    def _judge_day(self, on: date, unit: str | None) -> DailyReport:
        with self.reading() as (connection, at):
            return daily_report(assess_day(connection, self.policy, on, as_of=at, unit=unit), self.policy)

    @contextmanager
    def reading(self) -> Iterator[tuple[Connection, datetime]]:
        """Read figures, with the instant that they are of: the present, or as far as the reader has followed."""
        with self.store.begin_reading() as reading:
            yield reading.connection, reading.known_at(self.clock.now())

    @cached_property
    def _rankings(self) -> Memo[tuple[date, str | None], RankingReport]:
        return Memo(self.clock, SETTLED_SECONDS, old_seconds=SETTLED_OLD_SECONDS)

    @cached_property
    def _indications(self) -> Memo[tuple[int, str | None], IndicationsReport]:
        return Memo(self.clock, SETTLED_SECONDS, old_seconds=SETTLED_OLD_SECONDS)

    def ranking(self, month: date, unit: str | None) -> RankingReport:
        """Rank the units of a month by what was known some minutes ago at most; without the days themselves.

        Raises:
            UnknownUnitError: there is no such unit.
            StillCountingError: it takes longer than a reader waits.

        """
        return self._rankings.get((month, unit), lambda: self._rank(month, unit), patience=self.patience_seconds)

    def _rank(self, month: date, unit: str | None, most_judged: int | None = None) -> RankingReport:
        with self.reading() as (connection, at):
            asked = Asked(month, month_end(month), at, unit, most_judged=most_judged)
            return counted_ranking(*tallied_month(connection, self.policy, asked), self.policy)

    @cached_property
    def _months(self) -> Memo[tuple[date, str], Drawn[MonthlyReport]]:
        return Memo(self.clock, FRESH_SECONDS, old_seconds=OLD_SECONDS)

    @cached_property
    def _years(self) -> Memo[tuple[int, str], YearlyReport]:
        return Memo(self.clock, SETTLED_SECONDS, old_seconds=SETTLED_OLD_SECONDS)

    def month(self, month: date, unit: str) -> Drawn[MonthlyReport]:
        """Report the month of one unit, without those below it, by what was known some seconds ago.

        Raises:
            UnknownUnitError: there is no such unit.
            StillCountingError: it takes longer than a reader waits.

        """
        return self._months.get((month, unit), lambda: self._report_month(month, unit), patience=self.patience_seconds)

    def _report_month(self, month: date, unit: str) -> Drawn[MonthlyReport]:
        with self.reading() as (connection, at):
            asked = Asked(month, month_end(month), at, unit, alone=True)
            return Drawn(monthly_report(judged_month(connection, self.policy, asked), self.policy))

    def year(self, year: int, unit: str) -> YearlyReport:
        """Report the year of one unit, without those below it, by what was known some minutes ago at most.

        Raises:
            UnknownUnitError: there is no such unit.
            StillCountingError: it takes longer than a reader waits.

        """
        return self._years.get((year, unit), lambda: self._report_year(year, unit), patience=self.patience_seconds)

    def _report_year(self, year: int, unit: str) -> YearlyReport:
        with self.reading() as (connection, at):
            asked = Asked(date(year, 1, 1), date(year, 12, 31), at, unit, alone=True)
            report = yearly_report(judged_year(connection, self.policy, asked), self.policy, year)
        return replace(report, period=replace(report.period, days=()))

    def indications(self, year: int, unit: str | None) -> IndicationsReport:
        """Give a year's indications by what was known some minutes ago at most.

        Raises:
            UnknownUnitError: there is no such unit.
            StillCountingError: it takes longer than a reader waits.

        """
        return self._indications.get((year, unit), lambda: self._indicate(year, unit), patience=self.patience_seconds)

    def _indicate(self, year: int, unit: str | None, most_judged: int | None = None) -> IndicationsReport:
        with self.reading() as (connection, at):
            asked = Asked(date(year, 1, 1), date(year, 12, 31), at, unit, most_judged=most_judged)
            report = indications_report(judged_year_near(connection, self.policy, asked), self.policy, year)
        return replace(report, period=replace(report.period, days=()))

    @cached_property
    def _found(self) -> Memo[tuple[date, date, str | None], FindingsReport]:
        return Memo(self.clock, SETTLED_SECONDS, most=MOST_FEEDS)

    def findings(self, first: date, last: date, unit: str | None, *, patience: float | None = None) -> FindingsReport:
        """Give the findings of some days by what was known some minutes ago at most.

        Raises:
            UnknownUnitError: there is no such unit.
            UsageError: the days run backwards, or are too many.
            StillCountingError: it takes longer than ``patience`` seconds, where there are any.

        """
        return self._found.get((first, last, unit), lambda: self._find(first, last, unit), patience=patience)

    def _find(self, first: date, last: date, unit: str | None) -> FindingsReport:
        with self.reading() as (connection, at):
            wanted = Wanted(first, last, at, unit)
            return findings_report(find_patterns(connection, self.policy, wanted), self.policy)

    def feed(self, key: FeedKey, work: Callable[[], Feed[Any]]) -> Feed[Any]:
        """Give the rows of a month or a year for programs, by what was known a minute ago at most."""
        return self._feeds.get(key, work)

    def forget(self) -> None:
        """Work everything out anew: something was filed, decided or mapped here."""
        for memo in (
            self._days,
            self._months,
            self._years,
            self._rankings,
            self._indications,
            self._feeds,
            self._found,
        ):
            memo.forget()
        self.changed.set()

    @cached_property
    def changed(self) -> threading.Event:
        """Set when something was changed here, so that what takes long is worked out before anybody asks."""
        return threading.Event()

    def warm(self) -> None:
        """Work out what takes long of the whole city and is asked for every day; what is fresh costs nothing.

        Where days without a verdict would have to be judged by the ten thousand, as while the assessor is at its first
        work, the figures are left until somebody asks: judging them ahead would keep everybody else waiting.
        """
        today = self.today
        month = today.replace(day=1)
        self.drawn_day(today, None)
        with contextlib.suppress(MuchToJudgeError):
            self._rankings.get((month, None), lambda: self._rank(month, None, MOST_JUDGED_AHEAD))
        with contextlib.suppress(MuchToJudgeError):
            self._indications.get((today.year, None), lambda: self._indicate(today.year, None, MOST_JUDGED_AHEAD))
