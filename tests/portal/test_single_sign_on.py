"""The city's identity provider says who somebody is; only its proof opens the door, and only to an account here."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from fake_provider import CLIENT_ID, CLIENT_SECRET, FakeProvider, providing
from joserfc.jwk import OctKey, RSAKey
from portal_city import PASSWORD, Browser, serving

from eabsensi.access.accounts import WantedAccount, create_account, disable_account
from eabsensi.access.openid import Client, OpenIdProvider
from eabsensi.access.passwords import Passwords
from eabsensi.access.roles import Role
from eabsensi.access.single_sign_on import SingleSignOn, Ticket
from eabsensi.cli.portal import _single_sign_on
from eabsensi.errors import SettingsError
from eabsensi.portal.pages.single_sign_on import BACK
from eabsensi.settings import Settings, oidc_client_secret

START = "/login/single-sign-on"


class Door:
    """A portal with single sign-on, and its provider."""

    def __init__(self, city, provider: FakeProvider) -> None:
        self.city = city
        self.provider = provider
        provider.now = city.clock.now()
        self.address = ""
        self.visitors: list[Browser] = []

    def visitor(self) -> Browser:
        self.visitors.append(Browser(base_url=self.address))
        return self.visitors[-1]

    def come(self, visitor: Browser, following: str = "/today"):
        """Go there, log in there, and come back."""
        left = visitor.get(START, params={"next": following})
        assert left.status_code == 303
        back = urlsplit(self.provider.log_in(left.headers["location"]))
        return visitor.get(f"{back.path}?{back.query}")

    def refused(self, owner) -> list[tuple[str, str]]:
        return owner.execute(
            "SELECT account, subject FROM trail WHERE action = 'log-in-refused' ORDER BY id"
        ).fetchall()


@pytest.fixture
def door(city):
    """Give a portal that knows a provider."""
    with providing(FakeProvider()) as provider:
        made = Door(city, provider)
        client = Client(provider.issuer, CLIENT_ID, CLIENT_SECRET, f"https://absensi.example.go.id{BACK}")
        openid = OpenIdProvider(client)
        desk = dataclasses.replace(city.desk(), single_sign_on=SingleSignOn(city.store, city.clock, openid))
        with serving(desk) as address:
            made.address = address
            yield made
            for visitor in made.visitors:
                visitor.close()
        openid._http.close()


def test_the_login_page_offers_it_only_where_there_is_a_provider(door, browser):
    assert START in door.visitor().get("/login?next=/months").text
    plain = browser()
    assert START not in plain.get("/login").text
    assert plain.get(START).status_code == plain.get(BACK).status_code == 404


def test_without_a_provider_nothing_of_it_is_loaded():
    told = "import sys, eabsensi.portal.app, eabsensi.cli.main; print({'httpx', 'joserfc'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_whoever_the_provider_proves_comes_in_and_is_led_on(door, owner):
    visitor = door.visitor()
    came = door.come(visitor, "/today?show=late")
    assert (came.status_code, came.headers["location"]) == (303, "/today?show=late")
    assert "Unit PKM1" in visitor.get("/today").text
    assert owner.execute("SELECT oidc_issuer, oidc_subject FROM account WHERE username = 'operator'").fetchall() == [
        (door.provider.issuer, "a1b2")
    ]
    [row] = owner.execute("SELECT account, subject, address, detail FROM trail WHERE action = 'log-in'").fetchall()
    assert row == ("operator", "oidc", "127.0.0.1", {"issuer": door.provider.issuer})
    assert "eabsensi-ticket" not in visitor.cookies


def test_what_is_asked_of_the_provider_binds_the_answer_to_this_browser(door):
    visitor = door.visitor()
    asked = parse_qs(urlsplit(visitor.get(START).headers["location"]).query)
    ticket = Ticket.read(visitor.cookies["eabsensi-ticket"])
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert (asked["state"], asked["nonce"], asked["code_challenge"]) == (
        [ticket.state],
        [ticket.nonce],
        [ticket.challenge],
    )
    assert ticket.verifier not in str(asked)
    assert len({ticket.state, ticket.nonce, ticket.verifier}) == 3
    other = door.visitor()
    other.get(START)
    assert Ticket.read(other.cookies["eabsensi-ticket"]).state != ticket.state


def test_the_secret_goes_to_the_provider_as_it_wants_it(door):
    door.come(door.visitor())
    [(form, auth)] = door.provider.seen
    assert auth is not None
    assert "client_secret" not in form


def test_the_secret_goes_in_the_form_where_the_provider_knows_no_other_way(door):
    door.provider.description = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert door.come(door.visitor()).status_code == 303
    [(form, auth)] = door.provider.seen
    assert (form["client_secret"], auth) == (CLIENT_SECRET, None)


def test_once_bound_the_subject_counts_and_not_the_name(door):
    assert door.come(door.visitor()).status_code == 303
    door.provider.username = "admin"  # renamed at the provider
    visitor = door.visitor()
    assert door.come(visitor).status_code == 303
    assert visitor.get("/accounts").status_code == 403  # still the operator


def test_another_person_of_the_same_name_does_not_come_in(door, owner):
    assert door.come(door.visitor()).status_code == 303
    door.provider.subject = "c3d4"
    visitor = door.visitor()
    came = door.come(visitor)
    assert came.status_code == 401
    assert "tidak terhubung" in came.text
    assert visitor.get("/today").status_code == 303
    assert door.refused(owner) == [("operator", "oidc other-subject")]


@pytest.mark.parametrize("username", ["nobody", "", "Bad Name", None, 7])
def test_no_account_is_made_on_the_way(door, owner, username):
    door.provider.lies = {"preferred_username": username}
    before = owner.execute("SELECT count(*) FROM account").fetchone()
    assert door.come(door.visitor()).status_code == 401
    assert owner.execute("SELECT count(*) FROM account").fetchone() == before
    assert door.refused(owner) == [("", "oidc no-account")]


def test_a_disabled_account_stays_out_before_and_after_it_is_bound(door, city, owner):
    def disable() -> None:
        with city.store.begin() as connection:
            disable_account(connection, "operator", by="test", at=city.clock.now())

    assert door.come(door.visitor()).status_code == 303
    disable()
    assert door.come(door.visitor()).status_code == 401
    door.provider.subject, door.provider.username = "e5f6", "leader"
    with city.store.begin() as connection:
        disable_account(connection, "leader", by="test", at=city.clock.now())
    assert door.come(door.visitor()).status_code == 401
    assert door.refused(owner) == [("operator", "oidc disabled"), ("leader", "oidc disabled")]
    assert owner.execute("SELECT oidc_subject FROM account WHERE username = 'leader'").fetchone() == (None,)


@pytest.mark.parametrize(
    "lies",
    [
        *({"iss": "https://other.example"}, {"aud": "another"}, {"aud": ["another"]}, {"nonce": "old"}),
        *({"nonce": None}, {"exp": 1}, {"exp": None}, {"iat": 2**40}, {"sub": None}, {"sub": ""}, {"sub": 7}),
        *({"aud": [CLIENT_ID, "another"]}, {"aud": [CLIENT_ID, "another"], "azp": "another"}, {"azp": "another"}),
    ],
)
def test_a_claim_that_does_not_hold_opens_nothing(door, owner, lies):
    door.provider.lies = lies
    visitor = door.visitor()
    came = door.come(visitor)
    assert came.status_code == 401
    assert "tidak dapat dibuktikan" in came.text
    assert visitor.get("/today").status_code == 303
    assert door.refused(owner) == [("", "oidc unproven")]


def test_several_audiences_are_fine_where_the_token_was_made_for_us(door):
    door.provider.lies = {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}
    assert door.come(door.visitor()).status_code == 303


def test_a_token_signed_by_somebody_else_opens_nothing(door):
    door.provider.signed_by = RSAKey.generate_key(2048, {"kid": "one"})
    assert door.come(door.visitor()).status_code == 401


def test_a_token_signed_with_what_is_public_or_shared_or_not_at_all_opens_nothing(door):
    for secret in (CLIENT_SECRET.ljust(32, "="), door.provider.key.as_dict(private=False)["n"]):
        door.provider.signed_by, door.provider.header = OctKey.import_key(secret), {"alg": "HS256"}
        assert door.come(door.visitor()).status_code == 401
    door.provider.signed_by, door.provider.header = None, {"alg": "none"}
    assert door.come(door.visitor()).status_code == 401
    door.provider.header = {}
    assert door.come(door.visitor()).status_code == 303


def test_a_provider_that_changes_its_keys_is_believed_by_the_new_ones(door):
    assert door.come(door.visitor()).status_code == 303
    door.provider.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    assert door.come(door.visitor()).status_code == 303


def test_an_answer_for_another_browser_or_an_old_one_logs_nobody_in(door):
    visitor, other = door.visitor(), door.visitor()
    back = urlsplit(door.provider.log_in(visitor.get(START).headers["location"]))
    other.get(START)
    for stranger in (door.visitor(), other):
        came = stranger.get(f"{back.path}?{back.query}")
        assert came.status_code == 401
        assert "kedaluwarsa" in came.text
        assert stranger.get("/today").status_code == 303
    door.city.clock.at += timedelta(minutes=10)
    assert visitor.get(f"{back.path}?{back.query}").status_code == 401
    assert door.provider.seen == []


def test_an_answer_counts_once(door):
    visitor = door.visitor()
    left = visitor.get(START)
    ticket = visitor.cookies["eabsensi-ticket"]
    back = urlsplit(door.provider.log_in(left.headers["location"]))
    assert visitor.get(f"{back.path}?{back.query}").status_code == 303
    again = door.visitor()
    again.cookies.set("eabsensi-ticket", ticket)
    assert again.get(f"{back.path}?{back.query}").status_code == 401


@pytest.mark.parametrize("ticket", ["", "x", "W10", "WzEsMiwzLDQsNV0", "%%%"])
def test_a_ticket_that_is_none_is_told_as_stale(door, ticket):
    visitor = door.visitor()
    visitor.cookies.set("eabsensi-ticket", ticket)
    assert visitor.get(f"{BACK}?state=x&code=y").status_code == 401


def test_somebody_who_says_no_at_the_provider_is_back_at_the_login(door):
    visitor = door.visitor()
    state = parse_qs(urlsplit(visitor.get(START).headers["location"]).query)["state"][0]
    came = visitor.get(f"{BACK}?state={state}&error=access_denied")
    assert came.status_code == 401
    assert START in came.text


def test_it_leads_nowhere_else(door):
    for path in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        assert door.come(door.visitor(), path).headers["location"] == "/"


def test_a_provider_that_is_away_is_told_and_passwords_still_count(door):
    door.provider.is_down = True
    visitor = door.visitor()
    told = visitor.get(START)
    assert told.status_code == 401
    assert "tidak dapat dihubungi" in told.text
    assert visitor.log_in("operator", PASSWORD).status_code == 303
    door.provider.is_down = False
    assert door.visitor().get(START).status_code == 303


def test_a_provider_that_goes_away_in_between_is_told(door):
    visitor = door.visitor()
    back = urlsplit(door.provider.log_in(visitor.get(START).headers["location"]))
    door.provider.is_down = True
    assert "tidak dapat dihubungi" in visitor.get(f"{back.path}?{back.query}").text


@pytest.mark.parametrize(
    "description", [{"issuer": "https://other.example"}, {"authorization_endpoint": "javascript:alert(1)"}]
)
def test_a_provider_that_describes_itself_as_another_is_not_used(door, description):
    door.provider.description = description
    assert door.visitor().get(START).status_code == 401


def test_a_password_for_one_use_ends_when_its_owner_comes_by_the_provider(door, city):
    with city.store.begin() as connection:
        wanted = WantedAccount(username="dewi", name="Dewi", role=Role.HR)
        passwords: Passwords = city.desk().doorkeeper.passwords
        once = create_account(connection, passwords, wanted, by="test", at=city.clock.now())
    door.provider.subject, door.provider.username = "g7h8", "Dewi"
    visitor = door.visitor()
    assert door.come(visitor).status_code == 303
    assert visitor.get("/today").status_code == 200
    assert door.visitor().log_in("dewi", once).status_code == 401


@pytest.mark.parametrize(
    "issuer", ["http://sso.example", "sso.example", "https://", "https://sso.example?x=1", "ftp://x"]
)
def test_an_issuer_that_cannot_be_trusted_is_refused(issuer, tmp_path):
    with pytest.raises(SettingsError, match="EABSENSI_OIDC_ISSUER"):
        Settings.load({"EABSENSI_OIDC_ISSUER": issuer}, file=tmp_path / "none")


def test_the_secret_comes_from_the_credential_before_the_environment_and_may_be_missing(tmp_path):
    environment = {"EABSENSI_OIDC_CLIENT_SECRET": "one"}
    assert oidc_client_secret(environment) == "one"
    (tmp_path / "oidc-client-secret").write_text("two\n")
    assert oidc_client_secret(environment | {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == "two"
    assert oidc_client_secret({}) is None


def test_a_provider_that_is_set_in_part_is_told_at_the_start(city, tmp_path):
    environment = {"EABSENSI_OIDC_ISSUER": "https://sso.example"}
    plain = Settings.load({}, file=tmp_path / "none")
    partly = Settings.load(environment, file=tmp_path / "none")
    wholly = Settings.load(
        environment | {"EABSENSI_OIDC_CLIENT_ID": "x", "EABSENSI_PORTAL_ADDRESS": "https://absensi.example"},
        file=tmp_path / "none",
    )
    assert _single_sign_on(plain, city.store, city.clock) is None
    with pytest.raises(SettingsError, match="EABSENSI_OIDC_CLIENT_ID"):
        _single_sign_on(partly, city.store, city.clock)
    assert _single_sign_on(wholly, city.store, city.clock) is not None


def test_without_the_extra_the_portal_starts_without_it_and_says_so(city, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "joserfc", None)
    monkeypatch.delitem(sys.modules, "eabsensi.access.openid")
    environment = {
        "EABSENSI_OIDC_ISSUER": "https://sso.example",
        "EABSENSI_OIDC_CLIENT_ID": "x",
        "EABSENSI_PORTAL_ADDRESS": "https://absensi.example",
    }
    assert _single_sign_on(Settings.load(environment, file=tmp_path / "none"), city.store, city.clock) is None
    assert "extra oidc" in capsys.readouterr().err
