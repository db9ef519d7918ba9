"""What is done on the pages, in the order of the guides; a step that does not work stops everything."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from scripts.picturing.camera import BROAD, PHONE, Camera
from scripts.picturing.city import EMPLOYEE_PIN, OPERATORS_UNIT, GuideCity

#: Accounts of the officers who file and decide.
OFFICER, SECOND, OPERATOR, LEADER, ADMIN = "ratna", "hendra", "op.dinkes", "sekda", "admin"
#: Absent without reason on the day before; the doctor's letter comes in the morning after.
_SICK_PIN, _SICK_ON = "81", "2026-11-02"
_MONTH: Final = "2026-10"
_PAPER_POINTS: Final = 1100


def play(camera: Camera, city: GuideCity) -> None:
    """Walk through the guides' tasks; pictures are taken on the way."""
    _enter(camera)
    _see_the_morning(camera)
    _ask_why(camera, _nip(city, EMPLOYEE_PIN))
    _file_and_approve(camera, _nip(city, _SICK_PIN))
    _map_a_pin(camera)
    _report_a_month(camera)
    _close(camera)
    _count_a_year(camera)
    _look_after(camera)
    _employee(camera, city)


def _nip(city: GuideCity, pin: str) -> str:
    return next(one.nip for one in city.employees if one.pin == pin)


# --- the day --------------------------------------------------------------------------------------------------------


def _enter(camera: Camera) -> None:
    with camera.seen_by("") as page:
        page.goto("/login")
        camera.take(page, "masuk", "header.top", "main .card")
    with camera.seen_by(OFFICER) as page:
        page.goto("/password")
        camera.take(page, "kata-sandi", "header.top", "main .card")


def _see_the_morning(camera: Camera) -> None:
    with camera.seen_by(OFFICER) as page:
        page.goto("/today")
        camera.take(page, "hari-ini", "header.top", "p.downloads")
        camera.take(page, "kedatangan", ".pictures")
        page.click("li.figure.late a")
        camera.take(page, "terlambat", ".heading", "main section:nth-of-type(2)")
        page.goto("/today?date=2026-11-02&unit=DINKES")
        page.click("li.figure.absent a")
        camera.take(page, "tanpa-keterangan", ".heading", "main section")
    with camera.seen_by(LEADER) as page:
        page.goto("/today?date=2026-11-02")
        camera.take(page, "berdampingan", "h2:has-text('Unit kerja berdampingan')", ".pictures.one figure")
    with camera.seen_by(LEADER, width=PHONE) as page:
        page.goto("/today")
        camera.take(page, "hari-ini-hp", ".heading", "p.downloads", most=760)


def _ask_why(camera: Camera, nip: str) -> None:
    with camera.seen_by(OPERATOR) as page:
        page.goto(f"/people/{nip}/days/2026-11-03")
        camera.take(page, "mengapa", ".heading", "section[aria-labelledby^='why-']:nth-of-type(5)")


def _file_and_approve(camera: Camera, nip: str) -> None:
    with camera.seen_by(OPERATOR) as page:
        page.goto(f"/people/{nip}/days/{_SICK_ON}")
        page.click("a.button:has-text('Ajukan dokumen')")
        page.select_option("select[name=kind]", "sick")
        page.fill("input[name=number]", "445/212/PKM-DS/XI/2026")
        page.fill("input[name=issued_on]", _SICK_ON)
        page.fill("textarea[name=note]", "Surat keterangan dokter, diterima 3 November 2026")
        camera.take(page, "dokumen-isi", "h1", "form.filing")
        page.click("form.filing button")
        page.wait_for_url("**/documents/*?done=filed")
        address = re.sub(r"\?.*", "", page.url)
        camera.take(page, "dokumen-menunggu", ".heading", "main table, main .scroll")
    with camera.seen_by(OFFICER) as page:
        page.goto("/documents?state=filed")
        page.goto(address)
        camera.take(page, "dokumen-putuskan", ".decision", "main .scroll")
        page.click("form[action$='/approve'] button")
        page.wait_for_url("**/documents/*?done=approved")
        camera.take(page, "dokumen-disetujui", ".heading", "p.done", "section.card")
        page.goto(f"/people/{nip}/days/{_SICK_ON}")
        camera.take(page, "mengapa-sakit", ".heading", "section.verdict")


def _map_a_pin(camera: Camera) -> None:
    with camera.seen_by(OFFICER) as page:
        page.goto("/unmapped")
        camera.take(page, "pin", "h1", "main .scroll")
        page.click("tr:last-child a.button")
        page.click("a:has-text('pakai NIP ini')")
        camera.take(page, "pin-petakan", "h1", "form.filing")
        page.click("form.filing button")
        page.wait_for_url("**/unmapped/mapped*")


# --- the month ------------------------------------------------------------------------------------------------------


