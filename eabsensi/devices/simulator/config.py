"""What a simulated terminal is made of. Defaults are those of the captured devices (protocol §3, last line)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from eabsensi.clock import Clock, SystemClock
from eabsensi.devices.attlog import Layout
from eabsensi.devices.simulator.users import User

Transport = Literal["tcp", "udp", "both"]


class WhenFull(StrEnum):
    """What a terminal does with a punch when its log is full (protocol §2)."""

    REFUSE = "refuse"
    DELETE_OLDEST = "DelRecord"
    RING = "ISLR"


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalConfig:
    """How one simulated terminal is built; what happens to it later is said by its scenario verbs.

    Attributes:
        serial: identity, told as option ``~SerialNumber``.
        host: loopback address to listen on; any of 127.0.0.0/8.
        port: 0 chooses a free one; TCP and UDP share the number.
        transport: which of the two it speaks.
        timezone: IANA zone of the wall clock.
        clock: what time it really is.
        comm_key: 0..999999, 0 for none.
        lockout_after: wrong keys before it answers 2032.
        layout: record layout of the log.
        packed_short_records: whether the packed layout mixes in 4-byte records.
        records: made-up records in the log at the start.
        users: who is enrolled; None invents twenty with pins 1..20.
        user_bytes: 28 or 72; None chooses by layout, as devices do.
        encoding: of user names.
        when_full, delete_when_full: behaviour at capacity; the latter is DelRecord's number.
        told_capacity: the record capacity that the sizes tell, where it is not the true one.
        sizes_bytes: length of the sizes reply: 80, 92, 112, 36 (which ends with the count), or 4 zero bytes.
        sizes_by_index: whether a 1-byte payload asks for one field of the sizes.
        packet_bytes, udp_packet_bytes: largest payload of one DATA frame.
        inline_bytes: a buffer up to this size comes at once.
        always_long_form: whether even small reads come as PREPARE_DATA, DATA, ACK_OK.
        frozen_buffer: whether PREPARE copies the log (BW) instead of reading the live file later (TFT).
        trailing_bytes: zeros after the last record, which the size word does not count.
        live_size_word: whether the size word is that of the live file when it is read, not of what was prepared.
        largest_read: READ_BUFFER for more is refused; None for any.
        segment_bytes: least and most bytes of a TCP segment; None writes whole replies.
        seed: of every choice that looks random.
        delay_seconds: thinking time before each reply.
        bytes_per_second: bandwidth of the line towards the client; None is unlimited.
        packet_pause_seconds: pause after each packet; devices are believed to take 0.02.
        event_bytes: length of attendance events; None chooses by layout.
        unknown_option_is_empty: whether an unknown option is answered with an empty text instead of 2001.
        supports_time_range: whether inner command 10004 works.
        disable_has_effect: False on firmware that ignores 1003.
        connect_blocks_users: True on firmware that shows "working" during a session.
        strict_reply_ids: whether a lower reply id is dropped.
        backlog: TCP clients that may wait while one is served.

    """

    serial: str = "CJDE193560123"
    host: str = "127.0.0.1"
    port: int = 0
    transport: Transport = "tcp"
    device_name: str = "K40"
    platform: str = "ZLM60_TFT"
    firmware: str = "Ver 6.60 Apr 26 2016"
    mac: str = "00:17:61:10:20:30"
    options: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "Asia/Jakarta"
    clock: Clock = field(default_factory=SystemClock)
    comm_key: int = 0
    lockout_after: int = 5
    layout: Layout = Layout.FORTY
    packed_short_records: bool = True
    records: int = 0
    users: Sequence[User] | None = None
    user_bytes: Literal[28, 72] | None = None
    encoding: str = "utf-8"
    fingers: int = 0
    record_capacity: int = 100_000
    user_capacity: int = 10_000
    finger_capacity: int = 3_000
    face_capacity: int = 0
    when_full: WhenFull = WhenFull.REFUSE
    delete_when_full: int = 0
    told_capacity: int | None = None
    sizes_bytes: Literal[4, 36, 80, 92, 112] = 92
    sizes_by_index: bool = False
    packet_bytes: int = 1008
    udp_packet_bytes: int = 1024
    inline_bytes: int = 1024
    always_long_form: bool = False
    frozen_buffer: bool = False
    trailing_bytes: int = 0
    live_size_word: bool = False
    largest_read: int | None = None
    segment_bytes: tuple[int, int] | None = (24, 256)
    seed: int = 0
    delay_seconds: float = 0.0
    bytes_per_second: int | None = None
    packet_pause_seconds: float = 0.0
    event_bytes: int | None = None
    unknown_option_is_empty: bool = False
    supports_time_range: bool = False
    disable_has_effect: bool = True
    connect_blocks_users: bool = False
    strict_reply_ids: bool = True
    backlog: int = 1

    @property
    def short_layout(self) -> bool:
        """Whether records hold slot numbers instead of pins."""
        return self.layout in (Layout.EIGHT_UID, Layout.EIGHT_PACKED)

    @property
    def effective_user_bytes(self) -> int:
        """Bytes of one user record: old record layouts come with old user records."""
        default = 28 if self.short_layout or self.layout is Layout.SIXTEEN else 72
        return self.user_bytes or default

    @property
    def effective_event_bytes(self) -> int:
        """Bytes of one attendance event."""
        return self.event_bytes or (32 if self.effective_user_bytes == 72 else 12)
