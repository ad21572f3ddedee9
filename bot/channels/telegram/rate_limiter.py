"""Rate limiter: when a message may go out by Telegram's limits, replies before everything else.

Here: waiting for one's turn, and slowing down when Telegram says so. Not here: sending, retrying, storing.
Facts: about 1 message a second per chat with short bursts, about 30 a second in all
(https://core.telegram.org/bots/faq#broadcasting); 429 does not tell whether chat or bot was meant.
"""

import asyncio
import math
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

MOST_IN_A_SECOND = 29  # calls that can be at Telegram within a second; it counts about 30
_SEVERAL_CHATS_WITHIN = 5.0  # seconds; 429 from two chats within them means: the bot as a whole is too fast
_CLEAN = 15.0  # seconds without a 429 that give bulk one message a second back: from 1 to 24 in six minutes


class Priority(IntEnum):
    """Who goes first: an answer to a person who waits, a reminder to one person, a message to many."""

    REPLY = 0
    REMINDER = 1
    BULK = 2


class Timer(Protocol):
    """What `call_later` returns; asyncio.TimerHandle is one."""

    def cancel(self) -> None: ...


CallLater = Callable[[float, Callable[[], None]], Timer]


def _loop_call_later(delay: float, callback: Callable[[], None]) -> Timer:
    return asyncio.get_running_loop().call_later(delay, callback)


