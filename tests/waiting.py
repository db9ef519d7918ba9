"""Waiting for something to become true, without a fixed sleep."""

from __future__ import annotations

import select
from collections.abc import Callable
from time import monotonic

PATIENCE_SECONDS = 30.0


def until(is_so: Callable[[], object], what: str = "it") -> None:
    """Look again and again until it is so; fail when patience ends."""
    ends_at = monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert monotonic() < ends_at, f"{what} did not become true in {PATIENCE_SECONDS:g} s"
        select.select([], [], [], 0.01)
