"""eabsensi finding: the rules that findings come from."""

from __future__ import annotations

from typing import Annotated

import typer

from eabsensi.cli.output import say
from eabsensi.cli.report import LanguageOption
from eabsensi.discipline.findings.finding import Rule
from eabsensi.law.wording import Language
from eabsensi.reports.findings import told_lines

app = typer.Typer(help="Patterns that deserve a person's look: what is looked for, and why.", no_args_is_help=True)


@app.command("rules")
def rules_command(language: LanguageOption = Language.ID) -> None:
    """Tell every rule: what is looked for, what else may explain it, and what cannot be examined."""
    for rule in Rule:
        say("\n".join(told_lines(rule, language)))


@app.command("explain")
def explain_command(
    rule: Annotated[Rule, typer.Argument(metavar="RULE", help="E.g. R8.", show_default=False, case_sensitive=False)],
    language: LanguageOption = Language.ID,
) -> None:
    """Tell one rule."""
    say("\n".join(told_lines(rule, language)))
