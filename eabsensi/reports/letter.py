"""What makes a report a letter: the unit's letterhead with its crest, and who signs; as words for a template."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eabsensi.law.letterhead import Letterhead, Signer
from eabsensi.law.wording import Language, long_date
from eabsensi.reports.labels import label
from eabsensi.reports.paper import Picture, Reported, Setting, Signature
from eabsensi.reports.typesetting import TypesettingError
from eabsensi.reports.verification import verification_of, verification_text

_SMALL_WORDS = {"Dan", "Di", "Ke", "Untuk", "Of", "And", "The"}
_NIP = re.compile(r"(\d{8})(\d{6})(\d)(\d{3})")


def foot_words(setting: Setting, code: str, language: Language, verify_at: str | None) -> dict[str, Any]:
    """Give what stands at the foot of every page: rules and their version, as of when, and the code of the paper."""
    printed = label("printed", language).format(as_of=setting.moment(language))
    sealed = [label("sealed", language).format(head=setting.head)] if setting.head else []
    return {
        "foot": f"{setting.policy(language)} · {printed}",
        "verification": " · ".join([verification_text(code, verify_at, language), *sealed]),
        "page": label("page", language),
        "of": label("of", language),
    }


def book_foot(report: Reported, language: Language, verify_at: str | None) -> str:
    """Give the left side of a workbook's printed footer, within what a spreadsheet takes."""
    setting = report.setting
    code = verification_text(verification_of(report).code, verify_at, language)
    return f"{setting.policy_name} {setting.policy_version} · {code}"


def head_words(setting: Setting, code: str, unit: str) -> dict[str, Any]:
    """Give the letterhead of a unit's pages; ``""`` is the city.

    The second line is the policy's, else the unit's own name; the crest is a key of :func:`crests`.
    """
    head = setting.letterhead(code)
    contact = (("phone", "Telp."), ("email", "email"), ("website", "laman"))
    reached = [f"{name} {getattr(head, key)}" for key, name in contact if getattr(head, key)]
    return {
        "government": head.government,
        "agency": (head.agency or unit).upper(),
        "address": "  ".join(filter(None, [head.address, *reached])),
        "crest": str(head.crest) if head.crest else "",
    }


def crests(heads: Iterable[dict[str, Any]]) -> dict[str, str | list[int]]:
    """Read the crests that letterheads name, each once: an SVG as text, a PNG as its bytes.

    Raises:
        TypesettingError: one cannot be read.

    """
    return {path: _drawing(Path(path)) for path in {head["crest"] for head in heads} if path}


def _drawing(path: Path) -> str | list[int]:
    try:
        return path.read_text(encoding="utf-8") if path.suffix.lower() == ".svg" else list(path.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise TypesettingError(
            f"The crest {path} cannot be read.", remedy="Name another one in letterhead.yaml, or none."
        ) from error


def signatures(setting: Setting, code: str, unit: str, language: Language) -> tuple[Signature, ...]:
    """Give who signs a unit's pages: under "Mengetahui" where the letterhead names somebody, and its head."""
    head = setting.letterhead(code)
    signer = head.signer or _head_of(head, unit, language)
    own = _signature(signer, f"{head.place}, {long_date(setting.as_of.date(), language)}")
    if signer.knowing is None:
        return (own,)
    return _signature(signer.knowing, label("known", language)), own


def _head_of(head: Letterhead, unit: str, language: Language) -> Signer:
    return Signer(label("head", language).format(unit=unit if unit != head.agency else _title_case(unit)))


def _title_case(words: str) -> str:
    """Write a name in capitals as it stands in a sentence."""
    return " ".join(word.lower() if word in _SMALL_WORDS else word for word in words.title().split())


def _signature(signer: Signer, above: str) -> Signature:
    return Signature((above, f"{signer.position},"), signer.name, signer.rank, signer.nip)


def signature_words(signed: Iterable[Signature]) -> list[dict[str, Any]]:
    """Give signatures as a template prints them, left to right."""
    return [
        {"lines": list(one.lines), "name": one.name, "rank": one.rank, "nip": f"NIP. {_grouped(one.nip)}".strip()}
        for one in signed
    ]


def picture_words(picture: Picture) -> dict[str, Any]:
    """Give a drawing as a template prints it."""
    return {"svg": picture.svg, "title": picture.title, "width": picture.width_mm}


def _grouped(nip: str) -> str:
    """Write a NIP as on letters: birth date, month of appointment, sex, number."""
    return _NIP.sub(r"\1 \2 \3 \4", nip) if _NIP.fullmatch(nip) else nip
