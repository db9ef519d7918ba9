"""After the week: every terminal is mended and read once more, every mark is judged."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg

from scripts.soaking.collectors import Collectors
from scripts.soaking.week import Stage

_PATIENCE_SECONDS: Final = 180.0
#: Each terminal takes one more punch, on the week's Sunday, so that its log is surely read past all that happened.
_LAST_PUNCH: Final = datetime(2026, 10, 25, 10, 0)  # noqa: DTZ001  a device's clock has no zone

#: A log that is full and shows no sign of overwriting is read, and nothing is claimed of it (decision 14).
_READ_SINCE: Final = """
    SELECT count(DISTINCT serial) FROM poll JOIN device ON device.id = device_id
    WHERE outcome = 'ok' AND (poll.complete_through > %(since)s
        OR (poll.complete_through IS NULL AND poll.error LIKE 'The log is full,%%' AND poll.started_at > %(since)s))
"""
_OPEN_MARKS: Final = "SELECT count(*) FROM dirty_day WHERE on_date <= '2026-10-31'"


def settle(stage: Stage, collectors: Collectors) -> list[str]:
    """Mend everything and wait until all that can be read has been read and judged; give what did not come about."""
    terminals = [post.terminal for post in stage.city.posts]
    stage.calms += 1
    for post in stage.city.posts:
        stage.mend(post)
    for turn, post in enumerate(stage.city.posts):
        post.terminal.punch(post.pins[0], _LAST_PUNCH + timedelta(seconds=turn, hours=stage.calms))
    mended_at = datetime.now().astimezone()
    late: list[str] = []
    for what, query, arguments, wanted in (
        ("every terminal is read again", _READ_SINCE, {"since": mended_at}, len(terminals)),
        ("every mark is judged", _OPEN_MARKS, {}, 0),
    ):
        asked = _Asked(stage)
        if not _until(lambda: ask(stage.database.url(), query, arguments) == wanted, collectors, asked.again):  # noqa: B023  called at once
            late.append(what)
    return late


def ask(url: str, query: str, arguments: Mapping[str, Any] | tuple[Any, ...] = ()) -> Any:
    """Ask the database for one value."""
    with closing(psycopg.connect(url, connect_timeout=5)) as connection:
        row = connection.execute(query.encode(), arguments).fetchone()
    assert row is not None, "it always answers"
    return row[0]


class _Asked:
    """Asks for polls now and then, as an operator who waits does."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._next_at = 0.0

    def again(self) -> None:
        if time.monotonic() >= self._next_at:
            for post in self._stage.city.posts:
                self._stage.ask_for_poll(post)
            self._next_at = time.monotonic() + 8.0


def _until(is_so: Callable[[], bool], collectors: Collectors, meanwhile: Callable[[], None]) -> bool:
    gives_up_at = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < gives_up_at:
        collectors.look_after()
        meanwhile()
        if is_so():
            return True
        time.sleep(0.2)
    return False
