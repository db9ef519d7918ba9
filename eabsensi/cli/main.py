"""The program ``eabsensi``: its commands, and what becomes of their failures.

An expected failure is one sentence on stderr and its exit code; wrong usage is 2; Ctrl-C is 130, and any other signal
that a command ends by in order is 128 and its number; a bug keeps its traceback.
"""

from __future__ import annotations

from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from eabsensi import __version__, logs
from eabsensi.cli import (
    account,
    audit,
    ceremony,
    db,
    device,
    document,
    employee,
    enrolment,
    finding,
    period,
    policy,
    punch,
    report,
    roster,
    terminal,
    unit,
)
from eabsensi.cli.assess import assess_command
from eabsensi.cli.collect import poll_command, run_command
from eabsensi.cli.demo import demo_command
from eabsensi.cli.health import doctor_command, status_command
from eabsensi.cli.nightly import nightly_command
from eabsensi.cli.output import INTERRUPTED, show_error
from eabsensi.cli.portal import portal_command
from eabsensi.cli.simulate import simulate_command
from eabsensi.cli.why import why_command
from eabsensi.errors import EabsensiError

#: How the reader of options begins what a choice refuses; it says nothing to whoever typed the option.
_READERS_OWN_WORDS = "Value error, "


class _ErrorPolicy(TyperGroup):
    """Turns failures into sentences and exit codes, in one place."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; see the module's text."""
        try:
            return super().invoke(ctx)
        except EabsensiError as error:
            show_error(error)
            raise typer.Exit(error.exit_code) from error
        except typer.BadParameter as refused:
            refused.message = refused.message.removeprefix(_READERS_OWN_WORDS)
            raise
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    cls=_ErrorPolicy,
    name="eabsensi",
    help="Attendance of a city: reads the terminals, keeps every punch, judges each day by the law in force.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"eabsensi {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and end.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    del version  # its callback has shown it
    logs.configure()


terminal.attach(device.app)
app.add_typer(device.app, name="device")
app.command("poll")(poll_command)
app.command("run")(run_command)
app.command("status")(status_command)
app.command("doctor")(doctor_command)
app.add_typer(unit.app, name="unit")
app.add_typer(employee.app, name="employee")
app.add_typer(enrolment.app, name="enrolment")
app.add_typer(roster.app, name="roster")
app.add_typer(document.app, name="document")
app.add_typer(ceremony.app, name="ceremony")
app.add_typer(punch.app, name="punch")
app.command("assess")(assess_command)
app.add_typer(period.app, name="period")
report.app.command("nightly")(nightly_command)
app.add_typer(report.app, name="report")
app.add_typer(finding.app, name="finding")
app.command("why")(why_command)
app.add_typer(policy.app, name="policy")
app.add_typer(audit.app, name="audit")
app.add_typer(account.app, name="account")
app.command("trail")(account.trail_command)
app.command("portal")(portal_command)
app.command("simulate")(simulate_command)
app.command("demo")(demo_command)
app.add_typer(db.app, name="db")


def main() -> NoReturn:
    """Run the command line of this process."""
    app(prog_name="eabsensi")  # also when run as python -m eabsensi
    raise SystemExit(0)
