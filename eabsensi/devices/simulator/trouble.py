"""What is wrong with a terminal at the moment: set by scenario verbs, obeyed by service and line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from eabsensi.devices.frames import Frame


class Moment(Enum):
    """Where in the reading of a log something can happen."""

    BEFORE_SIZES = "before the sizes are answered"
    BEFORE_PREPARE = "between sizes and PREPARE_BUFFER"
    BEFORE_READ = "between PREPARE_BUFFER and READ_BUFFER"


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the line is cut.

    Attributes:
        after_bytes: bytes that still get out.
        always: cut every time, not once.
        of: count the bytes of the answers that carry the log, or all bytes of the connection.
        hard: reset the connection instead of closing it.

    """

    after_bytes: int
    always: bool = False
    of: Literal["transfer", "connection"] = "transfer"
    hard: bool = False


@dataclass(slots=True)
class Trouble:
    """All troubles of one terminal; the defaults are a healthy one."""

    silent: bool = False
    foreign: bytes | None = None
    secure_firmware: bool = False
    attendance_disabled: bool = False
    empty_log_is_error: bool = False
    offsets_ignored: Literal["no", "sequential", "zero"] = "no"
    sizes_count: int | None = None
    total_error: int = 0
    total_error_in: Literal["prepare", "body"] = "prepare"
    download_new_log: bool = False
    refuse: dict[int, list[int]] = field(default_factory=dict)
    before: dict[Moment, list[Callable[[], object]]] = field(default_factory=dict)
    next_session_ids: list[int] = field(default_factory=list)
    cut: Cut | None = None
    ignored_requests: int = 0
    dropped_replies: int = 0
    late_replies: int = 0
    stale_replies: int = 0
    events_inside: list[Frame] = field(default_factory=list)
    corrupt_replies: int = 0
    duplicate_datagrams: bool = False
    reorder_datagrams: bool = False
    reverse_datagrams: bool = False
    lose_datagrams: int = 0
    lose_every: int = 0
    wedge_when_pipelined: bool = False
    reset_orphans: bool = False
    short_replies: int = 0
    hang_after: int | None = None

    def happen(self, moment: Moment) -> None:
        """Let happen, once, what was planned for a moment."""
        for action in self.before.pop(moment, []):
            action()

    def plan(self, moment: Moment, action: Callable[[], object]) -> None:
        """Plan an action for the next time that ``moment`` comes."""
        self.before.setdefault(moment, []).append(action)
