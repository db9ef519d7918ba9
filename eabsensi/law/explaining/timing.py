"""Working hours, seasons and holidays in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from eabsensi.law.explaining.statement import Asked, Statement, Topic, hours_and_minutes
from eabsensi.law.hours import DayHours, Holiday, NamedWeek, Season, WeekHours
from eabsensi.law.wording import Language, day_name, long_date, month_names, zone_name

_A_MONDAY = date(2024, 1, 1)


def hours_topic(asked: Asked) -> Topic:
    """State zone, working days, normal hours and those of Ramadan."""
    policy = asked.policy
    statements = [
        *asked.series(policy.timezone, lambda zone: _zone(asked, zone)),
        *asked.series(policy.working_days, lambda days: _working_days(asked, days)),
        *asked.series(policy.week_minutes, lambda minutes: _week_due(asked, minutes)),
        *(statement for series in policy.hours.values() for statement in asked.series(series, _named(asked))),
        *asked.series(policy.ramadan_week_minutes, lambda minutes: _ramadan_due(asked, minutes)),
        *(_season(asked, season) for season in policy.seasons if asked.holds(season.first_on, season.last_on)),
    ]
    return Topic(asked.say("Jam kerja", "Working hours (“jam kerja”)"), tuple(statements))


def _zone(asked: Asked, zone: str) -> str:
    name = f"{zone_name(zone)} ({zone})"
    return asked.say(f"Semua waktu adalah waktu setempat, {name}.", f"All times are local, {name}.")


def _working_days(asked: Asked, days: Mapping[str, range]) -> str:
    patterns = [f"{pattern}: {_span(asked.language, list(week))}" for pattern, week in days.items()]
    return asked.say("Hari kerja", "Working days") + f", {'; '.join(patterns)}."


def _week_due(asked: Asked, minutes: int) -> str:
    due = hours_and_minutes(minutes, asked.language)
    return asked.say(f"Satu pekan berisi {due} kerja tanpa istirahat.", f"A week holds {due} of work without breaks.")


def _ramadan_due(asked: Asked, minutes: int) -> str:
    due = hours_and_minutes(minutes, asked.language)
    return asked.say(f"Satu pekan Ramadan berisi {due} kerja.", f"A week of Ramadan holds {due} of work.")


def _named(asked: Asked) -> Callable[[NamedWeek], str]:
    return lambda named: f"“{named.name}”: {week_text(named.week, asked.language)}."


def week_text(week: WeekHours, language: Language) -> str:
    """Say the hours of a week, like days together, with their sum."""
    groups: list[tuple[list[int], DayHours]] = []
    for weekday, hours in sorted(week.days.items()):
        if groups and groups[-1][1] == hours and groups[-1][0][-1] == weekday - 1:
            groups[-1][0].append(weekday)
        else:
            groups.append(([weekday], hours))
    parts = [f"{_span(language, days)} {_hours(hours, language)}" for days, hours in groups]
    total = hours_and_minutes(week.minutes, language)
    without = "tanpa istirahat sepekan" if language is Language.ID else "a week without breaks"
    return f"{'; '.join(parts)}: {total} {without}"


def _span(language: Language, weekdays: list[int]) -> str:
    first, last = (day_name(_A_MONDAY.replace(day=1 + day), language) for day in (weekdays[0], weekdays[-1]))
    to = "s.d." if language is Language.ID else "to"
    return f"{first} {to} {last}" if first != last else first


def _hours(hours: DayHours, language: Language) -> str:
    form = "%H.%M" if language is Language.ID else "%H:%M"
    worked = f"{hours.start:{form}}-{hours.end:{form}}"
    if hours.break_start is None or hours.break_end is None:
        return worked
    pause = "istirahat" if language is Language.ID else "break"
    return f"{worked} ({pause} {hours.break_start:{form}}-{hours.break_end:{form}})"


def _season(asked: Asked, season: Season) -> Statement:
    dates = f"{long_date(season.first_on, asked.language)} - {long_date(season.last_on, asked.language)}"
    if season.weeks is None:
        hours = asked.say(
            "jam kerjanya belum dimasukkan, jadi hari-harinya tidak dinilai (“?”)",
            "its hours have not been entered, so its days are undetermined (“?”)",
        )
    else:
        hours = ". ".join(f"{pattern}: {week_text(week, asked.language)}" for pattern, week in season.weeks.items())
    key = f"seasons.{season.kind}"
    return Statement(key, f"“{season.name}”, {dates}: {hours}.", season.first_on, season.last_on, season.citation)


def calendar_topic(asked: Asked) -> Topic:
    """State the calendar of each year; of one day's year every date."""
    years = sorted(asked.policy.calendars) if asked.on is None else [asked.on.year]
    title = asked.say("Hari libur dan cuti bersama", "Holidays (“hari libur”) and joint leave (“cuti bersama”)")
    return Topic(title, tuple(statement for year in years for statement in _year(asked, year)))


def _year(asked: Asked, year: int) -> Iterator[Statement]:
    citation = asked.policy.calendars.get(year)
    if citation is None:
        text = asked.say(
            f"Hari libur {year} belum dimasukkan: hari kerjanya tidak dinilai (“?”).",
            f"The holidays of {year} have not been entered: its working days are undetermined (“?”).",
        )
        yield Statement("holidays", text)
        return
    days = sorted(
        (holiday for holiday in asked.policy.holidays.values() if holiday.on.year == year), key=lambda day: day.on
    )
    yield Statement("holidays", _days_off(asked, year, days), date(year, 1, 1), date(year, 12, 31), citation)
    for day in days:
        if day.citation != citation:
            yield _holiday(asked, day)


def _days_off(asked: Asked, year: int, days: Sequence[Holiday]) -> str:
    """Count a year's days off; where one day is asked for, name those of its year."""
    public, joint = ([day for day in days if day.joint_leave is joint] for joint in (False, True))
    free, leave = _dates(asked, public), _dates(asked, joint)
    return asked.say(
        f"{year}: {len(public)} hari libur (“L”){free} dan {len(joint)} hari cuti bersama (“CBM”){leave}.",
        f"{year}: {len(public)} public holidays (“L”){free} and {len(joint)} days of joint leave (“CBM”){leave}.",
    )


def _dates(asked: Asked, days: Sequence[Holiday]) -> str:
    if asked.on is None:
        return ""
    months = month_names(asked.language)
    return ": " + "; ".join(f"{day.on.day} {months[day.on.month - 1]} “{day.name}”" for day in days)


def _holiday(asked: Asked, day: Holiday) -> Statement:
    kind = "joint_leave" if day.joint_leave else "public"
    name = f"{day_name(day.on, asked.language)}, {long_date(day.on, asked.language)}: “{day.name}”."
    return Statement(f"holidays.{kind}.{day.on}", name, day.on, day.on, day.citation)
