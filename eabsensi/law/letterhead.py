"""What stands above and below a printed report: the city's letterhead, and what units have of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from eabsensi.law.citation import Citation


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs a report; a part that is not known is "" and leaves room for handwriting.

    Attributes:
        position: jabatan, e.g. ``Kepala Dinas Kesehatan``.
        name: with titles.
        rank: pangkat, e.g. ``Pembina Tingkat I (IV/b)``.
        nip: 18 digits, without spaces.
        knowing: who signs under "Mengetahui"; None where nobody does.

    """

    position: str
    name: str = ""
    rank: str = ""
    nip: str = ""
    knowing: Signer | None = None


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What is printed above and below a report.

    Attributes:
        government: first line.
        agency: second line; "" where the policy names none, so that the unit's own name is printed.
        address: third line; "" where none is printed.
        place: where a report is signed.
        phone: "" where none is printed.
        email: "" where none is printed.
        website: "" where none is printed.
        signer: who signs; None where the policy names nobody, so that the unit's head signs without a name.
        crest: the crest's picture, an SVG or PNG file beside the policy files; None where there is none.

    """

    government: str
    agency: str
    address: str
    place: str
    phone: str = ""
    email: str = ""
    website: str = ""
    signer: Signer | None = None
    crest: Path | None = None


#: What reaches whom: printed together, so inherited together.
CONTACT = ("phone", "email", "website")


@dataclass(frozen=True, slots=True)
class UnitLetterhead:
    """What one unit has of its own; None means as the unit above.

    A unit with an address of its own has its own phone, email and website, or none: those of another house would
    mislead.
    """

    government: str | None = None
    agency: str | None = None
    address: str | None = None
    place: str | None = None
    phone: str | None = None
    email: str | None = None
    website: str | None = None
    signer: Signer | None = None
    crest: Path | None = None

    def over(self, above: Letterhead) -> Letterhead:
        """Give the unit's letterhead, where ``above`` is that of the unit above."""
        own = {name: getattr(self, name) for name in self.__dataclass_fields__ if getattr(self, name) is not None}
        elsewhere = dict.fromkeys(CONTACT, "") if self.address is not None else {}
        return replace(above, **(elsewhere | own))


@dataclass(frozen=True, slots=True)
class Letterheads:
    """The letterheads of a policy.

    Attributes:
        city: where a report covers the whole city. Units inherit its government, place and crest; its agency,
            address and signer are those of one house and would mislead on the paper of another.
        units: code to what that unit has of its own.
        citation: what the form rests on; None where letterheads are made without a file.

    """

    city: Letterhead
    units: Mapping[str, UnitLetterhead] = field(default_factory=dict)
    citation: Citation | None = None

    def of(self, code: str, ancestry: Sequence[str] = ()) -> Letterhead:
        """Give the letterhead of a unit: each line from the nearest of it and the units above it that has that line.

        Args:
            code: of the unit.
            ancestry: the codes of the units above it, nearest first; it may begin with the unit itself.

        """
        head = replace(self.city, agency="", address="", phone="", email="", website="", signer=None)
        for unit in reversed([code, *(above for above in ancestry if above != code)]):
            if unit in self.units:
                head = self.units[unit].over(head)
        return head
