"""The rate limiter's rules, on a clock that only moves when the test says so. Nothing here waits for real."""

import asyncio
import heapq
import itertools
import math
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.rate_limiter import Priority, RateLimiter
from tests.support.sizes import examples

REPLY, REMINDER, BULK = Priority
ROUNDING = 1e-9  # seconds; sums of 1/28 are not exact
ANNE, BO, CARL = 1, 2, 3


@dataclass(order=True)
class HeldTimer:
    at: float
    number: int
    callback: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        self.callback = None


class HeldClock:
    """Both seams of the rate limiter: the time, and being called at a time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[HeldTimer] = []
        self.made = 0

    def __call__(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], None]) -> HeldTimer:
        self.made += 1
        timer = HeldTimer(self.now + max(delay, 0.0), self.made, callback)
        heapq.heappush(self.timers, timer)
        return timer

    @property
    def pending(self) -> int:
        return sum(timer.callback is not None for timer in self.timers)

    async def pass_time(self, seconds: float) -> None:
        until = self.now + seconds
        await _let_tasks_run()
        while self.timers and self.timers[0].at <= until:
            timer = heapq.heappop(self.timers)
            if timer.callback is not None:
                self.now = max(self.now, timer.at)
                timer.callback()
                await _let_tasks_run()
        self.now = until


async def _let_tasks_run() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Turn:
    at: float  # seconds since the test began
    chat: int
    priority: Priority
    name: str


class Queue:
    """People who wait for their turn, and the turns handed out so far."""

    def __init__(self, limiter: RateLimiter, clock: HeldClock, tasks: asyncio.TaskGroup) -> None:
        self.limiter = limiter
        self.clock = clock
        self.turns: list[Turn] = []
        self._tasks = tasks
        self._began = clock.now

    def wait(self, chat: int, priority: Priority, name: str = "") -> asyncio.Task[None]:
        return self._tasks.create_task(self._wait(chat, priority, name))

    async def _wait(self, chat: int, priority: Priority, name: str) -> None:
        await self.limiter.turn(chat, priority)
        self.turns.append(Turn(self.clock.now - self._began, chat, priority, name))

    def times(self) -> list[float]:
        return [round(turn.at, 3) for turn in self.turns]

    def names(self) -> list[str]:
        return [turn.name for turn in self.turns]


@asynccontextmanager
async def held(rate: float | None = 28, burst: int = 3, bulk: float = math.inf) -> AsyncIterator[Queue]:
    clock = HeldClock()
    limiter = RateLimiter(rate, chat_burst=burst, bulk_per_second=bulk, clock=clock, call_later=clock.call_later)
    async with asyncio.TaskGroup() as tasks:
        yield Queue(limiter, clock, tasks)
        await clock.pass_time(100_000)
    assert limiter._chats == {}, "every chat is forgotten in the end"
    assert clock.pending == 0, "and no timer is left"


async def test_a_single_message_goes_at_once_without_even_yielding_to_the_loop() -> None:
    clock = HeldClock()
    turn = RateLimiter(clock=clock, call_later=clock.call_later).turn(ANNE, REPLY)
    with pytest.raises(StopIteration):
        turn.send(None)


async def test_different_chats_are_served_28_a_second_without_a_burst() -> None:
    async with held() as queue:
        for chat in range(57):
            queue.wait(chat, BULK)
        await queue.clock.pass_time(10)
        assert queue.times() == [round(n / 28, 3) for n in range(57)]


async def test_of_many_messages_so_many_go_in_a_second_and_the_rest_is_room_for_replies() -> None:
    async with held(bulk=20) as queue:
        for chat in range(41):
            queue.wait(chat, BULK)
        await queue.clock.pass_time(10)
        assert queue.times() == [round(n / 20, 3) for n in range(41)]
        for chat in range(41, 56):
            queue.wait(chat, REPLY)
        await queue.clock.pass_time(10)
        assert queue.times()[41:] == [round(10 + n / 28, 3) for n in range(15)]


async def test_a_flood_of_refusals_halves_what_many_messages_had_and_they_get_no_more_than_that_back() -> None:
    async with held(bulk=20) as queue:
        queue.limiter.cool(ANNE, 1)
        queue.limiter.cool(BO, 1)
        assert queue.limiter.bulk_rate == 10
        await queue.clock.pass_time(3600)
        assert queue.limiter.bulk_rate == 20


async def test_after_idleness_there_is_still_no_burst_overall() -> None:
    async with held() as queue:
        await queue.clock.pass_time(60)
        for chat in range(3):
            queue.wait(chat, REPLY)
        await queue.clock.pass_time(1)
        assert queue.times() == [60.0, 60.036, 60.071]


async def test_one_chat_gets_three_replies_at_once_and_then_one_a_second() -> None:
    async with held() as queue:
        for _ in range(6):
            queue.wait(ANNE, REPLY)
        await queue.clock.pass_time(10)
        assert queue.times() == [0.0, 0.036, 0.071, 1.0, 2.0, 3.0]


async def test_one_chat_gets_bulk_strictly_once_a_second() -> None:
    async with held() as queue:
        for _ in range(4):
            queue.wait(ANNE, BULK)
        await queue.clock.pass_time(10)
        assert queue.times() == [0.0, 1.0, 2.0, 3.0]


async def test_bulk_waits_until_the_chats_burst_is_paid_back() -> None:
    async with held() as queue:
        for name in ("first", "second", "third"):
            queue.wait(ANNE, REPLY, name)
        queue.wait(ANNE, BULK, "bulk")
        await queue.clock.pass_time(10)
        assert queue.names()[-1] == "bulk"
        assert queue.times()[-1] == 3.0


async def test_a_chat_that_must_wait_does_not_hold_up_others() -> None:
    async with held() as queue:
        for _ in range(5):
            queue.wait(ANNE, REPLY, "anne")
        queue.wait(BO, REPLY, "bo")
        await queue.clock.pass_time(0.2)
        assert queue.names() == ["anne", "anne", "bo", "anne"]


async def test_a_reply_goes_before_everything_that_waits() -> None:
    async with held() as queue:
        for chat in range(100, 400):
            queue.wait(chat, BULK, "bulk")
        for chat in range(400, 410):
            queue.wait(chat, REMINDER, "reminder")
        await queue.clock.pass_time(0.001)
        queue.wait(ANNE, REPLY, "reply")
        await queue.clock.pass_time(0.5)
        assert queue.names()[:3] == ["bulk", "reply", "reminder"]
        assert queue.times()[1] == 0.036


async def test_a_reply_overtakes_bulk_to_the_same_chat() -> None:
    async with held() as queue:
        queue.wait(ANNE, BULK, "bulk 1")
        queue.wait(ANNE, BULK, "bulk 2")
        await queue.clock.pass_time(0.5)
        queue.wait(ANNE, REPLY, "reply")
        await queue.clock.pass_time(9)
        assert queue.names() == ["bulk 1", "reply", "bulk 2"]
        assert queue.times() == [0.0, 0.5, 2.0]


async def test_per_chat_and_priority_first_come_is_first_served() -> None:
    async with held() as queue:
        for n in range(5):
            for chat in (ANNE, BO):
                queue.wait(chat, REMINDER, f"{chat}-{n}")
        await queue.clock.pass_time(20)
        for chat in (ANNE, BO):
            assert [name for name in queue.names() if name.startswith(f"{chat}-")] == [f"{chat}-{n}" for n in range(5)]


async def test_a_chat_with_much_to_receive_takes_turns_with_the_others() -> None:
    async with held(rate=1) as queue:
        for name in ("anne 1", "anne 2", "anne 3"):
            queue.wait(ANNE, REPLY, name)
        queue.wait(BO, REPLY, "bo")
        queue.wait(CARL, REPLY, "carl")
        await queue.clock.pass_time(10)
        assert queue.names() == ["anne 1", "anne 2", "bo", "carl", "anne 3"]


async def test_a_cooling_chat_waits_and_others_do_not() -> None:
    async with held() as queue:
        queue.limiter.cool(ANNE, 7)
        queue.wait(ANNE, REPLY, "anne")
        queue.wait(BO, BULK, "bo")
        await queue.clock.pass_time(20)
        assert [(turn.name, round(turn.at, 3)) for turn in queue.turns] == [("bo", 0.0), ("anne", 7.0)]


async def test_one_chat_refused_again_and_again_does_not_slow_bulk_down() -> None:
    async with held() as queue:
        for _ in range(5):
            queue.limiter.cool(ANNE, 3)
        assert queue.limiter.bulk_rate == 28


async def test_two_chats_refused_within_five_seconds_pause_bulk_but_not_replies() -> None:
    async with held() as queue:
        queue.limiter.cool(ANNE, 3)
        await queue.clock.pass_time(4.9)
        queue.limiter.cool(BO, 3)
        queue.wait(10, BULK, "bulk 1")
        queue.wait(11, BULK, "bulk 2")
        queue.wait(12, REPLY, "reply")
        await queue.clock.pass_time(10)
        assert [(turn.name, round(turn.at, 3)) for turn in queue.turns] == [
            ("reply", 4.9),
            ("bulk 1", 7.9),
            ("bulk 2", round(7.9 + 1 / 14, 3)),
        ]


async def test_two_chats_refused_more_than_five_seconds_apart_do_not_slow_bulk_down() -> None:
    async with held() as queue:
        queue.limiter.cool(ANNE, 3)
        await queue.clock.pass_time(5.1)
        queue.limiter.cool(BO, 3)
        assert queue.limiter.bulk_rate == 28


async def test_a_flood_of_refusals_halves_bulk_once_per_pause() -> None:
    async with held() as queue:
        for chat in range(20):
            queue.limiter.cool(chat, 3)
        assert queue.limiter.bulk_rate == 14
        await queue.clock.pass_time(4)
        queue.limiter.cool(ANNE, 3)
        assert queue.limiter.bulk_rate == 7


async def test_bulk_recovers_by_one_a_second_for_each_quarter_of_a_minute_without_a_refusal() -> None:
    async with held() as queue:
        queue.limiter.cool(ANNE, 1)
        queue.limiter.cool(BO, 1)
        rates = []
        for _ in range(3):
            await queue.clock.pass_time(14)
            rates.append(queue.limiter.bulk_rate)
            await queue.clock.pass_time(1)
            rates.append(queue.limiter.bulk_rate)
        assert rates == [14, 15, 15, 16, 16, 17]
        await queue.clock.pass_time(3600)
        assert queue.limiter.bulk_rate == 28


async def test_a_refusal_keeps_what_bulk_has_recovered_and_begins_to_count_anew() -> None:
    async with held() as queue:
        queue.limiter.cool(ANNE, 1)
        queue.limiter.cool(BO, 1)
        await queue.clock.pass_time(40)
        queue.limiter.cool(CARL, 1)
        assert queue.limiter.bulk_rate == 16
        await queue.clock.pass_time(14)
        assert queue.limiter.bulk_rate == 16
        await queue.clock.pass_time(1)
        assert queue.limiter.bulk_rate == 17


async def test_bulk_never_falls_below_one_a_second() -> None:
    async with held() as queue:
        for _ in range(20):
            queue.limiter.cool(ANNE, 1)
            queue.limiter.cool(BO, 1)
            await queue.clock.pass_time(1)
        assert queue.limiter.bulk_rate == 1


async def test_a_cancelled_waiter_frees_its_place_for_the_next() -> None:
    async with held() as queue:
        queue.wait(ANNE, BULK, "first")
        second = queue.wait(ANNE, BULK, "second")
        queue.wait(ANNE, BULK, "third")
        await queue.clock.pass_time(0.5)
        second.cancel()
        await queue.clock.pass_time(10)
        assert [(turn.name, turn.at) for turn in queue.turns] == [("first", 0.0), ("third", 1.0)]


async def test_a_waiter_cancelled_when_its_turn_has_just_come_costs_the_chat_nothing() -> None:
    async with held() as queue:
        queue.wait(BO, REPLY, "bo")
        anne = queue.wait(ANNE, BULK, "anne")
        await queue.clock.pass_time(0.01)
        (timer,) = [t for t in queue.clock.timers if t.callback and t.at < queue.clock.now + 0.1]
        queue.clock.now = timer.at
        assert timer.callback is not None
        timer.callback()  # the turn is handed out …
        anne.cancel()  # … and the task is cancelled before it runs
        timer.cancel()
        await queue.clock.pass_time(0)
        queue.wait(ANNE, BULK, "anne again")
        await queue.clock.pass_time(0.5)
        assert queue.names() == ["bo", "anne again"]


async def test_a_task_cancelled_while_it_waits_is_skipped_even_before_it_notices() -> None:
    async with held() as queue:
        queue.wait(BO, REPLY, "bo")
        anne = queue.wait(ANNE, REPLY, "anne")
        queue.wait(ANNE, REPLY, "anne 2")
        await queue.clock.pass_time(0.01)
        (timer,) = [t for t in queue.clock.timers if t.callback and t.at < queue.clock.now + 0.1]
        queue.clock.now = timer.at
        anne.cancel()
        assert timer.callback is not None
        timer.callback()
        timer.cancel()
        await queue.clock.pass_time(0.5)
        assert queue.names() == ["bo", "anne 2"]


async def test_ten_thousand_chats_are_forgotten_soon_after_their_message() -> None:
    async with held(rate=1000) as queue:
        for chat in range(10_000):
            queue.wait(chat, BULK)
        most = 0
        for _ in range(24):
            await queue.clock.pass_time(0.5)
            most = max(most, len(queue.limiter._chats) - (10_000 - len(queue.turns)))
        assert len(queue.turns) == 10_000
        assert most <= 1001, "only those of the last second are remembered, besides those who wait"
        assert queue.limiter._chats == {}


async def test_a_thousand_cancelled_waiters_leave_nothing() -> None:
    async with held() as queue:
        queue.limiter.cool(ANNE, 60)
        queue.wait(ANNE, BULK, "stays")
        tasks = [queue.wait(ANNE, BULK) for _ in range(1000)]
        await queue.clock.pass_time(1)
        for task in tasks:
            task.cancel()
        await queue.clock.pass_time(0)
        assert [len(waiting) for waiting in queue.limiter._chats[ANNE].queues] == [0, 0, 1]
        assert queue.clock.pending == 1


async def test_without_a_rate_nobody_waits_and_nothing_is_remembered() -> None:
    async with held(rate=None) as queue:
        queue.limiter.cool(ANNE, 3600)
        for _ in range(1000):
            await queue.limiter.turn(ANNE, BULK)
        assert queue.limiter._chats == {}
        assert queue.clock.made == 0


async def test_on_the_real_loop_the_second_message_comes_a_twenty_eighth_of_a_second_later() -> None:
    loop = asyncio.get_running_loop()
    limiter = RateLimiter(clock=loop.time)
    began = loop.time()
    await limiter.turn(ANNE, REPLY)
    await limiter.turn(BO, REPLY)
    assert 1 / 28 <= loop.time() - began < 1


Wish = tuple[float, int, Priority, float | None]  # seconds after the last, chat, priority, cancelled after

WISHES = st.lists(
    st.tuples(
        st.one_of(st.just(0.0), st.floats(0, 1.5)),
        st.integers(1, 6),
        st.sampled_from(Priority),
        st.one_of(st.none(), st.none(), st.floats(0, 2)),
    ),
    max_size=120,
)


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()


async def _play(wishes: list[Wish]) -> list[Turn]:
    async with held() as queue:
        for n, (pause, chat, priority, cancelled) in enumerate(wishes):
            if pause:
                await queue.clock.pass_time(pause)
            task = queue.wait(chat, priority, str(n))
            if cancelled is not None:
                queue.clock.call_later(cancelled, partial(_cancel, task))
    return queue.turns


@given(WISHES)
@settings(max_examples=examples(150), deadline=None)
def test_whatever_is_wished_the_limits_hold_and_nobody_is_forgotten(wishes: list[Wish]) -> None:
    turns = asyncio.run(_play(wishes))

    assert {str(n) for n, wish in enumerate(wishes) if wish[3] is None} <= {turn.name for turn in turns}

    for n, first in enumerate(turns):
        within = [turn for turn in turns[n:] if turn.at - first.at < 1 - ROUNDING]
        assert len(within) <= 28, "never more than 28 in any one-second window"

    by_chat: dict[int, list[Turn]] = defaultdict(list)
    for turn in turns:
        by_chat[turn.chat].append(turn)
    for received in by_chat.values():
        for n, first in enumerate(received):
            for m, last in enumerate(received[n:], start=1):
                assert m <= 3 + (last.at - first.at) + ROUNDING, "never more than burst + elapsed per chat"
        for before, bulk in itertools.pairwise(received):
            if bulk.priority is BULK:
                assert bulk.at - before.at >= 1 - ROUNDING, "bulk is strictly one a second per chat"
        for priority in Priority:
            numbers = [int(turn.name) for turn in received if turn.priority is priority]
            assert numbers == sorted(numbers), "first come, first served per chat and priority"


@given(st.integers(0, 200), st.integers(0, 3), st.floats(0, 5))
@settings(max_examples=examples(60), deadline=None)
def test_a_reply_waits_for_one_slot_at_most_however_much_bulk_there_is(bulk: int, reminders: int, when: float) -> None:
    async def play() -> float:
        async with held() as queue:
            for chat in range(bulk):
                queue.wait(100 + chat, BULK)
            for chat in range(reminders):
                queue.wait(50 + chat, REMINDER)
            await queue.clock.pass_time(when)
            queue.wait(ANNE, REPLY, "reply")
            await queue.clock.pass_time(1)
        (reply,) = [turn for turn in queue.turns if turn.name == "reply"]
        return reply.at - when

    assert asyncio.run(play()) <= 1 / 28 + ROUNDING


@given(
    st.lists(
        st.one_of(st.floats(0.005, 0.1), st.floats(0.2, 1.5)),  # seconds on the way, there and back
        min_size=60,
        max_size=120,
    ),
    st.floats(0, 1),  # at which part of the way it counts at Telegram
)
@settings(max_examples=examples(60), deadline=None)
def test_however_unevenly_calls_travel_no_second_at_telegram_sees_more_than_29(ways: list[float], part: float) -> None:
    async def all_of_them() -> list[float]:
        clock = HeldClock()
        limiter = RateLimiter(clock=clock, call_later=clock.call_later)
        there: list[float] = []

        async def call(chat: int, way: float) -> None:
            async with limiter.slot(chat, REPLY):
                answered = asyncio.Event()
                there.append(clock.now + way * part)
                clock.call_later(way, answered.set)
                await answered.wait()

        async with asyncio.TaskGroup() as tasks:
            for chat, way in enumerate(ways):
                tasks.create_task(call(chat, way))
            await clock.pass_time(1000)
        assert clock.pending == 0
        return sorted(there)

    there = asyncio.run(all_of_them())
    assert len(there) == len(ways)
    for first, last in zip(there, there[29:], strict=False):
        assert last - first >= 1 - ROUNDING


async def test_a_call_that_is_not_answered_for_long_holds_up_only_its_own_place() -> None:
    clock = HeldClock()
    limiter = RateLimiter(clock=clock, call_later=clock.call_later)
    out: list[int] = []
    stuck = asyncio.Event()

    async def call(chat: int) -> None:
        async with limiter.slot(chat, REPLY):
            out.append(chat)
            if chat == 0:
                await stuck.wait()

    async with asyncio.TaskGroup() as tasks:
        for chat in range(100):
            tasks.create_task(call(chat))
        await clock.pass_time(5)
        assert out == list(range(100))
        stuck.set()
        await clock.pass_time(100)
