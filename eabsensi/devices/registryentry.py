"""One entry of devices.yaml: checked key by key, taken as it was written.

Entries are read from YAML nodes and not from loaded values: an identifier such as ``0123456789012`` or ``1e5`` is the
text that stands in the file, never the number that YAML would make of it.
"""

from __future__ import annotations

import codecs
import difflib
import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from eabsensi.errors import Problem

Transport = Literal["tcp", "udp"]


@dataclass(frozen=True, slots=True)
class Device:
    """A terminal as devices.yaml describes it.

    Attributes:
        serial: the identity; text, as the terminal prints it.
        unit: code of the work unit it stands in.
        name: where it hangs, for people.
        host: IP address or host name; may change, is no identity.
        port: TCP or UDP port.
        transport: ``tcp`` or ``udp``.
        timezone: IANA name of the zone its clock shows.
        encoding: of the names on it.
        comm_key: the *name* of its comm key, None where it has none.
        live: whether a session is kept open for events.
        enabled: whether it is collected from.
        in_use_since: the first date on which a missing punch on it means something, as a person states it; None leaves
            it to what its log shows.

    """

    serial: str
    unit: str
    name: str
    host: str
    port: int = 4370
    transport: Transport = "tcp"
    timezone: str = "Asia/Jakarta"
    encoding: str = "utf-8"
    comm_key: str | None = None
    live: bool = False
    enabled: bool = True
    in_use_since: date | None = None

    @property
    def address(self) -> tuple[str, int, str]:
        """Give what two devices cannot share: host, port and transport."""
        return (self.host.lower(), self.port, self.transport)


class EntryValueError(ValueError):
    """A value of an entry cannot be used; the arguments are what is wrong and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


KEYS = tuple(field.name for field in fields(Device))
_REQUIRED = ("serial", "unit", "host")
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_KEY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_HOST_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ONLY_DIGITS_AND_DOTS = re.compile(r"[0-9.]+")


def parse_entry(node: Node, file: str) -> tuple[Device | None, list[Problem]]:
    """Read one entry of the ``devices`` list.

    Args:
        node: the entry, as composed by ruamel.yaml.
        file: name of the file, for the problems.

    Returns:
        the device, or None and at least one problem with file, line and key.

    """
    if not isinstance(node, MappingNode):
        where = f"{file} line {line_of(node)}"
        return None, [Problem(where, "this is no device.", "Write its keys below the dash, e.g. - serial: ABC123.")]
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for key_node, value_node in node.value:
        where = f"{file} line {line_of(key_node)} key {key_node.value}"
        try:
            value = _parse_value(str(key_node.value), value_node, values)
        except EntryValueError as trouble:
            problems.append(Problem(where, str(trouble), trouble.remedy))
        else:
            values[str(key_node.value)] = value
    written = {meant for key_node, _ in node.value for meant in _meant(str(key_node.value))}
    problems += _missing(node, file, [key for key in _REQUIRED if values.get(key) is None and key not in written])
    if problems:
        return None, problems
    given = {key: value for key, value in values.items() if value is not None}
    return Device(**({"name": given["unit"]} | given)), []


def check_device(device: Device) -> None:
    """Check a device that did not come from a file.

    Raises:
        EntryValueError: with the key's name, what is wrong and what to do.

    """
    for key in KEYS:
        value = getattr(device, key)
        if isinstance(value, str):
            try:
                _PARSERS[key](value)
            except EntryValueError as trouble:
                raise EntryValueError(f"{key}: {trouble}", trouble.remedy) from trouble
    _port(str(device.port))


def serial_written(node: Node) -> str:
    """Give the serial that stands in an entry, good or bad; ``""`` where there is none."""
    return scalar_text(node, "serial")


def scalar_text(node: Node, key: str) -> str:
    """Give the text of a key's value in an entry; ``""`` where there is none."""
    pairs = node.value if isinstance(node, MappingNode) else []
    found = [value.value for name, value in pairs if name.value == key and isinstance(value, ScalarNode)]
    return str(found[0]).strip() if found else ""


def line_of(node: Node) -> int:
    """Give the line of the file, from 1, on which a node begins."""
    return int(node.start_mark.line) + 1


def nearest(word: str, choices: Iterable[str]) -> str:
    """Give "Did you mean …? " for the choice that resembles a word, or ``""``."""
    near = _near(word, choices)
    return f"Did you mean {near[0]!r}? " if near else ""


def _near(word: str, choices: Iterable[str]) -> list[str]:
    by_lower = {choice.lower(): choice for choice in choices}
    return [by_lower[near] for near in difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)]


