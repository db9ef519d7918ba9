"""What a superuser of the database may do to a row behind everybody's back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from eabsensi.store.connection import Connection
from eabsensi.store.evidence import KINDS, Kind

KIND = {kind.name: kind for kind in KINDS}
#: By type: another value than the one that is there.
OTHER = {
    "integer": "coalesce({0}, 0) + 1",
    "bigint": "coalesce({0}, 0) + 1",
    "smallint": "coalesce({0}, 0) + 1",
    "double precision": "coalesce({0}, 0) + 0.5",
    "text": "coalesce({0}, '') || 'x'",
    "bytea": "{0} || 'x'::bytea",
    "date": "coalesce({0}, '2026-03-01') + 1",
    "timestamp without time zone": "{0} + interval '1 day'",
    "timestamp with time zone": "coalesce({0}, '2026-03-01') + interval '1 microsecond'",
    "jsonb": "coalesce({0}, jsonb_build_object()) || jsonb_build_object('touched', 1)",
    "ARRAY": "array_append({0}, 'x')",
}


def become_superuser(connection: Connection) -> None:
    """Take every guard away, as a superuser may: constraints of values and references, identities."""
    connection.execute(
        text("""
            DO $$ DECLARE it record; BEGIN
                FOR it IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
                          WHERE contype IN ('c', 'f', 'u') AND connamespace = 'public'::regnamespace AND conparentid = 0
                LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I', it.place, it.conname); END LOOP;
                FOR it IN SELECT table_name, column_name FROM information_schema.columns
                          WHERE table_schema = 'public' AND identity_generation = 'ALWAYS'
                LOOP EXECUTE format('ALTER TABLE %I ALTER %I DROP IDENTITY', it.table_name, it.column_name); END LOOP;
            END $$
        """)
    )


def types_of(connection: Connection, table: str) -> dict[str, str]:
    """Give the type of each column, in their order."""
    query = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = :table ORDER BY 1"
    return {row.column_name: row.data_type for row in connection.execute(text(query), {"table": table})}


def other(connection: Connection, table: str, column: str) -> str:
    """Give the SQL of another value than a column has."""
    return OTHER[types_of(connection, table)[column]].format(column)


def keys_of(connection: Connection, kind: Kind, *, until: datetime | None = None) -> list[str]:
    """Give the key of every row that claims to have come by an instant, as the chain has it, in a fixed order."""
    where = f"{kind.found_in} WHERE {kind.at} <= :until" if until else f"{kind.name} r"
    query = text(f"SELECT {kind.identity} AS key FROM {where} ORDER BY 1")
    return list(connection.execute(query, {"until": until} if until else {}).scalars())


def run(connection: Connection, kind: Kind, statement: str, key: str) -> None:
    """Run a statement on the row of a key: ``{table}`` is its table, ``{row}`` the condition."""
    where = f"{kind.identity} = :key"
    done = connection.execute(text(statement.format(table=f"{kind.name} AS r", row=where)), {"key": key})
    assert done.rowcount == 1


def change(connection: Connection, kind: Kind, key: str, column: str) -> None:
    run(connection, kind, f"UPDATE {{table}} SET {column} = {other(connection, kind.name, column)} WHERE {{row}}", key)


def remove(connection: Connection, kind: Kind, key: str) -> None:
    run(connection, kind, "DELETE FROM {table} WHERE {row}", key)


def insert_like(connection: Connection, kind: Kind, key: str) -> None:
    """Put in a copy of a row under another key: the last column of the key is another value."""
    last = kind.key[-1]
    number = types_of(connection, kind.name)[last] in ("integer", "bigint")
    another = f"{last} + 1000" if number else other(connection, kind.name, last)
    chosen = ", ".join(another if name == last else name for name in kind.columns)
    columns = ", ".join(kind.columns)
    run(connection, kind, f"INSERT INTO {kind.name} ({columns}) SELECT {chosen} FROM {{table}} WHERE {{row}}", key)


def swap(connection: Connection, kind: Kind, key: str, with_key: str) -> None:
    """Let two rows change places: each gets what the other says, and its own key stays."""
    said = ", ".join(name for name in kind.columns if name not in kind.key)
    both = f"WITH two AS MATERIALIZED (SELECT {kind.identity} AS is, r.* FROM {kind.name} r)"
    done = connection.execute(
        text(f"""
            {both} UPDATE {kind.name} AS r SET ({said}) = (
                SELECT {said} FROM two WHERE two.is = CASE WHEN {kind.identity} = :one THEN :two ELSE :one END
            ) WHERE {kind.identity} IN (:one, :two)
        """),
        {"one": key, "two": with_key},
    )
    assert done.rowcount == 2
