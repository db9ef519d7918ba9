"""The database's roles: what each process may do with each table, whatever its code asks for.

Evidence can be added to and read, and neither changed nor removed. A process either logs in as its own role, and then
has nothing else (docs/operations.md), or logs in as the tables' owner and takes its role for each transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from sqlalchemy import Connection, text

from eabsensi.errors import EabsensiError


class Role(StrEnum):
    """Who works on the database."""

    APPLICATION = "eabsensi_app"  # the commands, which need root on the server
    COLLECTOR = "eabsensi_collector"  # `eabsensi run`: reads terminals, judges and seals
    PORTAL = "eabsensi_portal"  # `eabsensi portal`: accounts, papers, closings, the trail
    REPORTS = "eabsensi_reports"  # `eabsensi report nightly`: reads, and notes what it has issued


# Roles belong to the whole server, so another database's upgrade may make this one at the same moment.
_CREATE_ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
        CREATE ROLE {role} NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN NULL;  -- told below, with what to do
END $$
"""

_MAY_BECOME = """
    pg_has_role(session_user, oid,
                CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
"""

# Where the session's user may not take the role asked for, as on a server of before, the application's is next best.
_BECOME = text(f"""
    SELECT set_config('TimeZone', 'UTC', true), set_config('role', coalesce((
        SELECT rolname FROM pg_roles WHERE rolname IN (:role, '{Role.APPLICATION}') AND {_MAY_BECOME}
        ORDER BY rolname <> :role LIMIT 1), 'none'), true)
""")  # noqa: S608  made of constants
_EXISTS = text("SELECT FROM pg_roles WHERE rolname = :role")
_MAY_NOT_BECOME = text(f"SELECT FROM pg_roles WHERE rolname = :role AND NOT {_MAY_BECOME}")
_MAY_GRANT = text("SELECT FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolcreaterole)")


class RoleMissingError(EabsensiError):
    """A role of the database is missing, and the tables' owner may not make it."""


def become(connection: Connection, role: Role) -> None:
    """Take a role until the transaction ends, where the session's user is allowed to."""
    connection.execute(_BECOME, {"role": role.value})


def make_role(connection: Connection, role: Role) -> None:
    """Make a role where it is missing, and let the owner take it where the owner may say so.

    Raises:
        RoleMissingError: it is missing, and only a superuser can make it.

    """
    asked = {"role": role.value}
    connection.exec_driver_sql(_CREATE_ROLE.format(role=role))
    if connection.execute(_EXISTS, asked).first() is None:
        raise RoleMissingError(
            f"The database has no role {role}.",
            remedy=f"As a superuser: CREATE ROLE {role} NOLOGIN (docs/operations.md, step 2). Then upgrade again.",
        )
    if connection.execute(_MAY_NOT_BECOME, asked).first() and connection.execute(_MAY_GRANT).first():
        connection.exec_driver_sql(f"GRANT {role} TO CURRENT_USER")


def grant(connection: Connection, role: Role, rights: Mapping[str, Iterable[str]]) -> None:
    """Say what a role may do: the tables by each right as SQL names it, e.g. ``UPDATE (created_at)``."""
    for right, tables in rights.items():
        connection.exec_driver_sql(f"GRANT {right} ON {', '.join(tables)} TO {role}")


def grant_application_role(
    connection: Connection, *, append_only: Iterable[str], changeable: Iterable[str] = (), sequences: Iterable[str] = ()
) -> None:
    """Make the application's role where it is missing, and say what it may do with each table.

    Args:
        connection: the owner's.
        append_only: tables that hold evidence; the role may read and insert.
        changeable: tables that hold the present state of something.
        sequences: those from which the application takes numbers itself.

    """
    make_role(connection, Role.APPLICATION)
    grant(connection, Role.APPLICATION, {"SELECT, INSERT": append_only})
    for table in changeable:
        grant(connection, Role.APPLICATION, {"SELECT, INSERT, UPDATE, DELETE": [table]})
    for sequence in sequences:
        connection.exec_driver_sql(f"GRANT USAGE ON SEQUENCE {sequence} TO {Role.APPLICATION}")
    grant(connection, Role.APPLICATION, {"SELECT": ["alembic_version"]})