def _meant(key: str) -> list[str]:
    """Give the key that was meant, so that a mistyped one is not called missing as well."""
    return [key] if key in KEYS else _near(key, KEYS)


def _missing(node: Node, file: str, keys: list[str]) -> list[Problem]:
    where = f"{file} line {line_of(node)}"
    return [Problem(f"{where} key {key}", f"the device has no {key}.", f"Add {key}: ….") for key in keys]


def _parse_value(key: str, node: Node, before: dict[str, Any]) -> Any:
    if key not in KEYS:
        raise EntryValueError("there is no such key.", f"{nearest(key, KEYS)}The keys are {', '.join(KEYS)}.")
    if key in before:
        raise EntryValueError("the key stands twice in this device.", "Keep one of them.")
    if not isinstance(node, ScalarNode):
        raise EntryValueError("a single value is wanted here.", f"Write it as {key}: value.")
    text = str(node.value).strip()
    if not text or (str(node.tag).endswith(":null") and node.style is None):
        if key in _REQUIRED:
            raise EntryValueError("there is no value.", f"Write it as {key}: value, or take the device out.")
        return None
    return _PARSERS[key](text)


def _serial(text: str) -> str:
    if not _SERIAL.fullmatch(text):
        raise EntryValueError(
            f"{text!r} is no serial number.", "Copy it from the terminal's menu (System Info > Device Info)."
        )
    return text


def _plain(text: str) -> str:
    if not text.isprintable():
        raise EntryValueError("the text holds a character that cannot be shown.", "Type it again.")
    return text


def _host(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        pass
    if _ONLY_DIGITS_AND_DOTS.fullmatch(text):
        raise EntryValueError(f"{text!r} is no IP address.", "An IPv4 address has four numbers from 0 to 255.")
    if ":" in text:
        raise EntryValueError(f"{text!r} is no address.", "Write the port as a key of its own, port: 4370.")
    if len(text) > 253 or not all(_HOST_LABEL.fullmatch(label) for label in text.rstrip(".").split(".")):
        raise EntryValueError(
            f"{text!r} is no address.", "Write an IP address or a host name: letters, digits, - and dots."
        )
    return text


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise EntryValueError(f"{text!r} is no port.", "A port is a whole number from 1 to 65535; terminals use 4370.")
    return int(text)


def _transport(text: str) -> str:
    if text not in {"tcp", "udp"}:
        raise EntryValueError(f"{text!r} is no transport.", "It is tcp or udp.")
    return text


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zones = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")
        raise EntryValueError(
            f"{text!r} is no timezone.",
            f"{nearest(text, zones)}In Indonesia it is Asia/Jakarta (WIB), Asia/Makassar (WITA) or "
            "Asia/Jayapura (WIT).",
        ) from None
    return text


def _encoding(text: str) -> str:
    try:
        known = codecs.lookup(text)
    except (LookupError, ValueError):
        raise EntryValueError(
            f"{text!r} is no encoding.", f"{nearest(text, ('utf-8', 'cp1252', 'gbk', 'gb18030'))}Most use utf-8."
        ) from None
    if not known._is_text_encoding:  # noqa: SLF001 (codecs tell text from rot13 and zip nowhere else)
        raise EntryValueError(f"{text!r} is no encoding of text.", "Most terminals use utf-8.")
    return text


def _comm_key(text: str) -> str:
    if text.isdigit():
        raise EntryValueError(
            "this looks like the key itself, which must not stand in this file.",
            "Write a name here, and give the key as the credential comm-key-NAME or as EABSENSI_COMM_KEY_NAME.",
        )
    if not _KEY_NAME.fullmatch(text):
        raise EntryValueError("this cannot be the name of a comm key.", "A name has letters, digits, - and _ only.")
    return text


def _truth(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise EntryValueError(f"{text!r} is neither true nor false.", "Write true or false.")
    return text.lower() == "true"


def parse_date(text: str) -> date:
    """Read a date as devices.yaml and the command have it.

    Raises:
        EntryValueError: it is none.

    """
    try:
        found = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise EntryValueError(f"{text!r} is no date.", "Write year, month and day, e.g. 2026-01-05.")
    return found


_PARSERS: dict[str, Callable[[str], Any]] = {
    "serial": _serial,
    "unit": _plain,
    "name": _plain,
    "host": _host,
    "port": _port,
    "transport": _transport,
    "timezone": _timezone,
    "encoding": _encoding,
    "comm_key": _comm_key,
    "live": _truth,
    "enabled": _truth,
    "in_use_since": parse_date,
}
