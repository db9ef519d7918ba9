"""What counts as evidence: which rows the chain covers, by what they are known, and the digest of each.

The lists of columns stand here and not in the tables' declarations: a column that a later version adds, or gives
another type, must not change the digest of a row that was sealed before. A digest is the SHA-256 of PostgreSQL's own
binary form of the row (``record_send``): the same on every server, whatever its version, locale and time zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from sqlalchemy import Connection, text

__all__ = [
    "KINDS",
    "Differing",
    "Kind",
    "Row",
    "count_arrivals",
    "count_rows",
    "find_row",
    "first_at",
    "first_differing",
    "rows_between",
    "summarise_arrivals",
]

_FETCHED_AT_ONCE: Final = 10_000


class Row(NamedTuple):
    """One row of evidence.

    Attributes:
        at: when it claims to have come; an aware instant.
        key: what it is known by, a JSON array, e.g. ``[12, "0042", "2026-03-02T07:24:51", 0]``.
        digest: the first 128 bits of the row's SHA-256, as 32 hexadecimal digits.
        poll: id of the poll that brought it, or None.

    """

    at: datetime
    key: str
    digest: str
    poll: int | None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of evidence.

    Attributes:
        name: its table.
        key: columns that a row is known by.
        columns: columns that are covered, in the order of the digest; never changed.
        at: the column that says when a row came.
        source: where rows are, ``r`` being the row.
        poll: the column that names the poll that brought a row, or ``NULL``.

    """

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    at: str
    source: str = ""
    poll: str = "NULL::bigint"

    @property
    def identity(self) -> str:
        """The SQL of a row's key."""
        sent = (f"encode(r.{name}, 'hex')" if name == "raw_sha256" else f"r.{name}" for name in self.key)
        return f"json_build_array({', '.join(sent)})::text"

    @property
    def selected(self) -> str:
        """The SQL of what :class:`Row` holds."""
        covered = ", ".join(f"r.{name}" for name in self.columns)
        digest = f"encode(substr(sha256(record_send(ROW({covered}))), 1, 16), 'hex')"
        # Who touches a row may write infinity, or a year that Python does not have.
        at = f"least(greatest({self.at}, '0001-01-02 00:00Z'), '9999-12-30 00:00Z')"
        return f'{at} AS at, {self.identity} COLLATE "C" AS key, {digest} AS digest, {self.poll}'

    @property
    def found_in(self) -> str:
        """The SQL of where rows are."""
        return self.source or f"{self.name} r"


def _kind(name: str, key: str, columns: str, at: str, source: str = "", poll: str = "NULL::bigint") -> Kind:  # noqa: PLR0917  a table's row, read across
    return Kind(name, tuple(key.split()), tuple(f"{key} {columns}".split()), at, source, poll)


#: In the order in which a break is looked for; a poll comes before what it brought.
KINDS: Final = (
    _kind(
        "poll",
        "id",
        "device_id collector started_at finished_at mode outcome error records_on_device records_read punches_new"
        " bytes_sent bytes_received round_trips clock_offset_seconds complete_through",
        "r.finished_at",
    ),
    _kind(
        "punch",
        "device_id pin device_time ordinal",
        "verify_mode punch_state workcode punched_at source generation poll_id clock_offset_seconds received_at raw",
        "r.received_at",
        poll="r.poll_id",
    ),
    _kind(
        "punch_sighting",
        "device_id pin device_time ordinal",
        "generation poll_id",
        "p.finished_at",
        source="punch_sighting r JOIN poll p ON p.id = r.poll_id",
        poll="r.poll_id",
    ),
    _kind(
        "unreadable_record",
        "device_id raw_sha256 ordinal",
        "raw pin reason source generation poll_id received_at",
        "r.received_at",
        poll="r.poll_id",
    ),
    _kind(
        "quarantined_log",
        "id",
        "device_id poll_id received_at reason body_sha256 body",
        "r.received_at",
        poll="r.poll_id",
    ),
    _kind(
        "log_gap",
        "id",
        "device_id pin lost_after lost_until cause poll_id noted_at",
        "r.noted_at",
        poll="r.poll_id",
    ),
    _kind("document_change", "id", "document_id at by action before after", "r.at"),
    _kind("roster_change", "id", "employee_id on_date before after at by", "r.at"),
    _kind("period", "unit_code month version", "state through_on at by reason sha256 policy_version", "r.at"),
    _kind(
        "period_row",
        "unit_code month version employee_id",
        "content",
        "p.at",
        source="period_row r JOIN period p USING (unit_code, month, version)",
    ),
    _kind("addendum", "id", "unit_code month version employee_id on_date before after at reason", "r.at"),
    _kind("trail", "id", "at account role action unit_code nip subject address detail", "r.at"),
    _kind(
        "issued_paper",
        "code",
        "kind title period unit_code as_of sha256 rows format issued_by issued_at",
        "r.issued_at",
    ),
    _kind("retired_month", "month", "rows at by reason", "r.at"),
)


