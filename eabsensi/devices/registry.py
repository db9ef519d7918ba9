"""devices.yaml: the terminals of the city, edited by hand or by command.

Reading keeps the good devices and reports the others with file, line and key. Editing changes the lines of one device
and no other byte, so comments, order and habits survive; it writes a new file beside the old one and renames it, under
a lock that a second command waits for.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from eabsensi.devices.registryentry import (
    Device,
    EntryValueError,
    check_device,
    line_of,
    nearest,
    parse_entry,
    serial_written,
)
from eabsensi.errors import EabsensiError, Problem

__all__ = ["Device", "Registry", "RegistryError", "add_device", "read_registry", "remove_device", "set_enabled"]

_NEW_FILE = "# The terminals of the city. Edit by hand, or with: eabsensi device add|enable|disable|remove\ndevices:\n"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.]*(?:[ ,/-]+[A-Za-z0-9_.]+)*")
_RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


class RegistryError(EabsensiError):
    """The list of devices cannot be changed as asked."""


@dataclass(frozen=True, slots=True)
class Registry:
    """What devices.yaml says.

    Attributes:
        devices: the good ones, in file order.
        problems: the others, each with file, line and key.
        refused: serials of entries that have problems. A device that is missing from ``devices`` was taken out on
            purpose only if it is not among them, and only if the registry is not ``unreadable``.
        unreadable: whether the file as a whole is missing or no YAML, so that nothing is known of any device.

    """

    devices: list[Device]
    problems: list[Problem]
    refused: frozenset[str] = frozenset()
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class _Document:
    """The file as text, with the marks of its entries."""

    text: str
    devices: SequenceNode | None
    entries: list[Node]


def read_registry(path: Path) -> Registry:
    """Read devices.yaml; the good devices are kept, whatever is wrong with the others."""
    try:
        text = _read_text(path)
    except RegistryError as trouble:
        return Registry([], [Problem(str(path), str(trouble.args[0]), trouble.remedy)], unreadable=True)
    document, problems = _compose(text, str(path))
    unreadable = bool(problems) and document.devices is None
    refused: set[str] = set()
    devices: list[Device] = []
    lines: dict[str, int] = {}
    for node in document.entries:
        device, troubles = parse_entry(node, str(path))
        if device is not None:
            troubles = _clashes(device, node, devices, lines, str(path))
            if not troubles:
                devices.append(device)
                lines[device.serial] = line_of(node)
        if troubles:
            refused.add(serial_written(node))
        problems += troubles
    return Registry(devices, problems, frozenset(refused - {"", *lines}), unreadable)


def add_device(path: Path, device: Device) -> None:
    """Append a device to devices.yaml; makes the file where there is none.

    Raises:
        RegistryError: the serial or the address is taken, a value cannot be used, or the file cannot be read.

    """
    try:
        check_device(device)
    except EntryValueError as trouble:
        raise RegistryError(f"The device cannot be added: {trouble}", remedy=trouble.remedy) from trouble
    with _editing(path) as document:
        before = read_registry(path).devices
        lines = {serial_written(node): line_of(node) for node in document.entries}
        if device.serial.lower() in {serial.lower() for serial in lines}:
            line = next(number for serial, number in lines.items() if serial.lower() == device.serial.lower())
            raise RegistryError(
                f"{path} line {line} already has the device {device.serial}.",
                remedy="Change it there, or remove it first: eabsensi device remove.",
            )
        for other in before:
            if other.address == device.address:
                raise RegistryError(
                    f"{path} line {lines[other.serial]}: {other.serial} already has the address "
                    f"{device.host} port {device.port} ({device.transport}).",
                    remedy="Two terminals cannot share an address; remove the old one if it was replaced.",
                )
        _write(path, _appended(document, device))


def set_enabled(path: Path, serial: str, enabled: bool) -> None:
    """Switch collecting from a device on or off, in devices.yaml.

    Raises:
        RegistryError: the file has no such device, or cannot be read.

    """
    with _editing(path) as document:
        entry = _find(path, document, serial)
        _write(path, _with_enabled(document.text, entry, "true" if enabled else "false"))


def remove_device(path: Path, serial: str) -> None:
    """Take a device out of devices.yaml; comments around it stay.

    Raises:
        RegistryError: the file has no such device, or cannot be read.

    """
    with _editing(path) as document:
        _write(path, _without(document, _find(path, document, serial)))


# --- reading -------------------------------------------------------------------------------------------------------


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise RegistryError(
            "there is no such file.", remedy="eabsensi device add makes it; EABSENSI_DEVICES may name another."
        ) from None
    except UnicodeDecodeError as cause:
        raise RegistryError(f"the file is not in UTF-8 (byte {cause.start}).", remedy="Save it as UTF-8.") from cause
    except OSError as cause:
        raise RegistryError(f"the file cannot be read: {cause.strerror}.", remedy="Check its rights.") from cause


def _compose(text: str, file: str) -> tuple[_Document, list[Problem]]:
    nothing = _Document(text, None, [])
    try:
        # Not "rt": its scanner trips over some comments, and nobody asks for them here.
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as cause:
        return nothing, [_syntax_problem(cause, text, file)]
    except YAMLError as cause:
        return nothing, [Problem(file, f"this is no YAML: {str(cause).splitlines()[0]}.", "Type the text again.")]
    except (RecursionError, ValueError, OverflowError):
        # Lists within lists a thousand deep, or an escape with the number of no letter.
        return nothing, [Problem(file, "this is no list of devices.", "Begin it with devices: and a dash for each.")]
    if root is None:
        return nothing, []
    if not isinstance(root, MappingNode):
        return nothing, [Problem(file, "the file must begin with devices:", "Put devices: above the list.")]
    document, problems = nothing, []
    for key, value in root.value:
        where = f"{file} line {line_of(key)} key {key.value}"
        if key.value != "devices":
            remedy = f"{nearest(str(key.value), ['devices'])}The file holds one key, devices:."
            problems.append(Problem(where, "there is no such key.", remedy))
        elif isinstance(value, SequenceNode):
            document = _Document(text, value, list(value.value))
        elif str(value.value).strip() and not value.tag.endswith(":null"):
            problems.append(Problem(where, "a list of devices is wanted here.", "Begin each device with a dash."))
    return document, problems


def _syntax_problem(cause: MarkedYAMLError, text: str, file: str) -> Problem:
    mark = cause.problem_mark or cause.context_mark
    line = int(mark.line) if mark else 0
    lines = text.splitlines()
    written = lines[line] if line < len(lines) else ""
    where = f"{file} line {line + 1}"
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return Problem(where, "a tab stands at the beginning of the line.", "YAML is indented with spaces only.")
    if cause.context_mark is not None and cause.context_mark.line != line:
        where += f" (begun on line {int(cause.context_mark.line) + 1})"
    return Problem(where, f"this is no valid YAML: {cause.problem}.", "No device can be read until it is mended.")


def _clashes(device: Device, node: Node, good: list[Device], lines: dict[str, int], file: str) -> list[Problem]:
    where = f"{file} line {line_of(node)}"
    for other in good:
        first = lines[other.serial]
        if other.serial.lower() == device.serial.lower():
            what = f"{device.serial} is already on line {first}; this one is ignored."
            return [Problem(f"{where} key serial", what, "Keep one of them.")]
        if other.address == device.address:
            what = f"{device.serial} has the same address as {other.serial} on line {first}; this one is ignored."
            return [Problem(f"{where} key host", what, "Two terminals cannot share host, port and transport.")]
    return []


# --- editing -------------------------------------------------------------------------------------------------------


@contextmanager
def _editing(path: Path) -> Iterator[_Document]:
    target = path.resolve()
    try:
        folder = os.open(target.parent, os.O_RDONLY)
    except OSError as cause:
        raise RegistryError(f"{path} cannot be written: {cause.strerror}.", remedy="Check the folder.") from cause
    try:
        # the folder is locked and not the file: the file is replaced by each edit
        fcntl.flock(folder, fcntl.LOCK_EX)
        text = _read_text(target) if target.exists() else _NEW_FILE
        document, _ = _compose(text, str(path))
        if document.devices is None:
            _refuse_unreadable(text, path)
        yield document
    finally:
        os.close(folder)


def _refuse_unreadable(text: str, path: Path) -> None:
    _, problems = _compose(text, str(path))
    if problems:
        raise RegistryError(f"{problems[0].where}: {problems[0].what}", remedy="Mend the file first, then try again.")


def _find(path: Path, document: _Document, serial: str) -> MappingNode:
    for node in document.entries:
        if isinstance(node, MappingNode) and serial_written(node) == serial:
            return node
    known = [serial_written(node) for node in document.entries]
    raise RegistryError(
        f"{path} has no device {serial}.", remedy=f"{nearest(serial, known)}eabsensi device list shows them."
    )


def _appended(document: _Document, device: Device) -> str:
    text, devices = document.text, document.devices
    newline = "\r\n" if "\r\n" in text else "\n"
    if devices is not None and devices.flow_style and devices.value:
        raise RegistryError("The list of devices is written on one line in [ ].", remedy="Give each a line and a dash.")
    if devices is None or not devices.value:
        if devices is None and not re.search(r"^devices\s*:", text, re.MULTILINE):
            text = _with_newline(text, newline) + "devices:" + newline
        elif devices is not None:
            text = str(text[: devices.start_mark.index]).rstrip(" ") + str(text[devices.end_mark.index :])
        return _with_newline(text, newline) + _block(device, "  ", newline)
    lines = text.splitlines(keepends=True)
    end = _last_line(devices.value[-1]) + 1
    head = _with_newline("".join(lines[:end]), newline)
    return head + _block(device, " " * devices.start_mark.column, newline) + "".join(lines[end:])


def _block(device: Device, indent: str, newline: str) -> str:
    standard = {field.name: field.default for field in fields(Device)}
    kept = {"port", "transport", "timezone", "encoding", "enabled"}
    pairs = [
        f"{field.name}: {_written(value)}"
        for field in fields(Device)
        if (value := getattr(device, field.name)) is not None and (value != standard[field.name] or field.name in kept)
    ]
    lines = [f"{indent}- {pairs[0]}", *(f"{indent}  {pair}" for pair in pairs[1:])]
    return newline.join(lines) + newline


def _written(value: object) -> str:
    """Write a scalar so that every YAML reader gets the same text back; what looks like a number is quoted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, date)):
        return str(value)
    text = str(value)
    # 1e5, 0123 and 12:30 are numbers to some readers; a serial such as 4E12 too
    looks_odd = not _PLAIN.fullmatch(text) or text.lower() in _RESERVED
    is_address = re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}", text)
    return json.dumps(text, ensure_ascii=False) if looks_odd and not is_address else text


