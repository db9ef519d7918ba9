"""eabsensi account: who may look in; eabsensi trail: who did what.

A password is never an argument, where every user of the machine could read it: it is typed, comes on stdin, or is made
here and shown once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

import typer

from eabsensi.access import accounts, directory, trail
from eabsensi.access.doorkeeper import ONE_TIME_LASTS
from eabsensi.access.passwords import Passwords
from eabsensi.access.roles import Role
from eabsensi.cli.options import ByOption, JsonOption, NipOption, who
from eabsensi.cli.output import say, show_json, warn
from eabsensi.cli.people import show_rows
from eabsensi.clock import SystemClock
from eabsensi.errors import UsageError
from eabsensi.law.loader import load_policy
from eabsensi.law.wording import Language
from eabsensi.settings import Settings
from eabsensi.store.accounts import TokenRow
from eabsensi.store.database import open_store

app = typer.Typer(help="Accounts of people, and tokens of programs.", no_args_is_help=True)
token_app = typer.Typer(help="Tokens by which programs read the API: add, list, revoke.", no_args_is_help=True)
app.add_typer(token_app, name="token")

_SHORT = ("username", "name", "role", "unit", "nip", "disabled_at", "must_change_password")
_TOKEN_SHORT = ("name", "role", "unit", "expires_at", "revoked_at", "last_used_at")
_TRAIL_SHORT = ("id", "at", "account", "action", "unit", "nip", "subject", "address")

UsernameArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="USERNAME", help="As typed at the door.", show_default=False)
]
TokenArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="Of the program that uses the token.", show_default=False)
]
RoleOption: TypeAlias = Annotated[Role, typer.Option("--role", help="What may be done.", show_default=False)]
RootOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--unit", metavar="CODE", help="What a leader or operator sees: this unit and those below."),
]


@app.command("add")
def add_command(  # noqa: PLR0917  typer makes options of parameters; nobody calls this by position
    username: UsernameArgument,
    role: RoleOption,
    unit: RootOption = None,
    nip: Annotated[str | None, typer.Option("--nip", metavar="NIP", help="The employee whose account it is.")] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="As shown; without it, the employee's.")
    ] = None,
    language: Annotated[Language, typer.Option("--language", help="In which the person reads.")] = Language.ID,
    prompt: Annotated[bool, typer.Option("--prompt", help="Let the person type a password now.")] = False,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the person's password from stdin, one line.")] = False,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an account; without --prompt or --stdin a password for one use is made and shown once."""
    wanted = accounts.WantedAccount(username, role, unit, nip, name, language)
    password = _typed(prompt=prompt, stdin=stdin)
    with open_store(Settings.load()) as store, store.begin() as connection:
        once = accounts.create_account(
            connection, Passwords(), wanted, password=password, by=who(by), at=SystemClock().now()
        )
    _show_password(username, once, f"Account {username} is made: {role.value}.", as_json=as_json)


@app.command("list")
def list_command(*, as_json: JsonOption = False) -> None:
    """List the accounts, disabled ones too."""
    settings = Settings.load()
    with open_store(settings) as store, store.begin() as connection:
        rows = [asdict(account) for account in directory.list_accounts(connection)]
    columns = [field.name for field in fields(directory.Account)] if as_json else _SHORT
    _show(columns, rows, _city_zone(settings), as_json=as_json)


@app.command("place")
def place_command(username: UsernameArgument, role: RoleOption, unit: RootOption = None, by: ByOption = None) -> None:
    """Give an account another role or unit; it counts from the next page on."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        accounts.place_account(connection, username, role, unit, by=who(by), at=SystemClock().now())
    say(f"Account {username} is {role.value} now, {f'in {unit}' if unit else 'without a unit'}.")


@app.command("disable")
def disable_command(username: UsernameArgument, by: ByOption = None) -> None:
    """Close an account; its sessions end at once, what it did stays in the trail."""
    _change(accounts.disable_account, username, by)
    say(f"Account {username} is disabled.")


@app.command("enable")
def enable_command(username: UsernameArgument, by: ByOption = None) -> None:
    """Open an account again, also one that has to wait after too many failed attempts."""
    _change(accounts.enable_account, username, by)
    say(f"Account {username} is enabled.")


@app.command("reset-password")
def reset_command(username: UsernameArgument, by: ByOption = None, *, as_json: JsonOption = False) -> None:
    """Make a password for one use and show it once; the account's sessions end."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        once = accounts.reset_password(connection, Passwords(), username, by=who(by), at=SystemClock().now())
    _show_password(username, once, f"Account {username} has a new password.", as_json=as_json)