def rows_between(connection: Connection, kind: Kind, after: datetime | None, through: datetime | None) -> Iterator[Row]:
    """Give the rows that claim to have come in a span, by that time and then by key; streaming.

    Args:
        connection: in a transaction.
        kind: which rows.
        after: later than this instant; None gives them from the beginning of time.
        through: at this instant or earlier; None gives them to the end of time.

    """
    asked = {"after": after, "through": through}
    bounds = {"after": f"{kind.at} > :after", "through": f"{kind.at} <= :through"}
    where = " AND ".join(["true", *(bounds[name] for name, bound in asked.items() if bound is not None)])
    query = text(f"SELECT {kind.selected} FROM {kind.found_in} WHERE {where} ORDER BY 1, 2")  # noqa: S608  constants
    streaming = {"stream_results": True, "yield_per": _FETCHED_AT_ONCE}
    given = {name: bound for name, bound in asked.items() if bound is not None}
    with connection.execute(query, given, execution_options=streaming) as found:
        for row in found:
            yield Row(*row)


def count_rows(connection: Connection, after: datetime, through: datetime) -> int:
    """Give how many rows of all kinds claim to have come in a span, ``after`` excluded."""
    return int(connection.execute(_COUNT, {"after": after, "through": through}).scalar_one())


def count_arrivals(
    connection: Connection, after: datetime, through: datetime, step: timedelta
) -> Iterator[tuple[str, datetime, int]]:
    """Count the rows that claim to have come in a span by kind and step; each step ends with its last instant.

    Args:
        connection: in a transaction.
        after: later than this instant; a step begins with it.
        through: at this instant or earlier.
        step: how long a step is.

    Yields:
        a kind's name, the first instant of a step, and how many rows came in it; steps without any are left out.

    """
    connection.execute(_ALONE)
    for row in connection.execute(_ARRIVALS, {"after": after, "through": through, "step": step}):
        yield row.kind, row.begin, row.rows


def summarise_arrivals(owner_conn: Connection) -> int:
    """Let the small indexes by which young rows are found cover what has come; gives how many parts of them were new.

    The server does it by itself where rows trickle in, not for the last rows of a table, nor where very many came at
    once: these are read each time until then.

    Args:
        owner_conn: a connection of the tables' owner, in a transaction.

    """
    return int(owner_conn.execute(_SUMMARISE).scalar_one())


def first_at(connection: Connection) -> datetime | None:
    """Give the earliest time that any row of evidence claims; None where there is none. Reads the tables."""
    found: datetime | None = connection.execute(_FIRST).scalar_one()
    return found


def find_row(connection: Connection, kind: Kind, key: str) -> Row | None:
    """Find a row by its key wherever it claims to have come; reads the whole table, for the one row that is broken."""
    query = text(f"SELECT {kind.selected} FROM {kind.found_in} WHERE {kind.identity} = :key")  # noqa: S608  constants
    row = connection.execute(query, {"key": key}).first()
    return Row(*row) if row else None


