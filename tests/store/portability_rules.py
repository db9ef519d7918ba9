"""The rules by which a distributed engine can take over (docs/growth.md), as a checker over tables and SQL text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import MetaData, Table, UniqueConstraint, types
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, ExcludeConstraint

STORE = Path(__file__).parents[2] / "eabsensi/store"
#: Tables that a distributed engine spreads over its nodes; the others are small enough to stand on one, or on each.
BIG = frozenset(
    {"punch", "punch_sighting", "poll", "unreadable_record", "live_event"}
    | {"verdict", "verdict_version", "roster", "roster_change", "addendum"}
)
OWNERS = frozenset({"device_id", "employee_id"})
#: Big tables whose key names no owner yet: the engine's key is (owner, id), and every row and query has the owner.
KEY_EXCEPTIONS = {
    "poll": "numbered by one sequence, since its punches name it before it is there; always read by device",
    "live_event": "provisional, and forgotten once the log has been read",
    "roster_change": "a record of changes; always read by employee or by arrival",
    "addendum": "numbered in the order in which closed months learn; always read by employee or by unit",
}
STANDARD = (
    *(types.Text, types.BigInteger, types.Integer, types.SmallInteger, types.Boolean),
    *(types.Date, types.DateTime, types.LargeBinary, types.Double, JSONB),
)
#: A list of codes is as portable as its texts: Citus, YugabyteDB and CockroachDB have arrays.
ARRAYS_OF = (types.Text,)
TYPE_EXCEPTIONS = {"posting": DATERANGE, "enrolment": DATERANGE}  # small, and read as dates everywhere else

_FORBIDDEN = {
    "a trigger": r"\bCREATE\s+(?:CONSTRAINT\s+)?TRIGGER\b",
    "LISTEN or NOTIFY": r"(?:^|[\"';]\s*)LISTEN\s+\w|\bpg_notify\s*\(|(?:^|[\"';]\s*)NOTIFY\s+\w",
    "a session's advisory lock": r"\bpg_(?:try_)?advisory_lock(?:_shared)?\s*\(",
    "a deferrable constraint": r"\bDEFERRABLE\b",
}
_ON_BIG = {
    "ROLLUP, CUBE or GROUPING SETS": r"\b(?:ROLLUP|CUBE)\s*\(|\bGROUPING\s+SETS\b",
    "a recursive query": r"\bWITH\s+RECURSIVE\b",
    "an order by a sequence": rf"\bORDER\s+BY\s+(?:(?:{'|'.join(BIG)})\.)?id\b",
}
_DDL = r"\b(?:ATTACH|DETACH)\s+PARTITION\b|\bPARTITION\s+OF\b|\b(?:CREATE|DROP|ALTER)\s+TABLE\b"
#: Breaches that are none: part of the text, and why.
EXCEPTIONS = {
    "DROP TABLE incoming": "a temporary table of one transaction",
    "FROM poll ORDER BY id LIMIT 1": "the first poll or nearly so: it tells about when polling began",
}


@dataclass(frozen=True)
class Text:
    """A piece of SQL text, and where it stands."""

    where: str
    sql: str


def texts_of(folder: Path = STORE) -> Iterator[Text]:
    """Give every string of a module that looks like SQL, f-strings with their holes named."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            written = _string(node)
            if written and re.search(
                r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|LISTEN|NOTIFY|LOCK|ATTACH)\b", written
            ):
                yield Text(f"{path.relative_to(folder)}:{node.lineno}", written)


def _string(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "hole" for part in node.values)
    return None


def table_breaches(tables: MetaData) -> Iterator[str]:
    """Tell which declared tables break a rule."""
    for table in tables.tables.values():
        yield from _key_breaches(table)
        yield from _type_breaches(table)
        yield from _exclusion_breaches(table)


def _key_breaches(table: Table) -> Iterator[str]:
    """Rule 1: the device or the employee is in every key of a big table."""
    if table.name not in BIG or table.name in KEY_EXCEPTIONS:
        return
    keys = [table.primary_key, *(each for each in table.constraints if isinstance(each, UniqueConstraint))]
    for key in keys:
        if not OWNERS & {column.name for column in key.columns}:
            yield f"{table.name}: a key of {[column.name for column in key.columns]} names no device and no employee"
    for index in table.indexes:
        if index.unique and not OWNERS & {column.name for column in index.columns}:
            yield f"{table.name}: the unique index {index.name} names no device and no employee"


def _type_breaches(table: Table) -> Iterator[str]:
    """Rule 8: standard types only."""
    allowed = (*STANDARD, TYPE_EXCEPTIONS.get(table.name, types.Text))
    for column in table.columns:
        is_list = isinstance(column.type, types.ARRAY) and isinstance(column.type.item_type, ARRAYS_OF)
        if not is_list and not isinstance(column.type, allowed):
            yield f"{table.name}.{column.name}: {type(column.type).__name__} is no standard type"


def _exclusion_breaches(table: Table) -> Iterator[str]:
    """Rule 4: an exclusion constraint names the employee or the device."""
    for constraint in table.constraints:
        if isinstance(constraint, ExcludeConstraint):
            named = " ".join(str(expression) for expression, _, _ in constraint._render_exprs)
            if not any(owner in named for owner in OWNERS):
                yield f"{table.name}: {constraint.name} names no device and no employee"
        if constraint.deferrable:
            yield f"{table.name}: {constraint.name} is deferrable"


def text_breaches(texts: Iterator[Text]) -> Iterator[str]:
    """Tell which SQL breaks a rule."""
    for text in texts:
        if any(excepted in text.sql for excepted in EXCEPTIONS):
            continue
        for what, pattern in _FORBIDDEN.items():
            if re.search(pattern, text.sql, re.IGNORECASE):
                yield f"{text.where}: {what}"
        if names_big_table(text.sql):
            for what, pattern in _ON_BIG.items():
                if re.search(pattern, text.sql, re.IGNORECASE):
                    yield f"{text.where}: {what} on a big table"
        if re.search(_DDL, text.sql) and not text.where.startswith(("partitions.py", "migrations/")):
            yield f"{text.where}: DDL outside of partitions and migrations"


def names_big_table(sql: str) -> bool:
    """Tell whether a statement reads or writes a big table."""
    return bool(re.search(rf"\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:{'|'.join(BIG)})\b", sql, re.IGNORECASE))


def call_breaches(folder: Path = STORE) -> Iterator[str]:
    """Rule 6: no executemany; :func:`names_big_table` holds what really runs against it as well."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "executemany":
                yield f"{path.relative_to(folder)}:{node.lineno}: executemany"
