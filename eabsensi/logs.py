"""How the programs log: JSON lines under systemd or in a pipe, readable lines in a terminal; always on stderr.

Secrets are taken out of every line before it is written, whoever put them there.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_KEY = re.compile(r"comm_?key$|passw|secret|token|credential|database_url|^url$", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@]+@")
_HIDDEN = "***"


def configure(*, json: bool | None = None, level: int = logging.INFO) -> None:
    """Set up logging for this process.

    Args:
        json: JSON lines when true, readable lines when false; None decides by where the lines go.
        level: the lowest level that is written, as in :mod:`logging`.

    """
    as_json = not _read_by_a_person() if json is None else json
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *_rendering(as_json=as_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_stderr_logger,
        cache_logger_on_first_use=False,
    )


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take secrets out of a log line; a structlog processor."""
    for key, value in event.items():
        if _SECRET_KEY.search(key) and value is not None:
            event[key] = _HIDDEN
        elif isinstance(value, str):
            event[key] = _URL_PASSWORD.sub(rf"\g<before>{_HIDDEN}@", value)
    return event


def _rendering(*, as_json: bool) -> list[Any]:
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    # exceptions become text before secrets are taken out: a driver's message may repeat the database URL
    return [structlog.processors.format_exc_info, redact, renderer]


def _read_by_a_person() -> bool:
    under_systemd = "JOURNAL_STREAM" in os.environ or "INVOCATION_ID" in os.environ
    return sys.stderr.isatty() and not under_systemd


def _stderr_logger(*_: object) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)
