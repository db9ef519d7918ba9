"""A laid-out report in a terminal; readable without colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from eabsensi.law.wording import Language
from eabsensi.reports.labels import label
from eabsensi.reports.paper import Medium, Paper, Papered, Part, Table, Tint, tint, written

_WIDTH = 110
_STYLES = {
    None: "",
    Tint.LATE: "yellow",
    Tint.ABSENT: "bold red",
    Tint.EXCUSED: "cyan",
    Tint.OFF: "dim",
    Tint.UNDETERMINED: "bold yellow",
}


def write_table(report: Papered, stream: TextIO, language: Language) -> None:
    """Write the report as tables, a part per unit."""
    console = Console(file=stream, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDTH
    paper = report.paper(Medium.SCREEN, language)
    console.print(Text(f"{paper.title} - {paper.place}", style="bold"))
    console.print(Text(f"{paper.period}   {label('as_of', language)} {paper.setting.moment(language)}"))
    if not paper.parts:
        console.print(paper.empty)
    for part in paper.parts:
        _part(console, part, language)
    _foot(console, paper, language)


def _part(console: Console, part: Part, language: Language) -> None:
    console.print()
    console.print(Text(f"{part.title} ({part.code})" if part.code else part.title, style="bold"))
    _lines(console, part.state, "")
    _lines(console, (f"{part.heading}: {note}" for note in part.notes), "yellow")
    for table in part.tables:
        if table.title:
            console.print(Text(table.title, style="bold"))
        _print_whole(console, table, language)
    _lines(console, part.remarks, "dim")


def _print_whole(console: Console, table: Table, language: Language) -> None:
    """Print a table with all its columns; where they do not fit, lines run over rather than columns being dropped."""
    cells = [[written(value, language) for value in row] for row in (*table.rows, table.total) if row]
    widths = _widths(table, cells, console.width)
    grid = Grid(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for column, width in zip(table.columns, widths, strict=True):
        grid.add_column(column.heading, justify=column.align, overflow="fold", width=width)
    for row, words in zip(table.rows, cells, strict=False):  # the total has no cells with looks
        grid.add_row(*(Text(word, _STYLES[tint(value)]) for word, value in zip(words, row, strict=True)))
    if table.total:
        grid.add_row(*(Text(word, "bold") for word in cells[-1]))
    room, console.width = console.width, max(console.width, sum(widths) + len(widths))
    console.print(grid)
    console.width = room


def _widths(table: Table, cells: Sequence[Sequence[str]], room: int) -> list[int]:
    """Share the room out: each column its own width or less, then the spare to those whose text is longer."""
    natural = [_longest([row[place] for row in cells]) for place in range(len(table.columns))]
    words = [_longest(column.heading.split()) for column in table.columns]
    widths = [
        max(word, min(text, int(column.width)))
        for word, text, column in zip(words, natural, table.columns, strict=True)
    ]
    spare = room - sum(widths) - len(widths)
    while spare > 0 and (wanting := [n for n, width in enumerate(widths) if natural[n] > width]):
        for place in wanting[:spare]:
            widths[place] += 1
        spare -= len(wanting)
    return widths


def _longest(texts: Sequence[str]) -> int:
    return max((len(line) for text in texts for line in text.splitlines()), default=1)


def _lines(console: Console, lines: Iterable[str], style: str) -> None:
    for line in lines:
        console.print(Padding(Text(line, style=style), (0, 0, 0, 2), expand=False))


def _foot(console: Console, paper: Paper, language: Language) -> None:
    console.print()
    console.print(Text(f"{paper.setting.policy(language)}. {paper.setting.law(language)}", style="dim"))
