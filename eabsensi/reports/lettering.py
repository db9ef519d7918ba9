"""Remarks that many rows share, told once under the table and referred to by letters."""

from __future__ import annotations

from string import ascii_lowercase


class Remarks:
    """Gives each distinct remark a letter, in the order in which they first come."""

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}

    def letter(self, remark: str) -> str:
        """Give the letter of a remark, ``""`` for none."""
        if not remark:
            return ""
        if remark not in self._letters:
            self._letters[remark] = _name(len(self._letters))
        return self._letters[remark]

    def told(self) -> list[tuple[str, str]]:
        """Give each letter with its remark."""
        return [(letter, remark) for remark, letter in self._letters.items()]


def _name(place: int) -> str:
    """Name the letters a..z, aa..az, ba.. as spreadsheets name columns."""
    name = ascii_lowercase[place % 26]
    return _name(place // 26 - 1) + name if place >= 26 else name
