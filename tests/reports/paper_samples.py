"""Every report there is, of the sample city, with what each rendering has to show of a row of its JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import finding_report_samples
import period_samples as samples
import report_samples as day_samples

from eabsensi.law.wording import Language, day_name
from eabsensi.reports.allowance import allowance_report
from eabsensi.reports.daily import DailyReport
from eabsensi.reports.devices import DeviceRow, DevicesReport
from eabsensi.reports.indications import indications_report
from eabsensi.reports.judged import JudgedPeriod
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.paper import Papered, Setting
from eabsensi.reports.personal import personal_report
from eabsensi.reports.ranking import ranking_report
from eabsensi.reports.recapitulation import recap_report
from eabsensi.reports.yearly import yearly_report
from eabsensi.store.health import DeviceHealth

RECAP = [
    *("working_days", "present", "absent_days", "late_count", "late_minutes", "early_count", "early_minutes"),
    *("missing_in", "missing_out", "deficit_minutes", "duty", "leave", "sick", "permission", "apel_missed"),
    *("undetermined", "percent"),
]
STATUSES = {
    "present": "Hadir",
    "absent": "Tanpa keterangan",
    "excused": "Dengan keterangan",
    "off": "Libur",
    "undetermined": "Belum lengkap",
}
GRADES = {"very-good": "Sangat Disiplin", "good": "Disiplin", "fair": "Cukup", "poor": "Perlu Pembinaan", None: "-"}
HOURS = {"starts_at": time(7, 15), "ends_at": time(15, 45)}


def health(serial: str, name: str, **changes) -> DeviceHealth:
    """Give a terminal that is well, but for what is changed."""
    at = samples.AS_OF
    well = DeviceHealth(
        device_id=1,
        serial=serial,
        unit_code="DINKES",
        name=name,
        enabled=True,
        last_poll_at=at,
        last_ok_at=at - timedelta(minutes=3),
        last_outcome="ok",
        last_error=None,
        failures=0,
        clock_offset_seconds=1.4,
        records_on_device=41230,
        record_capacity=100000,
        growth_per_day=120.5,
        days_until_full=487.7,
        complete_through=at - timedelta(minutes=4),
        tail_ok=True,
        lease_holder=None,
    )
    return replace(well, **changes)


def devices() -> DevicesReport:
    """Give the state of four terminals: well, fast and full, silent for eight days, and switched off."""
    silent = samples.AS_OF - timedelta(days=8)
    found = (
        health("CJDE000000001", "Dinas Kesehatan, lobi"),
        health("CJDE000000002", "=cmd|'/C calc'!A0", clock_offset_seconds=420.0, records_on_device=96000),
        health(
            "CJDE000000003",
            "Disperindag",
            unit_code="DISPERINDAG",
            last_outcome="unreachable",
            failures=214,
            last_ok_at=silent,
            complete_through=silent,
            clock_offset_seconds=None,
            records_on_device=None,
            record_capacity=None,
            days_until_full=None,
        ),
        health("CJDE000000004", "Gudang lama", enabled=False),
    )
    units = {"DINKES": samples.HEALTH, "DISPERINDAG": samples.TRADE}
    rows = tuple(DeviceRow(number, units[one.unit_code], one) for number, one in enumerate(found, 1))
    return DevicesReport(None, rows, Setting.of(samples.POLICY, samples.AS_OF, samples.ZONE, ()))


def budi() -> JudgedPeriod:
    """Give the November of one person, with hours, a paper and a reason."""
    period = samples.november()
    days = []
    for day in period.days:
        if day.person is not samples.BUDI:
            continue
        hours = {key: datetime.combine(day.on, at, samples.ZONE) for key, at in HOURS.items() if day.scheduled}
        paper = {"document": "S 440/17/2026"} if day.codes == ("S",) else {}
        why = {"reasons": (samples.Told("terlambat 35 menit", "35 minutes late"),)} if day.codes[0] == "TL2" else {}
        name = "Jam kerja 5 hari" if day.scheduled else "Akhir pekan"
        days.append(replace(day, schedule=name, **hours, **paper, **why))
    return replace(period, days=tuple(days))


@dataclass(frozen=True)
class Shown:
    """How a report is made, and what a row of its JSON looks like elsewhere.

    Attributes:
        make: gives the report.
        finds: column of a sheet and the value there, by which a row is found.
        cells: the row's cells from its second column on.
        printed: words that stand together in a PDF.
        listed: words that stand together in a terminal.

    """

    make: Callable[[], Papered | DailyReport]
    finds: Callable[[dict], tuple[int, object]]
    cells: Callable[[dict], list]
    printed: Callable[[dict], str]
    listed: Callable[[dict], str]


def comma(value: object) -> str:
    return "" if value is None else str(value).replace(".", ",")


def line(values: list) -> str:
    """Write values as a line of a paper, nothing for None."""
    return " ".join(" ".join(comma(value) for value in values).split())


def clock(told: str | None) -> time | None:
    return datetime.fromisoformat(told).time() if told else None


def hour(told: str | None) -> str:
    return f"{datetime.fromisoformat(told):%H.%M}" if told else "-"


def by_nip(found: dict) -> tuple[int, object]:
    return 1, found["nip"]


def _recap(found: dict) -> list:
    return [found[key] for key in RECAP]


def _brief_name(found: dict) -> str:
    name = found["name"]
    return name if len(name) <= 24 else f"{name[:23]}…"


def _daily(found: dict) -> list:
    times = [clock(found["in"]), clock(found["out"])]
    complete = "ya" if found["complete"] else "belum"
    codes = " ".join(found["codes"])
    minutes = [found["late_minutes"], found["early_minutes"]]
    return [found["nip"], found["name"], ..., ..., STATUSES[found["status"]], codes, *times, *minutes, complete, ...]


def _daily_line(found: dict) -> str:
    minutes = [found["late_minutes"] or "", found["early_minutes"] or ""]
    return line([" ".join(found["codes"]), hour(found["in"]), hour(found["out"]), *minutes]).replace(",", ".")


def _year(found: dict) -> list:
    figures = ("absent_days", "converted_minutes", "converted_days", "total_days", "longest_run", "undetermined")
    return [*found["months"], *(found[key] for key in figures)]


def _indicated(found: dict) -> list:
    return [found["kind"], *(found[key] for key in ("absent_days", "converted_days", "total_days", "longest_run"))]


def two(percent: str) -> str:
    """Write an exact percentage as people read it."""
    return f"{Decimal(percent):.2f}"


def _taken_off(found: dict) -> str:
    lines = (f"{int(one['date'][-2:])}: {one['code']} {comma(two(one['percent']))}" for one in found["lines"])
    return "; ".join(lines) or "-"


def _first_taken_off(found: dict) -> str:
    """Give what still stands on the first line of a terminal, which breaks long cells."""
    return "; ".join(_taken_off(found).split("; ")[:2])


def _ranked(found: dict) -> list:
    keys = ("people", "duty_days", "present", "percent", "punctuality_percent", "late_count", "early_count")
    rest = ("missing_count", "absent_days", "late_minutes", "undetermined_percent", "index")
    return [*(found[key] for key in (*keys, *rest)), GRADES[found["grade"]]]


def _terminal(found: dict) -> list:
    keys = ("clock_offset_seconds", "records", "capacity", "filled_percent", "days_until_full", "failures")
    return [found[key] for key in keys]


def _seen(found: dict) -> list:
    return [datetime.fromisoformat(found[key]).replace(tzinfo=None) for key in ("last_read_at", "complete_through")]


def _personal_rest(found: dict) -> list:
    return [
        *(found["codes"], found["late_minutes"] or None, found["early_minutes"] or None),
        *(found["document"] or None, found["remark"] or None),
    ]


def _personal(found: dict) -> list:
    times = [clock(found[key]) for key in ("start", "end", "in", "out")]
    return [found["day"], found["schedule"], *times, *_personal_rest(found)]


def _personal_line(found: dict) -> str:
    off = found["status"] == "off"
    hours = found["schedule"] if found["start"] is None else f"{hour(found['start'])}-{hour(found['end'])}"
    clocks = [] if off else [hour(found["in"]), hour(found["out"])]
    on = date.fromisoformat(found["date"])
    told = [on.day, day_name(on, Language.ID), hours, *clocks, *_personal_rest(found)]
    return " ".join(str(one) for one in told if one is not None)


def _found(found: dict) -> list:
    about = {"person": "pegawai", "device": "mesin", "unit": "unit kerja", "account": "akun"}[found["about"]]
    who = [about, found["subject"], found["unit"], len(found["dates"])]
    rest = [found[key] for key in ("measured", "threshold", "sentence", "innocent")]
    return [found["key"], found["rule"], found["name"], *who, *rest]


ALL = {
    "daily": Shown(day_samples.report, by_nip, _daily, _daily_line, _daily_line),
    "monthly": Shown(
        lambda: monthly_report(samples.november(), samples.POLICY),
        by_nip,
        lambda found: [found["nip"], found["name"], *found["days"].values(), *_recap(found)],
        lambda found: f"{found['nip']} {line(_recap(found))}",
        lambda found: f"{_brief_name(found)} {line(_recap(found))}",
    ),
    "recap": Shown(
        lambda: recap_report(samples.november(), samples.POLICY),
        by_nip,
        lambda found: [found["nip"], found["name"], *_recap(found)],
        lambda found: f"{found['nip']} {line(_recap(found))}",
        lambda found: f"{_brief_name(found)} {line(_recap(found))}",
    ),
    "yearly": Shown(
        lambda: yearly_report(samples.year(), samples.POLICY, 2026),
        by_nip,
        lambda found: [found["nip"], found["name"], *_year(found), found["tier"]],
        lambda found: f"{found['nip']} {line(_year(found))}",
        lambda found: line(_year(found)),
    ),
    "indications": Shown(
        lambda: indications_report(samples.year(), samples.POLICY, 2026),
        by_nip,
        lambda found: [found["nip"], found["name"], *_indicated(found), ..., ..., ..., ...],
        lambda found: f"{found['nip']} {line(_indicated(found))}",
        lambda found: line(_indicated(found)),
    ),
    "allowance": Shown(
        lambda: allowance_report(samples.november(), samples.POLICY),
        by_nip,
        lambda found: [found["nip"], found["name"], float(found["percent"]), _taken_off(found), len(found["open_on"])],
        lambda found: f"{found['nip']} {comma(two(found['percent']))} {_taken_off(found)} {len(found['open_on'])}",
        lambda found: f"{found['name']} {comma(two(found['percent']))} {_first_taken_off(found)}",
    ),
    "ranking": Shown(
        lambda: ranking_report(samples.november(), samples.POLICY),
        lambda found: (1, found["name"]),
        lambda found: [found["name"], *_ranked(found)],
        lambda found: f"{found['name']} {line(_ranked(found))}",
        lambda found: f"{found['name']} {line(_ranked(found))}",
    ),
    "findings": Shown(
        finding_report_samples.report,
        lambda found: (1, found["key"]),
        _found,
        lambda found: f"{found['measured']} Ambang: {found['threshold']} {found['sentence']}",
        lambda found: f"{found['rule']} {found['key']}",
    ),
    "devices": Shown(
        devices,
        lambda found: (1, found["serial"]),
        lambda found: [
            *(found["serial"], found["unit_name"], found["name"], ..., *_seen(found), *_terminal(found)),
            "; ".join(found["todo"]) or None,
        ],
        lambda found: " ".join([*(f"{at:%d-%m-%Y %H}.{at:%M}" for at in _seen(found)), line(_terminal(found))]),
        lambda found: line(_terminal(found)),
    ),
    "personal": Shown(
        lambda: personal_report(budi(), samples.POLICY),
        lambda found: (0, datetime.fromisoformat(found["date"])),
        _personal,
        _personal_line,
        _personal_line,
    ),
}
