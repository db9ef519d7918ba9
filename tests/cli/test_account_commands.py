"""eabsensi account and trail: accounts and tokens are made, changed and listed; no secret is an argument."""

from __future__ import annotations

import re

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from typer.testing import CliRunner

from eabsensi.access import passwords
from eabsensi.access.doorkeeper import Doorkeeper, LoginRefusedError
from eabsensi.cli.main import app
from eabsensi.clock import SystemClock

BUDI = "198503172010012003"
CHOSEN = "hujan turun di sungai"


def cheap() -> PasswordHasher:
    return PasswordHasher.from_parameters(CHEAPEST)


@pytest.fixture
def agency(city, monkeypatch):
    """A program with units and employees, whose hashes cost little."""
    monkeypatch.setattr(passwords, "password_hasher", cheap)
    return city


@pytest.fixture
def keeper(store):
    return Doorkeeper(store, SystemClock(), cheap())


def _enter(keeper, username, password):
    return keeper.log_in(username, password, address="10.1.2.3", agent="")


def test_an_account_gets_a_password_for_one_use_that_opens_the_door(agency, keeper):
    outcome = agency("account", "add", "budi", "--role", "operator", "--unit", "DINKES", "--nip", BUDI)
    assert (outcome.code, outcome.out.splitlines()[0]) == (0, "Account budi is made: operator.")
    once = re.search(r"One-time password: (\S+)", outcome.out)[1]
    session = _enter(keeper, "budi", once).session
    assert session.must_change_password
    assert (session.viewer.name, session.viewer.units) == ("Budi Santoso", {"DINKES", "PKM1"})
    [row] = agency("account", "list", "--json").json
    assert row["username"] == "budi"
    assert (row["role"], row["unit"], row["nip"], row["disabled_at"]) == ("operator", "DINKES", BUDI, None)
    assert "hash" not in str(row)
    assert once not in agency("account", "list").out


@pytest.mark.parametrize(
    "arguments",
    [("account", "add", "budi"), ("account", "place", "budi"), ("account", "token", "add", "portal-kota")],
)
def test_an_unknown_role_is_told_with_the_roles_there_are(agency, arguments):
    outcome = agency(*arguments, "--role", "boss")
    said = " ".join(outcome.err.replace("│", " ").split())
    assert (outcome.code, "Value error" in said) == (2, False)
    assert "'boss' is not one of 'admin', 'hr', 'leader', 'operator', 'employee'." in said


def test_a_chosen_password_comes_on_stdin(agency, keeper):
    arguments = ["account", "add", "agus", "--role", "hr", "--name", "Agus Salim", "--stdin"]
    result = CliRunner().invoke(app, arguments, env=agency.environment, input=f"{CHOSEN}\n")
    assert (result.exit_code, result.stdout) == (0, "Account agus is made: hr.\n")
    assert not _enter(keeper, "agus", CHOSEN).session.must_change_password


def test_a_chosen_password_is_typed_twice_and_not_shown(agency, keeper):
    arguments = ["account", "add", "agus", "--role", "hr", "--name", "Agus Salim", "--prompt"]
    result = CliRunner().invoke(app, arguments, env=agency.environment, input=f"{CHOSEN}\n{CHOSEN}\n")
    assert (result.exit_code, CHOSEN in result.output) == (0, False)
    assert _enter(keeper, "agus", CHOSEN).session.viewer.account == "agus"


def test_no_command_takes_a_password_as_an_argument(agency):
    outcome = agency("account", "add", "agus", "--role", "hr", "--name", "Agus", "--password", CHOSEN)
    assert outcome.code == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["budi", "--role", "operator", "--name", "B"], "An operator needs a unit; name it."),
        (["budi", "--role", "operator", "--unit", "XX", "--name", "B"], "There is no unit XX;"),
        (["budi", "--role", "hr", "--unit", "DINKES", "--name", "B"], "The role hr is not bound to a unit;"),
        (["budi", "--role", "employee", "--name", "B"], "An employee's account needs the NIP;"),
        (["budi", "--role", "hr", "--nip", "1"], "There is no employee with NIP 1;"),
        (["budi", "--role", "hr"], "The account has no person's name;"),
        (["Budi S", "--role", "hr", "--name", "B"], "Budi S cannot be a name:"),
    ],
)
def test_what_does_not_go_together_is_refused_in_one_sentence(agency, arguments, sentence):
    outcome = agency("account", "add", *arguments)
    assert outcome.code == 1
    assert sentence in outcome.err
    assert agency("account", "list", "--json").json == []


