"""Passwords: how they are kept, how they are compared, and which ones are refused.

Kept by argon2id with the parameters of RFC 9106 for servers with little memory (section 4, the second recommended
option: 64 MiB, 3 passes, 4 lanes). The rules are those of NIST SP 800-63B section 3.1.1.2: long enough, not what
everybody tries first, not what is known of the person; no rule on kinds of characters, no change by the calendar.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import unicodedata
from collections.abc import Iterable

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from eabsensi.access.refusals import RefusedError, Sentence

SHORTEST = 12
LONGEST = 256
VERIFICATIONS_AT_ONCE = 4  # each takes MEMORY_KIB while it lasts
PASSES = 3
MEMORY_KIB = 64 * 1024
LANES = 4

_TOO_SHORT = Sentence(
    "Kata sandi terlalu pendek; pakai sedikitnya {shortest} karakter, misalnya beberapa kata.",
    "The password is too short; take at least {shortest} characters, for example several words.",
)
_TOO_LONG = Sentence(
    "Kata sandi terlalu panjang; pakai paling banyak {longest} karakter.",
    "The password is too long; take at most {longest} characters.",
)
_PERSONAL = Sentence(
    "Kata sandi memuat nama, nama pengguna, atau NIP Anda; pakai kata-kata lain.",
    "The password holds your name, username or NIP; take other words.",
)
_COMMON = Sentence(
    "Kata sandi ini termasuk yang paling sering dicoba orang; pakai kata-kata lain.",
    "This password is among those that are tried first; take other words.",
)
_UNPRINTABLE = Sentence(
    "Kata sandi memuat karakter yang tidak dapat ditampilkan; ketik ulang.",
    "The password holds a character that cannot be shown; type it again.",
)
_SAME_AS_BEFORE = Sentence(
    "Kata sandi baru sama dengan yang lama; pakai yang lain.",
    "The new password is the old one; take another.",
)

#: What people here choose first; compared without digits and signs, so that ``Jambi-2026!`` is found as ``jambi``.
_COMMON_WORDS = frozenset(
    {
        *("password", "passw", "katasandi", "sandi", "rahasia", "bismillah", "alhamdulillah", "indonesia", "merdeka"),
        *(
            "jambi",
            "kotajambi",
            "pemkotjambi",
            "bkpsdm",
            "bkpsdmkotajambi",
            "absensi",
            "eabsensi",
            "presensi",
            "pegawai",
        ),
        *("admin", "administrator", "operator", "qwerty", "qwertyuiop", "qwertyuiopasdfghjkl", "asdfghjkl", "zxcvbnm"),
        *("qwertyuiopasdf", "qazwsxedc", "iloveyou", "sayangku", "cintaku", "welcome", "selamatdatang", "letmein"),
        *(
            "monkey",
            "dragon",
            "football",
            "sepakbola",
            "default",
            "changeme",
            "gantisaya",
            "abcdefghijkl",
            "abcdefghijklm",
        ),
        *("abc", "abcd", "abcdef", "adminadmin", "passwordpassword", "jambikota", "kotajambibahagia"),
    }
)


class PasswordRefusedError(RefusedError):
    """The password cannot be taken."""

    sentence = _TOO_SHORT


def password_hasher() -> argon2.PasswordHasher:
    """Give the hasher with the parameters of this version of the program."""
    return argon2.PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


def one_time_password() -> str:
    """Give a password for one use, easily read aloud and typed: 80 bits, without letters that look alike."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def check_password(password: str, *, username: str, name: str, nip: str | None) -> None:
    """Make sure that a new password keeps the rules.

    Raises:
        PasswordRefusedError: it does not; the message is one sentence.

    """
    normal = _normal(password)
    if len(normal) < SHORTEST:
        raise PasswordRefusedError(_TOO_SHORT, shortest=SHORTEST)
    if len(normal) > LONGEST:
        raise PasswordRefusedError(_TOO_LONG, longest=LONGEST)
    if not normal.isprintable():
        raise PasswordRefusedError(_UNPRINTABLE)
    if any(part in normal.casefold() for part in _personal(username, name, nip)):
        raise PasswordRefusedError(_PERSONAL)
    letters = "".join(letter for letter in normal.casefold() if letter.isalpha())
    if letters in _COMMON_WORDS or _is_monotonous(normal.casefold()):
        raise PasswordRefusedError(_COMMON)


def check_new(old: str, new: str) -> None:
    """Make sure that a new password is another one.

    Raises:
        PasswordRefusedError: it is the same.

    """
    if _normal(old) == _normal(new):
        raise PasswordRefusedError(_SAME_AS_BEFORE)


def _personal(username: str, name: str, nip: str | None) -> Iterable[str]:
    """Give what others know of the person; parts of a name only from four letters on, the shorter are in many words."""
    words = [word.strip(".,'") for word in name.split()]
    known = [username, nip or "", (nip or "")[:8], "".join(words), *words]  # a NIP begins with the day of birth
    return {part.casefold() for part in known if len(part) >= 4}


def _is_monotonous(password: str) -> bool:
    """Tell whether it is few characters again and again, or each one the next of the one before."""
    steps = {ord(second) - ord(first) for first, second in itertools.pairwise(password)}
    counts = password.isdigit() and (steps <= {1, -9} or steps <= {-1, 9})  # after nine comes nought
    return len(set(password)) <= 4 or len(steps) == 1 or counts


def _normal(password: str) -> str:
    """Give the one form of what may be typed as several (NIST SP 800-63B section 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


class Passwords:
    """Makes and compares hashes, at most so many at once."""

    def __init__(self, hasher: argon2.PasswordHasher | None = None, *, at_once: int = VERIFICATIONS_AT_ONCE) -> None:
        self._hasher = hasher or password_hasher()
        self._turn = threading.BoundedSemaphore(at_once)
        self._nobodys = self._hasher.hash(secrets.token_bytes(32))

    def hash(self, password: str) -> str:
        """Give what is kept of a password."""
        with self._turn:
            return self._hasher.hash(_spelled(password))

    def verify(self, kept: str | None, password: str) -> bool:
        """Tell whether this is the password; where none is kept it takes as long, and is none.

        Args:
            kept: the hash; None for an account without a password, or for no account at all.
            password: as typed.

        """
        with self._turn:
            try:
                right = self._hasher.verify(kept or self._nobodys, _spelled(password))
            except (VerificationError, InvalidHashError):
                return False
        return right and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Tell whether a hash has other parameters than new ones get."""
        return self._hasher.check_needs_rehash(kept)


def _spelled(password: str) -> bytes:
    """Give the bytes that are hashed; what no browser sends (half a surrogate pair) becomes some bytes too."""
    return _normal(password[: LONGEST * 4]).encode("utf-8", "surrogatepass")
