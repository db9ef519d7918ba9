"""Papers in the portal: filed by an operator, decided by HR, seen at once; hostile entries and second clicks."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from judged_city import END
from portal_city import ANDI, BUDI, ON, RINA

from eabsensi.access.trail import entries
from eabsensi.store.documents import list_documents

SCRIPT = '<script>alert("x")</script>'


@pytest.fixture
def morning(city):
    """Give the city on the next morning: RINA was late and BUDI never came; every terminal was read."""
    city.owner.execute("DELETE FROM punch WHERE pin = '1' AND device_time >= %s", (ON,))
    city.clock.at = END + timedelta(hours=6)
    for device in city.devices.values():
        city.poll(device, city.clock.at - timedelta(minutes=10))
    city.judge(last=ON + timedelta(days=1))
    city.clock.at += timedelta(minutes=1)
    return city


def wish(**fields: str) -> dict[str, str]:
    leave = {"nip": BUDI, "kind": "annual_leave", "covers": "day", "first": f"{ON}", "last": f"{ON}"}
    return leave | {"number": "851/7", "issued_on": "", "note": ""} | fields


def file(visitor, **fields: str) -> str:
    """File a paper and give its page."""
    answer = visitor.post_form("/documents/new", **wish(**fields))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("?")[0]


def status_of(visitor, nip: str) -> str:
    """Read what the day's page says of a person."""
    page = visitor.get(f"/today?date={ON}&unit=DINKES&show=all").text
    found = re.search(rf"<small>{nip}</small>.*?</tr>", page, re.DOTALL)
    assert found
    return re.search(r'class="status (\w+)"', found[0])[1]


def test_a_leave_is_filed_approved_seen_and_revoked(morning, browser):
    operator, hr = browser("operator"), browser("hr")
    assert status_of(hr, BUDI) == "absent"
    paper = file(operator)
    page = operator.get(paper).text
    assert "Menunggu persetujuan" in page
    assert "Akan menjadi bila disetujui" in page
    assert f"{paper}/approve" not in page
    assert status_of(hr, BUDI) == "absent"
    page = hr.get(paper).text
    assert f"{paper}/approve" in page
    assert "Cuti tahunan (CT)" in page
    morning.clock.at += timedelta(minutes=1)
    answer = hr.post_form(f"{paper}/approve")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{paper}?done=approved")
    page = hr.get(answer.headers["location"]).text
    assert "Dokumen disetujui. 1 hari pegawai berubah." in page
    assert "Sebelumnya" in page
    assert status_of(hr, BUDI) == "excused"
    assert "851/7" in hr.get(f"/people/{BUDI}/days/{ON}").text
    morning.clock.at += timedelta(minutes=1)
    assert hr.post_form(f"{paper}/revoke", reason="tanggal salah").status_code == 303
    assert "tanggal salah" in hr.get(paper).text
    assert status_of(hr, BUDI) == "absent"
    assert "851/7" not in hr.get(f"/people/{BUDI}/days/{ON}").text.split('class="told"')[0]
    with morning.store.begin() as connection:
        done = [(entry.account, entry.action) for entry in reversed(entries(connection, nip=BUDI))]
    assert [item for item in done if item[1] != "see-person"] == [
        ("operator", "file-document"),
        ("hr", "approve-document"),
        ("hr", "revoke-document"),
    ]
    assert ("operator", "see-person") in done


def test_who_files_does_not_approve(browser):
    hr = browser("hr")
    paper = file(hr)
    assert "harus disetujui oleh orang lain" in hr.get(paper).text
    refused = hr.post_form(f"{paper}/approve")
    assert refused.status_code == 409
    assert "harus disetujui oleh orang lain" in refused.text
    assert browser("hr2").post_form(f"{paper}/approve").status_code == 303


def test_an_operator_files_for_own_people_only_and_decides_nothing(browser):
    operator, hr = browser("operator"), browser("hr")
    refused = operator.post_form("/documents/new", **wish(nip=ANDI))
    assert refused.status_code == 403
    assert f'value="{ANDI}"' in refused.text
    assert "Tidak ada pegawai dengan NIP ini di unit kerja Anda" in refused.text
    foreign, own = file(hr, nip=ANDI), file(operator)
    assert operator.get(foreign).status_code == 403
    assert ANDI not in operator.get("/documents").text
    assert operator.get("/documents?unit=DISDIK").status_code == 403
    for action in ("approve", "revoke"):
        assert operator.post_form(f"{own}/{action}", reason="x").status_code == 403
    assert "disetujui BKPSDM" in operator.get(own).text
    assert "disetujui operator" not in operator.get(own).text
    form = operator.get("/documents/new").text
    assert BUDI in form
    assert ANDI not in form
    assert "DISDIK" not in form


