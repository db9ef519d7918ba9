"""Coming in and leaving."""

from __future__ import annotations

from portal_city import PASSWORD, Browser

from eabsensi.store.accounts import load_account


def test_a_stranger_is_led_to_the_login_and_back(browser):
    stranger = browser()
    asked = stranger.get("/today?date=2026-11-24")
    assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=/today%3Fdate%3D2026-11-24")
    came = stranger.send_form("/login", username="hr", password=PASSWORD, next="/today?date=2026-11-24")
    assert (came.status_code, came.headers["location"]) == (303, "/today?date=2026-11-24")


def test_a_wrong_password_is_told_without_saying_which_part_is_wrong(browser):
    stranger = browser()
    wrong = stranger.log_in("hr", "bukan kata sandinya")
    unknown = stranger.log_in("nobody", "bukan kata sandinya")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("hr", "") == unknown.text.replace("nobody", "").replace("hr", "")


def test_after_leaving_the_old_session_is_worth_nothing(browser):
    visitor: Browser = browser("hr")
    kept = dict(visitor.cookies)
    assert visitor.get("/today").status_code == 200
    assert visitor.post_form("/logout").status_code == 303
    visitor.cookies.update(kept)
    assert visitor.get("/today").status_code == 303


def test_a_form_from_elsewhere_is_refused(browser):
    visitor: Browser = browser("hr")
    token = visitor.csrf()
    foreign = visitor.post("/logout", data={"csrf": token}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    other_origin = visitor.post("/logout", data={"csrf": token}, headers={"Origin": "https://evil.example"})
    assert other_origin.status_code == 403
    assert visitor.send_form("/logout", csrf="x" * len(token)).status_code == 403
    assert visitor.send_form("/logout").status_code == 403
    assert visitor.get("/today").status_code == 200


def test_login_leads_nowhere_else(browser):
    for path in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        came = browser().send_form("/login", username="hr", password=PASSWORD, next=path)
        assert came.headers["location"] == "/", path


def test_the_language_can_be_changed_before_and_after_login(browser):
    visitor: Browser = browser()
    assert 'lang="id"' in visitor.get("/login").text
    assert visitor.get("/language/en?next=/login").headers["location"] == "/login"
    assert 'lang="en"' in visitor.get("/login").text
    visitor.log_in("hr")
    assert "Undetermined" in visitor.get("/today").text


def language_kept(city, username: str) -> str:
    with city.store.begin() as connection:
        return load_account(connection, username).language


def test_a_language_that_was_chosen_is_spoken_on_every_machine(city, browser):
    visitor: Browser = browser("hr")
    visitor.get("/language/en")
    assert (language_kept(city, "hr"), language_kept(city, "hr2")) == ("en", "id")
    assert 'lang="en"' in browser("hr").get("/today").text
    assert 'lang="id"' in browser("hr2").get("/today").text


def test_the_next_person_at_a_machine_is_spoken_to_in_the_own_language(city, browser):
    visitor: Browser = browser("hr")
    visitor.get("/language/en")
    visitor.post_form("/logout")
    visitor.log_in("hr2")
    assert 'lang="id"' in visitor.get("/today").text
    assert language_kept(city, "hr2") == "id"


def test_every_answer_carries_the_security_headers(browser):
    visitor: Browser = browser("hr")
    for path in ("/today", "/login", "/static/portal.css", "/nowhere", "/healthz"):
        headers = visitor.get(path).headers
        assert "script-src" not in headers["content-security-policy"]
        assert headers["content-security-policy"].startswith("default-src 'none'"), path
        assert headers["x-content-type-options"] == "nosniff"
        assert "no-store" in headers["cache-control"] or path.startswith("/static/")
        assert "server" not in headers


def test_a_new_password_ends_the_old_sessions(browser):
    visitor, other = browser("operator"), browser("operator")
    new = "perahu-kertas-di-sungai"
    changed = visitor.post_form("/password", old=PASSWORD, new=new, again=new)
    assert (changed.status_code, changed.headers["location"]) == (303, "/login")
    assert other.get("/today").status_code == 303
    assert visitor.log_in("operator", PASSWORD).status_code == 401
    assert visitor.log_in("operator", new).status_code == 303


def test_passwords_that_differ_or_are_weak_are_refused_with_a_sentence(browser):
    visitor: Browser = browser("operator")
    differ = visitor.post_form("/password", old=PASSWORD, new="perahu-kertas-di-sungai", again="lain")
    assert differ.status_code == 400
    assert "tidak sama" in differ.text
    weak = visitor.post_form("/password", old=PASSWORD, new="operator1234", again="operator1234")
    assert weak.status_code == 400
    assert 'role="alert"' in weak.text


def test_too_large_a_body_is_refused(browser):
    assert browser().send_form("/login", username="x" * 3_000_000).status_code == 413


def test_a_nul_is_refused_before_it_reaches_the_database(browser):
    visitor: Browser = browser("hr")
    assert visitor.get("/people?q=%00").status_code == 400
    assert visitor.get("/people/%00").status_code == 400
    assert visitor.post_form("/documents/new", note="a\0b").status_code == 400
