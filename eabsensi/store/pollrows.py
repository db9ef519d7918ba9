"""Poll rows read back: what came of a poll that another process did."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import ARRAY, BigInteger, Connection, Integer, bindparam, text


class PollRow(NamedTuple):
    """The last poll of a device, as another collector kept it."""

    id: int
    device_id: int
    outcome: str
    error: str | None
    mode: str
    records_on_device: int | None
    records_read: int
    punches_new: int
    clock_offset_seconds: float | None


_COLUMNS = "id, device_id, outcome, error, mode, records_on_device, records_read, punches_new, clock_offset_seconds"
_LAST = text(f"""
    SELECT DISTINCT ON (device_id) {_COLUMNS} FROM poll WHERE device_id = ANY(:device_ids) ORDER BY device_id, id DESC
""")  # noqa: S608  made of constants
# A full poll that failed tells what came of it, too; an ordinary one that was under way does not.
_ANSWERS = text(f"""
    SELECT DISTINCT ON (device_id) {_COLUMNS}
    FROM poll JOIN unnest(:device_ids, :after) AS asked (id_asked, after) ON device_id = id_asked AND id > after
    WHERE NOT :full OR mode = 'audit' OR outcome <> 'ok'
    ORDER BY device_id, id
""").bindparams(bindparam("device_ids", type_=ARRAY(Integer)), bindparam("after", type_=ARRAY(BigInteger)))  # noqa: S608  made of constants


def last_polls(connection: Connection, device_ids: Collection[int]) -> dict[int, PollRow]:
    """Give the newest poll row of each of these devices that has one."""
    rows = connection.execute(_LAST, {"device_ids": list(device_ids)})
    return {row.device_id: PollRow(*row) for row in rows}


def answers_after(connection: Connection, after: Mapping[int, int], *, full: bool) -> dict[int, PollRow]:
    """Give the first poll of each device after one of its polls that answers a request.

    Args:
        connection: to the database.
        after: the last poll's id by device, 0 where there was none.
        full: whether the whole log was asked for.

    """
    asked = {"device_ids": list(after), "after": list(after.values()), "full": full}
    return {row.device_id: PollRow(*row) for row in connection.execute(_ANSWERS, asked)}
