"""The monthly recap: what each person's month adds up to, without its days; for a city the units and their sum too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language, month_name
from eabsensi.reports.judged import JudgedPeriod, open_notes
from eabsensi.reports.labels import label
from eabsensi.reports.monthly import MonthlyReport, MonthSection, monthly_report
from eabsensi.reports.monthly_paper import person_cells, recap_cells, recap_columns, summary_part, who_columns
from eabsensi.reports.paper import Medium, Paper, Part, Setting, Subject, Table, bare


@dataclass(frozen=True, slots=True)
class RecapReport:
    """A monthly recap, ready for every rendering."""

    month: MonthlyReport

    keys: ClassVar[Sequence[str]] = tuple(key for key in MonthlyReport.keys if key != "days")

    @property
    def setting(self) -> Setting:
        """What stands around it."""
        return self.month.setting

    @property
    def subject(self) -> Subject:
        """A month of a unit or the city."""
        return replace(self.month.subject, kind="recap")

    def title(self, language: Language) -> str:
        """Name it as its face does."""
        return label("recap_title", language)

    def paper_units(self) -> Sequence[str]:
        """Name the units that have pages of their own."""
        return self.month.paper_units()

    def objects(self, language: Language) -> Iterator[Mapping[str, Any]]:
        """Give a row per person and unit."""
        for found in self.month.objects(language):
            yield {key: found[key] for key in self.keys}

    def paper(self, medium: Medium, language: Language) -> Paper:
        """Lay it out."""
        month = self.month
        return Paper(
            stem=self.subject.stem,
            title=self.title(language),
            period=month_name(month.month, language),
            place=month.period.place(language),
            parts=(
                *((summary_part(month, medium, language),) if len(month.sections) > 1 else ()),
                *(self._part(section, medium, language) for section in month.sections),
            ),
            setting=month.setting,
            empty=label("nobody_period", language),
        )

    def _part(self, section: MonthSection, medium: Medium, language: Language) -> Part:
        who = who_columns(medium, language)
        table = Table(
            (*who, *recap_columns(medium, language)),
            tuple((*person_cells(row, medium), *recap_cells(row.recap)) for row in section.rows),
            size=8,
            frozen_columns=3 if medium is Medium.SHEET else 0,
            total=(*[""] * (len(who) - 1), label("total", language), *map(bare, recap_cells(section.recap))),
        )
        legends = ("recap_legend", "duty_legend", *(("brief_legend",) if medium is Medium.SCREEN else ()))
        return Part(
            code=section.unit.code,
            title=section.unit.name,
            state=self.month.period.state(section.unit.code, section.days, language),
            heading=label("incomplete", language),
            notes=open_notes(section.days, language),
            tables=(table,),
            remarks=(
                label("percent_formula", language),
                label("rounding", language),
                " ".join(label(key, language) for key in legends),
            ),
        )


def recap_report(period: JudgedPeriod, policy: Policy) -> RecapReport:
    """Make the report of a judged month."""
    return RecapReport(monthly_report(period, policy))