def test_who_filed_takes_it_back(browser):
    operator = browser("operator")
    paper = file(operator)
    assert f"{paper}/withdraw" in operator.get(paper).text
    assert operator.post_form(f"{paper}/withdraw", reason=" ").status_code == 400
    assert operator.post_form(f"{paper}/withdraw", reason="salah ketik").status_code == 303
    assert "salah ketik" in operator.get(paper).text


@pytest.mark.parametrize("account", ["leader", "siti"])
def test_others_have_no_documents(browser, account):
    visitor = browser(account)
    for path in ("/documents", "/documents/new", "/documents/1"):
        assert visitor.get(path).status_code == 403
    assert visitor.post_form("/documents/new", **wish()).status_code == 403


def test_a_form_keeps_what_was_entered_and_says_what_is_wrong_beside_it(browser):
    operator = browser("operator")
    prefilled = operator.get(f"/documents/new?nip={RINA}&from={ON}&to={ON}").text
    assert f'name="nip" value="{RINA}"' in prefilled
    assert prefilled.count(f'value="{ON}"') == 2
    refused = operator.post_form("/documents/new", **wish(first="x", kind="duty", note="ke Jakarta"))
    assert refused.status_code == 400
    assert "x bukan tanggal; tulis seperti 2026-01-31." in refused.text
    assert 'aria-describedby="first-fault"' in refused.text
    assert ">ke Jakarta</textarea>" in refused.text
    assert '<option value="duty" selected>Dinas luar (DL)</option>' in refused.text


def test_hostile_entries_are_shown_as_text(browser):
    operator, hr = browser("operator"), browser("hr")
    paper = file(operator, number=SCRIPT, note='"><img src=x onerror=alert(1)>{{7*7}}')
    for page in (hr.get(paper).text, hr.get("/documents").text, operator.get(paper).text):
        assert SCRIPT not in page
        assert "&lt;script&gt;" in page
        assert "<img" not in page
    assert "{{7*7}}" in hr.get(paper).text
    refused = operator.post_form("/documents/new", **wish(nip=SCRIPT, first=SCRIPT))
    assert SCRIPT not in refused.text
    for query in ("person='%22%3B--", "unit=%22", "state=%22"):
        assert hr.get(f"/documents?{query}").status_code in {200, 404}
    for number in ("0", "-1", "99999999999999999999", "nan"):
        assert hr.get(f"/documents/{number}").status_code in {400, 404}


def test_second_clicks_do_nothing_more(browser, city):
    operator, hr = browser("operator"), browser("hr")
    paper = file(operator)
    again = operator.post_form("/documents/new", **wish())
    assert again.headers["location"] == f"{paper}?done=known"
    assert "Dokumen yang sama sudah ada" in operator.get(again.headers["location"]).text
    assert [hr.post_form(f"{paper}/approve").status_code for _ in range(2)] == [303, 303]
    assert [hr.post_form(f"{paper}/revoke", reason="x").status_code for _ in range(2)] == [303, 303]
    with city.store.begin() as connection:
        assert [row.state for row in list_documents(connection)] == ["revoked"]


def test_a_form_from_elsewhere_decides_nothing(browser):
    operator, hr = browser("operator"), browser("hr")
    paper = file(operator)
    assert hr.send_form(f"{paper}/approve", csrf="").status_code == 403
    assert (
        hr.post(f"{paper}/approve", data={"csrf": hr.csrf()}, headers={"Sec-Fetch-Site": "cross-site"}).status_code
        == 403
    )
    assert "Menunggu persetujuan" in hr.get(paper).text


def test_the_list_puts_what_waits_first_and_is_narrowed(browser):
    operator, hr = browser("operator"), browser("hr")
    waiting = file(operator, first=f"{ON - timedelta(days=5)}", last=f"{ON - timedelta(days=5)}", number="A")
    done = file(operator, number="B")
    hr.post_form(f"{done}/approve")

    def listed(query: str = "") -> list[str]:
        return re.findall(r'<th scope="row"><a href="(/documents/\d+)"', hr.get(f"/documents{query}").text)

    assert listed() == [waiting, done]
    assert listed("?state=approved") == [done]
    assert listed(f"?first={ON}&last={ON}") == [done]
    assert listed(f"?person={BUDI}") == [waiting, done]
    assert listed("?unit=DISDIK") == []
    assert hr.get("/documents?unit=TIDAKADA").status_code == 404


def test_the_pages_speak_english_too(browser):
    hr = browser("hr")
    paper = file(browser("operator"))
    hr.get("/language/en")
    page = hr.get(paper).text
    assert "Waiting for approval" in page
    assert "Annual leave (CT)" in page
    assert "somebody else" not in page
