"""The trail: every log-in, view of a person, decision and change of an account, with who, when and from where.

A row is written in the transaction of what it tells about: both are there, or neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from eabsensi.access.roles import Viewer
from eabsensi.store.connection import Connection
from eabsensi.store.trail import NewTrailRow, TrailFilter, add_trail_row, list_trail


class Action(StrEnum):
    """What was done."""

    LOG_IN = "log-in"
    LOG_IN_REFUSED = "log-in-refused"
    LOG_OUT = "log-out"
    SEE_UNIT = "see-unit"
    SEE_PERSON = "see-person"
    SEE_REPORT = "see-report"
    DOWNLOAD = "download"
    FILE_DOCUMENT = "file-document"
    APPROVE_DOCUMENT = "approve-document"
    REVOKE_DOCUMENT = "revoke-document"
    CLOSE_PERIOD = "close-period"
    REOPEN_PERIOD = "reopen-period"
    MAP_PIN = "map-pin"
    CHANGE_ACCOUNT = "change-account"
    CHANGE_TOKEN = "change-token"  # noqa: S105  an action's name, no secret
    CHANGE_PASSWORD = "change-password"  # noqa: S105  an action's name, no secret
    READ_API = "read-api"
    SEE_TRAIL = "see-trail"


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One thing that was done.

    Attributes:
        id: grows with time; pages are read with ``before_id``.
        at: when, timezone-aware.
        account: who; ``token:NAME`` for a program, ``""`` where no account has the name that was given.
        role: the viewer's then; None where none is known.
        action: what, a value of :class:`Action`; text, since an older or newer program may have written it.
        unit: the unit that it is about.
        nip: the person whom it is about.
        subject: what else it is about, e.g. a document's number, an account, a report.
        address: from where.
        detail: more, for those who look closely.

    """

    id: int
    at: datetime
    account: str
    role: str | None
    action: str
    unit: str | None
    nip: str | None
    subject: str
    address: str
    detail: Mapping[str, object] | None


def record(
    connection: Connection,
    viewer_or_name: Viewer | str,
    action: Action,
    *,
    at: datetime,
    unit: str | None = None,
    nip: str | None = None,
    subject: str = "",
    address: str = "",
    detail: Mapping[str, object] | None = None,
) -> None:
    """Write a row of the trail, in the caller's transaction.

    Args:
        connection: in the transaction that does what is recorded.
        viewer_or_name: who; a name where there is no viewer, e.g. the account that runs a command.
        action: what.
        at: when, timezone-aware.
        unit: code of the unit that it is about.
        nip: of the person whom it is about.
        subject: what else it is about.
        address: from where.
        detail: more; JSON values only, and never a secret.

    """
    name, role = (
        (viewer_or_name, None)
        if isinstance(viewer_or_name, str)
        else (viewer_or_name.account, viewer_or_name.role.value)
    )
    add_trail_row(connection, NewTrailRow(at, name, role, action.value, unit, nip, subject, address, detail))


def entries(
    connection: Connection,
    *,
    before_id: int | None = None,
    account: str | None = None,
    nip: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
) -> list[TrailEntry]:
    """Give the newest entries first; only those of an account, about a person, of an action, where they are named.

    Args:
        connection: in a transaction.
        before_id: only older ones; the next page begins before the last entry's id.
        account: only what this account did.
        nip: only what is about this person.
        action: only this action.
        since: at this instant or later, timezone-aware.
        until: before this instant, timezone-aware.
        limit: how many at most.

    """
    wanted = TrailFilter(account, nip, action, since, until)
    return [TrailEntry(*row) for row in list_trail(connection, wanted, before_id=before_id, limit=limit)]
