"""Reads the policy files and refuses what a judgement could not rest on.

A value without citation, an unnamed unit, an impossible date, an overlap or a gap between versions: each is refused
with file, line and key. All refusals are collected, so that one run shows everything there is to put right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from eabsensi.errors import EabsensiError, Problem
from eabsensi.law.citation import Citation
from eabsensi.law.dated import Dated, Series
from eabsensi.law.dutyparsing import LOCAL_DUTY
from eabsensi.law.findinglimits import LOCAL_FINDINGS
from eabsensi.law.hours import Holiday, NamedWeek, Season
from eabsensi.law.letterhead import Letterheads
from eabsensi.law.letterheadparsing import parse_letterheads
from eabsensi.law.parsing import LOCAL, NATIONAL, PATTERNS, Parameter, parse_citation, parse_week
from eabsensi.law.policy import Policy
from eabsensi.law.reading import Entry, RefusedValueError
from eabsensi.law.tierparsing import LOCAL_TIERS, NATIONAL_TIERS, check_tiers, parse_regulation
from eabsensi.law.tiers import Regulation

SHIPPED = Path(__file__).parent / "parameters"
COVERED_FROM = date(2010, 1, 1)
_UNITS = {"hours": "local time", "seasons": "local time", "holidays": "date"}
_DAY = timedelta(days=1)
_NATIONAL = NATIONAL | NATIONAL_TIERS
_LOCAL = LOCAL | LOCAL_TIERS | LOCAL_DUTY | LOCAL_FINDINGS


class PolicyError(EabsensiError):
    """The policy files cannot be used.

    Attributes:
        problems: every refusal, in file order.

    """

    def __init__(self, problems: list[Problem]) -> None:
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        first = problems[0]
        super().__init__(f"{first.where}: {first.what}", remedy=f"{first.remedy}{more}")
        self.problems = problems


class _Calendar(NamedTuple):
    """The decree of a year's holidays, and the folder whose file names it."""

    folder: Path
    citation: Citation


@dataclass
class _Draft:
    """What has been read so far; ``folder`` is the one that is being read."""

    folder: Path
    series: dict[str, Series[Any]] = field(default_factory=dict)
    hours: dict[str, Series[NamedWeek]] = field(default_factory=dict)
    seasons: list[tuple[Entry, Season]] = field(default_factory=list)
    holidays: dict[date, Holiday] = field(default_factory=dict)
    calendars: dict[int, _Calendar] = field(default_factory=dict)
    letterheads: Letterheads | None = None
    regulations: dict[str, Regulation] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def load_policy(directory: Path | None = None) -> Policy:
    """Read the shipped national law and the local rules.

    Args:
        directory: the local rules; None means the shipped worked example, ``kota-jambi``.

    Raises:
        PolicyError: a file is missing or unreadable, or a value is refused; carries every problem.

    """
    local = directory or SHIPPED / "kota-jambi"
    draft, digest = _Draft(local), hashlib.sha256()
    for folder, parameters in ((SHIPPED / "national", _NATIONAL), (local, _LOCAL)):
        draft.folder = folder
        for file in _files_of(folder):
            content = file.read_bytes()
            if _read_file(f"{folder.name}/{file.name}", content, parameters, draft) != {"letterhead"}:
                digest.update(content)
    _check_whole(draft, local)
    if draft.problems:
        raise PolicyError(draft.problems)
    assert draft.letterheads is not None  # _check_whole refuses a policy without one
    return Policy(
        name=local.name,
        version=digest.hexdigest()[:12],
        holidays=draft.holidays,
        calendars={year: calendar.citation for year, calendar in draft.calendars.items()},
        hours=draft.hours,
        seasons=tuple(sorted((season for _, season in draft.seasons), key=lambda season: season.first_on)),
        letterheads=draft.letterheads,
        regulations=draft.regulations,
        **draft.series,
    )


