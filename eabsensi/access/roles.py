"""What each role may do, and whose figures a viewer sees; pure.

A role says *what* may be done at all, the viewer's units say *where*. Both have to allow it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from eabsensi.access.refusals import RefusedError, Sentence
from eabsensi.law.wording import Language


class Role(StrEnum):
    """Who somebody is to the agency."""

    ADMIN = "admin"
    HR = "hr"
    LEADER = "leader"
    OPERATOR = "operator"
    EMPLOYEE = "employee"


class Right(StrEnum):
    """What may be done; where it may be done is decided by the viewer's units."""

    SEE_UNITS = "see-units"
    SEE_PERSON = "see-person"
    SEE_INDICATIONS = "see-indications"
    SEE_FINDINGS = "see-findings"  # not for operators: what they file is looked at too
    SEE_ALLOWANCE = "see-allowance"
    FILE_DOCUMENT = "file-document"
    DECIDE_DOCUMENT = "decide-document"
    CLOSE_PERIOD = "close-period"
    SEE_UNMAPPED = "see-unmapped"
    MAP_PIN = "map-pin"
    SEE_DEVICES = "see-devices"
    SEE_PUNCHES = "see-punches"
    SEE_TRAIL = "see-trail"
    MANAGE_ACCOUNTS = "manage-accounts"


_OF_EMPLOYEE = frozenset({Right.SEE_PERSON})
_OF_LEADER = frozenset(
    {Right.SEE_UNITS, Right.SEE_PERSON, Right.SEE_INDICATIONS, Right.SEE_FINDINGS, Right.SEE_DEVICES}
)
_OF_OPERATOR = frozenset(
    {
        *(Right.SEE_UNITS, Right.SEE_PERSON, Right.SEE_INDICATIONS, Right.SEE_ALLOWANCE, Right.FILE_DOCUMENT),
        *(Right.SEE_UNMAPPED, Right.SEE_DEVICES),
    }
)
_OF_HR = (
    _OF_LEADER
    | _OF_OPERATOR
    | {Right.DECIDE_DOCUMENT, Right.CLOSE_PERIOD, Right.MAP_PIN, Right.SEE_PUNCHES, Right.SEE_TRAIL}
)

RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.ADMIN: _OF_HR | {Right.MANAGE_ACCOUNTS},
        Role.HR: _OF_HR,
        Role.LEADER: _OF_LEADER,
        Role.OPERATOR: _OF_OPERATOR,
        Role.EMPLOYEE: _OF_EMPLOYEE,
    }
)


class NotAllowedError(RefusedError):
    """The viewer may not see or do this."""

    sentence = Sentence(
        "Anda tidak berwenang melakukan ini; hubungi admin BKPSDM bila memerlukannya.",
        "You may not do this; ask the agency's administrator if you need to.",
    )


_OUTSIDE = Sentence(
    "Unit kerja {unit} berada di luar wewenang Anda; hubungi admin BKPSDM bila memerlukannya.",
    "Unit {unit} is outside what you may see; ask the agency's administrator if you need it.",
)
_NOT_THIS_PERSON = Sentence(
    "Pegawai ini berada di luar wewenang Anda; hubungi admin BKPSDM bila memerlukannya.",
    "This employee is outside what you may see; ask the agency's administrator if you need to.",
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and how far.

    Attributes:
        account: the username, or ``token:NAME`` for a program.
        name: as shown.
        role: what may be done at all.
        unit: root of what is seen; None is the whole city.
        units: codes of that unit and all below it; None is every unit; of an employee: empty.
        nip: the viewer's own NIP, where there is one.
        language: in which the viewer reads.

    """

    account: str
    name: str
    role: Role
    unit: str | None
    units: frozenset[str] | None
    nip: str | None
    language: Language

    def may(self, right: Right) -> bool:
        """Tell whether the role has a right at all."""
        return right in RIGHTS[self.role]

    def sees_unit(self, code: str) -> bool:
        """Tell whether a unit's figures are in scope."""
        return self.may(Right.SEE_UNITS) and (self.units is None or code in self.units)

    def sees_person(self, nip: str, units: Collection[str]) -> bool:
        """Tell whether a person is in scope: oneself, or somebody of a unit in scope.

        Args:
            nip: the person's.
            units: codes of the units that the person belongs to on the days in question; for somebody without any,
                only those see them who see every unit.

        """
        if not self.may(Right.SEE_PERSON):
            return False
        if self.nip is not None and nip == self.nip:
            return True
        return self.may(Right.SEE_UNITS) and (self.units is None or any(code in self.units for code in units))

    def require(self, right: Right) -> None:
        """Make sure of a right.

        Raises:
            NotAllowedError: the role does not have it.

        """
        if not self.may(right):
            raise NotAllowedError

    def require_unit(self, code: str) -> None:
        """Make sure that a unit is in scope.

        Raises:
            NotAllowedError: it is not, whether or not there is such a unit.

        """
        if not self.sees_unit(code):
            raise NotAllowedError(_OUTSIDE, unit=code)

    def require_person(self, nip: str, units: Collection[str]) -> None:
        """Make sure that a person is in scope; see :meth:`sees_person`.

        Raises:
            NotAllowedError: the person is not.

        """
        if not self.sees_person(nip, units):
            raise NotAllowedError(_NOT_THIS_PERSON)
