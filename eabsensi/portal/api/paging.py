"""Pages of a list: cursors, and the envelope around the rows."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Annotated, Any, Final, TypeAlias

from fastapi import Query
from fastapi.responses import Response

from eabsensi.errors import UsageError
from eabsensi.portal.api.calling import Call
from eabsensi.reports.feeding import Feed, FeedPage, Key

MOST_ROWS: Final = 1000
CursorQuery: TypeAlias = Annotated[
    str | None,
    Query(
        max_length=600,
        pattern="^[A-Za-z0-9_-]+$",
        description="`next` of the page before. It belongs to the same list and questions; another is refused.",
    ),
]
LimitQuery: TypeAlias = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows on a page, at most.")]


def cursor_of(kind: str, after: Key | None) -> str | None:
    """Write where a list goes on; None where it ends."""
    if after is None:
        return None
    return base64.urlsafe_b64encode(json.dumps([kind, *after]).encode()).decode().rstrip("=")


def read_cursor(kind: str, size: int, cursor: str | None) -> Key | None:
    """Read where a list goes on.

    Args:
        kind: of the list.
        size: parts that its keys have.
        cursor: as it came; None begins.

    Raises:
        UsageError: it is no cursor of this list.

    """
    if cursor is None:
        return None
    try:
        found = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        found = None
    is_key = isinstance(found, list) and all(isinstance(part, str) and _is_text(part) for part in found)
    if not is_key or len(found) != size + 1 or found[0] != kind:
        raise UsageError("The cursor is none of this list.", remedy="Begin again without it.")
    return tuple(found[1:])


def _is_text(part: str) -> bool:
    """Whether the database could hold it: a forged cursor is a wrong request, no fault of ours."""
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in part)


def answer(call: Call, kind: str, about: str, unit: str | None, asked: tuple[Feed[Any], Key | None, int]) -> Response:
    """Cut a page of a feed, note that it was read, and send it.

    Args:
        call: who asks.
        kind: of the list.
        about: the day, month or year, for the trail.
        unit: what it is about.
        asked: the feed, where the page begins, and the rows on it.

    """
    feed, after, limit = asked
    return send(call, kind, about, unit, (feed, feed.page(after, limit)))


def send(call: Call, kind: str, about: str, unit: str | None, found: tuple[Feed[Any], FeedPage]) -> Response:
    """Note that a page was read, and send it; with 304 and no rows where the program has the same ones already."""
    feed, page = found
    call.note(f"{kind} {about}".strip(), unit, len(page.rows))
    rows = "".join((",\n" if place else "\n") + row for place, row in enumerate(page.rows))
    following = json.dumps(cursor_of(kind, page.after))
    said = f'"policy_version": {json.dumps(feed.policy_version)}, "complete": {json.dumps(feed.complete)}'
    tag = _tag(rows, following, said)
    if tag in (entry.strip() for entry in call.request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers={"ETag": tag})
    body = f'{{"rows": [{rows}\n], "next": {following}, "as_of": "{feed.as_of.isoformat()}", {said}}}\n'
    return Response(body, media_type="application/json", headers={"ETag": tag})


def _tag(*parts: str) -> str:
    """Give the weak tag of what is said: the instant is left out, so that equal figures have equal tags."""
    return f'W/"{hashlib.sha256("".join(parts).encode()).hexdigest()[:32]}"'
