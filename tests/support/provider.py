"""A small provider of OpenID Connect, as a municipality has one: discovery, keys, sign-in and tokens over HTTP, signed
with a key of its own. What it says can be made wrong, claim by claim."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from bot import codes

CLIENT, SECRET = "besyv", "hemmelig"


@dataclass
class Provider:
    """`subject` signs in next. `wrong`: claims that are put in place of the right ones, or left out with None."""

    clock: Any
    issuer: str = ""
    subject: str = "lea@kommunen"
    wrong: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)  # in place of the discovery document's own
    other_key: bool = False
    algorithm: str = "RS256"
    exchanged: int = 0
    padding: int = 0  # characters by which its keys are longer: they come in several pieces then
    _key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    _asked: dict[str, dict[str, str]] = field(default_factory=dict)  # by code

    def signs_in(self, address: str) -> str:
        """Somebody signs in at the address that they were sent to: where their browser is sent back."""
        asked = {name: value for name, [value] in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self._at}/authorize?")
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._asked[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    @property
    def _at(self) -> str:
        return self.issuer.rstrip("/")

    async def discovery(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self._at}/authorize",
                "token_endpoint": f"{self._at}/token",
                "jwks_uri": f"{self._at}/keys",
                **self.told,
            }
        )

    async def keys(self, _: web.Request) -> web.Response:
        return web.json_response({"padding": "x" * self.padding, **KeySet([self._key]).as_dict(private=False)})

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self._asked.pop(str(form["code"]), None)
        proof = codes.of_bytes(sha256(str(form["code_verifier"]).encode()).digest())
        known = (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
        if (
            asked is None
            or not known
            or proof != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        self.exchanged += 1
        now = int(self.clock())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": self.subject,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.wrong,
        }
        key = RSAKey.generate_key(2048, {"kid": "1"}) if self.other_key else self._key
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.algorithm == "none":
            head, body = (codes.of_bytes(each.encode()) for each in ('{"alg":"none"}', json.dumps(claims)))
            return web.json_response({"id_token": f"{head}.{body}."})
        return web.json_response({"id_token": jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)})


@asynccontextmanager
async def provider(clock: Any, path: str = "") -> AsyncIterator[Provider]:
    standing = Provider(clock)
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", standing.discovery)
    app.router.add_get("/keys", standing.keys)
    app.router.add_post("/token", standing.token)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    [(host, port)] = [address[:2] for address in runner.addresses]
    standing.issuer = f"http://{host}:{port}{path}"
    try:
        yield standing
    finally:
        await runner.cleanup()
