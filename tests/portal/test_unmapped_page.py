"""PINs that are nobody's in the portal, and saying whose one is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from judged_city import at
from portal_city import ANDI, BUDI, ON


@pytest.fixture
def punched(city):
    """Give the city with PIN 77 on DINKES' terminal, who looks like Andi's name there, and PIN 88 on DISDIK's."""
    city.punch(city.devices["DINKES"], "77", at("07:00"))
    city.punch(city.devices["DISDIK"], "88", at("07:10"))
    city.owner.execute(
        "INSERT INTO device_user (device_id, pin, name, seen_at) VALUES (%s, '77', '<b>Pegawai</b>', now())",
        (city.devices["DINKES"],),
    )
    return city


def map_it(visitor, **fields: str):
    wish = {"serial": "SN-DINKES", "pin": "77", "nip": ANDI, "since": f"{ON}", "everywhere": ""}
    return visitor.post_form("/unmapped/map", **wish | fields)


def test_hr_maps_a_pin_and_sees_the_days_change(punched, browser):
    hr = browser("hr")
    page = hr.get("/unmapped").text
    assert "SN-DINKES" in page
    assert "SN-DISDIK" in page
    assert "&lt;b&gt;Pegawai" in page
    form = hr.get("/unmapped/map?serial=SN-DINKES&pin=77").text
    assert f'name="since" value="{ON}"' in form
    assert 'name="nip" value=""' in form  # nobody is suggested into the field
    assert ANDI in form
    assert f'value="{ANDI}"' in hr.get(f"/unmapped/map?serial=SN-DINKES&pin=77&nip={ANDI}").text
    punched.clock.at += timedelta(minutes=1)
    answer = map_it(hr)
    assert answer.status_code == 303
    page = hr.get(answer.headers["location"]).text
    assert "1 hari berubah sejak 24 November 2026" in page
    assert 'class="status present"' in page
    assert page.count(f"/people/{ANDI}/days/") == 1  # only what changed
    assert "SN-DINKES" not in hr.get("/unmapped").text
    assert map_it(hr).status_code == 303  # a second click


def test_an_operator_sees_own_pins_and_maps_none(punched, browser):
    operator = browser("operator")
    page = operator.get("/unmapped").text
    assert "SN-DINKES" in page
    assert "SN-DISDIK" not in page
    assert ANDI not in page
    assert "/unmapped/map" not in page
    assert operator.get("/unmapped/map?serial=SN-DINKES&pin=77").status_code == 403
    assert map_it(operator).status_code == 403
    assert operator.get(f"/unmapped/mapped?nip={ANDI}&since={ON}&at=2026-11-24T00:00:00Z").status_code == 403


@pytest.mark.parametrize("account", ["leader", "siti"])
def test_others_see_none(punched, browser, account):
    assert browser(account).get("/unmapped").status_code == 403


def test_a_form_that_does_not_fit_is_shown_again(punched, browser):
    hr = browser("hr")
    refused = map_it(hr, nip="123", since="2026-11-99")
    assert refused.status_code == 400
    assert "Tidak ada pegawai dengan NIP 123." in refused.text
    assert 'value="2026-11-99"' in refused.text
    assert map_it(hr, pin="1", nip=BUDI, serial="*").status_code == 400
    hostile = map_it(hr, serial="<i>", pin="%", nip="'<i>", since="<i>")
    assert hostile.status_code == 400
    assert "<i>" not in hostile.text
    assert "SN-DINKES" in hr.get("/unmapped").text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/unmapped/map", 400),
        ("/unmapped/map?serial=%22&pin=%27", 200),
        ("/unmapped?first=kemarin", 400),
        ("/unmapped?first=0001-01-01&last=9999-12-31", 400),
        ("/unmapped?first=2010-01-01&last=2100-12-31", 200),
        (f"/unmapped/mapped?nip=%22&since={ON}&at=2026-11-24T00:00:00Z", 409),
        (f"/unmapped/mapped?nip={ANDI}&since=9999-12-31&at=2026-11-24T00:00:00Z", 400),
        (f"/unmapped/mapped?nip={ANDI}&since={ON}&at=2026-11-24", 400),
    ],
)
def test_odd_addresses_are_answered(punched, browser, path, status):
    assert browser("hr").get(path).status_code == status


def test_the_period_narrows_the_list(punched, browser):
    page = browser("hr").get(f"/unmapped?last={ON - timedelta(days=1)}").text
    assert "Setiap PIN yang merekam pada masa ini sudah terdaftar." in page
