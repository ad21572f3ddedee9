"""Time that passes faster than ours: one clock for the bot, Telegram and people. What they wait for comes sooner, what
they do takes as long as it takes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.app.telegram import MANY_A_SECOND
from bot.channels.telegram.rate_limiter import RateLimiter, Timer


@dataclass(frozen=True, slots=True)
class FastClock:
    """Seconds since 1970: `ahead` of ours, and since a moment of ours `speed` times as fast."""

    ahead: float = 0.0
    speed: float = 1.0
    since: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.since + self.ahead + (time.time() - self.since) * self.speed

    def rate_limiter(self) -> RateLimiter:
        """As the bot's own, in this time."""
        return RateLimiter(bulk_per_second=MANY_A_SECOND, clock=self, call_later=self._call_later)

    def _call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(delay / self.speed, callback)
