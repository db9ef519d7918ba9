"""What stands in the folder every morning: the last day's reports, and on the first the last month's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from eabsensi.assessing.daily import assess_day
from eabsensi.errors import EabsensiError, Problem
from eabsensi.law.policy import Policy
from eabsensi.reports.daily import DailyReport, daily_report
from eabsensi.reports.devices import devices_report
from eabsensi.reports.issuing import issue, issue_units
from eabsensi.reports.loading import Asked, judged_month
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.paper import Papered
from eabsensi.reports.ranking import ranking_report
from eabsensi.reports.recapitulation import recap_report
from eabsensi.reports.rendering import Format, render, render_daily
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Night:
    """One night's work.

    Attributes:
        store: the database.
        policy: the law and the local rules.
        on: the day that has ended.
        at: the present, timezone-aware; figures are by what is known then, or as far as the reader has followed.
        folder: where the reports go, into ``YYYY/MM/DD`` and ``YYYY/MM``.
        by: the account that gives them out.
        verify_at: where their codes are looked up; None prints the code alone.

    """

    store: Store
    policy: Policy
    on: date
    at: datetime
    folder: Path
    by: str
    verify_at: str | None = None

    def write(self) -> tuple[list[Path], list[Problem]]:
        """Write every report; one that cannot be written is a problem, and the others are.

        Raises:
            OSError: the folder cannot be made.

        """
        paths: list[Path] = []
        problems: list[Problem] = []
        for name, work in self._works():
            try:
                paths += work()
            except EabsensiError as error:
                problems.append(Problem(name, str(error.args[0]), error.remedy))
        return paths, problems

    def _works(self) -> Iterator[tuple[str, Callable[[], list[Path]]]]:
        folder = self._made(self.folder / f"{self.on:%Y/%m/%d}")
        stem = f"harian-{self.on}"
        yield f"{stem}.xlsx", lambda: self._daily(Format.XLSX, folder / f"{stem}-kota.xlsx")
        yield f"{stem}.pdf", lambda: self._daily(Format.PDF, folder)
        yield "mesin.pdf", self._paper_work(self._devices, Format.PDF, folder / f"mesin-{self.on}.pdf")
        if (self.on + timedelta(days=1)).day == 1:
            yield from self._month_works(self.on.replace(day=1))

    def _month_works(self, month: date) -> Iterator[tuple[str, Callable[[], list[Path]]]]:
        folder = self._made(self.folder / f"{month:%Y/%m}")
        stem = f"{month:%Y-%m}-kota"
        for name, report in (("bulanan", monthly_report), ("rekap", recap_report), ("peringkat", ranking_report)):
            work = self._paper_work(self._month(month, report), Format.XLSX, folder / f"{name}-{stem}.xlsx")
            yield f"{name}-{stem}.xlsx", work
        yield f"bulanan-{stem}.pdf", self._paper_work(self._month(month, monthly_report), Format.PDF, folder)

    def _made(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @contextmanager
    def _reading(self) -> Iterator[tuple[Connection, datetime]]:
        """Read figures, with the instant that they are of.

        A reader that has not seen the day end would fill the folder with days that nobody knows, and at night nobody
        is there to ask again: then the database itself is read.
        """
        with self.store.begin_reading() as reading:
            known = reading.known_at(self.at)
            if known >= min(self.at, self._end):
                yield reading.connection, known
                return
        log.warning("the reader has not seen the day end; read from the database itself", reader_at=known.isoformat())
        with self.store.begin() as connection:
            yield connection, self.at

    @property
    def _end(self) -> datetime:
        """The end of the day, in the city's zone."""
        zone = ZoneInfo(self.policy.timezone.on(self.on).value)
        return datetime.combine(self.on + timedelta(days=1), time(), zone)

    def _daily(self, fmt: Format, out: Path) -> list[Path]:
        with self._reading() as (connection, known):
            report = daily_report(assess_day(connection, self.policy, self.on, as_of=known), self.policy)
            with self._keeping(report, fmt, out):
                return render_daily(report, fmt, out, verify_at=self.verify_at)

    def _paper_work(
        self, load: Callable[[Connection, datetime], Papered], fmt: Format, out: Path
    ) -> Callable[[], list[Path]]:
        return lambda: self._paper(load, fmt, out)

    def _paper(self, load: Callable[[Connection, datetime], Papered], fmt: Format, out: Path) -> list[Path]:
        with self._reading() as (connection, known):
            report = load(connection, known)
            with self._keeping(report, fmt, out):
                return render(report, fmt, out, verify_at=self.verify_at)

    def _devices(self, connection: Connection, known: datetime) -> Papered:
        return devices_report(connection, self.policy, as_of=known)

    def _month(self, month: date, report_of: Callable[..., Papered]) -> Callable[[Connection, datetime], Papered]:
        def load(connection: Connection, known: datetime) -> Papered:
            wanted = Asked(month, self.on, known, None)
            return report_of(judged_month(connection, self.policy, wanted), self.policy)

        return load

    @contextmanager
    def _keeping(self, report: DailyReport | Papered, fmt: Format, out: Path) -> Iterator[None]:
        """Keep a paper as given out, in the database itself; one that cannot be written is not kept."""
        with self.store.begin() as connection:
            self._keep(connection, report, fmt, out)
            yield

    def _keep(self, connection: Connection, report: DailyReport | Papered, fmt: Format, out: Path) -> None:
        if fmt is Format.PDF and out.is_dir():
            issue_units(connection, report, by=self.by, at=self.at)
        else:
            issue(connection, report, fmt, by=self.by, at=self.at)
