"""A findings report of invented patterns: a person, a pair, a terminal, a unit and an account."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from eabsensi.assessing.findings import Findings, Wanted
from eabsensi.discipline.findings.finding import About, Both, Evidence, Finding, Rule, Subject
from eabsensi.law.loader import load_policy
from eabsensi.reports.findings import FindingsReport, findings_report
from eabsensi.store.people import Unit

POLICY = load_policy()
ZONE = ZoneInfo("Asia/Jakarta")
FIRST, LAST = date(2026, 9, 1), date(2026, 10, 30)
UNITS = {
    code: Unit(code, name, None, "Dinas", "5-day", None)
    for code, name in (("DINKES", "Dinas Kesehatan"), ("DISPERINDAG", "Dinas Perindustrian dan Perdagangan"))
}


def _rows(count: int, serial: str, what: Both) -> tuple[Evidence, ...]:
    start = datetime(2026, 9, 1, 7, 15, 4)
    return tuple(Evidence(start + timedelta(days=n), serial, what) for n in range(count))


def _finding(rule: Rule, subject: Subject, measured: str, count: int = 3, serial: str = "") -> Finding:
    rows = _rows(count, serial, Both("berselang 4 detik", "4 seconds apart"))
    sentence = Both(f"Pola {rule} terlihat pada {count} hari.", f"The pattern {rule} is seen on {count} days.")
    limit = Both(f"{count - 1} hari", f"{count - 1} days")
    dates = tuple(row.at.date() for row in rows if isinstance(row.at, datetime))
    return Finding(rule, subject, dates, Both(f"{measured} hari", f"{measured} days"), limit, sentence, rows)


FOUND = (
    _finding(Rule.R2, Subject(About.DEVICE, "CJDE000000001", "Dinas Kesehatan, lobi", "DINKES"), "17"),
    _finding(Rule.R7, Subject(About.UNIT, "DISPERINDAG", "Dinas Perindustrian dan Perdagangan", "DISPERINDAG"), "18"),
    _finding(
        Rule.R8,
        Subject(About.PERSON, "198503172010012003", "Anisa Putri + Budi Hartono (199001012015011001)", "DINKES"),
        "19",
        count=12,
        serial="CJDE000000001",
    ),
    _finding(Rule.R12, Subject(About.PERSON, "198001012005011009", '=HYPERLINK("http://x","Fajar")', "DINKES"), "20"),
    _finding(Rule.R15, Subject(About.ACCOUNT, "opr-dinkes", "opr-dinkes", None), "21"),
)


def report(found: tuple[Finding, ...] = FOUND, **wanted: object) -> FindingsReport:
    """Make the report of the sample findings."""
    asked = Wanted(FIRST, LAST, datetime(2026, 11, 2, 8, 0, tzinfo=ZONE), **wanted)  # type: ignore[arg-type]  # as a test says
    citations = (POLICY.finding_clock.on(LAST).citation,)
    return findings_report(Findings(asked, found, UNITS, {}, ZONE, citations), POLICY)
