"""Where eabsensi keeps things: the environment first, then /etc/eabsensi/eabsensi.toml, then defaults.

Secrets never stand in a file of ours. A device's comm key has a *name*; the key itself comes from a systemd credential
or from the environment, and no message here ever shows one.
"""

from __future__ import annotations

import difflib
import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from eabsensi.errors import SettingsError

SETTINGS_FILE = Path("/etc/eabsensi/eabsensi.toml")
SYSTEM_DEVICES_FILE = Path("/etc/eabsensi/devices.yaml")
COMM_KEY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
GREATEST_COMM_KEY = 2**32 - 1

#: Settings that are seconds: the least and the most that make sense.
_SECONDS = {"poll_seconds": (1.0, 3_600.0), "lease_seconds": (5.0, 600.0), "silence_seconds": (1.0, 90.0)}
_TOML_KEYS = (
    "home",
    "database_url",
    "reader_url",
    "devices",
    "policy",
    "portal_address",
    "oidc_issuer",
    "oidc_client_id",
    *_SECONDS,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What this installation was told.

    Attributes:
        home: the folder of files that eabsensi makes itself, e.g. its own PostgreSQL.
        database_url: the PostgreSQL to use; None means one of our own under ``home``.
        devices_file: devices.yaml.
        policy: the folder of local rules that replaces the shipped one; None means the shipped Kota Jambi rules.
        portal_address: how people reach the portal, e.g. ``https://absensi.example.go.id``; None where nobody said.
        oidc_issuer: the identity provider by which people may log in, an address; None where there is none.
        oidc_client_id: the portal's name there.
        reader_url: a database that follows the other, from which reports and the portal's figures are read; None means
            that they are read where everything is.
        poll_seconds: between two polls of a terminal; None for the usual 300, as for the two below.
        lease_seconds: that a killed collector's terminals are kept from others.
        silence_seconds: that a terminal may be silent at most, whatever it is doing.

    """

    home: Path
    database_url: str | None = field(repr=False)  # a URL may hold a password
    devices_file: Path
    policy: Path | None
    portal_address: str | None = None
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    reader_url: str | None = field(default=None, repr=False)  # as above
    poll_seconds: float | None = None
    lease_seconds: float | None = None
    silence_seconds: float | None = None

    @property
    def verify_at(self) -> str | None:
        """The portal's page that looks a report's code up; None where nobody said how the portal is reached."""
        return f"{self.portal_address}/verify" if self.portal_address else None

    @classmethod
    def load(cls, env: Mapping[str, str] = os.environ, *, file: Path = SETTINGS_FILE) -> Settings:
        """Read the settings; the environment wins over the file, an empty value counts as unset.

        Raises:
            SettingsError: the file cannot be read, or holds an unknown key, or a value makes no sense.

        """
        written = _read_toml(file)
        devices = _value("devices", env, written)
        policy = _value("policy", env, written)
        home = _value("home", env, written)
        return cls(
            home=Path(home).expanduser() if home else _default_home(env),
            database_url=_url_of("database", env, written),
            reader_url=_url_of("reader", env, written),
            devices_file=Path(devices).expanduser() if devices else _default_devices_file(),
            policy=Path(policy).expanduser() if policy else None,
            portal_address=_portal_address(_value("portal_address", env, written)),
            oidc_issuer=_oidc_issuer(_value("oidc_issuer", env, written)),
            oidc_client_id=_value("oidc_client_id", env, written),
            **{key: _seconds(key, env, written) for key in _SECONDS},
        )


def comm_key(name: str, env: Mapping[str, str] = os.environ) -> int:
    """Look up the comm key called ``name``: systemd credential first, then the environment.

    Raises:
        SettingsError: neither place has it, or what stands there is no whole number; the key is never shown.

    """
    if not COMM_KEY_NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r} cannot be the name of a comm key.",
            remedy="A name has letters, digits, - and _ only; the key itself does not belong here.",
        )
    credential, variable = f"comm-key-{name}", comm_key_variable(name)
    found = _credential(credential, env)
    place = f"the systemd credential {credential}" if found is not None else f"the environment's {variable}"
    text = (found if found is not None else env.get(variable, "")).strip()
    if not text:
        raise SettingsError(
            f"The comm key {name!r} is in neither of its places.",
            remedy=f"Give it as the systemd credential {credential}, or in the environment as {variable}.",
        )
    if not (text.isascii() and text.isdigit()) or int(text) > GREATEST_COMM_KEY:
        raise SettingsError(
            f"What stands in {place} is no comm key.",
            remedy="A comm key is the whole number that stands in the terminal's menu (Comm. > Security).",
        )
    return int(text)


def oidc_client_secret(env: Mapping[str, str] = os.environ) -> str | None:
    """Look up the portal's secret at the identity provider: systemd credential first, then the environment.

    Gives None where there is none: a provider may know the portal as a public client.
    """
    found = (_credential("oidc-client-secret", env) or "").strip()
    return found or env.get("EABSENSI_OIDC_CLIENT_SECRET", "").strip() or None


def comm_key_variable(name: str) -> str:
    """Give the name of the environment variable that may hold the comm key called ``name``."""
    return "EABSENSI_COMM_KEY_" + name.upper().replace("-", "_")


def _portal_address(written: str | None) -> str | None:
    if written is None:
        return None
    parts = urlsplit(written)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/") or parts.query:
        raise SettingsError(
            f"The portal's address {written!r} is no address of a server.",
            remedy="Write EABSENSI_PORTAL_ADDRESS as https://absensi.example.go.id, without a path.",
        )
    return f"{parts.scheme}://{parts.netloc}"


def _oidc_issuer(written: str | None) -> str | None:
    if written is None:
        return None
    parts = urlsplit(written)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1"))
    if not is_safe or not parts.netloc or parts.query or parts.fragment:
        raise SettingsError(
            f"The identity provider {written!r} is no address that can be trusted.",
            remedy="Write EABSENSI_OIDC_ISSUER exactly as the provider calls itself, e.g. https://sso.example.go.id.",
        )
    return written


def _read_toml(file: Path) -> dict[str, str]:
    try:
        content = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as cause:
        raise SettingsError(f"{file} cannot be read: {cause}.", remedy="Check the file and its rights.") from cause
    try:
        written = tomllib.loads(content)
    except tomllib.TOMLDecodeError as cause:
        raise SettingsError(f"{file} is no valid TOML: {cause}.", remedy='Write each line as key = "value".') from cause
    for key, value in written.items():
        _check_key(file, key, value)
    return {key: str(value) for key, value in written.items()}


def _check_key(file: Path, key: str, value: object) -> None:
    if key not in _TOML_KEYS:
        near = difflib.get_close_matches(key.lower().removeprefix("eabsensi_"), _TOML_KEYS, n=1)
        meant = f"Did you mean {near[0]!r}? " if near else ""
        raise SettingsError(
            f"{file}: {key!r} is no setting.", remedy=f"{meant}The settings are {', '.join(_TOML_KEYS)}."
        )
    if not isinstance(value, str) and not (key in _SECONDS and type(value) in (int, float)):
        raise SettingsError(f"{file}: {key!r} must be text.", remedy=f'Write it as {key} = "...".')


def _value(key: str, env: Mapping[str, str], written: Mapping[str, str]) -> str | None:
    return env.get(f"EABSENSI_{key.upper()}") or written.get(key) or None


def _seconds(key: str, env: Mapping[str, str], written: Mapping[str, str]) -> float | None:
    asked = _value(key, env, written)
    if asked is None:
        return None
    least, most = _SECONDS[key]
    try:
        seconds = float(asked)
    except ValueError:
        seconds = math.nan
    if not least <= seconds <= most:
        raise SettingsError(
            f"The setting {key} = {asked!r} is no number of seconds from {least:g} to {most:g}.",
            remedy=f"Correct EABSENSI_{key.upper()} or {key} in {SETTINGS_FILE}, or leave it out.",
        )
    return seconds


def _url_of(what: str, env: Mapping[str, str], written: Mapping[str, str]) -> str | None:
    from_credential = (_credential(f"{what}-url", env) or "").strip()
    return env.get(f"EABSENSI_{what.upper()}_URL") or from_credential or written.get(f"{what}_url") or None


def _credential(name: str, env: Mapping[str, str]) -> str | None:
    folder = env.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return None
    try:
        return (Path(folder) / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as cause:
        raise SettingsError(f"The systemd credential {name} cannot be read: {type(cause).__name__}.") from cause


def _default_home(env: Mapping[str, str]) -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/eabsensi")
    base = env.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "eabsensi"


def _default_devices_file() -> Path:
    here = Path("devices.yaml")
    if not here.exists() and SYSTEM_DEVICES_FILE.exists():
        return SYSTEM_DEVICES_FILE
    return here
