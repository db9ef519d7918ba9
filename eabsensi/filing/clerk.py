"""Who files, decides or maps: the account's rights and scope, the law, the clock, and how it is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eabsensi.access.roles import Right, Viewer
from eabsensi.access.trail import Action, record
from eabsensi.clock import Clock
from eabsensi.law.policy import Policy
from eabsensi.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody at work.

    Attributes:
        who: the viewer; a name alone is somebody with the program's own rights, at the server's command line.
        policy: the law.
        clock: tells the time.
        address: from where, for the trail.

    """

    who: Viewer | str
    policy: Policy
    clock: Clock
    address: str = ""

    @property
    def name(self) -> str:
        """The name that is kept with what is done."""
        return self.who if isinstance(self.who, str) else self.who.account

    @property
    def viewer(self) -> Viewer | None:
        """The account; None at the command line."""
        return None if isinstance(self.who, str) else self.who

    @property
    def units(self) -> frozenset[str] | None:
        """Codes of the units in scope; None is every unit."""
        return self.viewer.units if self.viewer else None

    def may(self, right: Right) -> bool:
        """Tell whether the role has a right."""
        return self.viewer is None or self.viewer.may(right)

    def require(self, right: Right) -> None:
        """Make sure of a right.

        Raises:
            NotAllowedError: the role does not have it.

        """
        if self.viewer is not None:
            self.viewer.require(right)

    def sees_unit(self, code: str) -> bool:
        """Tell whether a unit is in scope."""
        return self.viewer is None or self.viewer.sees_unit(code)

    def is_same(self, name: str | None) -> bool:
        """Tell whether a name that is kept is this one's."""
        return name is not None and name.casefold() == self.name.casefold()

    def note(
        self,
        connection: Connection,
        action: Action,
        *,
        unit: str | None = None,
        nip: str | None = None,
        subject: str,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Write into the trail, in the transaction of what is done."""
        record(
            connection,
            self.who,
            action,
            at=self.clock.now(),
            unit=unit,
            nip=nip,
            subject=subject,
            address=self.address,
            detail=detail,
        )
