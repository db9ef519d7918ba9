"""Makes the clerk of a visit: who files, decides or maps."""

from __future__ import annotations

from eabsensi.filing.clerk import Clerk
from eabsensi.portal.visit import Visit, address_of


def clerk_of(visit: Visit) -> Clerk:
    """Give the visitor as a clerk."""
    return Clerk(visit.viewer, visit.desk.policy, visit.desk.clock, address_of(visit.request))
