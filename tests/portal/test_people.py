"""Looking people up, a person's month, and why a day was judged as it was."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from html import escape, unescape

import pytest
from judged_city import POLICY, at
from portal_city import ANDI, BUDI, ON, RINA, SITI, Browser, PortalCity

from eabsensi.access.trail import entries
from eabsensi.assessing.closing import close_period
from eabsensi.assessing.why import explain_day
from eabsensi.law.wording import Language
from eabsensi.reports.judged import by_person
from eabsensi.reports.loading import Asked, judged_month, judged_year
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.why import write_why
from eabsensi.reports.yearly import yearly_report

Opens = Callable[[str], Browser]
MONTH = f"{ON:%Y-%m}"
MOVED = "198701012010011007"
#: The first day on which MOVED works in DISDIK.
SINCE = ON - timedelta(days=4)
HOSTILE = "<script>alert(\"x\")</script> & 'Putra'"


def month_of(nip: str, month: str = MONTH) -> str:
    return f"/people/{nip}/months/{month}"


def figures(page: str) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r'data-figure="([\w-]+)"><div><b>(\d+)</b>', page)}


def rows(page: str) -> dict[str, str]:
    """Give the cells of each date of a month's table, as words."""
    found = re.findall(r'<tr[^>]* data-day="([\d-]+)">(.*?)</tr>', page, re.DOTALL)
    return {on: " ".join(unescape(re.sub(r"<[^>]+>", " ", cells)).split()) for on, cells in found}


