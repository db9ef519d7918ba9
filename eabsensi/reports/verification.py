"""The code by which a printed report is recognised: a digest of what it says; equal codes mean equal figures."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from eabsensi.law.wording import Language
from eabsensi.reports.labels import label
from eabsensi.reports.paper import Reported, Subject
from eabsensi.reports.plain import json_value

_LENGTH, _GROUP = 12, 4  # base32: 60 bits, in groups that are read over a telephone
_MISREAD = str.maketrans("018", "OIB")  # base32 has no such digits
_MISREAD_HEAD = str.maketrans(
    "oli\u2010\u2011\u2012\u2013\u2014\u2212", "011------"
)  # nor has hexadecimal such letters
#: A seal's number and the first digits of its hash; paper shows 24 of them. Twelve are the fewest that tell.
_HEAD: Final = re.compile(r"[1-9]\d{0,17}-[0-9a-f]{12,64}")
_BEGUN_HEAD: Final = re.compile(r"\d{1,18}-[0-9a-f]*|[0-9a-f]{13,64}")
LONGEST_HEAD: Final = 18 + 1 + 64


@dataclass(frozen=True, slots=True)
class Verification:
    """What recognises a paper.

    Attributes:
        code: three groups of four letters and digits, printed on it.
        sha256: the whole digest, hexadecimal.
        rows: how many rows it covers.

    """

    code: str
    sha256: str
    rows: int


def verification_of(report: Reported) -> Verification:
    """Give the code of a whole report."""
    setting = report.setting
    rows = report.objects(Language.ID)
    return verification(report.subject, setting.as_of.isoformat(), setting.policy_version, rows)


def verifications_of_units(report: Reported) -> dict[str, Verification]:
    """Give the codes of the papers that show one unit alone: each that of a report of this unit with the same rows."""
    setting = report.setting
    found = {
        unit: _Digest(replace(report.subject, unit=unit), setting.as_of.isoformat(), setting.policy_version)
        for unit in report.paper_units()
    }
    for row in report.objects(Language.ID):
        if row["unit"] in found:
            found[row["unit"]].add(row)
    return {unit: digest.done() for unit, digest in found.items()}


def verification(subject: Subject, as_of: str, policy_version: str, rows: Iterable[Mapping[str, Any]]) -> Verification:
    """Digest what a report says; the same rows at the same instant give the same code, in whatever language.

    Args:
        subject: kind, period and unit.
        as_of: the instant whose knowledge is shown, in ISO 8601.
        policy_version: of the rules.
        rows: as other programs read them, in Bahasa Indonesia.

    """
    digest = _Digest(subject, as_of, policy_version)
    for row in rows:
        digest.add(row)
    return digest.done()


class _Digest:
    """A digest in the making; rows are taken as they stream."""

    def __init__(self, subject: Subject, as_of: str, policy_version: str) -> None:
        about = [subject.kind, subject.period, subject.unit, as_of, policy_version]
        self._digest = hashlib.sha256(_canonical(about))
        self._rows = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Take one more row."""
        self._digest.update(b"\n" + _canonical(row))
        self._rows += 1

    def done(self) -> Verification:
        """Give the code."""
        letters = base64.b32encode(self._digest.digest()).decode()[:_LENGTH]
        return Verification(_grouped(letters), self._digest.hexdigest(), self._rows)


def read_code(written: str) -> str:
    """Read a code as a person types it: case, spaces and dashes do not matter, and 0, 1 and 8 are letters misread."""
    letters = "".join(written.upper().translate(_MISREAD).split()).replace("-", "")
    return _grouped(letters)


def read_head(written: str) -> str | None:
    """Read a seal of the evidence as a person types or copies it, e.g. ``812-9f3a0c1e55d27b64a1b2c3d4``; None if none.

    Case, blanks and the kind of dash do not matter, nor the words before it on paper; o, l and i are digits misread. No
    verification code is one: what follows its first dash is shorter.
    """
    head = _as_head(written)
    return head if _HEAD.fullmatch(head) else None


def is_part_of_head(written: str) -> bool:
    """Tell whether somebody has begun to write a seal of the evidence, or left something out."""
    return bool(_BEGUN_HEAD.fullmatch(_as_head(written)))


def _as_head(written: str) -> str:
    words = (label("sealed", language).format(head="") for language in Language)
    text = " ".join(written.lower().split())
    for printed in words:
        text = text.removeprefix(printed.strip().lower())
    return "".join(text.translate(_MISREAD_HEAD).split())


def _grouped(letters: str) -> str:
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def verification_text(code: str, verify_at: str | None, language: Language) -> str:
    """Say the code as a paper's foot does, with the address where it is looked up if there is one."""
    said = label("verification", language).format(code=code)
    return f"{said} · {label('verify_at', language).format(address=verify_at)}" if verify_at else said


def _canonical(value: object) -> bytes:
    """Write a value the one way it can be written."""
    written = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=json_value)
    return written.encode()
