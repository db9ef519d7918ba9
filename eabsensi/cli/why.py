"""eabsensi why: one day of one person explained."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from eabsensi.assessing.why import explain_day
from eabsensi.cli.options import JsonOption, day
from eabsensi.cli.output import result_stream, show_json
from eabsensi.cli.report import AsOfOption, LanguageOption, known_at
from eabsensi.law.loader import load_policy
from eabsensi.law.wording import Language
from eabsensi.reports.why import why_object, write_why
from eabsensi.settings import Settings
from eabsensi.store.database import open_store


def why_command(
    nip: Annotated[str, typer.Argument(metavar="NIP", help="Of the employee.", show_default=False)],
    on: Annotated[
        date, typer.Argument(metavar="DATE", parser=day, help="The day, e.g. 2026-01-31.", show_default=False)
    ],
    as_of: AsOfOption = None,
    language: LanguageOption = Language.ID,
    as_json: JsonOption = False,
) -> None:
    """Explain a day: schedule, punches, devices, documents, law and arithmetic, and what would change the verdict."""
    settings = Settings.load()
    policy = load_policy(settings.policy)
    with open_store(settings) as store, store.begin() as connection:
        found = explain_day(connection, policy, nip, on, as_of=known_at(as_of, policy))
    if as_json:
        show_json(why_object(found, policy, language))
        return
    with result_stream(None) as stream:
        write_why(found, policy, stream, language)
