"""An identity provider on loopback, with a key of its own, that says what a test wants it to say."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "eabsensi", "rahasia:dengan/tanda"


@dataclass
class FakeProvider:
    """Logs everybody in as ``subject`` and ``username``.

    ``lies`` replaces claims, ``signed_by`` and ``header`` how they are signed;
    ``seen`` holds the forms and the authorization header that came to the token endpoint.
    """

    issuer: str = ""
    subject: str = "a1b2"
    username: str = "operator"
    lies: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    signed_by: Any = None
    now: datetime | None = None
    description: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: list[tuple[dict[str, str], str | None]] = field(default_factory=list)
    is_down: bool = False

    def describe(self) -> dict[str, Any]:
        """What stands at the well-known address."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        } | self.description

    def log_in(self, address: str) -> str:
        """Stand for the person who logs in at the provider: give where the browser is led back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.asked)}"
        self.asked[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def redeem(self, form: dict[str, str], auth: str | None) -> tuple[int, dict[str, Any]]:
        """Exchange a code for a token, once, for whoever has the verifier and the secret."""
        self.seen.append((form, auth))
        asked = self.asked.pop(form.get("code", ""), None)
        if asked is None or not self._is_client(form, auth) or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"id_token": self._token(asked["nonce"]), "token_type": "Bearer"}

    def _is_client(self, form: dict[str, str], auth: str | None) -> bool:
        if auth is None:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        return base64.b64decode(auth.removeprefix("Basic ")).decode() == f"{CLIENT_ID}:rahasia%3Adengan%2Ftanda"

    def _token(self, nonce: str) -> str:
        assert self.now
        at = int(self.now.timestamp())
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT_ID,
            "iat": at,
            "exp": at + 300,
            "nonce": nonce,
            "preferred_username": self.username,
        } | self.lies
        told = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        if header["alg"] == "none":
            parts = (json.dumps(part).encode() for part in (header, told))
            return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), ""])
        return jwt.encode(header, told, self.signed_by or self.key, algorithms=[header["alg"]])


@contextlib.contextmanager
def providing(provider: FakeProvider) -> Iterator[FakeProvider]:
    """Serve a provider on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers = {
                "/.well-known/openid-configuration": provider.describe,
                "/keys": lambda: {"keys": [provider.key.as_dict(private=False)]},
            }
            self._send(200, answers[self.path]())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._send(*provider.redeem(form, self.headers.get("authorization")))

        def _send(self, status: int, found: dict[str, Any]) -> None:
            body = json.dumps(found).encode()
            self.send_response(503 if provider.is_down else status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
