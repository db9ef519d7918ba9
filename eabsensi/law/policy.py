"""A policy: national law and local rules, each value dated and cited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from eabsensi.law import findinglimits as limits
from eabsensi.law.citation import Citation
from eabsensi.law.dated import Dated, Series
from eabsensi.law.duty import DocumentRule, FlexRule, ShiftTable
from eabsensi.law.hours import Band, Holiday, NamedWeek, PunchWindows, Season
from eabsensi.law.letterhead import Letterhead, Letterheads
from eabsensi.law.tiers import Regulation

_PPPK_KINDS = ("PPPK", "PPPK-PW")


@dataclass(frozen=True)
class Policy:
    """Everything that judging asks of the law; made by :func:`eabsensi.law.loader.load_policy`.

    Attributes:
        name: of the local rules, e.g. ``kota-jambi``.
        version: first 12 digits of the SHA-256 over all files but a letterhead's, printed on reports.
        holidays: date to holiday.
        calendars: the decree of each year whose holidays are known; other years are unknown, not free of holidays.
        hours: pattern to its versions.
        seasons: periods with hours of their own, earliest first, none overlapping.
        letterheads: for printed reports: the city's and what units have of their own.
        regulations: a law's name to its table of days absent.

    The other attributes are dated values; their names are those of the files.

    """

    name: str
    version: str
    holidays: Mapping[date, Holiday]
    calendars: Mapping[int, Citation]
    hours: Mapping[str, Series[NamedWeek]]
    seasons: tuple[Season, ...]
    letterheads: Letterheads
    regulations: Mapping[str, Regulation]
    working_days: Series[Mapping[str, range]]
    week_minutes: Series[int]
    ramadan_week_minutes: Series[int]
    discipline_law_pns: Series[str]
    discipline_law_pppk: Series[str]
    timezone: Series[str]
    late_bands: Series[tuple[Band, ...]]
    early_bands: Series[tuple[Band, ...]]
    missing_in: Series[str]
    missing_out: Series[str]
    rounding: Series[str]
    pick: Series[str]
    punch_windows: Series[PunchWindows]
    future_tolerance: Series[int]
    clock_tolerance: Series[int]
    single_punch: Series[str]
    shifts: Series[ShiftTable]
    flex: Series[FlexRule]
    documents: Series[Mapping[str, DocumentRule]]
    document_precedence: Series[tuple[str, ...]]
    interim_sanctions: Series[bool]
    run_at_new_year: Series[str]
    run_at_excused_day: Series[str]
    hours_per_absent_day: Series[int | None]
    pppk_tiers: Series[str]
    allowance_bands: Series[Mapping[str, Decimal]]
    allowance_missing_punch: Series[Decimal]
    allowance_absent_day: Series[Decimal]
    allowance_missed_apel: Series[Decimal]
    allowance_missed_ceremony: Series[Decimal]
    finding_future: Series[limits.FutureLimits]
    finding_clock: Series[limits.ClockLimits]
    finding_order: Series[limits.OrderLimits]
    finding_log: Series[limits.LogLimits]
    finding_identity: Series[limits.IdentityLimits]
    finding_outage: Series[limits.OutageLimits]
    finding_verify: Series[limits.VerifyLimits]
    finding_companions: Series[limits.CompanionLimits]
    finding_users: Series[limits.UsersLimits]
    finding_travel: Series[limits.TravelLimits]
    finding_excused: Series[limits.ExcusedLimits]
    finding_midday: Series[limits.MiddayLimits]
    finding_rhythm: Series[limits.RhythmLimits]
    finding_corrections: Series[limits.CorrectionLimits]
    finding_midnight: Series[limits.MidnightLimits]
    finding_ghost: Series[limits.GhostLimits]

    @property
    def letterhead(self) -> Letterhead:
        """The letterhead of a report that covers the whole city."""
        return self.letterheads.city

    def letterhead_of(self, code: str, ancestry: Sequence[str] = ()) -> Letterhead:
        """Give the letterhead of a unit: each line from the nearest of it and the units above it that has that line.

        Of the city's letterhead a unit inherits government, place and crest. ``agency`` is "" and ``signer`` None where
        the policy names none: then the unit's own name is printed, and its head signs.

        Args:
            code: of the unit.
            ancestry: the codes of the units above it, nearest first; it may begin with the unit itself.

        """
        return self.letterheads.of(code, ancestry)

    def season_on(self, day: date) -> Season | None:
        """Give the season whose hours replace the normal ones on ``day``."""
        return next((season for season in self.seasons if season.first_on <= day <= season.last_on), None)

    def discipline_law(self, kind: str, day: date) -> Citation | None:
        """Cite the law that an absence of an employee of ``kind`` on ``day`` falls under; None for other contracts."""
        if kind in _PPPK_KINDS:
            return self.discipline_law_pppk.on(day).citation
        return self.discipline_law_pns.on(day).citation if kind in ("PNS", "CPNS") else None

    @cached_property
    def series(self) -> tuple[Series[Any], ...]:
        """All dated values, hours included."""
        values = (getattr(self, field.name) for field in fields(self))
        return (*(value for value in values if isinstance(value, Series)), *self.hours.values())

    def unconfirmed(self, day: date) -> tuple[tuple[str, Dated[Any]], ...]:
        """List the values in force on ``day`` that nobody of the agency has confirmed: key and version."""
        versions = ((series.key, series.on(day)) for series in self.series)
        return tuple((key, version) for key, version in versions if version.citation.unconfirmed)
