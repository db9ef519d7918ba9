"""Findings: patterns that deserve a person's look, each with its evidence. An indication, never an accusation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from eabsensi.assessing.findings import Findings
from eabsensi.discipline.findings.catalogue import CATALOGUE, IMPOSSIBLE
from eabsensi.discipline.findings.finding import About, Both, Evidence, Finding, Rule
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language, clock_time, long_date
from eabsensi.reports.judged import brief_dates_text
from eabsensi.reports.labels import label
from eabsensi.reports.paper import Column, Medium, Paper, Part, Plain, Setting, Subject, Table

INDICATION: Final = Both("indikasi, perlu pemeriksaan", "indication, to be examined")
TITLE: Final = Both("DAFTAR TEMUAN (INDIKASI, PERLU PEMERIKSAAN)", "FINDINGS (INDICATIONS, TO BE EXAMINED)")
LEGEND: Final = Both(
    "Indikasi, perlu pemeriksaan: temuan menunjukkan pola, bukan pelanggaran. Tidak ada sanksi yang lahir darinya; "
    "tanyakan dahulu kemungkinan yang wajar.",
    "Indications, to be examined: a finding shows a pattern, not an offence. No sanction follows from it; ask for the "
    "innocent explanation first.",
)
NOTHING: Final = Both("Tidak ada temuan pada masa ini.", "There are no findings in this period.")
NOT_POSSIBLE: Final = Both("TIDAK DAPAT DIPERIKSA", "CANNOT BE EXAMINED")
_PERIOD = Both("{first} s.d. {last}", "{first} to {last}")
_ABOUT = {
    About.PERSON: Both("pegawai", "employee"),
    About.DEVICE: Both("mesin", "terminal"),
    About.UNIT: Both("unit kerja", "work unit"),
    About.ACCOUNT: Both("akun", "account"),
}
_WORDS = {
    "rule": Both("Aturan", "Rule"),
    "pattern": Both("Pola", "Pattern"),
    "key": Both("NIP / nomor seri / kode", "NIP / serial / code"),
    "about": Both("Tentang", "About"),
    "who": Both("Siapa atau apa", "Who or what"),
    "measured": Both("Terukur", "Measured"),
    "threshold": Both("Ambang", "Threshold"),
    "days": Both("Hari", "Days"),
    "sentence": Both("Uraian", "What was seen"),
    "innocent": Both("Kemungkinan yang wajar", "Innocent explanations"),
    "evidence": Both("Bukti", "Evidence"),
    "count": Both("Temuan", "Findings"),
    "at": Both("Waktu", "Time"),
    "what": Both("Isi", "What"),
    "rules": Both("Temuan menurut aturan", "Findings by rule"),
    "more": Both("dan {count} baris lagi", "and {count} rows more"),
}
#: As many rows of evidence stand beside a finding on paper; a workbook and JSON have them all.
_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class FindingsReport:
    """The findings of some days, ready for every rendering."""

    findings: Findings
    setting: Setting

    keys: ClassVar[Sequence[str]] = (
        *("rule", "name", "label", "about", "key", "subject", "unit", "dates", "measured", "threshold"),
        *("sentence", "innocent", "evidence"),
    )

    @property
    def rows(self) -> tuple[Finding, ...]:
        """The findings, by rule, unit and subject."""
        return self.findings.found

    @property
    def subject(self) -> Subject:
        """Days of a unit or the city."""
        wanted = self.findings.wanted
        return Subject("findings", f"{wanted.first}_{wanted.last}", wanted.unit)

    def title(self, language: Language) -> str:
        """Name it as its face does."""
        return TITLE.text(language)

    def paper_units(self) -> Sequence[str]:
        """Name no unit: it is one list."""
        return ()

    def objects(self, language: Language) -> Iterator[Mapping[str, Any]]:
        """Give a row per finding, with every row of its evidence."""
        return (finding_object(one, language) for one in self.rows)

    def period(self, language: Language) -> str:
        """Write the days in words."""
        first, last = self.findings.wanted.first, self.findings.wanted.last
        return _PERIOD.text(language).format(first=long_date(first, language), last=long_date(last, language))

    def paper(self, medium: Medium, language: Language) -> Paper:
        """Lay it out."""
        unit = self.findings.units.get(self.findings.wanted.unit or "")
        place = unit.name if unit else label("city", language)
        part = Part(
            code=unit.code if unit else "",
            title=place,
            state=(LEGEND.text(language),),
            heading=NOT_POSSIBLE.text(language),
            notes=not_possible(self.findings.wanted.rules, language),
            tables=_tables(self.rows, medium, language),
            remarks=() if self.rows else (NOTHING.text(language),),
            signed=False,
        )
        return Paper(
            stem=self.subject.stem,
            title=self.title(language),
            period=self.period(language),
            place=place,
            parts=(part,),
            setting=self.setting,
            empty=NOTHING.text(language),
        )


def finding_object(one: Finding, language: Language) -> Mapping[str, Any]:
    """Give a finding as other programs read it, with every row of its evidence."""
    told = CATALOGUE[one.rule]
    return {
        "rule": one.rule.value,
        "name": told.name.text(language),
        "label": INDICATION.text(language),
        "about": one.subject.about.value,
        "key": one.subject.key,
        "subject": one.subject.name,
        "unit": one.subject.unit,
        "dates": list(one.dates),
        "measured": one.measured.text(language),
        "threshold": one.limit.text(language),
        "sentence": one.sentence.text(language),
        "innocent": told.innocent.text(language),
        "evidence": [{"at": row.at, "serial": row.serial, "what": row.what.text(language)} for row in one.evidence],
    }


def findings_report(findings: Findings, policy: Policy) -> FindingsReport:
    """Make the report of what was found."""
    setting = Setting.of(policy, findings.wanted.as_of, findings.zone, findings.citations, findings.ancestries)
    return FindingsReport(findings, setting)


def not_possible(rules: frozenset[Rule] | None, language: Language) -> tuple[str, ...]:
    """Say which rules, or what of them, the stored facts cannot support; of those asked for."""
    return tuple(
        f"{rule} {told.name.text(language)}: {told.missing.text(language)}."
        for rule, told in CATALOGUE.items()
        if told.missing and (rules is None or rule in rules)
    )


def told_lines(rule: Rule, language: Language) -> Iterator[str]:
    """Tell a rule: what is looked for, what else may explain it, what of it is not possible, where its limits stand."""
    told = CATALOGUE[rule]
    yield f"{rule} {told.name.text(language)}: {told.meaning.text(language)}"
    if rule not in IMPOSSIBLE:
        yield f"    {_said('innocent', language)}: {told.innocent.text(language)}"
    if told.limits:
        yield f"    {_said('threshold', language)}: {', '.join(told.limits)} (eabsensi policy check)"
    if told.missing:
        yield f"    {NOT_POSSIBLE.text(language).capitalize()}: {told.missing.text(language)}"


def evidence_lines(one: Finding, language: Language, most: int | None = None) -> list[str]:
    """Write the rows that a finding rests on; beyond ``most`` only their number."""
    shown = one.evidence if most is None else one.evidence[:most]
    lines = [_line(row, one.subject.key, language) for row in shown]
    if len(one.evidence) > len(shown):
        lines.append(_said("more", language).format(count=len(one.evidence) - len(shown)))
    return lines


def _line(row: Evidence, about: str, language: Language) -> str:
    """Write a row; the terminal is named where the finding is not about that very one."""
    place = f" {row.serial}" if row.serial not in ("", about) else ""
    return f"{_moment(row, language)}{place}: {row.what.text(language)}"


def _moment(row: Evidence, language: Language) -> str:
    on = f"{row.at:%d-%m-%Y}"
    return f"{on} {clock_time(row.at, language, seconds=True)}" if isinstance(row.at, datetime) else on


def _said(key: str, language: Language) -> str:
    return _WORDS[key].text(language)


def about_text(about: About, language: Language) -> str:
    """Say what a finding is about, e.g. ``mesin``."""
    return _ABOUT[about].text(language)


# --- tables --------------------------------------------------------------------------------------------------------


def _tables(rows: Sequence[Finding], medium: Medium, language: Language) -> tuple[Table, ...]:
    if not rows:
        return (_by_rule(rows, language),)
    if medium is Medium.SHEET:
        return (_sheet(rows, language), _by_rule(rows, language), _evidence(rows, language))
    if medium is Medium.SCREEN:
        return (_by_rule(rows, language), _figures(rows, language), _details(rows, language))
    return (_by_rule(rows, language), _printed(rows, language))


def _by_rule(rows: Sequence[Finding], language: Language) -> Table:
    """Count the findings of each rule that can be examined; 0 is told as well."""
    counts = Counter(one.rule for one in rows)
    columns = (
        Column(_said("rule", language), 7, share="14mm"),
        Column(_said("pattern", language), 36, share="62mm"),
        Column(_said("count", language), 9, "right", "18mm"),
        Column(_said("innocent", language), 60, share="1fr"),
    )
    cells: tuple[tuple[Plain, ...], ...] = tuple(
        (rule.value, told.name.text(language), counts[rule], told.innocent.text(language))
        for rule, told in CATALOGUE.items()
        if rule not in IMPOSSIBLE
    )
    return Table(columns, cells, title=_said("rules", language), size=8)


def _sheet(rows: Sequence[Finding], language: Language) -> Table:
    names = ("key", "rule", "pattern", "about", "who", "unit", "days", "measured", "threshold", "sentence", "innocent")
    widths = (21, 7, 30, 11, 36, 14, 8, 26, 30, 60, 46)
    columns = (
        Column(label("number", language), 6, "right"),
        *(Column(_heading(name, language), width) for name, width in zip(names, widths, strict=True)),
    )
    cells = tuple((number, *_cells(one, language)) for number, one in enumerate(rows, 1))
    return Table(columns, cells, frozen_columns=2)


def _heading(name: str, language: Language) -> str:
    return _said(name, language) if name in _WORDS else label(name, language)


def _cells(one: Finding, language: Language) -> tuple[Plain, ...]:
    told = CATALOGUE[one.rule]
    return (
        *(one.subject.key, one.rule.value, told.name.text(language), about_text(one.subject.about, language)),
        *(one.subject.name, one.subject.unit, len(one.dates), one.measured.text(language), one.limit.text(language)),
        *(one.sentence.text(language), told.innocent.text(language)),
    )


def _evidence(rows: Sequence[Finding], language: Language) -> Table:
    columns = (
        Column(label("number", language), 6, "right"),
        Column(_said("at", language), 21),
        Column(_said("rule", language), 7),
        Column(label("serial", language), 30),
        Column(_said("what", language), 11),
    )
    cells = tuple(
        (number, _moment(row, language), one.rule.value, row.serial, row.what.text(language))
        for number, one in enumerate(rows, 1)
        for row in one.evidence
    )
    return Table(columns, cells, title=_said("evidence", language))


def _figures(rows: Sequence[Finding], language: Language) -> Table:
    """Give the figures alone, as wide as a terminal."""
    columns = (
        *(Column(label("number", language), 3, "right"), Column(_said("rule", language), 4)),
        *(Column(_said("key", language), 18), Column(_said("who", language), 24)),
        *(Column(label("unit", language), 10), Column(_said("days", language), 4, "right")),
        *(Column(_said("measured", language), 20), Column(_said("threshold", language), 20)),
    )
    cells = tuple(
        (
            *(number, one.rule.value, one.subject.key, one.subject.name, one.subject.unit, len(one.dates)),
            *(one.measured.text(language), one.limit.text(language)),
        )
        for number, one in enumerate(rows, 1)
    )
    return Table(columns, cells, title=INDICATION.text(language).capitalize())


def _details(rows: Sequence[Finding], language: Language) -> Table:
    """Give what was seen, and the first rows of evidence, a line each."""
    columns = (Column(label("number", language), 3, "right"), Column(label("details", language), 100))
    lines = (
        (number, line)
        for number, one in enumerate(rows, 1)
        for line in (one.sentence.text(language), *(f"- {row}" for row in evidence_lines(one, language, 3)))
    )
    return Table(columns, tuple(lines))


def _printed(rows: Sequence[Finding], language: Language) -> Table:
    columns = (
        Column(label("number", language), 4, "right", "9mm"),
        Column(_said("pattern", language), 20, share="38mm"),
        Column(_said("who", language), 30, share="48mm"),
        Column(_said("measured", language), 20, share="40mm"),
        Column(_said("sentence", language), 40, share="1fr"),
        Column(_said("evidence", language), 40, share="1.1fr"),
    )
    return Table(columns, tuple(_line_of(number, one, language) for number, one in enumerate(rows, 1)), size=8)


def _line_of(number: int, one: Finding, language: Language) -> tuple[Plain, ...]:
    told = CATALOGUE[one.rule]
    threshold = f"{_said('threshold', language)}: {one.limit.text(language)}"
    return (
        number,
        f"{one.rule} {told.name.text(language)}",
        "\n".join(line for line in (one.subject.name, one.subject.key, one.subject.unit) if line),
        f"{one.measured.text(language)}\n{threshold}",
        f"{one.sentence.text(language)}\n{_said('days', language)}: {brief_dates_text(one.dates, language)}",
        "\n".join(evidence_lines(one, language, _SHOWN)),
    )
