"""Every report as a file: XLSX, PDF, CSV or JSON, the same rows as on the page.

Workbooks and PDFs carry a code and are kept as given out, so that whoever holds one can have it verified.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

import structlog
from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from eabsensi.access.refusals import RefusedError, Sentence
from eabsensi.access.roles import Right
from eabsensi.access.trail import Action
from eabsensi.errors import UsageError
from eabsensi.portal.asking import day_of, month_end, month_of, unit_of, year_of
from eabsensi.portal.visit import Visit, Visiting
from eabsensi.reports.allowance import allowance_report
from eabsensi.reports.daily import DailyReport
from eabsensi.reports.devices import devices_report
from eabsensi.reports.indications import indications_report
from eabsensi.reports.issuing import ISSUED, issue
from eabsensi.reports.loading import Asked, judged_month, judged_person, judged_year
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.paper import Papered
from eabsensi.reports.person_month import seen_only
from eabsensi.reports.personal import personal_report
from eabsensi.reports.ranking import ranking_report
from eabsensi.reports.recapitulation import recap_report
from eabsensi.reports.rendering import Format, render, render_daily
from eabsensi.reports.typesetting import TypesettingError, file_part
from eabsensi.reports.yearly import yearly_report
from eabsensi.store.connection import Connection
from eabsensi.store.facts import load_postings
from eabsensi.store.people import load_employees

log = structlog.get_logger(__name__)
router = APIRouter()
UnitsVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_UNITS))]
PersonVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_PERSON))]
IndicationsVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_INDICATIONS))]
AllowanceVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_ALLOWANCE))]
DevicesVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_DEVICES))]

_TYPES: Final = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PDF: "application/pdf",
    Format.CSV: "text/csv; charset=utf-8",
    Format.JSON: "application/json",
}
#: A PDF of the whole city may take a gigabyte while it is set; others wait for their turn.
_PRESS: Final = threading.BoundedSemaphore(2)


class NoPdfError(RefusedError):
    """A PDF cannot be set, as a rule because it is too large for one file."""

    sentence = Sentence(
        "PDF ini tidak dapat dibuat, biasanya karena terlalu besar untuk satu berkas. Pilih satu unit kerja, atau "
        "unduh sebagai XLSX.",
        "This PDF cannot be made, as a rule because it is too large for one file. Choose one work unit, or download "
        "the XLSX.",
    )


@dataclass(frozen=True, slots=True)
class Parcel:
    """A report on its way to a browser.

    Attributes:
        visit: who asks.
        stem: begins the file's name.
        unit: of which unit; None is the whole city.
        nip: of whom, where it is about one person.

    """

    visit: Visit
    stem: str
    unit: str | None
    nip: str | None = None

    def send(self, written: str, report: Papered | DailyReport) -> FileResponse:
        """Render into a folder of its own, keep what is given out, send the file; the folder goes when it is sent.

        Raises:
            UsageError: reports have no such form.
            NoPdfError: it cannot be set.

        """
        fmt = _format(written)
        folder = Path(tempfile.mkdtemp(prefix="eabsensi-download-"))
        try:
            file = self._render(report, fmt, folder / f"{self.stem}.{fmt}")
            with self.visit.begin() as connection:
                self._keep(connection, report, fmt, file.name)
        except BaseException:
            shutil.rmtree(folder)
            raise
        return FileResponse(
            file, media_type=_TYPES[fmt], filename=file.name, background=BackgroundTask(shutil.rmtree, folder)
        )

    def _render(self, report: Papered | DailyReport, fmt: Format, out: Path) -> Path:
        language, verify_at = self.visit.language, _verify_at(self.visit)
        try:
            with _PRESS if fmt is Format.PDF else nullcontext():
                if isinstance(report, DailyReport):
                    [file] = render_daily(report, fmt, out, language, verify_at=verify_at)
                else:
                    [file] = render(report, fmt, out, language, verify_at=verify_at)
        except TypesettingError as refused:
            log.warning("pdf refused", file=out.name, error=str(refused))
            raise NoPdfError from refused
        return file

    def _keep(self, connection: Connection, report: Papered | DailyReport, fmt: Format, name: str) -> None:
        code = None
        if fmt in ISSUED:
            at = self.visit.desk.clock.now()
            code = issue(connection, report, fmt, by=self.visit.viewer.account, at=at).code
        detail = {"code": code} if code else None
        self.visit.note(connection, Action.DOWNLOAD, unit=self.unit, nip=self.nip, subject=name, detail=detail)


def _verify_at(visit: Visit) -> str | None:
    """Give the address that a paper names for its verification."""
    return f"{visit.desk.address.rstrip('/')}/verify" if visit.desk.address else None


def _format(text: str) -> Format:
    """Read a file's ending.

    Raises:
        UsageError: reports have no such form.

    """
    if text not in {str(fmt) for fmt in _TYPES}:
        raise UsageError(f"There is no report as {text!r}.", remedy=f"There are {', '.join(_TYPES)}.")
    return Format(text)


def stem_of(kind: str, period: object, unit: str | None) -> str:
    """Begin a file's name, e.g. ``bulanan-2026-11-DINKES``; nothing in it leads elsewhere."""
    return f"{kind}-{period}-{file_part(unit) if unit else 'kota'}"