@dataclass(eq=False, slots=True)  # eq=False: a chat is itself, and so a key of the ready lists
class _Chat:
    id: int
    burst_whole_at: float  # GCRA's "theoretical arrival time": from then on the chat's whole burst is there
    cool_until: float
    queues: tuple[deque[asyncio.Future[None]], ...] = field(default_factory=lambda: tuple(deque() for _ in Priority))
    timer: Timer | None = None
    timer_at: float = 0.0

    def head(self) -> Priority | None:
        """The first Priority someone waits with. Drops those cancelled who have not noticed yet."""
        for priority in Priority:
            queue = self.queues[priority]
            while queue and queue[0].cancelled():
                queue.popleft()
            if queue:
                return priority
        return None

    def leave(self, waiter: asyncio.Future[None], priority: Priority) -> None:
        with suppress(ValueError):  # head() may have dropped it already
            self.queues[priority].remove(waiter)

    def stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class RateLimiter:
    """Hands out turns so that Telegram's limits hold.

    Overall: turns at least 1/`rate_per_second` s apart, without bursts, and bulk no faster than `bulk_per_second`, so
    that there is always room for a reply. Per chat: one per `per_chat_seconds`
    in the long run, up to `chat_burst` at once, but a bulk message only when the chat's burst is wholly
    unused. Of all chats that may receive now, the lowest Priority goes first, then the chat that has been
    ready longest; within a chat, by Priority and arrival. `rate_per_second=None` switches everything off.

    A chat is remembered while someone waits for it, while its burst recovers, or while it cools; no longer.
    For one event loop. `clock` and `call_later` (seconds, callback) are seams for tests.
    """

    def __init__(
        self,
        rate_per_second: float | None = 28,
        per_chat_seconds: float = 1.0,
        chat_burst: int = 3,
        bulk_per_second: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
        call_later: CallLater = _loop_call_later,
    ) -> None:
        self._rate = rate_per_second
        self._between = 1 / rate_per_second if rate_per_second is not None else 0.0  # seconds from turn to turn
        self._per_chat = per_chat_seconds
        self._burst = chat_burst
        self._clock = clock
        self._call_later = call_later
        self._chats: dict[int, _Chat] = {}
        self._ready: dict[Priority, OrderedDict[_Chat, None]] = {each: OrderedDict() for each in Priority}
        self._timer: Timer | None = None
        self._timer_at = 0.0
        now = clock()
        self._next_at = now
        self._next_bulk_at = now
        self._paused_until = now  # bulk only
        self._most_bulk = min(bulk_per_second, rate_per_second or 0.0)
        self._bulk_rate = self._most_bulk  # as of _last_429
        self._last_429 = now
        self._under_way = 0
        self._answered: deque[float] = deque()  # when calls were answered, the last second only
        self._refused: dict[int, float] = {}  # chat → when it last got 429, the last few seconds only

    @asynccontextmanager
    async def slot(self, chat_id: int, priority: Priority) -> AsyncIterator[None]:
        """A turn, and the call made in it. A call is at Telegram at some moment before it is answered, we do not know
        which: what is under way and what was answered within the last second never come to more than a second's
        worth. So no second at Telegram's end sees more, however unevenly the calls travel."""
        await self.turn(chat_id, priority)
        if self._rate is None:
            yield
            return
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._answered.append(self._clock())
            self._serve()

    def _room_at(self, now: float) -> float:
        """When one more call can be under way; never, as far as we know, while nothing but calls fills the second."""
        while self._answered and self._answered[0] <= now - 1:
            self._answered.popleft()
        too_many = self._under_way + len(self._answered) - MOST_IN_A_SECOND
        if too_many < 0:
            return now
        return self._answered[too_many] + 1 if too_many < len(self._answered) else math.inf

    async def turn(self, chat_id: int, priority: Priority) -> None:
        """Return when this message may go out. The turn is used up by returning, sent or not.

        Cancelling leaves no trace with the chat, also when the turn had just come.
        """
        if self._rate is None:
            return
        chat = self._chat(chat_id)
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        chat.queues[priority].append(waiter)
        self._place(chat)
        self._serve()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.cancelled():
                chat.leave(waiter, priority)
            else:
                chat.burst_whole_at -= self._per_chat
            self._place(chat)
            self._serve()
            raise

    def cool(self, chat_id: int, seconds: float) -> None:
        """Telegram answered 429 for this chat, with `retry_after` seconds: the chat waits that long.

        From a second chat within 5 s: bulk pauses that long, too, and its rate halves (once per pause);
        each quarter of a minute without a 429 gives it one message a second back.
        """
        if self._rate is None:
            return
        now = self._clock()
        chat = self._chat(chat_id)
        chat.cool_until = max(chat.cool_until, now + seconds)
        self._bulk_rate, self._last_429 = self.bulk_rate, now
        self._refused = {c: at for c, at in self._refused.items() if now - at <= _SEVERAL_CHATS_WITHIN}
        self._refused[chat_id] = now
        if len(self._refused) > 1:
            if self._paused_until <= now:
                self._bulk_rate = max(self._bulk_rate / 2, min(1.0, self._rate))
            self._paused_until = max(self._paused_until, now + seconds)
        self._place(chat)
        self._serve()

    @property
    def bulk_rate(self) -> float:
        """Bulk messages a second at present, pauses aside; 0.0 when pacing is off."""
        if self._rate is None:
            return 0.0
        regained = (self._clock() - self._last_429) // _CLEAN
        return min(self._most_bulk, self._bulk_rate + regained)

    def _chat(self, chat_id: int) -> _Chat:
        chat = self._chats.get(chat_id)
        if chat is None:
            now = self._clock()
            chat = self._chats[chat_id] = _Chat(chat_id, burst_whole_at=now, cool_until=now)
        return chat

    def _place(self, chat: _Chat) -> None:
        """Put the chat where it belongs now: ready, waiting for its own limit, or forgotten."""
        now = self._clock()
        head = chat.head()
        at = max(self._may_receive_at(chat, head), chat.cool_until)
        for priority, ready in self._ready.items():
            if priority != head or at > now:
                ready.pop(chat, None)
        if at > now:
            self._wake(chat, at, now)
            return
        chat.stop_timer()
        if head is not None:
            self._ready[head].setdefault(chat)
        elif self._chats.get(chat.id) is chat:
            del self._chats[chat.id]

    def _may_receive_at(self, chat: _Chat, head: Priority | None) -> float:
        if head is Priority.REPLY or head is Priority.REMINDER:
            return chat.burst_whole_at - (self._burst - 1) * self._per_chat
        return chat.burst_whole_at

    def _wake(self, chat: _Chat, at: float, now: float) -> None:
        if chat.timer is not None and chat.timer_at == at:
            return
        chat.stop_timer()

        def woken() -> None:
            chat.timer = None
            self._place(chat)
            self._serve()

        chat.timer_at = at
        chat.timer = self._call_later(at - now, woken)

    def _serve(self) -> None:
        """Hand out the turn that is due, if any, and be back when the next one is."""
        now = self._clock()
        while now >= max(self._next_at, self._room_at(now)) and (first := self._first_ready(now)) is not None:
            priority, chat = first
            del self._ready[priority][chat]
            if chat.head() is priority:
                self._grant(chat, priority, now)
            self._place(chat)
        self._serve_again(now)

    def _first_ready(self, now: float) -> tuple[Priority, _Chat] | None:
        for priority, ready in self._ready.items():
            if ready and (priority is not Priority.BULK or now >= self._bulk_at()):
                return priority, next(iter(ready))
        return None

    def _grant(self, chat: _Chat, priority: Priority, now: float) -> None:
        self._next_at = now + self._between
        if priority is Priority.BULK:
            self._next_bulk_at = now + 1 / self.bulk_rate
        chat.burst_whole_at = max(chat.burst_whole_at, now) + self._per_chat
        chat.queues[priority].popleft().set_result(None)

    def _bulk_at(self) -> float:
        return max(self._next_at, self._next_bulk_at, self._paused_until)

    def _serve_again(self, now: float) -> None:
        at: float | None = None
        if self._ready[Priority.REPLY] or self._ready[Priority.REMINDER]:
            at = self._next_at
        elif self._ready[Priority.BULK]:
            at = self._bulk_at()
        if at is not None:
            at = max(at, self._room_at(now))
        if self._timer is not None and self._timer_at == at:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if at is not None and at < math.inf:  # otherwise the next answer wakes us
            self._timer_at = at
            self._timer = self._call_later(at - now, self._timer_fired)

    def _timer_fired(self) -> None:
        self._timer = None
        self._serve()
