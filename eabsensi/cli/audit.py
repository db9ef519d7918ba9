"""eabsensi audit: seal the evidence, and prove that nobody has touched it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

import typer

from eabsensi.cli.options import JsonOption, day
from eabsensi.cli.output import FAILED, row_progress, say, show_json, warn
from eabsensi.clock import SystemClock
from eabsensi.sealing.broken import moment
from eabsensi.sealing.chain import LATE, head_of
from eabsensi.sealing.heads import head_at, parse_head
from eabsensi.sealing.sealer import seal_evidence
from eabsensi.sealing.verifying import Verification, verify_evidence
from eabsensi.settings import Settings
from eabsensi.store.database import open_store

app = typer.Typer(help="The chain over the evidence: verify, seal, head.", no_args_is_help=True)

_NOT_YET = "Nothing is sealed yet. The collector seals every minute; `eabsensi audit seal` does it now."


@app.command("verify")
def verify_command(
    since: Annotated[
        date | None,
        typer.Option("--since", metavar="DATE", parser=day, help="Compare only rows sealed since this date (UTC)."),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="HEAD", help="As a report shows it, e.g. 812-9f3a0c1e55d27b64a1b2c3d4."),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Name the first row of evidence that was changed, removed or inserted, also by a superuser of the database.

    Who rewrites the chain as well is found out with --head and a head that was printed before. Ends with 1 where
    something was touched.
    """
    wanted = parse_head(head) if head is not None else None
    with open_store(Settings.load()) as store, row_progress("Comparing with the chain") as progress:
        found = verify_evidence(store, since=_start_of(since), head=wanted, progress=progress)
    if as_json:
        show_json(_plain(found))
    else:
        _show(found)
    if found.broken is not None:
        raise typer.Exit(FAILED)


def _start_of(since: date | None) -> datetime | None:
    return datetime.combine(since, time(), UTC) if since else None


def _plain(found: Verification) -> dict[str, Any]:
    """Give what was found as JSON shows it."""
    late = found.first_late._asdict() if found.first_late else None
    retired = [month._asdict() for month in found.retired]
    broken = asdict(found.broken) | {"sentence": found.broken.sentence} if found.broken else None
    shown = asdict(found) | {"first_late": late, "retired": retired, "broken": broken}
    return {"untouched": found.broken is None} | shown


def _show(found: Verification) -> None:
    if found.broken is not None:
        warn(found.broken.sentence)
        warn(f"Before it, {_counted(found)} are as they were sealed.")
        return
    if found.head is None or found.head_at is None:
        say(_NOT_YET)
    else:
        say(f"Nothing was touched: {_counted(found)} are as they were sealed.")
        say(f"Head {found.head}, made {moment(found.head_at)}.")
    if found.proved is not None:
        say(f"The head on paper is that of seal {found.proved}: everything that was sealed by then is what it was.")
    _show_notes(found)


def _counted(found: Verification) -> str:
    return f"{found.rows:,} rows in {found.seals:,} seals"


def _show_notes(found: Verification) -> None:
    """Say what no comparison can tell, so that a person looks."""
    if found.first_late is not None:
        first = found.first_late
        named = ", ".join(f"{name} {value}" for name, value in first.key.items())
        seal = f"seal {first.seal} of {moment(first.sealed_at)}"
        say(f"Sealed more than {LATE.seconds // 3600} h after the time that they claim: {found.late:,} rows.")
        say(f"The first is {first.kind} ({named}), which claims {moment(first.at)} and is in {seal}.")
    if found.retired:
        months = ", ".join(f"{retired.month:%Y-%m} by {retired.by}: {retired.reason}" for retired in found.retired)
        say(f"Removed as the rules of retention have it, {found.retired_rows:,} sealed punches ({months}).")
    if found.waiting_since is None:
        return
    say(f"Not sealed yet: {found.waiting:,} rows since {moment(found.waiting_since)}; nothing protects these.")
    if SystemClock().now() - found.waiting_since > LATE:
        warn(
            "The collector seals every minute. Look whether it runs; seals that were cut off at the end look the same."
        )
        warn("A head that was printed or written down later than the head above tells: check it with --head.")


@app.command("seal")
def seal_command(
    since: Annotated[
        date | None,
        typer.Option(
            "--since",
            metavar="DATE",
            parser=day,
            help="Look again at everything since this date (UTC), for rows that turned up too late to be sealed.",
        ),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Seal what has come since the last seal; the collector does so every minute."""
    with open_store(Settings.load()) as store:
        seals = seal_evidence(store, SystemClock(), since=_start_of(since))
    if as_json:
        show_json([{"head": head_of(seal), "rows": seal.rows, "through_at": seal.through_at} for seal in seals])
    elif not seals:
        say("Nothing has come since the last seal.")
    else:
        say(f"{sum(seal.rows for seal in seals):,} rows sealed. Head {head_of(seals[-1])}")


@app.command("head")
def head_command() -> None:
    """Print the head of the chain: what is written down outside the database proves everything before it."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        head = head_at(connection)
    if head is None:
        warn(_NOT_YET)
        raise typer.Exit(FAILED)
    say(head)
