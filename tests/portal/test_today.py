"""The morning's page."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from judged_city import POLICY, at
from portal_city import ANDI, ON, RINA, PortalCity

from eabsensi.law.wording import Language
from eabsensi.portal.pages import today
from eabsensi.reports.charts.punctuality import Step
from eabsensi.reports.charts.sources import trend
from eabsensi.reports.loading import Asked, judged_month


def figures(page: str) -> dict[str, int]:
    found = re.findall(r'class="figure (\w+)"><a [^>]*><b>([\d.,]+)</b>', page)
    return {name: int(number) for name, number in found}


def test_the_city_shows_its_figures_and_units(browser):
    page = browser("hr").get(f"/today?date={ON}").text
    assert figures(page) == {"people": 4, "present": 3, "late": 1, "absent": 0, "excused": 0, "undetermined": 1}
    assert all(f"Unit {code}" in page for code in ("DINKES", "PKM1", "DISDIK"))


def test_the_late_of_the_whole_city_are_one_click_away(browser):
    page = browser("hr").get(f"/today?date={ON}&show=late").text
    assert RINA in page
    assert ANDI not in page


def test_an_operator_sees_the_own_units_only(browser):
    operator = browser("operator")
    page = operator.get(f"/today?date={ON}").text
    assert "Unit PKM1" in page
    assert "DISDIK" not in page
    assert operator.get(f"/today?date={ON}&unit=DISDIK").status_code == 403
    assert operator.get(f"/today?date={ON}&unit=PKM1").status_code == 200


def test_a_bad_date_or_unit_is_told(browser):
    visitor = browser("hr")
    assert visitor.get("/today?date=kemarin").status_code == 400
    assert visitor.get("/today?unit=TIDAKADA").status_code == 404


def test_the_file_holds_what_the_page_shows(browser):
    visitor = browser("hr")
    rows = json.loads(visitor.get(f"/downloads/daily.json?date={ON}").text)
    late = [row["nip"] for row in rows if row["late_minutes"]]
    assert late == [RINA]
    workbook = visitor.get(f"/downloads/daily.xlsx?date={ON}")
    assert workbook.content.startswith(b"PK")
    assert f"harian-{ON}-kota.xlsx" in workbook.headers["content-disposition"]
    assert visitor.get(f"/downloads/daily.pdf?date={ON}").content.startswith(b"%PDF")


# --- pictures ------------------------------------------------------------------------------------------------------


def facts(svg: str, mark: str) -> dict[str, str]:
    """Give the ``data-*`` of the first shape that has ``mark``."""
    found = re.search(rf"<g[^>]* {mark}[^>]*>", svg)
    assert found, mark
    return dict(re.findall(r'data-([\w-]+)="([^"]*)"', found[0]))


def tables(page: str) -> list[list[list[str]]]:
    """Give the rows of each table behind a picture, as words."""
    found = re.findall(r"<details>.*?<tbody>(.*?)</tbody>", page, re.DOTALL)
    cells = r"<t[hd][^>]*>(.*?)</t[hd]>"
    return [
        [
            [re.sub("<[^>]+>", "", cell) for cell in re.findall(cells, row, re.DOTALL)]
            for row in table.split("</tr>")[:-1]
        ]
        for table in found
    ]


def test_the_arrivals_drawn_are_those_of_the_report(browser):
    visitor = browser("hr")
    page = visitor.get(f"/today?date={ON}").text
    rows = json.loads(visitor.get(f"/downloads/daily.json?date={ON}").text)
    came = [row["in"][11:16] for row in rows if row["in"]]
    drawn = facts(page, "data-arrived")
    assert drawn == {
        "people": str(len(rows)),
        "arrived": str(len(came)),
        "by-start": str(sum(clock <= "07:15" for clock in came)),
        "undetermined": "1",
    }
    arrived = {by: int(count) for by, count, *_ in tables(page)[0]}
    assert (arrived["07.00"], arrived["07.15"], arrived["07.45"], arrived["08.00"]) == (0, 2, 2, 3)
    assert "Biasanya: 100,0 % (median 5 hari)" in page


def test_the_units_drawn_are_those_of_the_report(browser):
    visitor = browser("hr")
    page = visitor.get(f"/today?date={ON}").text
    rows = json.loads(visitor.get(f"/downloads/daily.json?date={ON}").text)
    for unit in ("DINKES", "PKM1", "DISDIK"):
        own = [row for row in rows if row["unit"] == unit]
        bar = facts(page, f'data-unit="{unit}"')
        assert int(bar["late"]) == sum(row["late_minutes"] > 0 for row in own)
        assert int(bar["on-time"]) == sum(row["status"] == "present" and not row["late_minutes"] for row in own)
        assert int(bar["undetermined"]) == sum(row["status"] == "undetermined" for row in own)
    assert ["Unit PKM1", "1", "1", "0", "0", "0", "50,0"] in tables(page)[2]


def half_known(city: PortalCity) -> None:
    """Let Andi's departure be read; the arrival may still be on a second terminal, which fell silent in the night."""
    city.poll(city.device("DISDIK", "SN-DISDIK-2"), at("03:00"))
    city.punch(city.devices["DISDIK"], "4", at("16:40"))
    city.judge()


