"""The portal as people use it: in a real browser, without scripts, by keyboard, on a phone; and axe on every page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import openpyxl
import pytest
from busy_city import ADMINISTRATION, MONTH, NO_PAGES, OUTSIDE, OWN, ForeignParts, let_everything_happen, let_month_end
from busy_city import pages as pages_of_hr
from judged_city import END
from playwright.sync_api import Browser, expect
from portal_city import BUDI, ON, RINA, SITI, PortalCity
from pypdf import PdfReader
from real_browser import CHROMIUM, NO_CHROMIUM, PHONE, WIDE, Tab, chromium_running

from eabsensi.portal.app import create_app
from eabsensi.sealing.chain import head_of
from eabsensi.sealing.sealer import seal_evidence

PLACES = {
    "admin": "Hari ini, Bulan, Tahun, Pegawai, Indikasi, Temuan, Dokumen, Tutup periode, PIN tanpa pemilik, Mesin,"
    " Jejak audit, Akun",
    "hr": "Hari ini, Bulan, Tahun, Pegawai, Indikasi, Temuan, Dokumen, Tutup periode, PIN tanpa pemilik, Mesin,"
    " Jejak audit",
    "leader": "Hari ini, Bulan, Tahun, Pegawai, Indikasi, Temuan, Mesin",
    "operator": "Hari ini, Bulan, Tahun, Pegawai, Indikasi, Dokumen, PIN tanpa pemilik, Mesin",
    "siti": "Pegawai",
}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Give this worker's Chromium."""
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    with chromium_running() as running:
        yield running


@pytest.fixture
def tab(chromium: Browser, portal: str) -> Iterator[Callable[..., Tab]]:
    """Give a tab of a browser of its own in which an account is logged in; ``""`` for nobody.

    It runs no scripts unless told, and nothing in it may ask for anything beyond the portal.
    """
    opened: list[Tab] = []

    def open_tab(username: str = "", *, width: int = WIDE, scripts: bool = False) -> Tab:
        context = chromium.new_context(
            base_url=portal,
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
            bypass_csp=scripts,  # axe is a script
            locale="id-ID",
        )
        one = Tab.of(context, portal)
        opened.append(one)
        if username:
            one.log_in(username)
        return one

    yield open_tab
    for one in opened:
        one.page.context.close()
    assert [complaint for one in opened for complaint in one.complaints] == []


@pytest.fixture
def morning(city: PortalCity) -> PortalCity:
    """Give the city on the next morning: Budi had never come the day before; every terminal was read."""
    city.owner.execute("DELETE FROM punch WHERE pin = '1' AND device_time >= %s", (ON,))
    city.clock.at = END + timedelta(hours=6)
    for device in city.devices.values():
        city.poll(device, city.clock.at - timedelta(minutes=10))
    city.judge(last=ON + timedelta(days=1))
    city.clock.at += timedelta(minutes=1)
    return city


# --- what people do ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("account", PLACES)
def test_each_role_comes_in_sees_its_places_and_leaves(tab, account):
    visitor = tab(account)
    page = visitor.page
    names = [name.strip() for name in visitor.places.get_by_role("link").all_inner_texts()]
    assert ", ".join(names) == PLACES[account]
    for name in names:
        visitor.goes_to(name)
        expect(visitor.places.locator("[aria-current=page]")).to_have_text(name)
        expect(visitor.heading).to_have_count(1)
    visitor.press("Keluar")
    expect(visitor.heading).to_have_text("Masuk")
    page.go_back()
    expect(page).to_have_url(re.compile(r"/login\?next="))  # the browser has kept nothing of the page
    expect(visitor.heading).to_have_text("Masuk")


