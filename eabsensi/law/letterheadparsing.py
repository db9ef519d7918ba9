"""How letterheads and signers are written in a policy file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from eabsensi.law.letterhead import CONTACT, Letterhead, Letterheads, Signer, UnitLetterhead
from eabsensi.law.parsing import parse_citation
from eabsensi.law.reading import Entry

LETTERHEAD_UNIT = "text"
_LINES = ("government", "agency", "address", "place")
_CRESTS = (".svg", ".png")
_NIP_DIGITS = 18


def parse_letterheads(entry: Entry, folder: Path) -> Letterheads:
    """Read the city's letterhead and what units have of their own.

    Args:
        entry: the section ``letterhead``.
        folder: where the crest's file lies.

    """
    fields = entry.fields((*_LINES, "unit", "citation"), (*CONTACT, "signer", "crest", "units", "unconfirmed"))
    fields["unit"].choice((LETTERHEAD_UNIT,))
    city = Letterhead(
        **{line: fields[line].text() for line in (*_LINES, *CONTACT) if line in fields},
        signer=_parse_signer(fields),
        crest=_parse_crest(fields, folder),
    )
    units = fields["units"].fields() if "units" in fields else {}
    return Letterheads(city, {code: _parse_unit(own, folder) for code, own in units.items()}, parse_citation(fields))


def _parse_unit(entry: Entry, folder: Path) -> UnitLetterhead:
    fields = entry.fields((), (*_LINES, *CONTACT, "signer", "crest"))
    return UnitLetterhead(
        **{line: fields[line].text() for line in (*_LINES, *CONTACT) if line in fields},
        signer=_parse_signer(fields),
        crest=_parse_crest(fields, folder),
    )


def _parse_signer(fields: Mapping[str, Entry], key: str = "signer") -> Signer | None:
    if key not in fields:
        return None
    own = fields[key].fields(("position",), ("name", "rank", "nip", *(("knowing",) if key == "signer" else ())))
    return Signer(
        position=own["position"].text(),
        name=own["name"].text() if "name" in own else "",
        rank=own["rank"].text() if "rank" in own else "",
        nip=_parse_nip(own["nip"]) if "nip" in own else "",
        knowing=_parse_signer(own, "knowing"),
    )


def _parse_nip(entry: Entry) -> str:
    digits = entry.text().replace(" ", "")
    if not digits.isascii() or not digits.isdigit() or len(digits) != _NIP_DIGITS:
        raise entry.refuse(f"`{entry.text()}` is no NIP.", f"Write its {_NIP_DIGITS} digits, or leave `nip` out.")
    return digits


def _parse_crest(fields: Mapping[str, Entry], folder: Path) -> Path | None:
    if "crest" not in fields:
        return None
    entry = fields["crest"]
    name = entry.text()
    if Path(name).name != name or Path(name).suffix.lower() not in _CRESTS:
        raise entry.refuse(f"`{name}` is no picture beside this file.", "Name an .svg or .png file of this folder.")
    if not (folder / name).is_file():
        raise entry.refuse(f"there is no file `{name}` beside this one.", "Put the crest into this folder.")
    return folder / name
