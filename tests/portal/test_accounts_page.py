"""An administrator makes, places, disables and resets accounts and tokens; nobody else does."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import httpx
import pytest
from portal_city import PASSWORD, SITI

OWN = "perahu-kertas-di-sungai"


def secret_of(page: str) -> str:
    found = re.search(r'class="secret"><code>([^<]+)</code>', page)
    assert found
    return html.unescape(found[1])


def test_a_new_account_gets_a_password_for_one_use_that_is_shown_once(browser):
    admin = browser("admin")
    made = admin.post_form("/accounts", username=" Dewi ", role="operator", unit="DINKES", name="Dewi Anggraini")
    assert made.status_code == 200
    once = secret_of(made.text)
    assert once not in admin.get("/accounts/people/dewi").text
    assert "Dewi Anggraini" in admin.get("/accounts?q=dewi").text
    dewi = browser()
    assert dewi.log_in("dewi", once).status_code == 303
    assert dewi.get("/today").headers["location"] == "/password"
    assert dewi.post_form("/password", old=once, new=OWN, again=OWN).status_code == 303
    assert dewi.log_in("dewi", OWN).status_code == 303
    assert "Unit PKM1" in dewi.get("/today").text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"username": "hr", "role": "hr", "name": "Lain"}, "sudah ada"),
        ({"username": "dewi", "role": "operator", "name": "Dewi"}, "memerlukan unit kerja"),
        ({"username": "dewi", "role": "employee"}, "memerlukan NIP"),
        ({"username": "dewi", "role": "employee", "nip": "1" * 18}, "Tidak ada pegawai"),
        ({"username": "dewi", "role": "hr", "name": ""}, "isi namanya"),
        ({"username": "Dewi Anggraini", "role": "hr", "name": "Dewi"}, "tidak dapat menjadi nama"),
    ],
)
def test_what_does_not_go_together_is_told_and_what_was_typed_stays(browser, fields, told):
    page = browser("admin").post_form("/accounts", **fields)
    assert page.status_code == 400
    assert told in page.text
    assert f'value="{fields["username"].lower()}"' in page.text


def test_a_role_that_there_is_not_is_refused(browser):
    assert browser("admin").post_form("/accounts", username="dewi", role="king", name="Dewi").status_code == 400


def test_a_disabled_account_is_out_at_once_and_may_be_enabled_again(browser):
    admin, operator = browser("admin"), browser("operator")
    assert operator.get("/today").status_code == 200
    assert admin.post_form("/accounts/people/operator/disable").status_code == 303
    assert operator.get("/today").status_code == 303
    assert operator.log_in("operator").status_code == 401
    assert "operator" in admin.get("/accounts?disabled=true").text
    assert 'href="/accounts/people/operator"' not in admin.get("/accounts").text
    assert admin.post_form("/accounts/people/operator/enable").status_code == 303
    assert operator.log_in("operator").status_code == 303


def test_another_place_counts_from_the_next_page_on(browser):
    admin, operator = browser("admin"), browser("operator")
    assert operator.get("/today?unit=DISDIK").status_code == 403
    assert admin.post_form("/accounts/people/operator/place", role="operator", unit="DISDIK").status_code == 303
    assert operator.get("/today?unit=DISDIK").status_code == 200
    assert operator.get("/today?unit=PKM1").status_code == 403
    refused = admin.post_form("/accounts/people/operator/place", role="operator", unit="")
    assert refused.status_code == 400
    assert "memerlukan unit kerja" in refused.text


def test_a_reset_password_replaces_the_old_one(browser):
    admin, operator = browser("admin"), browser("operator")
    once = secret_of(admin.post_form("/accounts/people/operator/reset").text)
    assert operator.get("/today").status_code == 303
    assert operator.log_in("operator", PASSWORD).status_code == 401
    assert operator.log_in("operator", once).status_code == 303


def test_nobody_locks_themselves_out(browser):
    admin = browser("admin")
    assert "/accounts/people/admin/disable" not in admin.get("/accounts/people/admin").text
    for act, fields in {"disable": {}, "reset": {}, "place": {"role": "hr"}}.items():
        assert admin.post_form(f"/accounts/people/admin/{act}", **fields).status_code in (400, 409)
    assert admin.get("/accounts").status_code == 200


def test_an_account_that_there_is_not_is_told(browser):
    admin = browser("admin")
    assert admin.get("/accounts/people/nobody").status_code == 404
    assert "nobody" in admin.get("/accounts/people/nobody").text
    assert admin.get("/accounts/people/%01").status_code == 404
    assert admin.post_form("/accounts/people/nobody/disable").status_code == 404


def test_employees_are_listed_where_they_are_looked_for(browser):
    admin = browser("admin")
    link = 'href="/accounts/people/siti"'
    assert link not in admin.get("/accounts").text
    for asked in ("role=employee", "q=siti", f"q={SITI}"):
        assert link in admin.get(f"/accounts?{asked}").text


@pytest.mark.parametrize("username", ["hr", "leader", "operator", "siti"])
def test_only_an_administrator_manages_accounts(browser, username):
    visitor = browser(username)
    for path in ("/accounts", "/accounts/people/hr", "/accounts/tokens"):
        assert visitor.get(path).status_code == 403
    wanted = {"username": "dewi", "role": "admin", "name": "Dewi"}
    assert visitor.post_form("/accounts", **wanted).status_code == 403
    assert visitor.post_form("/accounts/tokens", name="e-kinerja", role="admin").status_code == 403
    for act in ("place", "disable", "enable", "reset"):
        assert visitor.post_form(f"/accounts/people/hr2/{act}", role="employee").status_code == 403


def test_a_form_from_elsewhere_makes_no_account(browser):
    admin = browser("admin")
    wanted = {"username": "dewi", "role": "admin", "name": "Dewi"}
    assert admin.send_form("/accounts", **wanted).status_code == 403
    assert admin.get("/accounts/people/dewi").status_code == 404


def test_a_token_reads_until_it_is_revoked_and_is_shown_once(browser, portal):
    admin = browser("admin")
    made = admin.post_form("/accounts/tokens", name="e-kinerja", role="leader", unit="DINKES", days="30")
    token = secret_of(made.text)
    assert token not in admin.get("/accounts/tokens").text
    headers = {"Authorization": f"Bearer {token}"}
    read = httpx.get(f"{portal}/api/v1/units", headers=headers)
    assert [row["code"] for row in read.json()["rows"]] == ["DINKES", "PKM1"]
    assert admin.post_form("/accounts/tokens/e-kinerja/revoke").status_code == 303
    assert httpx.get(f"{portal}/api/v1/units", headers=headers).status_code == 401
    assert "Dicabut" in admin.get("/accounts/tokens").text


def test_a_token_past_its_end_is_shown_as_such(browser, city):
    admin = browser("admin")
    admin.post_form("/accounts/tokens", name="e-kinerja", role="leader", days="1")
    city.clock.at += timedelta(days=2)
    assert admin.log_in("admin").status_code == 303
    assert "Habis masa berlaku" in admin.get("/accounts/tokens").text


def test_a_token_that_cannot_be_made_is_told(browser):
    admin = browser("admin")
    for fields, told in [
        ({"name": "x y", "role": "hr"}, "tidak dapat menjadi nama"),
        ({"name": "gaji", "role": "operator"}, "memerlukan unit kerja"),
        ({"name": "gaji", "role": "employee"}, "program bukan orang"),
    ]:
        page = admin.post_form("/accounts/tokens", **fields)
        assert page.status_code == 400
        assert told in page.text
    assert admin.post_form("/accounts/tokens", name="gaji", role="hr", days="0").status_code == 400


def test_every_change_stands_in_the_trail(browser, owner):
    admin = browser("admin")
    admin.post_form("/accounts", username="dewi", role="hr", name="Dewi")
    admin.post_form("/accounts/people/dewi/disable")
    admin.post_form("/accounts/people/dewi/reset")
    admin.post_form("/accounts/tokens", name="e-kinerja", role="hr")
    rows = owner.execute("SELECT action, account, subject FROM trail WHERE account = 'admin' ORDER BY id").fetchall()
    assert [row for row in rows if row[0].startswith("change")] == [
        ("change-account", "admin", "dewi"),
        ("change-account", "admin", "dewi"),
        ("change-password", "admin", "dewi"),
        ("change-token", "admin", "e-kinerja"),
    ]
