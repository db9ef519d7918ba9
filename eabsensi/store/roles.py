"""The application's database role: it may add punches, and can neither change nor remove one."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text

APPLICATION_ROLE = "eabsensi_app"

# Roles belong to the whole server, so another database's upgrade may make this one at the same moment.
_CREATE_ROLE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APPLICATION_ROLE}') THEN
        CREATE ROLE {APPLICATION_ROLE} NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""

_MAY_BECOME = """
    pg_has_role(session_user, oid,
                CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
"""

_BECOME_APPLICATION = text(f"""
    SELECT set_config('TimeZone', 'UTC', true),
           (SELECT set_config('role', rolname, true) FROM pg_roles
            WHERE rolname = '{APPLICATION_ROLE}' AND {_MAY_BECOME})
""")  # noqa: S608  made of constants
_MAY_NOT_BECOME = text(f"""
    SELECT FROM pg_roles WHERE rolname = '{APPLICATION_ROLE}' AND NOT {_MAY_BECOME}
""")


def become_application(connection: Connection) -> None:
    """Take the application's role until the transaction ends, where the session's user is allowed to."""
    connection.execute(_BECOME_APPLICATION)


def grant_application_role(
    connection: Connection, *, append_only: Iterable[str], changeable: Iterable[str], sequences: Iterable[str] = ()
) -> None:
    """Make the role where it is missing, and say what it may do with each table.

    Args:
        connection: the owner's.
        append_only: tables that hold evidence; the role may read and insert.
        changeable: tables that hold the present state of something.
        sequences: those from which the application takes numbers itself.

    """
    connection.exec_driver_sql(_CREATE_ROLE)
    if connection.execute(_MAY_NOT_BECOME).first() is not None:
        connection.exec_driver_sql(f"GRANT {APPLICATION_ROLE} TO CURRENT_USER")
    connection.exec_driver_sql(f"GRANT SELECT, INSERT ON {', '.join(append_only)} TO {APPLICATION_ROLE}")
    connection.exec_driver_sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(changeable)} TO {APPLICATION_ROLE}")
    for sequence in sequences:
        connection.exec_driver_sql(f"GRANT USAGE ON SEQUENCE {sequence} TO {APPLICATION_ROLE}")
    connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {APPLICATION_ROLE}")
