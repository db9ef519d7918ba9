"""The pages' own lists as files: the rows of the page, for whom it opens, and nothing in them runs."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from judged_city import at
from portal_city import ANDI, BUDI, ON, RINA, SITI, Browser
from pypdf import PdfReader

from eabsensi.access.trail import Action
from eabsensi.law.wording import Language
from eabsensi.portal.wording import vocabulary
from eabsensi.reports import listing_words, listings
from eabsensi.reports.listing import Words
from eabsensi.store.documents import Document, file_documents

MONTH = date(2026, 11, 1)
HOSTILE = "=1+1"
#: Each list with its page, and how the page's rows are recognised: what the pattern finds is the column named beside.
PAGES = {
    "documents": ("/documents", r'<th scope="row"><a href="/documents/(\d+)"', "id"),
    "unmapped": ("/unmapped", r'<th scope="row">(\d+)</th>', "pin"),
    "closing": ("/closing", r'<th scope="row">(Unit \w+)</th>', "unit"),
    "people": ("/people", r"</a><small>(\d{18})</small>", "nip"),
    "trail": ("/trail", r'<th scope="row">.*?</th>\s*<td[^>]*>([\w(]+)', "account"),
    "accounts": ("/accounts", r'href="/accounts/people/(\w+)"', "username"),
}


@pytest.fixture
def filled(city):
    """Give the city with papers of Siti, of Andi and of all of PKM1, and PINs of nobody's at DINKES and DISDIK."""
    wishes = [
        Document(city.people[SITI], None, "sick", ON, ON, number=HOSTILE),
        Document(city.people[ANDI], None, "annual_leave", ON, ON + timedelta(days=2), number="851/9"),
        Document(None, "PKM1", "duty", ON, ON, number="094/3"),
    ]
    with city.store.begin() as connection:
        for wish in wishes:
            file_documents(connection, [wish], by="operator", at=city.clock.now())
    city.punch(city.devices["DINKES"], "77", at("07:00"))
    city.punch(city.devices["DISDIK"], "88", at("07:10"))
    return city


def fetch(visitor: Browser, kind: str, ending: str, query: str = ""):
    answer = visitor.get(f"/downloads/{kind}.{ending}?{query}")
    assert answer.status_code == 200, answer.text
    return answer


def rows_of(visitor: Browser, kind: str, query: str = "") -> list[dict[str, object]]:
    return json.loads(fetch(visitor, kind, "json", query).text)


def sheet_of(visitor: Browser, kind: str, query: str = ""):
    return openpyxl.load_workbook(io.BytesIO(fetch(visitor, kind, "xlsx", query).content)).worksheets[0]


def text_of(visitor: Browser, kind: str, query: str = "") -> str:
    pages = PdfReader(io.BytesIO(fetch(visitor, kind, "pdf", query).content)).pages
    return " ".join(page.extract_text() for page in pages)


@pytest.mark.parametrize("kind", PAGES)
def test_a_file_has_the_rows_of_the_page_in_its_order_and_is_linked_there(filled, browser, kind):
    visitor = browser("admin")
    path, pattern, column = PAGES[kind]
    rows = rows_of(visitor, kind)  # first, for looking at the trail's page is itself an entry
    page = visitor.get(path).text
    on_page = re.findall(pattern, page, re.DOTALL)
    if kind == "trail":
        noted, rows = on_page[0], [{"account": "admin"}, *rows]  # the download, and the look at the page
        assert noted == "admin"
        on_page = on_page[1:]
    told = [re.match(r"[\w( ]+", str(row[column]))[0].strip() for row in rows]
    assert on_page == [one.split(" ")[0] if kind == "trail" else one for one in told]
    assert len(rows) > 1
    for ending in ("xlsx", "pdf", "csv"):
        assert f'href="/downloads/{kind}.{ending}?' in page