def test_a_name_is_given_once(agency):
    assert agency("account", "add", "budi", "--role", "hr", "--name", "Budi").code == 0
    outcome = agency("account", "add", "budi", "--role", "hr", "--name", "Budi")
    assert (outcome.code, "There is an account budi already" in outcome.err) == (1, True)


def test_an_account_is_disabled_enabled_placed_and_its_password_reset(agency, keeper):
    once = agency("account", "add", "budi", "--role", "hr", "--nip", BUDI, "--json").json["one_time_password"]
    assert agency("account", "disable", "budi").out == "Account budi is disabled.\n"
    assert agency("account", "list", "--json").json[0]["disabled_at"].endswith("+07:00")
    with pytest.raises(LoginRefusedError):
        _enter(keeper, "budi", once)
    assert agency("account", "enable", "budi").out == "Account budi is enabled.\n"
    assert agency("account", "place", "budi", "--role", "leader", "--unit", "PKM1").code == 0
    assert _enter(keeper, "budi", once).session.viewer.units == {"PKM1"}
    again = agency("account", "reset-password", "budi", "--json").json["one_time_password"]
    with pytest.raises(LoginRefusedError):
        _enter(keeper, "budi", once)
    assert _enter(keeper, "budi", again).session.must_change_password


@pytest.mark.parametrize("command", ["disable", "enable", "reset-password"])
def test_an_account_that_nobody_has_is_said(agency, command):
    outcome = agency("account", command, "nobody")
    assert (outcome.code, "There is no account nobody;" in outcome.err) == (1, True)


def test_a_token_is_shown_once_and_revoked(agency, keeper):
    outcome = agency("account", "token", "add", "payroll", "--role", "hr", "--days", 30)
    token = outcome.out.strip()
    assert (outcome.code, token.startswith("eabsensi_"), "shown once" in outcome.err) == (0, True, True)
    assert keeper.recognise_api(token).account == "token:payroll"
    [row] = agency("account", "token", "list", "--json").json
    assert (row["name"], row["role"], row["revoked_at"]) == ("payroll", "hr", None)
    assert row["last_used_at"] is not None
    assert token not in str(row)
    assert agency("account", "token", "revoke", "payroll").out == "Token payroll is revoked.\n"
    assert keeper.recognise_api(token) is None
    assert "There is no token payroll" in agency("account", "token", "revoke", "payroll").err
    assert "There is or was a token payroll" in agency("account", "token", "add", "payroll", "--role", "hr").err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--role", "employee"], "A token cannot have the role employee"),
        (["--role", "hr", "--days", 0], "A token is valid for 1 to 3650 days"),
        (["--role", "operator"], "An operator needs a unit"),
    ],
)
def test_a_token_that_cannot_be_is_refused(agency, arguments, sentence):
    outcome = agency("account", "token", "add", "payroll", *arguments)
    assert (outcome.code, sentence in outcome.err) == (1, True)
    assert agency("account", "token", "list", "--json").json == []


def test_the_trail_tells_who_changed_what_and_who_looked(agency):
    agency("account", "add", "budi", "--role", "hr", "--nip", BUDI, "--by", "installer")
    agency("account", "token", "add", "payroll", "--role", "hr", "--by", "agus")
    listed = agency("trail", "--json", "--by", "auditor").json
    assert [(row["account"], row["action"], row["subject"]) for row in listed] == [
        ("agus", "change-token", "payroll"),
        ("installer", "change-account", "budi"),
    ]
    assert listed[1]["detail"] == {"change": "create", "role": "hr", "unit": None}
    assert [row["account"] for row in agency("trail", "--account", "agus", "--json").json] == ["agus"]
    assert [row["action"] for row in agency("trail", "--account", "auditor", "--json").json] == ["see-trail"]
    assert [row["subject"] for row in agency("trail", "--nip", BUDI, "--json").json] == ["budi"]
    assert "change-account" in agency("trail").out
    newest = agency("trail", "--json", "--limit", 1).json
    older = agency("trail", "--json", "--before", listed[0]["id"]).json
    assert (len(newest), [row["id"] for row in older]) == (1, [listed[1]["id"]])
