"""Who may talk to a device: a row with an expiry, so two collectors never hold sessions on one terminal.

Only the database's clock counts, and it is read when the row's lock has been got, not when the transaction began.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, text

#: A holder that falls silent in the middle of a transaction, frozen or cut off, is disconnected by the server after
#: this, so that the rows which it has locked do not keep others from its terminals.
HOLDER_SILENT_SECONDS = 60
_CUT_OFF_SILENT = f"set_config('idle_in_transaction_session_timeout', '{HOLDER_SILENT_SECONDS}s', true)"

# A row that somebody is at is not waited for, unless it is the holder's own: whoever is frozen or cut off while
# taking one terminal would keep another collector from all the others that it takes along.
_ACQUIRE = text(f"""
    WITH elsewhere AS (
        SELECT device_id FROM device_lease WHERE device_id = ANY(:device_ids) AND holder <> :holder
    ), free AS (
        SELECT device_id FROM device_lease WHERE device_id = ANY(:device_ids) AND holder <> :holder
        ORDER BY device_id FOR UPDATE SKIP LOCKED
    )
    INSERT INTO device_lease AS lease (device_id, holder, expires_at)
    SELECT asked.id, :holder, clock_timestamp() + make_interval(secs => :seconds)
    FROM unnest(CAST(:device_ids AS int[])) AS asked (id)
    WHERE asked.id NOT IN (SELECT device_id FROM elsewhere) OR asked.id IN (SELECT device_id FROM free)
    ORDER BY asked.id
    ON CONFLICT (device_id) DO UPDATE
        SET holder = excluded.holder, expires_at = clock_timestamp() + make_interval(secs => :seconds)
        WHERE lease.holder = excluded.holder OR lease.expires_at <= clock_timestamp()
    RETURNING device_id, {_CUT_OFF_SILENT}
""")  # noqa: S608  made of constants
# One order of locking for everybody, so that two renewals cannot wait for each other.
_RENEW = text(f"""
    WITH mine AS (
        SELECT device_id FROM device_lease
        WHERE holder = :holder AND device_id = ANY(:device_ids) AND expires_at > clock_timestamp()
        ORDER BY device_id FOR UPDATE
    )
    UPDATE device_lease SET expires_at = clock_timestamp() + make_interval(secs => :seconds)
    FROM mine WHERE device_lease.device_id = mine.device_id
    RETURNING device_lease.device_id, {_CUT_OFF_SILENT}
""")  # noqa: S608  made of constants
_RELEASE = text("""
    WITH mine AS (
        SELECT device_id FROM device_lease WHERE holder = :holder AND device_id = ANY(:device_ids)
        ORDER BY device_id FOR UPDATE
    )
    DELETE FROM device_lease USING mine WHERE device_lease.device_id = mine.device_id AND holder = :holder
""")
_HOLDER = text("SELECT holder FROM device_lease WHERE device_id = :device_id AND expires_at > clock_timestamp()")


def acquire(conn: Connection, device_ids: Collection[int], holder: str, seconds: float) -> set[int]:
    """Take or prolong the leases of devices; give those that ``holder`` now has.

    The others are somebody else's and have not run out, or somebody is taking them at this moment.
    """
    if not device_ids:
        return set()
    parameters = {"device_ids": sorted(set(device_ids)), "holder": holder, "seconds": seconds}
    return set(conn.execute(_ACQUIRE, parameters).scalars())


def renew(conn: Connection, holder: str, device_ids: Collection[int], seconds: float) -> set[int]:
    """Prolong the leases that ``holder`` still has; give those. One that ran out is lost, even if nobody took it."""
    parameters = {"holder": holder, "device_ids": list(device_ids), "seconds": seconds}
    return set(conn.execute(_RENEW, parameters).scalars())


def release(conn: Connection, device_ids: Collection[int], holder: str) -> None:
    """Give leases back; somebody else's are left alone."""
    if device_ids:
        conn.execute(_RELEASE, {"device_ids": sorted(set(device_ids)), "holder": holder})


def holder_of(conn: Connection, device_id: int) -> str | None:
    """Tell who may talk to a device now."""
    return conn.execute(_HOLDER, {"device_id": device_id}).scalar()
