"""A device's USB dump (attlog.dat): lines of text, one punch each.

A line is PIN, date and time, number of the device, punch state, verify mode, work code, parted by tabs, the PIN padded
with blanks. Some firmware puts the serial number on a line above and a checksum on a line below. (The order is that
of the vendor's own USB example program; public files agree with it.)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from eabsensi.devices.attlog import Punch, UnreadableRecord
from eabsensi.errors import EabsensiError, Problem
from eabsensi.importing.counts import ImportCounts, RowsRead, counting, no_progress
from eabsensi.importing.fields import nearest
from eabsensi.store.devices import find_device, list_devices
from eabsensi.store.deviceslots import SlotTable, slot_tables
from eabsensi.store.dirty import mark_touched
from eabsensi.store.ingest import import_dump
from eabsensi.store.people import Connection

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: How XLSX (a ZIP file) and the old XLS begin.
_WORKBOOK_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_LINE = re.compile(rb"\s*(?P<pin>[!-~]{1,24})\s+(?P<day>\d{4}-\d\d-\d\d)[ T](?P<time>\d\d:\d\d:\d\d)(?P<rest>\s.*)?")
_SERIAL_LINE = re.compile(rb"[A-Za-z0-9]{6,32}")
_CHECKSUM_LINE = re.compile(rb"[0-9A-Fa-f]{1,32}")
_FILE_NAME = re.compile(r"(?P<serial>.+?)_attlog\.dat", re.IGNORECASE)
_GREATEST_STATE = 255
_GREATEST_WORKCODE = 2**32 - 1
_MOST_DIGITS = 20
_MOST_SHOWN = 10


class DumpError(EabsensiError):
    """The USB dump cannot be taken for this device."""


@dataclass(frozen=True, slots=True)
class Dump:
    """A USB dump, read.

    Attributes:
        serial: the serial number on its first line, ``""`` where it has none.
        punches: the good lines, in file order; ``raw`` is the line without its end.
        unreadable: lines whose meaning is lost, e.g. dated 31 February; kept aside with their bytes.
        problems: a problem for each unreadable and each broken line.

    """

    serial: str
    punches: list[Punch]
    unreadable: list[UnreadableRecord]
    problems: list[Problem]


def import_usb_dump(
    connection: Connection, serial: str, path: Path, received_at: datetime, *, rows_read: RowsRead = no_progress
) -> tuple[ImportCounts, list[Problem]]:
    """Import a USB dump; punches that are stored already, from the log or an earlier dump, stay as they are.

    Args:
        connection: a transaction of the store; the good lines are written in it.
        serial: of the device that the dump came from.
        path: the dump.
        received_at: the present instant.
        rows_read: told now and then how many lines have been read.

    Returns:
        new and known punches, and lines that could not be used; and a problem for each of those.

    Raises:
        DumpError: the device is unknown, the dump is another device's, or the file is empty or cannot be read.

    """
    device = find_device(connection, serial)
    serials = [stored.serial for stored in list_devices(connection)]
    if device is None:
        remedy = f"{nearest(serial, serials)}Register it first: eabsensi device add."
        raise DumpError(f"There is no device {serial}.", remedy=remedy)
    content = _content(path)
    _refuse_workbook(content, path)
    dump = parse_dump(content, path.name, rows_read=rows_read)
    _refuse_foreign(dump, path, serial, serials)
    _refuse_empty(dump, content, path)
    dump = _without_other_slots(dump, slot_tables(connection, [serial]))
    result = import_dump(connection, device.id, device.timezone, dump.punches, dump.unreadable, received_at)
    mark_touched(connection, device.id, result.touched, "USB dump")
    return ImportCounts(result.new, 0, result.known, len(dump.problems)), dump.problems


def parse_dump(content: bytes, file: str, *, rows_read: RowsRead = no_progress) -> Dump:
    """Read a dump's bytes; a broken line is a problem and never stops the good ones.

    Args:
        content: the whole file.
        file: its name, for the problems.
        rows_read: told now and then how many lines have been read.

    """
    lines = [(number, line.rstrip()) for number, line in enumerate(_lines(content), start=1) if line.strip()]
    serial = ""
    if lines and _SERIAL_LINE.fullmatch(lines[0][1].strip()):
        serial = lines.pop(0)[1].strip().decode("ascii")
        if lines and _CHECKSUM_LINE.fullmatch(lines[-1][1].strip()):
            lines.pop()
    dump = Dump(serial, [], [], [])
    for number, line in counting(lines, rows_read):
        _parse_line(line, f"{file} line {number}", dump)
    return dump


def _lines(content: bytes) -> list[bytes]:
    return content.removeprefix(_BYTE_ORDER_MARK).replace(b"\r\n", b"\n").split(b"\n")


def _parse_line(line: bytes, where: str, dump: Dump) -> None:
    match = _LINE.fullmatch(line)
    if match is None:
        shown = line[:60].decode("ascii", errors="backslashreplace").strip()
        what = f"the line is no punch ({shown!r}); it was left out."
        dump.problems.append(Problem(where, what, "A punch has a PIN, a tab, and a time such as 2026-01-31 07:15:00."))
        return
    pin = match["pin"].decode("ascii")
    written = f"{match['day'].decode()} {match['time'].decode()}"
    try:
        device_time = datetime.fromisoformat(written)
    except ValueError:
        reason = f"{written} is no time of the calendar"
        dump.unreadable.append(UnreadableRecord(line, reason, pin))
        dump.problems.append(Problem(where, f"{reason}; the line is kept aside, as an unreadable record of PIN {pin}."))
        return
    dump.punches.append(_punch(pin, device_time, match["rest"] or b"", line))


def _punch(pin: str, device_time: datetime, rest: bytes, line: bytes) -> Punch:
    """Read the columns after the time; one that is missing or no small number stays unknown, never 0."""
    columns = rest.lstrip(b" ").removeprefix(b"\t").split(b"\t") if b"\t" in rest else rest.split()
    return Punch(
        pin=pin,
        device_time=device_time,
        verify_mode=_number(columns, 2, _GREATEST_STATE),
        punch_state=_number(columns, 1, _GREATEST_STATE),
        workcode=_number(columns, 3, _GREATEST_WORKCODE),
        raw=line,
    )


def _number(columns: Sequence[bytes], place: int, greatest: int) -> int | None:
    text = columns[place].strip() if place < len(columns) else b""
    # Of thousands of digits Python makes no number at all.
    is_number = text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_number and int(text) <= greatest else None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as cause:
        raise DumpError(f"{path} cannot be read: {cause.strerror}.", remedy="Check the name and its rights.") from cause


def _refuse_workbook(content: bytes, path: Path) -> None:
    """Refuse what a spreadsheet saved, in one sentence instead of one for each line of its bytes."""
    if content.startswith(_WORKBOOK_MARKS):
        remedy = "Take the file that the terminal wrote, e.g. attlog.dat, as it came from the USB stick."
        raise DumpError(f"{path} is a workbook and no USB dump of a terminal.", remedy=remedy)


def _refuse_empty(dump: Dump, content: bytes, path: Path) -> None:
    """Refuse a dump in which nothing stands: it is a copy that failed, or a terminal that had nothing to write."""
    if not dump.punches and not dump.problems:
        what = "holds no punch" if content.strip() else "is empty"
        remedy = "Compare with the file on the USB stick; if it is the same, the terminal had no punches to write."
        raise DumpError(f"{path} {what}; nothing was written.", remedy=remedy)


def _without_other_slots(dump: Dump, tables: Sequence[SlotTable]) -> Dump:
    """Leave out lines whose PIN is another person's in the log, where records name slots and a dump the user id."""
    if not tables:
        return dump
    [table] = tables
    same = {pin for pin, seat in table.seats.items() if not seat.differs}
    good = [punch for punch in dump.punches if punch.pin in same]
    others = sorted({punch.pin for punch in dump.punches} - same, key=lambda pin: (len(pin), pin))
    if not others:
        return dump
    shown = ", ".join(others[:_MOST_SHOWN]) + (", …" if len(others) > _MOST_SHOWN else "")
    problem = Problem(
        f"device {table.serial}",
        f"its log names slots and a dump user ids, and {len(others)} user ids are not known to be their own slot "
        f"({shown}); {len(dump.punches) - len(good):,} lines were left out, for another person might get them.",
        f"Run `eabsensi device users {table.serial}`, read the log over the network, and keep the file.",
    )
    return replace(dump, punches=good, problems=[*dump.problems, problem])


def _refuse_foreign(dump: Dump, path: Path, serial: str, serials: Sequence[str]) -> None:
    """Refuse a dump that another device wrote; its file name tells where it is the serial of a registered device."""
    match = _FILE_NAME.fullmatch(path.name)
    named = match["serial"] if match and match["serial"] in serials else ""
    writer = dump.serial or named
    if writer and writer != serial:
        place = "its first line" if dump.serial else "its name"
        raise DumpError(
            f"{path} comes from the device {writer}, as {place} says, not from {serial}.",
            remedy=f"Import it with --device {writer}.",
        )
