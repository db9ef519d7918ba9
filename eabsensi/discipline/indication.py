"""What software may say of a year's absences: which sanction the law names for that many days. An official decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from eabsensi.discipline.accumulation import Segment, YearTotal
from eabsensi.discipline.tiers import Rulebook
from eabsensi.law.citation import Citation
from eabsensi.law.policy import Policy
from eabsensi.law.tiers import Sanction, Tier, level_text
from eabsensi.law.wording import Language, long_date


class Scope(StrEnum):
    """What a reading counts."""

    PART = "part"
    RUN = "run"
    YEAR = "year"


class Doubt(StrEnum):
    """Why an official has to decide which reading holds."""

    TWO_LAWS = "two-laws"
    UNKNOWN_TABLE = "unknown-table"
    NEW_YEAR = "new-year"
    UNRECORDED = "unrecorded"


_DOUBTS = {
    Language.ID: {
        Doubt.TWO_LAWS: "hari tidak masuk kerja terbagi pada dua peraturan",
        Doubt.UNKNOWN_TABLE: "ada hari di bawah ketentuan yang tidak tersedia dalam sistem",
        Doubt.NEW_YEAR: "hari kerja terus-menerus melewati tahun baru",
        Doubt.UNRECORDED: "hari kerja terus-menerus melewati hari gangguan mesin absensi",
    },
    Language.EN: {
        Doubt.TWO_LAWS: "the days absent lie under two laws",
        Doubt.UNKNOWN_TABLE: "some days lie under rules that the system does not have",
        Doubt.NEW_YEAR: "the consecutive working days cross the new year",
        Doubt.UNRECORDED: "the consecutive working days cross a day on which nobody could record",
    },
}
_DECIDE = {Language.ID: "perlu keputusan pejabat", Language.EN: "needs an official's decision"}


def _one(language: Language, indonesian: str, english: str) -> str:
    return indonesian if language is Language.ID else english


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to count the days, with what the law names for it.

    Attributes:
        scope: a part of the year under one law, a run of consecutive days, or the whole year under one law.
        rulebook: the law read.
        first_on: first date counted.
        last_on: last date counted; of a run the one that decided.
        days: how many; of a run those up to the one that decided.
        tier: None below the first one, or where the table is not known.
        salary_stop_from: pay stops from here, by a run.

    """

    scope: Scope
    rulebook: Rulebook
    first_on: date
    last_on: date
    days: int
    tier: Tier | None
    salary_stop_from: date | None = None

    def text(self, language: Language = Language.ID) -> str:
        """Say the reading in one line, without a full stop."""
        return f"{self._counted(language)}, {self._outcome(language)}"

    def _counted(self, language: Language) -> str:
        law = rulebook_text(self.rulebook, language)
        first, last = long_date(self.first_on, language), long_date(self.last_on, language)
        if self.scope is Scope.RUN:
            in_a_row = _one(language, "hari kerja terus-menerus tercapai pada", "consecutive working days reached on")
            return f"{law}: {self.days} {in_a_row} {last}"
        days = f"{self.days} {_one(language, 'hari', 'days')}"
        if self.scope is Scope.YEAR:
            return f"{_one(language, 'seluruh tahun menurut', 'the whole year under')} {law}: {days}"
        return f"{law} ({first} {_one(language, 's.d.', 'to')} {last}): {days}"

    def _outcome(self, language: Language) -> str:
        if self.rulebook.regulation is None:
            return _one(language, "belum dinilai: ketentuannya tidak tersedia", "not judged: its rules are not in hand")
        if self.tier is None:
            return _one(language, "belum mencapai batas indikasi (pembinaan)", "below every limit (coaching)")
        outcome = f"{_one(language, 'indikasi', 'indication:')} {self.tier.sanction.text(language)}"
        if self.salary_stop_from is None:
            return outcome
        stop = _one(language, "menurut peraturan gaji dihentikan mulai", "by the law pay stops from")
        return f"{outcome}, {stop} {long_date(self.salary_stop_from, language)}"


