"""Budgets: how many new people come in and confirmation mails go out in an hour, and how much is kept of one person.

What one client has spent is kept in memory alone, under a number made of the key with a salt of this process: neither
an address nor a secret can be read back from it.
"""

from __future__ import annotations

import heapq
import math
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from hashlib import blake2b

from bot.flows.schedule import HOUR

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


# --- by client --------------------------------------------------------------------------------------------

NETWORKS = 3  # times as much as one client, in all of a network


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks, as far as a network tells: an address, or the /64 of IPv6 and the /48 that it is in. Stored nowhere."""

    at: str
    network: str | None = None


class PerClient:
    """So many an hour from one client, and three times as many from its network."""

    def __init__(self, per_hour: int) -> None:
        self._clients = Allowance(per_hour, per_hour / HOUR)
        self._networks = Allowance(NETWORKS * per_hour, NETWORKS * per_hour / HOUR)

    def take(self, client: Client | None, now: float) -> bool:
        """Whether there was one left. None: there is no network to tell them apart by."""
        if client is None:
            return True
        if self._clients.wait(client.at, now) or (client.network and self._networks.wait(client.network, now)):
            return False
        if client.network:
            self._networks.take(client.network, now)
        return self._clients.take(client.at, now) == 0


# --- all of them ------------------------------------------------------------------------------------------


class Budget(StrEnum):
    """What can be used up so that those who lead are told. The values stand in the database."""

    PEOPLE = "people"
    PEOPLE_FROM_ONE = "people-from-one"  # client
    VERSIONS = "versions"
    BYTES = "bytes"


@dataclass(slots=True, kw_only=True)
class Budgets:
    """As the settings say (docs/settings.md)."""

    new_people: int = 1000  # an hour, in each process, who come without an invitation of their own
    new_people_per_client: int = 350  # of them
    versions: int = 50  # of an answer
    bytes_per_person: int = 2_000_000
    confirmation_mails: int = 300  # an hour
    confirmation_mails_per_client: int = 100  # of them
    people_by_client: PerClient = field(init=False)
    mails_by_client: PerClient = field(init=False)

    def __post_init__(self) -> None:
        self.people_by_client = PerClient(self.new_people_per_client)
        self.mails_by_client = PerClient(self.confirmation_mails_per_client)
