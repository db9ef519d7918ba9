"""Python's cycle collector, held off while a long log is decoded."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_pausing = 0
_was_enabled = False


@contextmanager
def collection_paused() -> Iterator[None]:
    """Keep the cycle collector from running, in every thread, until the last one leaves.

    For the moment in which a long log becomes hundreds of thousands of tuples. They hold plain values, so that none
    can be part of a cycle, yet each few hundred of them would make the collector walk over those before: a third of
    the decoding. Nor does it walk over them afterwards: they pass for old at once. Memory is freed as always; what
    waits are only other threads' cycles.
    """
    global _pausing, _was_enabled  # noqa: PLW0603  the collector is one for the whole process
    with _lock:
        if not _pausing:
            _was_enabled = gc.isenabled()
            gc.disable()
        _pausing += 1
    try:
        yield
    finally:
        with _lock:
            _pausing -= 1
            if not _pausing and _was_enabled:
                gc.freeze()
                gc.unfreeze()
                gc.enable()
