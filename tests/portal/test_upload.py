"""A spreadsheet of papers in the portal: good rows are filed, bad ones told with line and reason."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from portal_city import ANDI, BUDI, ON, RINA, Browser

from eabsensi.access.trail import Action, entries
from eabsensi.filing import uploading
from eabsensi.store.documents import list_documents

HEAD = "nip,unit,kind,from,to,covers,number,issued_on,approved_at,note"


def send(visitor: Browser, content: bytes | str, name: str = "cuti.csv", csrf: str | None = None):
    """Send a file as the form does."""
    body = content if isinstance(content, bytes) else content.encode()
    return visitor.post(
        "/documents/upload",
        data={"csrf": visitor.csrf() if csrf is None else csrf},
        files={"sheet": (name, body)},
        headers={"Sec-Fetch-Site": "same-origin"},
    )


def csv(*rows: str) -> str:
    return "\n".join((HEAD, *rows))


def papers(city) -> list[tuple]:
    with city.store.begin() as connection:
        return [
            (row.nip, row.unit, row.kind, row.state, row.filed_by, row.number) for row in list_documents(connection)
        ]


def test_good_rows_are_filed_and_bad_ones_told_with_line_and_reason(city, browser):
    rows = (
        f"{BUDI},,CT,{ON},{ON},,851/7,,,",
        f"{BUDI},,annual_leave,2026-13-01,{ON},,851/8,,,",
        f"{RINA},,sick,{ON},{ON},,,,2026-11-24 08:00,",
        f",,sick,{ON},{ON},,,,,",
        f"{RINA},,S,{ON},{ON},in,445/1,,,demam",
    )
    page = send(browser("operator"), csv(*rows))
    assert page.status_code == 200
    assert "cuti.csv: 2 dokumen diajukan, 0 sudah ada, 3 baris ditolak." in page.text
    refused = page.text.split("<tbody>")[1].split("</tbody>")[0]
    assert [line.split("<")[0] for line in refused.split('<th scope="row" class="n">')[1:]] == ["3", "4", "5"]
    assert "2026-13-01 bukan tanggal" in refused
    assert "Persetujuan tidak dibaca dari berkas" in refused
    assert "Wajib diisi." in refused
    assert sorted(papers(city)) == [
        (BUDI, None, "annual_leave", "filed", "operator", "851/7"),
        (RINA, None, "sick", "filed", "operator", "445/1"),
    ]


def test_the_same_file_again_doubles_nothing(city, browser):
    operator, file = browser("operator"), csv(f"{BUDI},,CT,{ON},{ON},,851/7,,,")
    send(operator, file)
    assert "0 dokumen diajukan, 1 sudah ada, 0 baris ditolak." in send(operator, file).text
    assert len(papers(city)) == 1


def test_another_units_people_and_units_are_refused_as_unknown_ones_are(city, browser):
    rows = (
        f"{ANDI},,CT,{ON},{ON},,1,,,",
        f"199001012015019999,,CT,{ON},{ON},,2,,,",
        f",DISDIK,incident,{ON},{ON},,3,,,",
    )
    page = send(browser("operator"), csv(*rows)).text
    assert "0 dokumen diajukan, 0 sudah ada, 3 baris ditolak." in page
    assert page.count("Tidak ada pegawai dengan NIP ini di unit kerja Anda") == 2
    assert "Tidak ada unit kerja DISDIK dalam wewenang Anda." in page
    assert papers(city) == []


def test_who_uploads_does_not_approve(browser):
    hr = browser("hr")
    send(hr, csv(f"{ANDI},,CT,{ON},{ON},,1,,,"))
    refused = hr.post_form("/documents/1/approve")
    assert refused.status_code == 409
    assert "harus disetujui oleh orang lain" in refused.text
    assert browser("hr2").post_form("/documents/1/approve").status_code == 303


def test_each_paper_and_the_file_are_in_the_trail(city, browser):
    send(browser("operator"), csv(f"{BUDI},,CT,{ON},{ON},,851/7,,,", "x,,,,,,,,,"), name="../daftar cuti.csv")
    with city.store.begin() as connection:
        found = [entry for entry in entries(connection) if entry.action == Action.FILE_DOCUMENT]
    assert [entry.subject for entry in found] == ["upload daftar cuti.csv", "document 1 851/7"]
    assert found[0].detail == {"filed": 1, "known": 0, "refused": 1}


def workbook(nip: object) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["nip", "kind", "from", "to", "note"])
        sheet.write_row(1, 0, [nip, "CT", f"{ON}", f"{ON}", "a%00b"])
    return content.getvalue()


def test_a_workbook_is_read_and_a_nip_that_became_a_number_is_not(city, browser):
    operator = browser("operator")
    assert "1 dokumen diajukan" in send(operator, workbook(BUDI), "cuti.xlsx").text
    page = send(operator, workbook(float(BUDI)), "cuti.xlsx").text
    assert "1 baris ditolak" in page
    assert "Tersimpan sebagai angka" in page
    assert len(papers(city)) == 1


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no workbook", b"\x00\xff%00\x00", b"nip,name\n1,2\n"])
def test_what_is_no_sheet_of_papers_is_refused_whole(city, browser, content):
    page = send(browser("hr"), content)
    assert page.status_code == 400
    assert "Berkas ini tidak dapat dibaca." in page.text
    assert papers(city) == []


def test_too_much_at_once_is_refused_whole(city, browser, monkeypatch):
    monkeypatch.setattr(uploading, "MOST_ROWS", 2)
    hr = browser("hr")
    page = send(hr, csv(*(f"{BUDI},,CT,{ON},{ON},,{number},,," for number in range(3))))
    assert (page.status_code, "paling banyak 2 baris" in page.text) == (400, True)
    monkeypatch.setattr(uploading, "MOST_BYTES", 10)
    assert send(hr, csv()).status_code == 400
    assert send(hr, b"x" * 3_000_000).status_code == 413
    assert papers(city) == []


def test_a_form_from_elsewhere_and_one_without_a_file_file_nothing(city, browser):
    hr = browser("hr")
    assert send(hr, csv(f"{BUDI},,CT,{ON},{ON},,1,,,"), csrf="other").status_code == 403
    assert "Pilih berkas lebih dahulu." in hr.post_form("/documents/upload").text
    assert papers(city) == []


def test_hostile_cells_are_shown_as_text(browser):
    hostile = f'"<script>alert(1)</script>",,CT,{ON},"<b>x</b>",,1,,,'
    page = send(browser("hr"), csv(hostile), name="<b>nama.csv").text
    assert "<script>alert" not in page
    assert "<b>x" not in page
    assert "<b>nama" not in page
