"""A calendar is drafted from the package, and holds only once a person has filled in the decree."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from eabsensi.law import loader
from eabsensi.law.drafting import FIRST_YEAR, LAST_YEAR, draft_calendar
from eabsensi.law.hours import Holiday
from eabsensi.law.loader import PolicyError, load_policy
from eabsensi.law.policy import Policy


@pytest.fixture
def local(tmp_path: Path) -> Path:
    return Path(shutil.copytree(loader.SHIPPED / "kota-jambi", tmp_path / "rules"))


@pytest.fixture(scope="module")
def shipped() -> Policy:
    return load_policy()


def filled(draft: str) -> str:
    """Put a decree into the draft, as a person would."""
    decree = draft.replace("<nomor>/2025, <nomor>/2025, <nomor>/2025", "1497/2025, 2/2025, 5/2025")
    return decree.replace("<tempat naskah dibaca>", "naskah SKB")


def days_of(policy: Policy, year: int) -> dict[date, tuple[str, bool]]:
    found: dict[date, tuple[str, bool]] = {}
    for holiday in policy.holidays.values():
        if holiday.on.year == year:
            found[holiday.on] = (holiday.name, holiday.joint_leave)
    return found


def test_the_filled_draft_of_2026_loads_and_agrees_with_the_shipped_decree_date_by_date(local, shipped):
    (local / "holidays-2026.yaml").write_text(filled(draft_calendar(2026)))
    policy = load_policy(local)
    drafted = days_of(policy, 2026)
    assert drafted == days_of(shipped, 2026)
    assert sum(not joint for _, joint in drafted.values()) == 17
    assert sum(joint for _, joint in drafted.values()) == 8
    assert policy.calendars[2026].source == "naskah SKB"
    assert policy.calendars[2026].unconfirmed


@pytest.mark.parametrize("year", range(2010, 2028))
def test_the_draft_of_a_shipped_year_names_the_shipped_dates(shipped, year):
    """A newer package that knows other dates fails here; then somebody looks at the decree."""
    known = {on: (name.replace(" (perkiraan)", ""), joint) for on, (name, joint) in days_of(shipped, year).items()}
    section, drafted = "", {}
    for line in draft_calendar(year).splitlines():
        if heading := re.fullmatch(r"  (public|joint_leave):", line):
            section = heading[1]
        elif entry := re.match(r"    (\d{4}-\d\d-\d\d): (?:\{name: )?([^,{}]+?)(?: \(perkiraan\))?(?:,.*)?$", line):
            drafted[date.fromisoformat(entry[1])] = (entry[2], section == "joint_leave")
    assert drafted == known


def test_a_draft_that_nobody_filled_in_is_refused_with_file_key_and_line(local):
    (local / "holidays-2028.yaml").write_text(draft_calendar(2028))
    with pytest.raises(PolicyError) as refused:
        load_policy(local)
    assert re.fullmatch(
        r"rules/holidays-2028.yaml line \d+, holidays.citation.instrument: `<nomor>` is still to be filled in. "
        r"Write what the decree or circular says there.",
        str(refused.value),
    )


def test_a_source_that_nobody_filled_in_is_refused_too(local):
    half = draft_calendar(2028).replace("<nomor>/2027, <nomor>/2027, <nomor>/2027", "1/2027, 2/2027, 3/2027")
    (local / "holidays-2028.yaml").write_text(half)
    with pytest.raises(PolicyError, match=r"holidays.citation.source: `<tempat naskah dibaca>` is still to be filled"):
        load_policy(local)


def test_estimated_dates_stay_unconfirmed_when_the_year_is_confirmed(local):
    text = filled(draft_calendar(2027).replace("/2026", "/2025")).replace("\n  unconfirmed: true\n", "\n")
    (local / "holidays-2027.yaml").write_text(text)
    policy = load_policy(local)
    year: list[Holiday] = [holiday for holiday in policy.holidays.values() if holiday.on.year == 2027]
    assert not policy.calendars[2027].unconfirmed
    doubtful = [holiday.name for holiday in year if holiday.citation.unconfirmed]
    assert doubtful
    assert all("(perkiraan)" in name for name in doubtful)


def test_a_year_without_known_joint_leave_says_so_and_loads_once_filled_in(local):
    draft = draft_calendar(2028)
    assert "knows no joint leave of this year yet" in draft
    decree = draft.replace("<nomor>", "1").replace("<tempat naskah dibaca>", "naskah SKB")
    (local / "holidays-2028.yaml").write_text(decree)
    assert 2028 in load_policy(local).calendars


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_every_draft_speaks_of_each_ramadan_of_its_year_only_in_comments(year):
    lines = [line for line in draft_calendar(year).splitlines() if "Ramadan" in line]
    assert len([line for line in lines if "begins about" in line]) == (2 if year == 2033 else 1)
    assert all(line.startswith("#") for line in lines)


def test_the_hijri_year_and_the_end_of_ramadan_agree_with_the_circular_of_2026():
    assert "# Ramadan 1447 H begins about 2026-02-19 or 2026-02-20 and ends about 2026-03-20" in draft_calendar(2026)


def test_the_ramadan_comment_becomes_a_season_once_its_places_are_filled_in(local):
    comment = re.search(r"(#    - from: .*)", draft_calendar(2028), re.DOTALL)[1]
    season = re.sub(r"^#", "", comment, flags=re.MULTILINE)
    with_hours = (local / "ramadan.yaml").read_text() + season
    (local / "ramadan.yaml").write_text(with_hours)
    with pytest.raises(PolicyError, match=r"`<tanggal 1 Ramadan>` is still to be filled in"):
        load_policy(local)
    places = {
        "<tanggal 1 Ramadan>": "2028-01-28",
        "<tanggal terakhir Ramadan>": "2028-02-26",
        "<HH:MM-HH:MM>": "12:00-12:30",
        "start: <HH:MM>": "start: 08:00",
        "end: <HH:MM>": "end: 15:00",
        "<nomor>": "9",
        "<tempat naskah dibaca>": "naskah SE",
    }
    for place, value in places.items():
        with_hours = with_hours.replace(place, value)
    (local / "ramadan.yaml").write_text(with_hours)
    season_2028 = load_policy(local).season_on(date(2028, 2, 1))
    assert season_2028.name == "Ramadan 1449 H"
    assert season_2028.citation.instrument == "SE Wali Kota 9/2028"
