"""SIGTERM: what is under way is settled or left in the inbox, and the next start goes on where this one left off."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.support.botapi import Fault, LocalBotApi, Person
from tests.support.world import Bot, Told, brought_to, running, stored, stored_answers_of

pytestmark = pytest.mark.process
HELLO = "Jeg er en robot"
SECOND = "Hvad kunne få dig til at hjælpe mere til"
SAID = "Da naboen skulle flytte sin sofa"


def greetings(person: Person) -> int:
    return sum(HELLO in seen.text for seen in person.sees() if seen.by_bot)


async def stops(bot: Bot) -> float:
    """The seconds it takes. AssertionError where its exit code is not 0."""
    began = time.monotonic()
    assert await bot.stop() == 0, bot.said
    return time.monotonic() - began


async def test_a_quiet_bot_stops_at_once(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        assert await stops(bot) < 2
        assert "Traceback" not in bot.said


async def test_in_the_middle_of_a_crowd_nobody_is_forgotten(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        crowd = [Person(bot.api, f"Anna {number}") for number in range(150)]
        for person in crowd:
            person.starts()
        await bot.until(lambda: sum(map(greetings, crowd)) > 20, "some are greeted")
        stopping = asyncio.create_task(stops(bot))
        late: list[Person] = []
        while not stopping.done():
            late.append(Person(bot.api, f"Bo {len(late)}"))
            late[-1].starts()
            await asyncio.sleep(0.1)
        await stopping
        taken_in = sum(bot.inbox().values())
        assert bot.inbox().keys() <= {"settled", "new", "applied"}
        assert taken_in + len(bot.api.waiting_updates()) >= len(crowd) + len(late)
        greeted = sum(map(greetings, crowd + late))
        assert bot.inbox()["settled"] <= greeted
        await bot.start()
        await bot.settled(30)
        assert [greetings(person) for person in crowd + late] == [1] * (len(crowd) + len(late))


async def test_a_reply_that_hangs_is_left_for_the_next_start(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await bot.settled()
        bot.api.inject(Fault("sendMessage", delay=30, drop_connection_before=True))
        stored_answers_of(anna, SAID)
        await bot.until(lambda: bot.inbox().get("applied") == 1, "applied")
        assert await stops(bot) < 10
        assert bot.inbox()["applied"] == 1
        await bot.start()
        await anna.reads(until=SECOND)
        await bot.settled()
        assert stored(bot, anna) == {"B1": Told((SAID,))}


async def test_a_bot_that_waits_for_telegram_stops(tmp_path: Path) -> None:
    async with LocalBotApi() as api:
        await api.go_away()
        bot = Bot(api, tmp_path)
        await bot.start(polls=False)
        try:
            await bot.until(lambda: "start error=" in bot.said, "it waits")
            assert await stops(bot) < 2
        finally:
            await bot.kill()


async def test_a_bot_that_waits_for_its_database_stops(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await bot.settled()
        with bot.locked():
            stored_answers_of(anna, SAID)
            await asyncio.sleep(0.5)
            assert await stops(bot) < 10
        assert len(bot.api.waiting_updates()) == 1
        await bot.start()
        await anna.reads(until=SECOND)


async def test_a_database_that_is_locked_in_the_middle_of_a_reply_does_not_keep_it_from_stopping(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await bot.settled()
        bot.api.inject(Fault("sendMessage", delay=0.5))
        stored_answers_of(anna, SAID)
        await bot.until(lambda: bot.inbox().get("applied") == 1, "applied")
        with bot.locked():
            await asyncio.sleep(1)
            assert await stops(bot) < 10
        await bot.start()
        await bot.settled()
        assert stored(bot, anna) == {"B1": Told((SAID,))}