def _with_enabled(text: str, entry: MappingNode, truth: str) -> str:
    for key, value in entry.value:
        if key.value == "enabled":
            start, end = value.start_mark.index, value.end_mark.index
            gap = " " if text[start - 1 : start] == ":" else ""
            return f"{text[:start]}{gap}{truth}{text[end:]}"
    if entry.flow_style:
        end = int(entry.end_mark.index) - 1
        return text[:end].rstrip() + f", enabled: {truth}" + text[end:]
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    after = _last_line(entry) + 1
    head = _with_newline("".join(lines[:after]), newline)
    return head + " " * int(entry.start_mark.column) + f"enabled: {truth}" + newline + "".join(lines[after:])


def _without(document: _Document, entry: MappingNode) -> str:
    devices = document.devices
    if devices is None or devices.flow_style:
        raise RegistryError("The list of devices is written on one line in [ ].", remedy="Take the device out by hand.")
    lines = document.text.splitlines(keepends=True)
    first = int(entry.start_mark.line)
    while not lines[first].lstrip().startswith("-"):
        first -= 1
    return "".join(lines[:first] + lines[_last_line(entry) + 1 :])


def _last_line(node: Node) -> int:
    """Give the last line, from 0, that belongs to a node; comments below it do not."""
    if isinstance(node, ScalarNode):
        mark = node.end_mark
        return int(mark.line) - (1 if mark.column == 0 and mark.line > node.start_mark.line else 0)
    if not isinstance(node, (MappingNode, SequenceNode)) or node.flow_style or not node.value:
        return int(node.end_mark.line)
    inner = [part for pair in node.value for part in pair] if isinstance(node, MappingNode) else node.value
    return max(_last_line(part) for part in inner)


def _with_newline(text: str, newline: str) -> str:
    return text if not text or text.endswith("\n") else text + newline


def _write(path: Path, text: str) -> None:
    target = path.resolve()
    _refuse_unreadable(text, path)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text.encode("utf-8"))
            stream.flush()
            _keep_rights(target, stream.fileno())
            os.fsync(stream.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _keep_rights(target: Path, descriptor: int) -> None:
    if not target.exists():
        os.fchmod(descriptor, 0o644)
        return
    before = target.stat()
    os.fchmod(descriptor, before.st_mode & 0o7777)
    if os.geteuid() == 0:
        os.fchown(descriptor, before.st_uid, before.st_gid)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
