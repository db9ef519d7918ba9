"""Closing a month in the portal: what would be frozen, what is frozen, what was learnt since."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from portal_city import ANDI, ON, RINA, SITI
from portal_city import at as instant

from eabsensi.assessing.closing import verify_period

MONTH, LAST = date(2026, 11, 1), date(2026, 11, 30)
PATH = f"/closing/{MONTH:%Y-%m}"


@pytest.fixture
def december(city):
    """Let it be 2 December, with every device read up to then and November judged."""
    city.clock.at = instant("08:00", date(2026, 12, 2))
    for device in city.devices.values():
        city.poll(device, city.clock.at - timedelta(hours=1))
    city.judge(MONTH, LAST)
    return city


def close(visitor, unit: str = "PKM1", **fields: str):
    return visitor.post_form(f"{PATH}/close", unit=unit, through=str(LAST), **fields)


def periods(city, unit: str = "PKM1") -> list[tuple]:
    rows = city.owner.execute(
        "SELECT version, state, by, reason, sha256 FROM period WHERE unit_code = %s ORDER BY version", (unit,)
    )
    return rows.fetchall()


def test_a_month_is_checked_closed_and_shown_with_version_and_hash(december, browser):
    visitor = browser("hr")
    check = visitor.get(f"{PATH}/check?unit=PKM1&through={LAST}").text
    assert "1 November 2026 s.d. 30 November 2026" in check
    assert re.search(r"<dt>Pegawai</dt><dd>2</dd>", check)
    assert re.search(r"<dt>Hari pegawai</dt><dd>60</dd>", check)
    assert "Semua hari sudah lengkap" in check
    assert periods(december) == []  # looking closes nothing
    closed = close(visitor)
    assert (closed.status_code, closed.headers["location"]) == (303, f"{PATH}?unit=PKM1")
    [(version, state, by, reason, sha256)] = periods(december)
    assert (version, state, by, reason) == (1, "closed", "hr (Hr)", "")
    page = visitor.get(f"{PATH}?unit=PKM1").text
    assert "Ditutup versi 1 sampai dengan 30 November 2026" in page
    assert sha256 in page
    assert "cocok dengan sidiknya" in page
    assert "Tidak ada adendum" in page
    month = visitor.get(f"/months/{MONTH:%Y-%m}?unit=PKM1").text
    assert sha256 in month
    assert "Ditutup v1" in visitor.get(f"/months/{MONTH:%Y-%m}").text


def test_the_trail_tells_who_closed_and_reopened(december, browser):
    visitor = browser("hr")
    close(visitor)
    visitor.post_form(f"{PATH}/reopen", unit="PKM1", reason="surat tugas terlambat datang")
    rows = december.owner.execute(
        "SELECT account, action, unit_code, subject, detail FROM trail WHERE action LIKE '%-period' ORDER BY id"
    ).fetchall()
    assert [row[:4] for row in rows] == [
        ("hr", "close-period", "PKM1", "2026-11"),
        ("hr", "reopen-period", "PKM1", "2026-11"),
    ]
    assert rows[0][4]["sha256"] == periods(december)[0][4]
    assert rows[1][4]["reason"] == "surat tugas terlambat datang"


def test_a_punch_that_comes_afterwards_is_an_addendum_on_the_page(december, browser):
    close(browser("hr"))
    monday = date(2026, 11, 9)  # nothing was punched that early in the month
    december.clock.at += timedelta(days=1)
    for clock in ("07:05", "16:45"):
        december.punch(december.devices["PKM1"], "2", instant(clock, monday))
    december.judge(monday, monday)
    visitor = browser("hr")  # a night later, one logs in anew
    page = visitor.get(f"{PATH}?unit=PKM1").text
    addenda = page.split("<h2>Adendum</h2>")[1]
    [row] = [row for row in re.findall(r"<tr>.*?</tr>", addenda, re.DOTALL) if "/days/" in row]
    assert f'href="/people/{SITI}/days/{monday}"' in row
    assert ">TK<" in row
    assert ">H<" in row
    assert ">test<" in row
    assert "cocok dengan sidiknya" in page
    assert "1 adendum" in visitor.get("/closing?month=2026-12").text
    assert f'/days/{monday}">TK</a>' in visitor.get(f"/months/{MONTH:%Y-%m}?unit=PKM1").text  # what was closed stands


def test_rows_that_somebody_changed_are_told(december, browser):
    close(browser("hr"))
    december.owner.execute("""UPDATE period_row SET content = jsonb_set(content, '{name}', '"Orang Lain"')""")
    page = browser("hr").get(f"{PATH}?unit=PKM1").text
    assert "PERINGATAN: isi versi 1 tidak cocok" in page
    assert "diperiksa barusan" not in page


@pytest.fixture
def unread(city):
    """Let it be 2 December, with the devices read until the 24th only, and November judged."""
    city.clock.at = instant("08:00", date(2026, 12, 2))
    city.judge(MONTH, LAST)
    return city


def test_open_days_are_named_and_need_a_reason(unread, browser):
    visitor = browser("hr")
    check = visitor.get(f"{PATH}/check?unit=PKM1&through={LAST}").text
    assert "Masih belum lengkap" in check
    assert f"/people/{RINA}/days/2026-11-30" in check
    assert 'name="reason"' in check
    refused = close(visitor)
    assert refused.status_code == 409
    assert "masih ada hari yang belum lengkap" in refused.text
    assert periods(unread) == []
    assert close(visitor, reason="mesin rusak, TPP harus dibayar").status_code == 303
    assert periods(unread)[0][3] == "mesin rusak, TPP harus dibayar"
    assert "mesin rusak, TPP harus dibayar" in visitor.get(f"{PATH}?unit=PKM1").text


def test_the_check_judges_anew_as_the_closing_will(december, browser):
    december.owner.execute("DELETE FROM poll WHERE finished_at > %s", (instant("23:00"),))  # the verdicts are stale now
    visitor = browser("hr")
    assert "Masih belum lengkap" in visitor.get(f"{PATH}/check?unit=PKM1&through={LAST}").text
    refused = close(visitor)
    assert refused.status_code == 409
    assert 'name="reason"' in refused.text


def test_a_month_may_close_early_but_not_before_its_day_has_come(city, browser):
    visitor = browser("hr")
    assert "belum tiba" in visitor.get(f"{PATH}/check?unit=PKM1&through={LAST}").text
    refused = close(visitor, reason="ingin cepat")
    assert refused.status_code == 409
    assert "belum tiba" in refused.text
    early = visitor.post_form(f"{PATH}/close", unit="PKM1", through="2026-11-20", reason="tutup dini")
    assert early.status_code == 303
    page = visitor.get(f"{PATH}?unit=PKM1").text
    assert "sampai dengan 20 November 2026" in page
    assert "s.d. 20 November 2026" in visitor.get(f"/closing?month={ON:%Y-%m}").text
    with city.store.begin() as connection:
        assert verify_period(connection, "PKM1", MONTH).is_whole


def test_a_day_of_another_month_is_refused_in_words(december, browser):
    refused = browser("hr").post_form(f"{PATH}/close", unit="PKM1", through="2026-12-01")
    assert refused.status_code == 400
    assert "harus berada dalam November 2026" in refused.text


def test_closing_twice_and_reopening_what_is_open_are_refused(december, browser):
    visitor, other = browser("hr"), browser("hr2")
    assert close(visitor).status_code == 303
    twice = close(other)
    assert twice.status_code == 409
    assert "sudah ditutup" in twice.text
    assert visitor.post_form(f"{PATH}/reopen", unit="PKM1", reason=" ").status_code == 409
    assert visitor.post_form(f"{PATH}/reopen", unit="PKM1", reason="koreksi").status_code == 303
    again = other.post_form(f"{PATH}/reopen", unit="PKM1", reason="koreksi")
    assert again.status_code == 409
    assert "tidak sedang ditutup" in again.text
    assert "Dibuka kembali (versi 2)" in visitor.get(f"{PATH}?unit=PKM1").text
    assert close(visitor).status_code == 303
    assert [row[:2] for row in periods(december)] == [(1, "closed"), (2, "reopened"), (3, "closed")]


def test_the_board_shows_every_unit_with_its_months(december, browser):
    visitor = browser("hr")
    close(visitor, "DISDIK")
    page = visitor.get("/closing").text
    assert "Unit KOTA" not in page  # nobody is posted there
    rows = {
        name: row
        for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
        for name in ("Unit DINKES", "Unit PKM1", "Unit DISDIK")
        if f">{name}</th>" in row
    }
    assert rows.keys() == {"Unit DINKES", "Unit PKM1", "Unit DISDIK"}
    assert "Ditutup v1" in rows["Unit DISDIK"]
    assert "siap ditutup" in rows["Unit PKM1"]  # November
    assert "belum dinilai" in rows["Unit PKM1"]  # September
    assert ANDI not in page


def test_only_hr_and_admin_close(december, browser):
    for username in ("leader", "operator", "siti"):
        visitor = browser(username)
        assert visitor.get("/closing").status_code == 403
        assert visitor.get(f"{PATH}?unit=PKM1").status_code == 403
        assert visitor.get(f"{PATH}/check?unit=PKM1").status_code == 403
        assert close(visitor).status_code == 403
        assert visitor.post_form(f"{PATH}/reopen", unit="PKM1", reason="x").status_code == 403
    assert periods(december) == []
    assert close(browser("admin")).status_code == 303
    assert browser("hr").get(f"{PATH}?unit=TIDAKADA").status_code == 404


def test_closing_needs_the_forms_own_token(december, browser):
    visitor = browser("hr")
    assert visitor.send_form(f"{PATH}/close", unit="PKM1", through=str(LAST)).status_code == 403
    assert periods(december) == []