def rulebook_text(rulebook: Rulebook, language: Language = Language.ID) -> str:
    """Name the law, and the one whose tiers it borrows."""
    if not rulebook.indicative or rulebook.regulation is None:
        return rulebook.law
    return f"{rulebook.law}, {_one(language, 'setara', 'as under')} {rulebook.regulation.name}"


@dataclass(frozen=True, slots=True)
class Indication:
    """A reason to look at one person's year; never a sanction, which an official decides.

    Attributes:
        kind: of the employee.
        year: January to December.
        absent_days: days absent.
        converted_days: days that minutes became.
        total_days: both.
        longest_run: consecutive working days absent that surely are.
        law: the law's name; two of them joined by ``; `` where the year lies under both.
        tier: what surely follows; None where only an official can say.
        citation: the tier's article.
        dates: the days absent.
        interim: the form in which the sanction is given for now.
        salary_stop_from: pay stops from this first day of a month.
        indicative: the tier is borrowed from the law for PNS.
        borrowed_from: the law that it is borrowed from, else ``""``.
        doubts: why an official has to decide.
        readings: every way to count, with its own tier.

    """

    kind: str
    year: int
    absent_days: int
    converted_days: int
    total_days: int
    longest_run: int
    law: str
    tier: Tier | None
    citation: Citation | None
    dates: tuple[date, ...]
    interim: Sanction | None
    salary_stop_from: date | None
    indicative: bool
    borrowed_from: str
    doubts: tuple[Doubt, ...]
    readings: tuple[Reading, ...]

    @property
    def needs_decision(self) -> bool:
        """Whether the readings differ in a way that only an official may settle."""
        return bool(self.doubts)

    def tier_text(self, language: Language = Language.ID) -> str:
        """Name the sanction; where it is not certain, say that an official decides."""
        if self.tier is None:
            return _DECIDE[language]
        like = f" ({_one(language, 'indikatif, setara', 'indicative, as under')} {self.borrowed_from})"
        return self.tier.sanction.text(language) + (like if self.indicative else "")

    def interim_text(self, language: Language = Language.ID) -> str:
        """Name the interim form with its basis; empty where there is none."""
        if self.interim is None:
            return ""
        until = _one(
            language,
            "selama peraturan gaji dan tunjangan belum ada",
            "until the regulation on pay and allowances exists",
        )
        return f"{until}: {self.interim.text(language)} ({self.interim.citation.text(language)})"

    def label(self, language: Language = Language.ID) -> str:
        """Say what kind of indication this is, without a full stop."""
        parts = []
        if self.tier and not self.indicative:
            level = level_text(self.tier.level, language)
            parts.append(_one(language, f"indikasi tingkat {level}", f"indication, {level} level"))
        if self.indicative:
            parts.append(
                _one(
                    language,
                    "indikatif: disiplin PPPK ditetapkan PPK atau perjanjian kerja",
                    "indicative: the agency's head or the contract sets the discipline of PPPK",
                )
            )
        if self.doubts:
            why = ", ".join(_DOUBTS[language][doubt] for doubt in self.doubts)
            parts.append(f"{_DECIDE[language]}: {why}")
        return "; ".join(parts)


def indicate(policy: Policy, kind: str, total: YearTotal) -> Indication | None:
    """Say what the law names for a year's total.

    Args:
        policy: the law.
        kind: of the employee, as given to ``accumulate``.
        total: the year.

    Returns:
        None where no reading reaches a tier, and for contracts that no law covers.

    """
    touched = [segment for segment in total.segments if segment.total_days]
    doubts = _doubts(total, touched)
    readings = _readings(total, touched, doubts)
    if not any(reading.tier for reading in readings) and Doubt.UNKNOWN_TABLE not in doubts:
        return None
    deciding = _deciding(touched, doubts)
    tier = _sure_tier(deciding) if deciding else None
    surely_run = deciding is not None and deciding.run_is_sure
    parts = [deciding] if deciding else touched
    indicative = any(segment.rulebook.indicative for segment in parts)
    return Indication(
        kind=kind,
        year=total.year,
        absent_days=total.absent_days,
        converted_days=total.converted_days,
        total_days=total.total_days,
        longest_run=total.longest_run,
        law="; ".join(dict.fromkeys(segment.rulebook.law for segment in parts)),
        tier=tier,
        citation=tier.citation if tier else None,
        dates=total.dates,
        interim=_interim(policy, tier, total.through) if not indicative else None,
        salary_stop_from=_salary_stop(deciding) if deciding and surely_run else None,
        indicative=indicative,
        borrowed_from=_borrowed_from(parts),
        doubts=doubts,
        readings=readings,
    )


