"""What the portal says: words by key from ``words/*.toml``, dates and numbers as the language writes them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files

from eabsensi.law import wording
from eabsensi.law.wording import Language


@cache
def vocabulary() -> dict[str, dict[str, str]]:
    """Read every word file: ``page.key`` to the sentence of each language.

    Raises:
        KeyError: a sentence lacks one of the languages.

    """
    found: dict[str, dict[str, str]] = {}
    for file in files("eabsensi.portal").joinpath("words").iterdir():
        if not file.name.endswith(".toml"):
            continue
        page = file.name.removesuffix(".toml")
        for key, sentences in tomllib.loads(file.read_text(encoding="utf-8")).items():
            found[f"{page}.{key}"] = {language: sentences[language] for language in Language}
    return found


@dataclass(frozen=True, slots=True)
class Wording:
    """Speaks one language; templates know it as ``w``, and its ``say`` by that name."""

    language: Language

    def say(self, key: str, /, **values: object) -> str:
        """Give the sentence of a key, e.g. ``today.title``, with values put in."""
        sentence = vocabulary()[key][self.language]
        return sentence.format(**values) if values else sentence

    def long_date(self, on: date) -> str:
        """Write a date, e.g. ``24 November 2026``."""
        return wording.long_date(on, self.language)

    def full_date(self, on: date) -> str:
        """Write a date with its weekday."""
        return wording.full_date(on, self.language)

    def weekday(self, on: date) -> str:
        """Name the weekday."""
        return wording.day_name(on, self.language)

    def month(self, on: date) -> str:
        """Name the month and year of a date."""
        return wording.month_name(on, self.language)

    def time(self, at: datetime | None) -> str:
        """Write a wall-clock time in its own zone; a hyphen for none."""
        return "-" if at is None else wording.clock_time(at, self.language)

    def moment(self, at: datetime) -> str:
        """Write an instant in its own zone."""
        return wording.moment(at, self.language)

    def number(self, value: float, places: int = 0) -> str:
        """Write a number with the language's own separators."""
        return wording.decimal(value, self.language, places)
