"""Drafts the holidays of a year, from the package ``holidays``, for a person who has the decree in hand.

The only module that asks that package, and nothing that judges or reports asks this one: a newer release of it may
know other dates, and the past must not change with a library.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from importlib.metadata import version
from typing import Final

FIRST_YEAR: Final = 2010
LAST_YEAR: Final = 2050
_ESTIMATED: Final = "(perkiraan)"
_EID: Final = "Hari Raya Idul Fitri"
#: What the package calls otherwise than the decrees, or misspells.
_NAMES: Final = {"Hari kedua dari Hari Raya Idul Fitri": "Hari Kedua Idul Fitri", "Pegangti ": "Pengganti "}
#: An Idul Fitri whose Hijri year is known, from which the others are counted, and the days of a Hijri year.
_KNOWN_EID: Final = (date(2026, 3, 21), 1447)
_HIJRI_DAYS: Final = 354.367


def draft_calendar(year: int) -> str:
    """Write a year's holidays and joint leave in the form of a policy file, as a draft.

    The draft cannot be loaded before a person has put the decree's numbers into the places marked ``<...>``; until then
    the loader refuses it. Dates that the package only estimates carry ``(perkiraan)`` and their own ``unconfirmed``.
    Ramadan is a comment: its two dates come from a circular, never from a prediction.

    Args:
        year: from `FIRST_YEAR` to `LAST_YEAR`.

    """
    public, joint = _days(year, "public"), _days(year, "government")
    return _TEMPLATE.format(
        year=year,
        before=year - 1,
        release=version("holidays"),
        public="".join(_line(on, name) for on, name in sorted(public.items())),
        joint=_joint(sorted(joint.items()), public),
        ramadan="".join(_ramadan(on) for on, name in sorted(public.items()) if _is_eid(name)),
    )


def _days(year: int, category: str) -> dict[date, str]:
    import holidays  # noqa: PLC0415  # 70 ms, which no other command should wait for

    found = holidays.country_holidays("ID", years=year, categories=(category,), language="id")
    return {on: _renamed(name) for on, name in found.items()}


def _renamed(name: str) -> str:
    for theirs, ours in _NAMES.items():
        name = name.replace(theirs, ours)
    return name


def _is_eid(name: str) -> bool:
    return any(part.startswith(_EID) for part in name.split("; "))


def _line(on: date, name: str) -> str:
    return f"    {on}: {{name: {name}, unconfirmed: true}}\n" if _ESTIMATED in name else f"    {on}: {name}\n"


def _joint(days: Iterable[tuple[date, str]], public: Mapping[date, str]) -> str:
    lines = "".join(_line(on, name) for on, name in days if on not in public)
    return f"  joint_leave:\n{lines}" if lines else _NO_JOINT_LEAVE


def _ramadan(eid: date) -> str:
    hijri = _KNOWN_EID[1] + round((eid - _KNOWN_EID[0]).days / _HIJRI_DAYS)
    long, short = (eid - timedelta(days=days) for days in (30, 29))
    return _RAMADAN.format(hijri=hijri, long=long, short=short, last=eid - timedelta(days=1), year=eid.year)


_TEMPLATE: Final = """\
# DRAFT of the public holidays and joint leave of {year}, from the package holidays {release}, class Indonesia.
# It is refused until you have filled it in:
#   1. Compare each date below with the decree (SKB 3 Menteri) and put right what differs; add regional days off.
#   2. Put the decree's numbers and your source into the places marked <...>; a decree that changed it goes behind
#      them: "; diubah ...".
#   3. confidence: H when you have read the decree itself, M when you have read about it.
#   4. Take out the `unconfirmed: true` of the year once the agency has confirmed it, and that of a day once its date is
#      certain; drop "(perkiraan)" then. Until then reports say so.
#   5. Put this file into your policy folder as holidays-{year}.yaml. It takes the place of a shipped calendar of that
#      year. `eabsensi policy check --month {year}-01` shows it.
holidays:
  year: {year}
  unit: date
  citation:
    instrument: SKB 3 Menteri <nomor>/{before}, <nomor>/{before}, <nomor>/{before}
    article: Lampiran
    source: <tempat naskah dibaca>
    confidence: L
  unconfirmed: true
  public:
{public}{joint}{ramadan}"""

_NO_JOINT_LEAVE: Final = """\
  # The package knows no joint leave of this year yet; write it as above, e.g. 2028-12-26: Cuti Bersama Hari Raya Natal.
  joint_leave: {}
"""

_RAMADAN: Final = """
# Ramadan {hijri} H begins about {long} or {short} and ends about {last} (perkiraan). When the circular on
# working hours is out, put this into ramadan.yaml under `seasons: ramadan:`, with its two dates and its number.
# `week: unknown` instead of hours leaves the days undetermined.
#    - from: <tanggal 1 Ramadan>
#      to: <tanggal terakhir Ramadan>
#      name: Ramadan {hijri} H
#      unit: local time
#      week:
#        5-day:
#          mon-thu: {{start: <HH:MM>, end: <HH:MM>, break: <HH:MM-HH:MM>}}
#          fri: {{start: <HH:MM>, end: <HH:MM>}}
#        6-day:
#          mon-thu: {{start: <HH:MM>, end: <HH:MM>, break: <HH:MM-HH:MM>}}
#          fri: {{start: <HH:MM>, end: <HH:MM>}}
#          sat: {{start: <HH:MM>, end: <HH:MM>}}
#      citation:
#        instrument: SE Wali Kota <nomor>/{year}
#        article: jam kerja
#        source: <tempat naskah dibaca>
#        confidence: H
"""
