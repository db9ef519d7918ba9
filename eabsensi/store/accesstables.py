"""Tables of who may look in: accounts, sessions, tokens; and of what was done: the trail, the papers given out.

Of a session or a token only its SHA-256 is kept, so that a copy of the database opens no door. The trail and the
papers are evidence: the application may add to them and read them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from eabsensi.store.declaring import Instant, metadata

__all__ = ["account", "api_token", "issued_paper", "login_attempt", "session", "trail"]

account = Table(
    "account",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("password_hash", Text),  # null: comes in by single sign-on only
    Column("role", Text, nullable=False),
    Column("unit_code", Text, ForeignKey("unit.code")),
    Column("employee_id", BigInteger, ForeignKey("employee.id"), index=True),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False, server_default=text("'id'")),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("disabled_at", Instant),
    Column("password_changed_at", Instant),
    Column("must_change_password", Boolean, nullable=False),
    Column("oidc_issuer", Text),
    Column("oidc_subject", Text),
    UniqueConstraint("oidc_issuer", "oidc_subject"),
    CheckConstraint("username = lower(username)", name="username"),
    CheckConstraint("role IN ('admin', 'hr', 'leader', 'operator', 'employee')", name="role"),
    CheckConstraint("role IN ('leader', 'operator') OR unit_code IS NULL", name="unit"),
    CheckConstraint("role <> 'operator' OR unit_code IS NOT NULL", name="operator"),
    CheckConstraint("role <> 'employee' OR employee_id IS NOT NULL", name="employee"),
    CheckConstraint("language IN ('id', 'en')", name="language"),
    CheckConstraint("(oidc_issuer IS NULL) = (oidc_subject IS NULL)", name="oidc"),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("unit_code", Text, ForeignKey("unit.code")),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("last_used_at", Instant),
    CheckConstraint("role IN ('admin', 'hr', 'leader', 'operator')", name="role"),
    CheckConstraint("role IN ('leader', 'operator') OR unit_code IS NULL", name="unit"),
    CheckConstraint("role <> 'operator' OR unit_code IS NOT NULL", name="operator"),
)

# One row for each name or address that failed of late; it goes when the failures are forgotten.
login_attempt = Table(
    "login_attempt",
    metadata,
    Column("subject", Text, primary_key=True),  # name:SHA-256, since a password may be typed there; address:NETWORK
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("blocked_until", Instant),
    Column("noted", Boolean, nullable=False),  # whether the trail knows of this block
    Index(None, "last_at"),
)

trail = Table(
    "trail",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("account", Text, nullable=False),  # '' where nobody is known by the name that was given
    Column("role", Text),
    Column("action", Text, nullable=False),
    Column("unit_code", Text),
    Column("nip", Text),
    Column("subject", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("detail", JSONB),
    Index(None, "account", "id"),
    Index(None, "nip", "id", postgresql_where=text("nip IS NOT NULL")),
    Index(None, "at"),
)

issued_paper = Table(
    "issued_paper",
    metadata,
    Column("code", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("unit_code", Text),
    Column("as_of", Instant, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("format", Text, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Index(None, "issued_at"),
    CheckConstraint("rows >= 0", name="rows"),
)
