"""A role of its own for the collector, the portal and the nightly reports, with no more than each needs."""

from __future__ import annotations

from alembic import op

from eabsensi.store.roles import Role, grant, make_role

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

ORGANISATION = ("unit", "employee", "posting", "enrolment")
DEVICES = ("device", "device_log", "device_lease", "live_event", "poll_request", "device_user")
PUNCHES = ("punch", "punch_sighting", "unreadable_record", "poll", "quarantined_log")
FILED = ("document", "document_change", "roster", "roster_change", "ceremony")
JUDGED = ("verdict", "verdict_version", "dirty_day", "period", "period_row", "addendum")
SEALS = ("seal", "seal_part", "retired_month")
ACCESS = ("account", "session", "api_token", "login_attempt")
KEPT = ("trail", "issued_paper")
FIGURES = ("alembic_version", *ORGANISATION, *DEVICES, *PUNCHES, *FILED, *JUDGED)

# Who judges a person holds that person's row, and PostgreSQL asks for the right to change some column of it;
# created_at decides nothing. Who closes a month holds its unit in the same way.
HOLD_PEOPLE = {"UPDATE (created_at)": ("employee",)}
# A verdict is replaced, its versions stay; a mark is made and taken away.
JUDGE = {
    "INSERT": ("verdict", "verdict_version", "dirty_day", "addendum"),
    "UPDATE": ("verdict",),
    "DELETE": ("verdict", "dirty_day"),
    **HOLD_PEOPLE,
}

COLLECTOR = (
    {"SELECT": (*FIGURES, *SEALS, *KEPT)},  # it seals what was done and given out, too
    {
        "INSERT": (*PUNCHES, "device", "device_log", "device_lease", "live_event", "seal", "seal_part"),
        "UPDATE": ("device", "device_log", "device_lease", "poll_request"),
        "DELETE": ("device_lease", "live_event", "poll_request"),
    },
    JUDGE,
)
PORTAL = (
    {"SELECT": (*FIGURES, *SEALS, *ACCESS, *KEPT)},
    {
        "INSERT": (*("enrolment", "document", "document_change", "period", "period_row"), *ACCESS, *KEPT),
        "UPDATE": ("enrolment", "document", *ACCESS),
        "DELETE": ("session", "login_attempt"),
    },
    JUDGE,
    {"UPDATE (created_at)": ("unit",)},
)
REPORTS = ({"SELECT": (*FIGURES, *SEALS, "issued_paper")}, {"INSERT": ("issued_paper",)})


def upgrade() -> None:
    """Make the roles, and say what each may do; no row and no table is touched."""
    connection = op.get_bind()
    for role, rights in ((Role.COLLECTOR, COLLECTOR), (Role.PORTAL, PORTAL), (Role.REPORTS, REPORTS)):
        make_role(connection, role)
        for part in rights:
            grant(connection, role, part)
    connection.exec_driver_sql(f"GRANT USAGE ON SEQUENCE poll_id_seq TO {Role.COLLECTOR}")


def downgrade() -> None:
    """Refuse: services that log in with a role of their own would be locked out."""
    raise NotImplementedError("services may log in as these roles; restore a backup instead")
