"""A printed report is a letter: the unit's own letterhead and crest above, its own signer below."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from pathlib import Path

import period_samples as samples
import pypdf
import pytest
import report_samples as day_samples

from eabsensi.law.letterhead import Letterhead, Letterheads, Signer, UnitLetterhead
from eabsensi.law.wording import Language
from eabsensi.reports import letter
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.paper import Drawings, Medium, Part, Picture, Setting
from eabsensi.reports.personal import personal_report
from eabsensi.reports.recapitulation import recap_report
from eabsensi.reports.rendering import render, render_daily
from eabsensi.reports.typesetting import TypesettingError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10" fill="#226622"/></svg>'
HEAD = Signer(
    position="Kepala Dinas Kesehatan",
    name="dr. Ratna Kusumawardani, M.Kes.",
    rank="Pembina Utama Muda (IV/c)",
    nip="197206152000032004",
    knowing=Signer("Sekretaris Daerah", "Drs. Hamdan Siregar, M.Si.", "Pembina Utama (IV/e)", "196801011990031002"),
)


def heads(**units: UnitLetterhead) -> Letterheads:
    city = Letterhead("PEMERINTAH KOTA JAMBI", "BADAN KEPEGAWAIAN DAN DIKLAT", "Jalan Contoh 1", "Jambi")
    return Letterheads(city, units)


def month(letterheads: Letterheads, **setting):
    report = monthly_report(samples.november(), samples.POLICY)
    return replace(report, setting=replace(report.setting, letterheads=letterheads, **setting))


def pages_of(report, folder: Path, name: str = "report.pdf") -> list[str]:
    write = render_daily if hasattr(report, "sections") and hasattr(report, "on") else render
    (path,) = write(report, "pdf", folder / name)
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages]


def png(side: int = 4) -> bytes:
    rows = b"".join(b"\0" + b"\x20\x60\x20" * side for _ in range(side))
    chunks = (b"IHDR" + struct.pack(">2I5B", side, side, 8, 2, 0, 0, 0), b"IDAT" + zlib.compress(rows), b"IEND")
    told = b"".join(struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in chunks)
    return b"\x89PNG\r\n\x1a\n" + told


def test_each_unit_has_its_own_letterhead_and_signer(tmp_path):
    own = UnitLetterhead(agency="DINAS KESEHATAN KOTA", address="Jalan Mawar 5", phone="(0741) 1234", signer=HEAD)
    _, health, *_, trade = (
        page for page in pages_of(month(heads(DINKES=own)), tmp_path) if page.startswith("PEMERINTAH")
    )
    assert health.startswith("PEMERINTAH KOTA JAMBI DINAS KESEHATAN KOTA Jalan Mawar 5 Telp. (0741) 1234 REKAP")
    assert "Mengetahui, Sekretaris Daerah, Jambi, 2 Desember 2026 Kepala Dinas Kesehatan," in health
    assert "Drs. Hamdan Siregar, M.Si. dr. Ratna Kusumawardani, M.Kes." in health
    assert "NIP. 19680101 199003 1 002" in health
    assert "NIP. 19720615 200003 2 004" in health
    assert trade.startswith("PEMERINTAH KOTA JAMBI DINAS PERINDUSTRIAN DAN PERDAGANGAN REKAP")
    assert "Jambi, 2 Desember 2026 Kepala Dinas Perindustrian dan Perdagangan, NIP." in trade
    assert "Mengetahui" not in trade


def test_a_unit_below_takes_the_letterhead_of_the_unit_above(tmp_path):
    own = UnitLetterhead(agency="DINAS INDUK", address="Jalan Induk 9", signer=HEAD)
    report = month(heads(INDUK=own), ancestries={"DISPERINDAG": ("DISPERINDAG", "INDUK")})
    *_, trade = (page for page in pages_of(report, tmp_path) if page.startswith("PEMERINTAH"))
    assert trade.startswith("PEMERINTAH KOTA JAMBI DINAS INDUK Jalan Induk 9")
    assert "dr. Ratna Kusumawardani" in trade


def test_the_day_has_the_same_letter_as_the_month(tmp_path):
    own = UnitLetterhead(agency="DINAS KESEHATAN KOTA", address="Jalan Mawar 5", signer=HEAD)
    report = day_samples.report()
    _, health, trade = pages_of(
        replace(report, setting=replace(report.setting, letterheads=heads(DINKES=own))), tmp_path
    )
    assert health.startswith("PEMERINTAH KOTA JAMBI DINAS KESEHATAN KOTA Jalan Mawar 5 LAPORAN")
    assert "dr. Ratna Kusumawardani, M.Kes. Pembina Utama (IV/e)" in health
    assert "Kepala Dinas Perindustrian dan Perdagangan, NIP." in trade


def test_the_head_of_an_agency_in_capitals_signs_in_small_letters():
    setting = Setting.of(samples.POLICY, samples.AS_OF, samples.ZONE, ())
    setting = replace(setting, letterheads=heads())
    name = setting.letterheads.city.agency
    (signed,) = letter.signatures(setting, "", name, Language.ID)
    assert signed.lines == ("Jambi, 2 Desember 2026", "Kepala Badan Kepegawaian dan Diklat,")


@pytest.mark.parametrize(("name", "content"), [("lambang.svg", SVG.encode()), ("lambang.png", png())])
def test_a_crest_is_drawn_on_every_letter(name, content, tmp_path):
    crest = tmp_path / name
    crest.write_bytes(content)
    with_crest = heads(DINKES=UnitLetterhead(crest=crest))
    (plain,) = render(month(heads()), "pdf", tmp_path / "plain.pdf")
    (crested,) = render(month(with_crest), "pdf", tmp_path / "crested.pdf")
    assert plain.read_bytes() != crested.read_bytes()
    assert len(pypdf.PdfReader(plain).pages) == len(pypdf.PdfReader(crested).pages)
    drawn = [len(page.images) + len(page.get_contents().get_data()) for page in pypdf.PdfReader(crested).pages]
    bare = [len(page.images) + len(page.get_contents().get_data()) for page in pypdf.PdfReader(plain).pages]
    assert drawn[1] != bare[1]
    assert drawn[-1] == bare[-1]


def test_a_crest_that_is_gone_is_told(tmp_path):
    gone = heads(DINKES=UnitLetterhead(crest=tmp_path / "lambang.svg"))
    with pytest.raises(TypesettingError, match=r"lambang.svg cannot be read. Name another one in letterhead.yaml"):
        render(month(gone), "pdf", tmp_path / "report.pdf")


def test_a_personal_sheet_is_signed_by_the_employee_and_left_open_for_the_superior(tmp_path):
    period = samples.november()
    own = replace(period, days=tuple(day for day in period.days if day.person is samples.BUDI))
    (page,) = pages_of(personal_report(own, samples.POLICY), tmp_path)
    assert "Mengetahui, Atasan langsung, Jambi, 2 Desember 2026 Pegawai yang bersangkutan," in page
    assert "Budi Hartono" in page
    assert "Penata (III/c)" in page
    assert "NIP. 19900101 201501 1 001" in page


def test_a_month_is_printed_with_its_heat_map_after_the_signature(tmp_path):
    pages = " ".join(pages_of(monthly_report(samples.november(), samples.POLICY), tmp_path))
    assert pages.index("Kepala Dinas Kesehatan") < pages.index("Peta kehadiran")
    assert pages.count("Peta kehadiran") == 2
    assert "Pulang cepat" in pages


def test_any_part_may_have_pictures_and_a_workbook_leaves_them_out(tmp_path):
    words = '<text x="1" y="5" font-size="3">gambar uji</text></svg>'
    pictured = _Pictured(recap_report(samples.november(), samples.POLICY), SVG.replace("</svg>", words))
    (path,) = render(pictured, "pdf", tmp_path / "report.pdf")
    assert "Judul gambar gambar uji" in " ".join(
        " ".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages
    )
    assert render(pictured, "xlsx", tmp_path / "report.xlsx")


class _Pictured:
    """A report whose first part has a picture."""

    def __init__(self, report, svg: str) -> None:
        self._report = report
        self._picture = Picture(svg, "Judul gambar", 60)

    def __getattr__(self, name: str):
        return getattr(self._report, name)

    def paper(self, medium: Medium, language: Language):
        paper = self._report.paper(medium, language)
        first: Part = replace(paper.parts[0], drawings=Drawings(after=(self._picture,)))
        return replace(paper, parts=(first, *paper.parts[1:]))