def test_an_arrival_that_is_not_known_yet_is_not_on_time(browser, city: PortalCity):
    half_known(city)
    visitor = browser("hr")
    page = visitor.get(f"/today?date={ON}").text
    assert figures(page)["present"] == 4
    bar = facts(page, 'data-unit="DISDIK"')
    assert (bar["on-time"], bar["late"], bar["undetermined"], bar["incomplete"]) == ("0", "0", "1", "1")
    assert ["Unit DISDIK", "0", "0", "0", "0", "1", "-"] in tables(page)[2]
    drawn = facts(visitor.get(f"/today?date={ON}&unit=DISDIK").text, "data-arrived")
    assert drawn == {"people": "1", "arrived": "0", "by-start": "0", "undetermined": "1"}


def test_a_present_day_that_is_still_open_has_a_star_wherever_it_stands(browser, city: PortalCity):
    half_known(city)
    visitor = browser("hr")
    month = f"/people/{ANDI}/months/{ON:%Y-%m}"
    for path in (f"/today?date={ON}&unit=DISDIK", f"/people/{ANDI}/days/{ON}", month):
        page = visitor.get(path).text
        assert page.count('<span class="code">H*</span>') == 1, path
    assert page.count(">H*</text>") == 1
    assert ">H</text>" in page, "a day of the week before is complete"


def test_the_weeks_drawn_are_those_that_were_judged(browser, city: PortalCity):
    city.judge(ON - timedelta(days=14))
    with city.store.begin() as connection:
        asked = Asked(ON - timedelta(days=14), ON - timedelta(days=1), city.clock.now(), "DINKES")
        told = trend(judged_month(connection, POLICY, asked), Step.DAY, Language.ID)
    page = browser("operator").get(f"/today?date={ON}").text
    shown = [row[1:6] for row in tables(page)[1]]
    expected = [
        [
            str(one.on_time),
            str(one.late),
            str(one.absent),
            str(one.undetermined),
            f"{one.percent:.1f}".replace(".", ","),
        ]
        for one in told.stretches
        if one.due
    ]
    assert shown == expected
    assert ["0", "0", "3", "0", "0,0"] in shown
    assert ["3", "0", "0", "0", "100,0"] in shown


def test_a_unit_alone_has_the_city_beside_it_and_no_units_to_compare(browser):
    page = browser("hr").get(f"/today?date={ON}&unit=DISDIK").text
    assert len(tables(page)) == 2
    assert "Seluruh kota, %" in page
    assert "data-unit=" not in page


def test_a_list_of_some_has_no_pictures(browser):
    page = browser("hr").get(f"/today?date={ON}&show=late").text
    assert "<svg" not in page
    assert "<svg" in browser("hr").get(f"/today?date={ON}").text