def test_hr_finds_who_was_late_this_morning_and_why(tab):
    hr = tab("hr")
    hr.page.locator(".figure.late a").click()
    rows = hr.page.locator("main tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(RINA)
    expect(rows).to_contain_text("07.49")
    hr.follow(f"Pegawai {RINA}")
    expect(hr.heading).to_have_text(f"Pegawai {RINA}")
    main = hr.page.locator("main")
    expect(main.locator(".verdict .code").first).to_have_text("TL2*")  # this morning, the day is still open
    for told in ("07.49", "34 menit", "Pasal"):
        expect(main).to_contain_text(told)


def test_a_leave_is_filed_by_the_operator_and_decided_by_hr(tab, morning):
    operator, hr = tab("operator"), tab("hr")
    day = f"/people/{BUDI}/days/{ON}"
    operator.open(day)
    status = operator.page.locator(".verdict .status")
    expect(status).to_have_text("Tanpa keterangan")
    operator.follow("Ajukan dokumen untuk hari ini")
    operator.page.get_by_label("Jenis").select_option(label="Cuti tahunan (CT)")
    operator.page.get_by_label("Nomor surat").fill("851/7")
    operator.press("Ajukan")
    expect(operator.page.get_by_role("status")).to_contain_text("menunggu persetujuan orang lain")
    expect(operator.page.get_by_role("button", name="Setujui")).to_have_count(0)

    morning.clock.at += timedelta(minutes=1)
    hr.goes_to("Dokumen")
    expect(hr.row(BUDI)).to_contain_text("Menunggu persetujuan")
    hr.row(BUDI).get_by_role("link").first.click()
    hr.press("Setujui")
    expect(hr.page.get_by_role("status")).to_have_text("Dokumen disetujui. 1 hari pegawai berubah.")

    operator.open(day)
    expect(status).to_have_text("Dengan keterangan")
    expect(operator.page.locator(".verdict")).to_contain_text("851/7")
    operator.open(f"/people/{BUDI}/months/{MONTH}")
    expect(operator.page.locator(f'tr[data-day="{ON}"] .code')).to_have_text("CT")

    morning.clock.at += timedelta(minutes=1)
    hr.page.get_by_label("Alasan").fill("tanggal salah")
    hr.press("Cabut")
    expect(hr.page.get_by_role("status")).to_have_text("Dokumen dicabut. 1 hari pegawai berubah.")
    operator.open(day)
    expect(status).to_have_text("Tanpa keterangan")


def test_a_form_with_a_mistake_keeps_what_was_typed(tab):
    operator = tab("operator")
    operator.open("/documents/new")
    page = operator.page
    page.get_by_label("NIP pegawai").fill("123")
    page.get_by_label("Jenis").select_option(label="Cuti tahunan (CT)")
    page.get_by_label("Dari tanggal").fill(f"{ON}")
    operator.press("Ajukan")
    expect(page.get_by_role("alert")).to_contain_text("Perbaiki isian yang ditandai")
    field = page.get_by_label("NIP pegawai")
    expect(field).to_have_value("123")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("NIP"))
    expect(page.get_by_label("Dari tanggal")).to_have_value(f"{ON}")


def test_hr_closes_a_month_and_sees_version_and_hash(tab, city):
    let_month_end(city)
    hr = tab("hr")
    hr.goes_to("Tutup periode")
    hr.follow("Unit PKM1, November 2026")
    hr.press("Periksa sebelum menutup")
    expect(hr.page.locator("dl.facts")).to_contain_text("1 November 2026 s.d. 30 November 2026")
    hr.press("Tutup November 2026 untuk Unit PKM1")
    expect(hr.page.locator(".done")).to_contain_text("Ditutup versi 1 sampai dengan 30 November 2026")
    [(version, sha256)] = city.owner.execute("SELECT version, sha256 FROM period").fetchall()
    assert version == 1
    expect(hr.page.locator(".done")).to_contain_text(sha256)
    hr.follow("Lihat bulan ini")
    expect(hr.page.locator("main")).to_contain_text(sha256)


def test_the_files_hold_what_the_page_shows(tab, city, tmp_path):
    let_month_end(city)
    hr = tab("hr")
    hr.open(f"/months/{MONTH}?unit=PKM1&show=recap")
    shown = {nip: [text.strip() for text in hr.row(nip).locator("td").all_inner_texts()] for nip in (SITI, RINA)}
    assert shown[SITI] != shown[RINA]
    workbook = openpyxl.load_workbook(hr.download("XLSX", tmp_path))
    cells = [[written(cell) for cell in row] for row in workbook.worksheets[0].iter_rows(values_only=True)]
    words = " ".join(page.extract_text() for page in PdfReader(hr.download("PDF", tmp_path)).pages).split()
    for nip, figures in shown.items():
        [row] = [row for row in cells if nip in row]
        assert row[-len(figures) :] == figures
        assert holds(words, figures), (nip, figures)


def written(cell: object) -> str:
    return "" if cell is None else str(cell).removesuffix(".0").replace(".", ",")


def holds(words: list[str], wanted: list[str]) -> bool:
    """Whether words stand in a row somewhere."""
    return any(words[start : start + len(wanted)] == wanted for start in range(len(words)))


# --- by keyboard, on a phone, in English ------------------------------------------------------------------------------


