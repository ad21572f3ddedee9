"""How much one visitor may ask for: allowances by address, by network, by link, and for wrong guesses.

What is counted is kept in memory alone, under a number made of the key with a salt of this process: neither an address
nor a secret can be read back from it.
"""

from __future__ import annotations

import heapq
import math
import secrets
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from ipaddress import IPv6Address

from starlette.requests import Request

REMEMBERED = 20_000  # keys that have spent something
KEPT_OF_THEM = REMEMBERED * 3 // 4  # when there are more: those that have spent most
_ROUNDED = 1e-6  # seconds


@dataclass(slots=True)
class Allowance:
    """So many at once, and so many a second after that, for each key.

    Of a key it is kept when it will have everything again (GCRA). One that has everything is as good as unknown, so a
    flood of new keys never makes a spent one forgotten."""

    at_once: float
    per_second: float
    _full_at: dict[int, float] = field(default_factory=dict)
    _salt: bytes = field(default_factory=partial(secrets.token_bytes, 16))

    def take(self, key: str, now: float) -> int:
        """0, or in how many seconds to try again."""
        number, full_at = self._found(key, now)
        if wait := self._wait(full_at, now):
            return wait
        self._full_at[number] = full_at + 1 / self.per_second
        if len(self._full_at) > REMEMBERED:
            self._forget(now)
        return 0

    def wait(self, key: str, now: float) -> int:
        """What `take` would say; nothing is taken."""
        return self._wait(self._found(key, now)[1], now)

    def _found(self, key: str, now: float) -> tuple[int, float]:
        """What is further ahead than an allowance lasts was counted before the clock was put back."""
        number = int.from_bytes(blake2b(key.encode("utf-8", "replace"), digest_size=8, key=self._salt).digest())
        full_at = self._full_at.get(number, now)
        known = now < full_at <= now + self.at_once / self.per_second + _ROUNDED
        return number, full_at if known else now

    def _wait(self, full_at: float, now: float) -> int:
        if full_at == now:  # nothing is spent
            return 0
        missing = full_at - now + (1 - self.at_once) / self.per_second
        return math.ceil(missing) if missing > _ROUNDED else 0

    def _forget(self, now: float) -> None:
        spent = {number: at for number, at in self._full_at.items() if at > now}
        if len(spent) > KEPT_OF_THEM:
            spent = dict(heapq.nlargest(KEPT_OF_THEM, spent.items(), key=lambda each: each[1]))
        self._full_at = spent


@dataclass(slots=True)
class Limits:
    """A whole meeting behind one address is at home; somebody who tries links is not."""

    by_address: Allowance = field(default_factory=lambda: Allowance(600, 20))
    by_network: Allowance = field(default_factory=lambda: Allowance(6000, 200))
    by_link: Allowance = field(default_factory=lambda: Allowance(120, 2))
    guesses: Allowance = field(default_factory=lambda: Allowance(10, 1 / 60))

    def wait(self, request: Request, now: float) -> int:
        """Takes a request of whoever asks; 0, or in how many seconds to try again."""
        network = network_of(request)
        if network is not None and (wait := self.by_network.take(network, now)):
            return wait
        return self.by_address.take(client(request), now)


def client(request: Request) -> str:
    """Who asks, as far as a network tells; behind a proxy that is trusted, whom the proxy names. Of IPv6 it is the /64,
    which is the least that anybody is given (RFC 6177)."""
    asks = _asks(request)
    return asks if isinstance(asks, str) else _prefix(asks, 64)


def network_of(request: Request) -> str | None:
    """The /48 of an IPv6 address: one customer may have that many /64."""
    asks = _asks(request)
    return None if isinstance(asks, str) else _prefix(asks, 48)


def _prefix(address: IPv6Address, bits: int) -> str:
    return f"{int(address) >> (128 - bits):x}/{bits}"


def _asks(request: Request) -> IPv6Address | str:
    """As it is written, if it is none of IPv6; an IPv4 address that comes mapped into IPv6 is IPv4."""
    host = request.client.host if request.client is not None else ""
    if ":" not in host:
        return host
    try:
        address = IPv6Address(host.partition("%")[0])
    except ValueError:
        return host
    return address if address.ipv4_mapped is None else str(address.ipv4_mapped)