# --- who is not read -----------------------------------------------------------------------------------------------


def test_units_whose_machines_are_silent_are_named_first(browser, city: PortalCity):
    city.unit("CAMAT", "KOTA")
    city.device("CAMAT", "SN-CAMAT")
    city.person("198001012005011001", "CAMAT")
    page = browser("hr").get(f"/today?date={ON}").text
    head, note, rest = page.partition('class="note silent"')
    assert note
    assert 'class="figures"' in rest
    assert 'class="figures"' not in head
    told = unescape(rest[: rest.index("</div>")])
    assert "1 dari 4 unit kerja belum terbaca" in told
    assert f'<a href="/today?date={ON}&unit=CAMAT">Unit CAMAT</a>: mesin mesin SN-CAMAT belum pernah terbaca' in told
    assert "Unit DINKES" not in told
    assert '>Unit CAMAT</a> <span class="mark">Mesin diam</span>' in page


def test_a_running_day_is_no_silence(browser, city: PortalCity):
    for device in city.devices.values():
        city.poll(device, at("09:58"))
    city.clock.at = at("10:00")
    visitor = browser("hr")
    page = visitor.get(f"/today?date={ON}").text
    assert "note silent" not in page
    assert "Mesin diam" not in page


def test_the_page_says_of_when_it_is_and_reloads_on_demand(browser):
    page = browser("hr").get(f"/today?date={ON}&unit=PKM1").text
    assert f"Dinilai menurut data pada {ON.day} November {ON.year} 20.00." in page
    assert f'<a href="/today?date={ON}&unit=PKM1">Muat ulang</a>' in unescape(page)
    assert "http-equiv" not in page


def test_what_every_unit_says_is_said_once(city, browser):
    city.clock.at = city.clock.at.replace(hour=3)  # ten in the morning
    page = browser("hr").get(f"/today?date={ON}&show=all").text
    assert page.count("<li>hari belum selesai, dinilai setelah") == 1
    assert page.index("<li>hari belum selesai") < page.index("<section>")


@pytest.mark.parametrize(
    ("path", "indonesian", "english"),
    [
        ("/today?date=kemarin", "&#39;kemarin&#39; bukan tanggal.", "is no date."),
        ("/months?month=Oktober", "&#39;Oktober&#39; bukan bulan.", "is no month."),
        ("/years/1812", "Tidak ada laporan tahun 1812.", "There are no reports of 1812."),
        ("/years/dahulu", "Alamat atau isian ini tidak dapat dibaca.", "This address or entry cannot be read."),
    ],
)
def test_a_bad_address_is_told_in_the_readers_language(browser, path, indonesian, english):
    visitor = browser("hr")
    told = visitor.get(path)
    assert (told.status_code, indonesian in told.text) == (400, True)
    visitor.get("/language/en")
    assert english in visitor.get(path).text


def test_the_pictures_speak_english(browser):
    visitor = browser("hr")
    visitor.get("/language/en")
    page = visitor.get(f"/today?date={ON}").text
    assert "Punctuality of the last four weeks" in page
    assert "% of people arrived" in page
    assert "Kedatangan" not in page


def test_a_long_list_is_told_in_pages_of_whole_units(city, browser, monkeypatch):
    monkeypatch.setattr(today, "PEOPLE_ON_A_PAGE", 2)
    visitor = browser("hr")
    seen = []
    for number in (1, 2):
        page = visitor.get(f"/today?date={ON}&show=all&page={number}").text
        assert f"Halaman {number} dari 2" in page
        seen += re.findall(r'href="/people/(\d+)/days/', page)
    assert sorted(seen) == sorted(city.people), "everybody once"
    assert 'rel="next"' in visitor.get(f"/today?date={ON}&show=all&page=1").text
    beyond = visitor.get(f"/today?date={ON}&show=all&page=99")
    assert "Halaman 2 dari 2" in beyond.text
