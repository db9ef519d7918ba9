"""Documents, rosters and gatherings that people file; verdicts with their versions; closed months."""

from __future__ import annotations

from alembic import op

from eabsensi.store.roles import grant_application_role

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

APPEND_ONLY = ("document_change", "roster_change", "verdict_version", "period", "period_row", "addendum")
CHANGEABLE = ("document", "roster", "ceremony", "device_user", "verdict", "dirty_day")

FILED = """
CREATE TABLE document (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id bigint REFERENCES employee (id),
    unit_code text REFERENCES unit (code),
    kind text NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    covers text NOT NULL DEFAULT 'day' CONSTRAINT document_covers_check CHECK (covers IN ('day', 'in', 'out')),
    number text NOT NULL DEFAULT '',
    issued_on date,
    note text NOT NULL DEFAULT '',
    filed_by text NOT NULL,
    filed_at timestamptz NOT NULL,
    approved_at timestamptz,
    approved_by text,
    approval_known_at timestamptz,
    revoked_at timestamptz,
    revoked_by text,
    revoke_reason text,
    CONSTRAINT document_whose_check CHECK ((employee_id IS NULL) <> (unit_code IS NULL)),
    CONSTRAINT document_days_check CHECK (first_on <= last_on),
    CONSTRAINT document_approved_check CHECK ((approved_at IS NULL) = (approved_by IS NULL)),
    CONSTRAINT document_revoked_check CHECK (
        (revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (revoke_reason IS NULL))
);
CREATE INDEX ON document (employee_id, first_on, last_on);
CREATE INDEX ON document (unit_code, first_on, last_on);
CREATE TABLE document_change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id bigint NOT NULL REFERENCES document (id),
    at timestamptz NOT NULL,
    by text NOT NULL,
    action text NOT NULL CONSTRAINT document_change_action_check CHECK (action IN ('file', 'approve', 'revoke')),
    before jsonb,
    after jsonb NOT NULL
);
CREATE INDEX ON document_change (document_id);
CREATE TABLE roster (
    employee_id bigint NOT NULL REFERENCES employee (id),
    on_date date NOT NULL,
    sequence integer NOT NULL CONSTRAINT roster_sequence_check CHECK (sequence >= 1),
    shift text NOT NULL,
    PRIMARY KEY (employee_id, on_date, sequence)
);
CREATE INDEX ON roster (on_date);
CREATE TABLE roster_change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id bigint NOT NULL REFERENCES employee (id),
    on_date date NOT NULL,
    before text[] NOT NULL,
    after text[] NOT NULL,
    at timestamptz NOT NULL,
    by text NOT NULL
);
CREATE INDEX ON roster_change (employee_id, on_date);
CREATE TABLE ceremony (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CONSTRAINT ceremony_kind_check CHECK (kind IN ('apel', 'upacara')),
    on_date date NOT NULL,
    opens_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL,
    name text NOT NULL,
    unit_code text REFERENCES unit (code),
    basis text NOT NULL DEFAULT '',
    filed_by text NOT NULL,
    filed_at timestamptz NOT NULL,
    cancelled_at timestamptz,
    cancelled_by text,
    CONSTRAINT ceremony_window_check CHECK (opens_at < closes_at),
    CONSTRAINT ceremony_cancelled_check CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL))
);
CREATE INDEX ON ceremony (on_date);
CREATE TABLE device_user (
    device_id integer NOT NULL REFERENCES device (id),
    pin text NOT NULL,
    name text NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (device_id, pin)
);
"""

JUDGED_COLUMNS = """
    employee_id bigint NOT NULL,
    on_date date NOT NULL,
    version integer NOT NULL,
    unit_code text NOT NULL,
    status text NOT NULL,
    codes text[] NOT NULL,
    in_at timestamptz,
    out_at timestamptz,
    late_minutes integer NOT NULL,
    early_minutes integer NOT NULL,
    deficit_minutes integer NOT NULL,
    absent_days integer NOT NULL,
    complete boolean NOT NULL,
    document text,
    schedule_name text,
    schedule_start timestamptz,
    schedule_end timestamptz,
    apel jsonb NOT NULL,
    reasons jsonb NOT NULL,
    citations jsonb NOT NULL,
    policy_version text NOT NULL,
    judged_at timestamptz NOT NULL,
    cause text NOT NULL
"""
STATUS = "CHECK (status IN ('present', 'absent', 'excused', 'off', 'undetermined'))"

