"""SIGTERM: what is under way is settled or left in the inbox, and the next start goes on where this one left off."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.backoff import PATIENT, Patience
from bot.channels.web.server import STOP_WITHIN
from tests.support.botapi import Fault, LocalBotApi, Person
from tests.support.world import HASTY, Bot, ForkServer, Told, brought_to, running, stored, stored_answers_of

pytestmark = pytest.mark.process
HELLO, NOTICE = (
    "Du svarer til en chatbot",
    "Det er dit eget valg, om du vil være med.",
)  # a note, and the prompt below it
SECOND = "Hvem ville du gå til"
SAID = "Da naboen skulle flytte sin sofa"
AT_ONCE = 30  # seconds: also on a busy machine, and less than a call for updates (45) or a bot with much patience waits
MUCH = Patience(call=300, stop=300)
LITTLE = Patience(again=HASTY.again, call=HASTY.call, busy=1, stop=0.3)
AT_TELEGRAM = 29  # calls at once, at most: what the bot was sending when it was cut off


def greetings(person: Person, words: str = HELLO) -> int:
    return sum(words in seen.text for seen in person.sees() if seen.by_bot)


async def stops(bot: Bot) -> None:
    """AssertionError where its exit code is not 0, TimeoutError where it waits for something."""
    assert await bot.stop(AT_ONCE) == 0, bot.said


def test_nobody_kills_us_before_we_have_stopped() -> None:
    """A container runtime does after ten seconds."""
    assert max(PATIENT.stop, STOP_WITHIN) + PATIENT.busy < 10


async def test_a_quiet_bot_stops_at_once(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server, patience=MUCH) as bot:
        await stops(bot)
        assert "Traceback" not in bot.said


@pytest.mark.parametrize(
    ("patience", "words", "most"),
    [
        (MUCH, HELLO, 0),
        (LITTLE, NOTICE, AT_TELEGRAM),  # after a restart the prompt is drawn again without its notes
    ],
    ids=["in peace", "cut off"],
)
async def test_in_the_middle_of_a_crowd_nobody_is_forgotten(
    tmp_path: Path, fork_server: ForkServer, patience: Patience, words: str, most: int
) -> None:
    async with running(tmp_path, fork_server, speed=4, patience=patience) as bot:
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
        inbox, waiting = bot.inbox(), len(bot.api.waiting_updates())
        assert inbox.keys() <= ({"settled", "new"} if patience is MUCH else {"settled", "new", "applied"})
        assert ("left_in_inbox" in bot.said) is (patience is LITTLE)
        assert sum(inbox.values()) + waiting >= len(crowd) + len(late)
        assert inbox["settled"] <= sum(map(greetings, crowd + late))
        await bot.start()
        await bot.settled()
        told = [greetings(person, words) for person in crowd + late]
        assert min(told) == 1
        assert sum(told) - len(told) <= most  # in doubt, and so sent again


async def test_a_reply_that_hangs_is_left_for_the_next_start(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server, patience=LITTLE) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await bot.settled()
        bot.api.inject(Fault("sendMessage", until=asyncio.Event(), drop_connection_before=True))
        stored_answers_of(anna, SAID)
        await bot.until(lambda: bot.inbox().get("applied") == 1, "applied")
        await stops(bot)
        assert bot.inbox()["applied"] == 1
        await bot.start()
        await anna.reads(until=SECOND)
        await bot.settled()
        assert stored(bot, anna) == {"B5": Told((SAID,))}


async def test_a_bot_that_waits_for_telegram_stops(tmp_path: Path, fork_server: ForkServer) -> None:
    async with LocalBotApi() as api:
        await api.go_away()
        bot = Bot(api, tmp_path, fork_server)
        bot.patience = MUCH
        await bot.start(polls=False)
        try:
            await bot.until(lambda: "start error=" in bot.said, "it waits")
            await stops(bot)
        finally:
            await bot.kill()


async def test_a_bot_that_waits_for_its_database_stops(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server, patience=LITTLE) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await bot.settled()
        with bot.locked():
            stored_answers_of(anna, SAID)
            await bot.until(lambda: bot.api.world.poller is None, "it has the answer")
            await stops(bot)
        assert len(bot.api.waiting_updates()) == 1
        await bot.start()
        await anna.reads(until=SECOND)


async def test_a_database_that_is_locked_in_the_middle_of_a_reply_does_not_keep_it_from_stopping(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server, patience=LITTLE) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await bot.settled()
        locked = asyncio.Event()
        bot.api.inject(Fault("sendMessage", until=locked))
        stored_answers_of(anna, SAID)
        await bot.until(lambda: bot.inbox().get("applied") == 1, "applied")
        with bot.locked():
            locked.set()
            await anna.reads(until=SECOND)
            await stops(bot)
        assert bot.inbox()["applied"] == 1
        await bot.start()
        await bot.settled()
        assert stored(bot, anna) == {"B5": Told((SAID,))}