class Differing(NamedTuple):
    """A row of today's state that is not what the last recorded change made of it.

    Attributes:
        kind: its table.
        key: names and values by which it is known.
        what: what became of it.

    """

    kind: str
    key: dict[str, object]
    what: Literal["changed", "removed", "inserted"]


def first_differing(connection: Connection) -> Differing | None:
    """Find the first document or roster that is not what its last recorded change made of it; None where all are."""
    if row := connection.execute(_DOCUMENT).first():
        return Differing("document", {"id": row.id}, row.what)
    if row := connection.execute(_ROSTER).first():
        return Differing("roster", {"employee_id": row.employee_id, "on_date": row.on_date.isoformat()}, row.what)
    return None


def _each(selected: str, where: str = "") -> str:
    return " UNION ALL ".join(
        f"SELECT {selected.format(at=kind.at)} AS found FROM {kind.found_in} {where.format(at=kind.at)}"  # noqa: S608  constants
        for kind in KINDS
    )


_SUMMARISE = text("""
    SELECT coalesce(sum(brin_summarize_new_values(indexrelid)), 0)
    FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
    WHERE amname = 'brin' AND relkind = 'i' AND relnamespace = CAST('public' AS regnamespace)
""")
# The server takes a hundred small partitions for a large table; starting workers costs more than the counting.
_ALONE = text("SELECT set_config('max_parallel_workers_per_gather', '0', true)")
_ARRIVALS = text(
    " UNION ALL ".join(
        f"SELECT '{kind.name}' AS kind, date_bin(:step, {kind.at} - interval '1 microsecond', :after) AS begin,"  # noqa: S608  constants
        f" count(*) AS rows FROM {kind.found_in} WHERE {kind.at} > :after AND {kind.at} <= :through GROUP BY 2"
        for kind in KINDS
    )
)
_COUNT = text(f"SELECT sum(found) FROM ({_each('count(*)', 'WHERE {at} > :after AND {at} <= :through')}) AS kinds")  # noqa: S608  constants
_FIRST = text(f"""
    SELECT CASE WHEN first < '0001-01-02 00:00Z' THEN '0001-01-02 00:00Z' ELSE first END
    FROM (SELECT min(found) AS first FROM ({_each("min({at})")}) AS kinds) AS found
""")  # noqa: S608  made of constants
# Changes of one document, and of all rosters, wait for one another: the order of their ids is that of time.
_DOCUMENT = text("""
    SELECT coalesce(d.id, noted.document_id) AS id,
           CASE WHEN d.id IS NULL THEN 'removed' WHEN noted.after IS NULL THEN 'inserted' ELSE 'changed' END AS what
    FROM document d
    FULL JOIN (
        SELECT DISTINCT ON (document_id) document_id, after FROM document_change ORDER BY document_id, id DESC
    ) AS noted ON noted.document_id = d.id
    WHERE d.id IS NULL OR noted.after IS NULL OR NOT to_jsonb(d) @> noted.after
    ORDER BY 1 LIMIT 1
""")
_ROSTER = text("""
    SELECT employee_id, on_date,
           CASE WHEN present.shifts IS NULL THEN 'removed' WHEN noted.after IS NULL THEN 'inserted' ELSE 'changed' END
               AS what
    FROM (
        SELECT employee_id, on_date, array_agg(shift ORDER BY sequence) AS shifts FROM roster GROUP BY 1, 2
    ) AS present
    FULL JOIN (
        SELECT DISTINCT ON (employee_id, on_date) employee_id, on_date, after FROM roster_change
        ORDER BY employee_id, on_date, id DESC
    ) AS noted USING (employee_id, on_date)
    WHERE present.shifts IS DISTINCT FROM noted.after
    ORDER BY 2, 1 LIMIT 1
""")