def _report_a_month(camera: Camera) -> None:
    with camera.seen_by(OFFICER) as page:
        page.goto(f"/months/{_MONTH}?unit=BKPSDM&show=grid")
        camera.take(page, "bulan", ".heading", "main .scroll", most=760)
        camera.take(page, "arti-kode", "p.asof:has-text('Kotak kosong')", ".twofold section:last-child")
        camera.take(page, "peta", "h2:has-text('Peta kehadiran')", ".chart.wide")
        page.goto(f"/months/{_MONTH}?unit=BKPSDM&show=recap")
        camera.take(page, "rekap", "ul.tabs", "main .scroll", most=480)
        page.goto(f"/months/{_MONTH}/allowance?unit=BKPSDM")
        camera.take(page, "potongan", "ul.tabs", "main .scroll", most=430)
    with camera.seen_by(LEADER, width=BROAD) as page:
        page.goto(f"/months/{_MONTH}")
        page.click("summary")
        camera.take(page, "peringkat", "h2", "details > ul")
    _print_and_verify(camera)


def _print_and_verify(camera: Camera) -> None:
    with camera.seen_by(OFFICER) as page, tempfile.TemporaryDirectory() as folder:
        page.goto(f"/months/{_MONTH}?unit=BKPSDM&show=recap")
        with page.expect_download() as downloading:
            page.click("p.downloads a:has-text('PDF')")
        paper = Path(folder) / "paper.pdf"
        downloading.value.save_as(paper)
        camera.keep("cetak", _first_page(paper))
        page.goto("/verify")
        page.fill("input[name=code]", _code_on(paper))
        page.click("main form button")
        camera.take(page, "keaslian", "main .card")


def _first_page(paper: Path) -> bytes:
    target = paper.with_suffix("")
    size = ("-scale-to-x", str(_PAPER_POINTS), "-scale-to-y", "-1")
    subprocess.run(["pdftoppm", "-png", "-singlefile", *size, str(paper), str(target)], check=True)  # noqa: S603, S607 - poppler's own
    return target.with_suffix(".png").read_bytes()


def _code_on(paper: Path) -> str:
    done = subprocess.run(["pdftotext", str(paper), "-"], check=True, capture_output=True, text=True)  # noqa: S603, S607 - as above
    found = re.search(r"Kode verifikasi ([A-Z2-7]{4}(?:-[A-Z2-7]{4}){2})", done.stdout)
    assert found, "every paper carries its code"
    return found[1]


def _close(camera: Camera) -> None:
    with camera.seen_by(OFFICER) as page:
        page.goto("/closing")
        camera.take(page, "tutup-daftar", "h1", "tbody tr:nth-child(5)")
        page.goto(f"/closing/{_MONTH}?unit={OPERATORS_UNIT}")
        page.click("form[action$='/check'] button")
        camera.take(page, "tutup-periksa", "h1", "form[action$='/close']")
        page.click("form[action$='/close'] button")
        page.wait_for_url(f"**/closing/{_MONTH}?*")
    _amend(camera)
    with camera.seen_by(OFFICER) as page:
        page.goto(f"/closing/{_MONTH}?unit={OPERATORS_UNIT}")
        camera.take(page, "tutup-adendum", "h1", "main section:last-of-type")


def _amend(camera: Camera) -> None:
    """File a paper for a day of the month that was just closed, and approve it."""
    with camera.seen_by(OPERATOR) as page:
        page.goto(f"/months/{_MONTH}?unit={OPERATORS_UNIT}&show=grid")
        page.goto(str(page.locator("td.absent a, td a:has-text('TK')").first.get_attribute("href")))
        page.click("a.button:has-text('Ajukan dokumen')")
        page.select_option("select[name=kind]", "duty")
        page.fill("input[name=number]", "094/377/DINKES/2026")
        page.click("form.filing button")
        page.wait_for_url("**/documents/*?done=filed")
        address = re.sub(r"\?.*", "", page.url)
    with camera.seen_by(SECOND) as page:
        page.goto(address)
        page.click("form[action$='/approve'] button")
        page.wait_for_url("**/documents/*?done=approved")


# --- the year, and what has to be looked after ----------------------------------------------------------------------


def _count_a_year(camera: Camera) -> None:
    with camera.seen_by(OFFICER) as page:
        page.goto("/indications")
        camera.take(page, "indikasi", ".heading", "tbody tr:nth-child(3)")


def _look_after(camera: Camera) -> None:
    with camera.seen_by(OFFICER) as page:
        page.goto("/devices")
        camera.take(page, "mesin", ".heading", "tbody tr:nth-child(3)")
    with camera.seen_by(ADMIN) as page:
        page.goto("/accounts")
        camera.take(page, "akun", "h1", "main .scroll", most=620)


# --- the employee ---------------------------------------------------------------------------------------------------


def _employee(camera: Camera, city: GuideCity) -> None:
    nip = _nip(city, EMPLOYEE_PIN)
    with camera.seen_by(OFFICER) as page:
        page.goto(f"/people/{nip}/months/{_MONTH}")
    with camera.seen_by(nip, width=PHONE) as page:
        page.goto(f"/people/{nip}/months/{_MONTH}")
        camera.take(page, "pegawai-bulan-hp", ".heading", "figure.chart")
        page.goto(f"/people/{nip}/days/2026-11-03")
        camera.take(page, "pegawai-hari-hp", ".heading", "section.verdict", most=900)
    with camera.seen_by(nip) as page:
        page.goto(f"/people/{nip}/trail")
        camera.take(page, "pegawai-jejak", "h1", "main .scroll", most=500)
