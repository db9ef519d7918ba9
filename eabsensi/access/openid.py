"""OpenID Connect with one provider: authorization code with PKCE, and an ID token that is proven before it is believed.

OpenID Connect Core 1.0, sections 3.1.2 (the code), 3.1.3 (the token) and 3.1.3.7 (what has to be checked); Discovery
1.0, section 4. Needs the extra ``oidc``; nothing else imports this module.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from eabsensi.access.single_sign_on import Identity, ProviderUnavailableError, Ticket, UnprovenIdentityError

TIMEOUT_SECONDS: Final = 10.0
LEEWAY_SECONDS: Final = 60  # what two clocks may differ by
#: Signed by a key that only the provider has: neither "none" nor one of a shared secret (HS256) proves who signed.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")


@dataclass(frozen=True, slots=True)
class Client:
    """How the portal is known to the provider.

    Attributes:
        issuer: the provider's own name, an address.
        client_id: the portal's name there.
        client_secret: None where the provider wants none; PKCE protects the code either way.
        back: the portal's address to come back to.

    """

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    back: str


class OpenIdProvider:
    """One provider. Its own description is read when it is first needed, so that the portal starts without it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._http = httpx.Client(timeout=TIMEOUT_SECONDS)
        self._described: dict[str, Any] | None = None
        self._keys: KeySet | None = None

    def login_address(self, ticket: Ticket) -> str:
        """Give the address at which somebody logs in.

        Raises:
            ProviderUnavailableError: the provider cannot be reached, or does not describe itself as it should.

        """
        wanted = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.back,
            "scope": "openid profile",
            "state": ticket.state,
            "nonce": ticket.nonce,
            "code_challenge": ticket.challenge,
            "code_challenge_method": "S256",
        }
        at = self._endpoint("authorization_endpoint")
        return f"{at}{'&' if urlsplit(at).query else '?'}{urlencode(wanted)}"

    def identify(self, code: str, ticket: Ticket, now: datetime) -> Identity:
        """Exchange a code for the proof of who came.

        Raises:
            ProviderUnavailableError: the provider cannot be reached.
            UnprovenIdentityError: it does not take the code, or its proof does not hold.

        """
        claims = self._claims(self._redeem(code, ticket), ticket.nonce, now)
        username = claims.get("preferred_username")
        return Identity(
            self._client.issuer, claims["sub"], username.strip().lower() if isinstance(username, str) else ""
        )

    def _redeem(self, code: str, ticket: Ticket) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.back,
            "code_verifier": ticket.verifier,
        }
        auth: httpx.Auth = httpx.Auth()  # none
        secret, ways = self._client.client_secret, self._description().get("token_endpoint_auth_methods_supported")
        if secret is not None and (ways is None or "client_secret_basic" in ways):
            # RFC 6749 section 2.3.1: both are encoded as in a form first.
            auth = httpx.BasicAuth(quote(self._client.client_id, safe=""), quote(secret, safe=""))
        else:
            form |= {"client_id": self._client.client_id}
            form |= {} if secret is None else {"client_secret": secret}
        try:
            answer = self._http.post(self._endpoint("token_endpoint"), data=form, auth=auth)
        except httpx.HTTPError as cause:
            raise ProviderUnavailableError from cause
        if answer.status_code >= 500:
            raise ProviderUnavailableError
        found = _object_of(answer, UnprovenIdentityError).get("id_token")
        if answer.status_code != 200 or not isinstance(found, str):
            raise UnprovenIdentityError
        return found

    def _claims(self, token: str, nonce: str, now: datetime) -> dict[str, Any]:
        """Prove a token: its signature, who made it for whom, when, and for which log-in."""
        client_id = self._client.client_id
        wanted = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._client.issuer},
            aud={"essential": True, "value": client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = self._decoded(token).claims
            wanted.validate(claims)
        except (JoseError, ValueError) as cause:
            raise UnprovenIdentityError from cause
        audience = claims["aud"]
        others = isinstance(audience, list) and len(audience) > 1
        if claims.get("azp", None if others else client_id) != client_id or not claims["sub"]:
            raise UnprovenIdentityError
        return claims

    def _decoded(self, token: str) -> jwt.Token:
        """Check the signature; where its key is unknown, the provider may have changed its keys."""
        keys = self._keys or self._read_keys()
        try:
            return jwt.decode(token, keys, algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            return jwt.decode(token, self._read_keys(), algorithms=ALGORITHMS)

    def _read_keys(self) -> KeySet:
        found = self._get(self._endpoint("jwks_uri"))
        try:
            self._keys = KeySet.import_key_set({"keys": found["keys"]})
        except (JoseError, KeyError, TypeError, ValueError) as cause:
            raise ProviderUnavailableError from cause
        return self._keys

    def _endpoint(self, name: str) -> str:
        """Give an address of the provider, as safe as its issuer's."""
        at = self._description().get(name)
        if not isinstance(at, str) or urlsplit(at).scheme not in ("https", urlsplit(self._client.issuer).scheme):
            raise ProviderUnavailableError
        return at

    def _description(self) -> dict[str, Any]:
        if self._described is None:
            found = self._get(f"{self._client.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self._client.issuer:
                raise ProviderUnavailableError
            self._described = found
        return self._described

    def _get(self, address: str) -> dict[str, Any]:
        try:
            answer = self._http.get(address)
        except httpx.HTTPError as cause:
            raise ProviderUnavailableError from cause
        if answer.status_code != 200:
            raise ProviderUnavailableError
        return _object_of(answer, ProviderUnavailableError)


def _object_of(answer: httpx.Response, failure: type[Exception]) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError as cause:
        raise failure from cause
    if not isinstance(found, dict):
        raise failure
    return found
