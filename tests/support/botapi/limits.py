"""Flood limits: how much a bot may send, and when it may try again.

Figures: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this (30 a second overall,
1 a second in a chat with short bursts, 20 a minute in a group). No chats or messages here, only moments.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Limits:
    """The limits of one bot, counted on `clock`: seconds that pass, so holding the date does no harm.

    `off` lets everything through (benchmarks). `repeat_offset` adds the real server's brake on getUpdates
    with the offset of the call before: at most one update within 0.5 s, and 3 s of waiting if none is there.
    """

    off: bool = False
    per_second: int = 30
    chat_interval: float = 1.0
    chat_burst: int = 5
    group_per_minute: int = 20
    repeat_offset: bool = False
    clock: Callable[[], float] = time.monotonic
    _overall: deque[float] = field(default_factory=deque)
    _chats: dict[int, float] = field(default_factory=dict)
    _groups: dict[int, deque[float]] = field(default_factory=dict)

    def spend(self, chat_id: int, group: bool) -> int:
        """0 and counted when the message may pass, otherwise whole seconds to wait (and nothing counted)."""
        if self.off:
            return 0
        now = self.clock()
        overall = self._overall
        while overall and overall[0] <= now - 1.0:
            overall.popleft()
        if len(overall) >= self.per_second:
            return max(1, math.ceil(overall[0] + 1.0 - now))
        if group:
            sent = self._groups.setdefault(chat_id, deque())
            while sent and sent[0] <= now - 60.0:
                sent.popleft()
            if len(sent) >= self.group_per_minute:
                return max(1, math.ceil(sent[0] + 60.0 - now))
            sent.append(now)
        else:
            # GCRA: `due` is when the next message would be due at an even pace; a burst may run ahead of it.
            due = max(self._chats.get(chat_id, now), now)
            ahead = due - now - self.chat_interval * (self.chat_burst - 1)
            if ahead > 1e-9:
                return max(1, math.ceil(ahead))
            self._chats[chat_id] = due + self.chat_interval
        overall.append(now)
        return 0
