"""The city's figures that take long, worked out before anybody asks for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from eabsensi.errors import EabsensiError
from eabsensi.portal.desk import SETTLED_SECONDS, Desk

log = structlog.get_logger(__name__)

#: So much longer than it works it rests, whatever is changed meanwhile: who asks for a page needs the processor too.
_RESTING = 9


@contextmanager
def keeping_warm(desk: Desk) -> Iterator[None]:
    """Work the figures out at once, every few minutes and after each change that is made here."""
    stopped = threading.Event()
    threading.Thread(target=_warm, args=(desk, stopped), name="warming", daemon=True).start()
    try:
        yield
    finally:
        stopped.set()
        desk.changed.set()


def _warm(desk: Desk, stopped: threading.Event) -> None:
    while not stopped.is_set():
        desk.changed.clear()
        began = desk.clock.monotonic()
        try:
            desk.warm()
        except EabsensiError as error:  # who asks for a page is told; here it is tried again
            log.warning("figures could not be worked out ahead", error=str(error))
        spent = desk.clock.monotonic() - began
        if not stopped.wait(min(_RESTING * spent, SETTLED_SECONDS)):
            desk.changed.wait(SETTLED_SECONDS)
