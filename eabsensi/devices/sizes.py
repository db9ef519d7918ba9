"""The terminal's counters: how many of each thing it holds, and how many it could (protocol §1.5). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Sizes:
    """What GET_FREE_SIZES told; None where the answer was too short to say, as some models' 4 bytes are.

    Attributes:
        users: enrolled users.
        fingers: fingerprint templates.
        records: attendance records in the log.
        finger_capacity, user_capacity, record_capacity: how many it can hold.

    """

    users: int | None = None
    fingers: int | None = None
    records: int | None = None
    finger_capacity: int | None = None
    user_capacity: int | None = None
    record_capacity: int | None = None

    @classmethod
    def parse(cls, payload: bytes) -> Self:
        """Read an answer of any length: 4, 80, 92 and 112 bytes have been seen."""
        return cls(
            users=_counter(payload, 16),
            fingers=_counter(payload, 24),
            records=_counter(payload, 32),
            finger_capacity=_capacity(payload, 56),
            user_capacity=_capacity(payload, 60),
            record_capacity=_capacity(payload, 64),
        )

    @property
    def is_full(self) -> bool:
        """Whether the log can take no more without dropping or refusing some."""
        return self.records is not None and self.record_capacity is not None and self.records >= self.record_capacity


def _counter(payload: bytes, at: int) -> int | None:
    """Read a 32-bit counter; a negative one is no count."""
    if len(payload) < at + 4:
        return None
    number = int.from_bytes(payload[at : at + 4], "little", signed=True)
    return number if number >= 0 else None


def _capacity(payload: bytes, at: int) -> int | None:
    """Read a capacity; a terminal that can hold nothing does not know its capacity."""
    return _counter(payload, at) or None
