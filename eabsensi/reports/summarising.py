"""The first sheet of a city's workbook: the units side by side, with their sum."""

from __future__ import annotations

from collections.abc import Sequence

from eabsensi.law.wording import Language
from eabsensi.reports.labels import label
from eabsensi.reports.paper import Column, Medium, Part, Table, Value


def summary_parts(
    keys: Sequence[str], rows: Sequence[tuple[str, Sequence[int]]], medium: Medium, language: Language
) -> tuple[Part, ...]:
    """Give the summary of several units, for a workbook; nothing elsewhere and of a single unit.

    Args:
        keys: labels of the figures; the first column is the unit's name.
        rows: name of each unit, and its figures.
        medium: where it is read.
        language: of the words.

    """
    if medium is not Medium.SHEET or len(rows) < 2:
        return ()
    columns = (
        Column(label("unit", language), 40),
        *(Column(label(key, language), 14, "right") for key in keys),
    )
    cells: tuple[tuple[Value, ...], ...] = tuple((name, *figures) for name, figures in rows)
    sums = (sum(figures[place] for _, figures in rows) for place in range(len(keys)))
    total: tuple[Value, ...] = (label("total", language), *sums)
    title = label("summary", language)
    table = Table(columns, cells, frozen_columns=1, total=total)
    return (Part("", title, (), label("incomplete", language), (), (table,), signed=False),)