JUDGED = f"""
CREATE TABLE verdict ({JUDGED_COLUMNS},
    PRIMARY KEY (employee_id, on_date),
    CONSTRAINT verdict_status_check {STATUS}
);
CREATE INDEX ON verdict (unit_code, on_date);
CREATE INDEX verdict_open_idx ON verdict (on_date, employee_id) WHERE NOT complete OR status = 'undetermined';
CREATE TABLE verdict_version ({JUDGED_COLUMNS},
    judged_by text NOT NULL,
    PRIMARY KEY (employee_id, on_date, version),
    CONSTRAINT verdict_version_status_check {STATUS}
);
CREATE TABLE dirty_day (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id bigint NOT NULL,
    on_date date NOT NULL,
    cause text NOT NULL,
    marked_at timestamptz NOT NULL
);
CREATE INDEX ON dirty_day (marked_at);
CREATE INDEX ON dirty_day (employee_id, on_date);
CREATE INDEX punch_device_time_brin_idx ON punch USING brin (device_time);
CREATE INDEX punch_wrong_clock_idx ON punch (punched_at) WHERE abs(clock_offset_seconds) > 30;
"""

CLOSED = """
CREATE TABLE period (
    unit_code text NOT NULL REFERENCES unit (code),
    month date NOT NULL,
    version integer NOT NULL,
    state text NOT NULL,
    through_on date,
    at timestamptz NOT NULL,
    by text NOT NULL,
    reason text NOT NULL DEFAULT '',
    sha256 text,
    policy_version text,
    PRIMARY KEY (unit_code, month, version),
    CONSTRAINT period_month_check CHECK (EXTRACT(day FROM month) = 1),
    CONSTRAINT period_state_check CHECK (state IN ('closed', 'reopened')),
    CONSTRAINT period_version_check CHECK (version >= 1),
    CONSTRAINT period_reason_check CHECK (state <> 'reopened' OR reason <> ''),
    CONSTRAINT period_closed_check CHECK (
        state <> 'closed' OR (through_on IS NOT NULL AND sha256 IS NOT NULL AND policy_version IS NOT NULL))
);
CREATE TABLE period_row (
    unit_code text NOT NULL,
    month date NOT NULL,
    version integer NOT NULL,
    employee_id bigint NOT NULL,
    content jsonb NOT NULL,
    PRIMARY KEY (unit_code, month, version, employee_id),
    CONSTRAINT period_row_unit_code_fkey FOREIGN KEY (unit_code, month, version) REFERENCES period
);
CREATE TABLE addendum (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_code text NOT NULL,
    month date NOT NULL,
    version integer NOT NULL,
    employee_id bigint NOT NULL,
    on_date date NOT NULL,
    before jsonb,
    after jsonb,
    at timestamptz NOT NULL,
    reason text NOT NULL,
    CONSTRAINT addendum_unit_code_fkey FOREIGN KEY (unit_code, month, version) REFERENCES period
);
CREATE INDEX ON addendum (unit_code, month, version);
CREATE INDEX ON addendum (employee_id, on_date);
"""


def upgrade() -> None:
    """Make the tables, and say what the application may do; nothing that was there is touched."""
    connection = op.get_bind()
    for statements in (FILED, JUDGED, CLOSED):
        connection.exec_driver_sql(statements)
    grant_application_role(connection, append_only=APPEND_ONLY, changeable=CHANGEABLE)


def downgrade() -> None:
    """Refuse: this would delete what people filed and what was decided on it."""
    raise NotImplementedError("documents and closed months are evidence; restore a backup instead")
