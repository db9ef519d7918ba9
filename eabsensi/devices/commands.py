"""Command and answer codes of the standalone protocol (port 4370)."""

from __future__ import annotations

from enum import IntEnum


class Command(IntEnum):
    """The codes that travel in the first field of a frame."""

    USER_WRITE = 8
    USERS_READ = 9
    OPTIONS_READ = 11
    OPTIONS_WRITE = 12
    ATTLOG_READ = 13
    CLEAR_DATA = 14
    CLEAR_ATTLOG = 15
    DELETE_USER = 18
    DELETE_USER_TEMPLATE = 19
    CLEAR_ADMIN = 20
    UNLOCK = 31
    OPLOG_READ = 34
    FREE_SIZES = 50
    TEMPLATE_WRITE = 87
    STATE = 64
    PIN_WIDTH = 69
    EVENT = 500
    CONNECT = 1000
    EXIT = 1001
    ENABLE_DEVICE = 1002
    DISABLE_DEVICE = 1003
    RESTART = 1004
    POWER_OFF = 1005
    REFRESH_DATA = 1013
    REFRESH_OPTION = 1014
    VERSION = 1100
    AUTH = 1102
    PREPARE_DATA = 1500
    DATA = 1501
    FREE_DATA = 1502
    PREPARE_BUFFER = 1503
    READ_BUFFER = 1504
    TIME_READ = 201
    TIME_WRITE = 202
    ACK_OK = 2000
    ACK_ERROR = 2001
    ACK_DATA = 2002
    ACK_RETRY = 2003
    ACK_REPEAT = 2004
    ACK_UNAUTH = 2005
    ACK_LOCKED_OUT = 2032
    ATTENDANCE_DISABLED = 4989
    SECURE_FIRMWARE = 6001
    ACK_DATA_ERROR = 65531
    ACK_NOT_INITIALISED = 65532
    ACK_INVALID = 65533
    ACK_UNKNOWN = 65535


#: What a collector must never send: it locks, empties or changes the terminal (design §4).
FORBIDDEN_WHILE_COLLECTING = frozenset(
    {
        Command.USER_WRITE,
        Command.OPTIONS_WRITE,
        Command.CLEAR_DATA,
        Command.CLEAR_ATTLOG,
        Command.DELETE_USER,
        Command.DELETE_USER_TEMPLATE,
        Command.CLEAR_ADMIN,
        Command.UNLOCK,
        Command.TEMPLATE_WRITE,
        Command.ENABLE_DEVICE,
        Command.DISABLE_DEVICE,
        Command.RESTART,
        Command.POWER_OFF,
        Command.REFRESH_DATA,
        Command.REFRESH_OPTION,
        Command.TIME_WRITE,
    },
)


def name_of(code: int) -> str:
    """Give a code's name for a message, e.g. ``ACK_OK (2000)``, or the bare number where it has none."""
    try:
        return f"{Command(code).name} ({code})"
    except ValueError:
        return str(code)
