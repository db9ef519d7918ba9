"""The demonstration's second half: one verdict explained, corrected by a paper, and the month reported."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from eabsensi.rehearsing.city import DAYS_OF_HISTORY, City
from eabsensi.rehearsing.shell import Say, Shell

BY: Final = "Rehearsal HR"
MONTH_UNIT: Final = "BKPSDM"


def show_verdicts(shell: Shell, city: City, reports: Path, say: Say) -> None:
    """Judge the weeks, explain the day of somebody absent, file the paper that was missing, report the month."""
    on = city.on.isoformat()
    first = city.on - timedelta(days=DAYS_OF_HISTORY)
    shell.run("assess", "--from", first.isoformat(), "--to", on, "--by", BY)
    absent = _absent(reports / f"harian-{on}.json")
    if absent is not None:
        _correct(shell, absent, city.on, say)
    _report_month(shell, city.on, reports, say)


def _absent(daily: Path) -> dict[str, Any] | None:
    """Find somebody whom the day's report calls absent."""
    rows: Sequence[dict[str, Any]] = json.loads(daily.read_text(encoding="utf-8"))
    return next((row for row in rows if row["status"] == "absent"), None)


def _correct(shell: Shell, row: dict[str, Any], on: date, say: Say) -> None:
    nip = str(row["nip"])
    say(f"\n{row['name']} is called absent on {on}. Every verdict explains itself:")
    shell.run("why", nip, on.isoformat())
    say("\nA doctor's letter comes in late. The paper outranks the missing punches, and both stay visible:")
    letter = shell.folder / "documents.csv"
    with letter.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("nip", "kind", "from", "to", "number", "issued_on", "approved_at", "approved_by", "note"))
        approved = f"{on}T15:00"
        writer.writerow((nip, "sick", on, on, "445/119/RSUD", on, approved, BY, "surat keterangan dokter"))
    shell.run("document", "import", letter.name, "--by", BY)
    after = json.loads(shell.run("why", nip, on.isoformat(), "--json", shown=False))
    say(f"\nThe verdict was {_verdict(row)}; it is {_verdict(after)} now.")


def _verdict(row: dict[str, Any]) -> str:
    return f"{row['status']} ({', '.join(row['codes'])})"


def _report_month(shell: Shell, on: date, reports: Path, say: Say) -> None:
    month = f"{on:%Y-%m}"
    shell.run("report", "monthly", "--month", month, "--unit", MONTH_UNIT)
    for kind in ("xlsx", "pdf"):
        file = reports / f"bulanan-{month}-{MONTH_UNIT.lower()}.{kind}"
        shell.run(
            *("report", "monthly", "--month", month, "--unit", MONTH_UNIT, "--format", kind, "-o", str(file)),
            shown=False,
        )
    shell.run("report", "indications", "--year", str(on.year))
    say(f"\nThe month of {MONTH_UNIT} is in {reports} too (XLSX, PDF).")