def _files_of(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if not files:
        what = "there are no policy files (*.yaml) in this folder."
        raise PolicyError([Problem(str(folder), what, "Let EABSENSI_POLICY name a folder with rules, or unset it.")])
    return files


def _read_file(name: str, content: bytes, parameters: Mapping[str, Parameter], draft: _Draft) -> set[str]:
    """Read one file into the draft and name its sections."""
    try:
        node = YAML(typ="safe", pure=True).compose(content)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        draft.problems.append(
            Problem(f"{name} line {line}", f"this is no YAML: {error.problem}.", "Check the spelling.")
        )
        return set()
    except (
        YAMLError,
        ValueError,
        OverflowError,
        RecursionError,
    ):  # no UTF-8; no letter of that number; lists a thousand deep
        draft.problems.append(Problem(name, "this is no YAML text.", "Save it as UTF-8 text."))
        return set()
    if node is None:
        draft.problems.append(Problem(name, "the file is empty.", "Remove it or fill it."))
        return set()
    sections = _guarded(draft, Entry(name, "", node).fields, (), ("parameters", *_SECTIONS))
    for section, entry in (sections or {}).items():
        if section == "parameters":
            for found in (_guarded(draft, entry.fields) or {}).values():
                _guarded(draft, _read_parameter, found, parameters, draft)
        else:
            _guarded(draft, _SECTIONS[section], entry, draft)
    return set(sections or {})


def _guarded(draft: _Draft, read: Callable[..., Any], *given: Any) -> Any:
    """Run one reading; a refusal is noted and the next one goes on."""
    try:
        return read(*given)
    except RefusedValueError as refused:
        draft.problems.append(refused.problem)
        return None


def _read_parameter(entry: Entry, parameters: Mapping[str, Parameter], draft: _Draft) -> None:
    key = entry.key.rpartition(".")[2]
    if key not in parameters:
        raise entry.refuse(f"`{key}` is no known value.", f"Use one of: {', '.join(parameters)}.")
    fields = entry.fields(("unit", "values"), ())
    unit = fields["unit"].choice((parameters[key].unit,))
    if key in draft.series:
        raise entry.refuse("this value is given in two files.", "Keep one of the two.")
    draft.series[key] = Series(key, unit, _versions(fields["values"], "value", parameters[key].parse))


def _versions(
    entry: Entry, value_key: str, parse: Callable[[Entry], Any], extra: Iterable[str] = ()
) -> tuple[Any, ...]:
    """Read the versions of a value: rising start dates, no overlap, no gap, from the first covered day on."""
    versions: list[Dated[Any]] = []
    ended: date | None = None
    for item in entry.items():
        fields = item.fields(("from", value_key, "citation", *extra), ("to", "unconfirmed"))
        start = fields["from"].day()
        _check_start(fields["from"], start, versions, ended)
        ended = fields["to"].day() if "to" in fields else None
        if ended and ended < start:
            raise fields["to"].refuse("the value ends before it starts.", "Put `to` after `from`.")
        named = item if extra else fields[value_key]
        versions.append(Dated(start, parse(named), parse_citation(fields)))
    if ended:
        raise entry.refuse(f"there is a gap after {ended}: no version follows.", "Leave `to` out of the last version.")
    return tuple(versions)


def _check_start(entry: Entry, start: date, earlier: list[Dated[Any]], ended: date | None) -> None:
    if not earlier:
        if start > COVERED_FROM:
            raise entry.refuse(f"there is a gap before {start}.", f"Let the first version hold from {COVERED_FROM} on.")
        return
    if start <= earlier[-1].from_on or (ended and start <= ended):
        raise entry.refuse(
            "this version overlaps the one before it.", "Let each version start after the one before ends."
        )
    if ended and start > ended + _DAY:
        raise entry.refuse(f"there is a gap between {ended} and {start}.", f"Let this version start on {ended + _DAY}.")


def _read_hours(entry: Entry, draft: _Draft) -> None:
    for pattern, versions in entry.fields(PATTERNS, ()).items():
        if pattern in draft.hours:
            raise versions.refuse("the hours of this pattern are given in two files.", "Keep one of the two.")
        draft.hours[pattern] = Series(
            f"hours.{pattern}", _UNITS["hours"], _versions(versions, "week", _parse_named_week, ("name", "unit"))
        )


def _parse_named_week(entry: Entry) -> NamedWeek:
    fields = entry.fields()
    fields["unit"].choice((_UNITS["hours"],))
    return NamedWeek(fields["name"].text(), parse_week(fields["week"]))


def _read_seasons(entry: Entry, draft: _Draft) -> None:
    for kind, periods in entry.fields().items():
        for item in periods.items():
            season = _guarded(draft, _parse_season, kind, item)
            draft.seasons.extend([(item, season)] if season else [])


def _parse_season(kind: str, item: Entry) -> Season:
    fields = item.fields(("from", "to", "name", "unit", "week", "citation"), ("unconfirmed",))
    fields["unit"].choice((_UNITS["seasons"],))
    first, last = fields["from"].day(), fields["to"].day()
    if last < first:
        raise fields["to"].refuse("the season ends before it starts.", "Put `to` after `from`.")
    week = fields["week"]
    known = getattr(week.node, "value", None) != "unknown"
    weeks = {pattern: parse_week(hours) for pattern, hours in week.fields(PATTERNS, ()).items()} if known else None
    return Season(kind, fields["name"].text(), first, last, weeks, parse_citation(fields))


def _read_holidays(entry: Entry, draft: _Draft) -> None:
    fields = entry.fields(("year", "unit", "citation", "public", "joint_leave"), ("unconfirmed",))
    fields["unit"].choice((_UNITS["holidays"],))
    year = fields["year"].whole()
    _make_room(fields["year"], year, draft)
    draft.calendars[year] = _Calendar(draft.folder, parse_citation(fields))
    for key in ("public", "joint_leave"):
        for named in fields[key].fields().values():
            _guarded(draft, _add_holiday, named, year, fields, draft)


def _make_room(entry: Entry, year: int, draft: _Draft) -> None:
    """Let the local calendar of a year take the place of the shipped one; two of one folder contradict each other."""
    known = draft.calendars.get(year)
    if known and known.folder == draft.folder:
        raise entry.refuse(f"the calendar of {year} is given in two files.", "Keep one of the two.")
    draft.holidays = {on: holiday for on, holiday in draft.holidays.items() if on.year != year}


def _add_holiday(entry: Entry, year: int, fields: Mapping[str, Entry], draft: _Draft) -> None:
    _, section, written = entry.key.rsplit(".", 2)
    on = entry.day_of(written)
    if on.year != year:
        raise entry.refuse(f"{on} is not in {year}.", "Put it into the file of its year.")
    if on in draft.holidays:
        raise entry.refuse(f"{on} overlaps another day off.", "Name each date once, as holiday or as joint leave.")
    own = _holiday_fields(entry, fields)
    draft.holidays[on] = Holiday(on, own["name"].text(), section == "joint_leave", parse_citation(own))


def _holiday_fields(entry: Entry, year: Mapping[str, Entry]) -> dict[str, Entry]:
    """Take the year's citation, unless the day names its own."""
    inherited = {key: year[key] for key in ("citation", "unconfirmed") if key in year}
    if isinstance(entry.node.value, str):
        return inherited | {"name": entry}
    return inherited | entry.fields(("name",), ("citation", "unconfirmed"))


def _read_letterheads(entry: Entry, draft: _Draft) -> None:
    if draft.letterheads:
        raise entry.refuse("the letterhead is given in two files.", "Keep one of the two.")
    draft.letterheads = parse_letterheads(entry, draft.folder)


def _read_regulations(entry: Entry, draft: _Draft) -> None:
    for name, table in entry.fields().items():
        if name in draft.regulations:
            raise table.refuse("the table of this law is given in two files.", "Keep one of the two.")
        draft.regulations[name] = parse_regulation(name, table)


def _check_whole(draft: _Draft, local: Path) -> None:
    """Refuse what only the files together show: overlapping seasons, a missing year, a missing value."""
    ordered = sorted(draft.seasons, key=lambda pair: pair[1].first_on)
    for (_, before), (entry, season) in pairwise(ordered):
        if season.first_on <= before.last_on:
            refusal = entry.refuse(f"this season overlaps {before.name}.", "Let it start after that one ends.")
            draft.problems.append(refusal.problem)
    years = sorted(draft.calendars)
    for year in set(range(years[0], years[-1] + 1)) - set(years) if years else ():
        draft.problems.append(
            Problem("national", f"there is a gap: no calendar of {year}.", f"Add holidays-{year}.yaml.")
        )
    if draft.problems:
        return
    missing = (_NATIONAL | _LOCAL).keys() - draft.series.keys()
    missing |= {"hours"} - ({"hours"} if draft.hours else set())
    missing |= {"letterhead"} - ({"letterhead"} if draft.letterheads else set())
    for key in sorted(missing):
        draft.problems.append(Problem(str(local), f"the policy has no `{key}`.", "Copy it from the shipped example."))
    if not missing:
        draft.problems.extend(check_tiers(draft.series, draft.regulations))


_SECTIONS: dict[str, Callable[[Entry, _Draft], None]] = {
    "hours": _read_hours,
    "seasons": _read_seasons,
    "holidays": _read_holidays,
    "letterhead": _read_letterheads,
    "regulations": _read_regulations,
}