@pytest.fixture
def tab_to(tab) -> Callable[[Tab, str], None]:
    """Give who presses the Tab key until a field or a link has the focus."""

    def press(visitor: Tab, name: str) -> None:
        focused = visitor.page.locator(":focus")
        for _ in range(60):
            visitor.page.keyboard.press("Tab")
            if focused.and_(visitor.page.locator(f"[name='{name}'], :text-is('{name}')")).count():
                return
        pytest.fail(f"no {name} on {visitor.page.url}")

    return press


def test_the_keyboard_is_enough(tab, tab_to, morning):
    visitor = tab()
    page, keys = visitor.page, visitor.page.keyboard
    focused = page.locator(":focus")

    visitor.open("/login")
    tab_to(visitor, "username")
    keys.type("operator")
    keys.press("Tab")
    keys.type("kuda-nil-berenang-pagi")
    keys.press("Enter")
    expect(visitor.heading).to_have_text("Unit DINKES")
    keys.press("Tab")
    expect(focused).to_have_text("Langsung ke isi")
    expect(focused).to_be_in_viewport()
    keys.press("Enter")
    keys.press("Tab")
    assert page.locator("main :focus").count() == 1  # the navigation is behind
    visitor.open("/")
    tab_to(visitor, "Dokumen")
    keys.press("Enter")
    expect(visitor.heading).to_have_text("Dokumen")
    tab_to(visitor, "Ajukan dokumen")
    keys.press("Enter")
    expect(visitor.heading).to_have_text("Ajukan dokumen")
    tab_to(visitor, "nip")
    keys.type(BUDI)
    tab_to(visitor, "kind")
    keys.type("Cuti tahunan")
    tab_to(visitor, "first")
    keys.type("11112026")  # which comes first, day or month, is up to the browser
    tab_to(visitor, "number")
    keys.type("851/8")
    keys.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("menunggu persetujuan orang lain")
    expect(page.locator("dl.facts").first).to_contain_text("Cuti tahunan (CT)")
    expect(page.locator("dl.facts").first).to_contain_text("11 November 2026")


def test_a_seal_is_looked_up_by_keyboard(tab, tab_to, city):
    head = head_of(seal_evidence(city.store, city.clock)[-1])
    visitor = tab()
    visitor.open("/verify")
    tab_to(visitor, "code")
    visitor.page.keyboard.type(f"Segel bukti {head.upper()}")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("status")).to_contain_text("Segel bukti ini tercatat di sini.")
    expect(visitor.page.locator("dl.facts")).to_contain_text(head)
    expect(visitor.page.get_by_label("Kode verifikasi atau segel bukti")).to_have_accessible_description(
        re.compile("Kode, misalnya")
    )
    visitor.follow("English")
    expect(visitor.page.get_by_role("status")).to_contain_text("This seal of the evidence is on record here.")


def test_a_finding_and_its_evidence_are_reached_by_keyboard(tab, tab_to, city):
    city.let_strangers_come()
    leader = tab("leader")
    keys = leader.page.keyboard
    leader.open("/findings")
    tab_to(leader, "rule")
    keys.type("R17")
    keys.press("Tab")
    keys.press("Enter")
    expect(leader.page.locator("main tbody tr")).to_have_count(1)
    row = leader.row("PIN 7777")
    expect(row).to_contain_text("indikasi, perlu pemeriksaan")
    tab_to(leader, row.locator("summary").inner_text())
    keys.press("Enter")
    expect(row.locator("details li").first).to_be_visible()


@pytest.mark.parametrize(
    ("path", "most"), [(f"/today?date={ON}&unit=PKM1", 20), ("/verify", 3), (f"/findings?to={ON}", 15)]
)
def test_every_stop_of_the_tab_key_can_be_seen(tab, city, path, most):
    city.let_strangers_come()
    visitor = tab("" if path == "/verify" else "hr", scripts=True)
    visitor.open(path)
    seen = {}
    while "<body" not in seen:
        visitor.page.keyboard.press("Tab")
        told, visible = visitor.page.evaluate(
            "(() => { const at = document.activeElement; return [at.outerHTML.slice(0, 80).split('>')[0],"
            " getComputedStyle(at).outlineStyle !== 'none' && at.getBoundingClientRect().left >= 0]; })()"
        )
        seen.setdefault(told, visible)  # a date has several stops; the last, its calendar, Chromium frames itself
    del seen["<body"]  # that is the end
    assert len(seen) > most
    assert [told for told, visible in seen.items() if not visible] == []


def test_a_phone_finds_its_way_too(tab):
    hr = tab("hr", width=PHONE)
    hr.goes_to("Pegawai")
    hr.page.get_by_label("Nama atau NIP").fill(RINA)
    hr.press("Cari")
    hr.follow(f"Pegawai {RINA}")
    row = hr.page.locator(f'tr[data-day="{ON}"]')
    expect(row).to_be_visible()
    row.get_by_role("link").click()
    expect(hr.page.locator(".verdict")).to_be_in_viewport()