@router.get("/downloads/daily.{ending}")
def daily_file(visit: UnitsVisit, ending: str, date: str, unit: str = "") -> FileResponse:
    """Send a day's report."""
    on, code = day_of(date), unit_of(visit, unit)
    return Parcel(visit, stem_of("harian", on, code), code).send(ending, visit.desk.day(on, code))


@router.get("/downloads/monthly.{ending}")
def monthly_file(visit: UnitsVisit, ending: str, month: str, unit: str = "") -> FileResponse:
    """Send a month's report."""
    return _month_file(visit, ending, ("bulanan", month, unit), monthly_report)


@router.get("/downloads/recap.{ending}")
def recap_file(visit: UnitsVisit, ending: str, month: str, unit: str = "") -> FileResponse:
    """Send what a month adds up to."""
    return _month_file(visit, ending, ("rekap", month, unit), recap_report)


@router.get("/downloads/ranking.{ending}")
def ranking_file(visit: UnitsVisit, ending: str, month: str, unit: str = "") -> FileResponse:
    """Send the ranking of the units."""
    return _month_file(visit, ending, ("peringkat", month, unit), ranking_report)


@router.get("/downloads/allowance.{ending}")
def allowance_file(visit: AllowanceVisit, ending: str, month: str, unit: str = "") -> FileResponse:
    """Send what a month takes off the allowance."""
    return _month_file(visit, ending, ("potongan-tpp", month, unit), allowance_report)


@router.get("/downloads/yearly.{ending}")
def yearly_file(visit: UnitsVisit, ending: str, year: int, unit: str = "") -> FileResponse:
    """Send a year's report."""
    return _year_file(visit, ending, ("tahunan", year, unit), yearly_report)


@router.get("/downloads/indications.{ending}")
def indications_file(visit: IndicationsVisit, ending: str, year: int, unit: str = "") -> FileResponse:
    """Send the year's indications."""
    return _year_file(visit, ending, ("indikasi", year, unit), indications_report)


@router.get("/downloads/devices.{ending}")
def devices_file(visit: DevicesVisit, ending: str, unit: str = "") -> FileResponse:
    """Send how the terminals are."""
    code, now = unit_of(visit, unit), visit.desk.now
    with visit.begin() as connection:
        report = devices_report(connection, visit.desk.policy, as_of=now, unit=code)
    return Parcel(visit, stem_of("mesin", now.date(), code), code).send(ending, report)


@router.get("/downloads/personal.{ending}")
def personal_file(visit: PersonVisit, ending: str, nip: str, month: str) -> FileResponse:
    """Send one person's month, to those who see the person in a unit of that month."""
    first, policy = month_of(month), visit.desk.policy
    with visit.begin() as connection:  # who may see it is asked where it is up to date
        visit.viewer.require_person(nip, _units_of(connection, nip, first))
    with visit.desk.reading() as (connection, at):
        period = judged_person(connection, policy, Asked(first, month_end(first), at), nip)
    report = personal_report(seen_only(period, lambda unit: visit.viewer.sees_person(nip, (unit,))), policy)
    parcel = Parcel(visit, f"kartu-kehadiran-{first:%Y-%m}-{file_part(nip)}", report.subject.unit, nip)
    return parcel.send(ending, report)


def _units_of(connection: Connection, nip: str, month: date) -> set[str]:
    """Give the units of somebody's postings in a month; none of nobody."""
    ids = [employee for employee, _ in load_employees(connection, [nip]).values()]
    return {row.unit_code for row in load_postings(connection, month, month_end(month), employees=ids)}


def _month_file(
    visit: Visit, ending: str, asked: tuple[str, str, str], report_of: Callable[[Any, Any], Papered]
) -> FileResponse:
    kind, text, unit = asked
    month, code = month_of(text), unit_of(visit, unit)
    with visit.desk.reading() as (connection, at):
        wanted = Asked(month, month_end(month), at, code)
        report = report_of(judged_month(connection, visit.desk.policy, wanted), visit.desk.policy)
    return Parcel(visit, stem_of(kind, f"{month:%Y-%m}", code), code).send(ending, report)


def _year_file(
    visit: Visit, ending: str, asked: tuple[str, int, str], report_of: Callable[[Any, Any, int], Papered]
) -> FileResponse:
    kind, number, unit = asked
    year, code = year_of(number), unit_of(visit, unit)
    with visit.desk.reading() as (connection, at):
        wanted = Asked(date(year, 1, 1), date(year, 12, 31), at, code)
        report = report_of(judged_year(connection, visit.desk.policy, wanted), visit.desk.policy, year)
    return Parcel(visit, stem_of(kind, year, code), code).send(ending, report)