def nips(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/people/(\d+)">', page)


@pytest.fixture
def moved(city: PortalCity) -> PortalCity:
    """Give the city with somebody who came from DINKES to DISDIK in the middle of the month."""
    city.person(MOVED, "DINKES", until=SINCE)
    employee = city.person(MOVED, "DISDIK", since=SINCE)
    city.enrol(employee, "77")
    for back in range(8):
        on = ON - timedelta(days=back)
        if on.weekday() < 5:
            unit = "DISDIK" if on >= SINCE else "DINKES"
            city.punch(city.devices[unit], "77", at("07:02" if on >= SINCE else "06:41", on))
            city.punch(city.devices[unit], "77", at("16:40", on))
    return city


# --- looking up ----------------------------------------------------------------------------------------------------


def test_everybody_is_found_by_parts_of_name_or_nip(browser: Opens, owner):
    owner.execute("UPDATE employee SET name = 'Rina Putri Kenanga' WHERE nip = %s", (RINA,))
    hr = browser("hr")
    assert nips(hr.get("/people").text) == [ANDI, BUDI, SITI, RINA]
    assert nips(hr.get("/people?q=rina kenanga").text) == [RINA]
    assert nips(hr.get("/people?q=kenanga rina").text) == []
    assert nips(hr.get(f"/people?q={SITI[4:9]}").text) == [SITI]
    assert nips(hr.get(f"/people?q={BUDI[:8]} {BUDI[8:]}").text) == [BUDI]


def test_what_a_pattern_means_to_the_database_means_itself(browser: Opens, owner):
    owner.execute("UPDATE employee SET name = %s WHERE nip = %s", (r"A_50%\B", RINA))
    hr = browser("hr")
    for words in ("_", "%", "\\", "50%"):
        assert nips(hr.get("/people", params={"q": words}).text) == [RINA], words
    assert nips(hr.get("/people", params={"q": "a%b"}).text) == []


def test_an_operator_finds_people_of_the_own_units_only(browser: Opens):
    operator = browser("operator")
    page = operator.get("/people").text
    assert set(nips(page)) == {BUDI, SITI, RINA}
    assert "DISDIK" not in page
    assert nips(operator.get(f"/people?q={ANDI}").text) == []
    assert set(nips(operator.get("/people?unit=PKM1").text)) == {SITI, RINA}
    assert operator.get("/people?unit=DISDIK").status_code == 403
    assert operator.get("/people?unit=TIDAKADA").status_code == 403


def test_former_people_are_apart(browser: Opens, city: PortalCity, owner):
    gone, nowhere = "196001011985031001", "199901012024011001"
    city.person(gone, "PKM1", until=date(2025, 7, 1))
    owner.execute("INSERT INTO employee (nip, name, kind) VALUES (%s, 'Belum Bertugas', 'CPNS')", (nowhere,))
    hr, operator = browser("hr"), browser("operator")
    assert gone not in nips(hr.get("/people").text)
    former = hr.get("/people?former=true").text
    assert nips(former) == [nowhere, gone]
    assert "30 Juni 2025" in former
    assert nips(operator.get("/people?former=true").text) == [gone]
    assert operator.get(f"/people/{gone}").headers["location"] == month_of(gone, "2025-06")
    assert operator.get(month_of(gone, "2025-06")).status_code == 200
    assert operator.get(month_of(gone)).status_code == 403


def test_who_moved_on_is_former_to_the_unit_and_present_to_the_city(browser: Opens, moved: PortalCity):
    assert MOVED in nips(browser("hr").get("/people").text)
    assert MOVED not in nips(browser("hr").get("/people?former=true").text)
    assert nips(browser("operator").get("/people?former=true").text) == [MOVED]


def test_long_lists_have_pages(browser: Opens, city: PortalCity):
    for number in range(103):
        city.person(f"1990010120200{number:05}", "DISDIK")
    hr = browser("hr")
    first, last = hr.get("/people?unit=DISDIK").text, hr.get("/people?unit=DISDIK&page=3").text
    assert (len(nips(first)), len(nips(last))) == (50, 4)
    assert 'href="/people?q=&unit=DISDIK&page=2"' in unescape(first)
    assert "Halaman 3 dari 3" in last
    assert 'rel="next"' not in last
    assert not set(nips(first)) & set(nips(last))
    assert hr.get("/people?page=0").status_code == 400
    assert nips(hr.get("/people?unit=DISDIK&page=9").text) == []


def test_an_employee_is_led_to_the_own_page_and_sees_nobody_else(browser: Opens):
    siti = browser("siti")
    assert siti.get("/people").headers["location"] == f"/people/{SITI}"
    assert siti.get(f"/people/{SITI}").headers["location"] == month_of(SITI)
    assert siti.get(month_of(SITI)).status_code == 200
    assert siti.get(f"/people/{SITI}/days/{ON}").status_code == 200
    for path in (f"/people/{RINA}", month_of(RINA), f"/people/{RINA}/days/{ON}"):
        assert siti.get(path).status_code == 403, path


# --- scope ---------------------------------------------------------------------------------------------------------


def test_an_operator_does_not_open_people_of_other_units(browser: Opens):
    operator = browser("operator")
    for path in (f"/people/{ANDI}", month_of(ANDI), f"/people/{ANDI}/days/{ON}"):
        assert operator.get(path).status_code == 403, path
    for path in (month_of(RINA), f"/people/{RINA}/days/{ON}"):
        assert operator.get(path).status_code == 200, path


def test_an_unknown_person_is_told_to_who_sees_everybody_and_like_a_stranger_to_others(browser: Opens):
    nobody = "190001011900011000"
    hr = browser("hr")
    for rest in ("", f"/months/{MONTH}", f"/days/{ON}"):
        assert hr.get(f"/people/{nobody}{rest}").status_code == 404, rest
        for username in ("operator", "leader", "siti"):
            visitor = browser(username)
            unknown, foreign = visitor.get(f"/people/{nobody}{rest}"), visitor.get(f"/people/{ANDI}{rest}")
            assert unknown.status_code == foreign.status_code == 403
            assert unknown.text.replace(nobody, ANDI) == foreign.text


def test_days_in_another_unit_are_named_and_not_shown(browser: Opens, moved: PortalCity):
    operator, hr = browser("operator"), browser("hr")
    page = operator.get(month_of(MOVED)).text
    told = rows(page)
    assert told[f"{ON}"].endswith("unit lain")
    assert "06.41" in told[f"{SINCE - timedelta(days=1)}"]
    assert "07.02" not in page
    assert "DISDIK" not in page
    drawn = {int(day) for day in re.findall(r'data-day="(\d+)" data-kind="(?!future)', page)}
    assert drawn == set(range(1, SINCE.day))
    assert operator.get(f"/people/{MOVED}/days/{SINCE}").status_code == 403
    assert operator.get(f"/people/{MOVED}/days/{SINCE - timedelta(days=1)}").status_code == 200
    whole = hr.get(month_of(MOVED)).text
    assert "unit lain" not in whole
    assert "07.02" in whole
    seen_days = sum(day.weekday() < 5 for day in (SINCE.replace(day=number) for number in range(1, SINCE.day)))
    assert figures(page)["working_days"] == seen_days
    assert figures(whole)["working_days"] > seen_days


def test_a_day_without_a_posting_is_said(browser: Opens, city: PortalCity):
    started = "199905052026111001"
    city.person(started, "PKM1", since=ON)
    before = ON - timedelta(days=1)
    told = browser("hr").get(f"/people/{started}/days/{before}")
    assert told.status_code == 404
    assert "tidak mempunyai penempatan" in told.text
    assert f"/people/{started}/days/{ON}" in told.text
    assert browser("operator").get(f"/people/{started}/days/{before}").status_code == 403
    assert rows(browser("operator").get(month_of(started)).text)[f"{before}"].endswith("tanpa penempatan")


# --- a month -------------------------------------------------------------------------------------------------------


def test_the_months_figures_are_those_of_the_report(browser: Opens, city: PortalCity):
    with city.store.begin() as connection:
        asked = Asked(ON.replace(day=1), ON.replace(day=30), city.clock.now())
        objects = list(monthly_report(judged_month(connection, POLICY, asked), POLICY).objects(Language.ID))
    hr = browser("hr")
    for told in objects:
        page = hr.get(month_of(told["nip"])).text
        shown = figures(page)
        names = ("working_days", "present", "leave", "sick", "permission", "duty", "undetermined")
        assert {name: shown[name] for name in names} == {name: told[name] for name in names}
        assert (shown["absent"], shown["late"], shown["early"]) == (
            told["absent_days"],
            told["late_count"],
            told["early_count"],
        )
        lines = rows(page)
        assert all(codes in lines[on] for on, codes in told["days"].items())
    late = hr.get(month_of(RINA)).text
    assert "34 menit" in late
    assert "07.49" in rows(late)[f"{ON}"]
    assert f'href="/people/{RINA}/days/{ON}"' in late
    assert f"/downloads/personal.pdf?nip={RINA}&month={MONTH}" in unescape(late)


def test_the_years_total_is_that_of_the_report_and_claims_no_sanction(browser: Opens, city: PortalCity):
    with city.store.begin() as connection:
        asked = Asked(date(ON.year, 1, 1), ON.replace(day=30), city.clock.now())
        period = judged_year(connection, POLICY, asked)
        months = yearly_report(replace(period, days=list(period.days)), POLICY, ON.year)
    (row,) = (row for section in months.sections for row in section.rows if row.person.nip == ANDI)
    assert row.total.total_days > 100
    assert row.indication is not None
    page = browser("hr").get(month_of(ANDI)).text
    shown = figures(page)
    assert (shown["year-absent"], shown["year-converted"], shown["year-total"], shown["year-run"]) == (
        row.total.absent_days,
        row.total.converted_days,
        row.total.total_days,
        row.total.longest_run,
    )
    assert f"dihitung {row.total.total_days} hari" in page
    assert "Indikasi: jumlah ini masuk rentang 28 hari ke atas" in page
    assert "bukan hukuman" in page


@pytest.mark.parametrize(
    ("since", "absent", "said"),
    [
        (20, 2, ("belum mencapai batas mana pun", "Batas berikutnya 3 hari, 1 hari lagi")),
        (18, 4, ("Indikasi: jumlah ini masuk rentang 4 sampai 6 hari", "Batas berikutnya 7 hari, 3 hari lagi")),
    ],
)
def test_the_next_limit_is_told(browser: Opens, city: PortalCity, since: int, absent: int, said: tuple[str, ...]):
    started = "199901012026111009"
    city.enrol(city.person(started, "DISDIK", since=ON.replace(day=since)), "88")
    page = browser("hr").get(month_of(started)).text
    assert figures(page)["year-total"] == absent
    assert all(sentence in page for sentence in said)


@pytest.mark.parametrize("username", ["hr", "leader", "operator", "siti"])
def test_whoever_sees_the_year_reads_that_an_official_decides(browser: Opens, username: str):
    page = browser(username).get(month_of(SITI)).text
    assert "bukan hukuman" in page
    assert "year-total" in page


def test_months_lead_to_their_neighbours_as_far_as_they_may_be_seen(browser: Opens, moved: PortalCity):
    page = browser("hr").get(month_of(MOVED, "2026-10")).text
    assert month_of(MOVED, "2026-09") in page
    assert month_of(MOVED, "2026-11") in page
    assert month_of(MOVED, "2026-12") not in browser("hr").get(month_of(MOVED)).text
    started = "199905052026111001"
    moved.person(started, "DISDIK", since=ON.replace(day=1))
    assert month_of(started, "2026-10") not in browser("hr").get(month_of(started)).text


@pytest.mark.parametrize("path", [f"/people/{RINA}/months/kemarin", f"/people/{RINA}/days/2026-02-30"])
def test_a_bad_month_or_day_is_told(browser: Opens, path: str):
    assert browser("hr").get(path).status_code == 400


# --- a day ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", Language)
def test_why_says_what_the_command_says(browser: Opens, city: PortalCity, language: Language):
    hr = browser("hr")
    hr.get(f"/language/{language}")
    for nip in (RINA, ANDI):
        page = " ".join(unescape(re.sub(r"<[^>]+>", " ", hr.get(f"/people/{nip}/days/{ON}").text)).split()).lower()
        with city.store.begin() as connection:
            explained = explain_day(connection, POLICY, nip, ON, as_of=city.clock.now())
        told = io.StringIO()
        write_why(explained, POLICY, told, language)
        _, _, rest = told.getvalue().partition("\n\n")
        paragraphs = [" ".join(line.split()) for line in re.split(r"\n(?=  - |\S|$)", rest)]
        said = [line.removeprefix("- ").lower() for line in paragraphs if line]
        missing = [line for line in said if line not in page and not line.startswith("status: ")]
        assert len(said) > 15
        assert missing == []


def test_the_verdict_stands_on_top_and_the_days_beside_are_a_click_away(browser: Opens):
    page = browser("hr").get(f"/people/{RINA}/days/{ON}").text
    assert page.index('class="code">TL2') < page.index("07.49.00")
    assert f"/people/{RINA}/days/{ON - timedelta(days=1)}" in page
    assert f"/people/{RINA}/days/{ON + timedelta(days=1)}" in page
    assert month_of(RINA) in page


def test_who_may_file_a_document_is_led_to_it(browser: Opens):
    path = f"/people/{SITI}/days/{ON}"
    link = f"/documents/new?nip={SITI}&from={ON}&to={ON}"
    for username, may in (("hr", True), ("operator", True), ("leader", False), ("siti", False)):
        assert (link in unescape(browser(username).get(path).text)) is may, username


# --- every page ----------------------------------------------------------------------------------------------------


def test_a_hostile_name_stays_a_name(browser: Opens, owner):
    owner.execute("UPDATE employee SET name = %s, position = %s WHERE nip = %s", (HOSTILE, HOSTILE, RINA))
    hr = browser("hr")
    for path in ("/people?q=<script>", month_of(RINA), f"/people/{RINA}/days/{ON}", f"/today?date={ON}&show=all"):
        page = hr.get(path).text
        assert "<script" not in page, path
        assert escape(HOSTILE, quote=False)[:20] in page, path


def test_what_is_seen_of_a_person_stands_in_the_trail(browser: Opens, city: PortalCity):
    operator = browser("operator")
    operator.get("/people?q=rina")
    operator.get(month_of(RINA))
    operator.get(f"/people/{RINA}/days/{ON}")
    operator.get(month_of(ANDI))
    with city.store.begin() as connection:
        of_rina = [(row.account, row.action, row.subject) for row in entries(connection, nip=RINA)]
        of_andi = entries(connection, nip=ANDI)
        looked = [row.subject for row in entries(connection, account="operator") if row.action == "see-unit"]
    assert of_rina == [("operator", "see-person", f"{ON}"), ("operator", "see-person", MONTH)]
    assert of_andi == []
    assert looked == ["people rina"]


def test_every_page_speaks_english(browser: Opens):
    hr = browser("hr")
    hr.get("/language/en")
    assert "Posted today" in hr.get("/people").text
    month = hr.get(month_of(RINA)).text
    assert "Working days" in month
    assert "it is no sanction" in month
    assert "42 minutes" not in month
    assert "34 minutes after 07:15" in month
    assert "What would change the verdict" in hr.get(f"/people/{RINA}/days/{ON}").text


def test_the_year_follows_people_into_every_unit(browser: Opens, moved: PortalCity):
    with moved.store.begin() as connection:
        asked = Asked(date(ON.year, 1, 1), ON, moved.clock.now())
        days = [
            list(days) for person, days in by_person(judged_year(connection, POLICY, asked).days) if person.nip == MOVED
        ]
    absent = sum(day.absent_days for day in days[0] if day.on.year == ON.year)
    assert figures(browser("operator").get(month_of(MOVED)).text)["year-absent"] == absent


def test_the_file_holds_the_days_of_the_page(browser: Opens, moved: PortalCity):
    path = f"/downloads/personal.json?nip={MOVED}&month={MONTH}"
    shown = [row["date"] for row in browser("operator").get(path).json()]
    assert shown[-1] == f"{SINCE - timedelta(days=1)}"
    assert {row["date"] for row in browser("hr").get(path).json()} > set(shown)


def test_a_day_that_changed_after_closing_says_so(browser: Opens, city: PortalCity):
    through = ON - timedelta(days=1)
    close_period(city.store, POLICY, "DISDIK", ON, by="test", through=through, reason="uji", clock=city.clock)
    changed, employee = ON - timedelta(days=1), city.people[ANDI]
    city.owner.execute(
        "INSERT INTO document (employee_id, kind, first_on, last_on, filed_by, filed_at, approved_at, approved_by)"
        " VALUES (%s, 'sick', %s, %s, 'test', %s, %s, 'test')",
        (employee, changed, changed, at("19:40"), at("19:40")),
    )
    city.clock.at += timedelta(hours=1)
    city.judge(changed, changed)
    page = browser("hr").get(month_of(ANDI)).text
    assert "DITUTUP versi 1" in page
    assert "berubah sesudah bulan ditutup, menjadi: S" in rows(page)[f"{changed}"]
    assert "Hadir H" in rows(page)[f"{changed}"]
