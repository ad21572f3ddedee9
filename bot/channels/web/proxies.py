"""Watches whether visitors can be told apart: behind a web server that is not trusted, or that names nobody, all of
them are one address, and one can use up everybody's requests."""

from __future__ import annotations

import logging
from ipaddress import ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger(__name__)
ENOUGH = 200  # requests, all of them from one address


class Proxies:
    """ASGI middleware within uvicorn's own, which has put the visitor in the place of a trusted proxy."""

    def __init__(self, app: ASGIApp, *, is_public: bool) -> None:
        self._app = app
        self._watches = is_public
        self._only: str | None = None
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._watches and scope["type"] == "http" and scope["path"] != "/health":
            self._look(scope)
        await self._app(scope, receive, send)

    def _look(self, scope: Scope) -> None:
        visitor, port = scope["client"] or ("", 0)
        self._only = visitor if self._requests == 0 else self._only
        self._requests += 1
        if visitor != self._only or not _is_private(visitor) or not port:  # no port: the web server in front named it
            self._watches = False  # they are told apart
        elif self._requests >= ENOUGH:
            self._watches = False
            named = any(name == b"x-forwarded-for" for name, _ in scope["headers"])
            log.warning("web proxy=%s", _UNTRUSTED if named else _NAMES_NOBODY)


_UNTRUSTED = "untrusted: all visitors are one address; name the web server in front in BESYV_WEB_PROXIES"
_NAMES_NOBODY = "silent: all visitors are one address; the web server in front sends no X-Forwarded-For"


def _is_private(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:
        return False
