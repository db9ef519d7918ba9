"""The terminals' health in the portal."""

from __future__ import annotations

import re
from datetime import timedelta

from judged_city import at
from portal_city import EVENING


def serials(page: str) -> list[str]:
    return re.findall(r"<small>(SN-\w+)</small>", page)


def test_what_needs_a_hand_comes_first_with_what_to_do(city, browser):
    for device in (city.devices["DINKES"], city.devices["DISDIK"]):
        city.poll(device, EVENING - timedelta(minutes=2), offset=0.2)
    city.poll(city.devices["PKM1"], EVENING - timedelta(minutes=1), outcome="unreachable")
    city.poll(city.devices["DISDIK"], EVENING - timedelta(minutes=1), offset=2820.0)
    page = browser("hr").get("/devices").text
    assert serials(page) == ["SN-PKM1", "SN-DISDIK", "SN-DINKES"]
    assert "3 mesin, 2 perlu ditangani" in page
    assert "periksa listrik, kabel jaringan dan router unit" in page
    assert "47 menit lebih cepat" in page
    assert "tidak terdengar" in page


def test_a_terminal_that_is_heard_live_says_so(city, browser):
    city.live(city.devices["PKM1"], "2", at("16:41"))
    page = browser("hr").get("/devices").text
    assert "terdengar 24 November 2026 16.41" in page


def test_a_disabled_terminal_comes_last_and_is_no_alarm(city, browser):
    city.owner.execute("UPDATE device SET enabled = false, disabled_at = now() WHERE serial = 'SN-DINKES'")
    page = browser("hr").get("/devices").text
    assert serials(page)[-1] == "SN-DINKES"
    assert "dinonaktifkan" in page


def test_a_leader_and_an_operator_see_their_own_units_terminals(browser):
    for account in ("leader", "operator"):
        visitor = browser(account)
        assert sorted(serials(visitor.get("/devices").text)) == ["SN-DINKES", "SN-PKM1"]
        assert serials(visitor.get("/devices?unit=PKM1").text) == ["SN-PKM1"]
        assert visitor.get("/devices?unit=DISDIK").status_code == 403


def test_employees_see_no_terminals_and_nobody_finds_an_unknown_unit(browser):
    assert browser("siti").get("/devices").status_code == 403
    assert browser("hr").get("/devices?unit=TIDAKADA").status_code == 404


def test_the_page_touches_no_terminal(browser):
    page = browser("admin").get("/devices").text
    forms = re.findall(r'<form method="(\w+)" action="([^"]+)"', page)
    assert ("post", "/logout") in forms
    assert [form for form in forms if form[0] == "post"] == [("post", "/logout")]