@token_app.command("add")
def add_token_command(  # noqa: PLR0917  typer makes options of parameters; nobody calls this by position
    name: TokenArgument,
    role: RoleOption,
    unit: RootOption = None,
    days: Annotated[
        int | None, typer.Option("--days", metavar="N", help="How long it is valid; without it, until it is revoked.")
    ] = None,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a token and show it once."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        token = accounts.create_token(connection, name, role, unit, days=days, by=who(by), at=SystemClock().now())
    if as_json:
        show_json({"name": name, "token": token})
        return
    say(token)
    warn("This is shown once; keep it where the program finds it and nobody else does.")


@token_app.command("list")
def list_tokens_command(*, as_json: JsonOption = False) -> None:
    """List the tokens, revoked ones too."""
    settings = Settings.load()
    with open_store(settings) as store, store.begin() as connection:
        rows = [row._asdict() for row in accounts.list_tokens(connection)]
    _show(TokenRow._fields if as_json else _TOKEN_SHORT, rows, _city_zone(settings), as_json=as_json)


@token_app.command("revoke")
def revoke_command(name: TokenArgument, by: ByOption = None) -> None:
    """End a token for good."""
    _change(accounts.revoke_token, name, by)
    say(f"Token {name} is revoked.")


def trail_command(  # noqa: PLR0917  typer makes options of parameters; nobody calls this by position
    account: Annotated[
        str | None, typer.Option("--account", metavar="NAME", help="Only what this account did; a token: token:NAME.")
    ] = None,
    nip: NipOption = None,
    before: Annotated[
        int | None, typer.Option("--before", metavar="ID", help="Only entries older than this one.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=10_000, help="How many at most.")] = 100,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who saw and did what, the newest first; that it was looked at is in the trail too."""
    settings = Settings.load()
    with open_store(settings) as store, store.begin() as connection:
        rows = [
            asdict(entry)
            for entry in trail.entries(connection, before_id=before, account=account, nip=nip, limit=limit)
        ]
        trail.record(
            connection, who(by), trail.Action.SEE_TRAIL, at=SystemClock().now(), nip=nip, subject=account or ""
        )
    columns = [field.name for field in fields(trail.TrailEntry)] if as_json else _TRAIL_SHORT
    _show(columns, rows, _city_zone(settings), as_json=as_json)


def _change(change: Callable[..., None], name: str, by: str | None) -> None:
    with open_store(Settings.load()) as store, store.begin() as connection:
        change(connection, name, by=who(by), at=SystemClock().now())


def _typed(*, prompt: bool, stdin: bool) -> str | None:
    """Give the password that the person has chosen; None where one is to be made."""
    if prompt and stdin:
        raise UsageError("--prompt and --stdin do not go together.", remedy="Give one of them.")
    if stdin:
        return typer.get_text_stream("stdin", encoding="utf-8").readline().rstrip("\r\n")
    if prompt:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return None


def _show_password(username: str, once: str | None, done: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"username": username, "one_time_password": once})
        return
    say(done)
    if once is not None:
        say(f"One-time password: {once}")
        warn(f"It is shown once, is valid for {ONE_TIME_LASTS.days} days, and has to be changed at the first log-in.")


def _city_zone(settings: Settings) -> ZoneInfo:
    """Give the zone of the city, in which people read times."""
    return ZoneInfo(load_policy(settings.policy).timezone.on(SystemClock().now().date()).value)


def _show(
    columns: list[str] | tuple[str, ...], rows: list[dict[str, object]], zone: ZoneInfo, *, as_json: bool
) -> None:
    """Show some columns of rows, with times of the city's zone."""
    listed = [[_local(row[name], zone) for name in columns] for row in rows]
    show_rows(columns, listed, as_json=as_json)


def _local(value: object, zone: ZoneInfo) -> object:
    return value.astimezone(zone) if isinstance(value, datetime) else value
