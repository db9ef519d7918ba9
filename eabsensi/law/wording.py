"""Dates, clock times and numbers in words: Bahasa Indonesia, with English beside it."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum


class Language(StrEnum):
    """The languages in which HR and employees may read."""

    ID = "id"
    EN = "en"


_DAYS = {
    Language.ID: ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    Language.EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    Language.ID: (
        *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
        *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    ),
    Language.EN: (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
_ZONES = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


def day_name(on: date, language: Language) -> str:
    """Name the weekday, e.g. ``Selasa``."""
    return _DAYS[language][on.weekday()]


def month_name(on: date, language: Language) -> str:
    """Name the month of a date with its year, e.g. ``November 2026``."""
    return f"{_MONTHS[language][on.month - 1]} {on.year}"


def month_names(language: Language) -> tuple[str, ...]:
    """Name the twelve months."""
    return _MONTHS[language]


def long_date(on: date, language: Language) -> str:
    """Write a date as on a letter, e.g. ``24 November 2026``."""
    return f"{on.day} {_MONTHS[language][on.month - 1]} {on.year}"


def full_date(on: date, language: Language) -> str:
    """Write a date with its weekday, e.g. ``Selasa, 24 November 2026``."""
    return f"{day_name(on, language)}, {long_date(on, language)}"


def clock_time(at: datetime | time, language: Language, *, seconds: bool = False) -> str:
    """Write the wall-clock time of ``at`` in its own zone, e.g. ``07.15`` or in English ``07:15``."""
    separator = "." if language is Language.ID else ":"
    parts = (at.hour, at.minute, at.second) if seconds else (at.hour, at.minute)
    return separator.join(f"{part:02d}" for part in parts)


def moment(at: datetime, language: Language) -> str:
    """Write an instant in its own zone, e.g. ``24 November 2026 10.12``."""
    return f"{long_date(at.date(), language)} {clock_time(at, language)}"


def zone_name(zone: str) -> str:
    """Give the Indonesian short name of an IANA zone, e.g. ``WIB``; other zones keep their own name."""
    return _ZONES.get(zone, zone)


def decimal(number: float, language: Language, places: int = 1) -> str:
    """Write a number with a decimal comma in Bahasa Indonesia, e.g. ``81,1``."""
    written = f"{number:,.{places}f}"
    return written.translate(str.maketrans(",.", ".,")) if language is Language.ID else written


def length_of_time(seconds: float, language: Language) -> str:
    """Write a span of time in the largest two units, e.g. ``1 jam 12 menit``; the sign is dropped."""
    total = round(abs(seconds))
    names = ("hari", "jam", "menit", "detik") if language is Language.ID else ("d", "h", "min", "s")
    days, rest = divmod(total, 86_400)
    hours, rest = divmod(rest, 3_600)
    parts = [f"{n} {name}" for n, name in zip((days, hours, *divmod(rest, 60)), names, strict=True) if n]
    return " ".join(parts[:2]) or f"0 {names[3]}"
