"""HR reads the trail, filtered and page by page; that is noted too. Employees read who looked at them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from judged_city import ON
from portal_city import BUDI, SITI

from eabsensi.access.trail import Action, record
from eabsensi.portal.pages.trail import ROWS

ROW = re.compile(r"<tr><th scope=\"row\">.*?</tr>", re.DOTALL)


def rows_of(page: str) -> list[str]:
    return ROW.findall(page)


def write(city, count: int, **about) -> None:
    with city.store.begin() as connection:
        for number in range(count):
            wanted = {"account": "operator", "action": Action.SEE_PERSON, "subject": f"no-{number}-"} | about
            record(
                connection,
                wanted.pop("account"),
                wanted.pop("action"),
                at=wanted.pop("at", city.clock.now()),
                **wanted,
            )


def test_what_is_looked_at_is_found_by_account_person_action_and_day(browser, city):
    write(city, 1, nip=BUDI, subject="budi")
    write(city, 1, account="leader", action=Action.DOWNLOAD, subject="harian.pdf")
    write(city, 1, subject="kemarin", at=city.clock.now() - timedelta(days=1))
    hr = browser("hr")

    def subjects(asked: str) -> set[str]:
        shown = "".join(rows_of(hr.get(f"/trail?{asked}").text))
        return {name for name in ("budi", "harian.pdf", "kemarin") if f" {name}<" in shown}

    assert subjects("") == {"budi", "harian.pdf", "kemarin"}
    assert subjects("account=operator") == {"budi", "kemarin"}
    assert subjects(f"nip={BUDI}") == {"budi"}
    assert subjects("action=download") == {"harian.pdf"}
    assert subjects(f"from={ON}&to={ON}") == {"budi", "harian.pdf"}
    assert subjects(f"to={ON - timedelta(days=1)}") == {"kemarin"}
    assert subjects("account=nobody") == set()


def test_every_row_is_on_one_page_although_new_ones_come(browser, city):
    write(city, 2 * ROWS + 5)
    hr = browser("hr")
    seen, path = [], "/trail?account=operator"
    for _ in range(3):
        page = hr.get(path).text
        seen += re.findall(r"no-(\d+)-", "".join(rows_of(page)))
        write(city, 1, subject="later")
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert path == ""
    assert [int(number) for number in seen] == list(range(2 * ROWS + 4, -1, -1))


def test_looking_is_noted_with_what_was_asked(browser, owner):
    browser("hr").get(f"/trail?nip={SITI}&action=download")
    [row] = owner.execute("SELECT account, nip, subject FROM trail WHERE action = 'see-trail'").fetchall()
    assert row == ("hr", SITI, f"nip={SITI}&action=download")


@pytest.mark.parametrize("asked", ["from=kemarin", "to=0001-01-01", "account=%00", "before=0", f"before={2**63}"])
def test_a_filter_that_cannot_be_read_is_told(browser, asked):
    assert browser("hr").get(f"/trail?{asked}").status_code == 400


@pytest.mark.parametrize("username", ["leader", "operator", "siti"])
def test_only_hr_reads_the_whole_trail(browser, username):
    assert browser(username).get("/trail").status_code == 403


def test_an_employee_reads_who_looked_at_the_own_days_and_nobody_elses(browser, city):
    write(city, 1, nip=SITI, subject="siti")
    write(city, 1, nip=BUDI, subject="budi")
    siti = browser("siti")
    assert f'href="/people/{SITI}/trail"' in siti.get(f"/people/{SITI}/months/{ON:%Y-%m}").text
    page = siti.get(f"/people/{SITI}/trail")
    assert page.status_code == 200
    assert "siti" in "".join(rows_of(page.text))
    assert "budi" not in "".join(rows_of(page.text))
    assert siti.get(f"/people/{BUDI}/trail").status_code == 403
    for other in ("operator", "hr", "admin"):
        assert browser(other).get(f"/people/{SITI}/trail").status_code == 403


def test_leaving_and_a_new_password_are_noted_with_the_address(browser, owner):
    visitor = browser("operator")
    new = "perahu-kertas-di-sungai"
    visitor.post_form("/password", old="kuda-nil-berenang-pagi", new=new, again=new)
    visitor.log_in("operator", new)
    visitor.post_form("/logout")
    rows = owner.execute(
        "SELECT action, address FROM trail WHERE account = 'operator' AND action IN ('change-password', 'log-out')"
    ).fetchall()
    assert sorted(rows) == [("change-password", "127.0.0.1"), ("log-out", "127.0.0.1")]
