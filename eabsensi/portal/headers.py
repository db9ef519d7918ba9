"""What every answer of the portal carries, and what no request may: security headers, and a limit on bodies."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY_BYTES: Final = 2 * 1024 * 1024

#: No scripts at all: the pages need none, so nothing that slips into one can run.
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_NUL: Final = b"%00"
_TOO_LARGE: Final = (413, "Permintaan terlalu besar. / The request is too large.\n")
_MALFORMED: Final = (
    400,
    "Permintaan memuat karakter yang tidak sah. / The request holds a character that no text has.\n",
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SecurityHeaders:
    """Adds the headers; personal figures are never kept by a browser or a proxy, pictures and styles are."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._headers = dict(_HEADERS)
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_static = scope["path"].startswith("/static/")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "public, max-age=3600" if is_static else "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class RequestLimits:
    """Refuses bodies beyond the limit, whether or not they announce their length, and NUL, which no text holds."""

    def __init__(self, app: ASGIApp, *, most_bytes: int = MOST_BODY_BYTES) -> None:
        self._app = app
        self._most = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it with 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body, more = b"", True
        if _NUL in scope["query_string"] or _NUL in scope.get("raw_path", b""):
            await _refuse(_MALFORMED, scope, receive, send)
            return
        if self._announced(scope) > self._most:
            await _refuse(_TOO_LARGE, scope, receive, send)
            return
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._most:
                await _refuse(_TOO_LARGE, scope, receive, send)
                return
        if _NUL in body and not _is_file(scope):
            await _refuse(_MALFORMED, scope, receive, send)
            return
        whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, replay, send)

    @staticmethod
    def _announced(scope: Scope) -> int:
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        return int(length) if length.isdigit() else 0


def _is_file(scope: Scope) -> bool:
    """Whether a file comes, whose bytes may be any."""
    return any(name == b"content-type" and value.startswith(b"multipart/") for name, value in scope["headers"])


async def _refuse(told: tuple[int, str], scope: Scope, receive: Receive, send: Send) -> None:
    status, sentence = told
    answer: Response = PlainTextResponse(sentence, status_code=status)
    if scope["path"].startswith("/api/"):
        answer = JSONResponse({"error": {"status": status, "message": sentence.strip()}}, status_code=status)
    await answer(scope, receive, send)