@pytest.mark.parametrize("kind", PAGES)
def test_every_list_comes_in_every_form_with_a_code_that_is_kept(filled, browser, kind):
    visitor = browser("admin")
    rows = rows_of(visitor, kind)
    text = text_of(visitor, kind)
    with zipfile.ZipFile(io.BytesIO(fetch(visitor, kind, "xlsx").content)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    records = list(csv.DictReader(io.StringIO(fetch(visitor, kind, "csv").content.decode("utf-8-sig"))))
    assert list(records[0]) == list(rows[0])
    for row in rows[:3]:
        told = str(row[PAGES[kind][2]])
        assert told.replace(" ", "") in re.sub(r"\s", "", text), told
    assert "Halaman 1 dari" in text
    kept = filled.owner.execute("SELECT code FROM issued_paper WHERE kind = %s AND format = 'pdf'", (kind,)).fetchall()
    [(code,)] = kept
    assert code in text
    noted = filled.owner.execute("SELECT subject FROM trail WHERE action = 'download' ORDER BY id").fetchall()
    assert len(noted) == 4
    assert all(subject.endswith((".json", ".pdf", ".xlsx", ".csv")) for (subject,) in noted)


def test_an_operators_files_hold_the_own_units_only(filled, browser):
    operator = browser("operator")
    assert {row["number"] for row in rows_of(operator, "documents")} == {HOSTILE, "094/3"}
    assert {row["number"] for row in rows_of(browser("hr"), "documents")} == {HOSTILE, "094/3", "851/9"}
    assert [row["pin"] for row in rows_of(operator, "unmapped")] == ["77"]
    assert {row["nip"] for row in rows_of(operator, "people")} == {BUDI, SITI, RINA}
    for kind in ("documents", "people"):
        assert operator.get(f"/downloads/{kind}.pdf?unit=DISDIK").status_code == 403
    assert {row["nip"] for row in rows_of(browser("leader"), "people", "unit=PKM1")} == {SITI, RINA}
    assert "UNIT DINKES" in text_of(operator, "documents").upper()


def test_hostile_cells_stay_text_dates_are_dates_and_a_nip_is_text(filled, browser):
    visitor = browser("hr")
    sheet = sheet_of(visitor, "documents")
    found = {cell.value: cell for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert (found[HOSTILE].data_type, found[SITI].data_type) == ("s", "s")
    assert found[datetime(2026, 11, 26)].is_date
    assert f"'{HOSTILE}" in fetch(visitor, "documents", "csv").text
    assert HOSTILE in text_of(visitor, "documents")


def test_a_list_is_narrowed_as_its_page_is_and_says_so(filled, browser):
    visitor = browser("hr")
    asked = f"state=filed&person={ANDI}&first={ON}"
    [row] = rows_of(visitor, "documents", asked)
    assert (row["nip"], row["state"], row["last"]) == (ANDI, "Menunggu persetujuan", str(ON + timedelta(days=2)))
    text = re.sub(r"\s+", " ", text_of(visitor, "documents", asked))
    assert f"Saringan: Keadaan: Menunggu persetujuan; NIP atau nama: {ANDI}; Dari tanggal: 24 November 2026." in text
    page = visitor.get(f"/documents?{asked}").text
    link = html.unescape(re.search(r'href="(/downloads/documents.csv\?[^"]*)"', page)[1])
    assert len(list(csv.DictReader(io.StringIO(visitor.get(link).text)))) == 1
    assert rows_of(visitor, "documents", "state=revoked") == []
    assert "Tidak ada dokumen dalam daftar ini" in text_of(visitor, "documents", "state=revoked")
    assert {row["account"] for row in rows_of(visitor, "trail", "account=hr")} == {"hr"}
    assert [row["username"] for row in rows_of(browser("admin"), "accounts", "role=employee")] == ["siti"]
    assert [row["nip"] for row in rows_of(visitor, "people", f"q={RINA}")] == [RINA]
    assert rows_of(visitor, "people", "former=true") == []
    assert visitor.get("/downloads/documents.pdf?first=kemarin").status_code == 400
    assert visitor.get("/downloads/people.pdf?unit=TIDAKADA").status_code == 404


def test_what_does_not_fit_is_said_on_the_face(filled, browser, monkeypatch):
    monkeypatch.setattr(listings, "MOST_ROWS", 2)
    visitor = browser("admin")
    for kind in ("documents", "trail"):
        assert len(rows_of(visitor, kind)) == 2
        assert "Hanya 2 baris pertama yang dimuat" in text_of(visitor, kind)
    assert "Hanya 2 baris pertama" in str([cell.value for cell in sheet_of(visitor, "trail")["A"]])


def test_the_states_of_months_and_the_addenda_of_one(city, browser):
    city.clock.at = at("08:00", date(2026, 12, 2))
    for device in city.devices.values():
        city.poll(device, city.clock.at - timedelta(hours=1))
    city.judge(MONTH, date(2026, 11, 30))
    visitor = browser("hr")
    visitor.post_form(f"/closing/{MONTH:%Y-%m}/close", unit="PKM1", through="2026-11-30")
    monday = date(2026, 11, 9)
    city.punch(city.devices["PKM1"], "2", at("07:05", monday))
    city.punch(city.devices["PKM1"], "2", at("16:45", monday))
    city.clock.at += timedelta(minutes=5)
    city.judge(monday, monday)
    states = {row["unit"]: row for row in rows_of(visitor, "closing", "month=2026-11")}
    assert list(states["Unit PKM1"]) == ["unit", "2026-08", "2026-09", "2026-10", "2026-11"]
    assert states["Unit PKM1"]["2026-11"] == "Ditutup v1, 1 adendum"
    assert states["Unit DISDIK"]["2026-11"] == "Belum ditutup, siap ditutup"
    asked = "month=2026-11&unit=PKM1"
    [row] = rows_of(visitor, "addenda", asked)
    assert (row["date"], row["nip"], row["before"], row["after"], row["version"]) == (str(monday), SITI, "TK", "H", 1)
    assert SITI in text_of(visitor, "addenda", asked)
    assert "UNIT PKM1" in text_of(visitor, "addenda", asked).upper()
    page = html.unescape(visitor.get(f"/closing/{MONTH:%Y-%m}?unit=PKM1").text)
    assert f'"/downloads/addenda.pdf?{asked}"' in page


def test_no_file_of_accounts_holds_what_opens_the_door(filled, browser):
    visitor = browser("admin")
    hashes = [row[0] for row in filled.owner.execute("SELECT password_hash FROM account").fetchall()]
    told = fetch(visitor, "accounts", "json").text + fetch(visitor, "accounts", "csv").text
    assert "admin" in told
    assert "argon2" not in told
    assert not any(one and one in told for one in hashes)
    assert list(rows_of(visitor, "accounts")[0]) == ["name", "nip", "username", "role", "unit", "state"]


def test_the_words_are_those_of_the_pages():
    pages = vocabulary()

    def same(words: Words, key: str) -> bool:
        return pages[key] == {Language.ID: words.id, Language.EN: words.en}

    told = {f"trail.{action.value.replace('-', '_')}": listing_words.ACTIONS[action.value] for action in Action}
    told |= {f"accounts.role_{role}": words for role, words in listing_words.ROLES.items()}
    told |= {f"documents.state_{state}": words for state, words in listing_words.STATES.items()}
    told |= {f"documents.covers_{covers}": words for covers, words in listing_words.COVERS.items()}
    for name in ("closed", "reopened", "open", "through", "open_days", "not_judged", "running", "ready"):
        told[f"closing.{name}"] = getattr(listing_words, name.upper())
    told |= {"closing.addenda": listing_words.ADDENDA_COUNT, "closing.not_here": listing_words.NOT_HERE}
    told |= {"accounts.waiting": listing_words.WAITING, "unmapped.steady": listing_words.STEADY}
    assert [key for key, words in told.items() if not same(words, key)] == []
