"""Accounts, sessions and API tokens; the trail of what was done; the papers that were given out."""

from __future__ import annotations

from alembic import op

from eabsensi.store.roles import grant_application_role

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

APPEND_ONLY = ("trail", "issued_paper")
CHANGEABLE = ("account", "session", "api_token", "login_attempt")

ACCOUNTS = """
CREATE TABLE account (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username text NOT NULL UNIQUE CONSTRAINT account_username_check CHECK (username = lower(username)),
    password_hash text,
    role text NOT NULL,
    unit_code text REFERENCES unit (code),
    employee_id bigint REFERENCES employee (id),
    name text NOT NULL,
    language text NOT NULL DEFAULT 'id' CONSTRAINT account_language_check CHECK (language IN ('id', 'en')),
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    disabled_at timestamptz,
    password_changed_at timestamptz,
    must_change_password boolean NOT NULL,
    oidc_issuer text,
    oidc_subject text,
    CONSTRAINT account_oidc_issuer_key UNIQUE (oidc_issuer, oidc_subject),
    CONSTRAINT account_role_check CHECK (role IN ('admin', 'hr', 'leader', 'operator', 'employee')),
    CONSTRAINT account_unit_check CHECK (role IN ('leader', 'operator') OR unit_code IS NULL),
    CONSTRAINT account_operator_check CHECK (role <> 'operator' OR unit_code IS NOT NULL),
    CONSTRAINT account_employee_check CHECK (role <> 'employee' OR employee_id IS NOT NULL),
    CONSTRAINT account_oidc_check CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL))
);
CREATE INDEX ON account (employee_id);
CREATE TABLE session (
    token_hash text PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account (id),
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    address text NOT NULL,
    agent text NOT NULL
);
CREATE INDEX ON session (account_id);
CREATE INDEX ON session (expires_at);
CREATE TABLE api_token (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    token_hash text NOT NULL UNIQUE,
    role text NOT NULL,
    unit_code text REFERENCES unit (code),
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    CONSTRAINT api_token_role_check CHECK (role IN ('admin', 'hr', 'leader', 'operator')),
    CONSTRAINT api_token_unit_check CHECK (role IN ('leader', 'operator') OR unit_code IS NULL),
    CONSTRAINT api_token_operator_check CHECK (role <> 'operator' OR unit_code IS NOT NULL)
);
CREATE TABLE login_attempt (
    subject text PRIMARY KEY,
    failures integer NOT NULL,
    last_at timestamptz NOT NULL,
    blocked_until timestamptz,
    noted boolean NOT NULL
);
CREATE INDEX ON login_attempt (last_at);
"""

EVIDENCE = """
CREATE TABLE trail (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    account text NOT NULL,
    role text,
    action text NOT NULL,
    unit_code text,
    nip text,
    subject text NOT NULL,
    address text NOT NULL,
    detail jsonb
);
CREATE INDEX ON trail (account, id);
CREATE INDEX ON trail (nip, id) WHERE nip IS NOT NULL;
CREATE INDEX ON trail (at);
CREATE TABLE issued_paper (
    code text PRIMARY KEY,
    kind text NOT NULL,
    title text NOT NULL,
    period text NOT NULL,
    unit_code text,
    as_of timestamptz NOT NULL,
    sha256 text NOT NULL,
    rows integer NOT NULL CONSTRAINT issued_paper_rows_check CHECK (rows >= 0),
    format text NOT NULL,
    issued_by text NOT NULL,
    issued_at timestamptz NOT NULL
);
CREATE INDEX ON issued_paper (issued_at);
"""


def upgrade() -> None:
    """Make the tables, and say what the application may do; nothing that was there is touched."""
    connection = op.get_bind()
    for statements in (ACCOUNTS, EVIDENCE):
        connection.exec_driver_sql(statements)
    grant_application_role(connection, append_only=APPEND_ONLY, changeable=CHANGEABLE)


def downgrade() -> None:
    """Refuse: this would delete the trail of who saw and did what."""
    raise NotImplementedError("the trail is evidence; restore a backup instead")
