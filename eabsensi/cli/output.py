"""How commands speak: results on stdout, everything else on stderr; tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from eabsensi.errors import EabsensiError, Problem
from eabsensi.importing.counts import ImportCounts, RowsRead, no_progress

FAILED = 1
DONE_IN_PART = 3
INTERRUPTED = 130
PROBLEMS_SHOWN = 50
_WIDE = 10_000  # in a pipe nothing is wrapped or cut


class OutputError(EabsensiError):
    """The result cannot be written."""


def say(sentence: str) -> None:
    """Print a line of the result."""
    typer.echo(sentence)


def warn(sentence: str) -> None:
    """Print a line that is not the result."""
    typer.echo(sentence, err=True)


def show_error(error: EabsensiError) -> None:
    """Print the sentence of a failure."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text.assemble(("Error: ", "bold red"), str(error)))


def show_problems(problems: Sequence[Problem]) -> None:
    """Print problems, each on its line; past the first fifty only their number."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for problem in problems[:PROBLEMS_SHOWN]:
        console.print(Text.assemble((f"{problem.where}: ", "bold yellow"), f"{problem.what} {problem.remedy}".strip()))
    if len(problems) > PROBLEMS_SHOWN:
        console.print(f"… and {len(problems) - PROBLEMS_SHOWN:,} more.")


def show_json(value: object) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=plain))


def show_table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """Print rows under headers; the columns named in ``right`` are aligned to the right."""
    terminal = sys.stdout.isatty()
    console = Console(highlight=False, width=None if terminal else _WIDE)
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
    for header in headers:
        table.add_column(header, justify="right" if header in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(shown(cell)) for cell in row))
    console.print(table, soft_wrap=not terminal)


def show_fields(fields: Mapping[str, object]) -> None:
    """Print names and values, one pair a line."""
    width = max(len(name) for name in fields)
    for name, value in fields.items():
        typer.echo(f"{name.ljust(width)}  {shown(value)}")


def shown(value: object) -> str:
    """Give a value as people read it: blank for nothing, yes and no, local dates."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return str(value)


def plain(value: object) -> object:
    """Give a value as JSON holds it; for :func:`json.dumps`."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


@contextmanager
def result_stream(output: Path | None) -> Iterator[Any]:
    """Open the file that a result goes to, or stdout; UTF-8, line ends as written.

    A file is written beside its place and renamed, so that nobody takes half a result for a whole one.

    Raises:
        OutputError: the file cannot be written.

    """
    if output is None:
        yield typer.get_text_stream("stdout", encoding="utf-8")
        return
    draft = output if output.exists() and not output.is_file() else output.with_name(f".{output.name}.part")
    try:
        stream = draft.open("w", encoding="utf-8", newline="")
    except OSError as cause:
        raise OutputError(f"{output} cannot be written: {cause.strerror}.", remedy="Choose another place.") from cause
    try:
        with stream:
            yield stream
        if draft != output:
            draft.replace(output)
    finally:
        if draft != output:
            draft.unlink(missing_ok=True)


@contextmanager
def row_progress(doing: str, unit: str = "rows", *, wanted: bool = True) -> Iterator[RowsRead]:
    """Show on stderr how many rows have been read; silent where nobody looks, or where rows go to the same screen."""
    if not (wanted and sys.stderr.isatty()):
        yield no_progress
        return
    columns = (SpinnerColumn(), TextColumn(doing), TextColumn("{task.completed:,.0f} " + unit), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(doing, total=None)
        yield lambda rows: progress.update(task, completed=rows)


def finish_import(
    what: str, counts: ImportCounts, problems: Sequence[Problem], *, as_json: bool = False, dry_run: bool = False
) -> None:
    """Show what an import did, and end with 0, 3 (some rows failed) or 1 (none went in)."""
    if as_json:
        listed = [{"where": item.where, "what": item.what, "remedy": item.remedy} for item in problems]
        show_json(counts.as_dict() | {"dry_run": dry_run, "problems": listed})
    else:
        show_problems(problems)
        would = "Nothing was written; it would be " if dry_run else ""
        say(
            f"{what}: {would}{counts.created:,} new, {counts.updated:,} changed, "
            f"{counts.unchanged:,} as before, {counts.failed:,} refused."
        )
        if counts.doubtful:
            rows = "1 row was" if counts.doubtful == 1 else f"{counts.doubtful:,} rows were"
            warn(f"{rows} taken with a doubt; please check.")
    if counts.failed:
        good = counts.created + counts.updated + counts.unchanged
        raise typer.Exit(DONE_IN_PART if good else FAILED)
