"""Accounts and tokens: what each change leaves in the trail, who may make it, and which passwords are refused."""

from __future__ import annotations

import pytest
from door import AGUS, PASSWORD, RATNA

from eabsensi.access import accounts, directory
from eabsensi.access.accounts import AccountError, WantedAccount
from eabsensi.access.passwords import PasswordRefusedError, check_password, one_time_password
from eabsensi.access.roles import NotAllowedError, Role
from eabsensi.law.wording import Language


@pytest.fixture
def city(door):
    """A door with an admin and an HR account."""
    door.make("admin", Role.ADMIN, name="Sri Wahyuni")
    door.make("hr", Role.HR, name="Joko Susilo")
    return door


def changes(by):
    """Every change of an account or token there is, as one call each."""
    wanted = WantedAccount("baru", Role.HR, name="Orang Baru")
    at = {"by": by}
    return {
        "create": lambda c, door: accounts.create_account(c, door.passwords, wanted, at=door.clock.now(), **at),
        "disable": lambda c, door: accounts.disable_account(c, "hr", at=door.clock.now(), **at),
        "enable": lambda c, door: accounts.enable_account(c, "hr", at=door.clock.now(), **at),
        "place": lambda c, door: accounts.place_account(c, "hr", Role.LEADER, "PKM1", at=door.clock.now(), **at),
        "reset": lambda c, door: accounts.reset_password(c, door.passwords, "hr", at=door.clock.now(), **at),
        "token": lambda c, door: accounts.create_token(
            c, "payroll", Role.HR, None, days=None, at=door.clock.now(), **at
        ),
        "revoke": lambda c, door: accounts.revoke_token(c, "ekinerja", at=door.clock.now(), **at),
    }


@pytest.fixture
def with_token(city):
    with city.store.begin() as connection:
        accounts.create_token(connection, "ekinerja", Role.HR, None, days=None, by="installer", at=city.clock.now())
    return city


@pytest.mark.parametrize("change", changes(""))
def test_only_an_admin_changes_accounts_and_tokens(with_token, change, owner):
    hr = with_token.enter("hr").session.viewer
    before = owner.execute("SELECT count(*) FROM trail").fetchone()
    with pytest.raises(NotAllowedError), with_token.store.begin() as connection:
        changes(hr)[change](connection, with_token)
    assert owner.execute("SELECT count(*) FROM trail").fetchone() == before


@pytest.mark.parametrize(
    ("change", "action", "subject"),
    [
        ("create", "change-account", "baru"),
        ("disable", "change-account", "hr"),
        ("enable", "change-account", "hr"),
        ("place", "change-account", "hr"),
        ("reset", "change-password", "hr"),
        ("token", "change-token", "payroll"),
        ("revoke", "change-token", "ekinerja"),
    ],
)
def test_each_change_is_in_the_trail_with_who_made_it(with_token, change, action, subject):
    admin = with_token.enter("admin").session.viewer
    with with_token.store.begin() as connection:
        secret = changes(admin)[change](connection, with_token)
    entry = with_token.trail()[0]
    assert (entry.account, entry.role, entry.action, entry.subject) == ("admin", "admin", action, subject)
    assert entry.at == with_token.clock.now()
    assert secret is None or secret not in str(entry)


def test_a_change_that_is_taken_back_leaves_no_trace(city):
    before = city.actions()
    with city.store.begin() as connection:
        accounts.disable_account(connection, "hr", by="installer", at=city.clock.now())
        connection.rollback()
    assert city.actions() == before
    assert city.enter("hr").session.viewer.account == "hr"


def test_an_account_becomes_an_employees_only_where_the_employee_is_known(city):
    with pytest.raises(AccountError, match="needs the NIP"), city.store.begin() as connection:
        accounts.place_account(connection, "hr", Role.EMPLOYEE, None, by="installer", at=city.clock.now())


def test_a_refusal_is_said_in_both_languages(city):
    with pytest.raises(AccountError) as refused:
        city.make("hr", Role.HR)
    assert refused.value.said(Language.ID) == "Akun hr sudah ada; pakai nama lain."
    assert str(refused.value) == "There is an account hr already; take another name."


def test_accounts_are_listed_without_what_opens_the_door(city):
    with city.store.begin() as connection:
        listed = directory.list_accounts(connection)
    assert [(account.username, account.role) for account in listed] == [("admin", Role.ADMIN), ("hr", Role.HR)]
    assert "argon2" not in str(listed)


# --- which passwords are taken -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "too short"),
        ("elevenchars", "too short"),
        ("x" * 257, "too long"),
        ("a b c\x00d e f g h", "cannot be shown"),
        ("saya ratna sekali", "holds your name"),
        ("RATNADEWI tidur siang", "holds your name"),
        ("pakai ratna.d untuk masuk", "holds your name"),
        (f"nip {RATNA}", "holds your name"),
        ("lahir 19850317 pagi", "holds your name"),
        ("Password123!", "tried first"),
        ("kotajambi2026", "tried first"),
        ("123456789012", "tried first"),
        ("987654321098", "tried first"),
        ("aaaaaaaaaaaaaaa", "tried first"),
        ("abababababab", "tried first"),
        ("abcdefghijklmnop", "tried first"),
    ],
)
def test_a_weak_password_is_refused_in_one_sentence(password, sentence):
    with pytest.raises(PasswordRefusedError, match=sentence) as refused:
        check_password(password, username="ratna.d", name="Ratna Dewi, S.E.", nip=RATNA)
    for language in Language:
        said = refused.value.said(language)
        assert said.count(".") == 1
        assert said.endswith(".")
        assert "{" not in said
        assert not password or password not in said


@pytest.mark.parametrize(
    "password",
    [PASSWORD, "x7#kQ!m2@pL9", "tolong jangan lupa makan", "пароль из трёх слов", "ini-kata-sandi-saya " * 12],
)
def test_a_good_password_is_taken(password):
    check_password(password, username="ratna.d", name="Ratna Dewi, S.E.", nip=RATNA)


def test_a_person_without_a_nip_has_no_empty_word_that_every_password_holds():
    check_password(PASSWORD, username="ab", name="X Y", nip=None)


def test_one_time_passwords_differ_and_keep_the_rules():
    made = {one_time_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        check_password(password, username="agus", name="Agus Salim", nip=AGUS)
