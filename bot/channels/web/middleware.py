"""Middleware of every page: headers that browsers keep to, limits on size and on requests. Knows nothing of the
pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.codes import spelled, tidied

LARGEST_FORM = 512 * 1024  # bytes: 20,000 characters, each as twelve in a form, and room
LARGEST_FILE = 6_000_000  # bytes of an uploaded file, with the form that carries it
FOR_FILES = "/fil"
POURED_OUT = 64_000_000  # bytes of one that is too large, read and thrown away: browsers listen only after the last
LONGEST_MISTYPED = 512  # characters of an address that is looked at for what was meant
LONGEST_HOST = 270  # characters: a name has 253 at most, and a port
HEALTH = "/health"
_THIS_MACHINE = "http://127.0.0.1"
_HOST_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s\[\]:/?#@,\\]+)(?::[0-9]{0,5})?")  # RFC 9110, 7.2

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "content-security-policy": _POLICY,
    "referrer-policy": "no-referrer",  # the personal link must not travel on
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

_ALWAYS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


class TooLarge(Exception):
    """More was sent than a form can hold."""


class Guard:
    """ASGI middleware: every response gets the headers, a fault of ours among them, and no request more bytes than a
    form holds. Who hangs up half-way is no fault."""

    def __init__(self, app: ASGIApp, *, https: Callable[[], bool]) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received, most = 0, LARGEST_FILE if scope["path"] == FOR_FILES else LARGEST_FORM

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                if scope["path"] == FOR_FILES:
                    await _pour_out(receive, message)
                raise TooLarge
            return message

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += headers_for(message["headers"], https=self._https())
            await send(message)

        with suppress(ClientDisconnect):
            await self._app(scope, counted, guarded)


def headers_for(given: Iterable[tuple[bytes, bytes]] = (), *, https: bool) -> list[tuple[bytes, bytes]]:
    """What every response has besides those given."""
    found = list(_ALWAYS)
    if not any(name == b"cache-control" for name, _ in given):
        found.append((b"cache-control", b"no-store"))
    if https:
        found.append((b"strict-transport-security", b"max-age=31536000"))
    return found


class Hosts:
    """ASGI middleware: nothing is answered to a name that is not ours, so that no other site can be made of this one.

    Ours is the host of the pages' address (`web`). Where that is a number of this machine, as before BESYV_WEB_URL is
    set, every number is, for a number can't be turned to another machine, and `localhost`; so they are at any time for
    /health, which containers and monitoring ask by number."""

    def __init__(
        self, app: ASGIApp, *, web: Callable[[], str | None], refused: Callable[[Scope, int], Response]
    ) -> None:
        self._app = app
        self._web = web
        self._refused = refused
        self._known: tuple[bytes, str | None] = (b"", None)  # a host that is ours at any page, and our address then

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            hosts = [value for name, value in scope["headers"] if name == b"host"]
            if len(hosts) != 1:
                await self._refused(scope, 400)(scope, receive, send)
                return
            if not self._is_ours(hosts[0], scope["path"]):
                await self._refused(scope, 421)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_ours(self, host: bytes, path: str) -> bool:
        web = self._web()
        if (host, web) == self._known:  # as in all but a few requests
            return True
        if len(host) > LONGEST_HOST:
            return False
        asked, ours = _name_in(host.decode("latin-1")), _name_in(urlsplit(web or _THIS_MACHINE).netloc)
        if not asked:
            return False
        if asked == ours or (_is_number(asked) and _is_number(ours)):
            self._known = (host, web)
            return True
        return _is_number(asked) and path.rstrip("/") == HEALTH


def _name_in(host: str) -> str:
    """The name of host and port, as it is compared; nothing where there is anything else, or no name at all."""
    found = _HOST_AND_PORT.fullmatch(host)
    name = "" if found is None else found[1].strip("[]").rstrip(".").lower()
    try:
        return name if name.isascii() else name.encode("idna").decode("ascii")
    except ValueError:  # no name of the network's
        return ""


def _is_number(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class AsMeant:
    """ASGI middleware: an address with a slash too much is the one without. One with another sign too much at its end,
    or in capitals, leads there. What is a secret in it keeps its letters, and no address is ever built of the host."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and len(scope["path"]) <= LONGEST_MISTYPED:
            scope["path"] = path = f"/{scope['path'].strip('/')}"
            if scope["method"] in ("GET", "HEAD") and (meant := _as_meant(path)) != path:
                query = f"?{scope['query_string'].decode('ascii', 'replace')}" if scope["query_string"] else ""
                await RedirectResponse(f"{quote(meant)}{query}", 303)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _as_meant(path: str) -> str:
    """`/Hjælp.` → `/hjaelp`, `/i/hoering).` → `/i/hoering`: its first word is one of ours. What begins with `//` would
    be the address of another host: also where nothing of the first word is left, as of `/!/evil.example`."""
    first, slash, rest = path.strip("/").partition("/")
    meant = f"{spelled(tidied(first))}{slash}{tidied(rest)}"
    return f"/{meant.lstrip('/')}"


async def _pour_out(receive: Receive, message: Message) -> None:
    left = POURED_OUT
    while message.get("more_body") and left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
