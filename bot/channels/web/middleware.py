"""Middleware of every page: headers that browsers keep to, limits on size and on requests. Knows nothing of the
pages."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_FORM = 512 * 1024  # bytes: 20,000 characters, each as twelve in a form, and room
LARGEST_FILE = 6_000_000  # bytes of an uploaded file, with the form that carries it
FOR_FILES = "/fil"
POURED_OUT = 64_000_000  # bytes of one that is too large, read and thrown away: browsers listen only after the last
REMEMBERED = 20_000  # addresses whose requests are counted; the longest unseen is forgotten first

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


@dataclass(slots=True)
class Allowance:
    """So many at once, and so many a second after that, for each key."""

    at_once: float
    per_second: float
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)  # key → (left, when)

    def take(self, key: str, now: float) -> int:
        """0, or in how many seconds to try again."""
        left, then = self._left.pop(key, (self.at_once, now))
        left = min(self.at_once, left + max(0.0, now - then) * self.per_second)
        allowed = left >= 1
        self._left[key] = (left - 1 if allowed else left, now)
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return 0 if allowed else math.ceil((1 - left) / self.per_second)


@dataclass(slots=True)
class Limits:
    """A whole meeting behind one address is at home; somebody who tries links is not."""

    by_address: Allowance = field(default_factory=lambda: Allowance(600, 20))
    by_link: Allowance = field(default_factory=lambda: Allowance(120, 2))
    guesses: Allowance = field(default_factory=lambda: Allowance(10, 1 / 60))


class Guard:
    """ASGI middleware: every response gets the headers, no request more bytes than a form holds."""

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
                message["headers"] += _ALWAYS
                if not any(name == b"cache-control" for name, _ in message["headers"]):
                    message["headers"].append((b"cache-control", b"no-store"))
                if self._https():
                    message["headers"].append((b"strict-transport-security", b"max-age=31536000"))
            await send(message)

        await self._app(scope, counted, guarded)


async def _pour_out(receive: Receive, message: Message) -> None:
    left = POURED_OUT
    while message.get("more_body") and left > 0:
        message = await receive()
        left -= len(message.get("body", b""))


def client(request: Request) -> str:
    """The address that asks; behind a proxy that uvicorn trusts, the one the proxy names."""
    return request.client.host if request.client is not None else ""