def test_the_language_is_switched_and_kept(tab):
    hr = tab("hr")
    hr.open(f"/months/{MONTH}?unit=PKM1")
    hr.follow("English")
    page = hr.page
    assert page.url.endswith(f"/months/{MONTH}?unit=PKM1")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    hr.goes_to("Closing")
    expect(hr.heading).to_have_text("Closing")
    hr.follow("Bahasa Indonesia")
    expect(page.locator("html")).to_have_attribute("lang", "id")
    expect(hr.heading).to_have_text("Tutup periode")


# --- every page ------------------------------------------------------------------------------------------------------


@pytest.fixture
def pages(city: PortalCity, browser) -> dict[str, list[str]]:
    """Let everything happen once in the city; gives HR's pages."""
    return pages_of_hr(**let_everything_happen(city, browser))


def look_at(visitor: Tab, addresses: dict[str, list[str]]) -> list[str]:
    """Open pages and give what axe has against them."""
    found = []
    for path in (path for paths in addresses.values() for path in paths):
        assert visitor.open(path).status in (200, 404), path
        found += visitor.violations()
    return found


FIGURES = ("/today", "/people", "/months", "/years", "/indications", "/findings")


def test_axe_has_nothing_against_the_pages_with_figures(tab, pages):
    found = look_at(tab("hr", scripts=True), {route: pages[route] for route in pages if route.startswith(FIGURES)})
    assert found == [], "\n".join(found)


def test_axe_has_nothing_against_the_pages_for_clerks(tab, pages):
    hr = tab("hr", scripts=True)
    found = look_at(hr, {route: pages[route] for route in pages if not route.startswith(FIGURES)})
    assert hr.open("/people/199999999999999999").status == 404
    found += hr.violations()
    hr.open("/documents/new")
    for name, value in {"first": f"{ON}", "nip": "123"}.items():
        hr.page.locator(f"[name={name}]").fill(value)
    hr.page.get_by_label("Jenis").select_option(index=1)
    hr.press("Ajukan")
    expect(hr.page.get_by_role("alert")).to_be_visible()
    found += hr.violations()
    assert found == [], "\n".join(found)


def test_axe_has_nothing_against_the_other_roles_pages(tab, pages):
    found = []
    for account, addresses in {"": OUTSIDE, "admin": ADMINISTRATION, "siti": OWN}.items():
        visitor = tab(account, scripts=True)
        found += look_at(visitor, addresses)
        if account == "siti":
            assert visitor.open("/today").status == 403
            found += visitor.violations()
    operator = tab("operator", scripts=True)
    operator.open("/")
    found += operator.violations()
    assert found == [], "\n".join(found)


def test_axe_finds_what_is_wrong(tab):
    visitor = tab("hr", scripts=True)
    visitor.page.evaluate(
        """() => { document.querySelector('main').insertAdjacentHTML('beforeend',
        '<input id="nameless"><p id="pale" style="width: 500px; color: #777; background: #888">too pale</p>'); }"""
    )
    found = "\n".join(visitor.violations())
    assert "(1280, light): label at #nameless" in found
    assert "(360, dark): color-contrast at #pale" in found
    assert "wide on a phone of 360" in found


def test_no_page_holds_scripts_styles_of_its_own_or_addresses_elsewhere(browser, pages):
    for account, addresses in {"": OUTSIDE, "hr": pages, "admin": ADMINISTRATION, "siti": OWN}.items():
        visitor = browser(account)
        for path in (path for paths in addresses.values() for path in paths):
            page = visitor.get(path).text
            assert "</html>" in page, path
            assert ForeignParts.of(page) == [], path
    planted = '<script></script><p style="x"><a href="//elsewhere">x</a><img src="https://elsewhere" onerror="x">'
    assert len(ForeignParts.of(planted)) == 5


def test_no_page_is_left_out(city):
    routes = [
        route
        for one in create_app(city.desk()).routes
        for route in getattr(getattr(one, "original_router", None), "routes", [one])
        if getattr(route, "endpoint", None) and "GET" in route.methods
    ]
    paths = {route.path for route in routes if route.endpoint.__module__.startswith("eabsensi.portal.pages")}
    seen = {*pages_of_hr("", ""), *ADMINISTRATION, *OWN, *OUTSIDE, *NO_PAGES}
    assert {path for path in paths if not path.startswith("/downloads/")} == seen
