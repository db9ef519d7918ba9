"""eabsensi device probe, add, users and audit: the commands that talk to one terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from eabsensi.cli.options import JsonOption, SerialArgument
from eabsensi.cli.output import DONE_IN_PART, FAILED, say, show_fields, show_json, show_table, warn
from eabsensi.cli.slotwords import doubt_sentence, doubt_words, slot_sentence
from eabsensi.cli.stopping import stoppable
from eabsensi.clock import SystemClock
from eabsensi.collecting.auditing import Audit, audit
from eabsensi.collecting.daemon import collector_name
from eabsensi.collecting.poll import Poller
from eabsensi.collecting.registering import (
    TerminalProbe,
    check_registration,
    probe_terminal,
    register,
    require_unit,
    save_probe,
)
from eabsensi.collecting.terminal import endpoint_of
from eabsensi.collecting.visiting import Visit
from eabsensi.devices.registry import Device
from eabsensi.devices.registryentry import EntryValueError, parse_date
from eabsensi.devices.session import Endpoint, Patience, Transport
from eabsensi.errors import EabsensiError, UsageError
from eabsensi.settings import Settings, comm_key
from eabsensi.store.database import Store, open_store
from eabsensi.store.devices import StoredDevice, find_device
from eabsensi.store.deviceslots import slot_doubts, slot_tables


class NotConfirmedError(EabsensiError):
    """What was asked before writing was not answered with yes."""


HostArgument = Annotated[str, typer.Argument(metavar="HOST", help="Name or address.", show_default=False)]
PortOption = Annotated[int, typer.Option("--port", metavar="P", min=1, max=65535, help="Usually 4370.")]
TransportOption = Annotated[str, typer.Option("--transport", metavar="tcp|udp", help="Old models may speak udp only.")]
CommKeyOption = Annotated[
    str | None, typer.Option("--comm-key", metavar="NAME", help="Name of the comm key, not the key itself.")
]
TimezoneOption = Annotated[str, typer.Option("--timezone", metavar="ZONE", help="In which its clock runs.")]
EncodingOption = Annotated[str, typer.Option("--encoding", metavar="NAME", help="Of the names on it, e.g. gbk.")]


def attach(app: typer.Typer) -> None:
    """Add these commands to ``eabsensi device``."""
    app.command("add")(add_command)
    app.command("probe")(probe_command)
    app.command("users")(users_command)
    app.command("audit")(audit_command)


def probe_command(  # noqa: PLR0917  typer makes options of parameters; nobody calls this by position
    host: HostArgument,
    port: PortOption = 4370,
    transport: TransportOption = "tcp",
    key: CommKeyOption = None,
    timezone: TimezoneOption = "Asia/Jakarta",
    encoding: EncodingOption = "utf-8",
    *,
    as_json: JsonOption = False,
) -> None:
    """Ask a terminal who it is, without registering it or changing anything."""
    endpoint = _endpoint(host, port, transport, key, encoding)
    with open_store(Settings.load()) as store:
        probe = _probe_address(store, endpoint, timezone)
    if as_json:
        show_json(_fields(probe) | {"unmatched": [match._asdict() for match in _unmatched(probe)]})
        return
    show_fields(_fields(probe))
    _show_unmatched(probe)


def add_command(  # noqa: PLR0917  typer makes options of parameters; nobody calls this by position
    host: HostArgument,
    unit: Annotated[str, typer.Option("--unit", metavar="CODE", help="The unit it stands in.", show_default=False)],
    name: Annotated[str | None, typer.Option("--name", metavar="N", help="Where it hangs, for people.")] = None,
    port: PortOption = 4370,
    transport: TransportOption = "tcp",
    key: CommKeyOption = None,
    serial: Annotated[
        str | None, typer.Option("--serial", metavar="SERIAL", help="As printed on it; any other is refused.")
    ] = None,
    timezone: TimezoneOption = "Asia/Jakarta",
    encoding: EncodingOption = "utf-8",
    *,
    in_use_since: Annotated[
        str | None,
        typer.Option(
            "--in-use-since", metavar="D", help="First date whose punches it surely holds; else its log tells."
        ),
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Hold a session open for live events.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before registering.")] = False,
) -> None:
    """Probe a terminal, show what it is, and register it for a unit."""
    settings, clock = Settings.load(), SystemClock()
    endpoint, since = _endpoint(host, port, transport, key, encoding), _date(in_use_since)
    with open_store(settings) as store:
        require_unit(store, unit)
        probe = _probe_address(store, endpoint, timezone)
        device = Device(
            serial=probe.device.identity.serial,
            unit=unit,
            name=name or f"{unit}, {host}",
            host=host,
            port=port,
            transport=endpoint.transport,
            timezone=timezone,
            encoding=encoding,
            comm_key=key,
            live=live,
            in_use_since=since,
        )
        show_fields(_fields(probe))
        _show_unmatched(probe)
        check_registration(settings, store, device, serial)
        if not yes:
            _confirm(device)
        register(settings, store, clock, device, probe)
    say(f"{device.serial} is registered in {settings.devices_file}; a running collector takes it up when it reloads.")


def _confirm(device: Device) -> None:
    """Ask before a terminal is registered; where nobody can answer, as in a script, that is no.

    Raises:
        NotConfirmedError: the answer is no, or there is none.

    """
    try:
        agreed = typer.confirm(f"Register {device.serial} for unit {device.unit}?", err=True)
    except typer.Abort:
        warn("")  # ends the line of the question
        agreed = False
    if not agreed:
        raise NotConfirmedError(
            f"{device.serial} was not registered and nothing was written, since nobody answered yes.",
            remedy="Answer y, or give --yes, which answers for you.",
        )


def users_command(serial: SerialArgument, *, as_json: JsonOption = False) -> None:
    """List who is enrolled on a terminal, and which employees they are. Reads names and PINs only."""
    with open_store(Settings.load()) as store:
        probe = _probe_registered(store, _registered(store, serial))
        with store.begin() as connection:
            doubts = doubt_words(slot_doubts(connection, slot_tables(connection, [serial])))
    if as_json:
        show_json([match._asdict() | {"doubt": doubts.get(match.pin)} for match in probe.matches])
    else:
        _show_users(probe, doubts)
    for sentence in (slot_sentence(probe), doubt_sentence(serial, len(doubts)) if doubts else ""):
        if sentence:
            warn(sentence)


def _show_users(probe: TerminalProbe, doubts: Mapping[str, str]) -> None:
    """Show the users; the user id stands beside the PIN where it may be another number."""
    headers = ["PIN", "USER ID", "NAME ON DEVICE", "NIP", "EMPLOYEE", "PERHAPS"]
    rows = [
        [match.pin, match.user_id, match.name, match.nip, match.employee_name, match.suggestion]
        for match in probe.matches
    ]
    if not probe.names_slots:
        headers, rows = headers[:1] + headers[2:], [row[:1] + row[2:] for row in rows]
    if doubts:
        headers = [*headers, "!"]
        rows = [[*row, f"! {doubts[str(row[0])]}" if row[0] in doubts else None] for row in rows]
    show_table(headers, rows)
    say(f"{len(rows)} users, {probe.matched} of them known employees.")
    for pin in sorted(doubts.keys() - {match.pin for match in probe.matches}):
        warn(f"! PIN {pin}, who is on it no more: {doubts[pin]}")


def audit_command(serial: SerialArgument, *, as_json: JsonOption = False) -> None:
    """Read a whole log and prove that it is kept: counted on the device = read = stored."""
    with open_store(Settings.load()) as store:
        device = _registered(store, serial)
        with _visit(store) as visit:
            visit.wait_for(device)
            poller = Poller(store, SystemClock(), comm_key, collector=visit.name, stop=visit.stop)
            with _transfer_bar() as progress:
                result = audit(store, poller, device, progress, visit.deadline)
    _finish_audit(result, as_json=as_json)


def _endpoint(host: str, port: int, transport: str, key: str | None, encoding: str) -> Endpoint:
    if transport not in {"tcp", "udp"}:
        raise UsageError(f"--transport {transport} is neither tcp nor udp.")
    return Endpoint(host, port, cast("Transport", transport), comm_key(key) if key else 0, encoding)


def _date(written: str | None) -> date | None:
    try:
        return parse_date(written) if written else None
    except EntryValueError as trouble:
        raise UsageError(f"--in-use-since: {trouble}", remedy=trouble.remedy) from trouble


def _registered(store: Store, serial: str) -> StoredDevice:
    with store.begin() as connection:
        device = find_device(connection, serial)
    if device is None:
        raise UsageError(f"There is no device {serial}.", remedy="`eabsensi device list` shows them.")
    return device


@contextmanager
def _visit(store: Store) -> Iterator[Visit]:
    """Talk to a terminal under its lease, and give all back however the command is told to stop."""
    with (
        stoppable() as stopping,
        Visit(store, SystemClock(), name=collector_name(), stop=stopping.signal, on_wait=warn) as visit,
    ):
        yield visit
        stopping.require_not_stopped()


def _probe_address(store: Store, endpoint: Endpoint, timezone: str) -> TerminalProbe:
    with _visit(store) as visit:
        visit.wait_at(endpoint)
        return probe_terminal(endpoint, SystemClock(), timezone=timezone, store=store, visit=visit)


def _probe_registered(store: Store, device: StoredDevice) -> TerminalProbe:
    endpoint, clock = endpoint_of(device, comm_key, Patience()), SystemClock()
    with _visit(store) as visit:
        visit.wait_for(device)
        probe = probe_terminal(
            endpoint, clock, timezone=device.timezone, store=store, visit=visit, expected_serial=device.serial
        )
    save_probe(store, device, probe)
    return probe


def _fields(probe: TerminalProbe) -> dict[str, Any]:
    identity, sizes, log = probe.device.identity, probe.device.sizes, probe.device.log
    offset = probe.clock.offset_seconds
    tail = {True: "yes", False: "no: whole logs will be read", None: "not known yet: the log is short"}
    return {
        "serial": identity.serial,
        "model": identity.model,
        "platform": identity.platform,
        "firmware": identity.firmware,
        "mac": identity.mac,
        "clock": probe.device.shown_time or "shows an impossible date",
        "clock_offset": "" if offset is None else f"{offset:+,.0f} s",
        "records": _of(sizes.records, sizes.record_capacity),
        "users": _of(sizes.users, sizes.user_capacity),
        "layout": log.layout or log.problem or "the log is empty",
        "tail_ok": tail[log.tail_ok],
        "matched": f"{probe.matched} of {len(probe.matches)} users are known employees",
    }


def _of(count: int | None, capacity: int | None) -> str:
    known = "not told" if count is None else f"{count:,}"
    return known if capacity is None else f"{known} of {capacity:,}"


def _unmatched(probe: TerminalProbe) -> list[Any]:
    return [match for match in probe.matches if match.nip is None]


def _show_unmatched(probe: TerminalProbe) -> None:
    if sentence := slot_sentence(probe):
        warn(sentence)
    unmatched = _unmatched(probe)
    if not unmatched:
        return
    warn("Users who are no known employee; enrol them with `eabsensi enrolment import`:")
    for match in unmatched[:20]:
        hint = f" (perhaps NIP {match.suggestion})" if match.suggestion else ""
        typed = f" (user id {match.user_id})" if match.user_id != match.pin else ""
        warn(f"  PIN {match.pin}{typed}  {match.name or 'no name'}{hint}")
    if len(unmatched) > 20:
        warn(f"  … and {len(unmatched) - 20} more.")


@contextmanager
def _transfer_bar() -> Iterator[Callable[[int, int], None] | None]:
    """Show on stderr how much of a long log has been read; silent where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _finish_audit(result: Audit, *, as_json: bool) -> None:
    poll = result.poll
    if as_json:
        counted = {"counted": poll.records_on_device, "read": poll.records_read, "stored": result.stored}
        show_json({"serial": poll.serial, "outcome": poll.outcome, **counted, "findings": result.findings})
    elif poll.is_ok:
        say(f"{poll.serial}: {poll.records_on_device} counted, {poll.records_read} read, {result.stored} stored.")
        for finding in result.findings:
            warn(finding)
    else:
        warn(f"{poll.serial}: {poll.outcome}. {poll.error}")
    if not poll.is_ok:
        raise typer.Exit(FAILED)
    if result.findings:
        raise typer.Exit(DONE_IN_PART)