def _doubts(total: YearTotal, touched: list[Segment]) -> tuple[Doubt, ...]:
    """Find what keeps the table from being plain: a change of law, an unknown table, a run over a doubtful day."""
    found = []
    known_before_the_last = any(
        segment is not total.segments[-1] and segment.rulebook.regulation for segment in touched
    )
    if len(touched) > 1 or known_before_the_last:
        found.append(Doubt.TWO_LAWS)
    if any(segment.rulebook.regulation is None for segment in touched):
        found.append(Doubt.UNKNOWN_TABLE)
    if any(segment.needs_december for segment in touched):
        found.append(Doubt.NEW_YEAR)
    if any(segment.needs_unrecorded for segment in touched):
        found.append(Doubt.UNRECORDED)
    return tuple(found)


def _deciding(touched: list[Segment], doubts: tuple[Doubt, ...]) -> Segment | None:
    """Find the part of the year whose tier surely follows: a run is whole under its own law, whatever the sums are."""
    by_run = next((segment for segment in touched if segment.run_is_sure), None)
    if by_run or not touched:
        return by_run
    return None if {Doubt.TWO_LAWS, Doubt.UNKNOWN_TABLE} & set(doubts) else touched[-1]


def _sure_tier(segment: Segment) -> Tier | None:
    regulation = segment.rulebook.regulation
    if regulation and regulation.run and segment.run_is_sure:
        return regulation.run.tier
    return segment.tier


def _readings(total: YearTotal, touched: list[Segment], doubts: tuple[Doubt, ...]) -> tuple[Reading, ...]:
    by_part = total.segments if Doubt.TWO_LAWS in doubts else touched
    parts = (
        Reading(Scope.PART, part.rulebook, part.first_on, part.last_on, part.total_days, part.tier) for part in by_part
    )
    runs = (reading for segment in touched for reading in _run_reading(segment))
    whole = _whole_year(total) if Doubt.TWO_LAWS in doubts and Doubt.UNKNOWN_TABLE not in doubts else ()
    return (*parts, *runs, *whole)


def _run_reading(segment: Segment) -> tuple[Reading, ...]:
    regulation, reached_on = segment.rulebook.regulation, segment.reached_on
    if regulation is None or regulation.run is None or reached_on is None:
        return ()
    run = segment.reached_run
    due = regulation.run
    return (Reading(Scope.RUN, segment.rulebook, run[0], reached_on, due.days, due.tier, _salary_stop(segment)),)


def _whole_year(total: YearTotal) -> tuple[Reading, ...]:
    """Hold the whole year against each law's table, the later law first."""
    first, last = total.segments[0].first_on, total.segments[-1].last_on
    return tuple(
        Reading(Scope.YEAR, part.rulebook, first, last, total.total_days, regulation.tier_for(total.total_days))
        for part in reversed(total.segments)
        if (regulation := part.rulebook.regulation)
    )


def _interim(policy: Policy, tier: Tier | None, on: date) -> Sanction | None:
    return tier.interim if tier and policy.interim_sanctions.on(on).value else None


def _borrowed_from(parts: list[Segment]) -> str:
    names = (part.rulebook.regulation.name for part in parts if part.rulebook.indicative and part.rulebook.regulation)
    return "; ".join(dict.fromkeys(names))


def _salary_stop(segment: Segment) -> date | None:
    """Pay stops on the first of the month after the run became long enough; for PNS, since no such rule binds PPPK."""
    if segment.reached_on is None or segment.rulebook.indicative:
        return None
    return (segment.reached_on.replace(day=28) + timedelta(days=4)).replace(day=1)
