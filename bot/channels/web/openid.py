"""The municipality's own sign-in, by OpenID Connect: the way there, and what comes back (OpenID Connect Core 1.0, 3.1;
PKCE, RFC 7636).

Nothing of it is kept but the provider's own description, for an hour. Not here: whose login it is
(bot.features.second_proof.municipality).
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bot import codes

log = logging.getLogger(__name__)
TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
LARGEST: Final = 500_000  # bytes of an answer
KNOWN_FOR: Final = 3600  # seconds for which the provider's description is not asked for again
LEEWAY: Final = 60  # seconds by which its clock may differ
SIGNED_BY: Final = ("RS256", "PS256", "ES256")  # not by a secret of two, and never by none


class SignInFailed(Exception):
    """The provider can't be reached, or what it says can't be believed. One word for the log."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """What one sign-in hangs on. All three are known to who began it alone."""

    state: str
    nonce: str
    verifier: str  # RFC 7636: 43 characters or more


@dataclass(frozen=True, slots=True)
class _Provider:
    authorise: str
    token: str
    keys: str


@dataclass(slots=True)
class OpenId:
    issuer: str
    client_id: str
    client_secret: str
    clock: Callable[[], float]
    _provider: tuple[float, _Provider] | None = None

    async def address(self, begun: SignIn, back: str) -> str:
        """Where the browser is sent. `back`: where it comes back. Raises SignInFailed."""
        provider = await self._described()
        challenge = codes.of_bytes(hashlib.sha256(begun.verifier.encode()).digest())
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": back,
            "scope": "openid",
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "prompt": "login",  # who sits there is asked, not who sat there this morning
        }
        return f"{provider.authorise}{'&' if urlsplit(provider.authorise).query else '?'}{urlencode(asked)}"

    async def subject(self, begun: SignIn, code: str, back: str) -> str:
        """Who has signed in, by the provider's own name for them. Raises SignInFailed."""
        provider = await self._described()
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "code_verifier": begun.verifier,
        }
        answered = await self._fetch(provider.token, sent)
        keys = await self._fetch(provider.keys)
        token = answered.get("id_token")
        if not isinstance(token, str):
            raise SignInFailed("token")
        return self._checked(token, keys, begun)

    def _checked(self, token: str, keys: dict[str, Any], begun: SignIn) -> str:
        registry = jwt.JWTClaimsRegistry(
            now=int(self.clock()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": begun.nonce},
        )
        try:
            key_set = KeySet.import_key_set(keys)  # type: ignore[arg-type]  # it checks what came itself
            claims = jwt.decode(token, key_set, algorithms=SIGNED_BY).claims
            registry.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise SignInFailed(type(error).__name__) from None
        audience = claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != self.client_id:
            raise SignInFailed("azp")
        return str(claims["sub"])

    async def _described(self) -> _Provider:
        now = self.clock()
        if self._provider is not None and 0 <= now - self._provider[0] < KNOWN_FOR:
            return self._provider[1]
        told = await self._fetch(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != self.issuer:
            raise SignInFailed("issuer")
        found = [told.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        secure = urlsplit(self.issuer).scheme
        if not all(isinstance(each, str) and urlsplit(each).scheme == secure for each in found):
            raise SignInFailed("discovery")
        provider = _Provider(*map(str, found))
        self._provider = (now, provider)
        return provider

    async def _fetch(self, url: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        """A JSON object, or SignInFailed. It follows nobody elsewhere."""
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()) as session,
                session.request("GET" if form is None else "POST", url, data=form, allow_redirects=False) as response,
            ):
                if response.status != 200:
                    raise SignInFailed(f"status-{response.status}")
                found = json.loads(await _whole(response.content))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise SignInFailed(type(error).__name__) from None
        if not isinstance(found, dict):
            raise SignInFailed("answer")
        return found


async def _whole(body: aiohttp.StreamReader) -> bytes:
    """Raises SignInFailed where it is larger than any such answer; nothing more of it is taken then."""
    found = bytearray()
    async for piece in body.iter_any():
        found += piece
        if len(found) > LARGEST:
            raise SignInFailed("too-large")
    return bytes(found)
