"""A database's address as people write it, also with several servers of which one is the primary."""

from __future__ import annotations

import re
from typing import Final

import sqlalchemy
from sqlalchemy import URL, make_url

from eabsensi.errors import SettingsError

#: Scheme, user and password, servers, and the rest; no password holds a bare @ or /.
_SEVERAL: Final = re.compile(
    r"(?P<scheme>[^:/?#]+://)(?P<user>[^@/]*@)?(?P<hosts>[^/?#@]*,[^/?#@]*)(?P<rest>.*)", re.DOTALL
)
_HOST: Final = re.compile(r"(?P<host>\[[^\]]+\]|[^:,\[\]]+)(?::(?P<port>\d{1,5}))?")
_EXAMPLE: Final = "Write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or @HOST:PORT,HOST:PORT/DATABASE."
#: What is said to the driver unless the address says otherwise. A server that vanished without a word, as after a power
#: cut, is given up in half a minute instead of in two hours; of several servers the one that takes writes is wanted.
_CONNECTING: Final = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}


def parse_url(text: str, setting: str = "EABSENSI_DATABASE_URL") -> URL:
    """Read an address of PostgreSQL, with one server or several: ``postgresql://u:p@a:5432,b:5432/eabsensi``.

    Args:
        text: the address.
        setting: where it was written, for the sentence that refuses it.

    Raises:
        SettingsError: it is none; what was written is not shown, since it may hold a password.

    """
    try:
        url = make_url(_with_several_hosts(text))
    except (sqlalchemy.exc.ArgumentError, ValueError):
        # from None: the cause would show the password
        raise SettingsError(f"{setting} is not a URL.", remedy=_EXAMPLE) from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise SettingsError(
            f"{setting} names {url.get_backend_name()}, but the database has to be PostgreSQL.",
            remedy=_EXAMPLE,
        )
    return url.set(drivername="postgresql+psycopg")


def with_patience(url: URL, session: str = "read-write") -> URL:
    """Add how long a server may be silent, and which of several is meant, where the address does not say."""
    wanted = {name: value for name, value in _CONNECTING.items() if name not in url.query}
    if len(servers_of(url)) > 1 and "target_session_attrs" not in url.query:
        wanted["target_session_attrs"] = session
    return url.update_query_dict(wanted)


def servers_of(url: URL) -> list[str]:
    """Give the servers that an address names, as ``host:port`` where a port is given; none means this machine."""
    hosts, ports = _listed(url, "host"), _listed(url, "port")
    if len(ports) == len(hosts):
        hosts = [f"{host}:{port}" if port else host for host, port in zip(hosts, ports, strict=True)]
    own = [f"{url.host}:{url.port}" if url.port else url.host] if url.host else []
    return [*own, *hosts]


def _listed(url: URL, name: str) -> list[str]:
    given = url.query.get(name, ())
    return [one for text in ([given] if isinstance(given, str) else given) for one in text.split(",")]


def _with_several_hosts(text: str) -> str:
    """Move several servers, which SQLAlchemy does not know in that place, to where it passes them on."""
    parts = _SEVERAL.fullmatch(text)
    if parts is None:
        return text
    servers = [_HOST.fullmatch(server) for server in parts["hosts"].split(",")]
    found = [server for server in servers if server is not None]
    if len(found) < len(servers):
        raise ValueError
    hosts = ",".join(server["host"].strip("[]") for server in found)
    ports = ",".join(server["port"] or "5432" for server in found)
    rest = parts["rest"] or "/"
    joint = "&" if "?" in rest else "?"
    return f"{parts['scheme']}{parts['user'] or ''}{rest}{joint}host={hosts}&port={ports}"
