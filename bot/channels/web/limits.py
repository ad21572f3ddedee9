"""How much one visitor may ask for: allowances by address, by network, by link, and for wrong guesses."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv6Address

from starlette.requests import Request

from bot.budgets import Allowance, Client


@dataclass(slots=True)
class Limits:
    """A whole meeting behind one address is at home; somebody who tries links is not."""

    by_address: Allowance = field(default_factory=lambda: Allowance(600, 20))
    by_network: Allowance = field(default_factory=lambda: Allowance(6000, 200))
    by_link: Allowance = field(default_factory=lambda: Allowance(120, 2))
    guesses: Allowance = field(default_factory=lambda: Allowance(10, 1 / 60))

    def wait(self, request: Request, now: float) -> int:
        """Takes a request of whoever asks; 0, or in how many seconds to try again."""
        asks = client_of(request)
        if asks.network is not None and (wait := self.by_network.take(asks.network, now)):
            return wait
        return self.by_address.take(asks.at, now)


def client_of(request: Request) -> Client:
    """Who asks, as far as a network tells; behind a proxy that is trusted, whom the proxy names. Of IPv6 it is the /64,
    which is the least that anybody is given (RFC 6177), and the /48 it is in: one customer may have that many /64."""
    asks = _asks(request)
    return Client(asks) if isinstance(asks, str) else Client(_prefix(asks, 64), _prefix(asks, 48))


def client(request: Request) -> str:
    return client_of(request).at


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
